"""Pages of the roster: works, another unit's is 404, without the right 403, bad input keeps what was typed."""

from collections.abc import Callable

import pytest
from django.test import Client
from tests.town import fresh
from tests.unit.roster.conftest import DAY, Club, club  # noqa: F401  (the fixture)
from tests.web.english import in_english

from rongtong.access.models import Grant, Source
from rongtong.accounts.models import User
from rongtong.audit.models import Entry
from rongtong.kernel.act import SYSTEM
from rongtong.roster import actions
from rongtong.roster.models import Affiliation, Exclusion, Suspension
from rongtong.roster.queries import voters

SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    def signed(user: User) -> Client:
        client = in_english(Client())
        client.force_login(fresh(user))
        return client

    return signed


@pytest.fixture
def reader(club: Club) -> User:  # noqa: F811
    """Sees people of the branch, may change nothing."""
    Grant.objects.create(user=club.town.chen, role="manager", node=club.branch, reach="subtree", source=Source.DERIVED, starts_on=DAY)
    return club.town.chen


def test_a_page_of_members_says_who_votes_and_is_noted(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    club.join("an")
    club.join("pro", club.group, "probationary")
    answer = sign_in(club.town.zhou).get(f"/organization/roster/{club.branch.pk}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "2 members, 2 should attend, <b>1</b> of them vote" in page
    assert "probationary member" in page
    assert Entry.objects.order_by("-seq")[0].kind == "roster.read"


def test_an_organisation_without_members_says_so(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    page = sign_in(club.town.zhou).get(f"/organization/roster/{club.branch.pk}/").content.decode()
    assert "has no member on record: who should attend is not known" in page
    assert "proposed affiliation" in page


def test_an_earlier_day_and_a_day_nobody_can_read(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    club.join("an")
    client, url = sign_in(club.town.zhou), f"/organization/roster/{club.branch.pk}/"
    assert "no member on record" in client.get(f"{url}?on=2025-02-28").content.decode()
    page = client.get(f"{url}?on=soon").content.decode()
    assert "“soon” is not a date" in page
    assert "an</a>" in page


def test_the_list_shows_figures_and_no_names(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    club.join("an")
    page = sign_in(club.town.zhou).get("/organization/roster/").content.decode()
    assert "一车间党支部" in page
    assert "二车间党支部" not in page
    assert ">an<" not in page
    assert sign_in(club.town.wang).get("/organization/roster/").status_code == 404


ADD = {"person": "M-an", "standing": "formal", "starts_on": "2026-03-01", "source": ""}


def test_a_member_is_added_and_bad_input_is_kept(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    client, url = sign_in(club.town.zhou), f"/organization/roster/{club.branch.pk}/add"
    assert client.get(url).status_code == 200
    for bad, words in (
        ({"person": "M-x"}, "is not the code of a person"), ({"starts_on": "31.2."}, "is not a date"), ({"person": "M-none"}, "not recorded as a member"),
    ):  # fmt: skip
        answer = client.post(url, ADD | bad)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Affiliation.objects.exists()
    assert client.post(url, ADD).status_code == 302
    assert Affiliation.objects.get().party == club.branch


def test_proposals_are_confirmed_by_ticks(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    client, url = sign_in(club.town.zhou), f"/organization/roster/{club.branch.pk}/propose"
    assert "一车间 · 一车间职工" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"person": [club.people["wang"].pk, club.people["an"].pk]}).status_code == 302
    assert [row.person.name for row in Affiliation.objects.all()] == ["wang"]  # an was never proposed


def test_move_confirm_end(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in(club.town.zhou)
    row = club.join("pro", standing="probationary")
    url = f"/organization/roster/affiliations/{row.pk}/"
    assert client.get(f"{url}fly").status_code == 404
    assert client.post(f"{url}confirm", {"on": "2020-01-01"}).status_code == 422
    assert client.post(f"{url}confirm", {"on": "2026-03-01"}).status_code == 302
    row = Affiliation.objects.get(ends_on=None)
    url = f"/organization/roster/affiliations/{row.pk}/"
    assert client.post(f"{url}move", {"to": "P9", "on": "2026-05-01"}).status_code == 422
    assert client.post(f"{url}move", {"to": "P1-1", "on": "2026-05-01"}).status_code == 302
    row = Affiliation.objects.get(ends_on=None)
    assert row.party == club.group
    assert client.post(f"/organization/roster/affiliations/{row.pk}/end", {"on": "2026-11-01"}).status_code == 302
    assert not Affiliation.objects.filter(ends_on=None).exists()


EXCLUDE = {"reason": "away", "consent_document": "批1", "assembly_on": "2026-10-01", "starts_on": "2026-10-02", "ends_on": "2027-06-01"}


def test_left_out_and_counted_again(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    client, url = sign_in(club.town.zhou), f"/organization/roster/{club.branch.pk}/exclude"
    row = club.join("an")
    assert client.post(url, EXCLUDE | {"member": row.person_id, "consent_document": ""}).status_code == 422
    assert client.post(url, EXCLUDE | {"member": club.people["bo"].pk}).status_code == 422
    assert client.post(url, EXCLUDE | {"member": row.person_id}).status_code == 302
    assert voters(club.branch, DAY) == []
    exclusion = Exclusion.objects.get()
    assert client.post(f"/organization/roster/exclusions/{exclusion.pk}/end", {"on": "2026-11-01"}).status_code == 302
    assert len(voters(club.branch, DAY)) == 1


SUSPEND = {"starts_on": "2026-10-02", "ends_on": "", "holder": "纪委", "paper_file": "J-1"}


def test_suspended_and_lifted(club: Club, sign_in: SignIn) -> None:  # noqa: F811
    client, url = sign_in(club.town.zhou), f"/organization/roster/{club.branch.pk}/suspend"
    row = club.join("an")
    assert "Do not write why" in client.get(url).content.decode()
    assert client.post(url, SUSPEND | {"member": row.person_id, "paper_file": ""}).status_code == 422
    assert client.post(url, SUSPEND | {"member": row.person_id}).status_code == 302
    assert voters(club.branch, DAY) == []
    page = client.get(f"/organization/roster/{club.branch.pk}/").content.decode()
    assert "right to vote suspended" in page
    suspension = Suspension.objects.get()
    assert client.post(f"/organization/roster/suspensions/{suspension.pk}/lift", {"on": "2026-10-01"}).status_code == 422
    assert client.post(f"/organization/roster/suspensions/{suspension.pk}/lift", {"on": "2026-11-01"}).status_code == 302


def test_other_units_are_404_and_without_the_right_403(club: Club, sign_in: SignIn, reader: User) -> None:  # noqa: F811
    row = club.join("an")
    exclusion = actions.exclude(
        by=SYSTEM,
        new=actions.NewExclusion(row.person, club.branch, "away", "批1", DAY.replace(month=10), DAY.replace(day=1), DAY.replace(month=12)),
    )
    suspension = actions.suspend(by=SYSTEM, new=actions.NewSuspension(row.person, DAY.replace(day=1), "纪委", "J-1"))
    urls = [f"/organization/roster/{club.branch.pk}/{what}" for what in ("add", "propose", "exclude", "suspend")]
    urls += [f"/organization/roster/affiliations/{row.pk}/{what}" for what in ("move", "end", "confirm")]
    urls += [f"/organization/roster/exclusions/{exclusion.pk}/end", f"/organization/roster/suspensions/{suspension.pk}/lift"]
    reading, far = sign_in(reader), sign_in(club.town.stranger)
    assert reading.get(f"/organization/roster/{club.branch.pk}/").status_code == 200
    assert far.get(f"/organization/roster/{club.branch.pk}/").status_code == 404
    for url in urls:
        assert (reading.get(url).status_code, reading.post(url, {}).status_code) == (403, 403), url
        assert (far.get(url).status_code, far.post(url, {}).status_code) == (404, 404), url


def test_the_pages_keep_their_budget(club: Club, sign_in: SignIn, django_assert_max_num_queries: object) -> None:  # noqa: F811
    for name in ("an", "bo", "cai"):
        club.join(name)
    client = sign_in(club.town.zhou)
    for url, most in (("/organization/roster/", 15), (f"/organization/roster/{club.branch.pk}/", 27)):
        client.get(url)
        with django_assert_max_num_queries(most):  # type: ignore[operator]
            assert client.get(url).status_code == 200
