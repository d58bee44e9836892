"""Who administers accounts and rights: opened, blocked, a new first password; asked for by one, decided by another; templates; tokens."""

import re
from datetime import date

import pytest
from django.test import Client
from tests.web.english import in_english

from rongtong.access.models import Grant, Reach, RoleTemplate, Source
from rongtong.accounts.models import ApiToken, User
from rongtong.audit.models import Entry
from rongtong.organization.models import Appointment, PartyOrganisation, Person, Post
from rongtong.trees.models import Node

pytestmark = pytest.mark.django_db
SINCE = date(2024, 1, 1)


def make(username: str, role: str = "", node: Node | None = None) -> User:
    user = User.objects.create_user(username, "a long enough sentence", display_name=username)
    if role:
        Grant.objects.create(user=user, role=role, node=node, reach=Reach.SUBTREE, source=Source.DERIVED, starts_on=SINCE)
    return user


@pytest.fixture
def shop() -> Node:
    return Node.objects.create(tree="P", path="P00001", depth=0, code="P1", name="党支部", opened_on=SINCE)


def client(user: User) -> Client:
    made = in_english(Client())
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


@pytest.fixture
def system() -> Client:
    return client(make("sys", "admin_system"))


@pytest.fixture
def security() -> Client:
    return client(make("sec", "admin_security"))


def test_an_account_is_opened_and_its_first_password_must_be_changed(system: Client) -> None:
    answer = system.post("/accounts/new", {"username": "li.wen", "display_name": "李文", "email": ""})
    text = answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    password = re.findall(r'rt-formula">([^<]+)<', text)[0]
    user = User.objects.get(username="li.wen")
    assert user.check_password(password)
    assert Entry.objects.latest("seq").kind == "access.open_account"
    assert password not in Entry.objects.latest("seq").detail
    own = Client()
    assert own.post("/accounts/sign-in", {"username": "li.wen", "password": password}).status_code == 302
    assert own.get("/help/")["Location"] == "/accounts/password"  # nothing else first
    assert own.post("/accounts/password", {"old": password, "new": "a sentence that nobody else knows"}).status_code == 200
    assert own.get("/help/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"username": "a", "display_name": "x"}, "not a user name"),
        ({"username": "名字", "display_name": "x"}, "not a user name"),
        ({"username": "sys", "display_name": "x"}, "is taken"),
        ({"username": "fine", "display_name": ""}, "no name"),
        ({"username": "fine", "display_name": "x", "email": "nowhere"}, "not a mail address"),
    ],
)
def test_a_bad_account_is_refused_and_what_was_typed_stays(system: Client, typed: dict[str, str], said: str) -> None:
    before = User.objects.count()
    answer = system.post("/accounts/new", typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f'value="{typed["username"]}"' in answer.content.decode()
    assert User.objects.count() == before


def test_others_do_not_even_see_the_pages(shop: Node) -> None:
    for role in ("secretary", "admin_audit", "party_office"):
        other = client(make(role, role, shop if role == "secretary" else None))
        for url in ("/accounts/", "/accounts/new", "/accounts/grants/", "/accounts/templates/", f"/accounts/{User.objects.first().uid}/"):  # type: ignore[union-attr]
            assert other.get(url).status_code == 404, (role, url)


def test_security_reads_but_opens_and_blocks_nobody(security: Client) -> None:
    user = make("someone")
    assert security.get("/accounts/").status_code == 200
    assert security.get("/accounts/new").status_code == 404
    assert security.post("/accounts/new", {"username": "abc", "display_name": "x"}).status_code == 403
    for what in ("block", "password"):
        assert security.post(f"/accounts/{user.uid}/{what}").status_code == 403
    assert not User.objects.filter(username="abc").exists()


def test_a_right_is_asked_for_by_one_and_decided_by_another(system: Client, security: Client, shop: Node) -> None:
    user = make("deputy")
    url = f"/accounts/{user.uid}/"
    asked = {"role": "deputy", "node": "P1", "reach": "subtree", "reason": "代理副书记", "stand_in": "on"}
    refused = system.post(f"{url}grant", asked)
    assert refused.status_code == 422  # a stand-in needs an end
    assert "needs an end" in refused.content.decode()
    assert system.post(f"{url}grant", {**asked, "ends_on": "2031-01-01"}).status_code == 302
    grant = Grant.objects.get(user=user)
    assert not Grant.objects.filter(user=user).on(date.today()).exists()
    assert system.post(f"/accounts/grants/{grant.pk}/approve").status_code == 403  # whoever asks has not even the right
    assert "代理副书记" in security.get("/accounts/grants/").content.decode()
    assert security.post(f"/accounts/grants/{grant.pk}/approve", {"back": "grants"}).status_code == 302
    assert Grant.objects.filter(user=user).on(date.today()).exists()
    security.post(f"/accounts/grants/{grant.pk}/end")
    assert not Grant.objects.filter(user=user).on(date.today()).exists()


def test_a_right_turned_down_stays_on_record_without_force(system: Client, security: Client, shop: Node) -> None:
    user = make("deputy")
    system.post(f"/accounts/{user.uid}/grant", {"role": "deputy", "node": "P1", "reach": "subtree", "reason": "x"})
    grant = Grant.objects.get(user=user)
    security.post(f"/accounts/grants/{grant.pk}/refuse", {"reason": ""})
    assert "There is no reason" in security.get("/accounts/").content.decode()
    security.post(f"/accounts/grants/{grant.pk}/refuse", {"reason": "没有岗位"})
    assert "turned down" in security.get(f"/accounts/{user.uid}/").content.decode()
    security.post(f"/accounts/grants/{grant.pk}/approve")
    assert not Grant.objects.filter(user=user).on(date.today()).exists()


def test_an_administrator_takes_no_second_role(system: Client) -> None:
    user = make("aud", "admin_audit")
    for role in ("admin_security", "party_office"):
        answer = system.post(f"/accounts/{user.uid}/grant", {"role": role, "node": "", "reach": "subtree"})
        assert answer.status_code == 422
        assert "may not be joined" in answer.content.decode()


def test_a_blocked_account_is_out_at_once(system: Client) -> None:
    user = make("gone", "member")
    own = client(user)
    assert own.get("/help/").status_code == 200
    assert system.post(f"/accounts/{user.uid}/block").status_code == 302
    assert own.get("/help/").status_code == 302
    system.post(f"/accounts/{user.uid}/unblock")
    assert User.objects.get(pk=user.pk).is_active


def test_nobody_blocks_themselves_or_the_last_administrator(system: Client) -> None:
    me = User.objects.get(username="sys")
    assert "own account" in system.post(f"/accounts/{me.uid}/block").content.decode()
    last = make("aud", "admin_audit")
    assert "last account" in system.post(f"/accounts/{last.uid}/block").content.decode()
    assert User.objects.filter(is_active=False).count() == 0


def test_a_template_gives_and_takes_the_rights_of_who_serves(system: Client, security: Client, shop: Node) -> None:
    user = make("secretary")
    person = Person.objects.create(code="E1", name="周明", account=user)
    post = Post.objects.create(code="S1", name="书记", node=shop, kind="secretary", opened_on=SINCE)
    Appointment.objects.create(person=person, post=post, starts_on=SINCE)
    typed = {"post_kind": "secretary", "tree": "P", "role": "secretary", "reach": "subtree", "linked": "on"}
    assert system.post("/accounts/templates/", {**typed, "role": "admin_audit"}).status_code == 422
    assert system.post("/accounts/templates/", typed).status_code == 302
    assert "already" in system.post("/accounts/templates/", typed).content.decode()
    template = RoleTemplate.objects.get()
    assert system.post(f"/accounts/templates/{template.pk}/approve").status_code == 403
    assert not Grant.objects.filter(user=user).exists()
    security.post(f"/accounts/templates/{template.pk}/approve")
    assert Grant.objects.filter(user=user, source=Source.DERIVED, role="secretary", node=shop).count() == 1
    security.post(f"/accounts/templates/{template.pk}/withdraw")
    assert not Grant.objects.filter(user=user).exists()
    assert RoleTemplate.objects.get().withdrawn_at is not None
    assert system.post("/accounts/templates/", typed).status_code == 302  # the withdrawn one does not stand in the way


def test_a_token_is_shown_once_and_ends(shop: Node) -> None:
    PartyOrganisation.objects.create(node=shop, kind="branch")
    user = make("robot", "party_worker", shop)
    own = client(user)
    assert own.post("/accounts/tokens", {"name": "", "days": "10"}).status_code == 422
    assert own.post("/accounts/tokens", {"name": "x", "days": "9999"}).status_code == 422
    secret = re.findall(r"rt_[\w-]{20,}", own.post("/accounts/tokens", {"name": "报表", "days": "10"}).content.decode())[0]
    assert secret not in own.get("/accounts/tokens").content.decode()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/parties", headers=bearer).json()["items"][0]["code"] == "P1"
    token = ApiToken.objects.get()
    assert client(make("thief")).post(f"/accounts/tokens/{token.pk}/revoke").status_code == 404
    own.post(f"/accounts/tokens/{token.pk}/revoke")
    assert Client().get("/api/v1/parties", headers=bearer).status_code == 401


def test_a_person_is_tied_to_an_account_and_the_rights_follow(shop: Node) -> None:
    office, user = client(make("office", "party_office")), make("zhou")
    person = Person.objects.create(code="E1", name="周明")
    post = Post.objects.create(code="S1", name="书记", node=shop, kind="secretary", opened_on=SINCE)
    Appointment.objects.create(person=person, post=post, starts_on=SINCE)
    RoleTemplate.objects.create(
        post_kind="secretary",
        tree="P",
        role="secretary",
        reach="subtree",
        proposed_by="a",
        approved_by="b",
        approved_at="2026-01-01T00:00Z",
    )
    url = f"/organization/people/{person.pk}/"
    office.post(f"{url}account", {"username": "nobody"})
    assert "There is no account nobody" in office.get(url).content.decode()
    office.post(f"{url}account", {"username": "zhou"})
    assert Grant.objects.filter(user=user, role="secretary").exists()
    office.post(f"{url}account", {"username": ""})
    assert not Grant.objects.filter(user=user).exists()
    worker = client(make("worker", "party_worker", shop))
    assert worker.post(f"{url}account", {"username": "zhou"}).status_code == 403
