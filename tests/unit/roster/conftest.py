"""The town with two branches and a group, and people who are members of the Party."""

from dataclasses import dataclass
from datetime import date

import pytest
from tests.town import OPENED, Town, node

from rongtong.kernel.act import SYSTEM
from rongtong.organization.models import PartyOrganisation, Person
from rongtong.roster.actions import NewAffiliation, affiliate
from rongtong.roster.models import Affiliation
from rongtong.trees.models import Node

DAY = date(2026, 11, 23)
SINCE = date(2025, 3, 1)


@dataclass(frozen=True)
class Club:
    """Branch of the town, a group in it, a second branch far away, and persons by short names."""

    town: Town
    group: Node
    far: Node
    people: dict[str, Person]

    @property
    def branch(self) -> Node:
        return self.town.branch

    def join(self, name: str, party: Node | None = None, standing: str = "formal", since: date = SINCE) -> Affiliation:
        return affiliate(by=SYSTEM, new=NewAffiliation(self.people[name], party or self.branch, standing, since))


@pytest.fixture
def club(town: Town) -> Club:
    group = node("P", "0000100001", "P1-1", "一车间甲班党小组", town.branch)
    far = node("P", "00002", "P2", "二车间党支部")
    for place, kind in ((town.branch, "branch"), (group, "group"), (far, "branch")):
        PartyOrganisation.objects.create(node=place, kind=kind)
    people = {name: Person.objects.create(code=f"M-{name}", name=name, member_kind="formal") for name in ("an", "bo", "cai")}
    people["pro"] = Person.objects.create(code="M-pro", name="pro", member_kind="probationary")
    people["none"] = Person.objects.create(code="M-none", name="none")
    Person.objects.filter(code__in=["E-zhou", "E-li", "E-wang"]).update(member_kind="formal", joined_on=OPENED)
    for name in ("zhou", "li", "wang"):
        people[name] = Person.objects.get(code=f"E-{name}")
    return Club(town, group, far, people)
