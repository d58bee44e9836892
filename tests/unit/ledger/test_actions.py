"""The life of a matter: every step, who may take it, what it refuses, and what it leaves behind."""

from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from tests.town import TODAY, Town, fresh

from rongtong.audit.models import Entry
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions, kinds, policies, queries
from rongtong.ledger.actions import Ask, NewMatter, Parts
from rongtong.ledger.models import Evidence, Matter, Request, Step
from rongtong.ledger.states import State
from rongtong.notifications.models import Note
from rongtong.organization.models import Appointment, Person

DUE = date(2026, 12, 20)


def deployed(town: Town, **changes: Any) -> Matter:
    given: dict[str, Any] = {"parts": Parts(town.secretary, town.deputy), "partner": town.branch} | changes
    return actions.deploy(by=town.zhou, new=NewMatter("查清返工原因", "both", town.shop, DUE, **given))


def test_a_matter_goes_from_draft_to_closed_and_every_step_is_kept(town: Town) -> None:
    matter = deployed(town)
    actions.acknowledge(by=town.li, matter=matter)
    actions.report(by=town.li, matter=matter, progress=40, note="已取样")
    actions.submit(by=town.li, matter=matter, note="原因是刀具磨损")
    done = actions.close(by=town.zhou, matter=matter, outcome="返工率降到 2.1 %")
    assert (done.state, done.closed_on, done.progress) == ("closed", TODAY, 100)
    steps = list(Step.objects.filter(matter=matter).order_by("pk").values_list("kind", "to_state", "handler__person__name", "by_part"))
    assert [(kind, to) for kind, to, _who, _part in steps] == [
        ("draft", "draft"), ("assign", "assigned"), ("acknowledge", "acknowledged"), ("report", "in_progress"), ("submit", "submitted"),
        ("close", "closed"),
    ]  # fmt: skip
    assert [part for *_rest, part in steps] == ["leader", "leader", "handler", "handler", "handler", "leader"]
    assert steps[2][2] == "li"
    assert Entry.objects.filter(kind__startswith="ledger.").count() == 5  # draft and assignment are one act


def test_the_handler_is_told_and_the_successor_inherits(town: Town) -> None:
    matter = deployed(town)
    assert Note.objects.filter(to=town.li, about_kind="matter").count() == 1
    assert [m.pk for m in queries.inbox(fresh(town.li)).do] == [matter.pk]
    Appointment.objects.filter(post=town.deputy).update(ends_on=TODAY)
    assert queries.inbox(fresh(town.li)).do == []
    assert queries.filtered(queries.matters(town.zhou), queries.Filters(is_vacant=True), TODAY, 7).count() == 1
    Appointment.objects.create(person=Person.objects.get(code="E-wang"), post=town.deputy, starts_on=TODAY)
    assert [m.pk for m in queries.inbox(fresh(town.wang)).do] == [matter.pk]
    assert Step.objects.filter(matter=matter, kind="assign", handler__person__name="li").exists()  # as it was


def test_nobody_reviews_their_own_work(town: Town) -> None:
    with pytest.raises(Refused, match="nobody would review"):
        deployed(town, parts=Parts(town.deputy, town.deputy))
    with pytest.raises(Refused, match="may not be the handler"):
        deployed(town, parts=Parts(town.secretary, town.deputy, town.deputy))
    with pytest.raises(Refused, match="own work"):  # two posts, one person: zhou is head and secretary
        deployed(town, parts=Parts(town.secretary, town.head))
    Appointment.objects.filter(post=town.secretary).update(person=Person.objects.get(code="E-wang"))
    matter = actions.deploy(by=town.zhou, new=NewMatter("查", "both", town.shop, DUE, Parts(town.secretary, town.head)))
    Appointment.objects.filter(post=town.secretary).update(person=Person.objects.get(code="E-zhou"))  # later the same person
    actions.acknowledge(by=town.zhou, matter=matter)
    actions.submit(by=town.zhou, matter=matter, note="做完了")
    with pytest.raises(NotAllowed, match=policies.OWN_WORK):
        actions.close(by=town.zhou, matter=matter)
    matter.refresh_from_db()
    assert matter.state == State.SUBMITTED
    with pytest.raises(IntegrityError), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(reviewer_post=town.head)


def test_steps_are_refused_to_others_and_out_of_turn(town: Town) -> None:
    matter = deployed(town)
    with pytest.raises(Unseen):
        actions.acknowledge(by=fresh(town.stranger), matter=matter)
    with pytest.raises(NotAllowed):
        actions.acknowledge(by=town.office, matter=matter)
    with pytest.raises(Conflict, match="somebody was faster"):
        actions.submit(by=town.li, matter=matter, note="x")
    actions.acknowledge(by=town.li, matter=matter)
    with pytest.raises(Conflict):
        actions.acknowledge(by=town.li, matter=matter)
    with pytest.raises(Refused, match="neither evidence nor a report"):
        actions.submit(by=town.li, matter=matter)
    with pytest.raises(Refused, match="not a progress"):
        actions.report(by=town.li, matter=matter, progress=101)
    assert Step.objects.filter(matter=matter).count() == 3


def test_returned_with_a_reason_extended_by_the_leader_only(town: Town) -> None:
    matter = deployed(town)
    actions.acknowledge(by=town.li, matter=matter)
    with pytest.raises(Refused, match="not later"):
        actions.ask_extension(by=town.li, matter=matter, due_on=DUE, note="等备件")
    actions.ask_extension(by=town.li, matter=matter, due_on=date(2027, 1, 10), note="等备件")
    assert [m.pk for m in queries.inbox(fresh(town.zhou)).decide] == [matter.pk]
    with pytest.raises(NotAllowed):
        actions.extend(by=town.li, matter=matter)
    done = actions.extend(by=town.zhou, matter=matter)
    assert (done.due_on, done.first_due_on, done.asked_due_on) == (date(2027, 1, 10), DUE, None)
    actions.submit(by=town.li, matter=matter, note="好了")
    with pytest.raises(Refused, match="no reason"):
        actions.send_back(by=town.zhou, matter=matter, note=" ")
    assert actions.send_back(by=town.zhou, matter=matter, note="缺少数据").returned == 1


def test_suspension_gives_its_days_back(town: Town) -> None:
    matter = deployed(town)
    actions.suspend(by=town.zhou, matter=matter, note="停产检修")
    with clock.frozen(datetime(2026, 11, 30, 9, 0)):
        done = actions.resume(by=town.zhou, matter=matter)
    assert (done.state, done.due_on) == ("assigned", date(2026, 12, 27))


def test_urging_three_times_tells_the_leader_above(town: Town) -> None:
    matter = deployed(town, parts=Parts(town.other_head, town.deputy, town.secretary))
    for _time in range(3):
        actions.urge(by=town.zhou, matter=matter)
    matter.refresh_from_db()
    assert (matter.urged, matter.level) == (3, 1)
    assert Note.objects.filter(kind="escalated", to=town.chen).count() == 1
    assert Note.objects.filter(kind="urge", to=town.li).count() == 3


def test_look_back_and_reopen(town: Town) -> None:
    matter = deployed(town)
    actions.acknowledge(by=town.li, matter=matter)
    actions.submit(by=town.li, matter=matter, note="好了")
    actions.close(by=town.zhou, matter=matter)
    assert actions.look_back(by=town.zhou, matter=matter).looked_back_on == TODAY
    with pytest.raises(Refused, match="has passed"):
        actions.reopen(by=town.zhou, matter=matter, due_on=date(2026, 1, 1), note="又出现")
    done = actions.reopen(by=town.zhou, matter=matter, due_on=DUE, note="又出现")
    assert (done.state, done.closed_on, done.reopened) == ("in_progress", None, 1)


def test_hand_over_in_the_middle(town: Town) -> None:
    matter = deployed(town)
    actions.acknowledge(by=town.li, matter=matter)
    done = actions.hand_over(by=town.zhou, matter=matter, parts=Parts(handler=town.staff), note="调岗")
    assert (done.handler_post, done.state) == (town.staff, "acknowledged")
    with pytest.raises(NotAllowed):
        actions.submit(by=fresh(town.li), matter=matter, note="x")
    actions.submit(by=town.wang, matter=matter, note="x")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "title is empty"),
        ({"side": "both sides"}, "not a side"),
        ({"origin": "nowhere"}, "not an origin"),
        ({"due_on": date(2026, 1, 1)}, "lies before the start"),
        ({"partner": "other"}, "same tree"),
    ],
)
def test_bad_matters_are_refused_and_leave_nothing(town: Town, changes: dict[str, Any], sentence: str) -> None:
    given: dict[str, Any] = {"title": "查", "side": "both", "lead": town.shop, "due_on": DUE} | changes
    if given.get("partner") == "other":
        given["partner"] = town.other
    with pytest.raises(Refused, match=sentence):
        actions.create(by=town.zhou, new=NewMatter(**given))
    assert not Matter.objects.exists()


def test_a_matter_cannot_be_part_of_itself(town: Town) -> None:
    first, second = deployed(town), deployed(town)
    actions.break_down(by=town.zhou, matter=second, parent=first)
    with pytest.raises(Refused, match="part of itself"):
        actions.break_down(by=town.zhou, matter=first, parent=second)


def test_a_restricted_matter_is_seen_by_those_who_take_part(town: Town) -> None:
    matter = deployed(town, is_restricted=True)
    assert policies.sees(fresh(town.li), matter) and policies.sees(fresh(town.zhou), matter)
    assert not policies.sees(fresh(town.office), matter)
    assert not queries.matters(fresh(town.office)).exists()


def test_evidence_is_checked_kept_and_withdrawn(town: Town, settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    matter = deployed(town)
    with pytest.raises(Refused, match="not a kind of file"):
        actions.add_file(by=town.li, matter=matter, upload=SimpleUploadedFile("a.pdf", b"MZ\x90\x00"))
    with pytest.raises(Refused, match="empty"):
        actions.add_file(by=town.li, matter=matter, upload=SimpleUploadedFile("a.pdf", b""))
    row = actions.add_file(by=town.li, matter=matter, upload=SimpleUploadedFile("../a.pdf", b"%PDF-1.7 x"))
    assert row.file is not None and row.file.name == "a.pdf"
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
    with pytest.raises(NotAllowed):
        actions.add_file(
            by=fresh(town.chen),
            matter=deployed(town, supports=[town.other]),
            upload=SimpleUploadedFile("a.txt", b"x"),
        )
    assert actions.withdraw_evidence(by=town.li, evidence=row, note="传错").withdrawn_at is not None
    with pytest.raises(Refused, match="no such record"):
        actions.add_record(by=town.li, matter=matter, record=Reference("matter", "999999"))


def test_a_record_of_the_system_is_evidence(town: Town) -> None:
    matter = deployed(town)
    other = deployed(town)
    row = actions.add_record(by=town.li, matter=matter, record=Reference("matter", str(other.pk)))
    assert row.record == Reference("matter", str(other.pk))
    actions.acknowledge(by=town.li, matter=matter)
    assert actions.submit(by=town.li, matter=matter).state == "submitted"  # evidence instead of words


def test_the_light_path_closes_itself_by_a_record(town: Town) -> None:
    matter = deployed(town, is_light=True)
    with pytest.raises(NotAllowed):
        actions.prove(by=town.zhou, matter=matter, record=Reference("node", str(town.shop.pk)), on=TODAY)
    done = actions.prove(by=SYSTEM, matter=matter, record=Reference("node", str(town.shop.pk)), on=TODAY)
    assert (done.state, done.closed_on) == ("closed", TODAY)
    assert Evidence.objects.get(matter=matter).record == Reference("node", str(town.shop.pk))
    heavy = deployed(town)
    assert actions.prove(by=SYSTEM, matter=heavy, record=Reference("node", "1"), on=TODAY).state == "assigned"


def test_a_request_runs_a_clock_and_is_answered_once(town: Town) -> None:
    matter = actions.ask(by=town.zhou, new=Ask("支援检具", town.shop, town.other, DUE, "缺两套"))
    request = Request.objects.get(matter=matter)
    assert (request.asked_on, request.answer_due_on, matter.handler_post) == (TODAY, date(2026, 11, 28), town.other_head)
    assert policies.sees(fresh(town.chen), matter) and policies.sees(fresh(town.zhou), matter)
    with pytest.raises(Refused, match="no reason"):
        actions.answer(by=town.chen, matter=matter, choice="declined")
    actions.answer(by=town.chen, matter=matter, choice="agreed", note="周三送到")
    with pytest.raises(Conflict, match="answered already"):
        actions.answer(by=town.chen, matter=matter, choice="declined", note="x")
    assert Note.objects.filter(to=town.zhou, kind="answer").count() == 1
    with pytest.raises(Refused, match="asks itself"):
        actions.ask(by=town.zhou, new=Ask("x", town.shop, town.shop, DUE))


def test_open_matters_keep_a_unit_from_being_closed(town: Town) -> None:
    deployed(town)
    [still] = kinds.open_matters(town.shop, TODAY)
    assert still.count == 1 and "hand them over" in still.remedy
    assert kinds.open_matters(town.other, TODAY) == []


def test_a_failing_audit_rolls_a_step_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongtong.kernel import act as acts

    matter = deployed(town)

    def broken(_act: Any) -> None:
        raise OSError("the log is full")

    monkeypatch.setattr(acts, "_audit_writer", broken)
    with pytest.raises(OSError, match="full"):
        actions.acknowledge(by=town.li, matter=matter)
    matter.refresh_from_db()
    assert matter.state == "assigned" and Step.objects.filter(matter=matter).count() == 2


def test_steps_are_never_changed(town: Town) -> None:
    matter = deployed(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.filter(matter=matter).update(note="anders")
