"""Pages of the ledger: works, another unit 404, not allowed 403, bad input with what was typed, and the budget of questions."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from openpyxl import load_workbook
from tests.town import TODAY, Town, fresh

from rongtong.kernel.act import SYSTEM
from rongtong.ledger import actions, handing
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.models import CalendarLink, HandOver, Matter, View
from rongtong.organization.models import Appointment, Person

pytestmark = pytest.mark.usefixtures("town")
DUE = date(2026, 12, 20)


def client(user: Any) -> Client:
    found = Client(headers={"accept-language": "zh-hans"})
    found.force_login(fresh(user), backend="django.contrib.auth.backends.ModelBackend")
    return found


def main(answer: Any) -> str:
    return str(answer.content.decode().split("<main")[1])


def matter(town: Town, title: str = "查清返工", **changes: Any) -> Matter:
    return actions.deploy(
        by=town.zhou, new=NewMatter(title, "both", town.shop, DUE, Parts(town.secretary, town.deputy), town.branch, **changes)
    )


def test_the_table_begins_with_what_is_open_and_says_how_much(town: Town) -> None:
    matter(town)
    gone = matter(town, "作废的")
    actions.void(by=town.zhou, matter=gone, note="不办")
    page = main(client(town.zhou).get("/ledger/"))
    assert "<b>1</b> 个事项" in page and "作废的" not in page
    assert "作废的" in main(client(town.zhou).get("/ledger/?state=all"))
    assert "作废的" in main(client(town.zhou).get("/ledger/?state=void"))
    narrow = main(client(town.zhou).get("/ledger/?column=due"))
    assert "2026-12-20" in narrow and '<th scope="col">责任领导' not in narrow
    assert client(town.zhou).get("/ledger/?from=2026-13-45").status_code == 422
    assert client(town.zhou).get(f"/ledger/?at={town.other.pk}").status_code == 404
    assert client(town.wang).get("/ledger/").status_code == 403


def test_many_steps_from_the_table(town: Town) -> None:
    one, two = matter(town), matter(town, "又一项")
    zhou = client(town.zhou)
    zhou.post(
        "/ledger/many", {"pk": [one.pk, two.pk], "step": "hand_over", "handler": "W1 一车间职工", "note": "调岗", "here": "state=open"}
    )
    assert set(Matter.objects.values_list("handler_post__code", flat=True)) == {"W1"}
    answer = zhou.post("/ledger/many", {"pk": [one.pk], "step": "hand_over", "handler": "NOPE", "note": "x"}, follow=True)
    assert "没有任何改动" in main(answer) and "NOPE" in main(answer)
    assert "请先勾选事项" in main(zhou.post("/ledger/many", {"step": "urge"}, follow=True))
    assert client(town.stranger).post("/ledger/many", {"pk": [one.pk], "step": "urge"}).status_code == 404
    assert client(town.li).post("/ledger/many", {"pk": [one.pk], "step": "urge"}).status_code == 403


def test_the_week_as_page_and_file(town: Town) -> None:
    matter(town)
    matter(town, "例行", is_light=True)
    page = main(client(town.zhou).get("/ledger/week/"))
    assert "查清返工" in page and "例行</a>" not in page
    assert "例行</a>" in main(client(town.zhou).get("/ledger/week/?routine=1"))
    assert "查清返工" not in main(client(town.zhou).get("/ledger/week/?week=2026-11-02"))
    answer = client(town.zhou).get("/ledger/week/?export=xlsx")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][:3] == ("list", "code", "title") and rows[1][2] == "查清返工" and len(rows) == 2
    assert client(town.zhou).get("/ledger/week/?week=gestern").status_code == 422
    assert client(town.wang).get("/ledger/week/").status_code == 403


def test_saved_views_are_kept_and_forgotten(town: Town) -> None:
    zhou = client(town.zhou)
    zhou.post("/ledger/views", {"name": "逾期", "query": "light=red"})
    assert "★ 逾期" in main(zhou.get("/ledger/"))
    view = View.objects.get()
    assert client(town.li).post(f"/ledger/views/{view.pk}/drop").status_code == 404
    zhou.post(f"/ledger/views/{view.pk}/drop")
    assert not View.objects.exists()


def test_a_hand_over_from_the_inbox_to_taken(town: Town) -> None:
    matter(town)
    Appointment.objects.filter(post=town.deputy).update(ends_on=TODAY)
    handing.write(by=SYSTEM, on=TODAY)
    Appointment.objects.create(person=Person.objects.get(code="E-wang"), post=town.deputy, starts_on=TODAY)
    found = HandOver.objects.get()
    wang = client(town.wang)
    assert f"/ledger/hand-over/{found.pk}/" in main(wang.get("/inbox/"))
    page = main(wang.get(f"/ledger/hand-over/{found.pk}/"))
    assert "查清返工" in page and "我已接收" in page
    assert client(town.chen).get(f"/ledger/hand-over/{found.pk}/").status_code == 404
    assert client(town.zhou).post(f"/ledger/hand-over/{found.pk}/take").status_code == 403
    assert client(town.li).post(f"/ledger/hand-over/{found.pk}/note", {"note": ""}).status_code == 422
    client(town.li).post(f"/ledger/hand-over/{found.pk}/note", {"note": "备件合同下周到期"})
    wang.post(f"/ledger/hand-over/{found.pk}/take")
    page = main(wang.get(f"/ledger/hand-over/{found.pk}/"))
    assert "已接收" in page and "备件合同下周到期" in page


def test_the_calendar_address_holds_until_it_is_replaced_or_withdrawn(town: Town) -> None:
    """RFC 5545 content, one's own matters only, no restricted title; old and withdrawn addresses are not found."""
    matter(town, "带 逗号,分号;的题目")
    matter(town, "绝密谈话", is_restricted=True)
    actions.deploy(by=town.zhou, new=NewMatter("别人的", "both", town.shop, DUE, Parts(town.secretary, town.staff), town.branch))
    li = client(town.li)
    li.post("/calendar/link")
    url = li.session["calendar_link"]
    page = main(li.get("/calendar/"))
    assert url in page and url not in main(li.get("/calendar/"))  # shown once
    answer = Client().get(url)
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    assert answer["Content-Type"].startswith("text/calendar") and "no-store" in answer["Cache-Control"]
    assert sorted(str(event["SUMMARY"]) for event in events) == ["带 逗号,分号;的题目", "限定范围的事项"]
    assert all(event["DTSTART"].dt == DUE and event["DTSTAMP"].dt.tzinfo is not None and event["UID"] for event in events)
    assert b"VALUE=DATE:20261220" in answer.content and "绝密" not in answer.content.decode()
    assert b"\r\n" in answer.content and max(map(len, answer.content.split(b"\r\n"))) <= 75
    li.post("/calendar/link")
    assert Client().get(url).status_code == 404
    newer = li.session["calendar_link"]
    assert Client().get(newer).status_code == 200
    li.post("/calendar/link/withdraw")
    assert Client().get(newer).status_code == 404 and not CalendarLink.objects.exists()
    li.post("/calendar/link")
    last = li.session["calendar_link"]
    town.li.is_active = False
    town.li.save(update_fields=["is_active"])
    assert Client().get(last).status_code == 404


def test_pages_keep_the_budget(town: Town, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        matter(town, f"第{number}项")
    zhou = client(town.zhou)
    for address, most in {
        "/ledger/": 15, "/ledger/week/": 20, "/ledger/board/": 20, "/ledger/supervision/": 20, "/ledger/requests/": 15, "/calendar/?all=1": 15,
        "/inbox/": 20,
    }.items():  # fmt: skip
        zhou.get(address)
        with django_assert_max_num_queries(most):
            assert zhou.get(address).status_code == 200


def test_the_page_after_a_page_goes_on_where_it_ended(town: Town) -> None:
    for number in range(55):
        matter(town, f"第{number:02d}项")
    Matter.objects.filter(title__gte="第50项").update(due_on=DUE + timedelta(days=1))
    zhou = client(town.zhou)
    first = main(zhou.get("/ledger/"))
    after = first.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = main(zhou.get(f"/ledger/{after}"))
    assert [f"第{n:02d}项" in first for n in range(55)] == [True] * 50 + [False] * 5
    assert [f"第{n:02d}项" in second for n in range(55)] == [False] * 50 + [True] * 5
