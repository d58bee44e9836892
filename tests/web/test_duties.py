"""Pages of duties: who implements what, mending a hole, lists and their gate, a leader's page; 404, 403, bad input, budgets."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.town import OPENED, TODAY, Town, account, fresh, post
from tests.unit.duties.conftest import issued, listed  # noqa: F401  (fixtures)

from rongtong.access.models import Grant
from rongtong.duties import actions, gate
from rongtong.duties.models import DutyList, Issue
from rongtong.kernel.act import SYSTEM
from rongtong.ledger.models import Matter
from rongtong.organization.models import Appointment, Person

pytestmark = pytest.mark.usefixtures("town")
Issued = dict[tuple[str, str], Issue]


def client(user: Any) -> Client:
    found = Client(headers={"accept-language": "zh-hans"})
    found.force_login(fresh(user), backend="django.contrib.auth.backends.ModelBackend")
    return found


def main(answer: Any) -> str:
    return str(answer.content.decode().split("<main")[1])


def test_the_matrix_says_who_and_which_hole(town: Town, issued: Issued) -> None:  # noqa: F811
    page = main(client(town.office).get("/duties/"))
    assert "没有人落实" in page and "<b>无人落实</b>" in page and "经办人：没有经办人" in page
    assert page.count("不适用") > 0 and "60.0 %" in page  # 3 of 5
    holes = main(client(town.office).get("/duties/?holes=1"))
    assert "落实三会一课" not in holes and "无人落实" in holes
    Appointment.objects.filter(post=town.deputy).update(ends_on=TODAY)
    assert "空缺" in main(client(town.zhou).get("/duties/"))
    assert client(town.wang).get("/duties/").status_code == 403
    assert client(town.zhou).get(f"/duties/?at={town.other.pk}").status_code == 404
    assert client(town.office).get("/duties/?after=nonsense").status_code == 422


def test_many_units_stand_by_class_and_by_pages(town: Town, issued: Issued) -> None:  # noqa: F811
    from rongtong.organization.models import BusinessUnit
    from rongtong.trees.models import Node

    for number in range(45):
        code = f"W{number:02d}"
        place = Node.objects.create(
            tree="B", path=f"B00001{number + 10:05d}", depth=1, code=code, name=f"车间{number:02d}", parent=town.group, opened_on=OPENED
        )
        BusinessUnit.objects.create(node=place, kind="workshop")
    actions.issue(by=SYSTEM, of=issued["D-09", "M1"].duty.duty_list, root=town.group, on=TODAY)
    office = client(town.office)
    page = main(office.get("/duties/"))
    assert page.count("rt-cell rt-red") == 10 and "?subject=leaders" in page
    first = main(office.get("/duties/?subject=leaders"))
    after = first.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = main(office.get(f"/duties/{after}"))
    shown = [{name for name in (f"车间{n:02d}" for n in range(45)) if name in text} for text in (first, second)]
    assert not shown[0] & shown[1] and len(shown[0] | shown[1]) == 45


def test_a_state_stands_in_each_cell(town: Town, issued: Issued) -> None:  # noqa: F811
    """Overdue, on time, done late; and left to others where it should be led in person."""
    from rongtong.duties.matrix_views import _state
    from rongtong.duties.queries import traces

    actions.generate(by=SYSTEM, on=TODAY)
    row = issued["D-11", "P1"]
    rows = Matter.objects.filter(origin_id=str(row.pk)).order_by("due_on")
    first = rows[0]
    assert _state(traces([row], TODAY)[row.pk], TODAY)[0::2] == ("▲", "amber")  # October is overdue
    Matter.objects.filter(pk=first.pk).update(state="closed", closed_on=first.due_on)
    assert _state(traces([row], TODAY)[row.pk], TODAY)[0::2] == ("✓", "green")
    Matter.objects.filter(pk=first.pk).update(closed_on=date(2026, 11, 20))
    assert _state(traces([row], TODAY)[row.pk], TODAY)[0::2] == ("✓", "grey")
    Matter.objects.filter(pk=first.pk).update(is_personal=True)
    assert _state(traces([row], TODAY)[row.pk], TODAY)[0::2] == ("◐", "join")


def test_the_export_holds_what_is_seen(town: Town, issued: Issued) -> None:  # noqa: F811
    answer = client(town.office).get("/duties/?export=xlsx")
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))
    assert len(rows) == 6 and {row[10] for row in rows[1:]} == {None, "no_deputy"}
    narrow = client(town.zhou).get("/duties/?subject=member&export=csv")
    text = b"".join(narrow.streaming_content).decode()
    assert text.count("\n") == 2 and "D-13" in text
    Grant.objects.create(user=town.wang, role="party_worker", node=town.branch, reach="subtree", source="derived", starts_on=OPENED)
    assert client(town.wang).get("/duties/?export=xlsx").status_code == 403


def test_a_hole_is_mended_on_its_page(town: Town, issued: Issued) -> None:  # noqa: F811
    row = issued["D-09", "M1"]
    zhou = client(town.zhou)
    bad = zhou.post(f"/duties/{row.pk}/", {"handler": "NOPE"})
    assert bad.status_code == 422 and "NOPE" in main(bad)
    assert zhou.post(f"/duties/{row.pk}/", {"handler": "W1 一车间职工"}).status_code == 302
    assert "请落实该职责" in main(client(town.wang).get("/inbox/"))
    assert client(town.stranger).get(f"/duties/{row.pk}/").status_code == 404
    Person.objects.filter(code="E-wang").update(account=None)
    account("root", roles=(("admin_system", None),))
    assert "请求开通账号" in main(zhou.get(f"/duties/{row.pk}/"))
    assert zhou.post(f"/duties/{row.pk}/account").status_code == 302
    assert zhou.post("/duties/987654/account").status_code == 404


def test_a_list_shows_its_cost_is_revised_and_issued(town: Town, issued: Issued) -> None:  # noqa: F811
    office = client(town.office)
    listed_now = DutyList.objects.get()
    page = main(office.get(f"/duties/lists/{listed_now.pk}/"))
    assert "填报准入" in page and "8.5" in page and "矩阵" not in page
    fields = {
        f"{d.code}-{name}": value
        for d in listed_now.duties.all()
        for name, value in (("standard", d.standard), ("per", d.per), ("minutes", d.minutes))
    }
    fields |= {f"{d.code}-is_personal": "on" for d in listed_now.duties.all() if d.is_personal}
    same = office.post(f"/duties/lists/{listed_now.pk}/revise", fields | {"reason": "无"})
    assert same.status_code == 422 and "没有任何变化" in main(same)
    bad = office.post(f"/duties/lists/{listed_now.pk}/revise", fields | {"reason": "改", "D-11-minutes": "many"})
    assert bad.status_code == 422 and "many" in main(bad)
    answer = office.post(
        f"/duties/lists/{listed_now.pk}/revise",
        fields | {"reason": "减负", "D-11-minutes": "10", "D-13-is_dropped": "on", "new-title": "走访职工", "new-code": "D-15"},
    )
    second = DutyList.objects.get(version=2)
    assert answer.url == f"/duties/lists/{second.pk}/"
    page = main(office.get(answer.url))
    assert "本版修订内容" in page and "15 → 10" in page and "已删去" in page and "走访职工" in page
    assert office.post(answer.url, {"at": town.group.pk, "seen": "x"}).status_code == 422
    seen = gate.cost_of(second, town.group, TODAY).digest
    assert office.post(answer.url, {"at": town.group.pk, "seen": seen}).status_code == 302
    assert Issue.objects.filter(ends_on=None, duty__duty_list=second).exists()
    assert client(town.zhou).get(f"/duties/lists/{second.pk}/revise").status_code == 403
    assert client(town.zhou).post(f"/duties/lists/{second.pk}/", {"at": town.shop.pk, "seen": seen}).status_code == 404


def test_a_leaders_page_is_for_the_leader_and_the_superior(town: Town, issued: Issued) -> None:  # noqa: F811
    person = Person.objects.get(code="E-zhou")
    boss = account("boss", post("H0", "集团经理", town.group, "head"), roles=(("manager", town.group),))
    page = main(client(town.zhou).get(f"/duties/leader/{person.pk}/"))
    assert "分管范围的党建责任" in page and "分管业务" in page and "两副担子" in page and "均衡性" in page
    assert client(boss).get(f"/duties/leader/{person.pk}/").status_code == 200
    for other in (town.li, town.wang, town.office, town.chen):
        assert client(other).get(f"/duties/leader/{person.pk}/").status_code == 404
    assert client(town.zhou).get("/duties/mine").url == f"/duties/leader/{person.pk}/"


def test_pages_keep_the_budget(town: Town, issued: Issued, django_assert_max_num_queries: Any) -> None:  # noqa: F811
    actions.generate(by=SYSTEM, on=TODAY)
    person = Person.objects.get(code="E-zhou")
    pages = {
        (town.office, "/duties/"): 20, (town.zhou, f"/duties/{issued['D-11', 'P1'].pk}/"): 20, (town.office, f"/duties/lists/{DutyList.objects.get().pk}/"): 20,
        (town.zhou, f"/duties/leader/{person.pk}/"): 22,
    }  # fmt: skip
    for (user, address), most in pages.items():
        one = client(user)
        one.get(address)
        with django_assert_max_num_queries(most):
            assert one.get(address).status_code == 200
