"""Which rule row decides a vote, where it may be held, and who counts: taken from the roster and the attendance, never typed."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rongtong.kernel import clock
from rongtong.kernel.errors import Refused
from rongtong.meetings import attending, voting
from rongtong.meetings.models import Attendance, Circle, Meeting, Presence, VoteKind
from rongtong.organization.models import Person
from rongtong.roster import queries as roster
from rongtong.rules import queries as rules
from rongtong.rules.models import RuleRow
from rongtong.trees.models import Node

ELECTION_ROW = "ELECTION"
ROWS = {
    VoteKind.ASSEMBLY: "QUORUM-ASSEMBLY", VoteKind.ADMISSION: "QUORUM-ADMISSION", VoteKind.ELECTION: "QUORUM-ELECTION",
    VoteKind.BRANCH_COMMITTEE: "QUORUM-BRANCH-C", VoteKind.COMMITTEE: "QUORUM-COMMITTEE", VoteKind.CADRES: "QUORUM-CADRES",
}  # fmt: skip
_OF_MEMBERS = (VoteKind.ASSEMBLY, VoteKind.ADMISSION, VoteKind.ELECTION)
_OF_COMMITTEE = (VoteKind.COMMITTEE, VoteKind.CADRES, VoteKind.ELECTION)


def kinds_for(meeting: Meeting) -> tuple[VoteKind, ...]:
    """Which votes a meeting of this kind may hold; none where its words are not held or it votes on nothing."""
    kind = meeting.kind
    if not kind.has_votes or kind.is_restricted:
        return ()
    if kind.circle == Circle.MEMBERS:
        return _OF_MEMBERS
    if kind.code == "branch_committee":
        return (VoteKind.BRANCH_COMMITTEE, VoteKind.ELECTION)
    return _OF_COMMITTEE if kind.circle == Circle.COMMITTEE else ()


def day_of(meeting: Meeting) -> date:
    """The day whose rules and roster count."""
    return meeting.held_on or meeting.starts_at.astimezone(clock.BUSINESS_ZONE).date()


def row_for(kind: str, node: Node, day: date) -> RuleRow:
    """The row of the day; without one nothing can be counted."""
    row = rules.resolve(ROWS[VoteKind(kind)], node, day)
    if row is None:
        what = _("No rule says how such a vote was counted on %(day)s") % {"day": day}
        raise Refused(what, field="kind", remedy=_("enter the rule row of that time first"), code="no_rule")
    return row


def numbers_of(row: RuleRow) -> voting.Numbers:
    try:
        return voting.Numbers.of(row.arguments)
    except voting.BadCounts as bad:
        what = _("The rule %(code)s lacks the number %(name)s") % {"code": row.code, "name": bad.field}
        raise Refused(what, remedy=_("correct the rule row"), code="no_rule") from bad


@dataclass(frozen=True, slots=True)
class Floor:
    """Who may vote at a meeting, and who of them came."""

    voters: tuple[Person, ...]
    present: int

    @property
    def should(self) -> int:
        return len(self.voters)

    @property
    def absent(self) -> int:
        return self.should - self.present


def electorate(meeting: Meeting) -> tuple[Person, ...]:
    """Who should attend with the right to vote on the meeting's day, by the roster or the committee's posts."""
    day = day_of(meeting)
    wanted = [one.person for one in attending.expected(meeting.kind, meeting.node, meeting.partner, day) if one.votes]
    suspended = roster.suspended_among([person.pk for person in wanted], day)
    return tuple(person for person in wanted if person.pk not in suspended)


def floor_of(meeting: Meeting) -> Floor:
    """The numbers of a vote; Refused where the roster is empty, attendance is open, or somebody counted may not vote."""
    voters = electorate(meeting)
    if not voters:
        what = _("Nobody is on record who may vote at %(name)s on %(day)s") % {"name": meeting.node.name, "day": day_of(meeting)}
        raise Refused(what, remedy=_("enter the affiliations of its members first; nothing is guessed"), code="no_roster")
    rows = {row.person_id: row for row in Attendance.objects.filter(meeting=meeting).select_related("person")}
    keys = {person.pk for person in voters}
    unknown = [person.name for person in voters if person.pk not in rows or not rows[person.pk].presence]
    if unknown:
        what = _("Attendance is not recorded of: %(names)s") % {"names": _names(unknown)}
        raise Refused(what, remedy=_("record who came, who is on leave and who is absent"), code="no_attendance")
    wrong = [row.person.name for key, row in rows.items() if key not in keys and row.votes and row.presence == Presence.PRESENT]
    if wrong:
        what = _("Counted among those who vote, but without a vote that day: %(names)s") % {"names": _names(wrong)}
        raise Refused(what, remedy=_("correct the attendance: they may sit in"), code="no_vote")
    return Floor(voters, sum(rows[key].presence == Presence.PRESENT for key in keys))


def _names(names: list[str], shown: int = 5) -> str:
    return "、".join(names[:shown]) + ("…" if len(names) > shown else "")
