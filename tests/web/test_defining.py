"""Those who define: an indicator with its formula, another definition of one, and the next version of a set with its weights."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.unit.indicators.conftest import World, make_indicator, percent
from tests.unit.indicators.conftest import today as today  # noqa: PLC0414  (fixtures)
from tests.unit.indicators.conftest import world as world  # noqa: PLC0414
from tests.web.english import in_english

from rongtong.indicators import actions
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import Indicator, IndicatorSet, Observation, SetItem
from rongtong.kernel.act import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
WHOLE = {
    "code": "D10", "name": "人均产量", "subsystem": "production", "direction": "benefit", "kind": "flow", "aggregate": "none", "hold_months": "0",
    "frequency": "month", "decimals": "2", "definition": "产量除以人数", "unit_text": "件/人",
}  # fmt: skip


def client_of(user: Any) -> Client:
    client = in_english(Client())
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def manager(world: World) -> Client:
    return client_of(world.manager)


def test_a_derived_indicator_is_defined_on_a_page_and_computed(world: World, manager: Client) -> None:
    output, people = make_indicator("A1"), make_indicator("A2", aggregate="last", kind="stock")
    answer = manager.post("/indicators/new/", {**WHOLE, "expression": "A1 / A2", "owner": ""})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    actions.enter(by=SYSTEM, rows=[Entry(world.shop.pk, output.pk, 202609, 90), Entry(world.shop.pk, people.pk, 202609, 30)])
    actions.enter(by=SYSTEM, rows=[Entry(world.other.pk, output.pk, 202609, 90)])  # without people: missing in, missing out
    actions.collect(by=SYSTEM, period=202609)
    found = Observation.objects.filter(indicator__code="D10")
    assert [(row.node_id, row.value) for row in found] == [(world.shop.pk, 3.0)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"expression": "A9 + 1"}, "names A9, which does not exist"),
        ({"expression": "__import__('os')"}, "The formula"),
        ({"expression": "D10 + 1"}, "run in a circle"),
        ({"kind": "ratio", "unit_text": "%", "aggregate": "mean"}, "never averaged"),
        ({"unit_text": "%", "aggregate": "sum"}, "cannot be summed"),
        ({"direction": "interval"}, "ideal interval is not whole"),
        ({"ideal_low": "viel"}, "viel"),
        ({"name": ""}, "Name"),
        ({"code": "B21"}, "is taken"),
    ],
)
def test_a_bad_definition_is_refused_and_stays_typed(world: World, manager: Client, typed: dict[str, str], said: str) -> None:
    percent("B21")
    answer = manager.post("/indicators/new/", {**WHOLE, **typed})
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert "产量除以人数" in answer.content.decode()
    assert Indicator.objects.count() == 1


def test_another_definition_keeps_the_code_and_the_observations(world: World, manager: Client) -> None:
    found = make_indicator("A1", definition="旧口径")
    actions.enter(by=SYSTEM, rows=[Entry(world.shop.pk, found.pk, 202609, 5)])
    assert "旧口径" in manager.get("/indicators/i/A1/definition/").content.decode()
    assert manager.post("/indicators/i/A1/definition/", {**WHOLE, "code": "ZZ", "definition": "新口径"}).status_code == 302
    found.refresh_from_db()
    assert (found.code, found.definition) == ("A1", "新口径")
    assert Observation.objects.get().value == 5


def test_the_next_version_of_a_set_is_issued_with_its_weights_and_bands(world: World, manager: Client) -> None:
    actions.install_sets(by=SYSTEM)
    present = IndicatorSet.objects.get(unit_class__code="production")
    url = f"/indicators/sets/{present.pk}/issue/"
    page = manager.get(url).content.decode()
    assert 'name="weight:B21"' in page
    typed = {
        f"weight:{item.indicator.code}": f"{item.weight:g}"
        for item in SetItem.objects.filter(set=present, indicator__is_on=True).select_related("indicator")
    }
    typed |= {"version": "2027", "starts_on": "2027-01-01", "bands:B21": "90:0; 98:0.8; 99.5:1"}
    off = SetItem.objects.filter(set=present, indicator__is_on=False).count()
    answer = manager.post(url, typed)
    if off:  # what is switched off left: the others must be given its weight first
        assert answer.status_code == 422
        assert "not to 1" in answer.content.decode()
        side = [key for key in typed if key.startswith("weight:P") and float(typed[key]) > 0]
        missing = 1 - sum(float(typed[key]) for key in side)
        typed[side[0]] = f"{float(typed[side[0]]) + missing:g}"
        answer = manager.post(url, typed)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    issued = IndicatorSet.objects.get(version="2027")
    assert issued.starts_on == date(2027, 1, 1)
    assert SetItem.objects.get(set=issued, indicator__code="B21").bands == [[90, 0], [98, 0.8], [99.5, 1]]
    present.refresh_from_db()
    assert present.ends_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"version": ""}, "The version has no name"),
        ({"starts_on": "soon"}, "is not a day"),
        ({"starts_on": "2020-01-01"}, "not issued for the past"),
        ({"weight:A1": "0.4"}, "sum to 0.9000"),
        ({"weight:A1": "a lot"}, "a lot"),
        ({"bands:A1": "90; 98"}, "cannot be read"),
        ({"bands:A1": "98:0; 90:1"}, "cannot be read"),
    ],
)
def test_a_bad_version_is_refused_and_stays_typed(world: World, manager: Client, typed: dict[str, str], said: str) -> None:
    from rongtong.indicators.weighing import Item
    from rongtong.organization.models import UnitClass

    a, b = make_indicator("A1"), make_indicator("A2")
    made = UnitClass.objects.create(code="x", name="x")
    present = actions.issue_set(
        by=SYSTEM, code="S", unit_class=made, name="S", version="1", starts_on=date(2024, 1, 1), items=[Item(a, 0.5), Item(b, 0.5)]
    )
    whole = {"version": "2", "starts_on": "2027-01-01", "weight:A1": "0.5", "weight:A2": "0.5"}
    answer = manager.post(f"/indicators/sets/{present.pk}/issue/", whole | typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="0.5"' in answer.content.decode()
    assert IndicatorSet.objects.count() == 1


def test_others_see_definitions_and_change_none(world: World) -> None:
    make_indicator("A1")
    reader = client_of(world.worker)
    assert reader.get("/indicators/i/A1/").status_code == 200
    for url in ("/indicators/new/", "/indicators/i/A1/definition/"):
        assert reader.get(url).status_code == 403
        assert reader.post(url, WHOLE).status_code == 403
    assert "definition/" not in reader.get("/indicators/i/A1/").content.decode()


def test_an_indicator_opens_where_it_has_a_value(world: World, manager: Client) -> None:
    """The group as a whole has no value of its own: the page would say that nothing was recorded."""
    found = make_indicator("A1", name="产量")
    actions.enter(by=SYSTEM, rows=[Entry(world.other.pk, found.pk, 202609, 5)])
    assert "产量 of 二车间 in 2026-09: 5" in manager.get("/indicators/i/A1/").content.decode()
