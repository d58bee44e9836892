"""A small enterprise for the tests of indicators: two workshops, a Party branch, and four accounts."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from django.utils import translation

from rongtong.access.models import Grant, Reach, Source
from rongtong.accounts.models import User
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.trees.models import Node

OPENED = date(2020, 1, 1)


@dataclass(frozen=True)
class World:
    """Nodes and accounts by short names."""

    group: Node
    shop: Node
    other: Node
    office: Node
    branch: Node
    worker: User
    stranger: User
    reader: User
    owner: User
    manager: User


def make_node(tree: str, path: str, code: str, name: str, parent: Node | None = None) -> Node:
    return Node.objects.create(tree=tree, path=tree + path, depth=len(path) // 5 - 1, code=code, name=name, parent=parent, opened_on=OPENED)


def make_user(username: str, *grants: tuple[str, Node | None]) -> User:
    user = User.objects.create(username=username, display_name=username, password="!")
    for role, node in grants:
        Grant.objects.create(user=user, role=role, node=node, reach=Reach.SUBTREE, source=Source.DERIVED, starts_on=OPENED)
    return user


@pytest.fixture
def world(db: None) -> World:
    group = make_node("B", "00001", "G0", "集团")
    shop = make_node("B", "0000100001", "M1", "一车间", group)
    other = make_node("B", "0000100002", "M2", "二车间", group)
    office = make_node("B", "0000100003", "D-ZL", "质量部", group)
    branch = make_node("P", "00001", "P1", "一车间党支部")
    return World(
        group,
        shop,
        other,
        office,
        branch,
        worker=make_user("worker", ("party_worker", shop), ("party_worker", branch)),
        stranger=make_user("stranger", ("manager", other)),
        reader=make_user("reader", ("inspector", group)),
        owner=make_user("owner", ("department", office), ("inspector", group)),
        manager=make_user("manager", ("management_office", None)),
    )


def make_indicator(code: str, **fields: object) -> Indicator:
    defaults: dict[str, object] = {
        "name": code,
        "subsystem": "production",
        "direction": "benefit",
        "kind": "flow",
        "aggregate": "sum",
        "unit_text": "件",
    }
    return Indicator.objects.create(code=code, **{**defaults, **fields})


def percent(code: str, **fields: object) -> Indicator:
    return make_indicator(code, **{"kind": "ratio", "aggregate": "ratio", "unit_text": "%", "scale": 100.0, **fields})


@pytest.fixture
def today() -> object:
    with clock.frozen(datetime(2026, 11, 23, 9, 0)):
        yield


@pytest.fixture(autouse=True)
def _english() -> object:
    """Refusals are matched by their English sentences, whether or not the catalogue was compiled."""
    with translation.override("en"):
        yield
