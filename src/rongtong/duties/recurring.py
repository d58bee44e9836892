"""When a duty is due: the last workday of each of its periods, by RFC 5545 recurrence over the periods' first days."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dateutil.rrule import MONTHLY, rrule

from rongtong.kernel.periods import MONTHS_IN, Period, PeriodKind, month_of
from rongtong.rules.workdays import Workdays


def occurrences(per: str, since: date, until: date, workdays: Workdays) -> Iterator[tuple[Period, date]]:
    """Every period that ends after `since` and is due until a day, with its due date."""
    kind = PeriodKind(per)
    first = Period.of(kind, month_of(since)).starts_on
    starts = rrule(MONTHLY, interval=MONTHS_IN[kind], dtstart=datetime.combine(first, time()), until=datetime.combine(until, time()))
    for start in starts:
        period = Period.of(kind, month_of(start.date()))
        due_on = workdays.on_or_before(period.ends_on)
        if due_on > since and due_on <= until:
            yield period, due_on


def horizon(day: date, days: int) -> date:
    """How far ahead matters are made."""
    return day + timedelta(days=days)
