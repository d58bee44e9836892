"""Acts on votes: open one, record what the tellers counted, void one. Ballots stay on paper; whether it passed is arithmetic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.meetings import policies, voting
from rongtong.meetings.models import AgendaItem, Candidate, Meeting, MeetingState, Vote, VoteKind
from rongtong.meetings.vote_results import Why
from rongtong.meetings.vote_rules import Floor, day_of, floor_of, kinds_for, numbers_of, row_for
from rongtong.organization.models import Person
from rongtong.roster import queries as roster
from rongtong.roster.models import Standing
from rongtong.rules import queries as rules
from rongtong.rules.models import RuleRow

OFFICES = ("committee", "secretary", "deputy")
MAX_NAME, MAX_REASON = 80, 300


@dataclass(frozen=True, slots=True)
class NewCandidate:
    """Somebody who stands; the person, if the system knows them."""

    name: str
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class NewVote:
    """A vote to hold. Office, seats and candidates belong to an election, the paper file to cadres."""

    meeting: Meeting
    kind: str
    item: AgendaItem | None = None
    office: str = ""
    seats: int | None = None
    candidates: Sequence[NewCandidate] = ()
    is_by_election: bool = False
    second_of: Vote | None = None
    holder: str = ""
    paper_file: str = ""


@dataclass(frozen=True, slots=True)
class Tellers:
    """Who watched and who counted."""

    monitor: str = ""
    counter: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted. Without ballots: a show of hands."""

    votes_for: int
    against: int
    abstained: int
    written: int = 0
    ballots: voting.Ballots | None = None
    tellers: Tellers = field(default_factory=Tellers)


@act("votes.open")
def open_vote(*, by: Actor, new: NewVote) -> Vote:
    """Open a vote on an item. An election may be prepared before anybody came, so that its ballots can be printed."""
    meeting = new.meeting
    _require_open(by, meeting, new.kind)
    _refuse_kind(new)
    row = row_for(new.kind, meeting.node, day_of(meeting))
    is_prepared = new.kind == VoteKind.ELECTION and meeting.state != MeetingState.HELD
    floor = None if is_prepared else floor_of(meeting)
    made = Vote.objects.create(
        meeting=meeting, kind=new.kind, item=new.item, row=row, should=floor.should if floor else None,
        present=floor.present if floor else None, seats=new.seats, is_by_election=new.is_by_election, second_of=new.second_of,
        holder=new.holder.strip()[:80], paper_file=new.paper_file.strip()[:80],
    )  # fmt: skip
    _add_candidates(made, new)
    current().about(Reference("vote", str(made.pk)), meeting=meeting.code, kind=new.kind, candidates=len(new.candidates))
    return made


def _require_open(by: Actor, meeting: Meeting, kind: str) -> None:
    """A vote is held while minutes are open; the candidates of an election may stand before."""
    is_early = kind == VoteKind.ELECTION and meeting.state in {MeetingState.PREPARED, MeetingState.NOTICED}
    policies.require_write(by, meeting, "change" if is_early else "vote")


def _refuse_kind(new: NewVote) -> None:
    allowed = kinds_for(new.meeting)
    if new.kind not in allowed:
        what = _("A meeting of the kind “%(kind)s” holds no such vote") % {"kind": new.meeting.kind}
        words = "、".join(str(kind.label) for kind in allowed) or "—"
        raise Refused(what, field="kind", remedy=_("possible here: %(kinds)s") % {"kinds": words}, code="kind")
    if new.item is not None and new.item.meeting_id != new.meeting.pk:
        raise Refused(_("The item belongs to another meeting"), field="item", remedy=_("choose an item of this agenda"), code="item")
    if new.kind == VoteKind.CADRES:
        _refuse_words(new)
    elif new.kind == VoteKind.ELECTION:
        _refuse_election(new)


def _refuse_words(new: NewVote) -> None:
    """Votes on cadres name nobody: counts, and where the paper lies."""
    if new.item is not None or new.candidates or new.seats is not None:
        raise Refused(
            _("A vote on cadres names nobody here"), field="item", remedy=_("record counts and the paper file only"), code="restricted"
        )
    if not new.holder.strip() or not new.paper_file.strip():
        missing = "holder" if not new.holder.strip() else "paper_file"
        raise Refused(_("Where the paper file lies is missing"), field=missing, remedy=_("write who holds it and its number"), code="paper")


def _refuse_election(new: NewVote) -> None:
    if new.office not in OFFICES:
        raise Refused(_("The office is missing"), field="office", remedy=_("choose secretary, deputy or committee"), code="office")
    if new.seats is None or new.seats < 1:
        raise Refused(_("The number of seats is missing"), field="seats", remedy=_("write how many are to be elected"), code="seats")
    names = [candidate.name.strip() for candidate in new.candidates]
    if not all(names) or len(set(names)) != len(names):
        raise Refused(_("A candidate has no name, or stands twice"), field="candidates", remedy=_("name each one once"), code="names")
    _refuse_few(new, new.seats)
    _refuse_not_electable(new)


def _refuse_few(new: NewVote, seats: int) -> None:
    """差额: committee members need more candidates than seats; secretaries and a second ballot at least as many."""
    needed = seats
    if new.office == "committee" and new.second_of is None:
        row = rules.resolve("ELECTION", new.meeting.node, day_of(new.meeting))
        surplus = row.arguments.get("candidate_surplus", 0) if row else 0
        needed = voting.candidates_needed(seats, float(surplus))
    if len(new.candidates) < needed:
        values = {"seats": seats, "needed": needed, "have": len(new.candidates)}
        what = _("Seats: %(seats)d; candidates needed: %(needed)d, named: %(have)d") % values
        raise Refused(what, field="candidates", remedy=_("name more candidates, or fewer seats"), code="surplus")


def _refuse_not_electable(new: NewVote) -> None:
    """Only full members whose rights are not suspended stand for election."""
    people = [candidate.person for candidate in new.candidates if candidate.person is not None]
    if not people:
        return
    day = day_of(new.meeting)
    full = {m.person.pk for m in roster.members(new.meeting.node, day) if m.standing == Standing.FORMAL and not m.is_suspended}
    wrong = [person.name for person in people if person.pk not in full]
    if wrong:
        what = _("Not electable here on %(day)s: %(names)s") % {"day": day, "names": "、".join(wrong)}
        raise Refused(what, field="candidates", remedy=_("only full members of the organisation with all rights stand"), code="electable")


def _add_candidates(vote: Vote, new: NewVote) -> None:
    rows = [
        Candidate(vote=vote, position=at, name=one.name.strip()[:MAX_NAME], person=one.person, office=new.office)
        for at, one in enumerate(new.candidates, start=1)
    ]
    Candidate.objects.bulk_create(rows)


def _to_count(by: Actor, vote: Vote) -> tuple[Vote, RuleRow, Floor]:
    """The vote as it is now with the row and the numbers of the meeting's day; refused if it was counted or voided."""
    policies.require_write(by, vote.meeting, "vote")
    found = (
        Vote.objects.select_for_update(of=("self",)).select_related("meeting__node", "meeting__kind", "meeting__partner").get(pk=vote.pk)
    )
    if found.is_valid is not None or found.voided_reason:
        raise Conflict(_("This vote was already counted or voided"), remedy=_("void it and hold another one"), code="counted")
    row = row_for(found.kind, found.meeting.node, day_of(found.meeting))
    return found, row, floor_of(found.meeting)


@act("votes.count")
def count(*, by: Actor, vote: Vote, counts: Counts) -> Vote:
    """Record the counts of a vote on one question. Too few present: recorded as not valid, which is not failed."""
    found, row, floor = _to_count(by, vote)
    if found.kind == VoteKind.ELECTION:
        raise Refused(_("An election is counted by candidate"), remedy=_("enter the votes of each candidate"), code="kind")
    numbers = numbers_of(row)
    _refuse_written(found, numbers, counts)
    _refuse_counts(found, floor, counts)
    turnout = voting.Turnout(floor.should, floor.present, counts.written)
    outcome = _counted(lambda: voting.tally(numbers, turnout, counts.votes_for))
    _take(found, row, floor, counts.ballots, counts.tellers)
    found.written, found.votes_for, found.against, found.abstained = counts.written, counts.votes_for, counts.against, counts.abstained
    found.is_valid, found.is_passed = outcome.is_valid, outcome.is_passed
    found.why = Why.of_vote(outcome, numbers.pass_of).as_json()
    found.save(update_fields=[*_TAKEN, "written", "votes_for", "against", "abstained"])
    current().about(Reference("vote", str(found.pk)), is_valid=found.is_valid, is_passed=found.is_passed, votes_for=counts.votes_for)
    return found


_TAKEN = ("row", "should", "present", "issued", "returned", "valid", "monitor", "counter", "is_valid", "is_passed", "why")


def _take(vote: Vote, row: RuleRow, floor: Floor, ballots: voting.Ballots | None, tellers: Tellers) -> None:
    vote.row, vote.should, vote.present = row, floor.should, floor.present
    if ballots is not None:
        vote.issued, vote.returned, vote.valid = ballots.issued, ballots.returned, ballots.valid
    vote.monitor, vote.counter = tellers.monitor.strip()[:MAX_NAME], tellers.counter.strip()[:MAX_NAME]


def _refuse_written(vote: Vote, numbers: voting.Numbers, counts: Counts) -> None:
    if counts.written and not numbers.counts_written:
        what = _("Written opinions of the absent do not count in this vote")
        raise Refused(what, field="written", remedy=_("leave it at 0"), code="written")


def _refuse_counts(vote: Vote, floor: Floor, counts: Counts) -> None:
    """Papers and hands must add up, and whoever watched and counted is named."""
    total = counts.votes_for + counts.against + counts.abstained
    if min(counts.votes_for, counts.against, counts.abstained) < 0:
        raise Refused(_("A count is below 0"), field="votes_for", remedy=_("write counts from 0 on"), code="negative")
    ballots = counts.ballots
    if ballots is None:
        if total > floor.present:
            values = {"total": total, "present": floor.present}
            what = _("%(total)d votes, but %(present)d present with a vote") % values
            raise Refused(what, field="votes_for", remedy=_("count again"), code="votes_above_present")
        return
    _counted(lambda: ballots.check(floor.present))
    if total != ballots.valid:
        what = _("For, against and abstentions make %(total)d, valid ballots are %(valid)d") % {"total": total, "valid": ballots.valid}
        raise Refused(what, field="valid", remedy=_("count again: they must be equal"), code="sum")
    if vote.kind == VoteKind.CADRES:
        if counts.tellers != Tellers():
            raise Refused(_("A vote on cadres names nobody here"), field="monitor", remedy=_("leave the names empty"), code="restricted")
        return
    _refuse_tellers(counts.tellers, ())


def _refuse_tellers(tellers: Tellers, candidates: Iterable[str]) -> None:
    monitor, counter = tellers.monitor.strip(), tellers.counter.strip()
    if not monitor or not counter:
        missing = "monitor" if not monitor else "counter"
        raise Refused(_("Who watched or who counted is missing"), field=missing, remedy=_("name both tellers"), code="tellers")
    if monitor == counter:
        raise Refused(_("Whoever counts cannot watch the counting"), field="counter", remedy=_("name two persons"), code="tellers")
    standing = {name.strip() for name in candidates}
    for at, name in (("monitor", monitor), ("counter", counter)):
        if name in standing:
            what = _("%(name)s stands for election and cannot be a teller") % {"name": name}
            raise Refused(what, field=at, remedy=_("name somebody who does not stand"), code="teller_stands")


def _counted(compute: Any) -> Any:
    """Arithmetic with its refusals as sentences."""
    try:
        return compute()
    except voting.BadCounts as bad:
        raise Refused(_sentence(bad.code), field=bad.field, remedy=_("count again"), code=bad.code) from bad


def _sentence(code: str) -> str:
    return {
        "present_above_should": _("More came than should attend"),
        "written_above_absent": _("More written opinions than members who did not come"),
        "votes_above_present": _("More votes than members present"),
        "issued_too_many": _("More ballots given out than members present with a vote"),
        "returned_too_many": _("More ballots came back than were given out: the ballot is void and must be held again"),
        "valid_too_many": _("More valid ballots than came back"),
        "votes_above_ballots": _("A candidate has more votes than there are valid ballots"),
        "choices_above_seats": _(
            "More votes in favour than seats on all valid ballots: a ballot with more choices than seats is not valid"
        ),
    }.get(code, _("The counts do not fit each other"))


@dataclass(frozen=True, slots=True)
class WrittenIn:
    """Somebody who did not stand and got votes."""

    name: str
    votes_for: int


@dataclass(frozen=True, slots=True)
class ElectionCounts:
    """Votes by candidate (key of the candidate to for, against, abstained) and those written in."""

    ballots: voting.Ballots
    by_candidate: Mapping[int, tuple[int, int, int]]
    tellers: Tellers
    written_in: Sequence[WrittenIn] = ()


@act("votes.count_election")
def count_election(*, by: Actor, vote: Vote, counts: ElectionCounts) -> Vote:
    """Record the tellers' counts of an election. Who is elected follows; appointments are made by a person afterwards."""
    found, row, floor = _to_count(by, vote)
    standing = list(found.candidates.all())
    if found.kind != VoteKind.ELECTION or found.seats is None:
        raise Refused(_("This is no election"), remedy=_("enter for, against and abstentions"), code="kind")
    _refuse_absent(standing, counts)
    _refuse_tellers(counts.tellers, [*(one.name for one in standing), *(one.name for one in counts.written_in)])
    numbers = numbers_of(row)
    everyone = [*standing, *_written_in(found, standing, counts.written_in)]
    given = {**counts.by_candidate, **{row.pk: (row.votes_for or 0, 0, 0) for row in everyone if row.is_written_in}}
    result = _counted(
        lambda: voting.elect(
            numbers, voting.Turnout(floor.should, floor.present), counts.ballots,
            [voting.Count(one.position, *given[one.pk]) for one in everyone], found.seats or 0,
        )
    )  # fmt: skip
    _store_candidates(everyone, given, result)
    _take(found, row, floor, counts.ballots, counts.tellers)
    found.is_valid, found.is_passed = result.is_valid, result.open_seats == 0 if result.is_valid else None
    found.why = Why.of_election(result, numbers.pass_of).as_json()
    found.save(update_fields=list(_TAKEN))
    current().about(Reference("vote", str(found.pk)), is_valid=found.is_valid, elected=len(result.elected), open_seats=result.open_seats)
    return found


def _refuse_absent(standing: Sequence[Candidate], counts: ElectionCounts) -> None:
    missing = [one.name for one in standing if one.pk not in counts.by_candidate]
    if missing:
        what = _("No count of: %(names)s") % {"names": "、".join(missing)}
        raise Refused(what, field="candidates", remedy=_("write 0 where nobody voted for them"), code="missing")


def _written_in(vote: Vote, standing: Sequence[Candidate], written_in: Sequence[WrittenIn]) -> list[Candidate]:
    names = [one.name.strip() for one in written_in]
    if not all(names) or len({*names, *(one.name for one in standing)}) != len(names) + len(standing):
        raise Refused(_("A written-in name is empty or stands already"), field="written_in", remedy=_("name each one once"), code="names")
    office = standing[0].office if standing else OFFICES[0]
    rows = [
        Candidate(vote=vote, position=at, name=one.name.strip()[:MAX_NAME], office=office, is_written_in=True, votes_for=one.votes_for)
        for at, one in enumerate(written_in, start=len(standing) + 1)
    ]
    return list(Candidate.objects.bulk_create(rows))


def _store_candidates(everyone: Sequence[Candidate], given: Mapping[int, Any], result: voting.Elected) -> None:
    for one in everyone:
        one.votes_for, one.against, one.abstained = given[one.pk]
        one.is_elected = one.position in result.elected if result.is_valid else None
    Candidate.objects.bulk_update(everyone, ["votes_for", "against", "abstained", "is_elected"])


@act("votes.void")
def void(*, by: Actor, vote: Vote, reason: str) -> Vote:
    """Set a vote aside with a reason: it stays on record and counts for nothing."""
    policies.require_write(by, vote.meeting, "vote" if vote.is_valid is not None or vote.meeting.state == MeetingState.HELD else "change")
    found = Vote.objects.select_for_update(of=("self",)).get(pk=vote.pk)
    if found.voided_reason:
        raise Conflict(_("This vote was already voided"), remedy=_("load the page again"), code="voided")
    if found.appointed_on is not None:
        raise Refused(_("Those elected were already appointed"), remedy=_("end the appointments first"), code="appointed")
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Refused(_("The reason is empty or longer than 300 characters"), field="reason", remedy=_("say in a sentence why"))
    found.voided_reason = reason.strip()
    found.save(update_fields=["voided_reason"])
    current().about(Reference("vote", str(found.pk)), reason=found.voided_reason)
    return found
