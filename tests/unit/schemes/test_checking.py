"""Bad input by kind: each is refused with what, where and what to do."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.schemes.making import GRADES, criterion, part, scheme

from rongtong.kernel.errors import Refused
from rongtong.schemes.checking import Fault, Known, faults, require_sound
from rongtong.schemes.data import Criterion, GradeBand, SchemeData, Step

KNOWN = Known({"indicator": frozenset({"P11", "B11"}), "rule": frozenset({"OL-01"}), "matter": frozenset({"on_time"}), "survey": frozenset({"q1"})})  # fmt: skip


def found(data: SchemeData) -> list[Fault]:
    return faults(data, KNOWN)


def of(*criteria: Criterion, **more: Any) -> list[Fault]:
    return found(scheme("L1", (part("P", "party", 10_000, *criteria),), **more))


def said(rows: list[Fault]) -> str:
    return " | ".join(f"{row.where}.{row.field}: {row.what}; {row.remedy}" for row in rows)


def test_sound_schemes_pass() -> None:
    for model, more in (("L0", {}), ("L1", {}), ("L1b", {"inside": 1000}), ("L2", {}), ("L6", {}), ("L7", {"to_party": 1000, "to_production": 500})):  # fmt: skip
        require_sound(scheme(model, **more), KNOWN)


@pytest.mark.parametrize(("weights", "sum_text", "remedy"), [((2500, 7490), "99.9 %", "add 0.1 %"), ((2500, 7501), "100.01 %", "take 0.01 % off"), ((2500,), "25 %", "add 75 %")])  # fmt: skip
def test_weights_of_parts_that_do_not_sum_to_100_are_refused(weights: tuple[int, ...], sum_text: str, remedy: str) -> None:
    parts = tuple(part(f"K{at}", "party", weight) for at, weight in enumerate(weights))
    with pytest.raises(Refused) as refusal:
        require_sound(scheme("L1", parts), KNOWN)
    assert sum_text in refusal.value.what and refusal.value.remedy == remedy and refusal.value.field == "weight"


def test_weights_of_criteria_that_do_not_sum_to_100_name_their_part() -> None:
    rows = of(criterion("P1", 6000), criterion("P2", 3990))
    assert said(rows) == "P.weight: The weights of its criteria sum to 99.9 %, not to 100 %; add 0.1 %"


def test_a_negative_weight_is_refused_even_where_the_sum_is_right() -> None:
    assert "not above 0" in said(of(criterion("P1", 12_000), criterion("P2", -2000)))
    assert "not above 0" in said(found(scheme("L1", (part("P", "party", 12_000), part("B", "production", -2000)))))


def test_formulas() -> None:
    circle = of(
        criterion("P1", 5000, kind="indicator", rule="formula", expression="P2 + 1"),
        criterion("P2", 5000, kind="indicator", rule="formula", expression="P1 * 2"),
    )
    assert "P1 → P2 → P1" in said(circle)
    own = of(criterion("P1", kind="indicator", rule="formula", expression="P1 / 2"))
    assert "P1 → P1" in said(own)
    assert "unknown codes: P99" in said(of(criterion("P1", kind="indicator", rule="formula", expression="P11 + P99")))
    assert "not allowed" in said(of(criterion("P1", kind="indicator", rule="formula", expression="[P11]")))
    assert "cannot be read" in said(of(criterion("P1", kind="indicator", rule="formula", expression="")))
    assert of(criterion("P1", kind="indicator", rule="formula", expression="min(P11, 100)")) == []


def test_codes_that_nothing_has() -> None:
    for kind, code in (("indicator", "P99"), ("rule", "OL-99"), ("matter", "late"), ("survey", "q9"), ("indicator", "")):
        one = criterion("P1", kind=kind, rule="bands", of=code, steps=(Step(None, 60.0, 0), Step(60.0, None, 10_000)))
        assert len(of(one)) == 1, (kind, code)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((Step(None, 60.0, 0), Step(70.0, None, 10_000)), "gap between 60 and 70"),
        ((Step(None, 70.0, 0), Step(60.0, None, 10_000)), "overlap at 60"),
        ((Step(0.0, 60.0, 0), Step(60.0, None, 10_000)), "without points"),
        ((Step(None, 60.0, 0), Step(60.0, 90.0, 10_000)), "without points"),
        ((Step(None, 60.0, 0), Step(60.0, None, 12_000)), "more than 100 %"),
        ((Step(None, None, 0),), "at least two"),
        ((Step(None, 60.0, 0), Step(60.0, 50.0, 50), Step(50.0, None, 0)), "ends before it begins"),
        ((Step(None, None, 0), Step(60.0, None, 0)), "overlap at 60"),
    ],
)
def test_threshold_bands_with_gaps_overlaps_or_open_ends(steps: tuple[Step, ...], words: str) -> None:
    assert words in said(of(criterion("P1", kind="indicator", rule="bands", of="P11", steps=steps)))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "indicator", "of": "P11", "rule": "target", "target": 0.0}, "target is 0"),
        ({"kind": "rule", "of": "OL-01", "rule": "target"}, "Only indicators have targets"),
        ({"kind": "indicator", "of": "P11", "rule": "target", "floor": 10_000}, "do not fit"),
        ({"kind": "event", "rule": "deduction"}, "how many points an event costs"),
        ({"kind": "event", "rule": "deduction", "per": 50, "most": 10_000}, "not below its own points"),
        ({"kind": "survey", "of": "q1", "rule": "test", "least": 5.0, "full": 5.0}, "not above the worst"),
        ({"kind": "survey", "of": "q1", "rule": "manual"}, "cannot be told from"),
        ({"kind": "x", "rule": "manual"}, "not one of the list"),
        ({"name": " "}, "has no name"),
    ],
)
def test_arguments_that_cannot_be(more: dict[str, Any], words: str) -> None:
    assert words in said(of(criterion("P1", **more)))


def test_bonus_and_veto() -> None:
    assert "has no weight" in said(of(criterion("P1"), criterion("UP", 100, kind="event", rule="bonus", per=100, most=100)))
    assert "how many at most" in said(of(criterion("P1"), criterion("UP", 0, kind="event", rule="bonus", per=100)))
    veto = criterion("V", 0, kind="event", rule="veto", basis="安委3号", approver="党委")
    assert of(criterion("P1"), veto, veto_grade="C") == []
    for name in ("basis", "approver"):
        assert "who approves it" in said(of(criterion("P1"), replace(veto, **{name: " "}), veto_grade="C"))
    assert "to which grade" in said(of(criterion("P1"), veto))
    assert "to which grade" in said(of(criterion("P1"), veto, veto_grade="Z"))


def bands(*rows: GradeBand) -> str:
    return said(found(scheme("L1", bands=rows)))


def test_grades() -> None:
    a, b, c, d = GRADES
    assert "two to" in bands(a)
    assert "does not begin above" in bands(b, a, c, d)
    assert "does not begin above" in bands(a, b, replace(c, low=8000), d)
    assert "below 60 have no grade" in bands(a, b, c)
    assert "own code" in bands(a, replace(b, code="A"), c, d)
    assert "120 %" in bands(replace(a, quota=12_000), b, c, d)
    assert "quota of A is 0 %" in bands(replace(a, quota=0), b, c, d)
    assert "last grade" in bands(a, b, c, replace(d, quota=5000))
    assert bands(replace(a, quota=3000), b, c, d) == ""


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ("L9", {}, "not a linkage model"),
        ("L1b", {"inside": 0}, "0 %"),
        ("L7", {"to_party": 1000, "to_production": 10_000}, "100 %"),
        ("L2", {"full": 0}, "not above 0"),
        ("L3", {}, "needs a coefficient"),
        ("L4", {"coefficients": {"A": 10_500}}, "B has no coefficient"),
        ("L5", {}, "no veto item"),
        ("L6", {"steps": 4}, "lets through 4"),
    ],
)
def test_linkage_models_without_what_they_need(model: str, more: dict[str, Any], words: str) -> None:
    assert words in said(found(scheme(model, **more)))


def test_sides() -> None:
    assert "only one" in said(found(scheme("L2", (part("P", "party", 10_000),))))
    assert "only one" in said(found(scheme("L7", (part("P", "party", 2500), part("O", "other", 7500)), to_party=10, to_production=10)))
    assert "Only the double multiplier" in said(found(scheme("L1", (part("P", "party", 2500, coefficient="q1"), part("B", "production", 7500)))))  # fmt: skip
    assert "of the Party side" in said(found(scheme("L3", (part("P", "party", 2500, coefficient="q1"), part("B", "production", 7500, coefficient="q1")))))  # fmt: skip
    assert "not a side" in said(found(scheme("L1", (part("P", "left", 10_000),))))


def test_sizes_and_codes() -> None:
    assert "no part" in said(found(SchemeData((), GRADES)))
    assert "stands twice" in said(of(criterion("P1", 5000), criterion("P1", 5000)))
    assert "cannot be a code" in said(of(criterion("1 x")))
    assert "gives points" in said(of(criterion("UP", 0, kind="event", rule="bonus", per=100, most=100)))
    many = tuple(criterion(f"C{n}", 10 if n else 10_000 - 2500) for n in range(251))
    assert "too long" in said(of(*many))
