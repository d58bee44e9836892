"""Facts of many units as columns: one array per criterion, with the reason of every gap. Formulas are evaluated here."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from simpleeval import InvalidExpression, SimpleEval

from rongtong.indicators.formulas import MAX_POWER, in_order, names_in
from rongtong.schemes.data import Criterion, Fact, Rule, SchemeData

Float = NDArray[np.float64]
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Column:
    """A criterion at n units: `values` (n,) with NaN where missing, `targets` (n,), and row to reason."""

    values: Float
    targets: Float
    reasons: dict[int, str]


def columns(scheme: SchemeData, facts: Sequence[Facts]) -> dict[str, Column]:
    """Code of a criterion, or of a part with a coefficient, to its column."""
    found = {criterion.code: _column(criterion.code, facts) for _part, criterion in scheme.criteria() if criterion.rule != Rule.FORMULA}
    found |= {part.code: _column(part.code, facts) for part in scheme.parts if part.coefficient}
    formulas = {criterion.code: criterion for criterion in scheme.where(lambda c: c.rule == Rule.FORMULA)}
    for code in in_order({code: criterion.expression for code, criterion in formulas.items()}):
        found[code] = _computed(formulas[code], found, facts)
    return found


def _column(code: str, facts: Sequence[Facts]) -> Column:
    rows = [of.get(code) for of in facts]
    values = np.array([np.nan if row is None or row.value is None else row.value for row in rows], dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    targets = np.array([np.nan if row is None or row.target is None else row.target for row in rows], dtype=np.float64)
    gaps = np.flatnonzero(np.isnan(values))
    return Column(values, targets, {int(at): _reason(rows[at]) for at in gaps})


def _reason(fact: Fact | None) -> str:
    return fact.reason if fact is not None and fact.reason else _("no value was recorded")


def _computed(criterion: Criterion, found: Mapping[str, Column], facts: Sequence[Facts]) -> Column:
    """A formula over indicators and other criteria; missing in, missing out."""
    names = names_in(criterion.expression)
    inputs = {name: found[name].values if name in found else _inputs(criterion.code, name, facts) for name in names}
    missing = {name: np.isnan(values) for name, values in inputs.items()}
    values = evaluate(criterion.expression, inputs, len(facts))
    reasons = {}
    for at in np.flatnonzero(np.isnan(values)):
        lacking = [name for name in names if missing[name][at]]
        reasons[int(at)] = _("no value of %(codes)s") % {"codes": ", ".join(lacking)} if lacking else _("the formula has no result here")
    return Column(values, np.full(len(facts), np.nan), reasons)


def _inputs(code: str, name: str, facts: Sequence[Facts]) -> Float:
    rows = [of.get(code) for of in facts]
    return np.array([_number(row.inputs.get(name)) if row is not None else np.nan for row in rows], dtype=np.float64)


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _power(base: Any, exponent: Any) -> Any:
    if np.any(np.abs(exponent) > MAX_POWER):
        raise InvalidExpression(f"an exponent beyond {MAX_POWER:g}")
    return np.power(base, exponent)


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.true_divide, ast.Pow: _power, ast.UAdd: np.positive,
    ast.USub: np.negative,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *of: np.minimum.reduce(np.broadcast_arrays(*of)),
    "max": lambda *of: np.maximum.reduce(np.broadcast_arrays(*of)),
    "abs": np.abs,
}


def evaluate(expression: str, inputs: Mapping[str, Float], n: int) -> Float:
    """The bounded arithmetic of indicators over whole columns; NaN where an input is missing or the result is not finite.

    >>> evaluate("min(A / B, 1) * 100", {"A": np.array([1.0, 3.0, 1.0]), "B": np.array([2.0, 2.0, 0.0])}, 3)
    array([ 50., 100.,  nan])
    """
    names_in(expression)  # refuses anything but plain arithmetic
    lacking = np.any([np.isnan(values) for values in inputs.values()], axis=0) if inputs else np.zeros(n, dtype=bool)
    functions, whole = dict(_FUNCTIONS), {name: np.asarray(values) for name, values in inputs.items()}
    with np.errstate(all="ignore"):
        try:
            result = SimpleEval(operators=_OPERATORS, functions=functions, names=whole).eval(expression.strip())
        except (InvalidExpression, ArithmeticError, TypeError, ValueError):
            return np.full(n, np.nan)
        values = np.broadcast_to(np.asarray(result, dtype=np.float64), (n,)).copy()
        # a division by 0 inside min() would come out finite: find it as the infinity it was
        values[lacking | ~np.isfinite(values) | _divides_by_zero(expression, whole, n)] = np.nan
    return values


def _divides_by_zero(expression: str, inputs: Mapping[str, Any], n: int) -> NDArray[np.bool_]:
    found = np.zeros(n, dtype=bool)
    for node in ast.walk(ast.parse(expression.strip(), mode="eval")):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            under = SimpleEval(operators=_OPERATORS, functions=dict(_FUNCTIONS), names=dict(inputs)).eval(ast.unparse(node.right))
            found |= np.broadcast_to(np.asarray(under, dtype=np.float64) == 0, (n,))
    return found
