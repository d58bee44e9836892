"""Definitions and sets: what is shipped, weights that sum to 1, versions, owners, circles, switching off."""

from datetime import date

import pytest
from tests.unit.indicators.conftest import World, make_indicator

from rongtong.indicators import actions, queries, shipping
from rongtong.indicators.models import Indicator, IndicatorSet, SetItem
from rongtong.indicators.weighing import Item, check_items
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.organization.models import UnitClass

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_what_is_shipped_is_whole_and_installs_once(world: World) -> None:
    assert actions.install_sets(by=SYSTEM) > 100
    assert actions.install_sets(by=SYSTEM) == 0
    codes = set(Indicator.objects.values_list("code", flat=True))
    published = {f"P{a}" for a in (11, 12, 13, 14, 21, 22, 31, 32, 33, 41, 42, 43, 51, 52, 61, 62, 63, 71, 72)}
    published |= {f"I{a}" for a in (11, 12, 13, 21, 22, 23, 31, 32, 33, 34, 41, 42)} | {f"E{a}" for a in range(11, 18)}
    published |= {f"B{a}" for a in (11, 12, 13, 21, 22, 23, 31, 32, 33, 34, 41, 42, 43, 51, 52, 61, 62)}
    assert published <= codes
    for indicator in Indicator.objects.all():
        assert indicator.definition and indicator.definition_en and indicator.formula and indicator.name_en, indicator.code
    off = set(Indicator.objects.filter(is_on=False).values_list("code", flat=True))
    assert off == {"P42", "P63", "E16"}
    assert Indicator.objects.get(code="B21").owner == world.office  # 质量部 exists under its own name


@pytest.mark.parametrize("class_code", ["production", "sales", "rnd", "project", "functional"])
def test_weights_sum_to_one_as_issued_and_as_shown(world: World, class_code: str) -> None:
    actions.install_sets(by=SYSTEM)
    issued = queries.set_for(class_code, date(2026, 9, 30))
    assert issued is not None
    sides = queries.weights_of(issued)
    assert ("production" in sides) == (class_code != "functional")
    for items in sides.values():
        assert sum(item.issued for item in items) == pytest.approx(1, abs=1e-9)
        assert sum(item.effective or 0 for item in items) == pytest.approx(1, abs=1e-9)
        assert all(item.effective is None for item in items if not item.indicator.is_on or item.indicator.is_veto)


def test_every_shipped_definition_and_band_is_acceptable(world: World) -> None:
    from rongtong.indicators.defining import check_definition

    for fields in shipping.shipped_indicators():
        check_definition(Indicator(**fields))
    for shipped in shipping.shipped_sets():
        rows = {f["code"]: Indicator(**f) for f in shipping.shipped_indicators()}
        bands = shipping.shipped_bands()
        check_items([Item(rows[code], weight, bands.get(code)) for side in shipped.weights.values() for code, weight in side.items()])


def test_switching_off_renormalises_and_the_last_one_stays(world: World) -> None:
    unit_class = UnitClass.objects.create(code="x", name="x")
    a, b = make_indicator("A1"), make_indicator("A2")
    issued = actions.issue_set(
        by=world.manager,
        code="S",
        unit_class=unit_class,
        name="S",
        version="1",
        starts_on=date(2026, 1, 1),
        items=[Item(a, 0.25), Item(b, 0.75)],
    )
    actions.switch(by=world.manager, indicator=a, is_on=False)
    assert [(i.issued, i.effective) for i in queries.weights_of(issued)["production"]] == [(0.25, None), (0.75, 1.0)]
    with pytest.raises(Refused, match="last weighted indicator"):
        actions.switch(by=world.manager, indicator=b, is_on=False)
    with pytest.raises(NotAllowed):
        actions.switch(by=world.worker, indicator=a, is_on=True)


@pytest.mark.parametrize(
    ("weights", "code"),
    [((0.5, 0.4), "weight_sum"), ((1.2, -0.2), "weight_range"), ((float("nan"), 1.0), "weight_range"), ((0.0, 0.0), "weight_sum")],
)
def test_weights_that_do_not_sum_to_one_are_refused(world: World, weights: tuple[float, float], code: str) -> None:
    unit_class = UnitClass.objects.create(code="x", name="x")
    items = [Item(make_indicator("A1"), weights[0]), Item(make_indicator("A2"), weights[1])]
    with pytest.raises(Refused) as refusal:
        actions.issue_set(by=world.manager, code="S", unit_class=unit_class, name="S", version="1", starts_on=date(2026, 1, 1), items=items)
    assert refusal.value.code == code
    assert not IndicatorSet.objects.exists()
    assert not SetItem.objects.exists()


@pytest.mark.parametrize(
    "bands", [[[1.0, 0.5]], [[2.0, 0.5], [1.0, 0.6]], [[1.0, 0.5], [2.0, 1.5]], [[1.0], [2.0]], [[float("nan"), 0.0], [1.0, 1.0]]]
)
def test_bands_that_cannot_be_read_are_refused(world: World, bands: list[list[float]]) -> None:
    with pytest.raises(Refused, match="norm bands"):
        check_items([Item(make_indicator("A1"), 1.0, bands)])


def test_veto_items_stand_outside_the_sums(world: World) -> None:
    veto, other = make_indicator("B34", is_veto=True), make_indicator("A1")
    check_items([Item(veto, 0.0), Item(other, 1.0)])
    with pytest.raises(Refused, match="outside the sums"):
        check_items([Item(veto, 0.5), Item(other, 0.5)])
    with pytest.raises(Refused, match="twice"):
        check_items([Item(other, 0.5), Item(other, 0.5)])


def test_a_new_version_ends_the_one_before_and_versions_stay(world: World) -> None:
    unit_class = UnitClass.objects.create(code="x", name="x")
    item = [Item(make_indicator("A1"), 1.0)]
    first = actions.issue_set(by=SYSTEM, code="S", unit_class=unit_class, name="S", version="1", starts_on=date(2026, 1, 1), items=item)
    second = actions.issue_set(by=SYSTEM, code="S", unit_class=unit_class, name="S", version="2", starts_on=date(2026, 7, 1), items=item)
    assert queries.set_for("x", date(2026, 6, 30)) == first
    assert queries.set_for("x", date(2026, 7, 1)) == second
    for version, day in (("2", date(2027, 1, 1)), ("3", date(2026, 7, 1))):
        with pytest.raises(Refused):
            actions.issue_set(by=SYSTEM, code="S", unit_class=unit_class, name="S", version=version, starts_on=day, items=item)
    assert queries.set_for("x", date(2027, 6, 1)) == second  # a refused version ends nothing


def test_formulas_of_definitions_are_checked_where_they_are_set(world: World) -> None:
    make_indicator("A1")
    same = {"name": "x", "subsystem": "production", "direction": "benefit", "kind": "flow", "aggregate": "sum"}
    for expression in ("A1 + ZZ", "X1 + 1", "1 + 1", "A1.__class__"):
        with pytest.raises(Refused):
            actions.define(by=world.manager, code="X1", expression=expression, **same)
    actions.define(by=world.manager, code="X1", expression="A1 * 2", **same)
    with pytest.raises(Refused, match="A1 → X1 → A1"):
        actions.define(by=world.manager, code="A1", expression="X1 + 1")
    assert Indicator.objects.get(code="A1").expression == ""
    with pytest.raises(NotAllowed):
        actions.define(by=world.worker, code="X2", **same)


def test_owners_are_open_departments(world: World) -> None:
    indicator = make_indicator("A1")
    actions.assign_owner(by=world.manager, indicator=indicator, owner=world.office)
    world.office.closed_on = date(2026, 1, 1)
    with pytest.raises(Refused, match="closed"):
        actions.assign_owner(by=world.manager, indicator=indicator, owner=world.office)
