"""Scoring rules by hand: what a value earns of its points."""

from typing import Any

import pytest
from tests.unit.schemes.making import criterion, facts, part, scheme

from rongtong.schemes.data import Fact, Step
from rongtong.schemes.scoring import score

BANDS = (Step(None, 60.0, 0), Step(60.0, 90.0, 6000), Step(90.0, None, 10_000))


def rate(value: float | None, *, target: float | None = None, weight: int = 10_000, **more: Any) -> int | None:
    one = criterion("P1", weight, **({"kind": "indicator", "of": "X"} | more))
    rest = (criterion("P2", 10_000 - weight),) if weight < 10_000 else ()
    data = scheme("L1", (part("P", "party", 10_000, one, *rest),))
    return score(data, {"P1": Fact(value, target=target)}).line("P1").rate


@pytest.mark.parametrize(("value", "expected"), [(59.99, 0), (60.0, 6000), (89.999, 6000), (0.9 * 100, 10_000), (90.0, 10_000), (None, None), (-5.0, 0)])  # fmt: skip
def test_threshold_bands_are_closed_below(value: float | None, expected: int | None) -> None:
    assert rate(value, rule="bands", steps=BANDS) == expected


@pytest.mark.parametrize(
    ("value", "more", "expected"),
    [
        (95.0, {"target": 100.0}, 9500),
        (120.0, {"target": 100.0}, 10_000),
        (120.0, {"target": 100.0, "cap": 11_000}, 11_000),
        (80.0, {"target": 100.0, "floor": 6000}, 5000),
        (50.0, {"target": 100.0, "floor": 6000}, 0),
        (110.0, {"target": 100.0, "is_cost": True}, 9000),
        (90.0, {"target": 100.0, "is_cost": True}, 10_000),
    ],
)
def test_completion_of_a_target(value: float, more: dict[str, Any], expected: int) -> None:
    aim = more.pop("target")
    one = criterion("P1", kind="indicator", of="X", rule="target", target=aim, **more)
    assert score(scheme("L1", (part("P", "party", 10_000, one),)), facts(P1=value)).line("P1").rate == expected


def test_the_units_own_target_and_none() -> None:
    assert rate(45.0, rule="target", target=50.0) == 9000
    one = criterion("P1", kind="indicator", of="X", rule="target")
    for told in (Fact(45.0), Fact(45.0, target=0.0)):
        line = score(scheme("L1", (part("P", "party", 10_000, one),)), {"P1": told}).line("P1")
        assert (line.rate, line.points, line.reason) == (None, None, "no target is set, or it is 0")


@pytest.mark.parametrize(("events", "expected"), [(0.0, 10_000), (1.0, 9500), (4.0, 8000), (30.0, 2000)])
def test_a_deduction_takes_points_per_event_down_to_what_is_left(events: float, expected: int) -> None:
    """Of 10 points, 0.5 each, 2 at least."""
    assert rate(events, weight=1000, rule="deduction", kind="event", of="", per=50, most=200) == expected


def test_a_democratic_test_on_a_scale_of_five() -> None:
    assert rate(4.2, rule="test", kind="survey", least=1.0, full=5.0) == 8000


def test_formulas_read_indicators_and_other_criteria_and_say_what_is_missing() -> None:
    one = criterion("P1", 5000, kind="indicator", rule="formula", expression="min(P11 / P12, 1) * 50 + P2 / 2")
    data = scheme("L1", (part("P", "party", 10_000, one, criterion("P2", 5000)),))
    told = facts(P2=80.0) | {"P1": Fact(None, inputs={"P11": 3.0, "P12": 4.0})}
    assert score(data, told).line("P1").rate == 7750
    told |= {"P1": Fact(None, inputs={"P11": 3.0, "P12": None})}
    line = score(data, told).line("P1")
    assert (line.rate, line.reason) == (None, "no value of P12")
    told |= {"P1": Fact(None, inputs={"P11": 3.0, "P12": 0.0})}
    assert score(data, told).line("P1").reason == "the formula has no result here"  # min() must not hide a division by 0


def test_bonus_and_points_taken_off_stand_outside_the_weights() -> None:
    """40 + 5 - 12 = 33; of 8 points 12 cannot be taken: what is shown sums to the score."""
    more = (
        criterion("UP", 0, kind="event", rule="bonus", per=500, most=500),
        criterion("OFF", 0, kind="event", rule="minus", per=600, most=3000),
    )
    data = scheme("L1", (part("P", "party", 10_000, criterion("P1"), *more),))
    got = score(data, facts(P1=40.0, UP=1.0, OFF=2.0))
    assert (got.total, [line.points for line in got.lines]) == (3300, [4000, 500, -1200])
    got = score(data, facts(P1=3.0, UP=1.0, OFF=2.0))
    assert (got.total, [line.points for line in got.lines]) == (0, [300, 500, -800])
    got = score(data, facts(P1=None, UP=1.0, OFF=None))
    assert (got.total, got.line("UP").points) == (None, 0)  # nothing to add to


def test_rounding_never_loses_a_hundredth() -> None:
    """Three thirds of 50.00: 16.67 + 16.67 + 16.66."""
    thirds = (criterion("P1", 3334), criterion("P2", 3333), criterion("P3", 3333))
    got = score(scheme("L1", (part("P", "party", 10_000, *thirds),)), facts(P1=50.0, P2=50.0, P3=50.0))
    assert sum(line.points or 0 for line in got.lines) == got.total == 5000
