"""Reporting periods: month, quarter, half-year, year. The code is the yyyymm of the last month."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import total_ordering

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused

FIRST_YEAR, LAST_YEAR = 1949, 2199


class PeriodKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}


def add_months(code: int, months: int) -> int:
    """Move a yyyymm code.

    >>> add_months(202601, -1), add_months(202511, 3)
    (202512, 202602)
    """
    index = (code // 100) * 12 + code % 100 - 1 + months
    return index // 12 * 100 + index % 12 + 1


def month_of(day: date) -> int:
    return day.year * 100 + day.month


def month_range(first: int, last: int) -> list[int]:
    """All yyyymm codes from first to last, both included.

    >>> month_range(202511, 202601)
    [202511, 202512, 202601]
    """
    codes = []
    while first <= last:
        codes.append(first)
        first = add_months(first, 1)
    return codes


def parse_month(text: str) -> int:
    """Read YYYY-MM, YYYYMM, YYYY/M, YYYY.M or YYYY年M月.

    >>> parse_month("2026-01"), parse_month("2026年1月"), parse_month("202601")
    (202601, 202601, 202601)
    """
    cleaned = text.strip().replace("年", "-").replace("月", "").replace("/", "-").replace(".", "-")
    year, dash, month = cleaned.partition("-")
    if not dash and len(cleaned) == 6:
        year, month = cleaned[:4], cleaned[4:]
    # isascii: full-width digits are digits to str.isdigit; callers fold them first (NFKC)
    if not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        raise Refused(_("“%(text)s” is not a month") % {"text": text}, remedy=_("write it as YYYY-MM, for example 2026-01"), code="period")
    if not (FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= 12):
        what = _("“%(text)s” is not a month of the calendar") % {"text": text}
        raise Refused(what, remedy=_("write it as YYYY-MM with a month of 01 to 12"), code="period")
    return int(year) * 100 + int(month)


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole months.

    >>> Period.of(PeriodKind.QUARTER, 202608).code
    202609
    """

    kind: PeriodKind
    starts_on: date
    ends_on: date

    @classmethod
    def of(cls, kind: PeriodKind, code: int) -> "Period":
        """The period of this kind that contains the month `code`."""
        size = MONTHS_IN[kind]
        year, month = divmod(code, 100)
        first = (month - 1) // size * size + 1
        after = add_months(year * 100 + first, size)
        return cls(kind, date(year, first, 1), date(after // 100, after % 100, 1) - timedelta(days=1))

    @classmethod
    def month(cls, code: int) -> "Period":
        return cls.of(PeriodKind.MONTH, code)

    @property
    def code(self) -> int:
        return month_of(self.ends_on)

    @property
    def months(self) -> list[int]:
        return month_range(month_of(self.starts_on), self.code)

    def previous(self) -> "Period":
        return Period.of(self.kind, add_months(self.code, -MONTHS_IN[self.kind]))

    def next(self) -> "Period":
        return Period.of(self.kind, add_months(self.code, MONTHS_IN[self.kind]))

    def year_before(self) -> "Period":
        return Period.of(self.kind, add_months(self.code, -12))

    def __lt__(self, other: "Period") -> bool:
        return (self.starts_on, self.ends_on) < (other.starts_on, other.ends_on)

    def __str__(self) -> str:
        return f"{self.code // 100}-{self.code % 100:02d}"
