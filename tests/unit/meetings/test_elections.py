"""The path to a re-election: papers, one extension within the rule, appointments by a person, a new term."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from tests.town import fresh, post
from tests.unit.meetings.conftest import HELD, Hall

from rongtong.audit.models import Entry
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.meetings import election_actions as acts
from rongtong.meetings import elections, vote_actions
from rongtong.meetings.models import TermStep, TermStepKind, Vote, VoteKind
from rongtong.meetings.vote_actions import ElectionCounts, NewCandidate, NewVote, Tellers
from rongtong.meetings.voting import Ballots
from rongtong.organization.models import Appointment, PartyOrganisation
from rongtong.rules import actions as rules

ELECTED = date(2024, 2, 29)
TODAY = date(2026, 11, 23)


@pytest.fixture
def party(hall: Hall) -> PartyOrganisation:
    PartyOrganisation.objects.update(elected_on=ELECTED, term_years=3)
    return PartyOrganisation.objects.select_related("node").get(pk=hall.town.branch.pk)


def again(party: PartyOrganisation) -> PartyOrganisation:
    return PartyOrganisation.objects.select_related("node").get(pk=party.pk)


def test_terms_end_on_the_28th_after_a_29th_and_follow_a_changed_length(party: PartyOrganisation) -> None:
    assert elections.term_of(party, TODAY).expires_on == date(2027, 2, 28)
    party.term_years = 4
    assert elections.term_of(party, TODAY).expires_on == date(2028, 2, 29)
    party.term_years = 5
    assert elections.term_of(party, TODAY).expires_on == date(2029, 2, 28)


@pytest.mark.parametrize(
    ("today", "tone"),
    [(date(2026, 8, 27), "green"), (date(2026, 8, 28), "amber"), (date(2026, 11, 27), "amber"), (date(2026, 11, 28), "orange"),
     (date(2027, 2, 28), "orange"), (date(2027, 3, 1), "red")],
)  # fmt: skip
def test_the_steps_of_the_rule_row_colour_a_term(party: PartyOrganisation, today: date, tone: str) -> None:
    assert elections.term_of(party, today).tone == tone


def test_what_is_not_known_has_no_colour(party: PartyOrganisation) -> None:
    party.elected_on = None
    assert elections.term_of(party, TODAY).tone == "none"


def test_reminder_request_reply_in_their_order(hall: Hall, party: PartyOrganisation) -> None:
    office, zhou, node = fresh(hall.town.office), fresh(hall.town.zhou), party.node
    with pytest.raises(Refused) as refused:
        acts.reply(by=office, node=node, on=TODAY, document="批1")
    assert refused.value.code == "no_request"
    acts.remind(by=office, node=node, on=date(2026, 9, 1))
    assert again(party).reminded_on == date(2026, 9, 1)
    acts.record_paper(by=zhou, node=node, kind=TermStepKind.REQUEST_ELECTION, on=date(2026, 11, 2), document="请〔2026〕3号")
    with pytest.raises(Refused) as refused:
        acts.reply(by=office, node=node, on=date(2026, 11, 1), document="批1")
    assert refused.value.code == "order"
    acts.reply(by=office, node=node, on=date(2026, 11, 9), document="批〔2026〕8号")
    steps = elections.path_of(again(party), elections.term_of(party, TODAY), list(TermStep.objects.all()), [], TODAY)
    assert [(one.code, one.state) for one in steps][:4] == [("remind", "done"), ("request", "done"), ("reply", "done"), ("hold", "now")]
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.kind, entry.object_id) == ("elections.reply", str(party.pk))


PAPERS: dict[str, Callable[[Any, PartyOrganisation], Any]] = {
    "remind": lambda by, p: acts.remind(by=by, node=p.node, on=TODAY),
    "request": lambda by, p: acts.record_paper(by=by, node=p.node, kind=TermStepKind.REQUEST_ELECTION, on=TODAY, document="请1"),
    "reply": lambda by, p: acts.reply(by=by, node=p.node, on=TODAY, document="批1"),
    "extend": lambda by, p: acts.request_extension(by=by, node=p.node, on=TODAY, to=date(2027, 6, 1), document="请2"),
    "approve": lambda by, p: acts.approve_extension(by=by, node=p.node, on=TODAY, document="批2"),
}


@pytest.mark.parametrize("what", PAPERS)
def test_who_may_not_record_papers(hall: Hall, party: PartyOrganisation, what: str) -> None:
    with pytest.raises(Unseen):
        PAPERS[what](fresh(hall.town.stranger), party)
    if what in {"remind", "reply", "approve"}:  # the superior's part
        with pytest.raises(NotAllowed):
            PAPERS[what](fresh(hall.town.zhou), party)
    assert not TermStep.objects.exists()


def test_papers_need_their_number_and_a_day_that_was(hall: Hall, party: PartyOrganisation) -> None:
    for more in ({"document": " ", "on": TODAY}, {"document": "请1", "on": date(2026, 11, 24)}):
        with pytest.raises(Refused):
            acts.record_paper(by=fresh(hall.town.zhou), node=party.node, kind=TermStepKind.REPORT, **more)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        acts.record_paper(by=fresh(hall.town.zhou), node=party.node, kind=TermStepKind.REPLY_EXTENSION, on=TODAY, document="x")
    with pytest.raises(Refused):
        acts.record_paper(by=fresh(hall.town.office), node=hall.town.shop, kind=TermStepKind.REPORT, on=TODAY, document="x")


def extended(hall: Hall, party: PartyOrganisation, to: date = date(2028, 2, 28)) -> TermStep:
    acts.request_extension(by=fresh(hall.town.zhou), node=party.node, on=date(2026, 11, 20), to=to, document="请〔2026〕9号")
    return acts.approve_extension(by=fresh(hall.town.office), node=party.node, on=TODAY, document="批〔2026〕9号")


def test_an_extension_moves_the_end_once(hall: Hall, party: PartyOrganisation) -> None:
    step = extended(hall, party)
    assert (step.kind, step.extends_to, again(party).expires_on) == (TermStepKind.REPLY_EXTENSION, date(2028, 2, 28), date(2028, 2, 28))
    for act in (
        lambda: acts.request_extension(by=fresh(hall.town.zhou), node=party.node, on=TODAY, to=date(2028, 6, 1), document="请10"),
        lambda: acts.approve_extension(by=fresh(hall.town.office), node=party.node, on=TODAY, document="批10"),
    ):
        with pytest.raises(Refused, match="second extension is in principle not allowed") as refused:
            act()
        assert refused.value.code == "second_extension"
        assert "exception to rule ORG-04" in str(refused.value)


@pytest.mark.parametrize(("to", "code"), [(date(2027, 2, 28), "early"), (date(2028, 2, 29), "limit")])
def test_an_extension_stays_within_the_days_of_the_row(hall: Hall, party: PartyOrganisation, to: date, code: str) -> None:
    """365 days after 28 February 2027 is 28 February 2028: a day more is refused."""
    with pytest.raises(Refused) as refused:
        acts.request_extension(by=fresh(hall.town.zhou), node=party.node, on=TODAY, to=to, document="请1")
    assert refused.value.code == code


def test_an_approval_needs_a_request_of_this_term(hall: Hall, party: PartyOrganisation) -> None:
    with pytest.raises(Refused) as refused:
        acts.approve_extension(by=fresh(hall.town.office), node=party.node, on=TODAY, document="批1")
    assert refused.value.code == "no_request"
    PartyOrganisation.objects.update(elected_on=None)
    with pytest.raises(Refused) as refused:
        acts.request_extension(by=fresh(hall.town.zhou), node=party.node, on=TODAY, to=date(2027, 6, 1), document="请1")
    assert refused.value.code == "no_term"


def test_beyond_it_only_an_exception_that_another_person_approves(hall: Hall, party: PartyOrganisation) -> None:
    extended(hall, party)
    asked = rules.request_exception(
        by=fresh(hall.town.zhou), code="ORG-04", node=party.node, starts_on=date(2026, 11, 1), ends_on=date(2028, 9, 1), reason="重组"
    )
    assert elections.second_extension(party.node, TODAY) is None
    with pytest.raises(NotAllowed):
        rules.decide_exception(by=fresh(hall.town.li), exception=asked, is_approved=True)
    rules.decide_exception(by=fresh(hall.town.office), exception=asked, is_approved=True)
    found = elections.second_extension(party.node, TODAY)
    assert found is not None
    assert found.ends_on == date(2028, 9, 1)


def held(
    hall: Hall, votes: tuple[int, int] = (3, 0), office: str = "secretary", names: tuple[str, ...] = ("li", "zhou"), **more: Any
) -> Vote:
    """An election of the secretary at an assembly of three with a vote."""
    zhou = fresh(hall.town.zhou)
    meeting = hall.recorded("assembly", hour=14)
    new = NewVote(
        meeting, VoteKind.ELECTION, office=office, seats=1, candidates=[NewCandidate(one, hall.people[one]) for one in names], **more
    )
    vote = vote_actions.open_vote(by=zhou, new=new)
    given = {one.pk: (got, 0, 0) for one, got in zip(vote.candidates.all(), votes, strict=True)}
    return vote_actions.count_election(by=zhou, vote=vote, counts=ElectionCounts(Ballots(3, 3, 3), given, Tellers("sun", "qian")))


def seat(vote: Vote, hall: Hall, name: str = "li") -> acts.Seat:
    return acts.Seat(vote.candidates.get(name=name), hall.town.secretary)


def test_appointments_are_made_by_a_person_and_start_the_term(hall: Hall, party: PartyOrganisation) -> None:
    extended(hall, party)
    vote = held(hall)
    assert again(party).elected_on == ELECTED  # nothing follows by itself
    found = acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall)], on=HELD, document="批〔2026〕20号")
    serving = Appointment.objects.on(HELD).get(post=hall.town.secretary)
    before = Appointment.objects.get(post=hall.town.secretary, person=hall.people["zhou"])
    assert (serving.person, before.ends_on, found.appointed_on) == (hall.people["li"], HELD, HELD)
    now = again(party)
    assert (now.elected_on, now.extended_to, now.reminded_on, now.expires_on) == (HELD, None, None, date(2029, 11, 20))
    assert Entry.objects.filter(kind="elections.appoint").count() == 1
    with pytest.raises(Conflict):
        acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall)], on=HELD, document="批")
    with pytest.raises(Refused):
        vote_actions.void(by=fresh(hall.town.zhou), vote=vote, reason="later")


def test_a_by_election_fills_a_seat_and_starts_no_term(hall: Hall, party: PartyOrganisation) -> None:
    vote = held(hall, is_by_election=True)
    acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall)], on=TODAY, document="备1")
    assert again(party).elected_on == ELECTED
    assert Appointment.objects.on(TODAY).get(post=hall.town.secretary).person == hall.people["li"]


def test_somebody_re_elected_to_the_same_post_goes_on(hall: Hall, party: PartyOrganisation) -> None:
    vote = held(hall, votes=(0, 3))
    acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall, "zhou")], on=TODAY, document="批1")
    assert Appointment.objects.filter(post=hall.town.secretary).count() == 1
    assert again(party).elected_on == HELD


def test_appointments_that_are_refused(hall: Hall, party: PartyOrganisation) -> None:
    vote = held(hall)
    other = post("D9", "副书记", hall.town.branch, "deputy")
    office = fresh(hall.town.office)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"document": " "}, "document"), ({"on": date(2026, 11, 19)}, "order"), ({"seats": []}, "seats"),
        ({"seats": [seat(vote, hall), seat(vote, hall)]}, "seats"), ({"seats": [seat(vote, hall, "zhou")]}, "not_elected"),
        ({"seats": [acts.Seat(vote.candidates.get(name="li"), other)]}, "post"),
    ]  # fmt: skip
    for more, code in cases:
        given: dict[str, Any] = {"seats": [seat(vote, hall)], "on": TODAY, "document": "批1"} | more
        with pytest.raises(Refused) as refused:
            acts.appoint_elected(by=office, vote=vote, **given)
        assert refused.value.code == code
    with pytest.raises(NotAllowed):
        acts.appoint_elected(by=fresh(hall.town.zhou), vote=vote, seats=[seat(vote, hall)], on=TODAY, document="批1")
    assert again(party).elected_on == ELECTED
    assert Appointment.objects.on(TODAY).get(post=hall.town.secretary).person == hall.people["zhou"]


def test_a_name_without_a_person_and_an_invalid_vote_lead_nowhere(hall: Hall, party: PartyOrganisation) -> None:
    vote = held(hall)
    vote.candidates.filter(name="li").update(person=None)
    with pytest.raises(Refused) as refused:
        acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall)], on=TODAY, document="批1")
    assert refused.value.code == "no_person"
    Vote.objects.filter(pk=vote.pk).update(is_valid=False, is_passed=None)
    with pytest.raises(Refused) as refused:
        acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall)], on=TODAY, document="批1")
    assert refused.value.code == "not_valid"


def test_a_failing_appointment_keeps_nothing(hall: Hall, party: PartyOrganisation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appointments, term and the vote's mark are one act."""
    vote = held(hall)

    def fails(by: Any, vote: Vote) -> None:
        raise RuntimeError("term")

    monkeypatch.setattr(acts, "_start_term", fails)
    with pytest.raises(RuntimeError):
        acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall)], on=TODAY, document="批1")
    assert Appointment.objects.on(TODAY).get(post=hall.town.secretary).person == hall.people["zhou"]
    vote.refresh_from_db()
    assert vote.appointed_on is None


def test_a_new_term_has_a_path_of_its_own(hall: Hall, party: PartyOrganisation) -> None:
    acts.remind(by=fresh(hall.town.office), node=party.node, on=date(2026, 9, 1))
    vote = held(hall)
    acts.appoint_elected(by=fresh(hall.town.office), vote=vote, seats=[seat(vote, hall)], on=TODAY, document="批1")
    now = again(party)
    with clock.frozen(datetime(2026, 11, 24)):
        term = elections.term_of(now, clock.today())
        steps = elections.path_of(now, term, list(TermStep.objects.all()), elections.elections_at(now.node), clock.today())
    assert {one.state for one in steps} == {"later"}
