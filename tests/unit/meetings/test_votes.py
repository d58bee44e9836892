"""Acts on votes: numbers come from the roster and the attendance; every refusal says what to do and changes nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import OPENED, account, fresh, post
from tests.unit.meetings.conftest import HELD, Hall

from rongtong.audit.models import Entry
from rongtong.kernel.act import SYSTEM, install_audit_writer
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.meetings import vote_actions as acts
from rongtong.meetings.models import Attendance, Candidate, Meeting, Presence, Vote, VoteKind
from rongtong.meetings.vote_actions import Counts, ElectionCounts, NewCandidate, NewVote, Tellers, WrittenIn
from rongtong.meetings.vote_results import Why
from rongtong.meetings.voting import Ballots
from rongtong.organization.models import PartyOrganisation, Person
from rongtong.roster import actions as roster
from rongtong.roster.models import Affiliation
from rongtong.rules.models import RuleRow

TELLERS = Tellers("qian", "zhao")


@pytest.fixture
def big(hall: Hall) -> Hall:
    """21 full members (3 there already), one of them left out; wang is probationary: 20 should attend with a vote."""
    people = [Person.objects.create(code=f"E-m{n:02d}", name=f"m{n:02d}", member_kind="formal") for n in range(18)]
    Affiliation.objects.bulk_create(
        [Affiliation(person=one, party=hall.town.branch, standing="formal", starts_on=OPENED) for one in people]
    )
    new = roster.NewExclusion(
        people[17], hall.town.branch, "bedridden", "批2026-3", HELD.replace(month=10), HELD.replace(day=1), date(2027, 5, 1)
    )
    roster.exclude(by=SYSTEM, new=new)
    hall.people.update({one.name: one for one in people})
    return hall


def attended(hall: Hall, present: int, code: str = "assembly") -> Meeting:
    """A held assembly to which so many of the 20 came."""
    meeting = hall.held(code)
    rows = list(meeting.attendance.filter(votes=True, presence="").order_by("pk"))
    for at, row in enumerate(rows):
        row.presence, row.reason = (Presence.PRESENT, "") if at < present else (Presence.LEAVE, "出差")
    meeting.attendance.filter(votes=False, presence="").update(presence=Presence.PRESENT)
    Attendance.objects.bulk_update(rows, ["presence", "reason"])
    return meeting


def opened(hall: Hall, present: int = 20, kind: str = VoteKind.ASSEMBLY, **more: Any) -> Vote:
    return acts.open_vote(by=fresh(hall.town.zhou), new=NewVote(attended(hall, present), kind, **more))


def counted(hall: Hall, vote: Vote, votes_for: int, against: int = 0, abstained: int = 0, **more: Any) -> Vote:
    return acts.count(by=fresh(hall.town.zhou), vote=vote, counts=Counts(votes_for, against, abstained, **more))


@pytest.mark.parametrize(
    ("present", "votes_for", "is_valid", "is_passed"),
    [(10, 10, True, False), (11, 11, True, True), (20, 10, True, False), (9, 9, False, None)],
)
def test_an_ordinary_vote_of_the_worked_example(big: Hall, present: int, votes_for: int, is_valid: bool, is_passed: bool | None) -> None:
    found = counted(big, opened(big, present), votes_for)
    found.refresh_from_db()
    assert (found.should, found.present, found.is_valid, found.is_passed) == (20, present, is_valid, is_passed)
    assert found.row.code == "QUORUM-ASSEMBLY"
    assert "at least 1/2 is 10" in Why.of(found.why).attendance_sentence
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.kind, entry.object_kind, entry.object_id) == ("votes.count", "vote", str(found.pk))


def test_a_quorum_that_is_missing_is_recorded_as_invalid_never_as_failed(big: Hall) -> None:
    found = counted(big, opened(big, 9), 0, 9)
    assert (found.is_valid, found.is_passed) == (False, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.filter(pk=found.pk).update(is_passed=False)


def test_attendance_that_is_not_recorded_stops_the_vote(big: Hall) -> None:
    with pytest.raises(Refused) as refused:
        acts.open_vote(by=fresh(big.town.zhou), new=NewVote(big.held("assembly"), VoteKind.ASSEMBLY))
    assert refused.value.code == "no_attendance"
    assert not Vote.objects.exists()


def test_without_a_roster_nothing_is_guessed(hall: Hall) -> None:
    Affiliation.objects.all().delete()
    with pytest.raises(Refused) as refused:
        acts.open_vote(by=fresh(hall.town.zhou), new=NewVote(hall.held("assembly"), VoteKind.ASSEMBLY))
    assert refused.value.code == "no_roster"


def test_probationary_members_counted_among_voters_are_named(big: Hall) -> None:
    meeting = attended(big, 20)
    meeting.attendance.filter(person=big.people["wang"]).update(votes=True)
    with pytest.raises(Refused, match="wang") as refused:
        acts.open_vote(by=fresh(big.town.zhou), new=NewVote(meeting, VoteKind.ASSEMBLY))
    assert refused.value.code == "no_vote"


def test_a_suspended_member_counted_is_refused_and_should_shrinks(big: Hall) -> None:
    meeting = attended(big, 20)
    roster.suspend(by=SYSTEM, new=roster.NewSuspension(big.people["m00"], date(2026, 11, 1), "纪委", "J-1"))
    with pytest.raises(Refused, match="m00"):
        acts.open_vote(by=fresh(big.town.zhou), new=NewVote(meeting, VoteKind.ASSEMBLY))
    meeting.attendance.filter(person=big.people["m00"]).update(votes=False)
    assert acts.open_vote(by=fresh(big.town.zhou), new=NewVote(meeting, VoteKind.ASSEMBLY)).should == 19


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        (Counts(21, 0, 0), "votes_above_present"),
        (Counts(10, 8, 3), "votes_above_present"),
        (Counts(-1, 0, 0), "negative"),
        (Counts(11, 5, 4, written=1), "written"),
        (Counts(11, 5, 4, ballots=Ballots(21, 20, 20), tellers=TELLERS), "issued_too_many"),
        (Counts(11, 5, 4, ballots=Ballots(19, 20, 20), tellers=TELLERS), "returned_too_many"),
        (Counts(11, 5, 4, ballots=Ballots(20, 19, 20), tellers=TELLERS), "valid_too_many"),
        (Counts(11, 5, 4, ballots=Ballots(20, 20, 19), tellers=TELLERS), "sum"),
        (Counts(11, 5, 4, ballots=Ballots(20, 20, 20)), "tellers"),
        (Counts(11, 5, 4, ballots=Ballots(20, 20, 20), tellers=Tellers("qian", "qian")), "tellers"),
    ],
)
def test_counts_that_cannot_be_are_refused(big: Hall, counts: Counts, code: str) -> None:
    vote = opened(big)
    before = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        acts.count(by=fresh(big.town.zhou), vote=vote, counts=counts)
    assert refused.value.code == code
    vote.refresh_from_db()
    assert (vote.is_valid, vote.votes_for, Entry.objects.count()) == (None, None, before)


def test_written_opinions_count_in_an_admission(big: Hall) -> None:
    found = counted(big, opened(big, 11, VoteKind.ADMISSION), 9, 2, written=2)
    assert (found.is_valid, found.is_passed, found.written) == (True, True, 2)
    more = opened_again(big, found)
    with pytest.raises(Refused) as refused:
        counted(big, more, 9, 2, written=10)
    assert refused.value.code == "written_above_absent"


def opened_again(hall: Hall, vote: Vote) -> Vote:
    return acts.open_vote(by=fresh(hall.town.zhou), new=NewVote(vote.meeting, vote.kind))


def test_an_admission_needs_more_than_half_to_come(big: Hall) -> None:
    assert counted(big, opened(big, 10, VoteKind.ADMISSION), 10, written=5).is_valid is False


def test_a_vote_is_counted_once(big: Hall) -> None:
    vote = counted(big, opened(big), 15)
    with pytest.raises(Conflict):
        counted(big, vote, 16)


def test_who_may_not(big: Hall) -> None:
    vote = opened(big)
    for actor, error in ((big.town.wang, NotAllowed), (big.town.stranger, Unseen)):
        with pytest.raises(error):
            acts.count(by=fresh(actor), vote=vote, counts=Counts(15, 0, 0))
        with pytest.raises(error):
            acts.void(by=fresh(actor), vote=vote, reason="x")
        with pytest.raises(error):
            acts.open_vote(by=fresh(actor), new=NewVote(vote.meeting, VoteKind.ASSEMBLY))


def test_kinds_follow_the_meeting(big: Hall) -> None:
    with pytest.raises(Refused) as refused:
        acts.open_vote(by=fresh(big.town.zhou), new=NewVote(attended(big, 20), VoteKind.CADRES, holder="h", paper_file="p"))
    assert refused.value.code == "kind"
    restricted = big.held("organisational_life", hour=15)
    with pytest.raises(Refused) as refused:
        acts.open_vote(by=fresh(big.town.zhou), new=NewVote(restricted, VoteKind.ASSEMBLY))
    assert refused.value.code == "kind"


def test_an_item_of_another_meeting_is_refused(big: Hall) -> None:
    other = big.held("assembly", hour=15)
    with pytest.raises(Refused) as refused:
        opened(big, item=other.items.all()[0])
    assert refused.value.code == "item"


def test_voiding_keeps_the_vote_and_says_why(big: Hall) -> None:
    vote = counted(big, opened(big), 15)
    with pytest.raises(Refused):
        acts.void(by=fresh(big.town.zhou), vote=vote, reason=" ")
    found = acts.void(by=fresh(big.town.zhou), vote=vote, reason="票箱未封")
    found.refresh_from_db()
    assert (found.voided_reason, found.votes_for) == ("票箱未封", 15)
    with pytest.raises(Conflict):
        acts.void(by=fresh(big.town.zhou), vote=vote, reason="again")
    assert opened_again(big, vote).pk != vote.pk


def test_nothing_is_kept_when_the_audit_fails(big: Hall) -> None:
    from rongtong.audit import chain

    vote = opened(big)

    def fails(_act: Any) -> None:
        raise RuntimeError("audit")

    install_audit_writer(fails)
    try:
        with pytest.raises(RuntimeError):
            counted(big, vote, 15)
    finally:
        install_audit_writer(chain.write)
    vote.refresh_from_db()
    assert (vote.is_valid, vote.why) == (None, {})


# elections


def candidates(hall: Hall, *names: str) -> list[NewCandidate]:
    return [NewCandidate(name, hall.people.get(name)) for name in names]


def election(hall: Hall, present: int = 20, seats: int = 2, names: tuple[str, ...] = ("zhou", "li", "m00"), **more: Any) -> Vote:
    return opened(hall, present, VoteKind.ELECTION, office="committee", seats=seats, candidates=candidates(hall, *names), **more)


def elected(hall: Hall, vote: Vote, votes: list[int], written: tuple[WrittenIn, ...] = (), tellers: Tellers = TELLERS) -> Vote:
    present = vote.present or 0
    given = {one.pk: (got, 0, 0) for one, got in zip(vote.candidates.all(), votes, strict=True)}
    counts = ElectionCounts(Ballots(present, present, present), given, tellers, written)
    return acts.count_election(by=fresh(hall.town.zhou), vote=vote, counts=counts)


def test_an_election_by_the_regulation_of_2020(big: Hall) -> None:
    found = elected(big, election(big, 16), [11, 10, 3])
    names = {one.name: one.is_elected for one in found.candidates.all()}
    assert names == {"zhou": True, "li": False, "m00": False}
    assert (found.is_valid, found.is_passed, Why.of(found.why).open_seats) == (True, False, 1)
    assert elected(big, election(big, 15), [15, 10, 3]).is_valid is False


def test_a_vote_on_a_day_of_the_interim_rules_uses_them(big: Hall) -> None:
    """The rows are dated: the day of the meeting decides, not today."""
    from rongtong.meetings.vote_rules import row_for

    branch = big.town.branch
    before, after = row_for("election", branch, date(2020, 7, 12)), row_for("election", branch, date(2020, 7, 13))
    assert (before.arguments["attendance_strict"], before.arguments["pass_of"]) == (True, "present")
    assert (after.arguments["attendance_strict"], after.arguments["pass_of"]) == (False, "should")
    assert row_for("election", branch, date(1995, 2, 28)).pk == before.pk
    assert not before.is_verified
    assert not after.is_verified
    with pytest.raises(Refused):
        row_for("election", branch, date(1989, 1, 1))


def test_a_tie_at_the_last_seat_elects_neither(big: Hall) -> None:
    found = elected(big, election(big, seats=1, names=("zhou", "li")), [10, 10])
    assert not any(one.is_elected for one in found.candidates.all())
    found = elected(big, election(big, seats=2, names=("zhou", "li", "m00")), [14, 12, 12])
    assert Why.of(found.why).tied == (2, 3)
    assert [one.is_elected for one in found.candidates.all()] == [True, False, False]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"names": ("zhou", "li"), "seats": 2}, "surplus"),
        ({"names": ("zhou", "zhou", "li"), "seats": 2}, "names"),
        ({"names": ("zhou", " ", "li"), "seats": 2}, "names"),
        ({"names": ("zhou", "wang", "li"), "seats": 2}, "electable"),
        ({"seats": 0}, "seats"),
    ],
)
def test_elections_that_cannot_be_opened(big: Hall, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        election(big, **more)
    assert refused.value.code == code
    assert not Vote.objects.exists()


def test_an_office_is_needed_and_secretaries_need_no_surplus(big: Hall) -> None:
    with pytest.raises(Refused) as refused:
        opened(big, 20, VoteKind.ELECTION, office="king", seats=1, candidates=candidates(big, "zhou"))
    assert refused.value.code == "office"
    assert opened(big, 20, VoteKind.ELECTION, office="secretary", seats=1, candidates=candidates(big, "zhou")).seats == 1


def test_candidates_stand_before_anybody_came_and_are_counted_later(big: Hall) -> None:
    meeting = big.prepared("assembly")
    new = NewVote(meeting, VoteKind.ELECTION, office="committee", seats=2, candidates=candidates(big, "zhou", "li", "m00"))
    vote = acts.open_vote(by=fresh(big.town.zhou), new=new)
    assert (vote.should, vote.is_valid) == (None, None)
    with pytest.raises(Conflict):
        elected(big, vote, [0, 0, 0])  # the meeting is not held
    with pytest.raises(Conflict):
        acts.open_vote(by=fresh(big.town.zhou), new=replace(new, kind=VoteKind.ASSEMBLY, candidates=()))


def test_tellers_do_not_stand(big: Hall) -> None:
    vote = election(big)
    for tellers in (Tellers("zhou", "zhao"), Tellers("qian", "m00")):
        with pytest.raises(Refused) as refused:
            elected(big, vote, [12, 11, 5], tellers=tellers)
        assert refused.value.code == "teller_stands"
    with pytest.raises(Refused) as refused:
        elected(big, vote, [12, 11, 5], (WrittenIn("qian", 2),))
    assert refused.value.code == "teller_stands"
    assert Candidate.objects.filter(vote=vote).count() == 3


def test_names_that_were_written_in_may_win(big: Hall) -> None:
    found = elected(big, election(big, seats=1, names=("zhou", "li")), [5, 3], (WrittenIn("m05", 12),))
    assert [one.name for one in found.candidates.all() if one.is_elected] == ["m05"]
    again = election(big, seats=1, names=("zhou", "li"))
    with pytest.raises(Refused) as refused:
        elected(big, again, [5, 3], (WrittenIn("zhou", 12),))
    assert refused.value.code == "names"
    assert again.candidates.count() == 2  # nothing half written


def test_every_candidate_is_counted_and_choices_stay_within_seats(big: Hall) -> None:
    vote = election(big, seats=1, names=("zhou", "li"))
    counts = ElectionCounts(Ballots(20, 20, 20), {vote.candidates.all()[0].pk: (11, 0, 0)}, TELLERS)
    with pytest.raises(Refused) as refused:
        acts.count_election(by=fresh(big.town.zhou), vote=vote, counts=counts)
    assert refused.value.code == "missing"
    with pytest.raises(Refused) as refused:
        elected(big, vote, [15, 6])
    assert refused.value.code == "choices_above_seats"
    with pytest.raises(Refused) as refused:
        elected(big, vote, [21, 0])
    assert refused.value.code == "votes_above_ballots"


def test_the_two_kinds_of_counting_do_not_mix(big: Hall) -> None:
    with pytest.raises(Refused):
        counted(big, election(big), 12)
    vote = opened(big)
    with pytest.raises(Refused):
        acts.count_election(by=fresh(big.town.zhou), vote=vote, counts=ElectionCounts(Ballots(20, 20, 20), {}, TELLERS))


# cadres


def test_votes_on_cadres_name_nobody(hall: Hall) -> None:
    """The database says the same: no item, no tellers, no candidates' seats; and where the paper lies."""
    meeting = hall.recorded("assembly")
    row = RuleRow.objects.get(code="QUORUM-CADRES")
    good = {"meeting": meeting, "kind": VoteKind.CADRES, "row": row, "holder": "组织部", "paper_file": "G-7"}
    Vote.objects.create(**good)
    for bad in ({"holder": ""}, {"paper_file": ""}, {"monitor": "qian"}, {"seats": 1}, {"item": meeting.items.all()[0]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Vote.objects.create(**(good | bad))
    assert not {"content", "name", "title", "result_text"} & {field.name for field in Vote._meta.get_fields()}


def committee(hall: Hall) -> Meeting:
    """A meeting of the Party committee to which zhou and li came."""
    PartyOrganisation.objects.update(kind="committee")
    return hall.recorded("party_committee")


def test_a_vote_on_cadres_keeps_counts_and_the_paper_file(hall: Hall) -> None:
    meeting, zhou = committee(hall), fresh(hall.town.zhou)
    new = NewVote(meeting, VoteKind.CADRES, holder="组织部", paper_file="G-7")
    for bad, code in (
        (replace(new, holder=" "), "paper"), (replace(new, paper_file=""), "paper"), (replace(new, item=meeting.items.all()[0]), "restricted"),
        (replace(new, candidates=[NewCandidate("x")]), "restricted"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            acts.open_vote(by=zhou, new=bad)
        assert refused.value.code == code
    vote = acts.open_vote(by=zhou, new=new)
    with pytest.raises(Refused) as refused:
        counted(hall, vote, 2, ballots=Ballots(2, 2, 2), tellers=TELLERS)
    assert refused.value.code == "restricted"
    found = counted(hall, vote, 2, ballots=Ballots(2, 2, 2))
    assert (found.is_valid, found.is_passed, found.monitor, found.holder) == (True, True, "", "组织部")
    detail = Entry.objects.order_by("-seq")[0].detail
    assert "name" not in detail


def test_two_of_three_of_a_committee_may_decide_on_cadres(hall: Hall) -> None:
    """The row says 0.6667; 2 of 3 is two thirds."""
    account("he", post("C7", "委员", hall.town.branch, "committee"))
    PartyOrganisation.objects.update(kind="committee")
    meeting = hall.held("party_committee")
    rows = list(meeting.attendance.filter(presence="").order_by("pk"))
    assert len(rows) == 3
    for row in rows:
        row.presence, row.reason = (Presence.LEAVE, "出差") if row.person.name == "he" else (Presence.PRESENT, "")
    Attendance.objects.bulk_update(rows, ["presence", "reason"])
    new = NewVote(meeting, VoteKind.CADRES, holder="组织部", paper_file="G-8")
    found = counted(hall, acts.open_vote(by=fresh(hall.town.zhou), new=new), 2)
    assert (found.should, found.present, found.is_valid, found.is_passed) == (3, 2, True, True)


def test_a_suspended_committee_member_has_no_vote_there_either(hall: Hall) -> None:
    meeting = committee(hall)
    roster.suspend(by=SYSTEM, new=roster.NewSuspension(hall.people["li"], date(2026, 11, 1), "纪委", "J-1"))
    new = NewVote(meeting, VoteKind.COMMITTEE)
    with pytest.raises(Refused, match="li"):
        acts.open_vote(by=fresh(hall.town.zhou), new=new)
    meeting.attendance.filter(person=hall.people["li"]).update(votes=False)
    assert acts.open_vote(by=fresh(hall.town.zhou), new=new).should == 1


def test_a_secretary_of_short_standing_is_only_hinted_at(big: Hall) -> None:
    from rongtong.meetings.vote_queries import standing_hints

    Person.objects.filter(pk=big.people["m00"].pk).update(joined_on=date(2026, 1, 1))
    big.people["m00"].refresh_from_db()
    vote = opened(big, 20, VoteKind.ELECTION, office="secretary", seats=1, candidates=candidates(big, "m00", "zhou"))
    assert [hint.split(" ")[0] for hint in standing_hints(vote)] == ["m00"]


def test_the_numbers_of_a_counted_vote_are_there(hall: Hall) -> None:
    row, meeting = RuleRow.objects.get(code="QUORUM-ASSEMBLY"), hall.recorded("assembly")
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(meeting=meeting, kind=VoteKind.ASSEMBLY, row=row, is_valid=True)
