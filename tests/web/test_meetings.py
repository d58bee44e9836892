"""Pages of meetings: works, another unit's is 404, without the right 403, bad input says what and keeps what was typed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.town import fresh
from tests.unit.meetings.conftest import HELD, Hall, hall  # noqa: F401  (the fixture)
from tests.web.english import in_english

from rongtong.access.models import Grant, Source
from rongtong.accounts.models import ApiToken, User
from rongtong.indicators.models import Indicator
from rongtong.ledger.models import CalendarLink, Matter
from rongtong.meetings import actions, checking
from rongtong.meetings.actions import NewResolution, Words
from rongtong.meetings.models import Attendance, Meeting, Minutes, Resolution, Series, Signature
from rongtong.plans.models import Carrier, CarrierKind, IntegrationLink, Objective, Plan, Together

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


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
    Grant.objects.filter(user=hall.town.chen).delete()
    Grant.objects.create(
        user=hall.town.chen, role="leader", node=hall.town.branch, reach="subtree", source=Source.DERIVED, starts_on=date(2020, 1, 1)
    )
    return hall.town.chen


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_says_what_is_due_what_is_next_and_what_waits(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in(hall.town.zhou)
    assert "meetings are due and not planned yet" in text(client.get("/meetings/"))
    hall.recorded()
    planned = hall.prepared("assembly", day=date(2026, 12, 10))
    page = text(client.get("/meetings/"))
    assert "set of minutes waits for your signature" in page
    assert f"Next: <b>{planned.title}</b>" in page
    assert "Members&#x27; assembly" in text(client.get("/meetings/?kind=assembly&state=prepared"))
    assert "No meeting matches" in text(client.get("/meetings/?month=2026-11&kind=assembly"))
    for wrong, status in (("?at=99999", 404), ("?month=soon", 422), ("?after=x", 422)):
        assert client.get(f"/meetings/{wrong}").status_code == status, wrong


def test_pages_of_the_list_follow_each_other_without_gap(hall: Hall, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("rongtong.meetings.views.PER_PAGE", 2)
    titles = {hall.prepared("lecture", hour=9).title for _again in range(5)}  # all at one time: the key decides
    client, url, seen = sign_in(hall.town.zhou), "/meetings/?kind=lecture", []
    while url:
        page = text(client.get(url))
        seen += [title for title in titles if f">{title}</a>" in page.split("<tbody>")[1]]
        url = "/meetings/" + page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
    assert sorted(seen) == sorted(titles)


def test_a_member_without_any_role_sees_what_it_attends_and_nothing_else(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    own, other = hall.prepared("assembly", day=date(2026, 12, 10)), hall.prepared(day=date(2026, 12, 11))
    client = sign_in(hall.town.wang)
    page = text(client.get("/meetings/"))
    assert own.title in page
    assert other.title not in page
    assert client.get(f"/meetings/{own.pk}/").status_code == 200
    assert client.get(f"/meetings/{other.pk}/").status_code == 404
    assert client.get(f"/meetings/{own.pk}/change").status_code == 403
    assert client.post(f"/meetings/{own.pk}/step/notice").status_code == 403
    assert own.title in text(client.get("/calendar/?month=2026-12"))


def given(**more: str) -> dict[str, str]:
    return {
        "kind": "branch_committee",
        "node": "P1",
        "day": "2026-12-10",
        "from_time": "9：00",
        "mode": "on_site",
        "recorder": "E-li",
    } | more


def test_a_meeting_is_prepared_in_two_steps_and_nothing_is_stored_before(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in(hall.town.zhou)
    assert "P1 " in text(client.get("/meetings/new?kind=lecture"))  # the own organisation is filled in
    preview = client.post("/meetings/new", given())
    assert "First agenda item" in text(preview) or "第一议题" in text(preview)
    assert not Meeting.objects.exists()
    assert 'name="day"' in text(client.post("/meetings/new", given(back="1")))
    answer = client.post("/meetings/new", given(confirm="1", item="0", more="临时议题\n\n第二项", more_side="both"))
    meeting = Meeting.objects.get()
    assert answer["Location"] == f"/meetings/{meeting.pk}/"
    items = [(item.title, item.side) for item in meeting.items.all()]
    assert items == [("第一议题", "party"), ("临时议题", "both"), ("第二项", "both")]


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"kind": "party_committee"}, "does not hold meetings of the kind"),
        ({"day": "2026-02-30"}, "2026-02-30"),
        ({"from_time": "25:00"}, "is not a time"),
        ({"to_time": "08:00"}, "does not lie after the start"),
        ({"node": "Q9"}, "There is no unit or Party organisation Q9"),
        ({"recorder": "E-none"}, "is not the code of a person"),
        ({"node": ""}, "required"),
        ({"chair": "E-li"}, "would chair and record"),
    ],
)
def test_what_cannot_be_prepared_keeps_what_was_typed(hall: Hall, sign_in: SignIn, more: dict[str, str], what: str) -> None:  # noqa: F811
    answer = sign_in(hall.town.zhou).post("/meetings/new", given(place="二楼会议室", confirm="1", **more))
    assert answer.status_code == 422
    assert what in text(answer)
    assert "二楼会议室" in text(answer)
    assert not Meeting.objects.exists()


def test_who_may_not_run_meetings_prepares_none(hall: Hall, sign_in: SignIn, reader: User) -> None:  # noqa: F811
    assert sign_in(reader).get("/meetings/new").status_code == 403
    assert sign_in(reader).get("/meetings/series/new").status_code == 403
    assert sign_in(hall.town.stranger).post("/meetings/new", given(confirm="1")).status_code in {404, 422}
    assert not Meeting.objects.exists()


def test_the_record_page_offers_only_what_may_be_done(hall: Hall, sign_in: SignIn, reader: User) -> None:  # noqa: F811
    meeting = hall.recorded()
    chair, recorder, looker = (text(sign_in(one).get(f"/meetings/{meeting.pk}/")) for one in (hall.town.zhou, hall.town.li, reader))
    assert "Sign as chair" in chair
    assert "Sign as recorder" not in chair
    assert "Sign as recorder" in recorder
    assert "Sign as" not in looker
    assert "Record attendance" not in looker
    for path in ("change", "facts", "attendance", "minutes", "resolve"):
        assert sign_in(reader).get(f"/meetings/{meeting.pk}/{path}").status_code == 403, path
        assert sign_in(hall.town.stranger).get(f"/meetings/{meeting.pk}/{path}").status_code == 404, path
    assert sign_in(hall.town.zhou).get(f"/meetings/{meeting.pk}/change").status_code == 409  # it was held


def test_steps_by_the_page_until_it_is_signed_changed_and_compared(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, li, zhou = hall.recorded(), sign_in(hall.town.li), sign_in(hall.town.zhou)
    url = f"/meetings/{meeting.pk}/"
    assert zhou.get(f"{url}versions/").status_code == 404  # none yet
    assert li.post(f"{url}step/sign_recorder").status_code == 302
    assert Signature.objects.count() == 1
    assert zhou.post(f"{url}step/sign_chair").status_code == 302
    assert Minutes.objects.count() == 1
    assert "the text is the one that was signed" in text(zhou.get(f"{url}versions/"))
    refused = zhou.post(f"{url}step/amend", {"reason": " "})
    assert refused.status_code == 422
    assert "no reason" in text(refused)
    zhou.post(f"{url}step/amend", {"reason": "漏记"})
    item = meeting.items.all()[0]
    li.post(f"{url}minutes/{item.pk}", {"points": "补记一条"})
    li.post(f"{url}step/sign_recorder")
    zhou.post(f"{url}step/sign_chair")
    page = text(zhou.get(f"{url}versions/"))
    assert "Version 2 says <b>1</b> thing differently" in page
    assert "补记一条" in page
    assert zhou.get(f"{url}versions/?from=1&to=9").status_code == 404
    assert zhou.post(f"{url}step/nonsense").status_code == 404
    assert sign_in(hall.town.stranger).get(f"{url}versions/").status_code == 404


def test_minutes_that_were_changed_behind_the_program_are_shown_as_such(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting = hall.signed()
    content = Minutes.objects.get().content
    content["items"][0]["points"] = "改写"
    with connection.cursor() as cursor:  # as a forger with the database in his hands: without the trigger
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("DROP TRIGGER meetings_minutes_append_only_update")
    Minutes.objects.update(content=content)
    assert "the text is not the one that was signed" in text(sign_in(hall.town.zhou).get(f"/meetings/{meeting.pk}/versions/"))


def test_attendance_by_one_tap_and_then_the_exceptions(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, client = hall.held("assembly"), sign_in(hall.town.li)
    url, sun = f"/meetings/{meeting.pk}/attendance", hall.people["sun"].pk
    assert "All of them are present" in text(client.get(url))
    client.post(url, {"all": "1"})
    assert set(meeting.attendance.values_list("presence", flat=True)) == {"present"}
    refused = client.post(url, {f"p{sun}": "leave", f"r{sun}": ""})
    assert refused.status_code == 422
    assert "no reason why sun did not come" in text(refused)
    assert Attendance.objects.get(meeting=meeting, person=sun).presence == "present"
    assert client.post(url, {f"p{sun}": "leave", f"r{sun}": "出差", "sit_in": "E-chen chen"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.should, meeting.present, meeting.on_leave) == (4, 3, 1)
    assert Attendance.objects.get(meeting=meeting, person=hall.people["chen"]).presence == "sit_in"
    unknown = client.post(url, {"sit_in": "E-nobody"})
    assert unknown.status_code == 422
    assert "no person with the code E-nobody" in text(unknown)
    client.post(url, {f"p{hall.people['chen'].pk}": ""})
    assert not Attendance.objects.filter(meeting=meeting, person=hall.people["chen"]).exists()


def test_the_minutes_save_item_by_item_and_tell_a_second_writer(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, client = hall.held(), sign_in(hall.town.li)
    item = meeting.items.all()[1]
    url, mark = f"/meetings/{meeting.pk}/minutes/{item.pk}", checking.mark(item)
    assert client.get(f"/meetings/{meeting.pk}/minutes").status_code == 200
    saved = client.post(url, {"points": "要点", "was": mark}, headers=HTMX)
    item.refresh_from_db()
    assert (item.points, saved.status_code) == ("要点", 200)
    assert f'value="{checking.mark(item)}"' in text(saved)
    late = client.post(url, {"points": "另一人写的", "was": mark}, headers=HTMX)
    assert "Somebody else wrote on this item meanwhile" in text(late)
    item.refresh_from_db()
    assert item.points == "要点"
    assert client.post(url, {"points": "无脚本"}).status_code == 302
    assert client.post(url, {"points": "x", "was": mark}).status_code == 409
    assert client.post(f"/meetings/{meeting.pk}/minutes/999999", {"points": "x"}).status_code == 404
    added = client.post(f"/meetings/{meeting.pk}/items", {"title": "临时议题", "side": "production", "topic": "business"})
    assert "临时议题" in text(client.get(added["Location"].split("#")[0]))
    assert client.post(f"/meetings/{meeting.pk}/items", {"title": ""}).status_code == 422


def test_pages_offer_no_words_where_none_are_held(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, client = hall.recorded("organisational_life"), sign_in(hall.town.zhou)
    url = f"/meetings/{meeting.pk}/"
    page = text(client.get(url))
    assert "Words of this kind of meeting are not held" in page
    assert "Write the minutes" not in page
    assert "One more item" not in page
    assert client.get(f"{url}minutes").status_code == 422
    assert client.post(f"{url}items", {"title": "批评意见", "side": "party", "topic": "other"}).status_code == 422
    form = text(client.get(f"{url}facts"))
    assert 'name="paper_file"' in form
    assert "textarea" not in form.split("<main")[1].split("</main>")[0]
    sent = {
        "held_on": "2026-11-20",
        "from_time": "09:00",
        "to_time": "11:00",
        "paper_file": "2026-1",
        "holder": "组织委员",
        "v_problems": "三",
    }
    wrong = client.post(f"{url}facts", sent)
    assert wrong.status_code == 422
    assert client.post(f"{url}facts", sent | {"v_problems": "3"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.paper_file, meeting.values) == ("2026-1", {"problems": 3})
    assert "needs_follow_up" not in text(client.get(f"{url}resolve"))


def test_a_held_meeting_is_recorded_and_corrected_by_its_form(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, client = hall.prepared("democratic_appraisal"), sign_in(hall.town.zhou)
    url = f"/meetings/{meeting.pk}/facts"
    sent = {"held_on": "2026-11-20", "from_time": "14:00", "to_time": "15:30", "excellent": "2", "appraised": "4"}
    assert client.post(url, sent | {"excellent": "5"}).status_code == 422
    assert client.post(url, sent | {"held_on": "2027-01-01"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.state, meeting.held_on, meeting.excellent, meeting.appraised) == ("held", HELD, 2, 4)
    client.post(url, sent | {"to_time": "16:00"})
    meeting.refresh_from_db()
    assert (meeting.ends_at - meeting.starts_at).total_seconds() == 7200
    client.post(url, sent | {"held_on": "2026-11-19", "excellent": "1"})
    meeting.refresh_from_db()
    assert (meeting.held_on, meeting.starts_at.date(), meeting.excellent) == (date(2026, 11, 19), date(2026, 11, 19), 1)


def test_resolutions_by_the_page(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, client = hall.held(), sign_in(hall.town.zhou)
    url, item = f"/meetings/{meeting.pk}/resolve", meeting.items.get(topic="business")
    sent = {"text": "查清返工", "item": str(item.pk), "side": "", "needs_follow_up": "yes"}
    half = client.post(url, sent | {"leader": "S1"})
    assert half.status_code == 422
    assert "half assigned" in text(half)
    assert client.post(url, sent).status_code == 302
    row = Resolution.objects.get()
    assert "no owner yet" in text(client.get(f"/meetings/{meeting.pk}/"))
    own = f"/meetings/resolutions/{row.pk}/own"
    assert client.post(own, {"leader": "S1", "handler": "X9", "due_on": "2026-12-20"}).status_code == 422
    assert client.post(own, {"leader": "S1", "handler": "D1", "due_on": "2026-12-20", "lead": "M1"}).status_code == 302
    assert Matter.objects.get(title="查清返工").state == "assigned"
    assert client.post(f"/meetings/resolutions/{row.pk}/none").status_code == 422  # a matter already
    assert client.post(f"/meetings/resolutions/{row.pk}/reword", {"text": "查清返工原因"}).status_code == 302
    assert client.post(f"/meetings/resolutions/{row.pk}/nonsense").status_code == 404
    assert sign_in(hall.town.stranger).post(f"/meetings/resolutions/{row.pk}/drop", {"reason": "x"}).status_code == 404
    assert client.post(f"/meetings/resolutions/{row.pk}/drop", {"reason": "记错"}).status_code == 302
    assert Matter.objects.get(title="查清返工").state == "void"


def link_of(hall: Hall) -> IntegrationLink:  # noqa: F811
    """A link that both sides confirmed."""
    town, days = hall.town, {"starts_on": date(2026, 1, 1)}
    plan = Plan.objects.create(unit=town.shop, party=town.branch, year=2026, created_label="x")
    indicator = Indicator.objects.create(
        code="T1", name="一次合格率", subsystem="production", direction="benefit", kind="ratio", aggregate="ratio"
    )
    party, production = (
        Objective.objects.create(plan=plan, code=f"O-{side}", side=side, title=side, owner=post, due_on=date(2026, 12, 31), **days)
        for side, post in (("party", town.secretary), ("production", town.head))
    )
    kind = CarrierKind.objects.create(code="task_force", name="党员突击队", name_en="x")
    carrier = Carrier.objects.create(
        code="C1", kind=kind, title="突击队", party=town.branch, unit=town.shop, owner=town.secretary, indicator=indicator, target=1.0,
        ends_on=date(2026, 12, 31), declared_by="x", declared_label="x", **days,
    )  # fmt: skip
    return IntegrationLink.objects.create(
        code="L1", party_objective=party, production_objective=production, carrier=carrier, indicator=indicator, target=1.0,
        state="confirmed", proposed_on=date(2026, 1, 1), lapses_on=date(2026, 2, 1), party_confirmed_by="a", production_confirmed_by="b",
    )  # fmt: skip


def test_togetherness_is_noted_from_a_meeting_of_both_sides_only(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    link, meeting, client = link_of(hall), hall.held(), sign_in(hall.town.zhou)
    parts: dict[str, Any] = {"leader": hall.town.secretary, "handler": hall.town.deputy, "due_on": date(2026, 12, 20)}
    party = actions.resolve(
        by=hall.town.zhou, meeting=meeting, new=NewResolution("学", item=meeting.items.get(topic="party_building"), **parts)
    )
    sent = {"link": str(link.pk), "kind": "deployed"}
    assert "Note as done together" not in text(client.get(f"/meetings/{meeting.pk}/"))
    refused = client.post(f"/meetings/resolutions/{party.pk}/together", sent)
    assert refused.status_code == 422
    assert "did not bring both sides together" in text(refused)
    both = actions.resolve(
        by=hall.town.zhou, meeting=meeting, new=NewResolution("攻关", item=meeting.items.get(record_kind="integration_link"), **parts)
    )
    assert "Note as done together" in text(client.get(f"/meetings/{meeting.pk}/"))
    assert client.post(f"/meetings/resolutions/{both.pk}/together", sent).status_code == 302
    noted = Together.objects.get()
    assert (noted.on, noted.matter_id, noted.party_record) == (HELD, both.matter_id, f"meeting:{meeting.pk}")
    assert client.post(f"/meetings/resolutions/{both.pk}/together", sent | {"link": "x"}).status_code == 422


def test_series_by_the_page(hall: Hall, sign_in: SignIn, reader: User) -> None:  # noqa: F811
    client = sign_in(hall.town.zhou)
    sent = {"kind": "theme_day", "node": "P1", "day": "31", "from_time": "15:00", "every_months": "1", "starts_on": "2026-11-01"}
    assert client.get("/meetings/series/new").status_code == 200
    assert client.post("/meetings/series/new", sent | {"day": "32"}).status_code == 422
    assert client.post("/meetings/series/new", sent).status_code == 302
    row = Series.objects.get()
    assert row.title in text(client.get("/meetings/series/"))
    end = f"/meetings/series/{row.pk}/end"
    assert sign_in(reader).get("/meetings/series/").status_code == 200
    assert sign_in(hall.town.wang).get("/meetings/series/").status_code == 403
    assert sign_in(reader).post(end, {"reason": "x"}).status_code == 403
    assert sign_in(hall.town.stranger).post(end, {"reason": "x"}).status_code == 404
    assert client.post(end, {"reason": ""}).status_code == 422
    assert client.post(end, {"reason": "不再固定", "on": "2026-12-01"}).status_code == 302
    row.refresh_from_db()
    assert row.ends_on == date(2026, 12, 1)


def test_the_record_page_costs_the_same_for_few_and_for_many(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, client = hall.recorded(), sign_in(hall.town.zhou)
    parts: dict[str, Any] = {"leader": hall.town.secretary, "handler": hall.town.deputy, "due_on": date(2026, 12, 20)}
    item = meeting.items.get(topic="business")

    def cost() -> int:
        client.get(f"/meetings/{meeting.pk}/")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/meetings/{meeting.pk}/").status_code == 200
        return len(seen)

    actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution("一", item=item, **parts))
    before = cost()
    for text_ in "二三四五六":
        actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution(text_, item=item, **parts))
        actions.write_minutes(by=hall.town.zhou, meeting=meeting, item=item, words=Words(text_))
    assert cost() == before


def test_the_private_calendar_holds_ones_meetings(hall: Hall, sign_in: SignIn) -> None:  # noqa: F811
    meeting, client = hall.prepared("assembly", day=date(2026, 12, 10)), sign_in(hall.town.wang)
    client.post("/calendar/link")
    assert CalendarLink.objects.count() == 1
    secret = client.session["calendar_link"].rsplit("/", 1)[1]
    feed = text(Client().get(f"/calendar/feed/{secret}")).replace("\r\n ", "")
    assert meeting.title in feed
    assert "DTSTART:20261210T010000Z" in feed or "TZID=Asia/Shanghai:20261210T090000" in feed


def test_the_api_lists_counts_and_no_words(hall: Hall) -> None:  # noqa: F811
    meeting = hall.held()
    actions.write_minutes(by=hall.town.zhou, meeting=meeting, item=meeting.items.all()[0], words=Words("不外传的要点"))
    hall.prepared(day=date(2026, 12, 10))
    secret = ApiToken.make_secret()
    ApiToken.objects.create(user=hall.town.zhou, name="t", digest=ApiToken.digest_of(secret))

    def ask(query: str) -> Any:
        return Client().get(f"/api/v1/meetings?{query}", headers={"Authorization": f"Bearer {secret}"})

    found = ask("party=P1&period=2026-11&state=held").json()
    assert [(item["code"], item["kind"], item["party_code"]) for item in found["items"]] == [(meeting.code, "branch_committee", "P1")]
    assert "不外传的要点" not in str(found)
    assert ask("unit=M1").json()["items"] == []
    assert ask(f"code={meeting.code}").json()["count"] == 1
    assert ask("period=soon").status_code == 422
