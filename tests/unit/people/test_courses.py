"""Courses: planned, who was there, hours of persons and of organisations, proposals, and what is refused."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.town import OPENED, account, fresh, node
from tests.unit.people.conftest import Folk

from rongtong.kernel import clock
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.ledger.actions import Parts
from rongtong.meetings import study
from rongtong.notifications.models import Note
from rongtong.organization.models import PartyOrganisation, Person
from rongtong.people import course_actions, hours
from rongtong.people.course_actions import NewCourse, Was
from rongtong.people.models import Course, CourseAttendance
from rongtong.roster.models import Affiliation

TODAY, FIRST, LAST = date(2026, 11, 23), date(2026, 1, 1), date(2026, 12, 31)


def belongs(person: Person, party: Any, starts_on: date = OPENED, ends_on: date | None = None) -> None:
    Affiliation.objects.create(person=person, party=party, standing="formal", starts_on=starts_on, ends_on=ends_on)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"hours": 0.0}, "hours"), ({"hours": -4.0}, "hours"), ({"hours": 1001.0}, "hours"), ({"hours": float("nan")}, "hours"),
        ({"title": " "}, "title"), ({"title": "长" * 121}, "title"), ({"ends_on": date(2026, 11, 1)}, "span"), ({"competences": []}, "serves_nothing"),
        ({"competences": ["ZZ"]}, "outside_frame"),
    ],
)  # fmt: skip
def test_a_course_without_hours_or_competence_is_refused(folk: Folk, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        folk.course(**wrong)
    assert refused.value.code == code
    assert not Course.objects.exists()


def test_a_course_is_planned_by_whoever_runs_training(folk: Folk) -> None:
    made = folk.course()
    assert (made.code, made.state, made.for_party) == ("C2026-001", "planned", True)
    assert folk.course(competences=["BU1"]).for_party is False
    new = NewCourse("课", folk.town.branch, FIRST, FIRST, 2.0, ["PA1"])
    with pytest.raises(NotAllowed):
        course_actions.plan_course(by=fresh(folk.town.zhou), new=new)
    with pytest.raises(Unseen):
        course_actions.plan_course(by=fresh(folk.town.chen), new=new)
    with pytest.raises(NotAllowed):
        course_actions.cancel_course(by=fresh(folk.town.zhou), course=made, reason="x")


def test_who_was_there_is_entered_in_one_grid(folk: Folk) -> None:
    town, office = folk.town, fresh(folk.town.office)
    made, li, wang, zhou = folk.course(), folk.person(town.li), folk.person(town.wang), folk.person(town.zhou)
    assert course_actions.invite(by=office, course=made, people=[li, wang, li]) == 2
    assert course_actions.invite(by=office, course=made, people=[li]) == 0
    assert Note.objects.filter(to=town.li).count() == 1
    course_actions.enter_attendance(by=office, course=made, entries={li.pk: Was("present")})
    made.refresh_from_db()
    assert made.state == "planned"  # somebody is still open
    course_actions.enter_attendance(by=office, course=made, entries={wang.pk: Was("present", 8.0)})
    made.refresh_from_db()
    assert made.state == "held"
    assert dict(made.attendance.values_list("person", "hours")) == {li.pk: 24.0, wang.pk: 8.0}
    for entries, code in (
        ({zhou.pk: Was("present")}, "not_asked"), ({li.pk: Was("present", 25.0)}, "hours"), ({li.pk: Was("present", 0.0)}, "hours"),
        ({li.pk: Was("asleep")}, "invalid"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            course_actions.enter_attendance(by=office, course=made, entries=entries)
        assert refused.value.code == code
    assert dict(made.attendance.values_list("person", "hours")) == {li.pk: 24.0, wang.pk: 8.0}
    course_actions.enter_attendance(by=office, course=made, entries={wang.pk: Was("absent")})
    assert made.attendance.get(person=wang).hours is None
    with pytest.raises(Conflict):
        course_actions.change_course(by=office, course=made, starts_on=FIRST, ends_on=FIRST, hours=2.0)


def test_nobody_is_at_a_course_twice_or_who_was_not_here(folk: Folk) -> None:
    office, made = fresh(folk.town.office), folk.course()
    new = account("new")  # serves nowhere
    with pytest.raises(Refused, match="served and belonged nowhere") as refused:
        course_actions.invite(by=office, course=made, people=[folk.person(folk.town.li), Person.objects.get(account=new)])
    assert refused.value.code == "was_not_here"
    assert not CourseAttendance.objects.exists()
    li = folk.person(folk.town.li)
    CourseAttendance.objects.create(course=made, person=li)
    for more in ({}, {"presence": "present"}, {"presence": "absent", "hours": 2.0}, {"presence": "maybe"}):
        person = li if not more else folk.person(folk.town.wang)
        with pytest.raises(IntegrityError), transaction.atomic():
            CourseAttendance.objects.create(course=made, person=person, **more)
    with pytest.raises(IntegrityError), transaction.atomic():
        Course.objects.filter(pk=made.pk).update(hours=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Course.objects.filter(pk=made.pk).update(state="cancelled")


def test_attendance_waits_for_the_last_day(folk: Folk) -> None:
    made = folk.course(starts_on=date(2026, 11, 20), ends_on=date(2026, 11, 25))
    li = folk.person(folk.town.li)
    course_actions.invite(by=fresh(folk.town.office), course=made, people=[li])
    with pytest.raises(Refused, match="runs until"):
        course_actions.enter_attendance(by=fresh(folk.town.office), course=made, entries={li.pk: Was("present")})


def test_change_cancel_and_take_off(folk: Folk) -> None:
    office, made, li = fresh(folk.town.office), folk.course(), folk.person(folk.town.li)
    for span, given, code in (((LAST, FIRST), 2.0, "span"), ((FIRST, FIRST), 0.0, "hours")):
        with pytest.raises(Refused) as refused:
            course_actions.change_course(by=office, course=made, starts_on=span[0], ends_on=span[1], hours=given)
        assert refused.value.code == code
    assert course_actions.change_course(by=office, course=made, starts_on=FIRST, ends_on=FIRST, hours=8.0).hours == 8.0
    course_actions.invite(by=office, course=made, people=[li])
    course_actions.uninvite(by=office, course=made, person=li)
    assert not made.attendance.exists()
    with pytest.raises(Refused, match="No reason"):
        course_actions.cancel_course(by=office, course=made, reason=" ")
    assert course_actions.cancel_course(by=office, course=made, reason="师资冲突").state == "cancelled"
    with pytest.raises(Conflict):
        course_actions.invite(by=office, course=made, people=[li])


def test_hours_go_to_the_organisation_of_the_last_day(folk: Folk) -> None:
    """Somebody who moves in mid-course counts once, where it belongs at the end."""
    town, second = folk.town, node("P", "00002", "P2", "二车间党支部")
    li, wang = folk.person(town.li), folk.person(town.wang)
    belongs(li, town.branch, ends_on=date(2026, 11, 3))
    belongs(li, second, date(2026, 11, 3))
    belongs(wang, town.branch)
    folk.held(town.li, town.wang, town.zhou)  # 2 to 4 November; zhou belongs nowhere
    assert hours.hours_of_courses(FIRST, LAST) == {second.pk: 24.0, town.branch.pk: 24.0}
    assert hours.hours_of_courses(FIRST, date(2026, 11, 3)) == {}
    assert li.course_attendance.get().hours == 24.0


def test_courses_count_in_the_study_figure_of_meetings(folk: Folk) -> None:
    town = folk.town
    PartyOrganisation.objects.create(node=town.branch, kind="branch")
    belongs(folk.person(town.li), town.branch)
    assert study.studied(FIRST, LAST)[town.branch.pk].hours == 0.0
    folk.held(town.li)
    assert study.studied(FIRST, LAST)[town.branch.pk].hours == 24.0


def test_a_persons_year_against_the_norm(folk: Folk) -> None:
    town = folk.town
    li, wang = folk.person(town.li), folk.person(town.wang)
    belongs(wang, town.branch)
    Person.objects.filter(pk=wang.pk).update(member_kind="formal")
    wang.refresh_from_db()
    folk.held(town.li)
    own = hours.year_of(li, TODAY)
    assert (own.courses, own.asked, own.left, own.is_leader) == (24.0, 56.0, 32.0, True)
    member = hours.year_of(wang, TODAY)
    assert (member.hours, member.asked, member.left) == (0.0, 32.0, 32.0)
    assert hours.year_of(folk.person(town.chen), TODAY).asked is None  # no member, no Party post
    assert hours.year_of(li, date(2027, 2, 1)).courses == 0.0


def test_a_course_leaves_a_matter(folk: Folk) -> None:
    town, made = folk.town, folk.course()
    with pytest.raises(NotAllowed):
        course_actions.follow_up(
            by=fresh(town.zhou), course=made, title="交流", lead=town.branch, due_on=LAST, parts=Parts(town.secretary, town.deputy)
        )
    matter = course_actions.follow_up(
        by=fresh(town.office),
        course=made,
        title="把学到的改进方法用在一车间",
        lead=town.branch,
        due_on=LAST,
        parts=Parts(town.secretary, town.deputy),
    )
    assert (matter.origin_kind, matter.origin_id, matter.side) == ("course", str(made.pk), "party")


def test_a_held_course_stays_where_people_moved_on(folk: Folk) -> None:
    """The day counts, not today: who left since keeps the hours."""
    made = folk.held(folk.town.li)
    folk.person(folk.town.li).appointments.update(ends_on=date(2026, 11, 10))
    with clock.frozen(datetime(2026, 12, 1, 9)):
        course_actions.enter_attendance(
            by=fresh(folk.town.office), course=made, entries={folk.person(folk.town.li).pk: Was("present", 20.0)}
        )
    assert made.attendance.get().hours == 20.0
