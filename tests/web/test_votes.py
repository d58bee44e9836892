"""Pages of votes, re-elections and talks: works, another unit's is 404, without the right 403, bad input keeps what was typed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.town import fresh
from tests.unit.meetings.conftest import HELD, Hall, hall  # noqa: F401  (the fixture)
from tests.web.english import in_english

from rongtong.access.models import Grant, Source
from rongtong.accounts.models import User
from rongtong.audit.models import Entry
from rongtong.meetings import vote_actions
from rongtong.meetings.models import Meeting, Presence, Talk, TermStep, Vote, VoteKind
from rongtong.meetings.vote_actions import NewCandidate, NewVote
from rongtong.organization.models import Appointment, PartyOrganisation

SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    def signed(user: User) -> Client:
        client = in_english(Client())
        client.force_login(fresh(user))
        return client

    return signed


@pytest.fixture
def reader(hall: Hall) -> User:  # noqa: F811
    """Sees meetings of the branch, runs none."""
    Grant.objects.create(
        user=hall.town.chen, role="leader", node=hall.town.branch, reach="subtree", source=Source.DERIVED, starts_on=date(2020, 1, 1)
    )
    Grant.objects.filter(user=hall.town.chen, role="manager").delete()
    return hall.town.chen


def opened(hall: Hall, kind: str = VoteKind.ASSEMBLY, **more: Any) -> Vote:  # noqa: F811
    return vote_actions.open_vote(by=fresh(hall.town.zhou), new=NewVote(hall.recorded("assembly"), kind, **more))


def election(hall: Hall) -> Vote:  # noqa: F811
    stand = [NewCandidate(name, hall.people[name]) for name in ("li", "sun")]
    return opened(hall, VoteKind.ELECTION, office="committee", seats=1, candidates=stand)


def test_a_vote_is_opened_counted_and_shown(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    client, meeting = sign_in(hall.town.zhou), hall.recorded("assembly")
    item = meeting.items.all()[0]
    url = f"/meetings/votes/open?meeting={meeting.pk}&kind=assembly"
    assert client.get(url).status_code == 200
    answer = client.post(url, {"item": item.pk})
    vote = Vote.objects.get()
    assert answer.headers["Location"] == f"/meetings/votes/{vote.pk}/"
    assert "3 of 3 who may vote came" in client.get(f"/meetings/votes/{vote.pk}/").content.decode()
    count = f"/meetings/votes/{vote.pk}/count"
    assert client.get(count).status_code == 200
    bad = client.post(count, {"votes_for": "4", "against": "0", "abstained": "0"})
    assert bad.status_code == 422
    assert "4 votes, but 3 present with a vote" in bad.content.decode()
    assert 'value="4"' in bad.content.decode()
    half = client.post(count, {"votes_for": "2", "against": "1", "abstained": "0", "issued": "3"})
    assert "Write all three counts" in half.content.decode()
    assert client.post(count, {"votes_for": "2", "against": "1", "abstained": "0"}).status_code == 302
    page = client.get(f"/meetings/votes/{vote.pk}/").content.decode()
    assert "2 in favour; more than 1/2 of 3 who should attend is at least 2" in page
    assert "by show of hands" in page
    assert "passed" in client.get("/meetings/votes/").content.decode()


def test_attendance_that_is_missing_is_said_on_the_form(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting = hall.held("assembly")
    answer = sign_in(hall.town.zhou).post(f"/meetings/votes/open?meeting={meeting.pk}&kind=assembly", {"item": ""})
    assert answer.status_code == 422
    assert "Attendance is not recorded of" in answer.content.decode()
    assert not Vote.objects.exists()


def test_a_kind_that_holds_no_vote_says_so(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting = hall.held("organisational_life")
    page = sign_in(hall.town.zhou).get(f"/meetings/votes/open?meeting={meeting.pk}")
    assert "holds no vote here" in page.content.decode()


ELECTION = {"item": "", "office": "committee", "seats": "1", "candidates": "E-li\nsun\n"}


def test_an_election_from_candidates_to_appointments(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    from tests.town import post

    seat = post("C1", "组织委员", hall.town.branch, "committee")
    client, meeting = sign_in(hall.town.zhou), hall.recorded("assembly")
    url = f"/meetings/votes/open?meeting={meeting.pk}&kind=election"
    few = client.post(url, ELECTION | {"candidates": "E-li"})
    assert few.status_code == 422
    assert "candidates needed: 2, named: 1" in few.content.decode()
    assert client.post(url, ELECTION).status_code == 302
    vote = Vote.objects.get()
    li, sun = vote.candidates.all()
    assert (li.person, sun.person) == (hall.people["li"], hall.people["sun"])
    counts = {
        f"c{li.pk}_for": "1",
        f"c{sun.pk}_for": "2",
        "issued": "3",
        "returned": "3",
        "valid": "3",
        "monitor": "qian",
        "counter": "zhao",
    }
    counts |= {f"c{one.pk}_{part}": "0" for one in (li, sun) for part in ("against", "abstained")}
    wrong = client.post(f"/meetings/votes/{vote.pk}/count", counts | {"monitor": "sun"})
    assert "sun stands for election" in wrong.content.decode()
    assert client.post(f"/meetings/votes/{vote.pk}/count", counts | {f"c{li.pk}_for": ""}).status_code == 422
    assert client.post(f"/meetings/votes/{vote.pk}/count", counts | {"written_in": "nobody"}).status_code == 422
    assert client.post(f"/meetings/votes/{vote.pk}/count", counts).status_code == 302
    page = client.get(f"/meetings/votes/{vote.pk}/").content.decode()
    assert "elected: sun" in " ".join(page.split())
    assert "/appoint" not in page  # the superior's part
    office = sign_in(hall.town.office)
    appoint = f"/meetings/votes/{vote.pk}/appoint"
    assert "组织委员 (vacant)" in office.get(appoint).content.decode()
    assert office.post(appoint, {"on": "2026-11-21", "document": "", f"post{sun.pk}": seat.pk}).status_code == 422
    assert office.post(appoint, {"on": "2026-11-21", "document": "备1", f"post{sun.pk}": seat.pk}).status_code == 302
    assert Appointment.objects.on(date(2026, 11, 21)).get(post=seat).person == hall.people["sun"]
    assert PartyOrganisation.objects.get(pk=hall.town.branch.pk).elected_on == HELD


def test_a_tie_offers_a_second_ballot_with_the_same_names(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    vote = election(hall)
    meeting = vote.meeting
    meeting.attendance.filter(person=hall.people["zhou"]).update(presence=Presence.PRESENT)
    counts = {one.pk: (1, 0, 0) for one in vote.candidates.all()}
    from rongtong.meetings.vote_actions import ElectionCounts, Tellers
    from rongtong.meetings.voting import Ballots

    vote_actions.count_election(by=fresh(hall.town.zhou), vote=vote, counts=ElectionCounts(Ballots(3, 3, 3), counts, Tellers("q", "z")))
    client = sign_in(hall.town.zhou)
    page = client.get(f"/meetings/votes/{vote.pk}/").content.decode()
    assert "1 seat is open. A second ballot is proposed for it." in page
    form = client.get(f"/meetings/votes/open?meeting={meeting.pk}&kind=election&second_of={vote.pk}").content.decode()
    assert "E-li" in form
    assert "E-sun" in form
    url = f"/meetings/votes/open?meeting={meeting.pk}&kind=election&second_of={vote.pk}"
    assert client.post(url, ELECTION).status_code == 302
    assert Vote.objects.get(second_of=vote).seats == 1


@pytest.mark.parametrize("what", ["ballots", "tally"])
def test_papers_are_printed_before_the_count(hall: Hall, sign_in: SignIn, what: str) -> None:  # noqa: F811
    vote, client = election(hall), sign_in(hall.town.zhou)
    answer = client.get(f"/meetings/votes/{vote.pk}/paper/{what}?format=docx&copies=3")
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert client.get(f"/meetings/votes/{vote.pk}/paper/result?format=docx").status_code == 422
    assert client.get(f"/meetings/votes/{vote.pk}/paper/ballots?format=docx&copies=0").status_code == 422
    assert client.get(f"/meetings/votes/{vote.pk}/paper/poem").status_code == 404
    assert client.get(f"/meetings/votes/{vote.pk}/paper/tally?format=exe").status_code == 404


def test_voiding_asks_why(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    vote, client = opened(hall), sign_in(hall.town.zhou)
    assert client.post(f"/meetings/votes/{vote.pk}/void", {"reason": ""}).status_code == 422
    assert client.post(f"/meetings/votes/{vote.pk}/void", {"reason": "票箱未封"}).status_code == 302
    assert "票箱未封" in client.get(f"/meetings/votes/{vote.pk}/").content.decode()


def test_votes_of_others_are_404_and_reading_is_not_writing(hall: Hall, sign_in: SignIn, reader: User) -> None:  # noqa: F811
    vote = opened(hall)
    reading, far = sign_in(reader), sign_in(hall.town.stranger)
    base = f"/meetings/votes/{vote.pk}/"
    assert reading.get(base).status_code == 200
    assert reading.get(f"{base}paper/tally?format=docx").status_code == 200
    for url in (f"{base}count", f"{base}appoint", f"/meetings/votes/open?meeting={vote.meeting_id}"):
        assert (reading.get(url).status_code, reading.post(url, {}).status_code) == (403, 403), url
        assert (far.get(url).status_code, far.post(url, {}).status_code) == (404, 404), url
    assert reading.post(f"{base}void", {"reason": "x"}).status_code == 403
    assert far.post(f"{base}void", {"reason": "x"}).status_code == 404
    assert far.get(base).status_code == 404
    assert str(vote.pk) not in far.get("/meetings/votes/").content.decode().split("<tbody>")[1].split("</tbody>")[0]


# re-elections


@pytest.fixture
def term(hall: Hall) -> str:  # noqa: F811
    PartyOrganisation.objects.update(elected_on=date(2024, 2, 29), term_years=3)
    return f"/meetings/elections/{hall.town.branch.pk}/"


def test_the_path_says_what_is_next(hall: Hall, term: str, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in(hall.town.office)
    page = client.get(term).content.decode()
    assert "the term ends on 2027-02-28" in page
    assert "97 days left" in page
    assert client.post(f"{term}record/remind", {"on": "2026-12-01", "document": ""}).status_code == 422
    assert client.post(f"{term}record/remind", {"on": "2026-09-01", "document": "函3"}).status_code == 302
    assert client.post(f"{term}record/request", {"on": "2026-11-02", "document": "请3"}).status_code == 302
    assert client.post(f"{term}record/reply", {"on": "2026-11-09", "document": "批3"}).status_code == 302
    assert TermStep.objects.count() == 3
    page = client.get(term).content.decode()
    assert "2026-11-09 批3" in page
    assert client.get(f"{term}record/dance").status_code == 404
    assert "2027-02-28" in client.get("/meetings/elections/").content.decode()


def test_an_extension_by_request_and_approval_and_no_second(hall: Hall, term: str, sign_in: SignIn) -> None:  # noqa: F811
    zhou, office = sign_in(hall.town.zhou), sign_in(hall.town.office)
    form = {"on": "2026-11-20", "to": "2028-02-29", "document": "请9"}
    far = zhou.post(f"{term}record/extend", form)
    assert far.status_code == 422
    assert "at most 365 days" in far.content.decode()
    assert zhou.post(f"{term}record/extend", form | {"to": "2027-08-28"}).status_code == 302
    assert zhou.get(f"{term}record/approve").status_code == 403
    assert office.post(f"{term}record/approve", {"on": "2026-11-22", "document": "批9"}).status_code == 302
    again = zhou.post(f"{term}record/extend", form | {"to": "2028-01-01"})
    assert "second extension is in principle not allowed" in again.content.decode()
    page = zhou.get(term).content.decode()
    assert "extended to 2027-08-28" in " ".join(page.split())
    assert f"/rules/ORG-04/at/{hall.town.branch.pk}/exception" in page


def test_the_election_meeting_is_prepared_with_its_items(hall: Hall, term: str, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in(hall.town.zhou)
    assert client.get(f"{term}start").status_code == 200
    assert client.post(f"{term}start", {"on": "soon", "at": "14:00", "place": ""}).status_code == 422
    assert client.post(f"{term}start", {"on": "2026-12-04", "at": "14:00", "place": "会议室"}).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.kind.code, meeting.title) == ("assembly", "一车间党支部换届选举党员大会")
    assert [item.topic for item in meeting.items.all()] == ["election", "election"]
    assert meeting.title in client.get(term).content.decode()


def test_re_elections_of_others(hall: Hall, term: str, sign_in: SignIn, reader: User) -> None:  # noqa: F811
    reading, far = sign_in(reader), sign_in(hall.town.stranger)
    assert reading.get(term).status_code == 200
    assert far.get(term).status_code == 404
    for what in ("start", "record/request", "record/remind", "record/extend"):
        assert (reading.get(term + what).status_code, far.get(term + what).status_code) == (403, 404)
    assert sign_in(hall.town.wang).get("/meetings/elections/").status_code == 403


def test_a_term_that_is_not_known_is_not_reckoned(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    page = sign_in(hall.town.zhou).get(f"/meetings/elections/{hall.town.branch.pk}/").content.decode()
    assert "nothing is reckoned from a guess" in page


# talks


def test_a_talk_is_recorded_with_two_names(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    client, url = sign_in(hall.town.zhou), f"/meetings/talks/{hall.town.branch.pk}/"
    assert "5 talks still to hold" in client.get(url).content.decode()
    entry = Entry.objects.order_by("-seq")[0]  # who read the names is kept
    assert (entry.kind, entry.object_id, entry.actor_uid) == ("talks.read", str(hall.town.branch.pk), str(hall.town.zhou.uid))
    form = client.get(f"{url}record?with={hall.people['li'].pk}").content.decode()
    assert f'value="{hall.people["zhou"].pk}" selected' in form
    assert "What was said is not written down here" in form
    given = {"first": hall.people["zhou"].pk, "second": hall.people["li"].pk, "on": "2026-11-20"}
    assert client.post(f"{url}record", given | {"second": hall.people["zhou"].pk}).status_code == 422
    assert client.post(f"{url}record", given | {"on": "2026-12-20"}).status_code == 422
    assert client.post(f"{url}record", given).status_code == 302
    page = client.get(url).content.decode()
    assert "4 talks still to hold" in page
    assert "✓ 11-20" in page
    assert "4 still to hold" in client.get("/meetings/talks/").content.decode()
    talk = Talk.objects.get()
    assert client.post(f"/meetings/talks/entries/{talk.pk}/void").status_code == 302
    assert "5 talks still to hold" in client.get(url).content.decode()


def test_talks_of_others(hall: Hall, sign_in: SignIn, reader: User) -> None:  # noqa: F811
    url = f"/meetings/talks/{hall.town.branch.pk}/"
    talk = Talk.objects.create(
        node=hall.town.branch, pair="committee_committee", first=hall.people["zhou"], second=hall.people["li"], on=HELD, recorded_by="x"
    )
    reading, far = sign_in(reader), sign_in(hall.town.stranger)
    assert reading.get(url).status_code == 200
    assert reading.get(f"{url}record").status_code == 403
    assert reading.post(f"/meetings/talks/entries/{talk.pk}/void").status_code == 403
    assert far.get(url).status_code == 404
    assert far.post(f"/meetings/talks/entries/{talk.pk}/void").status_code == 404


def test_the_pages_keep_their_budget(hall: Hall, term: str, sign_in: SignIn, django_assert_max_num_queries: Any) -> None:  # noqa: F811
    vote, client = election(hall), sign_in(hall.town.zhou)
    urls = [
        "/meetings/votes/",
        "/meetings/elections/",
        "/meetings/talks/",
        f"/meetings/votes/{vote.pk}/",
        term,
        f"/meetings/talks/{hall.town.branch.pk}/",
    ]
    for url in urls:
        client.get(url)
        with django_assert_max_num_queries(20):
            assert client.get(url).status_code == 200
