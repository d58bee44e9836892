"""Derived indicators: arithmetic over the codes of others, bounded on every side. No call but min, max, abs; no loop, no text.

Missing in, missing out, with the reason.
"""

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from simpleeval import InvalidExpression, SimpleEval

from rongtong.kernel.errors import Refused

MAX_LENGTH = 200
MAX_NODES = 60
MAX_POWER = 6.0
_ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UAdd, ast.USub,
)  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > MAX_POWER:
        raise InvalidExpression(f"an exponent beyond {MAX_POWER:g}")
    return math.pow(base, exponent)


_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value, or why there is none."""

    value: float | None
    reason: str = ""


def names_in(expression: str) -> list[str]:
    """Codes that an expression reads, in order; Refused where it is not plain bounded arithmetic.

    >>> names_in("(B11 + B12) / 2")
    ['B11', 'B12']
    """
    tree = _parsed(expression)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]
    return sorted(set(names))


def _parsed(expression: str) -> ast.Expression:
    if len(expression) > MAX_LENGTH:
        raise _refused(_("The formula is longer than %(most)d characters") % {"most": MAX_LENGTH})
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refused(_("The formula cannot be read")) from None
    nodes = list(ast.walk(tree))
    if len(nodes) > MAX_NODES:
        raise _refused(_("The formula has too many parts"))
    for node in nodes:
        _check(node)
    return tree


def _check(node: ast.AST) -> None:
    if not isinstance(node, _ALLOWED):
        raise _refused(_("The formula uses %(what)s, which is not allowed") % {"what": type(node).__name__})
    if isinstance(node, ast.Constant) and (
        isinstance(node.value, bool) or not isinstance(node.value, (int, float)) or abs(node.value) > 1e15
    ):
        raise _refused(_("The formula holds “%(what)s”, which is not a plain number") % {"what": str(node.value)[:40]})
    if isinstance(node, ast.Call) and not (
        isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and node.args and not node.keywords
    ):
        raise _refused(_("The formula calls something other than min, max or abs"))


def _refused(what: str) -> Refused:
    return Refused(what, field="expression", remedy=_("use codes, numbers, + - * / ** ( ), min, max and abs"), code="formula")


def evaluate(expression: str, values: Mapping[str, float | None]) -> Outcome:
    """Value of an expression; None with the reason where an input is missing, a denominator is 0 or the result is not finite."""
    names = names_in(expression)
    missing = [name for name in names if values.get(name) is None]
    if missing:
        return Outcome(None, _("no value of %(codes)s") % {"codes": ", ".join(missing)})
    inputs: dict[str, Any] = {name: float(values[name] or 0.0) for name in names}
    try:
        found = float(SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS, names=inputs).eval(expression.strip()))
    except ZeroDivisionError:
        return Outcome(None, _("division by 0"))
    except (InvalidExpression, ArithmeticError, TypeError, ValueError) as failure:
        return Outcome(None, _("not computable: %(what)s") % {"what": failure})
    return Outcome(found) if math.isfinite(found) else Outcome(None, _("the result is not finite"))


def in_order(expressions: Mapping[str, str]) -> list[str]:
    """Codes of derived indicators so that each comes after those it reads; Refused with the path where they run in a circle.

    >>> in_order({"X": "Y + 1", "Y": "B11 * 2"})
    ['Y', 'X']
    """
    done: list[str] = []
    for code in sorted(expressions):
        _visit(code, expressions, [], done)
    return done


def _visit(code: str, expressions: Mapping[str, str], path: list[str], done: list[str]) -> None:
    if code in done or code not in expressions:
        return
    if code in path:
        circle = " → ".join([*path[path.index(code) :], code])
        raise Refused(
            _("The formulas run in a circle: %(path)s") % {"path": circle},
            field="expression",
            remedy=_("break it at one of them"),
            code="formula_circle",
        )
    for name in names_in(expressions[code]):
        _visit(name, expressions, [*path, code], done)
    done.append(code)


def unknown_names(expression: str, codes: Iterable[str]) -> list[str]:
    known = set(codes)
    return [name for name in names_in(expression) if name not in known]
