"""Plain functions on paths and rows of nodes to come: no database, no rights."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin

from rongtong.kernel.errors import Refused
from rongtong.trees.models import SEGMENT

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MAX_PATH = 120
MAX_LEVELS = (MAX_PATH - 1) // SEGMENT


@dataclass(frozen=True, slots=True)
class NewNode:
    """A node to create; `parent` is a code of the same tree (empty: a root), which may be among the new ones."""

    code: str
    name: str
    parent: str
    opened_on: date
    name_en: str = ""
    closed_on: date | None = None


def segment(number: int) -> str:
    """A number as one path segment.

    >>> segment(36)
    '00010'
    """
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits.rjust(SEGMENT, "0")


def child_path(parent_path: str, number: int, code: str) -> str:
    """The path of a new child; Refused where it would lie too deep."""
    path = parent_path + segment(number)
    if len(path) > MAX_PATH:
        raise too_deep(code)
    return path


def too_deep(code: str) -> Refused:
    what = _("%(code)s lies too deep") % {"code": code}
    return Refused(what, field="parent_code", remedy=_("use at most %(levels)d levels") % {"levels": MAX_LEVELS}, code="depth")


def in_parent_order(rows: Sequence[NewNode], known: Iterable[str]) -> list[NewNode]:
    """Parents before children; Refused names the double code, the orphan or the cycle."""
    by_code = {row.code: row for row in rows}
    if len(by_code) != len(rows):
        seen: set[str] = set()
        twice = next(row.code for row in rows if row.code in seen or seen.add(row.code))  # type: ignore[func-returns-value]
        raise Refused(
            _("The code %(code)s stands twice") % {"code": twice}, field="code", remedy=_("keep one row per code"), code="duplicate"
        )
    stored = set(known)
    below: dict[str, list[NewNode]] = defaultdict(list)
    ready: deque[NewNode] = deque()
    for row in rows:
        if not row.parent or (row.parent in stored and row.parent not in by_code):
            ready.append(row)
        else:
            below[row.parent].append(row)
    ordered: list[NewNode] = []
    while ready:
        row = ready.popleft()
        ordered.append(row)
        ready.extend(below.pop(row.code, ()))
    if below:
        raise _misplaced(below, by_code)
    return ordered


def _misplaced(below: dict[str, list[NewNode]], by_code: dict[str, NewNode]) -> Refused:
    for parent, children in below.items():
        if parent not in by_code:
            what = _("%(code)s has the parent %(parent)s, which does not exist") % {"code": children[0].code, "parent": parent}
            return Refused(what, field="parent_code", remedy=_("add the parent or correct its code"), code="orphan")
    loop = " → ".join(cycle_from(next(iter(below)), {code: row.parent for code, row in by_code.items()}))
    what = _("These lie in a cycle: %(loop)s") % {"loop": loop}
    return Refused(what, field="parent_code", remedy=_("let one of them hang elsewhere"), code="cycle")


def cycle_from(code: str, parent_of: dict[str, str]) -> list[str]:
    """The cycle one runs into going up from `code`, its first member repeated at the end.

    >>> cycle_from("c", {"c": "a", "a": "b", "b": "a"})
    ['a', 'b', 'a']
    """
    trail: list[str] = []
    at: dict[str, int] = {}
    while code not in at:
        at[code] = len(trail)
        trail.append(code)
        code = parent_of[code]
    return [*trail[at[code] :], code]


@lru_cache(maxsize=20_000)
def pinyin_of(name: str) -> str:
    """Full pinyin and initials, without spaces inside, for type-ahead.

    >>> pinyin_of("周明")
    'zhouming zm'
    """
    full, initials = lazy_pinyin(name), lazy_pinyin(name, style=Style.FIRST_LETTER)
    return f"{''.join(full)} {''.join(initials)}".lower()[:800]
