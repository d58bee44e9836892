"""No number without its provenance: from every figure of the cockpit down to the record, on both sides, for whoever may look."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from tests.web.english import in_english
from tests.web.test_routes import Town, built

from rongtong.indicators.models import Indicator, Observation
from rongtong.ledger.models import Matter
from rongtong.panel.models import Run
from rongtong.trees.models import Node

__all__ = ["built"]
pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def drawer(client: Client, url: str) -> str:
    answer = client.get(unescape(url), headers=PART)
    assert answer.status_code == 200, url
    text = answer.content.decode()
    assert "<html" not in text  # a part, not the page
    return text


def lines(text: str) -> dict[str, str]:
    """Title to address of the lines that go one step deeper."""
    found = re.findall(r'<a class="rt-\w*-text"\s+href="([^"]+)"[^>]*>([^<]+)</a>', text)
    return {unescape(title).split(" ")[0]: url for url, title in found}


def explain(run: Run, node: Node, figure: str) -> str:
    return f"/runs/{run.pk}/explain?at={node.pk}&month={run.period}&figure={figure}"


def test_a_party_index_leads_to_the_records_of_the_organisation(built: Town) -> None:
    """The records of U1 lie at the Party organisation, not at the unit: the way to them must not end at the unit."""
    client, run = in_english(built.client("secretary_manager")), Run.objects.get()
    node = Node.objects.get(code="M1-1")
    side = drawer(client, explain(run, node, "u1"))
    stored = {
        row.indicator.code: row
        for row in Observation.objects.filter(node__code="P-M1-1", period=run.period, is_current=True).select_related("indicator")
    }
    weighed = {code: url for code, url in lines(side).items() if code in stored}
    assert len(weighed) > 10
    for code, url in weighed.items():
        value = drawer(client, url)
        assert "linear between the norm bands" in value or "0.8 at the target" in value
        record = re.findall(r'href="([^"]*indicators/source/[^"]+)"', value)[0]
        assert f"at={stored[code].node_id}" in unescape(record)
        assert f"/indicators/observations/{stored[code].pk}/" in drawer(client, record), code


def test_a_held_value_names_the_month_it_was_recorded_in(built: Town) -> None:
    client, run = in_english(built.client("secretary_manager")), Run.objects.get()
    node, indicator = Node.objects.get(code="M1-1"), Indicator.objects.get(code="P51")
    text = drawer(client, f"{explain(run, node, 'value')}&indicator={indicator.pk}")
    stored = Observation.objects.filter(node__code="P-M1-1", indicator=indicator, is_current=True).latest("period")
    assert stored.period < run.period
    assert f"· {stored.period // 100}-{stored.period % 100:02d}" in text


def test_a_collected_figure_lists_the_records_it_counts(built: Town) -> None:
    client, run = in_english(built.client("secretary_manager")), Run.objects.get()
    party, indicator = Node.objects.get(code="P-M1-1"), Indicator.objects.get(code="P33")
    row = Observation.objects.filter(node=party, indicator=indicator, is_current=True, period__lte=run.period).latest("period")
    text = drawer(client, f"/indicators/source/?at={party.pk}&indicator={indicator.pk}&month={row.period}")
    found = re.findall(r"/ledger/(\d+)/", text)
    assert len(found) == row.denominator
    assert text.count("✓ counts") == row.numerator
    assert Matter.objects.filter(pk__in=found, partner=party).count() + Matter.objects.filter(pk__in=found, lead=party).count() > 0


def test_the_score_is_worked_with_its_numbers(built: Town) -> None:
    client, run = in_english(built.client("secretary_manager")), Run.objects.get()
    node, indicator = Node.objects.get(code="M1-1"), Indicator.objects.get(code="B21")
    text = drawer(client, f"{explain(run, node, 'value')}&indicator={indicator.pk}")
    score, weight, product = (float(part) for part in re.findall(r"score ([\d.]+) × weight ([\d.]+) = ([\d.]+)", text)[0])
    assert score * weight == pytest.approx(product, abs=2e-3)  # three decimals are shown
    assert "target 98" in text


@pytest.mark.parametrize("role", ["member", "inspector", "department"])
def test_whoever_sees_the_figure_sees_how_it_was_made(built: Town, role: str) -> None:
    """A member has no right to single observations: the value is explained, its record is not opened to them."""
    client, run = in_english(built.client(role)), Run.objects.get()
    seen: Any = next(
        (node for node in Node.objects.filter(tree="B") if client.get(explain(run, node, "d"), headers=PART).status_code == 200), None
    )
    if seen is None:
        pytest.skip("this role sees no measured unit")
    for url in lines(drawer(client, explain(run, seen, "d"))).values():
        for deeper in lines(drawer(client, url)).values():
            value = drawer(client, deeper)
            for source in re.findall(r'hx-get="([^"]*indicators/source/[^"]+)"', value):
                drawer(client, source)
