"""Every page: works, is not found by others, is refused to readers, and says what is wrong with what was typed; in few statements."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.town import account, fresh
from tests.unit.decisions.conftest import OTHER, Court
from tests.web.english import in_english

from rongtong.accounts.models import ApiToken, User
from rongtong.decisions import actions, list_actions
from rongtong.decisions.models import Decision, MatterList, RoleRow, Study
from rongtong.decisions.views import PER_PAGE
from rongtong.kernel.act import SYSTEM

MARCH, APRIL = date(2026, 3, 10), date(2026, 4, 10)


def client(user: User) -> Client:
    made = in_english(Client())
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


@pytest.fixture
def member(court: Court) -> User:
    """Sees decisions of the committee, records none."""
    return account("member3", roles=(("leader", court.committee),))


def test_the_first_sentence_counts(court: Court) -> None:
    court.decided(APRIL, studied=MARCH)
    court.decided(date(2026, 4, 20))
    court.matter(title="等待研究")
    page = client(court.guo).get("/decisions/").content.decode()
    assert "<b>2</b> listed matters were decided in 2026" in page
    assert "<b>1</b> after an earlier pre-study" in page
    assert "1 wait" in page
    assert "not before the decision" in page
    assert "No listed matter on record" in client(court.guo).get("/decisions/?year=2024").content.decode()
    assert client(court.guo).get("/decisions/?year=9999").status_code == 422
    assert client(court.guo).get("/decisions/?after=kaput").status_code == 422


def test_filters_and_pages(court: Court) -> None:
    for at in range(PER_PAGE + 3):
        court.matter(title=f"事项{at}")
    first = client(court.guo).get("/decisions/?state=proposed").content.decode()
    assert first.count("D2026-") == PER_PAGE
    following = first.split("after=")[1].split('"')[0]
    second = client(court.guo).get(f"/decisions/?after={following}").content.decode()
    assert second.count("D2026-") == 3
    assert client(court.guo).get("/decisions/?category=funds").content.decode().count("D2026-") == 0


def test_the_table_keeps_its_budget(court: Court, django_assert_max_num_queries: Any) -> None:
    for _at in range(6):
        court.decided(APRIL, studied=MARCH)
    visitor = client(court.guo)
    visitor.get("/decisions/")
    for url in ("/decisions/", "/decisions/lists/", "/decisions/roles/", f"/decisions/lists/{court.list.pk}/"):
        with django_assert_max_num_queries(15):
            assert visitor.get(url).status_code == 200


def test_export_is_what_is_seen_and_hides_inside_titles(court: Court) -> None:
    court.matter(title="公开事项")
    court.matter(title="收购某公司", is_restricted=True)
    reader = client(court.reader)
    text = b"".join(reader.get("/decisions/?export=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "公开事项" in text
    assert "收购" not in text
    own = b"".join(client(court.guo).get("/decisions/?export=csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "收购某公司" in own


def test_one_decision(court: Court, member: User) -> None:
    made = court.decided(APRIL, studied=MARCH)
    page = client(court.guo).get(f"/decisions/{made.pk}/").content.decode()
    for text in (
        "新建涂装线",
        "The committee studies it first; then the board of directors decides.",
        "2026-03-10",
        "studied before it was decided",
    ):
        assert text in page
    assert "Assign its execution" in page
    assert "Assign its execution" not in client(member).get(f"/decisions/{made.pk}/").content.decode()
    assert client(court.town.stranger).get(f"/decisions/{made.pk}/").status_code in {403, 404}
    assert client(court.town.chen).get(f"/decisions/{made.pk}/").status_code == 404


def test_inside_information_on_the_page(court: Court) -> None:
    made = court.matter(title="收购某公司", is_restricted=True)
    page = client(court.reader).get(f"/decisions/{made.pk}/").content.decode()
    assert "收购" not in page
    assert "Inside information" in page
    assert "620" not in page.split("<main")[1]  # nor its amount
    assert "收购某公司" in client(court.guo).get(f"/decisions/{made.pk}/").content.decode()
    assert "收购" not in client(court.reader).get("/decisions/").content.decode()


def test_the_wizard_says_the_path_before_anything_is_written(court: Court) -> None:
    visitor, item = client(court.guo), court.item("单项投资")
    first = visitor.get("/decisions/new").content.decode()
    assert "What is to be decided" in first
    url = f"/decisions/new?at={court.committee.pk}&item={item.pk}&amount=62000000&over_budget="
    page = visitor.get(url).content.decode()
    assert "then the board of directors decides" in page
    assert "50,000,000 yuan" in page
    assert not Decision.objects.exists()
    below = visitor.get(url.replace("62000000", "100")).content.decode()
    assert "none of the limits" in below
    bad = visitor.get(url.replace("62000000", "abc"))
    assert bad.status_code == 422
    given = {"title": "新建涂装线", "unit": "G0", "proposed_on": "2026-11-20", "proposer": "E-guo", "recorder": "E-li"}
    for wrong in ({"title": ""}, {"proposed_on": "昨天"}, {"proposer": "E-nobody"}, {"unit": "NOPE"}):
        answer = visitor.post(url, given | wrong)
        assert answer.status_code == 422, wrong
        assert "Nothing was changed" in answer.content.decode()
    assert not Decision.objects.exists()
    assert visitor.post(url, given).status_code == 302
    made = Decision.objects.get()
    assert (made.title, made.amount_fen, made.body, made.proposer.name) == ("新建涂装线", 6_200_000_000, "board", "guo")  # type: ignore[union-attr]


def test_the_wizard_keeps_no_words_of_personnel_matters(court: Court) -> None:
    visitor, item = client(court.guo), court.item("干部任免")
    url = f"/decisions/new?at={court.committee.pk}&item={item.pk}&amount=&over_budget="
    assert 'name="title"' not in visitor.get(url).content.decode()
    given = {"proposed_on": "2026-11-20", "persons": "2", "holder": "组织部", "paper_file": "干 7", "title": "某人任职"}
    assert visitor.post(url, given | {"paper_file": ""}).status_code == 422
    assert visitor.post(url, given).status_code == 302
    assert (Decision.objects.get().title, Decision.objects.get().persons) == ("", 2)


def test_who_may_enter(court: Court, member: User) -> None:
    assert client(member).get("/decisions/new").status_code == 403
    assert client(court.guo).get(f"/decisions/new?at={court.town.branch.pk}").status_code == 404
    assert client(court.guo).get("/decisions/new?at=x").status_code == 404


def test_acts_by_their_forms(court: Court, member: User) -> None:
    made, visitor = court.matter(), client(court.guo)
    study, board = court.meeting(MARCH), court.meeting(APRIL, "board")
    url = f"/decisions/{made.pk}"
    for what in ("study", "decide", "opinion", "answer", "congress", "execute", "assess", "archive", "void"):
        assert visitor.get(f"{url}/{what}").status_code == 200, what
        assert client(member).get(f"{url}/{what}").status_code == 403, what
        assert client(court.town.chen).get(f"{url}/{what}").status_code == 404, what
    assert visitor.get(f"{url}/wish").status_code == 404
    assert visitor.post(f"{url}/study", {"meeting": "999", "result": "agree"}).status_code == 422
    assert visitor.post(f"{url}/study", {"meeting": study.pk, "result": "agree"}).status_code == 302
    assert Study.objects.get().on == MARCH
    assert visitor.post(f"{url}/opinion", {"kind": "legal", "paper_number": "", "on": "2026-03-01"}).status_code == 422
    assert visitor.post(f"{url}/opinion", {"kind": "legal", "paper_number": "法 1", "on": "2026-03-01"}).status_code == 302
    assert visitor.post(f"{url}/answer", {"line": "no"}).status_code == 422
    assert visitor.post(f"{url}/answer", {"line": "no", "line_reason": "方向不符"}).status_code == 302
    given = {"meeting": board.pk, "on": "2026-04-10", "body": "board", "outcome": "adopted", "chief_spoke_last": "yes"}
    assert visitor.post(f"{url}/decide", given | {"on": "never"}).status_code == 422
    assert visitor.post(f"{url}/decide", given).status_code == 302
    assert visitor.post(f"{url}/decide", given).status_code == 409
    given = {"title": "开工", "leader": "S0", "handler": "H0", "due_on": "2026-12-20"}
    assert visitor.post(f"{url}/execute", given | {"handler": "NOPE"}).status_code == 422
    assert visitor.post(f"{url}/execute", given).status_code == 302
    page = visitor.get(f"{url}/").content.decode()
    assert "开工" in page
    assert visitor.post(f"{url}/assess", {"achieved": "reached", "on": "2026-11-20"}).status_code == 422
    assert visitor.post(f"{url}/archive", {"number": "档 1"}).status_code == 302
    assert Decision.objects.get().state == "archived"


def test_a_meeting_is_opened_only_by_who_may_see_it(court: Court) -> None:
    meeting = court.meeting(MARCH)
    assert client(court.guo).get(f"/decisions/meetings/{meeting.pk}/").status_code == 302
    assert client(court.town.chen).get(f"/decisions/meetings/{meeting.pk}/").status_code == 404


def test_lists_by_their_pages(court: Court, member: User) -> None:
    visitor = client(court.guo)
    assert "<b>1</b> list holds" in visitor.get("/decisions/lists/").content.decode()
    assert client(member).get("/decisions/lists/new").status_code == 403
    assert visitor.post("/decisions/lists/new", {"node": "P0", "title": "", "starts_on": "2026-12-01"}).status_code == 422
    assert visitor.post("/decisions/lists/new", {"node": "P0", "title": "下一版", "starts_on": "2026-12-01"}).status_code == 302
    draft = MatterList.objects.get(approved_on=None)
    url = f"/decisions/lists/{draft.pk}"
    for what in ("head", "item", "limit", "review"):
        assert visitor.get(f"{url}/{what}").status_code == 200, what
        assert client(member).get(f"{url}/{what}").status_code == 403, what
        assert client(court.town.chen).get(f"{url}/{what}").status_code == 404, what
    assert visitor.post(f"{url}/head", {"title": "下一版", "starts_on": "2026-12-01", "net_assets": "1.234"}).status_code == 422
    assert visitor.post(f"{url}/head", {"title": "下一版", "starts_on": "2026-12-01", "net_assets": "2,400,000,000"}).status_code == 302
    text = {"category": "funds", "treatment": "pre_study", "title": "对外借款", "body": "board"}
    assert visitor.post(f"{url}/item", text | {"body": "committee"}).status_code == 422
    assert visitor.post(f"{url}/item", text).status_code == 302
    item = draft.items.get(title="对外借款")
    assert visitor.post(f"{url}/item?item={item.pk}", text | {"title": "对外借款与担保"}).status_code == 302
    assert (
        visitor.post(
            f"{url}/limit", {"item": item.pk, "metric": "amount", "operator": "at_least", "value": "-5", "body": "board"}
        ).status_code
        == 422
    )
    assert (
        visitor.post(
            f"{url}/limit", {"item": item.pk, "metric": "amount", "operator": "at_least", "value": "5000000", "body": "board"}
        ).status_code
        == 302
    )
    limit = item.limits.get()
    assert limit.value == 500_000_000
    assert visitor.post(f"{url}/change/drop-limit", {"limit": limit.pk}).status_code == 302
    assert visitor.post(f"{url}/change/drop-item", {"item": item.pk}).status_code == 302
    assert visitor.post(f"{url}/change/drop-item", {"item": "x"}).status_code == 404
    assert visitor.post(f"{url}/change/wish").status_code == 404
    assert client(member).post(f"{url}/change/approve").status_code == 403
    assert visitor.post(f"{url}/change/approve").status_code == 302
    assert visitor.post(f"{url}/change/approve").status_code == 403
    assert client(court.town.office).post(f"{url}/change/approve").status_code == 302
    assert MatterList.objects.get(pk=draft.pk).approved_on is not None
    assert visitor.post(f"{url}/change/approve").status_code == 409
    assert visitor.post(f"{url}/review", {"keeps": "no", "note": ""}).status_code == 422
    assert visitor.post(f"{url}/review", {"keeps": "yes", "note": ""}).status_code == 302


def test_a_draft_is_given_up(court: Court) -> None:
    draft = list_actions.draft_list(by=fresh(court.guo), node=court.committee, title="x", starts_on=date(2026, 12, 1))
    assert client(court.guo).post(f"/decisions/lists/{draft.pk}/change/drop").status_code == 302
    assert not MatterList.objects.filter(pk=draft.pk).exists()


def test_roles_by_their_pages(court: Court, member: User) -> None:
    page = client(court.guo).get("/decisions/roles/").content.decode()
    assert "its unit is a legal person and it is a Party committee" in page
    url = f"/decisions/roles/{court.committee.pk}/"
    assert client(court.town.chen).get(url).status_code == 404
    assert client(member).get(url).status_code == 403
    assert client(court.guo).post(url, {"role": "collective_gate", "reason": "", "on": "2026-11-23"}).status_code == 422
    assert client(court.guo).post(url, {"role": "collective_gate", "reason": "试点", "on": "2026-11-23"}).status_code == 302
    assert RoleRow.objects.get().role == "collective_gate"
    assert "试点" in client(court.guo).get("/decisions/roles/").content.decode()


def test_the_api(court: Court) -> None:
    made = court.decided(APRIL, studied=MARCH)
    court.matter(title="收购某公司", is_restricted=True)
    secret = ApiToken.make_secret()
    ApiToken.objects.create(user=court.reader, name="t", digest=ApiToken.digest_of(secret))
    headers = {"Authorization": f"Bearer {secret}"}
    body = Client().get("/api/v1/decisions", headers=headers).json()
    assert body["count"] == 2
    assert "收购" not in str(body)
    one = (
        Client()
        .get(f"/api/v1/decisions?code={made.code}&period=2026-04&party=P0&unit=G0&state=decided", headers=headers)
        .json()["items"][0]
    )
    assert (one["title"], one["path"], one["studies"][0]["on"], one["party_code"]) == ("新建涂装线", "pre_study", "2026-03-10", "P0")
    assert "amount" not in str(one)
    assert Client().get("/api/v1/decisions", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_second_approver_is_named_on_the_page(court: Court) -> None:
    assert OTHER.label in client(court.guo).get(f"/decisions/lists/{court.list.pk}/").content.decode()
    actions.register(by=SYSTEM, new=actions.NewDecision(court.committee, "project", MARCH, title="无清单事项"))
    assert Decision.objects.get().path == "unlisted"
