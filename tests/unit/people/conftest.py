"""The town with the shipped frame: zhou leads li (deputy) and wang (staff); chen leads another workshop; the office everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from tests.town import OPENED, Town, fresh

from rongtong.accounts.models import User
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Appointment, Person
from rongtong.people import actions, course_actions, frame_actions
from rongtong.people.actions import NewCertificate, NewRating
from rongtong.people.course_actions import NewCourse, Was
from rongtong.people.models import Certificate, Course, Evidence, FrameVersion, Rating
from rongtong.trees.models import Node

LI_ASKED = {"PA1": 3, "PA2": 3, "PA3": 2, "PA4": 2, "BU1": 1}


@dataclass(frozen=True)
class Folk:
    """Short hands for what tests of ability do again and again."""

    town: Town
    frame: FrameVersion

    def person(self, user: User) -> Person:
        return Person.objects.get(account=user)

    def appointment(self, user: User) -> Reference:
        row = Appointment.objects.filter(person__account=user).order_by("pk")[0]
        return Reference("appointment", str(row.pk))

    def evidence(self, user: User, competence: str, record: Reference | None = None, by: User | None = None) -> Evidence:
        return actions.add_evidence(
            by=fresh(by or self.town.zhou), person=self.person(user), competence=competence, record=record or self.appointment(user)
        )

    def rate(self, user: User, competence: str, level: int, by: User | None = None, **more: Any) -> Rating:
        rows: Sequence[Evidence] = more.pop("evidence", None) or Evidence.objects.filter(
            person__account=user, competence=competence, voided_on=None
        ).exclude(kind="claim")
        return actions.rate(by=fresh(by or self.town.zhou), person=self.person(user), new=NewRating(competence, level, list(rows), **more))

    def certified(self, user: User, competences: Sequence[str], expires_on: date | None = None, **more: Any) -> Certificate:
        new = NewCertificate("安全管理资格证", more.pop("issued_on", date(2025, 1, 1)), expires_on, "A-1", competences=competences, **more)
        return actions.add_certificate(by=fresh(self.town.zhou), person=self.person(user), new=new)

    def make_fit(self, user: User, asked: dict[str, int]) -> None:
        """Every level asked for, rated by the superior on a certificate."""
        paper = self.certified(user, list(asked))
        for code, level in asked.items():
            self.evidence(user, code, Reference("certificate", str(paper.pk)))
            self.rate(user, code, level)

    def course(self, **more: Any) -> Course:
        given: dict[str, Any] = {
            "title": "支部书记培训", "node": self.town.branch, "starts_on": date(2026, 11, 2), "ends_on": date(2026, 11, 4), "hours": 24.0,
            "competences": ["PA1", "PA2"],
        } | more  # fmt: skip
        return course_actions.plan_course(by=fresh(self.town.office), new=NewCourse(**given))

    def held(self, *users: User, **more: Any) -> Course:
        made = self.course(**more)
        people = [self.person(user) for user in users]
        course_actions.invite(by=fresh(self.town.office), course=made, people=people)
        return course_actions.enter_attendance(
            by=fresh(self.town.office), course=made, entries={person.pk: Was("present") for person in people}
        )

    def nodes(self) -> list[int]:
        return list(Node.objects.values_list("pk", flat=True))


@pytest.fixture
def folk(town: Town) -> Folk:
    frame = frame_actions.install(by=SYSTEM, starts_on=OPENED)
    assert frame is not None
    return Folk(town, frame)
