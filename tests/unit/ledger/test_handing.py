"""Whoever leaves hands over: written by the clock, as it was on the last day, told to leaders and successor, taken over once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import TODAY, Town, fresh

from rongtong.audit.models import Entry
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions, handing, reminding
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.handing import Carried, Item
from rongtong.ledger.models import HandOver, Matter
from rongtong.notifications.models import Note
from rongtong.organization.models import Appointment, Person

DUE = date(2026, 12, 20)


def matter(town: Town, title: str = "查", **changes: Any) -> Matter:
    return actions.deploy(
        by=town.zhou, new=NewMatter(title, "both", town.shop, DUE, Parts(town.secretary, town.deputy), town.branch, **changes)
    )


def leaves(town: Town, on: date = TODAY) -> None:
    Appointment.objects.filter(post=town.deputy).update(ends_on=on)


def follows(town: Town, on: date = TODAY) -> None:
    Appointment.objects.create(person=Person.objects.get(code="E-wang"), post=town.deputy, starts_on=on)


def test_a_note_is_written_once_and_follows_the_records_until_the_last_day(town: Town) -> None:
    first = matter(town)
    leaves(town, TODAY + timedelta(days=5))
    assert handing.write(by=SYSTEM, on=TODAY) == 1
    assert handing.write(by=SYSTEM, on=TODAY) == 0
    second = matter(town, "又一项")
    handing.write(by=SYSTEM, on=TODAY + timedelta(days=1))
    found = HandOver.objects.get()
    assert [item.record for item in Item.of(found.items)] == [Reference("matter", str(one.pk)) for one in (first, second)]
    assert Item.of(found.items)[0].due_on == DUE
    Matter.objects.update(state="closed", closed_on=TODAY)
    handing.write(by=SYSTEM, on=TODAY + timedelta(days=6))  # the day has passed: it stays as it was
    assert len(HandOver.objects.get().items) == 2
    assert handing.write(by=SYSTEM, on=TODAY - timedelta(days=3)) == 0  # the clock went back


def test_nothing_to_hand_over_writes_nothing_and_an_old_end_is_left(town: Town) -> None:
    leaves(town)
    assert handing.write(by=SYSTEM, on=TODAY) == 0
    matter(town)
    assert handing.write(by=SYSTEM, on=TODAY + timedelta(days=40)) == 0
    assert handing.write(by=SYSTEM, on=TODAY + timedelta(days=30)) == 1  # late by a month, still in time


def test_the_leaver_is_asked_leaders_hear_and_the_successor_is_told(town: Town) -> None:
    matter(town)
    leaves(town, TODAY + timedelta(days=3))
    reminding.remind(by=SYSTEM, on=TODAY)
    assert Note.objects.filter(kind="hand_over", to=town.li, text__contains="What has your successor to know").count() == 1
    reminding.remind(by=SYSTEM, on=TODAY + timedelta(days=3))
    assert Note.objects.filter(kind="hand_over", to=town.zhou, text__contains="left the post").count() == 1
    follows(town, TODAY + timedelta(days=10))
    for _twice in range(2):
        reminding.remind(by=SYSTEM, on=TODAY + timedelta(days=10))
    assert Note.objects.filter(kind="hand_over", to=town.wang, text__contains="take over 1").count() == 1
    assert Note.objects.filter(kind="hand_over").count() == 3


def test_only_the_successor_takes_it_over_and_once(town: Town) -> None:
    matter(town)
    leaves(town)
    handing.write(by=SYSTEM, on=TODAY)
    found = HandOver.objects.get()
    follows(town)
    assert [row.pk for row in handing.of_actor(fresh(town.wang), TODAY)] == [found.pk]
    assert not handing.of_actor(fresh(town.chen), TODAY).exists()
    with pytest.raises(Unseen):
        handing.take(by=fresh(town.stranger), found=found)
    with pytest.raises(NotAllowed):
        handing.take(by=fresh(town.zhou), found=found)  # leads there, does not follow
    with pytest.raises(NotAllowed):
        handing.take(by=fresh(town.li), found=found)  # left
    done = handing.take(by=fresh(town.wang), found=found)
    assert (done.taken_on, done.taken_by) == (TODAY, str(town.wang.uid))
    assert Entry.objects.filter(kind="ledger.take_over_post").count() == 1
    with pytest.raises(Conflict):
        handing.take(by=fresh(town.wang), found=found)
    assert not handing.of_actor(fresh(town.wang), TODAY).exists()


def test_the_note_is_the_leavers(town: Town) -> None:
    matter(town)
    leaves(town)
    handing.write(by=SYSTEM, on=TODAY)
    follows(town)
    found = HandOver.objects.get()
    with pytest.raises(Refused, match="empty"):
        handing.add_note(by=fresh(town.li), found=found, note="  ")
    with pytest.raises(NotAllowed):
        handing.add_note(by=fresh(town.wang), found=found, note="我接")
    assert handing.add_note(by=fresh(town.li), found=found, note="备件合同下周到期").noted_label.startswith("li")
    with pytest.raises(Unseen):
        handing.add_note(by=fresh(town.chen), found=found, note="x")


def test_other_packages_add_their_part(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "_finders", dict(handing._finders))
    handing.register_carried("zz", "别的", lambda post, on: [Carried(Reference("thing", "1"), on)])
    leaves(town)
    handing.write(by=SYSTEM, on=TODAY)
    assert [(item.part, item.record.kind, item.due_on) for item in Item.of(HandOver.objects.get().items)][-1] == ("zz", "thing", TODAY)
    assert handing.title_of("zz") == "别的" and handing.title_of("gone") == "gone"


def test_restricted_titles_stand_in_no_note(town: Town) -> None:
    matter(town, "绝密谈话安排", is_restricted=True)
    leaves(town)
    reminding.remind(by=SYSTEM, on=TODAY)
    assert "绝密" not in str(HandOver.objects.get().items)
    assert not Note.objects.filter(kind="hand_over", text__contains="绝密").exists()


def test_restricted_titles_never_leave_by_reminder(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes out by mail and robot is `outside`; a reminder of a restricted matter once carried its title there."""
    matter(town, "绝密谈话安排", is_restricted=True)
    sent: list[Any] = []
    monkeypatch.setattr("rongtong.kernel.act._message_writer", sent.extend)
    reminding.remind(by=SYSTEM, on=DUE + timedelta(days=1))
    assert sent and all("绝密" not in message.params["outside"] for message in sent)


def test_the_database_holds_hand_overs_to_their_rules(town: Town) -> None:
    matter(town)
    leaves(town)
    handing.write(by=SYSTEM, on=TODAY)
    for wrong in ({"taken_on": TODAY}, {"taken_by": "x"}, {"note": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOver.objects.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.create(appointment=HandOver.objects.get().appointment, written_on=TODAY)
