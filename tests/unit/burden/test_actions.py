"""A form from draft to answers: what the gate shows, who may do what, what is refused and changes nothing."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import TODAY, Town, fresh

from rongtong.audit import chain
from rongtong.audit.models import Entry
from rongtong.burden import actions, policies, queries
from rongtong.burden.actions import NewForm, NewQuestion
from rongtong.burden.models import Form, Question, Sheet
from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.notifications.models import Note

DUE = date(2026, 12, 20)


def drafted(town: Town, by: Any = None, **changes: Any) -> Form:
    given = {"title": "安全隐患摸底", "why": "编制明年计划", "root": town.group, "due_on": DUE, "reach": "below"} | changes
    return actions.draft(by=by or town.office, new=NewForm(**given))


def asked(town: Town, **changes: Any) -> Form:
    form = drafted(town, **changes)
    actions.ask(by=town.office, form=form, new=NewQuestion(kind="held", fact="node.leader"))
    actions.ask(by=town.office, form=form, new=NewQuestion("隐患几处", "number", minutes=6))
    return form


def cost(form: Form) -> Any:
    return queries.cost_of(form, list(form.questions.all()), TODAY)


def issued(town: Town, **changes: Any) -> Form:
    form = asked(town, **changes)
    return actions.issue(by=town.office, form=form, seen=cost(form).digest)


def test_a_form_goes_out_comes_back_and_leaves_its_trace(town: Town) -> None:
    form = issued(town)
    assert (form.state, form.places, form.hours) == ("issued", 2, 0.2)
    assert set(Sheet.objects.values_list("node__code", flat=True)) == {"M1", "M2"}
    assert Note.objects.filter(kind="form", to=town.zhou).count() == 1
    sheet = Sheet.objects.get(node=town.shop)
    held, typed = form.questions.order_by("position")
    actions.fill(by=fresh(town.zhou), sheet=sheet, typed={typed.pk: "1,2"})
    assert Sheet.objects.get(pk=sheet.pk).handed_in_on is None
    done = actions.fill(by=fresh(town.zhou), sheet=sheet, typed={typed.pk: "12"}, hand_in=True)
    assert (done.handed_in_on, done.handed_in_by) == (TODAY, str(town.zhou.uid))
    assert [line.text for line in queries.lines(done, [held, typed], TODAY)] == ["zhou", "12"]
    assert done.answers == {str(typed.pk): 12.0}  # the leader's name is not copied into the sheet
    assert Entry.objects.filter(kind__startswith="burden.").count() == 6
    assert chain.verify().problem == ""


def test_the_gate_wants_its_cost_seen(town: Town) -> None:
    form = asked(town)
    with pytest.raises(Conflict, match="cost"):
        actions.issue(by=town.office, form=form, seen="")
    seen = cost(form).digest
    actions.ask(by=town.office, form=form, new=NewQuestion("再问一项", minutes=30))
    with pytest.raises(Conflict, match="has changed"):
        actions.issue(by=town.office, form=form, seen=seen)
    assert Form.objects.get(pk=form.pk).state == "draft" and not Sheet.objects.exists()


def test_what_is_held_or_asked_elsewhere_needs_a_reason(town: Town) -> None:
    form = drafted(town)
    actions.ask(by=town.office, form=form, new=NewQuestion("现任负责人", minutes=2))  # the Chinese name of a held fact
    found = cost(form)
    assert [fact.code for _words, fact in found.by_hand] == ["node.leader"]
    with pytest.raises(Refused, match="stands in the system"):
        actions.issue(by=town.office, form=form, seen=found.digest)
    done = actions.issue(by=town.office, form=form, seen=found.digest, reason="核对姓名用字")
    assert done.reason == "核对姓名用字"
    second = drafted(town, title="又一张表", root=town.shop, reach="node")
    actions.ask(by=town.office, form=second, new=NewQuestion("现任负责人？", minutes=2))
    assert [(one.first.source, one.nodes) for one in cost(second).twice] == [("安全隐患摸底", 1)]


def test_a_withdrawn_or_late_form_asks_no_more(town: Town) -> None:
    form = issued(town)
    again = drafted(town, title="再来一张")
    actions.ask(by=town.office, form=again, new=NewQuestion("隐患几处", "number", minutes=6))
    assert len(cost(again).twice) == 1
    actions.withdraw(by=town.office, form=form, reason="并入月报")
    assert cost(again).twice == ()
    with pytest.raises(Conflict):
        actions.withdraw(by=town.office, form=form, reason="再撤一次")
    with pytest.raises(Conflict, match="withdrawn"):
        actions.fill(by=fresh(town.zhou), sheet=Sheet.objects.get(node=town.shop), typed={})


def test_who_may_not_is_told_so(town: Town) -> None:
    with pytest.raises(Unseen):
        drafted(town, by=town.stranger, root=town.shop)
    with pytest.raises(Unseen):
        drafted(town, by=town.wang)
    form = issued(town, reach="subtree")
    with pytest.raises(Unseen):
        actions.issue(by=fresh(town.wang), form=form, seen="x")
    with pytest.raises(NotAllowed):
        actions.issue(by=fresh(town.zhou), form=form, seen="x")  # sees it, because it was issued to the workshop
    with pytest.raises(Unseen):
        actions.fill(by=fresh(town.stranger), sheet=Sheet.objects.get(node=town.shop), typed={})
    assert not policies.sees(fresh(town.wang), form)


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (NewQuestion("几处", "number"), "no time"),
        (NewQuestion("几处", "number", minutes=0), "no time"),
        (NewQuestion("几处", "number", minutes=float("nan")), "no time"),
        (NewQuestion("", "text", minutes=5), "empty"),
        (NewQuestion("几处", "wishes", minutes=5), "not a kind"),
        (NewQuestion(kind="held", fact="no.such"), "holds no fact"),
        (NewQuestion(kind="held", fact="person.name"), "many records"),
    ],
)
def test_bad_questions_are_refused(town: Town, new: NewQuestion, sentence: str) -> None:
    form = drafted(town)
    with pytest.raises(Refused, match=sentence):
        actions.ask(by=town.office, form=form, new=new)
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"title": " "}, "empty"), ({"why": ""}, "empty"), ({"due_on": date(2026, 1, 1)}, "has passed"), ({"reach": "moon"}, "not a reach")],
)
def test_bad_forms_are_refused(town: Town, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        drafted(town, **changes)
    assert not Form.objects.exists()


def test_an_empty_form_and_one_that_reaches_nobody_stay_drafts(town: Town) -> None:
    form = drafted(town)
    with pytest.raises(Refused, match="asks nothing"):
        actions.issue(by=town.office, form=form, seen=cost(form).digest)
    alone = drafted(town, root=town.shop)  # nothing below a workshop
    actions.ask(by=town.office, form=alone, new=NewQuestion("几处", "number", minutes=1))
    with pytest.raises(Refused, match="no open place"):
        actions.issue(by=town.office, form=alone, seen=cost(alone).digest)
    with clock.frozen(datetime(2027, 1, 5, 9, 0)), pytest.raises(Refused, match="has passed"):
        actions.issue(by=town.office, form=alone, seen=cost(alone).digest)


@pytest.mark.parametrize(
    ("kind", "text"), [("number", "很多"), ("number", "inf"), ("day", "2026-02-30"), ("yes", "maybe"), ("text", "长" * 1001)]
)
def test_bad_answers_say_which_question(town: Town, kind: str, text: str) -> None:
    form = drafted(town)
    question = actions.ask(by=town.office, form=form, new=NewQuestion("这一问", kind, minutes=1))
    actions.issue(by=town.office, form=form, seen=cost(form).digest)
    sheet = Sheet.objects.get(node=town.shop)
    with pytest.raises(Refused, match="这一问") as refusal:
        actions.fill(by=fresh(town.zhou), sheet=sheet, typed={question.pk: text})
    assert refusal.value.field == f"q{question.pk}"
    assert Sheet.objects.get(pk=sheet.pk).answers == {}


def test_handed_in_is_complete_final_and_given_back_with_a_reason(town: Town) -> None:
    form = issued(town)
    sheet, typed = Sheet.objects.get(node=town.shop), form.questions.get(kind="number")
    with pytest.raises(Refused, match="Not answered yet: 隐患几处"):
        actions.fill(by=fresh(town.zhou), sheet=sheet, typed={}, hand_in=True)
    actions.fill(by=fresh(town.zhou), sheet=sheet, typed={typed.pk: "3"}, hand_in=True)
    with pytest.raises(Conflict, match="handed in"):
        actions.fill(by=fresh(town.zhou), sheet=sheet, typed={typed.pk: "4"})
    with pytest.raises(Refused, match="empty"):
        actions.give_back(by=town.office, sheet=sheet, reason=" ")
    actions.give_back(by=town.office, sheet=sheet, reason="数字对不上")
    assert Note.objects.filter(to=town.zhou, text__contains="数字对不上").count() == 1
    actions.fill(by=fresh(town.zhou), sheet=sheet, typed={typed.pk: "4"}, hand_in=True)
    assert Sheet.objects.get(pk=sheet.pk).answers == {str(typed.pk): 4.0}


def test_nothing_stays_when_the_audit_cannot_be_written(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    form = asked(town)
    seen = cost(form).digest

    def broken(_act: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr("rongtong.kernel.act._audit_writer", broken)
    with pytest.raises(RuntimeError):
        actions.issue(by=town.office, form=form, seen=seen)
    assert Form.objects.get(pk=form.pk).state == "draft" and not Sheet.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"state": "issued"},  # without a day
        {"state": "withdrawn", "issued_on": TODAY},  # without a reason
        {"issued_on": date(2027, 6, 1)},  # after it is due
        {"hours": -1.0},
        {"reach": "moon"},
    ],
)
def test_the_database_holds_forms_to_their_rules(town: Town, wrong: dict[str, Any]) -> None:
    form = drafted(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Form.objects.filter(pk=form.pk).update(**wrong)


def test_the_database_holds_questions_and_sheets_to_their_rules(town: Town) -> None:
    form = issued(town)
    for wrong in ({"kind": "held"}, {"minutes": 0}, {"kind": "moon"}, {"position": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            form.questions.filter(kind="number").update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.filter(node=town.shop).update(handed_in_on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.create(form=form, node=town.shop)
