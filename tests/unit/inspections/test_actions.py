"""Records answer first; only what they cannot tell is asked on site; two visits become one; a finding ends as a matter."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import TODAY, fresh, node
from tests.unit.inspections.conftest import END, START, Visit

from rongtong.audit.models import Entry
from rongtong.burden.askings import standing
from rongtong.inspections import actions, kinds, policies, queries
from rongtong.inspections.actions import ItemText, NewFinding, NewInspection, Seen
from rongtong.inspections.answering import summed
from rongtong.inspections.models import Answer, Checklist, Finding, Inspection, Place
from rongtong.kernel import act as kernel
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import actions as ledger
from rongtong.ledger.actions import Parts
from rongtong.ledger.models import Matter
from rongtong.notifications.models import Note

QUESTION = "活动阵地能正常使用"


def test_the_shipped_lists_are_installed_once_and_name_rules_that_exist(visit: Visit) -> None:
    assert actions.install(by=SYSTEM) == 3
    assert actions.install(by=SYSTEM) == 0
    codes = {item.rule_code for row in Checklist.objects.all() for item in row.items.all() if item.rule_code}
    assert [code for code in sorted(codes) if not queries.is_checked(code, TODAY)] == []


@pytest.mark.parametrize(
    ("states", "said", "periods"),
    [
        (("met", "late", "met"), "late", 1), (("met", "not_enough_data", "met"), "not_enough_data", 1), (("met", "met"), "met", 2),
        (("met", "excused"), "excused", 1), (("not_applicable",), "not_applicable", 1), ((), "not_enough_data", 0),
        (("late", "not_enough_data"), "late", 1), (("met", "due"), "due", 1),
    ],
)  # fmt: skip
def test_the_worst_period_is_the_years_answer(states: tuple[str, ...], said: str, periods: int) -> None:
    found = summed([(202601 + at, state, (f"meeting:{at}",)) for at, state in enumerate(states)])
    assert (found.state, len(found.periods)) == (said, periods)


def test_records_answer_first(visit: Visit) -> None:
    made = visit.planned()
    sheet = queries.sheet_of(made)
    place, other = visit.place(made), visit.place(made, visit.second)
    late, unknown, met, question = (visit.item(made, text) for text in ("OL-01", "OL-05", "ORG-04", QUESTION))
    answer = sheet.answer(place, late)
    assert answer is not None
    assert (answer.state, answer.content["periods"], answer.content["of"], answer.content["references"]) == (
        "late",
        [202609],
        3,
        ["meeting:202609"],
    )
    assert [sheet.is_left(place, item) for item in (late, unknown, met, question)] == [False, True, False, True]
    assert [sheet.is_left(other, item) for item in (late, unknown, met, question)] == [True, True, True, True]  # nothing is known there
    entry = Entry.objects.order_by("-pk")[0]
    assert (entry.kind, entry.object_kind) == ("inspections.plan", "inspection")


def test_a_rule_that_asks_nothing_of_a_place_is_not_applicable_and_costs_nothing(visit: Visit) -> None:
    made = visit.planned(places=[visit.town.shop])
    sheet = queries.sheet_of(made)
    assert {a.state for a in sheet.answers.values()} == {"late", "not_enough_data", "met"}  # the shop is answered for by its branch
    lone = node("B", "0000100009", "M9", "孤立车间", visit.town.group)
    alone = visit.planned(places=[lone])
    assert {a.state for a in queries.sheet_of(alone).answers.values()} == {"not_applicable"}
    assert [item.question for item in queries.sheet_of(alone).left(visit.place(alone, lone))] == [QUESTION]


def test_running_again_takes_what_was_entered_since_and_leaves_what_was_seen(visit: Visit) -> None:
    made = visit.issued()
    place, unknown = visit.place(made), visit.item(made, "OL-05")
    visit.result("OL-05", 202611, "met", ("meeting:9",))
    assert actions.run_over_records(by=fresh(visit.inspector), inspection=made) == 1
    assert Answer.objects.get(place=place, item=unknown).state == "met"
    assert actions.run_over_records(by=fresh(visit.inspector), inspection=made) == 0
    other = visit.place(made, visit.second)
    actions.answer(by=fresh(visit.inspector), place=other, item=unknown, seen=Seen("good"))
    visit.result("OL-05", 202611, "late", at=visit.second)
    actions.run_over_records(by=fresh(visit.inspector), inspection=made)
    assert Answer.objects.get(place=other, item=unknown).state == "good"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "raid"}, "not a kind"), ({"title": " "}, "empty"), ({"places": []}, "No unit"), ({"ends_on": date(2026, 11, 1)}, "before the start"),
        ({"people": 0}, "cannot be"), ({"checklist": "empty"}, "closed or empty"), ({"places": "closed"}, "is closed"),
    ],
)  # fmt: skip
def test_bad_plans_are_refused(visit: Visit, changes: dict[str, Any], sentence: str) -> None:
    if changes.get("checklist") == "empty":
        changes = {"checklist": Checklist.objects.create(code="none", title="空")}
    if changes.get("places") == "closed":
        gone = node("P", "00003", "P3", "已撤支部")
        gone.closed_on = date(2026, 6, 1)
        gone.save(update_fields=["closed_on"])
        changes = {"places": [gone]}
    with pytest.raises(Refused, match=sentence):
        visit.planned(**changes)
    assert not Inspection.objects.exists()


def test_who_plans(visit: Visit) -> None:
    new = NewInspection("check", "x", visit.town.group, visit.checklist, START, END, [visit.town.branch])
    with pytest.raises(Unseen):
        actions.plan(by=fresh(visit.town.zhou), new=new)
    with pytest.raises(NotAllowed):
        actions.plan(
            by=fresh(visit.town.zhou), new=NewInspection("check", "x", visit.town.shop, visit.checklist, START, END, [visit.town.branch])
        )


def test_units_see_nothing_of_a_draft_and_their_own_row_afterwards(visit: Visit) -> None:
    made = visit.planned()
    assert not queries.inspections(fresh(visit.town.zhou)).exists()
    assert title_and_url(Reference("inspection", str(made.pk)), fresh(visit.town.zhou)) is None
    seen = queries.cost_of(queries.sheet_of(made), clock.today()).digest
    actions.issue(by=fresh(visit.inspector), inspection=made, seen=seen)
    assert [place.node for place in queries.places(fresh(visit.town.zhou))] == [visit.town.branch]
    assert queries.inspections(fresh(visit.town.zhou)).get() == made
    assert not queries.inspections(fresh(visit.town.stranger)).exists()
    note = Note.objects.get(to=visit.town.zhou)
    assert "see what will be asked" in note.text


def test_the_cost_is_shown_before_and_an_unseen_one_is_refused(visit: Visit) -> None:
    made = visit.planned()
    cost = queries.cost_of(queries.sheet_of(made), clock.today())
    # one rule unknown at the branch, three at the second, each 10 minutes; the question 15 minutes at both; two people
    assert cost.hours == pytest.approx((10 * 4 + 15 * 2) * 2 / 60)
    with pytest.raises(Conflict, match="has changed"):
        actions.issue(by=fresh(visit.inspector), inspection=made, seen="x")
    visit.result("OL-05", 202611, "met")
    with pytest.raises(Conflict, match="has changed"):  # the records answer more now
        actions.issue(by=fresh(visit.inspector), inspection=made, seen=cost.digest)
    assert Inspection.objects.get().stage == "draft"
    done = visit.issued()
    assert (done.hours, done.stage) == (pytest.approx((10 * 3 + 15 * 2) * 2 / 60), "issued")
    with pytest.raises(Conflict, match="issued"):
        actions.issue(by=fresh(visit.inspector), inspection=done, seen="x")


def test_what_issued_inspections_ask_is_seen_by_others_who_ask_the_same(visit: Visit) -> None:
    visit.issued()
    asked = [a.words for a in standing([visit.town.branch.pk], TODAY)]
    assert "The Party room is usable" in asked
    again = visit.planned(title="又一次检查", starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 9), year=2027)
    twice = queries.cost_of(queries.sheet_of(again), TODAY).twice
    assert "年终党建检查" in {one.first.source for one in twice}


@pytest.mark.parametrize(("days", "is_near"), [(30, True), (31, False)])
def test_two_visits_within_the_days_of_the_row_are_shown(visit: Visit, days: int, is_near: bool) -> None:
    visit.issued()
    later = START + timedelta(days=days)
    made = visit.planned(title="第二次", places=[visit.town.branch], starts_on=later, ends_on=later + timedelta(days=9), year=2026)
    found = queries.clashes(queries.sheet_of(made), TODAY)
    assert [(clash.days, clash.same, clash.is_near) for clash in found] == [(days, 4, is_near)]


@pytest.mark.parametrize(("days", "count"), [(30, 1), (31, 0)])
def test_a_near_visit_is_shown_although_it_asks_something_else(visit: Visit, days: int, count: int) -> None:
    visit.issued()
    other = Checklist.objects.create(code="other", title="另一清单")
    actions.add_item(by=SYSTEM, checklist=other, text=ItemText("x", question="别的问题"))
    later = START + timedelta(days=days)
    made = visit.planned(title="第二次", checklist=other, places=[visit.town.branch], starts_on=later, ends_on=later, year=2026)
    assert [clash.same for clash in queries.clashes(queries.sheet_of(made), TODAY)] == [0] * count


def test_two_visits_become_one_and_nothing_is_asked_twice(visit: Visit) -> None:
    first = visit.issued()
    second = visit.planned(title="第二次", places=[visit.town.branch])
    place, other = visit.place(second), visit.place(first)
    before = queries.cost_of(queries.sheet_of(second), TODAY).hours
    actions.combine(by=fresh(visit.inspector), place=place, other=other)
    sheet = queries.sheet_of(second)
    assert (before > 0, queries.cost_of(sheet, TODAY).hours, sheet.left(sheet.places[0])) == (True, 0.0, [])
    assert queries.clashes(sheet, TODAY)[0].is_combined
    with pytest.raises(Refused, match="not at the same unit"):
        actions.combine(by=fresh(visit.inspector), place=place, other=visit.place(first, visit.second))
    third = visit.planned(title="第三次", places=[visit.town.branch])
    with pytest.raises(Refused, match="itself combined"):
        actions.combine(
            by=fresh(visit.inspector), place=visit.place(third), other=Place.objects.select_related("inspection").get(pk=place.pk)
        )
    actions.separate(by=fresh(visit.inspector), place=place)
    assert len(queries.sheet_of(second).left(visit.place(second))) == 2
    actions.combine(by=fresh(visit.inspector), place=visit.place(second), other=other)
    actions.cancel(by=fresh(visit.inspector), inspection=first, reason="改期")
    assert visit.place(second).combined_with_id is None
    with pytest.raises(Refused, match="not at the same unit"):
        actions.combine(by=fresh(visit.inspector), place=visit.place(second), other=visit.place(first))


def test_answers_on_site(visit: Visit) -> None:
    made = visit.issued()
    place, question, late = visit.place(made), visit.item(made, QUESTION), visit.item(made, "OL-01")
    jian = fresh(visit.inspector)
    with pytest.raises(Refused, match="not an answer"):
        actions.answer(by=jian, place=place, item=question, seen=Seen("met"))
    with pytest.raises(Refused, match="empty"):
        actions.answer(by=jian, place=place, item=question, seen=Seen("problem"))
    with pytest.raises(Conflict, match="Records answer"):
        actions.answer(by=jian, place=place, item=late, seen=Seen("good"))
    with pytest.raises(NotAllowed):
        actions.answer(by=fresh(visit.town.zhou), place=place, item=question, seen=Seen("good"))
    with pytest.raises(Unseen):
        actions.answer(by=fresh(visit.town.stranger), place=place, item=question, seen=Seen("good"))
    assert not Finding.objects.exists()
    actions.answer(by=jian, place=place, item=question, seen=Seen("problem", "投影仪损坏", "at_once"))
    actions.answer(by=jian, place=place, item=question, seen=Seen("problem", "投影仪仍损坏", "at_once"))
    found = Finding.objects.get()  # one, however often it is answered
    assert (found.text, found.pace, found.item, found.needs_matter) == ("投影仪损坏", "at_once", question, True)
    draft = visit.planned(title="草稿")
    with pytest.raises(Conflict, match="draft"):
        actions.answer(by=jian, place=visit.place(draft), item=visit.item(draft, QUESTION), seen=Seen("good"))
    with pytest.raises(Refused, match="another inspection"):
        actions.answer(by=jian, place=place, item=visit.item(draft, QUESTION), seen=Seen("good"))


def found_at(visit: Visit) -> Finding:
    made = visit.issued()
    return actions.note_finding(
        by=fresh(visit.inspector), place=visit.place(made), new=NewFinding("公开栏未更新", "within_limit", cause="无专人")
    )


def test_a_finding_becomes_a_matter_that_the_ledger_follows(visit: Visit) -> None:
    finding, town = found_at(visit), visit.town
    matter = actions.rectify(by=fresh(visit.inspector), finding=finding, due_on=date(2027, 1, 20), parts=Parts(town.secretary, town.deputy))
    assert (matter.origin, matter.origin_kind, matter.origin_id, matter.lead, matter.partner, matter.state) == (
        "rectification", "finding", str(finding.pk), town.branch, town.shop, "assigned",
    )  # fmt: skip
    assert queries.open_findings(fresh(town.zhou)).get() == finding
    with pytest.raises(Conflict, match="has a matter"):
        actions.rectify(by=fresh(visit.inspector), finding=finding, due_on=date(2027, 1, 20), parts=Parts(town.secretary, town.deputy))
    ledger.acknowledge(by=fresh(town.li), matter=matter)
    ledger.submit(by=fresh(town.li), matter=matter, note="已更新")
    ledger.close(by=fresh(town.zhou), matter=matter)
    assert not queries.open_findings(fresh(town.zhou)).exists()
    ledger.look_back(by=fresh(town.zhou), matter=matter)
    assert Matter.objects.get(pk=matter.pk).looked_back_on is not None


def test_a_matter_without_a_handler_changes_nothing(visit: Visit) -> None:
    finding = found_at(visit)
    with pytest.raises(Refused):
        actions.rectify(by=fresh(visit.inspector), finding=finding, due_on=date(2027, 1, 20), parts=Parts(visit.town.secretary))
    with pytest.raises(NotAllowed):
        actions.rectify(by=fresh(visit.town.zhou), finding=finding, due_on=date(2027, 1, 20), parts=Parts())
    assert (Finding.objects.get().matter_id, Matter.objects.count()) == (None, 0)


def test_the_unit_says_its_own_word(visit: Visit) -> None:
    finding = found_at(visit)
    with pytest.raises(Refused, match="empty"):
        actions.comment(by=fresh(visit.town.zhou), finding=finding, text=" ")
    with pytest.raises(Unseen):
        actions.comment(by=fresh(visit.town.stranger), finding=finding, text="x")
    actions.comment(by=fresh(visit.town.zhou), finding=finding, text="已于次日更新")
    assert Finding.objects.get().comment_label == "zhou (zhou)"


def test_a_finding_is_withdrawn_with_its_reason(visit: Visit) -> None:
    finding = found_at(visit)
    with pytest.raises(Refused, match="empty"):
        actions.withdraw_finding(by=fresh(visit.inspector), finding=finding, reason="")
    actions.withdraw_finding(by=fresh(visit.inspector), finding=finding, reason="看错楼层")
    with pytest.raises(Conflict):
        actions.withdraw_finding(by=fresh(visit.inspector), finding=finding, reason="又")
    for bad in (NewFinding(""), NewFinding("x", "some day")):
        with pytest.raises(Refused):
            actions.note_finding(by=fresh(visit.inspector), place=finding.place, new=bad)


def test_closing_asks_for_every_answer_and_somebody_for_every_finding(visit: Visit) -> None:
    made = visit.issued(places=[visit.town.branch])
    place, jian = visit.place(made), fresh(visit.inspector)
    with pytest.raises(Refused, match="2 items"):
        actions.close(by=jian, inspection=made)
    actions.answer(by=jian, place=place, item=visit.item(made, "OL-05"), seen=Seen("unclear"))
    actions.answer(by=jian, place=place, item=visit.item(made, QUESTION), seen=Seen("problem", "投影仪损坏"))
    with pytest.raises(Refused, match="nobody who mends"):
        actions.close(by=jian, inspection=made)
    parts = Parts(visit.town.secretary, visit.town.deputy)
    actions.rectify(by=jian, finding=Finding.objects.select_related("place__inspection__node").get(), due_on=date(2027, 1, 20), parts=parts)
    done = actions.close(by=jian, inspection=made)
    assert (done.stage, done.closed_on) == ("closed", TODAY)
    with pytest.raises(Conflict):
        actions.cancel(by=jian, inspection=made, reason="x")


def test_moving_and_visiting(visit: Visit) -> None:
    made = visit.planned()
    with pytest.raises(Refused, match="outside"):
        actions.set_visit(by=fresh(visit.inspector), place=visit.place(made), on=date(2027, 1, 1))
    actions.set_visit(by=fresh(visit.inspector), place=visit.place(made), on=date(2026, 12, 3))
    assert visit.place(made).visit_on == date(2026, 12, 3)
    with pytest.raises(Refused, match="before the start"):
        actions.change(by=fresh(visit.inspector), inspection=made, starts_on=END, ends_on=START)
    actions.change(by=fresh(visit.inspector), inspection=made, starts_on=date(2026, 12, 5), ends_on=END)
    with pytest.raises(Refused, match="empty"):
        actions.cancel(by=fresh(visit.inspector), inspection=made, reason="")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ItemText("x"), "either a rule or a question"), (ItemText("x", "OL-02", "也问"), "either"), (ItemText("x", "NOPE"), "no rule"),
        (ItemText("x", "DUES"), "no rule"), (ItemText("", "OL-02"), "empty"), (ItemText("x", question="问", minutes=0), "minutes"),
    ],
)  # fmt: skip
def test_bad_items_are_refused(visit: Visit, text: ItemText, sentence: str) -> None:
    count = visit.checklist.items.count()
    with pytest.raises(Refused, match=sentence):
        actions.add_item(by=SYSTEM, checklist=visit.checklist, text=text)
    assert visit.checklist.items.count() == count


def test_check_lists_change_and_inspections_stay(visit: Visit) -> None:
    made = visit.planned()
    with pytest.raises(Conflict, match="already"):
        actions.add_item(by=SYSTEM, checklist=visit.checklist, text=ItemText("x", "OL-01"))
    actions.drop_item(by=fresh(visit.inspector), item=visit.checklist.items.get(rule_code="OL-01"))
    with pytest.raises(NotAllowed):
        actions.add_item(by=fresh(visit.town.zhou), checklist=visit.checklist, text=ItemText("x", "OL-02"))
    assert (visit.checklist.items.count(), made.items.count()) == (3, 4)


def test_nothing_stays_when_the_audit_cannot_be_written(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    made = visit.issued()

    def broken(this: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(kernel, "_audit_writer", broken)
    with pytest.raises(RuntimeError, match="no audit"):
        actions.answer(by=fresh(visit.inspector), place=visit.place(made), item=visit.item(made, QUESTION), seen=Seen("problem", "坏"))
    assert not Finding.objects.exists()
    assert not Answer.objects.filter(is_on_site=True).exists()


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Inspection, {"stage": "closed"}), (Inspection, {"stage": "issued"}), (Inspection, {"stage": "cancelled"}), (Inspection, {"people": 0}),
        (Inspection, {"ends_on": date(2026, 1, 1)}), (Inspection, {"kind": "raid"}), (Answer, {"state": "good"}), (Answer, {"is_on_site": True}),
        (Answer, {"state": "lost"}),
    ],
)  # fmt: skip
def test_the_database_holds_the_invariants(visit: Visit, model: Any, changes: dict[str, Any]) -> None:
    visit.planned()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**changes)


@pytest.mark.parametrize("changes", [{"text": ""}, {"withdrawn_on": TODAY}, {"comment": "x"}, {"pace": "some day"}])
def test_the_database_holds_findings(visit: Visit, changes: dict[str, Any]) -> None:
    found_at(visit)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.update(**changes)


def test_an_item_is_a_rule_or_a_question(visit: Visit) -> None:
    made = visit.planned()
    for changes in ({"question": "也问"}, {"rule_code": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            made.items.filter(rule_code="OL-01").update(**changes)


def test_references_are_shown_to_whoever_sees_them(visit: Visit) -> None:
    finding = found_at(visit)
    for kind, key in (("inspection", finding.place.inspection_id), ("inspection_place", finding.place_id), ("finding", finding.pk)):
        assert title_and_url(Reference(kind, str(key)), fresh(visit.town.zhou)) is not None, kind
        assert title_and_url(Reference(kind, str(key)), fresh(visit.town.stranger)) is None, kind
    assert kinds.open_problems(visit.town.branch, TODAY)[0].count == 1
    assert policies.sees_finding(fresh(visit.inspector), finding)


def test_the_folder_and_the_look_beforehand(visit: Visit) -> None:
    made = visit.issued()
    lines = queries.folder(fresh(visit.town.zhou), str(made.pk), visit.town.branch)
    assert lines is not None
    assert [(line.code, line.state) for line in lines] == [
        ("OL-01", "late"),
        ("OL-05", "not_enough_data"),
        ("ORG-04", "met"),
        ("", "not_enough_data"),
    ]
    assert lines[0].records == (Reference("meeting", "202609"),)
    assert queries.folder(fresh(visit.town.stranger), str(made.pk), visit.town.branch) is None
    assert queries.folder(fresh(visit.town.zhou), "x", visit.town.branch) is None
    alone = queries.beforehand(visit.checklist, visit.town.branch, 2026, TODAY)
    assert [line.state for line in alone] == ["late", "not_enough_data", "met", ""]


def test_a_run_costs_the_same_for_many_places(visit: Visit, django_assert_max_num_queries: Any) -> None:
    made = visit.planned()
    with django_assert_max_num_queries(40):
        actions.run_over_records(by=fresh(visit.inspector), inspection=made)
    with django_assert_max_num_queries(6):
        sheet = queries.sheet_of(made)
        assert sheet.open_count == 6
