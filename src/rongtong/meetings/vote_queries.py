"""Votes that an actor sees, and what their pages show."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.kernel.errors import Unseen
from rongtong.meetings import policies
from rongtong.meetings.models import Candidate, Meeting, Vote, VoteKind
from rongtong.meetings.vote_results import Why
from rongtong.meetings.vote_rules import ELECTION_ROW, day_of
from rongtong.organization.models import anniversary
from rongtong.rules import queries as rules

RELATED = ("meeting__node", "meeting__kind", "meeting__partner", "meeting__chair", "meeting__recorder", "row", "item")


def votes(actor: Any) -> QuerySet[Vote]:
    """Votes of meetings in the actor's area, the latest first."""
    rows = Vote.objects.select_related(*RELATED).order_by("-pk")
    return scoped(rows, actor, "meeting__node", "meeting__partner", permission=Permission.MEETING_VIEW)


def vote_at(actor: Any, pk: int) -> Vote:
    """A vote whose meeting the actor sees; 404 otherwise."""
    found = Vote.objects.select_related(*RELATED).prefetch_related("candidates__person").filter(pk=pk).first()
    if found is None or not policies.sees(actor, found.meeting):
        raise Unseen
    return found


def meeting_at(actor: Any, pk: int) -> Meeting:
    found = Meeting.objects.select_related("node", "kind", "partner", "chair", "recorder").filter(pk=pk).first()
    if found is None or not policies.sees(actor, found):
        raise Unseen
    return found


def lines_of(vote: Vote) -> list[dict[str, Any]]:
    """Candidates with what was compared: as they stand, once counted by their votes."""
    why = Why.of(vote.why)
    rows = list(vote.candidates.all())
    if vote.is_valid is not None:
        rows.sort(key=lambda one: (-(one.votes_for or 0), one.position))
    return [
        {"candidate": one, "why": why.passing_sentence(why.by_candidate.get(one.position)) if one.position in why.by_candidate else "",
         "is_tied": one.position in why.tied}
        for one in rows
    ]  # fmt: skip


def standing_hints(vote: Vote) -> list[str]:
    """Candidates for secretary who joined the Party more lately than is generally asked for. A hint: the rule says generally."""
    day = day_of(vote.meeting)
    years = rules.number(ELECTION_ROW, vote.meeting.node, day, "secretary_standing_years")
    if vote.kind != VoteKind.ELECTION or years is None:
        return []
    rows = [
        one for one in vote.candidates.all() if one.office == "secretary" and one.person is not None and one.person.joined_on is not None
    ]
    short = [one.name for one in rows if one.person and one.person.joined_on and anniversary(one.person.joined_on, int(years)) > day]
    what = _("%(name)s has been a member for less than %(years)d year(s), which is generally asked of a secretary")
    return [what % {"name": name, "years": int(years)} for name in short]


def elected_of(vote: Vote) -> list[Candidate]:
    return [one for one in vote.candidates.all() if one.is_elected]


def for_second_ballot(vote: Vote) -> tuple[int, list[Candidate]]:
    """Open seats, and who would stand again: those equal at the last seat, else the others with the most votes, by surplus of one."""
    why = Why.of(vote.why)
    if vote.kind != VoteKind.ELECTION or not vote.is_valid or not why.open_seats or vote.voided_reason:
        return 0, []
    rows = [one for one in vote.candidates.all() if not one.is_elected]
    tied = [one for one in rows if one.position in why.tied]
    rows.sort(key=lambda one: (-(one.votes_for or 0), one.position))
    return why.open_seats, tied or rows[: why.open_seats + 1]
