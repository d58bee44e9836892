"""Facts from the records below: values as their own packages read them, reasons where there are none, references to what stands behind."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.town import OPENED, Town, node
from tests.unit.schemes.making import GRADES, criterion, part

from rongtong.indicators.models import Indicator, Observation, Target
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger.models import Matter
from rongtong.rules.models import RuleResult, RuleRow
from rongtong.schemes.data import Fact, Linkage, SchemeData, Step
from rongtong.schemes.facts import gather_data
from rongtong.schemes.scoring import score
from rongtong.surveys import figures
from rongtong.surveys.estimates import Estimate
from rongtong.surveys.models import Wave
from rongtong.trees.models import Node, TreeLink

STEPS = (Step(None, 60.0, 0), Step(60.0, None, 10_000))


def indicator(code: str, kind: str = "ratio", aggregate: str = "ratio", subsystem: str = "party", **more: Any) -> Indicator:
    return Indicator.objects.create(code=code, name=code, subsystem=subsystem, direction="benefit", kind=kind, aggregate=aggregate, unit_text="%", scale=100.0, **more)  # fmt: skip


def observe(at: Node, of: Indicator, period: int, value: float, over: tuple[float, float] | None = None) -> Observation:
    up, down = over or (None, None)
    return Observation.objects.create(node=at, indicator=of, period=period, value=value, numerator=up, denominator=down, source="entered", author_uid="x", author_label="x")  # fmt: skip


def matter(code: str, at: Node, town: Town, *, closed_on: date | None, due_on: date = date(2026, 6, 30), **more: Any) -> Matter:
    state = {"state": "closed", "closed_on": closed_on} if closed_on else {"state": "assigned"}
    return Matter.objects.create(
        code=code, title=code, side="party", lead=at, leader_post=town.head, handler_post=town.deputy, starts_on=date(2026, 5, 1), due_on=due_on,
        first_due_on=due_on, created_by="x", created_label="x", **{"origin": "duty"} | state | more,
    )  # fmt: skip


def read(town: Town, *criteria: Any, units: tuple[Node, ...] = (), **more: Any) -> dict[int, dict[str, Fact]]:
    data = SchemeData((part("P", "party", 10_000, *criteria, **more),), GRADES, Linkage("L1"))
    return gather_data(data, [unit.pk for unit in units or (town.shop,)], 202601, 202612)


def test_ratios_by_their_sums_and_the_branch_for_the_unit(town: Town) -> None:
    """60 of 80 and 30 of 40 at the branch: 75 %, though the months' percentages average otherwise; each leads to its observations."""
    p11 = indicator("P11")
    one = observe(town.branch, p11, 202601, 75.0, (60.0, 80.0))
    two = observe(town.branch, p11, 202603, 25.0, (10.0, 40.0))
    got = read(town, criterion("C", kind="indicator", rule="bands", of="P11", steps=STEPS))[town.shop.pk]["C"]
    assert got.value == pytest.approx(100 * 70 / 120)
    assert got.references == (f"observation:{one.pk}", f"observation:{two.pk}")
    assert "by share" in got.note


def test_two_organisations_by_share_and_the_missing_one_left_out(town: Town) -> None:
    second = node("P", "00002", "P2", "二支部")
    TreeLink.objects.filter(unit=town.shop).update(share=0.75, kind="joint")
    TreeLink.objects.create(unit=town.shop, party=second, kind="joint", share=0.25, starts_on=OPENED)
    p11 = indicator("P11", "stock", "last")
    observe(town.branch, p11, 202610, 80.0)
    ask = criterion("C", kind="indicator", rule="bands", of="P11", steps=STEPS)
    assert read(town, ask)[town.shop.pk]["C"].value == 80.0
    observe(second, p11, 202611, 40.0)
    assert read(town, ask)[town.shop.pk]["C"].value == pytest.approx(70.0)


def test_the_units_own_value_goes_before_and_covers_only_where_nothing_else(town: Town) -> None:
    over = node("P", "00003", "P3", "总支")
    TreeLink.objects.create(unit=town.shop, party=over, kind="covers", share=1.0, starts_on=OPENED)
    TreeLink.objects.create(unit=town.other, party=over, kind="covers", share=1.0, starts_on=OPENED)
    p11 = indicator("P11", "stock", "last")
    observe(over, p11, 202610, 50.0)
    ask = criterion("C", kind="indicator", rule="bands", of="P11", steps=STEPS)
    got = read(town, ask, units=(town.shop, town.other))
    assert (got[town.shop.pk]["C"].value, got[town.other.pk]["C"].value) == (None, 50.0)
    observe(town.shop, p11, 202610, 90.0)
    assert read(town, ask)[town.shop.pk]["C"].value == 90.0


def test_sums_with_months_missing_are_no_sum(town: Town) -> None:
    b11 = indicator("B11", "flow", "sum", "production")
    for month in range(202601, 202612):
        observe(town.shop, b11, month, 10.0)
    ask = criterion("C", kind="indicator", rule="target", of="B11")
    got = read(town, ask)[town.shop.pk]["C"]
    assert got.value is None and "11 of 12 months" in got.reason and got.references
    observe(town.shop, b11, 202612, 10.0)
    for month in range(202601, 202613):
        Target.objects.create(unit=town.shop, indicator=b11, period=month, target=8.0, set_by="x")
    got = read(town, ask)[town.shop.pk]["C"]
    assert (got.value, got.target) == (120.0, 96.0)


def test_the_ledger_of_the_unit_and_its_branch_counts_each_matter_once(town: Town) -> None:
    matter("M-1", town.shop, town, closed_on=date(2026, 6, 30), partner=town.branch)
    late = matter("M-2", town.branch, town, closed_on=date(2026, 7, 1))
    matter("M-3", town.branch, town, closed_on=None)
    matter("M-4", town.branch, town, closed_on=None, due_on=date(2026, 12, 24))  # not due yet
    matter("M-5", town.other, town, closed_on=date(2026, 6, 1))  # another unit's
    matter("M-6", town.branch, town, closed_on=date(2026, 6, 1), origin="free")
    ask = [criterion("C1", 5000, kind="matter", rule="bands", of="on_time", steps=STEPS), criterion("C2", 5000, kind="matter", rule="bands", of="duties_on_time", steps=STEPS)]  # fmt: skip
    got = read(town, *ask)[town.shop.pk]
    assert (got["C1"].value, got["C2"].value) == (50.0, pytest.approx(100 / 3))
    assert got["C1"].references[0] == f"matter:{late.pk}" and len(got["C1"].references) == 4
    assert "1 of 3" in got["C2"].note
    none = read(town, criterion("C", kind="matter", rule="bands", of="deployed_done", steps=STEPS))[town.shop.pk]["C"]
    assert none.value is None and none.reason


def test_rules_count_met_of_met_and_late(town: Town) -> None:
    row = RuleRow.objects.get(code="OL-01", node=None)
    for period, state in ((202603, "met"), (202606, "late"), (202609, "met"), (202612, "due"), (202611, "excused"), (202512, "late")):
        RuleResult.objects.create(node=town.branch, row=row, rule_code="OL-01", period=period, state=state, level="red")
    got = read(town, criterion("C", kind="rule", rule="bands", of="OL-01", steps=STEPS))[town.shop.pk]["C"]
    assert got.value == pytest.approx(200 / 3) and len(got.references) == 3
    found = title_and_url(Reference.parse(got.references[0]), town.zhou)
    assert found is not None and "OL-01" in found[0]


def test_a_formula_brings_its_inputs(town: Town) -> None:
    p11, _p12 = indicator("P11", "stock", "last"), indicator("P12", "stock", "last")
    observe(town.branch, p11, 202610, 80.0)
    got = read(town, criterion("C", kind="indicator", rule="formula", expression="P11 / P12"))[town.shop.pk]["C"]
    assert got.inputs == {"P11": 80.0, "P12": None} and got.references


def test_what_a_reviewer_enters_stays_missing_until_then(town: Town) -> None:
    more = criterion("V", 0, kind="event", rule="veto", basis="x", approver="y")
    got = read(town, criterion("M"), more)[town.shop.pk]
    assert [got[code].value for code in ("M", "V")] == [None, None]
    assert all(got[code].reason for code in ("M", "V"))


def test_a_unit_without_indicators_has_a_reason_everywhere_and_no_result(town: Town) -> None:
    data = SchemeData((part("P", "party", 10_000, criterion("C", kind="indicator", rule="bands", of="B99", steps=STEPS)),), GRADES)
    told = gather_data(data, [town.other.pk], 202601, 202612)[town.other.pk]
    assert told["C"].value is None and told["C"].reason
    got = score(data, told)
    assert (got.total, got.dropped) == (None, 10_000)


def test_survey_means_by_unit_and_the_coefficient_of_a_part(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A released mean with its wave and count; below k, or with no wave, a reason."""
    ask = criterion("T", kind="survey", rule="test", of="P51")
    got = read(town, ask, coefficient="P51")[town.shop.pk]
    assert got["T"].value is None and got["P"].value is None and got["T"].reason
    wave = Wave(pk=7)

    def means(codes: Any, nodes: Any, _day: date) -> dict[tuple[str, int], Estimate]:
        assert set(codes) == {"P51"} and set(nodes) == {town.shop.pk, town.other.pk}
        return {("P51", town.shop.pk): Estimate(82.0, 78.0, 86.0, 23, wave)}

    monkeypatch.setattr(figures, "answer_means", means)
    both = read(town, ask, coefficient="P51", units=(town.shop, town.other))
    assert (both[town.shop.pk]["T"].value, both[town.shop.pk]["P"].value) == (82.0, 82.0)
    assert both[town.shop.pk]["T"].references == ("survey_wave:7",) and "23" in both[town.shop.pk]["T"].note
    assert both[town.other.pk]["T"].value is None


def test_facts_survive_plain_json() -> None:
    told = Fact(1.5, "", ("observation:1",), 2.0, {"P11": None}, "basis", "who", "note")
    assert Fact.from_dict(told.as_dict()) == told


def test_statements_do_not_grow_with_units(town: Town) -> None:
    indicator("P11")
    ask = [
        criterion("C1", 2500, kind="indicator", rule="target", of="P11"), criterion("C2", 2500, kind="rule", rule="bands", of="OL-01", steps=STEPS),
        criterion("C3", 2500, kind="matter", rule="bands", of="on_time", steps=STEPS), criterion("C4", 2500),
    ]  # fmt: skip
    counts = []
    for units in ((town.shop,), (town.shop, town.other, town.group)):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            read(town, *ask, units=units)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7
