"""Who should attend a meeting by its kind's circle, and the counts that are taken of who came."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from rongtong.ledger.models import Side
from rongtong.meetings import voting
from rongtong.meetings.models import Attendance, Circle, Meeting, MeetingKind, Presence
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, Person, PostKind
from rongtong.roster import queries as roster
from rongtong.roster.models import Exclusion
from rongtong.rules import queries as rules
from rongtong.rules.models import RuleRow
from rongtong.trees.models import LinkKind, Node, TreeLink

_PARTY = organization.PARTY_POSTS
_LEADERS = (*_PARTY, PostKind.HEAD, PostKind.DEPUTY_HEAD, PostKind.DEPARTMENT_HEAD)


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who should attend; `excluded_for` says why not, with approval."""

    person: Person
    votes: bool
    excluded_for: str = ""


def linked(node: Node, day: date, partner: Node | None = None) -> list[Node]:
    """Nodes of the other tree that go with this one: the named partner, else its own, joint and covering links."""
    if partner is not None:
        return [partner]
    near, far = ("unit", "party") if node.is_business else ("party", "unit")
    rows = TreeLink.objects.on(day).filter(**{near: node}).exclude(kind=LinkKind.TEMPORARY).select_related(far).order_by("-kind", "pk")
    return [getattr(row, far) for row in rows]


def partner_of(kind: MeetingKind, node: Node, day: date) -> Node | None:
    """With whom a meeting that is to join both sides is held, unless another is named: the first node linked with the host.

    Meetings of the Party side alone have none: whoever sees the partner's meetings sees them too.
    """
    joins = kind.side != Side.PARTY and any(side == Side.BOTH for *_rest, side in kind.agenda)
    return next(iter(linked(node, day)), None) if joins else None


def expected(kind: MeetingKind, node: Node, partner: Node | None, day: date) -> list[Expected]:
    """Who should attend on a day. Empty where affiliations are not known: nobody is guessed."""
    if kind.circle in {Circle.MEMBERS, Circle.GROUP}:
        return _members(node, day)
    return [Expected(person, votes=True) for person in _holders(kind.circle, node, partner, day)]


def _members(node: Node, day: date) -> list[Expected]:
    found = roster.members(node, day)
    left_out = [member.person.pk for member in found if member.is_excluded]
    reasons = dict(Exclusion.objects.on(day).filter(person__in=left_out).values_list("person_id", "reason")) if left_out else {}
    return [Expected(one.person, one.votes, reasons.get(one.person.pk, "") if one.is_excluded else "") for one in found]


def _holders(circle: str, node: Node, partner: Node | None, day: date) -> Iterable[Person]:
    """Who serves in the posts that make the circle, each once."""
    where = Q(post__node=node, post__kind__in=_PARTY if circle == Circle.COMMITTEE else _LEADERS)
    if circle in {Circle.LEADERS, Circle.UNIT}:
        where |= Q(post__node__in=linked(node, day, partner), post__kind__in=_LEADERS)
    if circle == Circle.UNIT:  # the heads of what lies directly below
        where |= Q(post__node__parent=node, post__kind__in=organization.HEADS)
    rows = Appointment.objects.on(day).filter(where).select_related("person").order_by("post__node__path", "post__code", "pk")
    return {row.person_id: row.person for row in rows}.values()


def chair_of(node: Node, day: date) -> Person | None:
    """Who chairs unless another is named: whoever serves as secretary or head."""
    found = organization.holders(node, organization.LEADING, day)
    return found[0].person if found else None


def part_of(person: Person | None, node: Node, day: date) -> str:
    """Kind of the post a person held at the host that day: the leading one, if several; empty, if none."""
    if person is None:
        return ""
    kinds = set(Appointment.objects.on(day).filter(person=person, post__node=node).values_list("post__kind", flat=True))
    return str(next((kind for kind in (*organization.LEADING, *_LEADERS, PostKind.STAFF) if kind in kinds), ""))


def follow_roster(meeting: Meeting, day: date) -> None:
    """Bring the rows of those who are not recorded yet to who should attend on a day; what was recorded stays."""
    have = {row.person_id: row for row in meeting.attendance.all()}
    wanted = {one.person.pk: one for one in expected(meeting.kind, meeting.node, meeting.partner, day)}
    gone = [row.pk for key, row in have.items() if key not in wanted and row.presence in {"", Presence.EXCLUDED}]
    Attendance.objects.filter(pk__in=gone).delete()
    fresh, stale = [], []
    for key, one in wanted.items():
        row = have.get(key)
        if row is None:
            presence = Presence.EXCLUDED if one.excluded_for else ""
            fresh.append(Attendance(meeting=meeting, person=one.person, votes=one.votes, presence=presence, excluded_for=one.excluded_for))
        elif row.votes != one.votes or (row.presence in {"", Presence.EXCLUDED} and row.excluded_for != one.excluded_for):
            row.votes, row.excluded_for = one.votes, one.excluded_for
            row.presence = Presence.EXCLUDED if one.excluded_for and not row.presence else row.presence
            row.presence = "" if row.presence == Presence.EXCLUDED and not one.excluded_for else row.presence
            stale.append(row)
    Attendance.objects.bulk_create(fresh)
    Attendance.objects.bulk_update(stale, ["votes", "excluded_for", "presence"])


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a meeting; None where nobody is known who should attend, or somebody is not recorded yet."""

    should: int | None = None
    present: int | None = None
    on_leave: int | None = None
    voters: int | None = None
    voters_present: int | None = None


def counts(rows: Iterable[Attendance]) -> Counts:
    """Counts over the rows: those who sit in or are left out with approval are not among them."""
    should = [row for row in rows if row.presence not in {Presence.SIT_IN, Presence.EXCLUDED}]
    if not should:
        return Counts()
    voters = [row for row in should if row.votes]
    if any(not row.presence for row in should):
        return Counts(len(should), None, None, len(voters), None)
    came = [row for row in should if row.presence == Presence.PRESENT]
    leave = sum(row.presence == Presence.LEAVE for row in should)
    return Counts(len(should), len(came), leave, len(voters), sum(row.votes for row in came))


def quorum_row(meeting: Meeting, day: date) -> RuleRow | None:
    """The rule row that makes a meeting of this kind valid at its host."""
    return rules.resolve(meeting.kind.quorum, meeting.node, day) if meeting.kind.quorum else None


def is_valid(meeting: Meeting, found: Counts, day: date) -> bool | None:
    """Attendance against the row; None where the kind asks for none or the counts are not known."""
    row = quorum_row(meeting, day)
    if row is None or found.voters is None or found.voters_present is None:
        return None
    return voting.attendance_valid(found.voters, found.voters_present, voting.Numbers.of(row.arguments)).holds
