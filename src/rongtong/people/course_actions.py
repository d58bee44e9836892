"""Acts on courses: plan, invite, enter who was there, call off, and what a course leaves in the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter, Side
from rongtong.organization import policies as organization
from rongtong.organization.models import Person
from rongtong.people import hours as study
from rongtong.people import policies, queries
from rongtong.people.frames import Codes
from rongtong.people.frames import Side as FrameSide
from rongtong.people.models import Course, CourseAttendance, CourseState, Presence
from rongtong.trees.models import Counter, Node

MAX_HOURS = 1000.0


@dataclass(frozen=True, slots=True)
class NewCourse:
    """What a course is. `code` is given by the system where it is empty."""

    title: str
    node: Node
    starts_on: date
    ends_on: date
    hours: float
    competences: Sequence[str]
    topics: str = ""
    title_en: str = ""
    code: str = ""


def _ref(course: Course) -> Reference:
    return Reference("course", str(course.pk))


@act("people.plan_course")
def plan_course(*, by: Actor, new: NewCourse) -> Course:
    """Plan a course; nobody is asked yet."""
    policies.require_training(by, new.node)
    for_party = refuse_course(new)
    made = Course.objects.create(
        code=new.code or _next_code(new.starts_on.year), title=new.title.strip(), title_en=new.title_en.strip(), node=new.node,
        starts_on=new.starts_on, ends_on=new.ends_on, hours=new.hours, topics=new.topics.strip()[:300],
        competences=Codes(tuple(new.competences)).stored(), for_party=for_party, made_label=by.label,
    )  # fmt: skip
    current().about(_ref(made), hours=made.hours, starts_on=str(made.starts_on))
    return made


def _next_code(year: int) -> str:
    counter, _made = Counter.objects.select_for_update().get_or_create(name=f"course-{year}")
    counter.value += 1
    counter.save(update_fields=["value"])
    return f"C{year}-{counter.value:03d}"


def refuse_course(new: NewCourse) -> bool:
    """Refuse what cannot be a course; says whether it serves the Party side. Writes nothing."""
    if not new.title.strip() or len(new.title) > 120:
        raise Refused(_("The title is empty or longer than 120 characters"), field="title", remedy=_("name the course"), code="title")
    if new.ends_on < new.starts_on:
        raise Refused(_("The end lies before the start"), field="ends_on", remedy=_("choose a later day"), code="span")
    refuse_hours(new.hours)
    if not new.competences:
        raise Refused(_("The course serves no competence"), field="competences", remedy=_("choose at least one"), code="serves_nothing")
    frame = queries.frame_on(clock.today())
    for code in new.competences:
        if frame.get(code) is None:
            what = _("“%(code)s” is no competence of the frame in force") % {"code": code}
            raise Refused(what, field="competences", remedy=_("choose one of the frame"), code="outside_frame")
    if new.node.closed_on is not None and new.node.closed_on <= new.starts_on:
        raise Refused(_("%(name)s is closed") % {"name": new.node.name}, field="node", remedy=_("choose its successor"), code="closed")
    return any(one.code in new.competences for one in frame.of_side(FrameSide.PARTY))


def refuse_hours(hours: float | None) -> None:
    if hours is None or not 0 < hours <= MAX_HOURS:
        raise Refused(
            _("A course without hours counts for nothing"), field="hours", remedy=_("write its class hours, 0.5 to 1000"), code="hours"
        )


def _locked(by: Actor, course: Course, *states: str) -> Course:
    policies.require_training(by, course.node)
    locked = Course.objects.select_for_update(of=("self",)).select_related("node").get(pk=course.pk)
    if locked.state not in states:
        what = _("The course is now: %(state)s") % {"state": locked.get_state_display()}
        raise Conflict(what, remedy=_("look at it again"), code="state")
    return locked


@act("people.change_course")
def change_course(*, by: Actor, course: Course, starts_on: date, ends_on: date, hours: float) -> Course:
    """Move a planned course, or give it other hours."""
    locked = _locked(by, course, CourseState.PLANNED)
    if ends_on < starts_on:
        raise Refused(_("The end lies before the start"), field="ends_on", remedy=_("choose a later day"), code="span")
    refuse_hours(hours)
    locked.starts_on, locked.ends_on, locked.hours = starts_on, ends_on, hours
    locked.save(update_fields=["starts_on", "ends_on", "hours"])
    current().about(_ref(locked), starts_on=str(starts_on), hours=hours)
    return locked


@act("people.cancel_course")
def cancel_course(*, by: Actor, course: Course, reason: str) -> Course:
    """It does not take place."""
    locked = _locked(by, course, CourseState.PLANNED)
    if not reason.strip():
        raise Refused(_("No reason is given"), field="reason", remedy=_("say why in a sentence"), code="reason")
    locked.state, locked.cancelled_reason = CourseState.CANCELLED, reason.strip()[:300]
    locked.save(update_fields=["state", "cancelled_reason"])
    current().about(_ref(locked), why=locked.cancelled_reason)
    return locked


@act("people.invite")
def invite(*, by: Actor, course: Course, people: Sequence[Person]) -> int:
    """Ask people to a course; who is asked already stays so. Returns how many were added."""
    locked = _locked(by, course, CourseState.PLANNED, CourseState.HELD)
    for person in people:
        if not organization.sees_person(by, person):
            raise Refused(
                _("“%(code)s” is not a person of your area") % {"code": person.code},
                field="people",
                remedy=_("choose another"),
                code="unseen",
            )
    refuse_absent_from_enterprise(locked.starts_on, locked.ends_on, people)
    there = set(locked.attendance.values_list("person_id", flat=True))
    fresh = [person for person in dict.fromkeys(people) if person.pk not in there]
    CourseAttendance.objects.bulk_create([CourseAttendance(course=locked, person=person) for person in fresh])
    if locked.state == CourseState.PLANNED:
        _tell(locked, fresh)
    current().about(_ref(locked), invited=len(fresh))
    return len(fresh)


def refuse_absent_from_enterprise(first: date, last: date, people: Iterable[Person]) -> None:
    """Nobody attends who served and belonged nowhere in those days."""
    rows = list(people)
    around = study.was_around([person.pk for person in rows], first, last)
    gone = next((person for person in rows if person.pk not in around), None)
    if gone is not None:
        what = _("%(code)s %(name)s served and belonged nowhere here in those days") % {"code": gone.code, "name": gone.name}
        raise Refused(what, field="people", remedy=_("correct the code, or record the post first"), code="was_not_here")


def _tell(course: Course, people: Iterable[Person]) -> None:
    for person in people:
        uid = str(person.account.uid) if person.account_id and person.account else ""
        if uid and uid != str(current().by.uid):
            text = _("You are asked to the course “%(title)s” from %(day)s") % {"title": course.title, "day": course.starts_on}
            current().tell(Message(uid, "course", text, _ref(course), {"url": reverse("people:course", args=[course.pk])}))


@act("people.uninvite")
def uninvite(*, by: Actor, course: Course, person: Person) -> None:
    """Take somebody off the list who was asked by mistake."""
    locked = _locked(by, course, CourseState.PLANNED)
    locked.attendance.filter(person=person, presence=Presence.INVITED).delete()
    current().about(_ref(locked), uninvited=person.pk)


@dataclass(frozen=True, slots=True)
class Was:
    """Whether somebody was there, and for how many hours (all of them, if not said)."""

    presence: str
    hours: float | None = None


@act("people.attendance")
def enter_attendance(*, by: Actor, course: Course, entries: Mapping[int, Was]) -> Course:
    """Enter who was there, by person. When nobody is left open, the course is held and its hours count."""
    locked = _locked(by, course, CourseState.PLANNED, CourseState.HELD)
    if locked.ends_on > clock.today():
        what = _("The course runs until %(day)s") % {"day": locked.ends_on}
        raise Refused(what, field="attendance", remedy=_("enter the attendance on its last day or after it"), code="running")
    rows = {row.person_id: row for row in locked.attendance.select_for_update(of=("self",)).select_related("person")}
    stranger = next((person for person in entries if person not in rows), None)
    if stranger is not None:
        what = _("Somebody on the list was not asked to this course")
        raise Refused(what, field="attendance", remedy=_("add the person to the course first"), code="not_asked")
    refuse_absent_from_enterprise(
        locked.starts_on, locked.ends_on, [rows[person].person for person, was in entries.items() if was.presence == Presence.PRESENT]
    )
    for person, was in entries.items():
        _enter(locked, rows[person], was)
    CourseAttendance.objects.bulk_update(rows.values(), ["presence", "hours"], batch_size=500)
    _settle(locked, rows.values())
    current().about(_ref(locked), present=sum(row.presence == Presence.PRESENT for row in rows.values()), state=locked.state)
    return locked


def _enter(course: Course, row: CourseAttendance, was: Was) -> None:
    if was.presence not in Presence.values:
        raise Refused(_("“%(name)s” is not an answer") % {"name": was.presence}, field="attendance", remedy=", ".join(Presence.values))
    row.presence, row.hours = was.presence, None
    if was.presence == Presence.PRESENT:
        row.hours = course.hours if was.hours is None else was.hours
        if not 0 < row.hours <= course.hours:
            what = _("%(name)s: %(hours)s hours of a course of %(most)s") % {
                "name": row.person.name,
                "hours": row.hours,
                "most": course.hours,
            }
            raise Refused(what, field="attendance", remedy=_("write more than 0 and at most the course's hours"), code="hours")


def _settle(course: Course, rows: Iterable[CourseAttendance]) -> None:
    """Held once everybody asked is present or absent and somebody came; else planned."""
    found = list(rows)
    done = (
        bool(found)
        and not any(row.presence == Presence.INVITED for row in found)
        and any(row.presence == Presence.PRESENT for row in found)
    )
    course.state = CourseState.HELD if done else CourseState.PLANNED
    course.save(update_fields=["state"])


@act("people.follow_up")
def follow_up(*, by: Actor, course: Course, title: str, lead: Node, due_on: date, parts: ledger.Parts) -> Matter:
    """What a course leaves to be done: a matter with a leader and a handler."""
    policies.require_training(by, course.node)
    side = Side.PARTY if course.for_party else Side.PRODUCTION
    new = ledger.NewMatter(title, side, lead, due_on, parts, record=_ref(course))
    made = ledger.deploy(by=by, new=new)
    current().about(_ref(course), matter=made.code)
    return made
