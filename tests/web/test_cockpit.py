"""The cockpit and the first page, by role: the answer in the first sentence, every listed element, comparison, next steps, either tree."""

import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from tests.web.english import in_english
from tests.web.test_routes import Town, built

from rongtong.cockpit import further_gaps
from rongtong.cockpit.classes import compared
from rongtong.indicators.models import Indicator
from rongtong.ledger.models import Matter
from rongtong.notifications.models import Note
from rongtong.panel import queries as panel
from rongtong.panel.models import Run
from rongtong.trees.models import Node

__all__ = ["built"]
pytestmark = pytest.mark.django_db


def page(client: Client, url: str, status: int = 200, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == status, url
    return re.sub(r"\s+", " ", answer.content.decode())


def part(client: Client, url: str) -> str:
    return page(client, url, **{"HX-Request": "true"})


def sentence(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.findall(r'<h1 class="rt-answer">(.*?)</h1>', text)[0])).strip()


def option(text: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.findall(rf'<script id="{name}" type="application/json">(.*?)</script>', text)[0])
    return found


@pytest.fixture
def shop(built: Town) -> Node:
    return Node.objects.get(code="M1-1")


def test_the_cockpit_of_a_unit_shows_every_listed_element(built: Town, shop: Node) -> None:
    client, run = in_english(built.client("secretary_manager")), Run.objects.get()
    text = page(client, f"/cockpit/?at={shop.pk}")
    score = next(row for row in panel.scores(built.users["secretary_manager"], run, node=shop, period=run.period))
    said = sentence(text)
    assert said.startswith(f"{shop.name_en}: ")
    assert f"{score['d']:.2f}" in said and f"[{score['d_low']:.2f}, {score['d_high']:.2f}]" in said
    assert "against the month before" in said
    assert "linkage" in said  # told apart from D
    drawn = option(text, "chart-d")
    assert len(drawn["xAxis"]["data"]) == 24
    assert drawn["series"][0]["stack"] == drawn["series"][1]["stack"]  # the interval is a band
    own = [
        one
        for series in option(text, "chart-q")["series"]
        if series["type"] == "scatter"
        for one in series["data"]
        if one["name"] == shop.name_en
    ]
    assert own[0]["value"] == pytest.approx([score["u1"], score["u2"]])
    for words in (
        "Party index U1",
        "Production index U2",
        "Linkage index I",
        "Place in its class",
        "Main obstacles",
        "One indicator over time",
        "What lies below",
    ):
        assert words in text, words
    assert f"/ {panel.measured_in_class(run, run.period, score['class_code'])}" in text
    assert text.count('hx-target="#drawer"') > 20  # wherever a number stands


def test_one_compares_with_the_month_the_quarter_or_the_year_before(built: Town, shop: Node) -> None:
    client, run = in_english(built.client("secretary_manager")), Run.objects.get()
    rows = {row["period"]: row["d"] for row in panel.scores(built.users["secretary_manager"], run, node=shop)}
    for versus, earlier, words in (
        ("", 202609, "against the month before"),
        ("quarter", 202607, "three months before"),
        ("year", 202510, "the year before"),
    ):
        text = sentence(page(client, f"/cockpit/?at={shop.pk}&vs={versus}"))
        change = f"{rows[run.period] - rows[earlier]:+.2f}".replace("-", "−")
        assert f"{change} against" in text
        assert words in text
    assert "against the month before" in sentence(page(client, f"/cockpit/?at={shop.pk}&vs=nonsense"))


def test_an_earlier_month_is_read_from_the_history_and_a_bad_one_is_refused(built: Town, shop: Node) -> None:
    client = in_english(built.client("secretary_manager"))
    assert len(option(page(client, f"/cockpit/?at={shop.pk}&month=2026-03"), "chart-d")["xAxis"]["data"]) == 17
    assert "No published measurement answers" in page(client, f"/cockpit/?at={shop.pk}&month=2020-01")
    assert "is not a month" in page(client, f"/cockpit/?at={shop.pk}&month=soon", 422)
    zh = built.client("secretary_manager")
    assert "不是月份" in page(zh, f"/cockpit/?at={shop.pk}&month=soon", 422)


def test_the_group_is_read_down_either_tree(built: Town) -> None:
    client = in_english(built.client("party_office"))
    for tree, least in (("B", 20), ("P", 10)):
        root = Node.objects.get(tree=tree, parent=None)
        text = page(client, f"/cockpit/?at={root.pk}")
        assert "units below are measured" in sentence(text)
        cells = re.findall(r'<a href="(/cockpit/\?at=\d+[^"]*)">([^<]+)</a>', text[text.index('id="below"') :])
        assert len(cells) >= least  # two levels
        assert text.count("rt-cell-value") >= 5
        other = Node.objects.get(tree="P" if tree == "B" else "B", parent=None)
        assert f"/cockpit/?at={other.pk}&amp;month=" in text  # the way to the other tree
    assert page(client, cells[-1][0].replace("&amp;", "&"))


def test_an_organisation_above_several_units_is_rolled_up_and_explained(built: Town) -> None:
    client, run = in_english(built.client("party_office")), Run.objects.get()
    party = Node.objects.get(code="P-M1")
    text = page(client, f"/cockpit/?at={party.pk}")
    address = re.findall(r'href="(/runs/\d+/explain[^"]+figure=rollup)"', text)[0].replace("&amp;", "&")
    assert "head-count" in part(client, address)
    assert f"at={party.pk}" in address
    assert str(run.pk) in address


def test_ties_share_a_place(built: Town, shop: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    client = in_english(built.client("party_office"))
    real = panel.scores

    def tied(actor: Any, run: Run, **where: Any) -> list[dict[str, Any]]:
        rows = real(actor, run, **where)
        return [{**row, "rank": 3.0} if row["rank"] in {3.0, 4.0} and where.get("class_code") else row for row in rows]

    monkeypatch.setattr(panel, "scores", tied)
    text = page(client, f"/cockpit/?at={shop.pk}")
    assert len(re.findall(r'<td class="rt-n"> 3=', text)) == 2


def test_a_unit_without_enough_data_says_which_side_and_shows_no_zero(built: Town) -> None:
    client, run = in_english(built.client("party_office")), Run.objects.get()
    missing = next(row for row in panel.scores(built.users["party_office"], run, period=run.period) if row["state"] == "not_enough_data")
    text = page(client, f"/cockpit/?at={missing['node_id']}")
    assert "Not enough data: on the" in sentence(text)
    assert "0.00" not in sentence(text)
    assert "not enough data" in text


def test_a_department_without_a_production_set_is_not_applicable_not_missing(built: Town) -> None:
    client = in_english(built.client("party_office"))
    text = page(client, f"/cockpit/?at={Node.objects.get(code='D-ZL').pk}")
    assert "nothing to balance" in sentence(text)
    assert "not applicable" in text


def test_what_comes_next_names_at_most_five_things_with_their_places(built: Town, shop: Node) -> None:
    client = in_english(built.client("secretary_manager"))
    text = part(client, f"/cockpit/next?at={shop.pk}")
    links = re.findall(r'<a class="btn btn-sm[^"]*" href="([^"]+)"', text)
    assert 1 <= len(links) <= 5
    for url in links:
        page(client, url.replace("&amp;", "&"))  # every button leads somewhere
    assert "<html" in page(client, f"/cockpit/next?at={shop.pk}")  # a page of its own without script
    member = in_english(built.client("member"))
    own = Node.objects.get(code="M1-1-T")
    assert "/duties/" not in part(member, f"/cockpit/next?at={own.pk}")


def test_any_indicator_is_told_as_signal_or_noise_and_a_held_value_is_a_gap(built: Town, shop: Node) -> None:
    client = in_english(built.client("secretary_manager"))
    text = part(client, f"/cockpit/control?at={shop.pk}&indicator=B21")
    assert "of 24" in text or "of 23" in text
    assert len(option(text, "chart-control")["xAxis"]["data"]) == 24
    yearly = option(part(client, f"/cockpit/control?at={shop.pk}&indicator=P51"), "chart-control")["series"][0]["data"]
    assert (
        sum(one["value"] is not None for one in yearly) <= 4
    )  # a yearly value holds twelve months: entered before the surveys began, read from them since
    assert "holds no series" in part(client, f"/cockpit/control?at={shop.pk}&indicator=E11")
    page(client, f"/cockpit/control?at={shop.pk}&indicator=nothing", 404)


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("cognition", ("distance in hardness", "distance in importance", "largest distance between groups")),
        ("credit", ("expected of Party work", "credited in fact", "credited on paper", "shown by results", "grades that were used", "effect of a practice")),
        ("ability", ("posts filled", "posts fitted", "dual-skilled secretaries", "promoted leaders who served in Party posts")),
    ],
)  # fmt: skip
def test_the_further_gaps_have_their_figures_their_limits_and_a_next_step_with_an_owner(
    built: Town, name: str, figures: tuple[str, ...]
) -> None:
    group = Node.objects.get(tree="B", code="G0")
    text = part(in_english(built.client("party_office")), f"/cockpit/gaps?at={group.pk}&part={name}")
    assert "<html" not in text
    for one in (*figures, "Can see:", "Cannot see:", "Next", "owner:"):
        assert one in text
    assert text.count("not enough data") == (name == "credit")  # the effect of a practice, until there are studies


def test_what_is_credited_stands_beside_paper_and_expectation_with_its_interval(built: Town, shop: Node) -> None:
    with translation.override("en"):
        found = further_gaps.further_gap(built.users["party_office"], Node.objects.get(tree="B", code="G0"), date(2026, 11, 20), "credit")
    assert found is not None
    by_name = {one.name: one for one in found.figures}
    fact, paper = by_name["credited in fact"], by_name["credited on paper"]
    assert fact.number is not None
    assert fact.low is not None
    assert fact.high is not None
    assert (paper.number, fact.low <= fact.number <= fact.high, fact.n) == (20.0, True, 16)
    own = further_gaps.further_gap(built.users["secretary_manager"], shop, date(2026, 11, 20), "credit")
    assert own is not None  # the weight is the class's, also at one unit
    assert own.figures[1].number == pytest.approx(fact.number)


def test_further_gaps_are_for_whom_may_see_them(built: Town, shop: Node) -> None:
    page(built.client("member"), f"/cockpit/gaps?at={shop.pk}&part=credit", 404)
    page(built.client("secretary_manager"), f"/cockpit/gaps?at={shop.pk}&part=nothing", 404)
    page(built.client("deputy"), f"/cockpit/gaps?at={Node.objects.get(code='R1').pk}&part=ability", 404)


def test_the_group_page_compares_classes_and_ranks_nothing_across_them(built: Town) -> None:
    group = Node.objects.get(tree="B", code="G0")
    client = in_english(built.client("party_office"))
    assert f"/cockpit/classes?at={group.pk}" in page(client, f"/cockpit/?at={group.pk}")
    text = part(client, f"/cockpit/classes?at={group.pk}")
    assert "production units" in text
    assert "across classes only grades are compared" in text
    assert "Rank" not in text
    found = compared(built.users["party_office"], group, None)
    production = next(row for row in found.rows if row.name in {"生产单位", "production units"})
    assert sum(count for _name, count in production.appraised) == 16
    assert all(row.d.value is None for row in found.rows if row.measured < 3)


def test_a_carrier_marks_its_start_in_the_chart_of_its_indicator(built: Town) -> None:
    from rongtong.plans.models import Carrier

    run = Run.objects.get()
    carrier = next(
        c
        for c in Carrier.objects.select_related("indicator")
        if c.starts_on.year * 100 + c.starts_on.month in range(202411, run.period + 1)
    )
    text = part(in_english(built.client("party_office")), f"/cockpit/control?at={carrier.unit_id}&indicator={carrier.indicator.code}")
    marks = option(text, "chart-control")["series"][0]["markLine"]["data"]
    assert carrier.title in [mark.get("name") for mark in marks]


def test_from_an_obstacle_the_owner_is_told_and_bad_input_changes_nothing(built: Town, shop: Node) -> None:
    client = in_english(built.client("secretary_manager"))
    before = Note.objects.count()
    for code in ("B21", "P31"):  # a production department, and the Party office whose rights hold everywhere
        assert Indicator.objects.get(code=code).owner is not None
        answer = client.post("/cockpit/assign", {"at": shop.pk, "indicator": code})
        assert answer.status_code == 302, code
    assert Note.objects.count() >= before + 2
    for typed in (
        {"at": "x", "indicator": "B21"},
        {"at": shop.pk, "indicator": "NO"},
        {"at": Node.objects.get(code="R1").pk, "indicator": "B21"},
    ):
        assert client.post("/cockpit/assign", typed).status_code == 404
    assert built.client("member").post("/cockpit/assign", {"at": Node.objects.get(code="M1-1-T").pk, "indicator": "B21"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("secretary_manager", "coordination D"), ("party_office", "of your units are measured"), ("member", "nothing waits for you"),
        ("department", "matter"), ("admin_system", "Accounts are yours"), ("admin_security", "your decision"), ("admin_audit", "Every act leaves an entry"),
    ],
)  # fmt: skip
def test_the_first_page_answers_by_role(built: Town, role: str, words: str) -> None:
    client = in_english(built.client(role))
    text = page(client, "/")
    assert words in sentence(text)
    part(client, "/next")
    if role == "department":
        assert "Figures of my department" in text
    if role.startswith("admin"):
        assert "What I owe" not in text and "coordination" not in text.lower()
        for url in re.findall(r'<a class="rt-tile[^"]*" href="([^"]+)"', text):
            page(client, url)


def test_what_is_overdue_is_told_first(built: Town) -> None:
    client, user = in_english(built.client("department")), built.users["department"]
    from rongtong.kernel import clock
    from rongtong.ledger import queries as ledger

    late = [matter for matter in ledger.waiting(user) if matter.due_on < clock.today()]
    assert late
    text = page(client, "/")
    assert f"{len(late)}</b> of them overdue" in text
    assert Matter.objects.get(pk=late[0].pk).title in text
    assert "days overdue" in text


def test_english_pages_name_units_and_indicators_in_english(built: Town, shop: Node) -> None:
    text = page(in_english(built.client("secretary_manager")), f"/cockpit/?at={shop.pk}")
    assert shop.name_en in text
    assert shop.name not in text.split("<main")[1].split("</main>")[0]
