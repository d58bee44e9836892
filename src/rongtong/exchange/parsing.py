"""Cells as people fill them: numbers, dates, months, words. Each function returns a domain value or refuses with a sentence.

An empty cell is None everywhere: missing is not zero.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.kernel.ids import clean_code
from rongtong.kernel.periods import month_of, parse_month

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日)")
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-"})
_SPACES = str.maketrans({"\u00a0": " ", "\u3000": " ", "\u2002": " ", "\u2003": " ", "\u202f": " "})
_EXCEL_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"})
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = (20_000, 110_000)  # 1954 to 2201: what a day number of a spreadsheet can mean here
_SHOWN = 40
LARGEST, LARGEST_COUNT = 1e300, 2**31 - 1


class Percent(float):
    """A number that was written with a percent sign; whether that is right depends on the unit."""


def folded(value: Any) -> str:
    """The text of a cell: NFKC, trimmed; a whole float as an integer."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip()


def _shown(value: Any) -> str:
    text = str(value).strip()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def is_plain_number(written: str) -> bool:
    """Whether a text is just a number, so that no program runs it.

    >>> is_plain_number("-1.5"), is_plain_number("-1+2")
    (True, False)
    """
    return bool(_PLAIN.fullmatch(written))


def text(value: Any) -> str | None:
    """Words as they were written, trimmed, with ordinary spaces; no control characters. Chinese punctuation stays what it is."""
    whole = isinstance(value, float) and not isinstance(value, bool)
    cleaned = unicodedata.normalize("NFC", folded(value) if whole else "" if value is None else str(value)).translate(_SPACES).strip()
    if any(unicodedata.category(ch) in {"Cc", "Cs"} for ch in cleaned):
        raise Refused(
            _("“%(value)s” holds characters that cannot be shown") % {"value": _shown(value)},
            remedy=_("retype the cell"),
            code="text_control",
        )
    return cleaned or None


def code(value: Any) -> str | None:
    cleaned = folded(value)
    return clean_code(cleaned) if cleaned else None


def number(value: Any) -> float | None:
    """A finite number. A percent sign is refused: the column's unit is not percent."""
    found = quantity(value)
    if isinstance(found, Percent):
        raise _percent_refused(value)
    return found


def percent_refused(value: float, unit: str) -> Refused:
    """The refusal of a percent sign where the unit is another."""
    return Refused(
        _("%(value)g%% has a percent sign, but the unit is %(unit)s") % {"value": value, "unit": unit or _("a plain number")},
        remedy=_("write the number in that unit, without the sign"),
        code="number_percent",
    )


def _percent_refused(value: Any) -> Refused:
    return Refused(
        _("“%(value)s” has a percent sign where a plain number belongs") % {"value": _shown(value)},
        remedy=_("write the number without the sign"),
        code="number_percent",
    )


def quantity(value: Any) -> float | None:
    """A finite number, as a Percent where it was written with a percent sign ("12.5%" is Percent(12.5))."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _finite(float(value), value)
    if not isinstance(value, str):
        raise _not_a_number(value)
    return _from_text(value)


def _from_text(value: str) -> float | None:
    cleaned = unicodedata.normalize("NFKC", value).strip().translate(_MINUS)
    if not cleaned:
        return None
    is_percent = cleaned.endswith("%")
    bare = cleaned[:-1].rstrip() if is_percent else cleaned
    if not bare.isascii() or not (_PLAIN.fullmatch(bare) or _GROUPED.fullmatch(bare)):
        raise _not_a_number(value)
    found = _finite(float(bare.replace(",", "")), value)
    return Percent(found) if is_percent else found


def _finite(found: float, value: Any) -> float:
    if math.isfinite(found) and abs(found) <= LARGEST:
        return found
    raise Refused(
        _("“%(value)s” is not a finite number") % {"value": _shown(value)},
        remedy=_("leave the cell empty where there is no value"),
        code="number_infinite",
    )


def _not_a_number(value: Any) -> Refused:
    shown = _shown(value)
    if shown in _EXCEL_ERRORS:
        return Refused(
            _("The cell holds the error %(value)s") % {"value": shown}, remedy=_("repair the formula in the file"), code="cell_error"
        )
    if shown.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return Refused(
            _("“%(value)s” is not a finite number") % {"value": shown},
            remedy=_("leave the cell empty where there is no value"),
            code="number_infinite",
        )
    return Refused(
        _("“%(value)s” is not a number") % {"value": shown},
        remedy=_("write digits with a point for decimals, for example 1234.5 or 1,234.5; leave the cell empty where there is no value"),
        code="number_text",
    )


def whole(value: Any) -> int | None:
    """A count: a number without decimals."""
    found = number(value)
    if found is not None and abs(found) > LARGEST_COUNT:
        raise Refused(_("“%(value)s” is too large for a count") % {"value": _shown(value)}, remedy=_("correct it"), code="number_whole")
    if found is None or found.is_integer():
        return None if found is None else int(found)
    raise Refused(
        _("“%(value)s” is not a whole number") % {"value": _shown(value)}, remedy=_("write it without decimals"), code="number_whole"
    )


def day(value: Any) -> date | None:
    """A date: 2026-11-23, 2026/11/23, 2026.11.23, 2026年11月23日, or a spreadsheet's own date or day number."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and float(value).is_integer()
        and _SERIALS[0] <= value <= _SERIALS[1]
    ):
        return _EXCEL_EPOCH + timedelta(days=int(value))
    cleaned = folded(value)
    if not cleaned:
        return None
    if cleaned.isascii() and cleaned.isdigit() and len(cleaned) in {5, 6} and _SERIALS[0] <= int(cleaned) <= _SERIALS[1]:
        return _EXCEL_EPOCH + timedelta(days=int(cleaned))
    return _written_day(_CLOCK.sub("", cleaned), value)


def _written_day(cleaned: str, value: Any) -> date:
    match = _DATE.fullmatch(cleaned)
    if match is None:
        raise Refused(
            _("“%(value)s” is not a date") % {"value": _shown(value)},
            remedy=_("write it as YYYY-MM-DD, for example 2026-11-23"),
            code="date",
        )
    year, month, number_of_day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, number_of_day)
    except ValueError:
        raise Refused(
            _("“%(value)s” is not a day of the calendar") % {"value": _shown(value)}, remedy=_("check month and day"), code="date"
        ) from None


def month(value: Any) -> int | None:
    """A month as yyyymm: the forms of kernel.periods, a date inside it, or a spreadsheet's date."""
    if isinstance(value, (datetime, date)):
        return month_of(value)
    cleaned = folded(value)
    if not cleaned:
        return None
    try:
        return parse_month(cleaned)
    except Refused:
        if _DATE.fullmatch(_CLOCK.sub("", cleaned)):
            return month_of(_written_day(_CLOCK.sub("", cleaned), value))
        raise


_TRUE, _FALSE = frozenset({"1", "true", "yes", "y", "是", "有", "√"}), frozenset({"0", "false", "no", "n", "否", "无", "×"})


def yes_no(value: Any) -> bool | None:
    cleaned = folded(value).lower()
    if not cleaned:
        return None
    if cleaned in _TRUE or cleaned in _FALSE:
        return cleaned in _TRUE
    raise Refused(_("“%(value)s” is neither yes nor no") % {"value": _shown(value)}, remedy=_("write yes or no (是 or 否)"), code="yes_no")


def choice(words: Mapping[str, str]) -> Callable[[Any], str | None]:
    """A parser for one of a few values; `words` maps each accepted word (lower case) to its value."""

    def parse(value: Any) -> str | None:
        cleaned = folded(value).lower()
        if not cleaned:
            return None
        if cleaned not in words:
            allowed = ", ".join(sorted(set(words.values())))
            raise Refused(
                _("“%(value)s” is not one of: %(allowed)s") % {"value": _shown(value), "allowed": allowed},
                remedy=_("use one of these words"),
                code="choice",
            )
        return words[cleaned]

    return parse


OF_FLOATS: frozenset[Callable[[Any], Any]] = frozenset({number, quantity})  # parsers that give a finite float back as it is
