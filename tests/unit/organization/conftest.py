"""A small enterprise built through the acts themselves: a plant of two workshops, three Party organisations, accounts of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.utils import translation

from rongtong.access import actions as grants
from rongtong.access.models import Grant, Reach, Source
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.organization import actions
from rongtong.organization.facts import PartyFacts, PersonFacts, UnitFacts
from rongtong.organization.models import Person, Post, UnitClass
from rongtong.trees.models import Node
from rongtong.trees.paths import NewNode

OPENED = date(2020, 1, 1)


@dataclass(frozen=True)
class World:
    """Nodes, posts, persons and accounts by short names."""

    group: Node
    plant: Node
    shop: Node
    other: Node
    team: Node
    committee: Node
    branch: Node
    branch2: Node
    secretary_post: Post
    head_post: Post
    zhou: Person
    wang: Person
    office: User
    office2: User
    leader: User
    reader: User
    stranger: User
    member: User


def unit(code: str, name: str, kind: str, parent: Node | None, **facts: object) -> Node:
    row = NewNode(code, name, "", OPENED)
    return actions.create_unit(by=SYSTEM, parent=parent, node=row, facts=UnitFacts(kind, **facts)).node  # type: ignore[arg-type]


def party(code: str, name: str, kind: str, parent: Node | None, **facts: object) -> Node:
    row = NewNode(code, name, "", OPENED)
    return actions.create_party(by=SYSTEM, parent=parent, node=row, facts=PartyFacts(kind, **facts)).node  # type: ignore[arg-type]


def person(code: str, name: str, member_kind: str = "formal") -> Person:
    return actions.add_person(by=SYSTEM, code=code, facts=PersonFacts(name, member_kind))


def user(username: str, role: str = "", node: Node | None = None) -> User:
    made = User.objects.create(username=username, display_name=username, password="!")
    if role:
        Grant.objects.create(user=made, role=role, node=node, reach=Reach.SUBTREE, source=Source.DERIVED, starts_on=OPENED)
    return made


@pytest.fixture
def today() -> Iterator[None]:
    with clock.frozen(datetime(2026, 11, 23, 9, 0)):
        yield


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Refusals are matched by their English sentences, whether or not the catalogue was compiled."""
    with translation.override("en"):
        yield


@pytest.fixture
def world(db: None, today: None) -> World:
    UnitClass.objects.bulk_create([UnitClass(code="production", name="生产"), UnitClass(code="sales", name="销售")])
    grants.install_templates(by=SYSTEM)
    group = unit("G0", "集团", "group", None)
    plant = unit("M1", "机械厂", "plant", group)
    shop, other = unit("M1-1", "机加车间", "workshop", plant, headcount=30), unit("M1-2", "装配车间", "workshop", plant)
    team = unit("M1-1-A", "甲班", "team", shop)
    committee = party("P0", "集团党委", "committee", None, members=120, formal_members=110, elected_on=date(2022, 6, 1), term_years=5)
    branch = party("P1", "机加党支部", "branch", committee, members=12, formal_members=10, elected_on=date(2024, 2, 29), term_years=3)
    branch2 = party("P2", "装配党支部", "branch", committee)
    secretary_post = actions.create_post(by=SYSTEM, code="P1-S", name="支部书记", node=branch, kind="secretary", opened_on=OPENED)
    head_post = actions.create_post(by=SYSTEM, code="M1-1-H", name="车间主任", node=shop, kind="head", opened_on=OPENED)
    leader = user("leader")
    zhou = person("E1", "周明")
    actions.give_account(by=SYSTEM, person=zhou, account=leader)
    return World(
        group, plant, shop, other, team, committee, branch, branch2, secretary_post, head_post, zhou, person("E2", "王芳", "none"),
        office=user("office", "party_office"), office2=user("office2", "party_office"), leader=leader, reader=user("reader", "inspector", group),
        stranger=user("stranger", "manager", other), member=user("member", "member", shop),
    )  # fmt: skip
