"""The one path of a meeting: prepared, called, held, recorded, agreed, signed; what each step refuses, and what it leaves behind."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from tests.town import TODAY, fresh
from tests.unit.meetings.conftest import HELD, Hall, at

from rongtong.audit.models import Entry
from rongtong.kernel.act import install_audit_writer
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.ledger.models import Matter
from rongtong.meetings import actions, minutes, policies, queries
from rongtong.meetings.actions import Facts, NewMeeting, NewResolution, Plan, Present, Words
from rongtong.meetings.agenda import NewItem
from rongtong.meetings.models import AgendaItem, Attendance, Meeting, Minutes, Presence, Resolution, Signature
from rongtong.notifications.models import Note
from rongtong.organization import restructuring
from rongtong.organization.models import Person
from rongtong.roster.models import Affiliation, Exclusion, Suspension

DUE = date(2026, 12, 20)


def codes() -> set[str]:
    return {entry.kind for entry in Entry.objects.filter(kind__startswith="meetings.")}


def test_a_meeting_goes_from_preparation_to_a_signed_version_and_a_closed_matter(hall: Hall) -> None:
    meeting = hall.prepared(day=date(2026, 11, 25))
    assert (meeting.state, meeting.number, meeting.code) == ("prepared", 1, "M2026-000001")
    assert [item.topic for item in meeting.items.all()][:2] == ["first_agenda", "party_building"]
    actions.notice(by=fresh(hall.town.zhou), meeting=meeting)
    assert Note.objects.filter(to=hall.town.li, about_kind="meeting").count() == 1
    done = hall.signed("assembly")
    assert (done.state, done.version, done.present, done.should) == ("signed", 1, 4, 4)
    assert {"meetings.prepare", "meetings.notice", "meetings.hold", "meetings.record_attendance", "meetings.sign"} <= codes()


def test_numbers_run_by_kind_and_organisation_and_year(hall: Hall) -> None:
    assert [hall.prepared(hour=h).number for h in (8, 9)] == [1, 2]
    assert hall.prepared("lecture").number == 1
    assert hall.prepared(day=date(2027, 1, 4)).number == 1
    slipped = hall.prepared(day=date(2026, 12, 30))
    assert slipped.number == 3


def test_who_should_attend_and_who_votes_follow_the_roster(hall: Hall) -> None:
    Suspension.objects.create(person=hall.people["sun"], starts_on=date(2026, 1, 1), holder="纪委", paper_file="J-1", recorded_label="x")
    Exclusion.objects.create(
        person=hall.people["li"], party=hall.town.branch, reason="abroad", consent_document="批1", assembly_on=date(2026, 1, 1),
        starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1), recorded_by="x", recorded_label="x",
    )  # fmt: skip
    meeting = hall.held("assembly", recorder=hall.people["sun"])
    rows = {row.person.code: (row.presence, row.votes) for row in meeting.attendance.select_related("person")}
    assert rows == {"E-zhou": ("", True), "E-li": ("excluded", False), "E-wang": ("", False), "E-sun": ("", False)}
    done = actions.record_attendance(
        by=hall.town.zhou, meeting=meeting, rows=[Present(hall.people[name], "present") for name in ("zhou", "wang", "sun")]
    )
    assert (done.should, done.present, done.voters, done.voters_present, done.is_valid) == (3, 3, 1, 1, True)


def test_without_a_roster_nobody_is_guessed(hall: Hall) -> None:
    Affiliation.objects.all().delete()
    meeting = hall.held("assembly")
    assert meeting.attendance.count() == 0
    assert (meeting.should, meeting.present, meeting.is_valid) == (None, None, None)
    with pytest.raises(Refused, match="not among those who should attend"):
        actions.record_attendance(by=hall.town.zhou, meeting=meeting, rows=[Present(hall.people["sun"], "present")])
    done = actions.record_attendance(by=hall.town.zhou, meeting=meeting, rows=[Present(hall.people["sun"], "sit_in")])
    assert (done.should, done.attendance.count()) == (None, 1)


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([("chen", "present", "")], "not among those who should attend"),  # attendance above membership
        ([("zhou", "present", ""), ("zhou", "absent", "x")], "stands twice"),
        ([("zhou", "leave", " ")], "no reason why"),
        ([("zhou", "absent", "")], "no reason why"),
        ([("zhou", "excluded", "")], "Nobody approved"),
        ([("zhou", "sit_in", "")], "cannot sit in"),
        ([("zhou", "late", "")], "is not an attendance"),
    ],
)
def test_attendance_that_cannot_be_is_refused_and_changes_nothing(hall: Hall, rows: list[tuple[str, str, str]], what: str) -> None:
    meeting = hall.held("assembly")
    sent = [Present(hall.people[name], presence, reason) for name, presence, reason in rows]
    with pytest.raises(Refused, match=what) as refused:
        actions.record_attendance(by=hall.town.zhou, meeting=meeting, rows=[Present(hall.people["sun"], "present"), *sent])
    assert refused.value.remedy
    assert not meeting.attendance.exclude(presence="").exists()


def test_nobody_is_present_in_two_meetings_at_once(hall: Hall) -> None:
    hall.recorded("assembly", hour=9)
    other = hall.held("branch_committee", hour=9)
    with pytest.raises(Refused, match="another meeting from 2026-11-20 09:00") as refused:
        actions.record_attendance(by=hall.town.zhou, meeting=other, rows=[Present(hall.people["zhou"], "present")])
    assert refused.value.code == "elsewhere"
    with pytest.raises(Refused, match="another meeting"):  # nor by correcting the times afterwards
        afternoon = hall.recorded("branch_committee", hour=14)
        actions.set_facts(by=hall.town.zhou, meeting=afternoon, facts=Facts(starts_at=at(HELD, 9, 30)))
    later = hall.held("branch_committee", hour=10)  # the assembly ends at ten: touching is not overlapping
    assert actions.record_attendance(by=hall.town.zhou, meeting=later, rows=[Present(hall.people["zhou"], "present")]).pk


def test_who_is_called_twice_is_named(hall: Hall) -> None:
    day = date(2026, 11, 26)
    first, second = hall.prepared("assembly", day), hall.prepared("branch_committee", day)
    actions.notice(by=hall.town.zhou, meeting=first)
    assert {clash.person.code for clash in queries.clashes(second)} == {"E-zhou", "E-li"}
    actions.cancel(by=fresh(hall.town.zhou), meeting=first, reason="改期")
    assert queries.clashes(second) == []
    assert "改期" in Note.objects.filter(to=hall.town.li).latest("pk").text


@pytest.mark.parametrize(("present", "is_valid"), [(("zhou", "li"), True), (("zhou",), False)])
def test_the_quorum_exactly_at_its_bound_and_just_below(hall: Hall, present: tuple[str, ...], is_valid: bool) -> None:
    """Three may vote (the probationary member does not count): two are enough, one is not; half of four exactly is."""
    more = Person.objects.create(code="E-he", name="he", member_kind="formal")
    Affiliation.objects.create(person=more, party=hall.town.branch, standing="formal", starts_on=date(2020, 1, 1))
    people = hall.people | {"he": more}
    meeting = hall.held("assembly")
    rows = [
        Present(people[name], "present" if name in (*present, "wang") else "absent", "出差") for name in ("zhou", "li", "sun", "he", "wang")
    ]
    done = actions.record_attendance(by=hall.town.zhou, meeting=meeting, rows=rows)
    assert (done.voters, done.voters_present, done.is_valid) == (4, len(present), is_valid)


def test_minutes_are_written_item_by_item_and_a_second_writer_is_told(hall: Hall) -> None:
    from rongtong.meetings import checking

    meeting = hall.held()
    item = meeting.items.all()[1]
    mark = checking.mark(item)
    first = actions.write_minutes(by=hall.town.li, meeting=meeting, item=item, words=Words("研究了返工", "张三：不同意", "周", was=mark))
    assert (first.points, first.differing, first.speaker) == ("研究了返工", "张三：不同意", "周")
    with pytest.raises(Conflict, match="Somebody else wrote"):
        actions.write_minutes(by=hall.town.zhou, meeting=meeting, item=item, words=Words("另一段", was=mark))
    with pytest.raises(Unseen):
        actions.write_minutes(by=hall.town.zhou, meeting=hall.held(hour=14), item=item, words=Words("x"))
    with pytest.raises(Refused, match="longer than 20000"):
        actions.write_minutes(by=hall.town.zhou, meeting=meeting, item=item, words=Words("x" * 20_001))
    item.refresh_from_db()
    assert item.points == "研究了返工"


def owned(hall: Hall, **more: Any) -> NewResolution:
    given: dict[str, Any] = {"leader": hall.town.secretary, "handler": hall.town.deputy, "due_on": DUE} | more
    return NewResolution(given.pop("text", "两周内查清返工原因"), **given)


def test_a_resolution_with_an_owner_becomes_a_matter_at_once(hall: Hall) -> None:
    meeting = hall.held()
    item = meeting.items.get(topic="business")
    row = actions.resolve(by=hall.town.zhou, meeting=meeting, new=owned(hall, item=item, lead=hall.town.shop))
    matter = Matter.objects.get(resolution=row)
    assert (matter.origin, matter.origin_kind, matter.origin_id, matter.state) == ("resolution", "resolution", str(row.pk), "assigned")
    assert row.is_deployed  # both sides, led by the unit
    meeting.refresh_from_db()
    assert meeting.has_both_sides


def test_both_sides_count_only_with_an_owner(hall: Hall) -> None:
    meeting = hall.held()
    party, business = meeting.items.get(topic="party_building"), meeting.items.get(topic="business")
    actions.resolve(by=hall.town.zhou, meeting=meeting, new=owned(hall, item=party))
    actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution("知悉", item=business, needs_follow_up=False))
    loose = actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution("再议", item=business))
    meeting.refresh_from_db()
    assert not meeting.has_both_sides
    actions.own(by=hall.town.zhou, resolution=loose, new=owned(hall))
    meeting.refresh_from_db()
    assert meeting.has_both_sides
    actions.drop_resolution(by=hall.town.zhou, resolution=loose, reason="记错")
    meeting.refresh_from_db()
    assert not meeting.has_both_sides
    assert Matter.objects.get(title="再议").state == "void"


def test_a_resolution_without_owner_or_half_owned_is_not_signed(hall: Hall) -> None:
    meeting = hall.recorded()
    with pytest.raises(Refused, match="half assigned"):
        actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution("查", leader=hall.town.secretary))
    loose = actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution("查清返工"))
    with pytest.raises(Refused, match="has no owner") as refused:
        actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    assert refused.value.code == "nobody"
    assert not Signature.objects.exists()
    actions.no_follow_up(by=hall.town.zhou, resolution=loose)
    assert actions.sign(by=hall.town.li, meeting=meeting, part="recorder").state == "held"


def test_a_record_that_was_taken_over_with_counts_only_can_be_signed(hall: Hall) -> None:
    meeting = hall.recorded()
    Attendance.objects.filter(meeting=meeting).delete()
    Meeting.objects.filter(pk=meeting.pk).update(should=None, present=None, on_leave=None, voters=None, voters_present=None)
    meeting.refresh_from_db()
    with pytest.raises(Refused, match="Attendance is not recorded"):
        actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    Meeting.objects.filter(pk=meeting.pk).update(should=9, present=6, on_leave=3)
    meeting.refresh_from_db()
    assert actions.sign(by=hall.town.li, meeting=meeting, part="recorder").present == 6


def test_two_accounts_sign_one_text(hall: Hall) -> None:
    meeting = hall.recorded()
    with pytest.raises(NotAllowed, match="not_recorder"):
        actions.sign(by=hall.town.zhou, meeting=meeting, part="recorder")
    with pytest.raises(NotAllowed, match="not_chair"):
        actions.sign(by=hall.town.li, meeting=meeting, part="chair")
    actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    assert (Signature.objects.count(), Minutes.objects.count()) == (1, 0)
    assert [m.pk for m in queries.to_sign(hall.town.zhou)] == [meeting.pk]
    assert list(queries.to_sign(hall.town.li)) == []
    done = actions.sign(by=hall.town.zhou, meeting=meeting, part="chair")
    version = Minutes.objects.get()
    assert (done.state, done.version, Signature.objects.count()) == ("signed", 1, 0)
    assert (version.chair_uid, version.recorder_uid) == (str(hall.town.zhou.uid), str(hall.town.li.uid))
    assert minutes.digest_of(minutes.Content.of(version.content)) == version.digest
    assert list(queries.to_sign(hall.town.zhou)) == []


def test_a_signature_over_another_text_is_void(hall: Hall) -> None:
    meeting = hall.recorded()
    actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    actions.write_minutes(by=hall.town.zhou, meeting=meeting, item=meeting.items.all()[0], words=Words("改了"))
    assert not Signature.objects.exists()
    assert [m.pk for m in queries.to_sign(hall.town.li)] == [meeting.pk]
    actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    AgendaItem.objects.filter(meeting=meeting).update(points="绕过了动作")  # even past the acts: the digest is compared
    assert actions.sign(by=hall.town.zhou, meeting=meeting, part="chair").state == "held"
    assert Minutes.objects.count() == 0


def test_one_account_never_signs_twice(hall: Hall) -> None:
    meeting = hall.recorded()
    actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    Person.objects.filter(code="E-li").update(account=None)
    Person.objects.filter(code="E-zhou").update(account=hall.town.li)
    with pytest.raises(NotAllowed, match="same_account"):
        actions.sign(by=fresh(hall.town.li), meeting=meeting, part="chair")
    with pytest.raises(Refused, match="would chair and record"):
        actions.set_facts(by=hall.town.office, meeting=meeting, facts=Facts(recorder=meeting.chair))


def test_nothing_is_written_after_signing_but_through_an_amendment(hall: Hall) -> None:
    meeting = hall.signed()
    item = meeting.items.all()[0]
    for write in (
        lambda: actions.write_minutes(by=hall.town.zhou, meeting=meeting, item=item, words=Words("x")),
        lambda: actions.record_attendance(by=hall.town.zhou, meeting=meeting, rows=[Present(hall.people["li"], "absent", "x")]),
        lambda: actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution("x")),
        lambda: actions.set_facts(by=hall.town.zhou, meeting=meeting, facts=Facts(place="x")),
        lambda: actions.cancel(by=hall.town.zhou, meeting=meeting, reason="x"),
        lambda: actions.sign(by=hall.town.zhou, meeting=meeting, part="chair"),
    ):
        with pytest.raises(Conflict):
            write()
    with pytest.raises(Refused, match="no reason"):
        actions.amend(by=hall.town.zhou, meeting=meeting, reason=" ")
    actions.amend(by=hall.town.zhou, meeting=meeting, reason="漏记一条意见")
    actions.write_minutes(by=hall.town.li, meeting=meeting, item=item, words=Words(differing="李四：保留意见"))
    with pytest.raises(Conflict, match="differs"):
        actions.keep(by=hall.town.zhou, meeting=meeting)
    actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    done = actions.sign(by=hall.town.zhou, meeting=meeting, part="chair")
    one, two = done.versions.order_by("number")
    assert (done.version, two.reason, done.amending) == (2, "漏记一条意见", "")
    changed = minutes.changes(minutes.Content.of(one.content), minutes.Content.of(two.content))
    assert [(c.part, c.name, c.after) for c in changed] == [("items", "differing", "李四：保留意见")]


def test_an_amendment_that_changes_nothing_is_given_up(hall: Hall) -> None:
    meeting = hall.signed()
    actions.amend(by=hall.town.zhou, meeting=meeting, reason="看错了")
    done = actions.keep(by=hall.town.zhou, meeting=meeting)
    assert (done.state, done.version, done.versions.count()) == ("signed", 1, 1)


def test_signed_minutes_cannot_be_changed_even_by_sql(hall: Hall) -> None:
    meeting = hall.signed()
    with pytest.raises(DatabaseError, match="append"), transaction.atomic():
        Minutes.objects.filter(meeting=meeting).update(reason="x")


def test_meetings_whose_words_are_not_held_take_none(hall: Hall) -> None:
    with pytest.raises(Refused, match="not held"):
        hall.prepared("organisational_life", items=(NewItem("批评意见", "party"),))
    assert not Meeting.objects.exists()
    meeting = hall.recorded("organisational_life")
    assert meeting.items.count() == 0
    for write in (
        lambda: actions.add_item(by=hall.town.zhou, meeting=meeting, item=NewItem("批评", "party")),
        lambda: actions.write_minutes(by=hall.town.zhou, meeting=meeting, item=AgendaItem(pk=1), words=Words("x")),
    ):
        with pytest.raises(Refused, match="not held"):
            write()
    with pytest.raises(Refused, match="rectification matters only"):
        actions.resolve(by=hall.town.zhou, meeting=meeting, new=NewResolution("张三作风问题"))
    row = actions.resolve(by=hall.town.zhou, meeting=meeting, new=owned(hall, text="会前学习不足的整改"))
    assert row.text == "整改事项"
    assert (row.matter.origin, row.matter.sensitivity) == ("rectification", "restricted")  # type: ignore[union-attr]
    with pytest.raises(Refused, match="who holds the paper"):
        actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    actions.set_facts(by=hall.town.li, meeting=meeting, facts=Facts(holder="组织委员", paper_file="2026-12", values={"problems": "3"}))
    actions.sign(by=hall.town.li, meeting=meeting, part="recorder")
    done = actions.sign(by=hall.town.zhou, meeting=meeting, part="chair")
    assert "会前学习不足" not in str(done.versions.get().content)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"kind": "party_committee"}, "does not hold meetings of the kind"),
        ({"ends_at": at(HELD, 8)}, "does not lie after the start"),
        ({"partner": "branch"}, "same tree"),
        ({"title": "x" * 201}, "longer than 200"),
        ({"mode": "phone"}, "is not a mode"),
        ({"values": {"weather": 1}}, "is not a field"),
        ({"items": (NewItem("", "party"),)}, "no title"),
        ({"items": (NewItem("x", "left"),)}, "is not a side"),
        ({"recorder": "zhou", "chair": "zhou"}, "would chair and record"),
    ],
)
def test_what_cannot_be_a_meeting_is_refused_and_nothing_stays(hall: Hall, more: dict[str, Any], what: str) -> None:
    given = {"kind": hall.kind("lecture"), "node": hall.town.branch, "starts_at": at(HELD)} | more
    given["kind"] = hall.kind(str(more["kind"])) if "kind" in more else given["kind"]
    given |= {name: hall.people[given[name]] for name in ("chair", "recorder") if name in given}
    given |= {"partner": hall.town.branch} if "partner" in more else {}
    with pytest.raises(Refused, match=what) as refused:
        actions.prepare(by=hall.town.zhou, new=NewMeeting(**given))
    assert refused.value.remedy
    assert not Meeting.objects.exists()


def test_a_dissolved_organisation_meets_no_more_and_open_meetings_keep_it_open(hall: Hall) -> None:
    meeting = hall.prepared()
    still = [one for one in restructuring.still_open(hall.town.branch, TODAY) if one.what == "open meetings"]
    assert still[0].names == (meeting.title,)
    hall.town.branch.closed_on = HELD
    hall.town.branch.save(update_fields=["closed_on"])
    with pytest.raises(Refused, match="closed"):
        hall.prepared()
    with pytest.raises(Refused, match="did not exist"):
        actions.hold(by=hall.town.zhou, meeting=meeting, held_on=HELD)
    meeting.refresh_from_db()
    assert meeting.state == "prepared"


def test_a_meeting_is_not_held_ahead_and_a_notice_is_not_sent_behind(hall: Hall) -> None:
    meeting = hall.prepared(day=TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="lies ahead"):
        actions.hold(by=hall.town.zhou, meeting=meeting, held_on=TODAY + timedelta(days=3))
    with pytest.raises(Refused, match="has passed"):
        actions.notice(by=hall.town.zhou, meeting=hall.prepared())
    with pytest.raises(Refused, match="on which it was held"):
        actions.set_facts(by=hall.town.zhou, meeting=hall.held(), facts=Facts(starts_at=at(date(2026, 11, 19)), ends_at=at(HELD, 11)))


def test_february_29_and_the_turn_of_the_year(hall: Hall) -> None:
    leap = hall.held(day=date(2024, 2, 29))
    assert (leap.held_on, leap.year) == (date(2024, 2, 29), 2024)
    planned = hall.prepared(day=date(2025, 12, 31))
    slipped = actions.hold(by=hall.town.zhou, meeting=planned, held_on=date(2026, 1, 5))
    assert Meeting.objects.count() == 2
    assert (slipped.year, slipped.number, slipped.starts_at.astimezone().date()) == (2026, 1, date(2026, 1, 5))


def test_change_moves_it_and_tells_those_who_were_called(hall: Hall) -> None:
    meeting = hall.prepared(day=date(2026, 11, 26))
    actions.notice(by=hall.town.zhou, meeting=meeting)
    count = Note.objects.filter(to=hall.town.li).count()
    done = actions.change(by=hall.town.zhou, meeting=meeting, plan=Plan(starts_at=at(date(2026, 11, 27), 15), place="二楼"))
    assert (done.place, done.ends_at - done.starts_at) == ("二楼", timedelta(minutes=45))
    assert Note.objects.filter(to=hall.town.li).count() == count + 1
    actions.change(by=hall.town.zhou, meeting=done, plan=Plan(title="改名"))
    assert Note.objects.filter(to=hall.town.li).count() == count + 1  # a new title calls nobody


def test_who_may_what(hall: Hall) -> None:
    meeting = hall.recorded()
    with pytest.raises(Unseen):
        actions.sign(by=hall.town.stranger, meeting=meeting, part="chair")
    with pytest.raises(Unseen):
        actions.prepare(by=hall.town.stranger, new=NewMeeting(hall.kind("lecture"), hall.town.branch, at(HELD)))
    assembly = hall.held("assembly", hour=15)
    assert policies.sees(hall.town.wang, assembly)  # attends, with no role at all
    assert not policies.sees(hall.town.wang, meeting)
    with pytest.raises(NotAllowed):
        actions.write_minutes(by=hall.town.wang, meeting=assembly, item=assembly.items.all()[0], words=Words("x"))
    assert [m.pk for m in queries.meetings(fresh(hall.town.wang))] == [assembly.pk]
    assert list(queries.meetings(fresh(hall.town.stranger))) == []
    given = actions.set_facts(by=hall.town.zhou, meeting=assembly, facts=Facts(recorder=hall.people["wang"]))
    assert actions.write_minutes(by=hall.town.wang, meeting=given, item=given.items.all()[0], words=Words("记录")).points == "记录"


ACTS: dict[str, Any] = {
    "install_kinds": lambda h: actions.install_kinds(by=h.town.office),
    "prepare": lambda h: h.prepared(),
    "change": lambda h, m: actions.change(by=h.town.zhou, meeting=m("prepared"), plan=Plan(place="x")),
    "set_agenda": lambda h, m: actions.set_agenda(by=h.town.zhou, meeting=m("prepared"), items=[NewItem("x", "party")]),
    "add_item": lambda h, m: actions.add_item(by=h.town.zhou, meeting=m("held"), item=NewItem("x", "party")),
    "notice": lambda h, m: actions.notice(by=h.town.zhou, meeting=m("prepared", day=date(2026, 11, 30))),
    "cancel": lambda h, m: actions.cancel(by=h.town.zhou, meeting=m("prepared"), reason="x"),
    "hold": lambda h, m: actions.hold(by=h.town.zhou, meeting=m("prepared"), held_on=HELD),
    "set_facts": lambda h, m: actions.set_facts(by=h.town.zhou, meeting=m("held"), facts=Facts(place="x")),
    "record_attendance": lambda h, m: actions.record_attendance(by=h.town.zhou, meeting=m("held"), rows=[Present(h.people["zhou"], "present")]),
    "write_minutes": lambda h, m: actions.write_minutes(by=h.town.zhou, meeting=m("held"), item=AgendaItem.objects.first(), words=Words("x")),
    "resolve": lambda h, m: actions.resolve(by=h.town.zhou, meeting=m("held"), new=owned(h)),
    "own": lambda h, m: actions.own(by=h.town.zhou, resolution=_loose(h, m), new=owned(h)),
    "reword": lambda h, m: actions.reword(by=h.town.zhou, resolution=_loose(h, m), text="另一句"),
    "no_follow_up": lambda h, m: actions.no_follow_up(by=h.town.zhou, resolution=_loose(h, m)),
    "drop_resolution": lambda h, m: actions.drop_resolution(by=h.town.zhou, resolution=_loose(h, m), reason="x"),
    "sign": lambda h, m: actions.sign(by=h.town.li, meeting=m("recorded"), part="recorder"),
    "amend": lambda h, m: actions.amend(by=h.town.zhou, meeting=m("signed"), reason="x"),
    "keep": lambda h, m: actions.keep(by=h.town.zhou, meeting=_amending(h, m)),
}  # fmt: skip


def _loose(hall: Hall, made: Any) -> Resolution:
    return Resolution.objects.filter(meeting=made("held")).latest("pk")


def _amending(hall: Hall, made: Any) -> Meeting:
    return made("signed")  # type: ignore[no-any-return]


def _snapshot() -> list[Any]:
    tables = (Meeting, AgendaItem, Attendance, Resolution, Signature, Minutes, Matter, Note)
    return [list(table.objects.order_by("pk").values()) for table in tables]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"install_kinds"}))
def test_every_act_leaves_one_audit_row_and_nothing_at_all_where_that_row_cannot_be_written(hall: Hall, name: str) -> None:
    made: dict[str, Meeting] = {}

    def before(state: str, **more: Any) -> Meeting:
        return made[state]

    if name not in {"prepare"}:
        more = {"day": date(2026, 11, 30)} if name == "notice" else {}
        state = next((s for s in ("prepared", "held", "recorded", "signed") if s in _states(name)), "held")
        made[state] = getattr(hall, state)(**more)
        if name in {"own", "reword", "no_follow_up", "drop_resolution"}:
            actions.resolve(by=hall.town.zhou, meeting=made[state], new=NewResolution("查清返工"))
        if name == "keep":
            actions.amend(by=hall.town.zhou, meeting=made[state], reason="x")
    act = ACTS[name]
    run = (lambda: act(hall)) if name == "prepare" else (lambda: act(hall, before))
    stood, rows = _snapshot(), Entry.objects.count()

    def broken(_this: Any) -> None:
        raise RuntimeError("the chain cannot be written")

    from rongtong.audit import chain

    install_audit_writer(broken)
    try:
        with pytest.raises(RuntimeError, match="chain"):
            run()
    finally:
        install_audit_writer(chain.write)
    assert _snapshot() == stood
    run()
    assert Entry.objects.count() == rows + 1
    assert Entry.objects.latest("pk").kind == f"meetings.{name}"


def _states(name: str) -> set[str]:
    held = {"add_item", "set_facts", "record_attendance", "write_minutes", "resolve", "own", "reword", "no_follow_up", "drop_resolution"}
    states = {"sign": {"recorded"}, "amend": {"signed"}, "keep": {"signed"}}
    return states.get(name, {"held"} if name in held else {"prepared"})


@pytest.mark.parametrize(
    "change",
    [
        {"state": "held", "held_on": None}, {"state": "cancelled"}, {"state": "signed", "held_on": HELD}, {"state": "gone"},
        {"present": 5, "should": 4}, {"voters_present": 5, "voters": 4}, {"excellent": 2, "appraised": 1}, {"amending": "x"},
        {"ends_at": at(HELD, 1)},
    ],
)  # fmt: skip
def test_the_database_holds_what_must_hold(hall: Hall, change: dict[str, Any]) -> None:
    meeting = hall.prepared()
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(**change)


def test_one_number_one_line_and_one_signature(hall: Hall) -> None:
    meeting = hall.held()
    row, matter = meeting.attendance.all()[0], _matter(hall)
    for make in (
        lambda: Meeting.objects.create(**_copy(meeting)),
        lambda: Attendance.objects.create(meeting=meeting, person=row.person),
        lambda: AgendaItem.objects.create(meeting=meeting, position=1, title="x", side="party"),
        lambda: Attendance.objects.filter(pk=row.pk).update(presence=Presence.ABSENT, reason=""),
        lambda: Minutes.objects.create(
            meeting=meeting, number=1, content={}, digest="x", chair_uid="a", recorder_uid="a", chair_label="a", recorder_label="a"
        ),
        lambda: Minutes.objects.create(
            meeting=meeting, number=2, content={}, digest="x", chair_uid="a", recorder_uid="b", chair_label="a", recorder_label="a"
        ),
        lambda: Resolution.objects.create(meeting=meeting, text="x", side="party", needs_follow_up=False, matter=matter),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


def _copy(meeting: Meeting) -> dict[str, Any]:
    names = ("kind", "node", "year", "number", "title", "starts_at", "ends_at", "created_by", "created_label")
    return {name: getattr(meeting, name) for name in names} | {"code": "M-other"}


def _matter(hall: Hall) -> Matter:
    row = actions.resolve(by=hall.town.zhou, meeting=hall.held(hour=16), new=owned(hall))
    assert row.matter is not None
    Resolution.objects.filter(pk=row.pk).delete()
    return row.matter


def test_the_text_reads_back_as_it_was_written(hall: Hall) -> None:
    meeting = hall.recorded("assembly")
    actions.resolve(by=hall.town.zhou, meeting=meeting, new=owned(hall))
    content = minutes.stored(meeting)
    assert minutes.Content.of(content.as_json()) == content
    other = replace(content, head=replace(content.head, place="别处"))
    assert minutes.digest_of(other) != minutes.digest_of(content)
    assert [(c.part, c.name) for c in minutes.changes(content, other)] == [("head", "place")]
