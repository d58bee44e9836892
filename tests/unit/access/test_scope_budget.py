"""DESIGN 7: lists stay under 100 ms at 100,000 nodes and 1,000,000 rows, however much the actor sees, empty results too."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from statistics import median
from typing import Any

import pytest
from tests.enterprise import sweep

from rongtong.access.models import Grant, Reach, Source
from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.indicators import lookups
from rongtong.indicators.models import Indicator, Observation
from rongtong.trees.models import Node, TreeLink

pytestmark = [pytest.mark.long, pytest.mark.django_db]
BUDGET = 0.100
COMPANIES, SHOPS, TEAMS, EACH = 20, 10, 499, 10
DAY = date(2024, 1, 1)


def paths() -> Iterator[tuple[str, int]]:
    """A root, 20 subtrees of 5,001 nodes, in each 10 of 500."""
    yield "B00000", 0
    for company in range(COMPANIES):
        yield f"B00000{company:05d}", 1
        for shop in range(SHOPS):
            yield f"B00000{company:05d}{shop:05d}", 2
            for team in range(TEAMS):
                yield f"B00000{company:05d}{shop:05d}{team:05d}", 3


@pytest.fixture(scope="module")
def large(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    with django_db_blocker.unblock():
        from django.db import connection, transaction

        with transaction.atomic():
            nodes = Node.objects.bulk_create(
                [Node(tree="B", path=p, depth=d, code=f"N{at}", name=f"单位{at}", opened_on=DAY) for at, (p, d) in enumerate(paths())],
                batch_size=5000,
            )
            party = Node.objects.create(tree="P", path="P00000", code="P", name="党委", opened_on=DAY)
            indicators = [
                Indicator.objects.create(
                    code=f"X{at}", name=f"x{at}", subsystem="production", owner=nodes[0], kind="flow", aggregate="sum", direction="benefit"
                )
                for at in range(EACH)
            ]
            rows = (
                Observation(
                    node_id=node.pk, indicator_id=i.pk, period=202400 + month, value=1.0, source="entered", author_uid="1", author_label="a"
                )
                for month, i in enumerate(indicators, start=1)
                for node in nodes
            )
            while part := [row for row, _ in zip(rows, range(20_000), strict=False)]:
                Observation.objects.bulk_create(part, batch_size=1000)
            TreeLink.objects.bulk_create(
                [TreeLink(unit_id=node.pk, party_id=party.pk, kind="own", share=1.0, starts_on=DAY) for node in nodes], batch_size=5000
            )
            actors = {}
            spots = {"1": "B00000000000000000000", "500": "B000000000000000", "5000": "B0000000000", "all": None, "half": "B00000"}
            for name, path in spots.items():
                user = User.objects.create_user(username=f"u{name}", password="x" * 14)
                node = Node.objects.get(path=path) if path else None
                Grant.objects.create(user=user, role="party_office", node=node, reach=Reach.SUBTREE, source=Source.DERIVED, starts_on=DAY)
                actors[name] = user
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            yield actors
            transaction.set_rollback(True)
        sweep()


def fresh(user: User) -> User:
    """The account as a new request has it: nothing remembered."""
    return User.objects.get(pk=user.pk)


def seconds(question: Callable[[User], object], user: User) -> float:
    spent = []
    for _ in range(5):
        actor = fresh(user)
        began = time.perf_counter()
        question(actor)
        spent.append(time.perf_counter() - began)
    return median(spent)


QUESTIONS: dict[str, Callable[[User], object]] = {
    "page": lambda a: list(lookups.current(a)[:101]),
    "page by key": lambda a: list(lookups.current(a).order_by("pk")[:101]),
    "capped count": lambda a: lookups.current(a).order_by()[:10_000].count(),
    "empty": lambda a: list(lookups.current(a).filter(period=203001)[:101]),
    "empty count": lambda a: lookups.current(a).filter(period=203001).order_by()[:10_000].count(),
    "nodes": lambda a: list(scoped(Node.objects.all(), a, "pk", permission=Permission.ORGANIZATION_VIEW)[:101]),
    "links, either end": lambda a: list(scoped(TreeLink.objects.order_by("pk"), a, "unit", "party")[:101]),
    "links, none": lambda a: list(scoped(TreeLink.objects.filter(starts_on=date(2030, 1, 1)).order_by("pk"), a, "unit", "party")[:101]),
}  # fmt: skip


@pytest.mark.parametrize("breadth", ["1", "500", "5000", "half", "all"])
def test_every_question_stays_within_its_time(large: dict[str, User], breadth: str) -> None:
    found = {name: seconds(question, large[breadth]) for name, question in QUESTIONS.items()}
    assert {name: round(value, 3) for name, value in found.items() if value > BUDGET} == {}


def test_the_narrow_actor_sees_only_its_own(large: dict[str, User]) -> None:
    assert lookups.current(fresh(large["1"])).count() == EACH
    assert lookups.current(fresh(large["500"])).count() == 500 * EACH
