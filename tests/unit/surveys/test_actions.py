"""A wave from draft to release; who may; what is refused; what the database refuses; and that nothing is left when an act fails."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import OPENED, TODAY, account, fresh
from tests.unit.surveys.conftest import END, Crowd, sheet

from rongtong.access.models import Grant
from rongtong.audit.models import Entry
from rongtong.burden.askings import standing
from rongtong.kernel import act as kernel
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.models import IdempotencyKey
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.notifications.models import Note
from rongtong.organization.models import Appointment, Person
from rongtong.rules.models import RuleRow
from rongtong.surveys import actions, launching, mixing, queries, sealing
from rongtong.surveys.models import Answer, Cell, Comment, Invitation, Question, Questionnaire, Statistic, Waiting, Wave


def test_shipped_questionnaires_are_installed_once(crowd: Crowd) -> None:
    assert actions.install(by=SYSTEM) == 0
    assert set(Questionnaire.objects.values_list("code", flat=True)) == {"cognition", "satisfaction"}
    assert all(question.text and question.text_en and question.block_en for question in Question.objects.all())
    with pytest.raises(NotAllowed):
        actions.install(by=fresh(crowd.town.wang))


def test_a_wave_from_draft_to_release(crowd: Crowd) -> None:
    wave = crowd.launched()
    assert (wave.state, wave.invited, wave.hours, wave.k_score, wave.k_text) == ("launched", 203, 203 * 3 / 60, 5, 10)
    crowd.all_answer(wave)
    assert 0 < Answer.objects.count() < 200 and Waiting.objects.filter(cell__isnull=False).count() + Answer.objects.count() == 200
    closed = crowd.closed(wave)
    assert (closed.answered, closed.discarded, Answer.objects.count(), Waiting.objects.count()) == (200, 0, 200, 0)
    assert queries.sums([wave.pk], []) == {} and queries.comments(closed) == []  # nothing shows before the release
    done = actions.release(by=fresh(crowd.town.office), wave=closed)
    assert done.state == "released"
    assert Answer.objects.count() == 0  # sums are left
    unions = queries.unions(done)
    assert [union.kind for union in unions[:4]] == ["whole", "role", "role", "role"]
    assert min(union.answered or 0 for union in unions) >= 5
    assert queries.over(queries.sums([wave.pk], ["expected"]), unions[0].blocks, "expected").count == 200  # type: ignore[union-attr]
    assert len(queries.comments(done)) == Comment.objects.count() >= 10
    kinds = list(Entry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds.count("surveys.answer") == 200 and {"surveys.draft", "surveys.launch", "surveys.close", "surveys.release"} <= set(kinds)


def test_those_asked_with_an_account_are_told_and_find_it(crowd: Crowd) -> None:
    wave = crowd.launched()
    wang = fresh(crowd.town.wang)
    assert Note.objects.filter(to=wang, kind="survey").count() == 1
    assert not Note.objects.filter(to=crowd.town.office).exists()  # serves nowhere under the root
    assert [one.pk for one in queries.open_for(wang)] == [wave.pk]
    assert title_and_url(Reference("survey_invitation", str(wave.pk)), wang) == ("认识问卷", f"/surveys/answer/{wave.uid}/")
    assert title_and_url(Reference("survey_wave", str(wave.pk)), wang) is None
    crowd.answer(wave, wang.person)
    assert queries.open_for(fresh(wang)) == []
    assert title_and_url(Reference("survey_invitation", str(wave.pk)), fresh(wang)) is None
    assert queries.open_for(fresh(crowd.town.office)) == [] and queries.open_for(SYSTEM) == []


def test_who_may(crowd: Crowd) -> None:
    wave = crowd.draft()
    head = account("guo", roles=(("manager", crowd.town.group),))
    for user, error in ((head, NotAllowed), (crowd.town.wang, Unseen), (crowd.town.chen, Unseen)):
        with pytest.raises(error):
            actions.launch(by=fresh(user), wave=wave, seen="")
        with pytest.raises(error):
            actions.drop(by=fresh(user), wave=wave)
        with pytest.raises(error):
            actions.copy(by=fresh(user), wave=wave, title="再问", closes_on=END)
    with pytest.raises(NotAllowed):
        crowd.town.office.__dict__.pop("_areas", None)
        actions.draft(by=fresh(head), new=actions.NewWave(crowd.questionnaire, "问", crowd.town.group, END))
    assert wave in queries.waves(fresh(head)) and wave not in queries.waves(fresh(crowd.town.chen))
    launched = actions.launch(by=fresh(crowd.town.office), wave=wave, seen=launching.plan_of(wave, TODAY).digest)
    assert launched in queries.waves(fresh(crowd.town.chen))  # asks in the workshop of chen
    with pytest.raises(NotAllowed):
        actions.close(by=fresh(crowd.town.chen), wave=launched)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"title": " "}, "title"), ({"title": "长" * 121}, "title"), ({"closes_on": TODAY - timedelta(days=1)}, "closes_on"),
     ({"closes_on": TODAY + timedelta(days=93)}, "closes_on"), ({"depth": 7}, "depth")],
)  # fmt: skip
def test_a_draft_that_cannot_be(crowd: Crowd, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        crowd.draft(**more)
    assert refusal.value.field == field
    assert not Wave.objects.exists()


def test_a_replaced_questionnaire_is_not_asked_and_a_copy_takes_the_latest(crowd: Crowd) -> None:
    wave = crowd.draft()
    newer = Questionnaire.objects.create(code="cognition", version=2, title="新版", purpose="同前", minutes=2)
    Questionnaire.objects.filter(pk=crowd.questionnaire.pk).update(is_closed=True)
    with pytest.raises(Refused, match="replaced"):
        crowd.draft(questionnaire=Questionnaire.objects.get(pk=crowd.questionnaire.pk))
    copied = actions.copy(by=fresh(crowd.town.office), wave=wave, title="2027 年", closes_on=END)
    assert (copied.questionnaire, copied.copied_from, copied.root, copied.state) == (newer, wave, wave.root, "draft")


def test_a_draft_is_taken_back_and_a_launched_wave_is_not(crowd: Crowd) -> None:
    actions.drop(by=fresh(crowd.town.office), wave=crowd.draft())
    assert not Wave.objects.exists()
    wave = crowd.launched()
    with pytest.raises(Conflict):
        actions.drop(by=fresh(crowd.town.office), wave=wave)


def test_nothing_goes_out_unseen_or_twice(crowd: Crowd) -> None:
    wave = crowd.draft()
    with pytest.raises(Refused, match="changed since you looked"):
        actions.launch(by=fresh(crowd.town.office), wave=wave, seen="x")
    seen = launching.plan_of(wave, TODAY).digest
    Appointment.objects.filter(person=crowd.people[0]).update(ends_on=TODAY)
    with pytest.raises(Refused, match="changed since you looked"):
        actions.launch(by=fresh(crowd.town.office), wave=wave, seen=seen)
    seen = launching.plan_of(wave, TODAY).digest
    actions.launch(by=fresh(crowd.town.office), wave=wave, seen=seen)
    with pytest.raises(Conflict):
        actions.launch(by=fresh(crowd.town.office), wave=wave, seen=seen)
    assert not sealing.is_here(crowd.draft().uid)


def test_a_place_with_fewer_than_k_people_is_refused(crowd: Crowd) -> None:
    Appointment.objects.filter(person__in=crowd.people[:33]).update(ends_on=TODAY)
    wave = crowd.draft(root=crowd.town.shop)
    count = len(launching.plan_of(wave, TODAY).people)
    assert count == 4  # two that are left, zhou and wang
    with pytest.raises(Refused, match="4 people are asked; 5 are the fewest"):
        actions.launch(by=fresh(crowd.town.office), wave=wave, seen=launching.plan_of(wave, TODAY).digest)
    assert Wave.objects.get(pk=wave.pk).state == "draft" and not Cell.objects.exists()


def test_two_waves_close_together_would_be_subtracted_and_are_refused(crowd: Crowd) -> None:
    crowd.launched()
    for root in (crowd.town.group, crowd.town.shop, crowd.town.branch):
        with pytest.raises(Refused, match="asked the same questions here"):
            crowd.launched(root=root) if root.is_business else launching.refuse(
                launching.Plan(crowd.draft(root=root), (), (launching.Item("P00001", "", 9, ()),), 0.0), 60, TODAY
            )
    short = Questionnaire.objects.get(code="satisfaction")  # shares questions
    with pytest.raises(Refused, match="asked the same questions here"):
        crowd.launched(questionnaire=short)
    with clock.frozen(datetime(2027, 1, 23, 9, 0)):
        assert crowd.launched(closes_on=date(2027, 2, 1)).state == "launched"


def test_k_is_a_rule_that_may_be_raised_and_never_lowered(crowd: Crowd) -> None:
    national = RuleRow.objects.get(code="SURVEY", node=None)
    own = {"code": "SURVEY", "title": "从严", "applies_to": ["unit"], "starts_on": OPENED, "node": crowd.town.group}
    RuleRow.objects.create(**own, arguments={"k_score": 3, "k_text": 4, "gap_days": 1})
    assert crowd.launched().k_score == 5  # a smaller number of one's own changes nothing
    RuleRow.objects.filter(node=crowd.town.group).update(arguments={"k_score": 8, "k_text": 12})
    wave = crowd.draft()
    assert (wave.k_score, wave.k_text) == (8, 12)
    assert min(atom.count for atom in launching.plan_of(wave, TODAY).atoms) >= 8
    RuleRow.objects.filter(pk=national.pk).update(arguments={"k_score": 4, "k_text": 10, "gap_days": 60})
    RuleRow.objects.filter(node=crowd.town.group).delete()
    with pytest.raises(IntegrityError):
        crowd.draft()  # even a national row cannot go below the floor of the database


@pytest.mark.parametrize(
    "change",
    [{"k_score": 3}, {"k_score": 4}, {"k_text": 5}, {"k_score": 6}, {"depth": 2}, {"by_role": False}, {"state": "draft"}, {"invited": 5}],
)
def test_the_database_refuses_to_change_a_launched_wave(crowd: Crowd, change: dict[str, Any]) -> None:
    wave = crowd.launched()
    with pytest.raises(IntegrityError), transaction.atomic():
        Wave.objects.filter(pk=wave.pk).update(**change)
    assert Wave.objects.get(pk=wave.pk).k_score == 5


def test_the_database_refuses_to_write_over_questions_answers_and_cells(crowd: Crowd) -> None:
    wave = crowd.launched()
    crowd.all_answer(wave, crowd.people[:60])
    crowd.closed(wave)
    changes: list[Any] = [
        lambda: Question.objects.update(text="改"), lambda: Answer.objects.update(content={}), lambda: Cell.objects.first().parts.update(role=""),  # type: ignore[union-attr]
        lambda: Statistic.objects.update(total=0.0), lambda: Cell.objects.update(invited=500), lambda: Cell.objects.update(block=None),
        lambda: Invitation.objects.filter(answered_on__isnull=False).update(answered_on=None), lambda: Invitation.objects.update(ticket="x"),
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Statistic.objects.create(wave=wave, cell=Cell.objects.filter(wave=wave)[0], measure="x", count=4, total=1.0, squares=1.0)


# answering


def test_one_answer_a_ticket(crowd: Crowd) -> None:
    wave, person = crowd.launched(), crowd.people[0]
    crowd.answer(wave, person)
    with pytest.raises(Conflict, match="answered already"):
        crowd.answer(wave, person)
    assert Waiting.objects.filter(cell__isnull=False).count() == 1
    assert Invitation.objects.filter(answered_on=TODAY).count() == 1


@pytest.mark.parametrize("ticket", ["", "x", "0" * 64, "Ä" * 64])
def test_a_tampered_ticket_changes_nothing(crowd: Crowd, ticket: str) -> None:
    wave = crowd.launched()
    with pytest.raises(Refused, match="ticket"):
        actions.answer(by=actions.RESPONDENT, wave=wave, ticket=ticket, given=sheet(crowd.questions))
    with pytest.raises(Refused, match="ticket"):  # the receipt in the table is no ticket
        stub = Invitation.objects.filter(wave=wave)[0].ticket
        actions.answer(by=actions.RESPONDENT, wave=wave, ticket=stub, given=sheet(crowd.questions))
    assert not Waiting.objects.exists() and not Invitation.objects.filter(answered_on__isnull=False).exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [({"imp_safety": ""}, "imp_safety"), ({"imp_safety": "6"}, "imp_safety"), ({"expected": "101"}, "expected"), ({"expected": "-1"}, "expected"),
     ({"wish": "nonsense"}, "wish"), ({"word": "长" * 301}, "word"), ({"hard_life": "3.5"}, "hard_life")],
)  # fmt: skip
def test_an_answer_that_cannot_be(crowd: Crowd, more: dict[str, str], field: str) -> None:
    wave = crowd.launched()
    with pytest.raises(Refused) as refusal:
        crowd.answer(wave, crowd.people[0], sheet(crowd.questions, **more))
    assert refusal.value.field == field
    assert not Waiting.objects.exists() and not Invitation.objects.filter(answered_on__isnull=False).exists()


def test_no_answer_after_the_last_day_or_after_closing(crowd: Crowd) -> None:
    wave = crowd.launched()
    with clock.frozen(datetime(2026, 12, 21, 0, 1)), pytest.raises(Conflict, match="closed"):
        crowd.answer(wave, crowd.people[0])
    crowd.all_answer(wave, crowd.people[:20])
    code = sealing.ticket(wave.uid, crowd.people[30].pk)
    stale = Wave.objects.get(pk=wave.pk)
    crowd.closed(wave)
    for seen in (stale, Wave.objects.get(pk=wave.pk)):  # also a page that was loaded before the close
        with pytest.raises(Conflict, match="closed"):
            actions.answer(by=actions.RESPONDENT, wave=seen, ticket=code, given=sheet(crowd.questions))
    with pytest.raises(Conflict):
        crowd.closed(wave)
    with pytest.raises(Conflict):
        actions.release(by=fresh(crowd.town.office), wave=crowd.draft(title="另"))


def test_the_log_says_that_somebody_answered_and_nothing_else(crowd: Crowd) -> None:
    wave = crowd.launched()
    code = sealing.ticket(wave.uid, crowd.people[0].pk)
    actions.answer(by=fresh(crowd.town.wang), wave=wave, ticket=code, given=sheet(crowd.questions))  # whoever calls
    entry = Entry.objects.order_by("-pk")[0]
    assert (entry.kind, entry.actor_uid, entry.object_kind, entry.object_id) == (
        "surveys.answer",
        "respondent",
        "survey_wave",
        str(wave.pk),
    )
    assert entry.detail == "{}"
    assert not IdempotencyKey.objects.exists()


def test_nothing_is_left_of_an_answer_that_could_not_be_logged(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    wave = crowd.launched()

    def broken(act: Any) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(kernel, "_audit_writer", broken)
    for act in (lambda: crowd.answer(wave, crowd.people[0]), lambda: crowd.closed(wave), lambda: crowd.draft(title="另")):
        with pytest.raises(RuntimeError):
            act()
    assert not Waiting.objects.exists() and not Invitation.objects.filter(answered_on__isnull=False).exists()
    assert Wave.objects.get().state == "launched" and sealing.is_here(wave.uid)


def test_a_person_who_moves_in_mid_wave_stays_in_the_cell_of_the_launch(crowd: Crowd) -> None:
    wave = crowd.launched()
    before = list(Cell.objects.filter(wave=wave).values_list("pk", "invited"))
    mover = next(person for person in crowd.people if person.code == "S0-0")
    code = sealing.stub(sealing.ticket(wave.uid, mover.pk))
    cell = Invitation.objects.get(ticket=code).cell_id
    Appointment.objects.filter(person=mover).update(ends_on=TODAY)
    post = Appointment.objects.get(person=crowd.people[33]).post
    Appointment.objects.filter(post=post).update(ends_on=TODAY)
    Appointment.objects.create(person=mover, post=post, starts_on=TODAY)
    crowd.all_answer(wave)
    assert Invitation.objects.get(ticket=code).cell_id == cell
    assert list(Cell.objects.filter(wave=wave).values_list("pk", "invited")) == before
    done = crowd.released(wave)
    assert done.answered == 200 and sum(cell.answered or 0 for cell in Cell.objects.filter(wave=wave)) == 200


# what becomes of answers


def test_a_cell_with_too_few_answers_is_counted_with_a_neighbour(crowd: Crowd) -> None:
    wave = crowd.launched()
    first = [person for person in crowd.people if person.code.startswith("S0")][:3]
    crowd.all_answer(wave, first + [person for person in crowd.people if person.code.startswith("S1")])
    done = crowd.released(wave)
    assert (done.answered, done.discarded) == (26, 0)
    blocks = Cell.objects.filter(wave=wave, answered__isnull=False)
    assert sum(block.answered or 0 for block in blocks) == 26 and min(block.answered or 0 for block in blocks) >= 5


def test_fewer_than_k_answers_altogether_are_thrown_away_and_said(crowd: Crowd) -> None:
    wave = crowd.launched()
    crowd.all_answer(wave, crowd.people[:4])
    done = crowd.released(wave)
    assert (done.answered, done.discarded) == (4, 4)
    assert not Statistic.objects.exists() and not Answer.objects.exists() and not Waiting.objects.exists()


def test_fewer_than_ten_comments_are_thrown_away_and_said(crowd: Crowd) -> None:
    wave = crowd.launched()
    for at, person in enumerate(crowd.people[:40]):
        crowd.answer(wave, person, sheet(crowd.questions, word="话" if at < 9 else ""))
    done = crowd.released(wave)
    assert (done.comments_discarded, Comment.objects.count()) == (9, 0)


def test_without_the_key_a_wave_can_only_be_closed(crowd: Crowd) -> None:
    """As after a restore: no backup holds the key. What was written in batches stays, what waited is gone, and the wave says so."""
    wave = crowd.launched()
    crowd.all_answer(wave)
    written = Answer.objects.count()
    sealing.forget(wave.uid)
    with pytest.raises(Refused, match="restored from a backup"):
        crowd.answer(wave, crowd.people[0])
    assert queries.open_for(fresh(crowd.town.wang)) == []
    done = crowd.closed(wave)
    assert (done.answered, done.discarded) == (200, 200 - written)
    assert Answer.objects.count() == written > 80


def test_the_key_is_gone_once_the_wave_is_closed(crowd: Crowd, django_capture_on_commit_callbacks: Any) -> None:
    wave = crowd.launched()
    assert sealing.is_here(wave.uid)
    with django_capture_on_commit_callbacks(execute=True):
        crowd.closed(wave)
    assert not sealing.is_here(wave.uid)


def test_while_a_wave_is_open_counts_show_in_steps_of_k_only(crowd: Crowd) -> None:
    wave = crowd.launched()
    crowd.all_answer(wave, [person for person in crowd.people if person.code.startswith("S0")][:14])
    assert set(queries.so_far(wave).values()) == {10}
    crowd.all_answer(wave, [person for person in crowd.people if person.code.startswith("S1")][:4])
    assert set(queries.so_far(wave).values()) == {10}


def test_what_surveys_ask_stands_with_the_other_askings(crowd: Crowd) -> None:
    wave = crowd.launched()
    found = [asking for asking in standing([crowd.town.shop.pk], TODAY) if asking.source == wave.title]
    assert len(found) == len(crowd.questions) and {asking.payer for asking in found} == {"person"}


def test_batches_hold_k_and_k_stay_behind(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    wave = crowd.launched()
    sizes: dict[int, int] = {}
    for person in [person for person in crowd.people if person.code.startswith("S0")]:
        crowd.answer(wave, person)
        (cell,) = Invitation.objects.filter(answered_on__isnull=False).values_list("cell_id", flat=True).distinct()
        now = Answer.objects.filter(cell=cell).count()
        assert now - sizes.get(cell, 0) in {0, 5}
        sizes[cell] = now
    assert Waiting.objects.filter(cell__isnull=False).count() >= 5
    assert mixing.chance.__class__.__name__ == "SystemRandom"


def test_grants_are_not_needed_to_answer(crowd: Crowd) -> None:
    assert not Grant.objects.filter(user=crowd.town.wang).exists()
    wave = crowd.launched()
    crowd.answer(wave, Person.objects.get(account=crowd.town.wang))
