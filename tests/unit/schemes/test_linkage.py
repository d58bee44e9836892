"""Every linkage model of DOMAIN 5.2 counted by hand; points are hundredths of a point."""

import pytest
from tests.unit.schemes.making import GRADES, criterion, facts, part, scheme

from rongtong.schemes.data import Fact, Linkage, SchemeData
from rongtong.schemes.scoring import score


def test_l0_leaves_the_two_results_apart() -> None:
    got = score(scheme("L0"), facts(P1=90.0, B1=80.0))
    assert (got.party, got.production, got.total, got.grade) == (9000, 8000, None, "")
    assert (got.party_grade, got.production_grade) == ("A", "B")
    assert "apart" in got.reason


def test_l1_adds_shares() -> None:
    """0.25 x 90 + 0.75 x 80 = 82.50."""
    got = score(scheme("L1"), facts(P1=90.0, B1=80.0))
    assert (got.total, got.grade, [p.points for p in got.parts]) == (8250, "B", [2250, 6000])


def test_l1_renormalises_over_what_is_present_and_shows_the_weight_that_dropped_out() -> None:
    """Of 25, 60 and 15 the 25 is missing: (60 x 80 + 15 x 40) / 75 = 72.00, not (4800 + 600) / 100 = 54.00."""
    three = (part("P", "party", 2500), part("B", "production", 6000), part("O", "other", 1500))
    got = score(scheme("L1", three), facts(P1=None, B1=80.0, O1=40.0))
    assert (got.total, got.present, got.dropped) == (7200, 7500, 2500)
    assert got.party is None and got.part("P").reason and got.line("P1").reason == "nobody entered it"


def test_l1b_puts_business_inside_the_party_score() -> None:
    """0.9 x 90 + 0.1 x 80 = 89.00: the Party score holds ten points of business."""
    got = score(scheme("L1b", inside=1000), facts(P1=90.0, B1=80.0))
    assert (got.total, [p.points for p in got.parts]) == (8900, [8100, 800])
    assert score(scheme("L1b", inside=1000), facts(P1=90.0, B1=None)).total == 9000  # its tenth dropped out


def test_l1c_is_forty_thirty_thirty_with_bonus_deduction_and_veto() -> None:
    """0.4 x 80 + 0.3 x 90 + 0.3 x 70 = 80.00; the vitality part holds 20 test and 10 superior: (20 x 76 + 10 x 58) / 30 = 70.00."""
    parts = (
        part("B", "production", 4000), part("P", "party", 3000, criterion("P1"), criterion("UP", 0, kind="event", rule="bonus", per=200, most=500)),
        part("V", "party", 3000, criterion("V1", 6667, kind="survey", rule="test", of="q"), criterion("V2", 3333)),
    )  # fmt: skip
    got = score(scheme("L1c", parts), facts(B1=80.0, P1=90.0, UP=None, V1=76.0, V2=58.0))
    assert (got.total, got.part("V").score) == (8000, 7000)
    got = score(scheme("L1c", parts), facts(B1=80.0, P1=90.0, UP=4.0, V1=76.0, V2=58.0))
    assert (got.part("P").score, got.part("P").adjusted, got.total) == (9500, 500, 8150)  # 4 x 2 points, capped at 5


def test_l2_multiplies_by_the_party_rate() -> None:
    """80 x 90 / 100 = 72.00; with Pmax 90 it is 80.00."""
    assert score(scheme("L2"), facts(P1=90.0, B1=80.0)).total == 7200
    assert score(scheme("L2", full=9000), facts(P1=90.0, B1=80.0)).total == 8000


@pytest.mark.parametrize("model", ["L2", "L3", "L4"])
def test_a_multiplier_without_a_factor_has_no_result_neither_zero_nor_full(model: str) -> None:
    more = {"coefficients": {"A": 10_500, "B": 10_000, "C": 9500, "D": 9000}} if model == "L4" else {}
    got = score(scheme(model, **more), facts(P1=None, B1=80.0))
    assert (got.total, got.production, got.grade) == (None, 8000, "")
    assert "Party side" in got.reason
    assert score(scheme(model, **more), facts(P1=90.0, B1=None)).reason.startswith("the business side")


def test_l3_multiplies_each_special_score_by_its_satisfaction() -> None:
    """Party 90 x 4.5/5 = 81, union 80 x 4/5 = 64; weighted 60:40 it is 74.20; 80 x 74.20 / 100 = 59.36."""
    parts = (
        part("P", "party", 3000, coefficient="sat_party", full=5.0), part("U", "party", 2000, coefficient="sat_union", full=5.0),
        part("B", "production", 5000),
    )  # fmt: skip
    got = score(scheme("L3", parts), facts(P1=90.0, P=4.5, U1=80.0, U=4.0, B1=80.0))
    assert ([p.score for p in got.parts], got.party, got.total) == ([8100, 6400, 8000], 7420, 5936)
    assert [p.coefficient for p in got.parts] == [9000, 8000, None]
    got = score(scheme("L3", parts), facts(P1=90.0, P=4.5, U1=80.0, U=None, B1=80.0))
    assert (got.party, got.part("U").reason) == (8100, "its coefficient has no answers")


def test_l4_multiplies_by_the_coefficient_of_the_party_grade() -> None:
    """Party 90 is A: 80 x 1.05 = 84.00; 89.99 is B: 80.00."""
    given = {"coefficients": {"A": 10_500, "B": 10_000, "C": 9500, "D": 9000}}
    got = score(scheme("L4", **given), facts(P1=90.0, B1=80.0))
    assert (got.total, got.coefficient, got.party_grade) == (8400, 10_500, "A")
    assert score(scheme("L4", **given), facts(P1=89.99, B1=80.0)).total == 8000


def vetoing() -> SchemeData:
    veto = criterion("V", 0, kind="event", rule="veto", basis="安委〔2026〕3号", approver="集团党委")
    return scheme("L5", (part("P", "party", 2500, criterion("P1"), veto), part("B", "production", 7500)), veto_grade="C")


def test_l5_caps_the_grade_by_a_veto_with_basis_and_approver_and_leaves_the_points() -> None:
    told = facts(P1=95.0, B1=95.0) | {"V": Fact(1.0, basis="调查报告12号", approver="王书记")}
    got = score(vetoing(), told)
    assert (got.total, got.grade_by_points, got.grade) == (9500, "A", "C")
    assert (got.capped[0].by, got.capped[0].basis, got.capped[0].approver) == ("veto", "调查报告12号", "王书记")


@pytest.mark.parametrize("told", [{"basis": "报告"}, {"approver": "王"}, {"basis": " ", "approver": "王"}, {}])
def test_l5_a_veto_without_basis_or_approver_is_shown_and_not_applied(told: dict[str, str]) -> None:
    got = score(vetoing(), facts(P1=95.0, B1=95.0) | {"V": Fact(1.0, **told)})
    assert (got.grade, got.capped, got.vetoes_without_basis) == ("A", (), ("V",))


def test_l5_a_veto_never_lifts_a_grade() -> None:
    got = score(vetoing(), facts(P1=10.0, B1=10.0) | {"V": Fact(1.0, basis="报告", approver="王")})
    assert got.grade == "D"


def test_l6_bounds_the_business_grade_by_the_party_grade() -> None:
    """Party 65 is C: business 95 (A) may be B at most; with no step it is C; reversed the Party result is bounded."""
    got = score(scheme("L6"), facts(P1=65.0, B1=95.0))
    assert (got.total, got.grade_by_points, got.grade, got.capped[0].by) == (9500, "A", "B", "gate")
    assert score(scheme("L6", steps=0), facts(P1=65.0, B1=95.0)).grade == "C"
    got = score(scheme("L6", is_reverse=True), facts(P1=95.0, B1=65.0))
    assert (got.total, got.grade) == (9500, "B")
    assert score(scheme("L6"), facts(P1=None, B1=95.0)).grade == "A"  # a gate nobody knows bounds nothing


def test_l7_carries_each_result_into_the_other() -> None:
    """P' = 0.9 x 90 + 0.1 x 80 = 89, B' = 0.8 x 80 + 0.2 x 90 = 82; 0.25 x 89 + 0.75 x 82 = 83.75."""
    got = score(scheme("L7", to_party=1000, to_production=2000), facts(P1=90.0, B1=80.0))
    assert got.total == 8375
    assert sum(p.points or 0 for p in got.parts) == 8375


def test_sums_beyond_64_bits_are_counted_exactly() -> None:
    """Weights that have no small common scale: 0.3333 and 0.6667 with shares of 1/7 cannot overflow silently."""
    parts = (part("P", "party", 3333), part("Q", "party", 1), part("B", "production", 6661), part("C", "production", 5))
    data = SchemeData(parts, GRADES, Linkage("L7", to_party=1237, to_production=3331))
    got = score(data, facts(P1=90.0, Q1=90.0, B1=90.0, C1=90.0))
    assert (got.total, sum(p.points or 0 for p in got.parts)) == (9000, 9000)


def test_a_unit_without_any_data_has_no_result() -> None:
    got = score(scheme("L1"), {})
    assert (got.total, got.present, got.dropped, got.grade) == (None, 0, 10_000, "")
    assert got.reason == "no part has a score"
