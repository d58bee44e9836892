"""Sentences about paths and roles: the numbers compared, in the reader's words."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongtong.decisions.models import Body, Metric, PathKind, Role
from rongtong.decisions.paths import Compared, Path

FEN, TEN_THOUSAND = 100, 10_000
SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}


def money(fen: int) -> str:
    """An amount: 万元 from ten thousand yuan on in Chinese, yuan otherwise."""
    if (get_language() or "").startswith("zh") and abs(fen) >= FEN * TEN_THOUSAND:
        is_large = abs(fen) >= FEN * TEN_THOUSAND**2
        return f"{_short(fen / FEN / TEN_THOUSAND**2)} 亿元" if is_large else f"{_short(fen / FEN / TEN_THOUSAND)} 万元"
    return _("%(yuan)s yuan") % {"yuan": _short(fen / FEN)}


def _short(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def share(hundredths: int) -> str:
    return f"{_short(hundredths / 100)} %"


def shown(metric: str, value: int) -> str:
    """A number of a metric with its unit."""
    return money(value) if metric == Metric.AMOUNT else share(value)


def limit_text(metric: str, operator: str, value: int) -> str:
    return f"{Metric(metric).label} {SIGNS[operator]} {shown(metric, value)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One limit beside the matter's number; `mark` is a word of the house's states."""

    text: str
    actual: str
    mark: str
    body: str


def lines(path: Path) -> list[Line]:
    return [_line(one) for one in path.compared]


def _line(one: Compared) -> Line:
    bound = one.bound
    actual = shown(bound.metric, one.actual) if one.actual is not None else _("not known")
    mark = "not_enough_data" if one.is_reached is None else "met" if one.is_reached else "not_applicable"
    return Line(limit_text(bound.metric, bound.operator, bound.value), actual, mark, str(Body(bound.body).label))


def path_sentence(path: Path) -> str:
    """Which path, and who decides."""
    body = str(Body(path.body).label)
    match path.kind:
        case PathKind.OWN:
            return _("The committee decides it itself; no other body decides afterwards.")
        case PathKind.PRE_STUDY:
            return _("The committee studies it first; then the %(body)s decides.") % {"body": body}
        case PathKind.GATE:
            return _("The organisation reviews it collectively first; then the %(body)s decides.") % {"body": body}
        case PathKind.UNLISTED:
            return _("It needs no pre-study; the %(body)s decides.") % {"body": body}
        case _:
            return _("This organisation does no pre-study; the %(body)s decides.") % {"body": body}


def why_sentence(path: Path) -> str:
    """Why: the item's own rule or the numbers."""
    reached = [one for one in path.compared if one.is_reached]
    match path.reason:
        case "reached":
            one = next(c for c in reversed(reached) if c.bound.body == path.body) if path.kind != PathKind.OWN else reached[-1]
            given = {
                "actual": shown(one.bound.metric, one.actual or 0),
                "limit": limit_text(one.bound.metric, one.bound.operator, one.bound.value),
            }
            return _("Because %(actual)s reaches the limit: %(limit)s.") % given
        case "below":
            return _("Because none of the limits of the list is reached.")
        case "unknown":
            return _("Because a number for the limits is missing; without it nobody may say that it lies below.")
        case "not_listed":
            return _("Because no item of the list names it.")
        case _:
            return _("Because the item is listed whatever its amount.")


def role_reason(reason: str) -> str:
    """Why an organisation has its role, in a sentence."""
    words: dict[str, Any] = {
        "group": _("a Party group does not decide for a unit"),
        "legal_committee": _("its unit is a legal person and it is a Party committee"),
        "legal_branch": _("its unit is a legal person without a Party committee"),
        "delegated": _("its unit is no legal person, but power over people, money or property was given to it"),
        "unknown_unit": _("no unit is linked to it"),
        "ordinary": _("its unit is no legal person and no such power was given to it"),
    }
    return str(words.get(reason, reason))


def role_label(role: str) -> str:
    return str(Role(role).label)
