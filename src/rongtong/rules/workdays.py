"""The one workday calendar: Monday to Friday, except the days that rows say otherwise (调休). An administrator maintains the rows."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.rules.models import CalendarDay

SATURDAY = 5
LONGEST = 60  # no stretch of days off is longer


class Workdays:
    """The calendar's exceptions, read once."""

    def __init__(self, first: date, last: date) -> None:
        rows = CalendarDay.objects.filter(day__gte=first - timedelta(days=LONGEST), day__lte=last + timedelta(days=LONGEST))
        self._said: dict[date, bool] = dict(rows.values_list("day", "is_workday"))

    def is_workday(self, day: date) -> bool:
        return self._said.get(day, day.weekday() < SATURDAY)

    def on_or_before(self, day: date) -> date:
        """The day itself, or the last workday before it."""
        for back in range(LONGEST):
            if self.is_workday(day - timedelta(days=back)):
                return day - timedelta(days=back)
        return day


@act("rules.install_calendar")
def install(*, by: Actor) -> int:
    """Add the shipped exceptions that are not there yet."""
    access.require_everywhere(by, Permission.RULE_EDIT)
    data = tomllib.loads(files("rongtong.rules").joinpath("data/calendar.toml").read_text(encoding="utf-8"))
    have = set(CalendarDay.objects.values_list("day", flat=True))
    rows = [
        CalendarDay(day=day, is_workday=is_workday, source_text=data["source"], is_verified=data["verified"])
        for is_workday, spans in ((False, data["off"]), (True, data["work"]))
        for span in spans
        for day in _days(span)
        if day not in have
    ]
    CalendarDay.objects.bulk_create(rows)
    current().about(Reference("calendar", "shipped"), added=len(rows))
    return len(rows)


def _days(span: str) -> Iterator[date]:
    first, _slash, last = span.partition("/")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += timedelta(days=1)


@act("rules.set_calendar_day")
def set_day(*, by: Actor, day: date, is_workday: bool, source_text: str) -> CalendarDay:
    """Say that a day is, or is not, worked; with where it is written."""
    access.require_everywhere(by, Permission.RULE_EDIT)
    if not source_text.strip():
        raise Refused(_("There is no source"), field="source", remedy=_("name the notice that says so"))
    values = {"is_workday": is_workday, "source_text": source_text.strip()[:300], "is_verified": True}
    row, _made = CalendarDay.objects.update_or_create(day=day, defaults=values)
    current().about(Reference("calendar", str(day)), is_workday=is_workday)
    return row
