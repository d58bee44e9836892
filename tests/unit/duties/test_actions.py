"""Issuing, who implements it, mending a hole, versions, and what recurs: once, whatever happens to the generator."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.town import OPENED, TODAY, Town, account, fresh, post

from rongtong.access.models import Grant
from rongtong.duties import actions, gate, queries
from rongtong.duties.actions import DutyChange, NewDuty
from rongtong.duties.assigning import Hole, implementations
from rongtong.duties.models import DutyList, Issue
from rongtong.duties.recurring import occurrences
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.ledger.models import Matter
from rongtong.notifications.models import Note
from rongtong.organization.models import Appointment, Person, Post
from rongtong.rules.workdays import Workdays

Issued = dict[tuple[str, str], Issue]


def hole(row: Issue) -> tuple[Hole | None, str]:
    [found] = implementations([Issue.objects.select_related("duty", "node").get(pk=row.pk)], TODAY)
    return found.hole, found.at


def test_a_list_reaches_every_fitting_unit_in_one_act(town: Town, listed: DutyList, issued: Issued) -> None:
    assert sorted(issued) == [("D-09", "M1"), ("D-09", "M2"), ("D-11", "P1"), ("D-12", "P1"), ("D-13", "P1")]
    assert actions.issue(by=SYSTEM, of=listed, root=town.group, on=TODAY) == 0  # the same again changes nothing
    assert issued["D-11", "P1"].leader_post == town.secretary and issued["D-11", "P1"].handler_post == town.deputy
    assert issued["D-12", "P1"].handler_post == town.secretary  # led in person
    with pytest.raises(NotAllowed):
        actions.issue(by=town.zhou, of=listed, root=town.shop, on=TODAY)


def test_every_kind_of_hole_is_told(town: Town, issued: Issued) -> None:
    assert hole(issued["D-11", "P1"]) == (None, "")
    assert hole(issued["D-09", "M1"]) == (Hole.NO_DEPUTY, "handler")  # a head, no deputy head
    Appointment.objects.filter(post=town.secretary).update(ends_on=TODAY)
    assert hole(issued["D-11", "P1"]) == (Hole.VACANT, "leader")  # nothing is covered by a name that has left
    Appointment.objects.filter(post=town.secretary).update(ends_on=None)
    Person.objects.filter(code="E-li").update(account=None)
    assert hole(issued["D-11", "P1"]) == (Hole.NO_ACCOUNT, "handler")
    Issue.objects.filter(pk=issued["D-11", "P1"].pk).update(leader_post=None, named_on=None)
    assert hole(issued["D-11", "P1"]) == (Hole.NO_POST, "leader")
    post("S2", "第二书记", town.branch, "secretary")
    assert hole(issued["D-11", "P1"]) == (Hole.TWO, "leader")


def test_mending_tells_the_handler_and_starts_the_work(town: Town, issued: Issued) -> None:
    row = issued["D-09", "M1"]
    assert len(queries.holes(fresh(town.zhou), TODAY)) == 1
    done = actions.name_posts(by=town.zhou, of=row, leader=None, handler=town.staff)
    assert (done.handler_post, done.named_on) == (town.staff, TODAY)
    assert queries.holes(fresh(town.zhou), TODAY) == []
    assert Note.objects.filter(to=town.wang, kind="duty").count() == 1
    [matter] = Matter.objects.filter(origin_kind="duty_issue", origin_id=str(row.pk))
    assert (matter.handler_post, matter.due_on, matter.starts_on) == (town.staff, date(2026, 12, 31), TODAY)  # nothing of the time before
    actions.name_posts(by=town.zhou, of=row, leader=None, handler=town.deputy)
    matter.refresh_from_db()
    assert matter.handler_post == town.deputy
    assert Matter.objects.filter(origin_id=str(row.pk)).count() == 1


def test_naming_is_refused_to_others(town: Town, issued: Issued) -> None:
    with pytest.raises(Unseen):
        actions.name_posts(by=fresh(town.stranger), of=issued["D-11", "P1"], leader=None, handler=town.staff)
    Grant.objects.create(user=town.wang, role="inspector", node=town.branch, reach="subtree", source="derived", starts_on=OPENED)
    with pytest.raises(NotAllowed):
        actions.name_posts(by=fresh(town.wang), of=issued["D-11", "P1"], leader=None, handler=town.staff)
    with pytest.raises(Refused, match="One leader and one handler"):
        Issue.objects.filter(pk=issued["D-09", "M2"].pk).update(leader_post=None, handler_post=None, named_on=None)
        actions.name_posts(by=SYSTEM, of=issued["D-09", "M2"], leader=None, handler=town.staff)
    closed = Post.objects.create(code="X", name="撤销岗", node=town.shop, kind="staff", opened_on=OPENED, closed_on=date(2026, 1, 1))
    with pytest.raises(Refused, match="is closed"):
        actions.name_posts(by=SYSTEM, of=issued["D-11", "P1"], leader=None, handler=closed)


def test_only_the_leader_signs(town: Town, issued: Issued) -> None:
    rows = [issued["D-11", "P1"], issued["D-12", "P1"]]
    with pytest.raises(NotAllowed):
        actions.sign(by=town.li, issues=rows)
    assert actions.sign(by=town.zhou, issues=rows) == 2
    assert set(Issue.objects.filter(signed_on=TODAY).values_list("duty_code", flat=True)) == {"D-11", "D-12"}


def test_a_new_version_replaces_what_changed_and_keeps_what_people_chose(town: Town, listed: DutyList, issued: Issued) -> None:
    actions.name_posts(by=SYSTEM, of=issued["D-11", "P1"], leader=None, handler=town.staff)
    with pytest.raises(Refused, match="no reason"):
        actions.revise(by=SYSTEM, of=listed, changes={}, reason=" ")
    with pytest.raises(Refused, match="no duty"):
        actions.revise(by=SYSTEM, of=listed, changes={"D-99": DutyChange()}, reason="改")
    with pytest.raises(Refused, match="not a period"):
        actions.revise(by=SYSTEM, of=listed, changes={"D-11": DutyChange(per="week")}, reason="改")
    second = actions.revise(
        by=SYSTEM, of=listed, changes={"D-11": DutyChange(per="quarter"), "D-13": DutyChange(is_dropped=True)}, reason="减负"
    )
    assert (second.version, second.duties.count()) == (2, listed.duties.count() - 1)
    with pytest.raises(Conflict, match="newer version"):
        actions.revise(by=SYSTEM, of=listed, changes={}, reason="再改")
    actions.issue(by=SYSTEM, of=second, root=town.group, on=TODAY)
    now = Issue.objects.get(duty_code="D-11", ends_on=None)
    assert (now.duty.per, now.handler_post, now.starts_on) == ("quarter", town.staff, TODAY)
    assert Issue.objects.get(duty_code="D-11", ends_on=TODAY).duty.duty_list == listed


def test_occurrences_fall_on_workdays(town: Town, listed: DutyList) -> None:
    """The end of February 2026 is a Saturday that is worked; that of October is a Saturday that is not."""
    days = Workdays(date(2026, 1, 1), date(2026, 12, 31))
    due = {period.code: day for period, day in occurrences("month", date(2026, 1, 1), date(2026, 12, 31), days)}
    assert (due[202602], due[202610], due[202609]) == (date(2026, 2, 28), date(2026, 10, 30), date(2026, 9, 30))
    assert [day for _period, day in occurrences("half", date(2026, 1, 1), date(2026, 12, 31), days)] == [
        date(2026, 6, 30),
        date(2026, 12, 31),
    ]
    assert list(occurrences("year", date(2026, 12, 31), date(2026, 12, 31), days)) == []


def test_the_generator_makes_each_once_also_after_downtime(town: Town, issued: Issued) -> None:
    first = actions.generate(by=SYSTEM, on=date(2026, 10, 10))
    assert first == 1  # D-11 of October
    assert actions.generate(by=SYSTEM, on=date(2026, 10, 10)) == 0
    later = actions.generate(by=SYSTEM, on=date(2027, 3, 1))  # asleep for five months
    keys = list(Matter.objects.values_list("occurrence", flat=True))
    assert len(keys) == first + later == len(set(keys))
    # monthly D-11 October to March, quarterly D-13 for Q4 and Q1, yearly D-12 of 2026
    assert sorted(key.split(":")[1] for key in keys if key) == ["D-11"] * 6 + ["D-12"] + ["D-13"] * 2
    assert actions.generate(by=SYSTEM, on=date(2026, 10, 10)) == 0  # the clock went back


def test_fifty_crashes_lose_nothing_and_double_nothing(town: Town, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator dies at every one of its writes in turn: nothing stays half done, and the next run completes it."""
    from rongtong.ledger import generating

    whole = generating._steps
    calls = {"left": 0}

    def dies(*args: Any) -> None:
        whole(*args)
        calls["left"] -= 1
        if calls["left"] < 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(generating, "_steps", dies)
    for _crash in range(50):
        with pytest.raises(KeyboardInterrupt):
            actions.generate(by=SYSTEM, on=TODAY)
        assert not Matter.objects.exists()
    monkeypatch.setattr(generating, "_steps", whole)
    made = actions.generate(by=SYSTEM, on=TODAY)
    assert made == Matter.objects.count() == Matter.objects.values("occurrence").distinct().count() > 0


def test_the_form_gate_tells_hours_and_no_fact_is_asked_twice(town: Town, listed: DutyList) -> None:
    """D-11: 1 branch x 15 min x 12; D-12: 90 x 1; D-13: 20 x 4; D-09: 2 workshops x 20 x 4. 180 + 90 + 80 + 160 = 510 min."""
    found = gate.cost_of(listed, town.group, TODAY)
    assert (found.places, found.hours) == (3, pytest.approx(510 / 60))
    assert found.twice == () and not found.needs_reason
    duty = listed.duties.get(code="D-13")
    type(duty).objects.create(duty_list=listed, code="D-99", subject="member", title="又一次", per="year", evidence="area", side="party",
                              fields=duty.fields)  # fmt: skip
    assert [(one.words, one.nodes) for one in gate.cost_of(listed, town.group, TODAY).twice] == [("area.result", 1)]


def test_a_list_in_force_is_asked_against_another_but_not_against_its_next_version(town: Town, listed: DutyList, issued: Issued) -> None:
    second = actions.revise(by=SYSTEM, of=listed, changes={"D-11": DutyChange(per="quarter")}, reason="减负")
    assert gate.cost_of(second, town.group, TODAY).twice == ()
    other = DutyList.objects.create(code="OTHER", version=1, name="另一张清单", made_label="x")
    duty = listed.duties.get(code="D-13")
    duty.pk, duty.duty_list = None, other
    duty.save(force_insert=True)
    twice = gate.cost_of(other, town.group, TODAY).twice
    assert {one.words for one in twice} == {duty.title, "area.result"} and all("D" in one.first.source or one.first.source for one in twice)


def test_people_issue_only_what_they_have_looked_at(town: Town, listed: DutyList) -> None:
    with pytest.raises(Conflict, match="costs has changed"):
        actions.issue(by=town.office, of=listed, root=town.group, on=TODAY)
    seen = gate.cost_of(listed, town.group, TODAY).digest
    post("S9", "又一党支部书记", town.branch, "secretary")  # posts do not change the cost
    assert actions.issue(by=town.office, of=listed, root=town.group, on=TODAY, seen=seen) == 5
    duty = listed.duties.get(code="D-13")
    other = DutyList.objects.create(code="OTHER", version=1, name="另一张清单", made_label="x")
    duty.pk, duty.duty_list = None, other
    duty.save(force_insert=True)
    seen = gate.cost_of(other, town.group, TODAY).digest
    with pytest.raises(Refused, match="asked elsewhere"):
        actions.issue(by=town.office, of=other, root=town.group, on=TODAY, seen=seen)


def test_a_version_adds_drops_and_changes(town: Town, listed: DutyList) -> None:
    new = NewDuty("D-15", "branch_secretary", "每季走访困难职工", "quarter", "both", "每季一次", minutes=30)
    changes = {"D-11": DutyChange(title="抓实三会一课", minutes=10, is_personal=True)}
    second = actions.revise(by=SYSTEM, of=listed, changes=changes, reason="基层建议", added=[new])
    assert second.duties.get(code="D-15").minutes == 30
    changed = second.duties.get(code="D-11")
    assert (changed.title, changed.minutes, changed.is_personal, changed.proved_by) == (
        "抓实三会一课",
        10,
        True,
        listed.duties.get(code="D-11").proved_by,
    )
    assert listed.duties.get(code="D-11").minutes == 15  # the version before stays


@pytest.mark.parametrize(
    ("changes", "added", "sentence"),
    [
        ({}, [], "Nothing is different"),
        ({"D-11": DutyChange()}, [], "Nothing is different"),
        ({"D-11": DutyChange(minutes=-1)}, [], "not a number of minutes"),
        ({}, [NewDuty("D-11", "member", "重号", "year", "party")], "in use"),
        ({}, [NewDuty("D-15", "nobody", "无主体", "year", "party")], "not a subject class"),
        ({}, [NewDuty("D-15", "member", " ", "year", "party")], "empty"),
        ({}, [NewDuty("D-15", "member", "每周", "week", "party")], "not a period"),
        ({}, [NewDuty("D-15", "member", "侧", "year", "left")], "not a side"),
    ],
)
def test_bad_versions_are_refused_and_leave_nothing(town: Town, listed: DutyList, changes: Any, added: Any, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.revise(by=SYSTEM, of=listed, changes=changes, reason="改", added=added)
    assert DutyList.objects.count() == 1


def test_an_account_is_asked_for_where_somebody_serves_without_one(town: Town, issued: Issued) -> None:
    row = issued["D-11", "P1"]
    with pytest.raises(Conflict, match="has an account"):
        actions.ask_account(by=town.zhou, of=row)
    Person.objects.filter(code="E-li").update(account=None)
    system = account("root", roles=(("admin_system", None),))
    assert actions.ask_account(by=fresh(town.zhou), of=row) == 1
    assert Note.objects.filter(to=system, text__contains="E-li li").count() == 1
    with pytest.raises(Unseen):
        actions.ask_account(by=fresh(town.stranger), of=row)


def test_the_database_and_the_reasons_tell_the_same_holes(town: Town, issued: Issued) -> None:
    """Every way a post can be empty, in SQL and in words: no post, vacant, no account, two, no deputy; and none."""

    def both() -> tuple[set[int], set[int]]:
        rows = Issue.objects.filter(ends_on=None)
        said = {one.issue.pk for one in implementations(list(rows.select_related("duty", "node")), TODAY) if one.hole is not None}
        return set(rows.filter(queries.hole_condition(TODAY)).values_list("pk", flat=True)), said

    changes = (
        lambda: Appointment.objects.filter(post=town.deputy).update(ends_on=TODAY),
        lambda: Person.objects.filter(code="E-zhou").update(account=None),
        lambda: Issue.objects.filter(pk=issued["D-12", "P1"].pk).update(leader_post=None, named_on=None),
        lambda: Appointment.objects.filter(post=town.deputy).update(ends_on=None),
        lambda: Person.objects.filter(code="E-zhou").update(account=town.wang),
        lambda: Issue.objects.filter(node=town.shop).update(handler_post=town.staff),
    )
    seen = [both()]
    for change in changes:
        Person.objects.filter(account=town.wang).exclude(code="E-zhou").update(account=None)
        change()
        seen.append(both())
    assert all(sql == said for sql, said in seen)
    assert len({frozenset(sql) for sql, _said in seen}) > 3  # the test tells different states apart


def test_horizon_is_ahead_of_time(town: Town, issued: Issued) -> None:
    actions.generate(by=SYSTEM, on=date(2026, 11, 16))
    latest = Matter.objects.order_by("-due_on")[0]
    assert latest.due_on <= date(2026, 11, 16) + timedelta(days=45)
    assert Matter.objects.filter(due_on=date(2026, 12, 31)).exists()
