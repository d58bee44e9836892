"""Derived figures: what is computed, what is missing and why, and everything that is kept out."""

import pytest

from rongtong.indicators.formulas import evaluate, in_order, names_in
from rongtong.kernel.errors import Refused


def test_arithmetic_over_codes() -> None:
    assert evaluate("(A1 + A2) / 2 ** 2", {"A1": 3.0, "A2": 5.0}).value == 2.0
    assert evaluate("max(A1, -A2) + abs(A2) - min(1, 2)", {"A1": 3.0, "A2": -5.0}).value == 9.0


def test_missing_in_missing_out_with_the_reason() -> None:
    found = evaluate("A1 + A2 + A3", {"A1": 3.0, "A2": None})
    assert found.value is None
    assert "A2, A3" in found.reason
    assert evaluate("A1 * 0", {"A1": None}).value is None


@pytest.mark.parametrize(
    ("expression", "reason"), [("1 / A1", "division by 0"), ("A1 ** -1", "not computable"), ("(0 - 1 - A1) ** 0.5", "not computable"),
     ("9e14 ** 6 * 9e14 ** 6 * 9e14 ** 6 * 9e14 ** 6 + A1", "finite")]
)  # fmt: skip
def test_what_cannot_be_computed_is_missing(expression: str, reason: str) -> None:
    found = evaluate(expression, {"A1": 0.0})
    assert found.value is None
    assert reason in found.reason or "not computable" in found.reason


def test_a_power_beyond_the_bound_is_missing_not_a_hang() -> None:
    assert evaluate("A1 ** A1 ** A1", {"A1": 99999.0}).value is None


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('id')", "A1.__class__", "A1[0]", "[x for x in (1, 2)]", "lambda: 1", "'a' * 99",
        "open('x')", "A1 if A2 else 3", "A1 and A2",
        "A1 == A2", "A1; A2", "", "A1 +", "f'{A1}'", "A1 := 3", "max(A1, key=abs)", "1" * 300, "+".join(["A1"] * 60),
        "~A1", "A1 % 2", "A1 // 2", "1e99", "True", "max()",
        "(" * 150,
    ],
)  # fmt: skip
def test_everything_but_bounded_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(Refused) as refusal:
        names_in(expression)
    assert refusal.value.code == "formula"


def test_circles_are_refused_with_their_path() -> None:
    with pytest.raises(Refused, match="A → B → C → A"):
        in_order({"A": "B + 1", "B": "C", "C": "A * X"})
    with pytest.raises(Refused, match="A → A"):
        in_order({"A": "A + 1"})
    assert in_order({"C": "A + B", "B": "A", "A": "X"}) == ["A", "B", "C"]
