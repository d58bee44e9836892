"""Questions to meetings: lists by actor, who is elsewhere at the same time, what waits for a signature, what was applied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.meetings.agenda import PROBLEMS
from rongtong.meetings.models import HELD_STATES, AgendaItem, Attendance, Meeting, MeetingState, Presence, Resolution, Signature, Topic
from rongtong.organization.models import Person
from rongtong.trees.models import AFTER, Node

RELATED = ("kind", "node", "partner", "chair", "recorder")
PLANNED = (MeetingState.PREPARED, MeetingState.NOTICED)


def meetings(actor: Any) -> QuerySet[Meeting]:
    """Meetings of the actor's organisations and units, and those it takes part in; the latest first."""
    rows = Meeting.objects.select_related(*RELATED).order_by("-starts_at", "-pk")
    seen = scoped(rows, actor, "node", "partner", permission=Permission.MEETING_VIEW)
    if seen.query.is_empty():  # whoever sees no organisation's meetings sees those it takes part in
        return rows.filter(_takes_part(actor))
    return seen


def mine(actor: Any) -> QuerySet[Meeting]:
    """Meetings that the actor's person chairs, records, attends or sits in; the latest first."""
    return Meeting.objects.select_related(*RELATED).filter(_takes_part(actor)).order_by("-starts_at", "-pk")


def _takes_part(actor: Any) -> Q:
    key = getattr(actor, "pk", None)
    there = Attendance.objects.filter(meeting=OuterRef("pk"), person__account_id=key).exclude(presence=Presence.EXCLUDED)
    return Q(chair__account_id=key) | Q(recorder__account_id=key) | Q(Exists(there))


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address may narrow a list to; empty is no filter."""

    node: Node | None = None
    kind: str = ""
    state: str = ""
    from_on: date | None = None
    to_on: date | None = None
    text: str = ""
    is_mine: bool = False


def filtered(rows: QuerySet[Meeting], f: Filters) -> QuerySet[Meeting]:
    """Narrow a list; days are those of the planned or actual start."""
    if f.node is not None:
        inside = Node.objects.filter(path__gte=f.node.path, path__lt=f.node.path + AFTER).order_by().values("pk")
        rows = rows.filter(Q(node__in=inside) | Q(partner__in=inside))
    equal: dict[str, Any] = {"kind__code": f.kind, "state": f.state}
    equal |= {name: midnight(day) for name, day in (("starts_at__gte", f.from_on), ("starts_at__lt", f.to_on)) if day}
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    return rows.filter(title__icontains=f.text) if f.text else rows


def midnight(day: date) -> datetime:
    """The first instant of a business day."""
    return datetime.combine(day, time(), tzinfo=clock.BUSINESS_ZONE)


def page(rows: QuerySet[Meeting], most: int) -> list[Meeting]:
    """The first rows of a list: keys first, so that only what is shown is joined with all its columns."""
    keys = list(rows.select_related(None).values_list("pk", flat=True)[:most])
    return list(Meeting.objects.filter(pk__in=keys).select_related(*RELATED).order_by("-starts_at", "-pk"))


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody who is called to two meetings at once."""

    person: Person
    other: Meeting


def clashes(meeting: Meeting) -> list[Clash]:
    """Who of those called is called elsewhere at the same time."""
    people = meeting.attendance.exclude(presence=Presence.EXCLUDED).values("person")
    rows = Attendance.objects.filter(
        person__in=people, meeting__state__in=PLANNED, meeting__starts_at__lt=meeting.ends_at, meeting__ends_at__gt=meeting.starts_at
    ).exclude(presence=Presence.EXCLUDED)
    found = rows.exclude(meeting=meeting).select_related(
        "person", "meeting__node", "meeting__partner", "meeting__chair", "meeting__recorder"
    )
    return [Clash(row.person, row.meeting) for row in found.order_by("meeting__starts_at", "person__pinyin", "pk")[:50]]


def to_sign(actor: Any) -> QuerySet[Meeting]:
    """Held meetings kept here whose minutes wait for the actor's signature, the oldest first."""
    key = getattr(actor, "pk", None)
    signed = Signature.objects.filter(meeting=OuterRef("pk"), by_uid=str(getattr(actor, "uid", "")))
    rows = Meeting.objects.select_related(*RELATED).filter(state=MeetingState.HELD, source="")
    rows = rows.filter(Q(chair__account_id=key) | Q(recorder__account_id=key)).filter(~Exists(signed))
    return rows.order_by("held_on", "pk")


def upcoming(actor: Any, day: date) -> QuerySet[Meeting]:
    """Planned meetings the actor takes part in, from a day on, the next first."""
    return mine(actor).filter(state__in=PLANNED, starts_at__gte=midnight(day)).order_by("starts_at", "pk")


@dataclass(frozen=True, slots=True)
class Applied:
    """学用转化: of the study meetings held, how many named a production problem and ended in a matter with an owner."""

    studies: int
    applied: int

    @property
    def share(self) -> float | None:
        return self.applied / self.studies if self.studies else None


_STUDY = Q(kind__is_study=True) | Q(items__topic__in=[Topic.STUDY, Topic.LECTURE])


def applied_share(rows: QuerySet[Meeting]) -> Applied:
    """Of these meetings, the study ones that were held, and those of them that were applied."""
    studies = rows.filter(state__in=HELD_STATES).filter(_STUDY).order_by().distinct()
    left = Resolution.objects.filter(item=OuterRef("pk"), matter__isnull=False)
    items = AgendaItem.objects.filter(meeting=OuterRef("pk"), record_kind__in=PROBLEMS).filter(Exists(left))
    return Applied(studies.values("pk").count(), studies.filter(Exists(items)).values("pk").count())


def applied_items(meeting: Meeting) -> list[AgendaItem]:
    """Items of a study that named a production problem and left a matter."""
    if not (meeting.kind.is_study or meeting.items.filter(topic__in=[Topic.STUDY, Topic.LECTURE]).exists()):
        return []
    rows = meeting.items.filter(record_kind__in=PROBLEMS, resolutions__matter__isnull=False)
    return list(rows.order_by("position").distinct())


def held_in(nodes: Iterable[int], first: date, last: date) -> QuerySet[Meeting]:
    """Meetings that were held at these nodes in a span of days, wherever the nodes hang today."""
    return Meeting.objects.filter(node__in=list(nodes), state__in=HELD_STATES, held_on__gte=first, held_on__lte=last).order_by(
        "held_on", "pk"
    )
