"""Meetings that recur on a day of the month: made ahead of time, once, however often the clock runs."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.periods import add_months, month_of
from rongtong.kernel.reference import Reference
from rongtong.ledger.numbers import Reader
from rongtong.meetings import actions, agenda, checking, policies
from rongtong.meetings.models import Meeting, MeetingKind, Series
from rongtong.rules.workdays import Workdays
from rongtong.trees.models import Node


@dataclass(frozen=True, slots=True)
class NewSeries:
    """A meeting that recurs on a day of the month, every so many months."""

    kind: MeetingKind
    node: Node
    title: str
    day: int
    from_time: time
    starts_on: date
    ends_on: date | None = None
    place: str = ""
    every_months: int = 1


@act("meetings.start_series")
def start(*, by: Actor, new: NewSeries) -> Series:
    """Let a meeting recur; the next ones are made at once."""
    policies.require_run(by, new.node)
    first = datetime.combine(new.starts_on, new.from_time, tzinfo=clock.BUSINESS_ZONE)
    checking.new_meeting(new.kind, new.node, None, first, first + timedelta(minutes=new.kind.minutes_wanted or 60))
    if not 1 <= new.day <= 31:
        raise Refused(_("%(day)s is not a day of the month") % {"day": new.day}, field="day", remedy=_("write 1 to 31"), code="day")
    if not 1 <= new.every_months <= 12:
        raise Refused(_("A series recurs every 1 to 12 months"), field="every_months", remedy=_("write 1 to 12"), code="months")
    if new.ends_on is not None and new.ends_on <= new.starts_on:
        raise Refused(_("The series ends before it starts"), field="ends_on", remedy=_("choose a later day"), code="span")
    if Series.objects.filter(node=new.node, kind=new.kind, ends_on__isnull=True).exists():
        what = _("%(kind)s recurs at %(name)s already") % {"kind": str(new.kind), "name": new.node.name}
        raise Refused(what, field="kind", remedy=_("end that series first"), code="twice")
    made = Series.objects.create(
        kind=new.kind, node=new.node, title=checking.title(new.title) or new.kind.name, day=new.day, from_time=new.from_time,
        place=new.place.strip()[:120], every_months=new.every_months, starts_on=new.starts_on, ends_on=new.ends_on,
    )  # fmt: skip
    _generate(by, [made], clock.today())
    current().about(Reference("meeting_series", str(made.pk)), kind=new.kind.code, node=new.node.code)
    return made


@act("meetings.end_series")
def end(*, by: Actor, series: Series, on: date, reason: str) -> Series:
    """It does not recur any more from a day on; meetings made ahead for later are cancelled with the reason."""
    policies.require_run(by, series.node)
    why = checking.reason(reason)
    if on <= series.starts_on:
        raise Refused(_("The series ends before it starts"), field="on", remedy=_("choose a later day"), code="span")
    series.ends_on = on
    series.save(update_fields=["ends_on"])
    for meeting in Meeting.objects.filter(series=series, state__in=["prepared", "noticed"], starts_at__gte=_instant(on, time())):
        actions.cancel(by=by, meeting=meeting, reason=why)
    current().about(Reference("meeting_series", str(series.pk)), ends_on=str(on))
    return series


@act("meetings.generate")
def generate(*, by: Actor, on: date) -> int:
    """Make the meetings of every series within the days ahead; safe to repeat, kill and run late."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    rows = Series.objects.select_related("kind", "node").order_by("pk")
    count = _generate(by, [row for row in rows if row.ends_on is None or row.ends_on > on], on)
    current().about(Reference("meeting_series", "generated"), made=count)
    return count


def _generate(by: Actor, rows: list[Series], on: date) -> int:
    if not rows:
        return 0
    reader = Reader(on)
    until = {row.pk: on + timedelta(days=reader.at(row.node).ahead_days) for row in rows}
    workdays = Workdays(on, max(until.values()))
    wanted = [(row, day) for row in rows for day in days(row, on, until[row.pk], workdays)]
    keys = [_key(row, day) for row, day in wanted]
    have = set(Meeting.objects.filter(occurrence__in=keys).values_list("occurrence", flat=True))
    fresh = [(row, day) for row, day in wanted if _key(row, day) not in have and _is_open(row.node, day)]
    for row, day in fresh:
        actions.prepare(by=by, new=_occurrence(row, day))
    return len(fresh)


def _occurrence(row: Series, day: date) -> actions.NewMeeting:
    """What waits on both sides is added when the meeting is near: last month's figures are not known weeks ahead."""
    return actions.NewMeeting(
        row.kind, row.node, _instant(day, row.from_time), title=f"{row.title}（{day.year}年{day.month}月）", place=row.place, series=row,
        items=() if row.kind.is_restricted else agenda.template(row.kind), occurrence=_key(row, day),
    )  # fmt: skip


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.BUSINESS_ZONE)


def _is_open(node: Node, day: date) -> bool:
    return node.opened_on <= day and (node.closed_on is None or node.closed_on > day)


def _key(row: Series, day: date) -> str:
    """One meeting a month, whatever day it was moved to."""
    return f"series:{row.pk}:{month_of(day)}"


def days(row: Series, first: date, last: date, workdays: Workdays) -> Iterator[date]:
    """The days of a series from one day to another: the workday on or before its day, the last day where the month is shorter."""
    month = month_of(row.starts_on)
    while month <= month_of(last):
        day = shifted(month, row.day, workdays)
        if max(first, row.starts_on) <= day <= last and (row.ends_on is None or day < row.ends_on):
            yield day
        month = add_months(month, row.every_months)


def shifted(month: int, day: int, workdays: Workdays) -> date:
    """The day of a month, on or before it if it is not worked; the first workday of the month where none lies before."""
    year, number = divmod(month, 100)
    length = calendar.monthrange(year, number)[1]
    wanted = date(year, number, min(day, length))
    found = workdays.on_or_before(wanted)
    if month_of(found) == month:
        return found
    return next((one for at in range(1, length + 1) if workdays.is_workday(one := date(year, number, at))), wanted)
