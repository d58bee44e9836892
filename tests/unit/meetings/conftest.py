"""A branch whose members are known: secretary zhou, deputy li, members wang (probationary) and sun, a recorder with an account of his own."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from tests.town import OPENED, Town, fresh

from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.meetings import actions
from rongtong.meetings.actions import NewMeeting
from rongtong.meetings.models import Meeting, MeetingKind, Presence
from rongtong.organization.models import BusinessUnit, PartyOrganisation, Person
from rongtong.roster.models import Affiliation

HELD = date(2026, 11, 20)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.BUSINESS_ZONE)


@dataclass(frozen=True)
class Hall:
    """The town with kinds of meetings and people by short names."""

    town: Town
    people: dict[str, Person]

    def kind(self, code: str) -> MeetingKind:
        return MeetingKind.objects.get(code=code)

    def prepared(self, code: str = "branch_committee", day: date = HELD, hour: int = 9, **more: object) -> Meeting:
        node = self.town.shop if code in {"operating", "production_briefing"} else self.town.branch
        given: dict[str, object] = {"recorder": self.people["li"]} | more
        new = NewMeeting(self.kind(code), node, at(day, hour), **given)  # type: ignore[arg-type]
        return actions.prepare(by=fresh(self.town.zhou), new=new)

    def held(self, code: str = "branch_committee", day: date = HELD, hour: int = 9, **more: object) -> Meeting:
        meeting = self.prepared(code, day, hour, **more)
        return actions.hold(by=fresh(self.town.zhou), meeting=meeting, held_on=day)

    def recorded(self, code: str = "branch_committee", day: date = HELD, hour: int = 9, **more: object) -> Meeting:
        meeting = self.held(code, day, hour, **more)
        rows = [actions.Present(row.person, Presence.PRESENT) for row in meeting.attendance.filter(presence="").select_related("person")]
        return actions.record_attendance(by=fresh(self.town.zhou), meeting=meeting, rows=rows)

    def signed(self, code: str = "branch_committee", day: date = HELD, hour: int = 9, **more: object) -> Meeting:
        meeting = self.recorded(code, day, hour, **more)
        actions.sign(by=fresh(self.town.li), meeting=meeting, part="recorder")
        return actions.sign(by=fresh(self.town.zhou), meeting=meeting, part="chair")


@pytest.fixture
def hall(town: Town) -> Hall:
    actions.install_kinds(by=SYSTEM)
    PartyOrganisation.objects.create(node=town.branch, kind="branch", members=4, formal_members=3)
    BusinessUnit.objects.create(node=town.shop, kind="workshop", headcount=40)
    BusinessUnit.objects.create(node=town.other, kind="workshop", headcount=40)
    people = {code: Person.objects.get(code=f"E-{code}") for code in ("zhou", "li", "wang", "chen")}
    people["sun"] = Person.objects.create(code="E-sun", name="sun", member_kind="formal")
    for code, standing in (("zhou", "formal"), ("li", "formal"), ("sun", "formal"), ("wang", "probationary")):
        Affiliation.objects.create(person=people[code], party=town.branch, standing=standing, starts_on=OPENED)
    return Hall(town, people)
