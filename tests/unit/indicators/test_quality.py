"""What the quality page doubts, by hand; and what it leaves alone."""

from datetime import date, datetime, timedelta

import pytest
from tests.unit.indicators.conftest import World, make_indicator, make_node, percent

from rongtong.indicators import actions
from rongtong.indicators.entries import Entry
from rongtong.indicators.quality import quality, robust_z
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.rules.models import RuleRow
from rongtong.trees.models import Node

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def put(node: Node, indicator: object, values: dict[int, float], by: object = SYSTEM) -> None:
    actions.enter(by=by, rows=[Entry(node.pk, indicator.pk, month, value) for month, value in values.items()])


def test_coverage_held_stale_and_missing(world: World) -> None:
    monthly, yearly = make_indicator("A1"), make_indicator("A2", hold_months=12, frequency="year")
    put(world.shop, monthly, {202609: 1})
    put(world.other, monthly, {202608: 1})
    put(world.office, monthly, {202606: 1})
    put(world.shop, yearly, {202601: 1})
    found = quality(world.manager, 202609)
    rows = {row.indicator.code: (row.present, row.held, row.missing, row.expected) for row in found.coverage}
    assert rows == {"A1": (1, 0, 2, 3), "A2": (0, 1, 0, 1)}
    assert [cell.node for cell in found.missing] == [world.other]
    assert [cell.node for cell in found.stale] == [world.office]
    assert [cell.indicator for cell in found.held] == [yearly]


def test_outliers_against_the_units_own_past(world: World) -> None:
    count = make_indicator("A1")
    put(world.shop, count, {202601 + at: value for at, value in enumerate([10, 11, 9, 10, 12, 10, 11, 9, 40])})
    put(world.other, count, {202601 + at: value for at, value in enumerate([10, 11, 9, 10, 12, 10, 11, 9, 12])})
    found = quality(world.manager, 202609)
    assert [cell.node for cell in found.outliers] == [world.shop]
    assert robust_z(5.0, [3.0, 3.0, 3.0]) is None


def test_figures_that_tell_nobody_apart(world: World) -> None:
    flat, telling = percent("P63"), percent("B21")
    nodes = [make_node("B", f"000010001{at}", f"T{at}", f"T{at}", world.group) for at in range(9)]
    for at, node in enumerate(nodes):
        put(node, flat, {202609: 99.5})
        put(node, telling, {202609: 90.0 + at})
    found = quality(world.manager, 202609)
    assert [(row.indicator.code, row.at_top, row.units) for row in found.flat] == [("P63", 9, 9)]
    assert not quality(world.manager, 202609, arguments={"discrimination_units": 10.0}).flat


def test_perfect_every_month(world: World) -> None:
    rate = percent("P11")
    put(world.shop, rate, {month: 100.0 for month in range(202604, 202610)})
    put(world.other, rate, {month: 100.0 for month in range(202605, 202610)})
    assert [cell.node for cell in quality(world.manager, 202609).perfect] == [world.shop]


def test_filled_in_one_sitting(world: World) -> None:
    count = make_indicator("A1")
    start = datetime(2026, 10, 5, 9, 0)
    for minutes, month in ((0, 202607), (4, 202608), (9, 202609)):
        with clock.frozen(start + timedelta(minutes=minutes)):
            put(world.shop, count, {month: 1}, world.worker)
    for days, month in ((0, 202607), (31, 202608), (62, 202609)):
        with clock.frozen(start + timedelta(days=days)):
            put(world.other, count, {month: 1}, world.stranger)
    found = quality(world.manager, 202609).sittings
    assert [(row.node, row.periods) for row in found] == [(world.shop, (202607, 202608, 202609))]


def test_nobody_sees_the_doubts_of_other_units(world: World) -> None:
    count = make_indicator("A1")
    put(world.shop, count, {202608: 1})
    assert quality(world.stranger, 202609).expected == 0
    assert quality(world.manager, 202609, world.other).expected == 0


def test_a_rule_row_moves_the_lines(world: World) -> None:
    rate = percent("P11")
    put(world.shop, rate, {month: 100.0 for month in range(202607, 202610)})
    assert not quality(world.manager, 202609).perfect
    row = {"code": "INDICATOR-QUALITY", "title": "数据质量", "applies_to": [], "level": "info"}
    RuleRow.objects.create(**row, arguments={"perfect_months": 3, "unknown": 1}, starts_on=date(2026, 1, 1))
    assert [cell.node for cell in quality(world.manager, 202609).perfect] == [world.shop]
