"""A workshop with its Party branch: secretary who is also the head, deputy, worker, another workshop, the offices. Everyone has an account."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.utils import translation

from rongtong.access.models import Grant, Reach, Source
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.organization.models import Appointment, Person, Post
from rongtong.rules import actions as rules
from rongtong.trees.models import Node, TreeLink

OPENED = date(2020, 1, 1)
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Town:
    """Nodes, posts and accounts by short names."""

    group: Node
    shop: Node
    other: Node
    branch: Node
    head: Post
    secretary: Post
    deputy: Post
    staff: Post
    other_head: Post
    zhou: User
    li: User
    wang: User
    chen: User
    office: User
    stranger: User


def node(tree: str, path: str, code: str, name: str, parent: Node | None = None) -> Node:
    return Node.objects.create(tree=tree, path=tree + path, depth=len(path) // 5 - 1, code=code, name=name, parent=parent, opened_on=OPENED)


def post(code: str, name: str, at: Node, kind: str) -> Post:
    return Post.objects.create(code=code, name=name, node=at, kind=kind, opened_on=OPENED)


def account(username: str, *posts: Post, roles: tuple[tuple[str, Node | None], ...] = ()) -> User:
    user = User.objects.create(username=username, display_name=username, password="!")
    person = Person.objects.create(code=f"E-{username}", name=username, account=user)
    for seat in posts:
        Appointment.objects.create(person=person, post=seat, starts_on=OPENED)
    for role, at in roles:
        Grant.objects.create(user=user, role=role, node=at, reach=Reach.SUBTREE, source=Source.DERIVED, starts_on=OPENED)
    return user


@pytest.fixture
def ledger_day() -> Iterator[None]:
    with clock.frozen(datetime(2026, 11, 23, 9, 0)), translation.override("en"):
        yield


@pytest.fixture
def town(db: None, ledger_day: None) -> Town:
    rules.install(by=SYSTEM)
    group = node("B", "00001", "G0", "集团")
    shop, other = node("B", "0000100001", "M1", "一车间", group), node("B", "0000100002", "M2", "二车间", group)
    branch = node("P", "00001", "P1", "一车间党支部")
    TreeLink.objects.create(unit=shop, party=branch, kind="own", share=1.0, starts_on=OPENED)
    head, secretary = post("H1", "一车间主任", shop, "head"), post("S1", "一车间支部书记", branch, "secretary")
    deputy, staff = post("D1", "一车间支部副书记", branch, "deputy"), post("W1", "一车间职工", shop, "staff")
    other_head = post("H2", "二车间主任", other, "head")
    return Town(
        group, shop, other, branch, head, secretary, deputy, staff, other_head,
        zhou=account("zhou", head, secretary, roles=(("secretary_manager", shop), ("secretary_manager", branch))),
        li=account("li", deputy, roles=(("deputy", branch),)), wang=account("wang", staff),
        chen=account("chen", other_head, roles=(("manager", other),)), office=account("office", roles=(("party_office", None),)),
        stranger=account("stranger", roles=(("manager", other),)),
    )  # fmt: skip


def fresh(user: User) -> User:
    """The account as a new request has it: nothing remembered."""
    return User.objects.get(pk=user.pk)
