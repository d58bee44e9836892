"""Hours of courses: by Party organisation for the study figures of meetings, and by person against the year's norm (OL-14)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rongtong.meetings import counting, study
from rongtong.meetings.models import HELD_STATES, Attendance
from rongtong.organization.models import Appointment, Person
from rongtong.organization.queries import MEMBERS, PARTY_POSTS
from rongtong.people.models import CourseAttendance, CourseState, Presence
from rongtong.people.numbers import HOURS
from rongtong.roster.models import Affiliation
from rongtong.rules import queries as rules
from rongtong.trees.models import Node


def hours_of_courses(first: date, last: date) -> dict[int, float]:
    """Party organisation to the person-hours of courses that ended in [first, last].

    Who moved in mid-course belongs to one organisation only: the one of the course's last day. Who belonged to none then counts nowhere.
    """
    rows = CourseAttendance.objects.filter(
        presence=Presence.PRESENT, course__state=CourseState.HELD, course__ends_on__gte=first, course__ends_on__lte=last
    )
    read = list(rows.order_by("pk").values_list("person_id", "hours", "course__ends_on"))
    spans: dict[int, list[tuple[date, date | None, int]]] = defaultdict(list)
    belonged = Affiliation.objects.filter(person_id__in={person for person, _hours, _on in read}, starts_on__lte=last)
    for person, party, starts_on, ends_on in belonged.order_by("pk").values_list("person_id", "party_id", "starts_on", "ends_on"):
        spans[person].append((starts_on, ends_on, party))
    found: dict[int, float] = defaultdict(float)
    for person, hours, on in read:
        home = next((party for starts, ends, party in spans[person] if starts <= on and (ends is None or on < ends)), None)
        if home is not None:
            found[home] += hours or 0.0
    return dict(found)


@dataclass(frozen=True, slots=True)
class Year:
    """A person's hours of a year against the norm; none is asked of whoever is no member, or where no row says so."""

    year: int
    courses: float
    meetings: float
    asked: float | None
    is_leader: bool

    @property
    def hours(self) -> float:
        return self.courses + self.meetings

    @property
    def left(self) -> float | None:
        return None if self.asked is None else max(self.asked - self.hours, 0.0)


def year_of(person: Person, day: date) -> Year:
    """Hours from the year's first day on; secretaries and committee members are asked for more."""
    first = date(day.year, 1, 1)
    held = CourseAttendance.objects.filter(
        person=person, presence=Presence.PRESENT, course__state=CourseState.HELD, course__ends_on__gte=first, course__ends_on__lte=day
    )
    courses = sum(hours or 0.0 for hours in held.order_by().values_list("hours", flat=True))
    sat = Attendance.objects.filter(person=person, presence__in=["present", "sit_in"], meeting__kind__is_study=True)
    sat = sat.filter(meeting__state__in=HELD_STATES, meeting__held_on__gte=first, meeting__held_on__lte=day)
    meetings = sum(counting.hours(starts, ends) for starts, ends in sat.order_by().values_list("meeting__starts_at", "meeting__ends_at"))
    seat = Appointment.objects.on(day).filter(person=person, post__kind__in=PARTY_POSTS).select_related("post__node").order_by("pk").first()
    place = seat.post.node if seat else _home(person, day)
    key = "secretary_hours" if seat else "member_hours"
    asked = rules.number(HOURS, place, day, key) if place and (seat or person.member_kind in MEMBERS) else None
    return Year(day.year, courses, meetings, asked, seat is not None)


def _home(person: Person, day: date) -> Node | None:
    row = Affiliation.objects.on(day).filter(person=person).select_related("party").first()
    return row.party if row else None


def was_around(people: Iterable[int], first: date, last: date) -> set[int]:
    """Those who served in a post or belonged to an organisation at any time in [first, last]."""
    keys = list(people)
    found: set[int] = set()
    for rows in (Appointment.objects.all(), Affiliation.objects.all()):
        inside = rows.filter(person_id__in=keys, starts_on__lte=last).exclude(ends_on__lte=first)
        found |= set(inside.order_by().values_list("person_id", flat=True))
    return found


def register() -> None:
    """Called from AppConfig.ready."""
    study.register_hours("courses", hours_of_courses)
