"""What Party work moves: derivatives against finite differences, shares of variance by hand, intervals, and when nothing can be said."""

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.schemes.making import GRADES, criterion, facts, part, scheme, units

from rongtong.schemes.data import Fact, GradeBand, Linkage, SchemeData, Step
from rongtong.schemes.influence import MIN_UNITS
from rongtong.schemes.scoring import effective_weight, score, score_all, what_if

K = {"coefficients": {"A": 10_500, "B": 10_000, "C": 9500, "D": 9000}}
MODELS: list[tuple[str, dict[str, Any]]] = [
    ("L1", {}), ("L1b", {"inside": 1000}), ("L1c", {}), ("L2", {}), ("L2", {"full": 9000}), ("L3", {}), ("L4", K), ("L5", {}), ("L6", {}),
    ("L6", {"is_reverse": True}), ("L7", {"to_party": 1000, "to_production": 2000}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "more"), MODELS)
@pytest.mark.parametrize("party", [64.0, 72.5, 84.0])
def test_the_derivative_is_that_of_finite_differences(model: str, more: dict[str, Any], party: float) -> None:
    """Four points up inside one grade; both totals are rounded to a hundredth, so the slope is right to 1/400."""
    data = scheme(model, **more)
    step = 4.0
    low, high = (score(data, facts(P1=p, B1=77.0)).total for p in (party, party + step))
    assert low is not None and high is not None
    found = effective_weight(data, {1: facts(P1=party, B1=77.0)})
    assert found.derivative[1] == pytest.approx((high - low) / (100 * step), abs=1 / 400)
    assert found.elasticity[1] == pytest.approx(found.derivative[1] * party * 100 / low)


@given(st.integers(1, 9999), st.lists(st.tuples(st.floats(1, 100), st.floats(1, 100)), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_where_all_is_present_l1_moves_what_it_says_on_paper(weight: int, rows: list[tuple[float, float]]) -> None:
    data = scheme("L1", (part("P", "party", weight), part("B", "production", 10_000 - weight)))
    found = effective_weight(data, units(*({"P1": p, "B1": b} for p, b in rows)))
    assert found.paper == weight / 10_000
    assert all(slope == weight / 10_000 for slope in found.derivative.values())


def test_where_a_part_is_missing_party_work_moves_more_than_on_paper() -> None:
    three = (part("P", "party", 2500), part("B", "production", 5000), part("O", "other", 2500))
    found = effective_weight(scheme("L1", three), units({"P1": 90.0, "B1": 80.0, "O1": None}))
    assert (found.paper, found.derivative[1]) == (0.25, pytest.approx(2500 / 7500))


def test_a_two_way_scheme_moves_more_than_its_paper_says() -> None:
    """0.25 x 0.9 + 0.75 x 0.2 = 0.375 beside 0.25 on paper."""
    found = effective_weight(scheme("L7", to_party=1000, to_production=2000), units({"P1": 90.0, "B1": 80.0}))
    assert (found.paper, found.derivative[1]) == (0.25, pytest.approx(0.375))


def rows_of(party: list[float], business: list[float]) -> dict[int, dict[str, Fact]]:
    return units(*({"P1": p, "B1": b} for p, b in zip(party, business, strict=True)))


def test_the_share_of_variance_by_hand() -> None:
    """P and B uncorrelated, SD of P 1 and of B 5: (0.25 x 1)^2 / ((0.25 x 1)^2 + (0.75 x 5)^2) = 0.0625 / 14.125 = 0.44 %."""
    data = rows_of([89.0, 91.0] * 4, [75.0, 75.0, 85.0, 85.0] * 2)
    found = effective_weight(scheme("L1"), data)
    assert found.variance.value == pytest.approx(0.0625 / 14.125, abs=1e-4)
    assert found.variance.low is not None and found.variance.high is not None
    assert found.variance.low <= found.variance.value <= found.variance.high
    assert found.variance.n == 8


def test_equal_party_scores_explain_nothing_whatever_their_weight() -> None:
    found = effective_weight(scheme("L1"), rows_of([98.0] * 9, [float(b) for b in range(70, 79)]))
    assert (found.paper, found.mean_derivative, found.variance.value) == (0.25, 0.25, 0.0)


def test_lmg_of_a_multiplier_by_hand() -> None:
    """Uncorrelated P and B: each adds its own r2 in both orders, so the share is r2(P) / (r2(P) + r2(B))."""
    party, business = [80.0, 90.0] * 4, [75.0, 75.0, 85.0, 85.0] * 2
    found = effective_weight(scheme("L2"), rows_of(party, business))
    total = np.array(party) * np.array(business) / 100
    mine, other = (np.corrcoef(total, x)[0, 1] ** 2 for x in (party, business))
    assert found.method == "lmg"
    assert found.variance.value == pytest.approx(mine / (mine + other), abs=1e-3)


def test_too_few_units_and_equal_results_are_said() -> None:
    few = effective_weight(scheme("L1"), rows_of([90.0] * (MIN_UNITS - 1), [float(b) for b in range(MIN_UNITS - 1)]))
    assert few.variance.value is None and str(MIN_UNITS) in few.variance.reason
    equal = effective_weight(scheme("L1"), rows_of([90.0] * 9, [80.0] * 9))
    assert equal.variance.value is None and "equal" in equal.variance.reason
    apart = effective_weight(scheme("L0"), rows_of([90.0] * 9, [80.0] * 9))
    assert (apart.paper, apart.mean_derivative, apart.variance.value) == (None, None, None) and "apart" in apart.reason
    nobody = effective_weight(scheme("L1"), units({"P1": None, "B1": 80.0}))
    assert (nobody.n, nobody.mean_derivative) == (0, None) and nobody.reason


@pytest.mark.parametrize("more", [("L1b", {"inside": 1000}), ("L6", {"is_reverse": True})])
def test_a_party_score_of_its_own_credits_nothing_in_a_joint_result(more: tuple[str, dict[str, Any]]) -> None:
    """Party work makes 90 % or all of that score, but the business result stands apart: neither a paper weight nor a share."""
    model, given = more
    found = effective_weight(scheme(model, **given), rows_of([float(p) for p in range(80, 90)], [float(b) for b in range(70, 80)]))
    assert (found.paper, found.variance.value) == (None, None) and "stand apart" in found.variance.reason
    assert found.mean_derivative == pytest.approx(0.9 if model == "L1b" else 1.0)


def test_a_gate_says_how_many_it_holds_down() -> None:
    found = effective_weight(scheme("L6", steps=0), rows_of([65.0, 95.0, 95.0, 95.0], [95.0, 95.0, 95.0, 70.0]))
    assert (found.mean_derivative, found.bound) == (0.0, 0.25)


@given(st.permutations(range(12)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_units_changes_nothing(order: list[int]) -> None:
    rng = np.random.default_rng(7)
    values = [facts(P1=float(p), B1=float(b)) for p, b in rng.uniform(60, 100, (12, 2)).round(1)]
    plain, mixed = dict(enumerate(values)), {at: values[at] for at in order}
    data = scheme("L2", bands=(GradeBand("A", "优秀", 7000, quota=3000), *GRADES[1:3], GRADES[3]))
    one, other = effective_weight(data, plain), effective_weight(data, mixed)
    assert one.derivative == other.derivative
    assert one.variance.value == pytest.approx(other.variance.value)
    scored, again = score_all(data, plain), score_all(data, mixed)
    assert all(scored[at].as_dict() == again[at].as_dict() for at in range(12))
    moved = {move.node: move for move in what_if(scheme("L1"), data, plain).moves}
    assert moved == {move.node: move for move in what_if(scheme("L1"), data, mixed).moves}


def test_five_thousand_units_take_less_than_a_second() -> None:
    steps = (Step(None, 60.0, 0), Step(60.0, 80.0, 6000), Step(80.0, None, 10_000))
    business = [criterion(f"B{n}", 1000, kind="indicator", rule="bands", of="X", steps=steps) for n in range(10)]
    formula = criterion("P2", 4000, kind="indicator", rule="formula", expression="P11 * 0.5 + P12")
    data = SchemeData(
        (part("P", "party", 2500, criterion("P1", 6000), formula), part("B", "production", 7500, *business)), GRADES, Linkage("L1")
    )
    rng = np.random.default_rng(1)
    told = {
        n: facts(P1=float(row[0]), **{f"B{k}": float(row[k + 1]) for k in range(10)})
        | {"P2": Fact(None, inputs={"P11": 60.0, "P12": float(row[11])})}
        for n, row in enumerate(rng.uniform(40, 100, (5000, 12)))
    }
    started = time.process_time()
    found = effective_weight(data, told)
    took = time.process_time() - started
    assert found.n == 5000 and found.variance.value is not None
    assert took < 1.0
