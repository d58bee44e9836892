"""Questions to ability: what is in force, what is proven, who sits where, who shows what."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from rongtong.access.queries import Among, scoped
from rongtong.organization.models import Post, PostKind
from rongtong.people.frames import Frame, Levels
from rongtong.people.models import (
    BenchEntry,
    Certificate,
    Course,
    CourseAttendance,
    Evidence,
    EvidenceKind,
    FrameState,
    FrameVersion,
    PayParity,
    Presence,
    Rating,
    RatingEvidence,
    RatingKind,
    Requirement,
)
from rongtong.people.policies import VIEW
from rongtong.trees.models import Node, TreeLink, paths_above

MANY = 2000  # more people than this are read for all rather than named one by one


def version_on(day: date) -> FrameVersion | None:
    """The frame in force on a day."""
    return FrameVersion.objects.on(day).filter(state=FrameState.ISSUED).first()


def frame_on(day: date) -> Frame:
    found = version_on(day)
    return found.frame if found else Frame()


def draft() -> FrameVersion | None:
    return FrameVersion.objects.filter(state=FrameState.DRAFT).first()


class Asks:
    """The requirements in force on a day, read once: own node, else the nearest above, else the whole enterprise."""

    def __init__(self, day: date) -> None:
        self.by_kind: dict[str, dict[str, Levels]] = defaultdict(dict)
        rows = Requirement.objects.on(day).order_by("pk").values_list("post_kind", "node__path", "levels")
        for kind, path, levels in rows:
            self.by_kind[kind][path or ""] = Levels.read(levels)

    def at(self, kind: str, path: str) -> Levels | None:
        rows = self.by_kind.get(kind, {})
        return next((rows[one] for one in (path, *reversed(paths_above(path)), "") if one in rows), None)


def requirements(day: date) -> QuerySet[Requirement]:
    """What is asked on a day or will be, the enterprise's own first."""
    rows = Requirement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)).select_related("node")
    return rows.order_by("post_kind", F("node__path").asc(nulls_first=True), "starts_on")


def _holding(day: date) -> QuerySet[RatingEvidence]:
    """Evidence of the outer rating that proves something on a day: a record, not void, not expired."""
    rows = RatingEvidence.objects.filter(rating=OuterRef("pk"), evidence__voided_on__isnull=True).exclude(evidence__kind=EvidenceKind.CLAIM)
    return rows.filter(Q(evidence__valid_until__isnull=True) | Q(evidence__valid_until__gt=day)).order_by()


def counting(day: date) -> QuerySet[Rating]:
    """Ratings that count on a day: a superior's, no claim, not superseded by then, resting on evidence that still holds."""
    rows = Rating.objects.filter(kind=RatingKind.SUPERIOR, is_claim=False, on__lte=day)
    rows = rows.filter(Q(superseded_on__isnull=True) | Q(superseded_on__gt=day))
    return rows.filter(Exists(_holding(day)))


def proven(people: Collection[int], day: date) -> dict[int, dict[str, int]]:
    """Person to the proven level of each competence; what is not proven is absent."""
    rows = counting(day)
    rows = rows.filter(Among(F("person"), people)) if len(people) <= MANY else rows
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for person, code, level in rows.order_by("on", "pk").values_list("person_id", "competence", "level"):
        found[person][code] = level
    return found


@dataclass(frozen=True, slots=True)
class Seat:
    """An open post of a leader or committee member on a day, and who serves in it: formal before acting."""

    post: int
    kind: str
    node: int
    path: str
    person: int | None


def seats(nodes: Collection[int], day: date, kinds: Collection[str] = (), posts: Collection[int] = ()) -> list[Seat]:
    """Every open post at these nodes but those of staff, or only some of them; one question."""
    serving = Q(appointments__starts_on__lte=day) & (Q(appointments__ends_on__isnull=True) | Q(appointments__ends_on__gt=day))
    rows = Post.objects.filter(opened_on__lte=day).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day)).exclude(kind=PostKind.STAFF)
    rows = rows.filter(kind__in=list(kinds)) if kinds else rows
    rows = rows.filter(pk__in=list(posts)) if posts else rows
    rows = rows.filter(Among(F("node"), nodes)).annotate(serving=FilteredRelation("appointments", condition=serving))
    read = rows.order_by("node__path", "code", "-serving__kind", "serving__starts_on", "serving__pk")
    found: dict[int, Seat] = {}
    for pk, kind, node, path, person in read.values_list("pk", "kind", "node_id", "node__path", "serving__person_id"):
        found.setdefault(pk, Seat(pk, kind, node, path, person))
    return list(found.values())


def post_page(nodes: Collection[int], day: date, after: str, most: int) -> list[Post]:
    """Open posts but those of staff in the order of their codes, after a code."""
    rows = Post.objects.filter(opened_on__lte=day, code__gt=after).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))
    rows = rows.exclude(kind=PostKind.STAFF).filter(Among(F("node"), nodes))
    return list(rows.select_related("node").order_by("code")[:most])


def below(node: Node, day: date) -> list[int]:
    """A node with everything below it."""
    return list(Node.objects.open_on(day).subtree(node).order_by("path").values_list("pk", flat=True))


def with_linked(nodes: Collection[int], day: date) -> list[int]:
    """The nodes and those of the other tree linked to them."""
    wanted = set(nodes)
    for unit, party in TreeLink.objects.on(day).values_list("unit_id", "party_id"):
        if unit in nodes:
            wanted.add(party)
        if party in nodes:
            wanted.add(unit)
    return sorted(wanted)


# of one person


def ratings_of(person_id: int) -> QuerySet[Rating]:
    """Every rating of a person, current ones first, with their objections."""
    rows = Rating.objects.filter(person=person_id).prefetch_related("objections")
    return rows.order_by(F("superseded_on").desc(nulls_first=True), "competence", "kind", "-pk")


def evidence_of(person_id: int) -> QuerySet[Evidence]:
    return Evidence.objects.filter(person=person_id, voided_on__isnull=True).order_by("competence", "on", "pk")


def certificates_of(person_id: int) -> QuerySet[Certificate]:
    return Certificate.objects.filter(person=person_id).select_related("file").order_by("voided_on", "kind", "-issued_on")


# courses


def courses(actor: Any) -> QuerySet[Course]:
    """Courses run by nodes the actor sees, and those that oneself was asked to; the latest first."""
    rows = Course.objects.select_related("node").order_by("-starts_on", "-pk")
    own = scoped(Course.objects.all(), actor, "node", permission=VIEW).order_by().values("pk")
    mine = CourseAttendance.objects.filter(course=OuterRef("pk"), person__account=getattr(actor, "pk", None)).order_by()
    return rows.filter(Q(pk__in=own) | Q(Exists(mine)))


def attended(people: Collection[int], day: date) -> dict[int, list[CourseAttendance]]:
    """Person to the held courses they were present at by a day."""
    rows = CourseAttendance.objects.filter(
        person_id__in=list(people), presence=Presence.PRESENT, course__state="held", course__ends_on__lte=day
    )
    found: dict[int, list[CourseAttendance]] = defaultdict(list)
    for row in rows.select_related("course").order_by("course__ends_on", "pk"):
        found[row.person_id].append(row)
    return found


def upcoming(nodes: Iterable[int], day: date) -> list[Course]:
    """Planned courses from a day on, the next first."""
    rows = Course.objects.filter(state="planned", starts_on__gte=day, node__in=list(nodes)).order_by("starts_on", "pk")
    return list(rows)


def bench_of(post: Post) -> QuerySet[BenchEntry]:
    """Who was named for a post, by code; never by level."""
    return BenchEntry.objects.filter(post=post, removed_on__isnull=True).select_related("person").order_by("person__code")


def parities() -> dict[str, PayParity]:
    """Kind of post to what is on record about its pay."""
    return {row.post_kind: row for row in PayParity.objects.filter(superseded_on__isnull=True).order_by("post_kind")}
