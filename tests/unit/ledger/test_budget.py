"""Issue 3: 1,000,000 matters at 100,000 nodes within the budgets of stage 1: a page, its empty result, and an inbox in 100 ms each."""

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest
from tests.enterprise import sweep
from tests.unit.access.test_scope_budget import fresh, paths

from rongtong.access.models import Grant, Reach, Source
from rongtong.accounts.models import User
from rongtong.ledger import queries
from rongtong.ledger.models import Matter
from rongtong.organization.models import Appointment, Person, Post
from rongtong.trees.models import Node

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.timeout(900)]
PAGE, BUDGET, SUM_BUDGET = 51, 0.100, 1.0
MATTERS, POSTS = 1_000_000, 2_000
DAY, FIRST = date(2026, 11, 23), date(2024, 1, 1)


def matter(number: int, nodes: list[int], posts: list[int]) -> Matter:
    """One in ten is open; due dates spread over three years."""
    due = FIRST + timedelta(days=number % 1050)
    is_open = number % 10 == 0
    return Matter(
        code=f"T{number}", title=f"事项{number}", side="both", origin="free", lead_id=nodes[number % len(nodes)], leader_post_id=posts[number % POSTS],
        handler_post_id=posts[(number + 1) % POSTS], reviewer_post_id=posts[number % POSTS], starts_on=FIRST, due_on=due, first_due_on=due,
        state="assigned" if is_open else "closed", closed_on=None if is_open else due, created_by="x", created_label="x",
    )  # fmt: skip


@pytest.fixture(scope="module")
def actors(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    with django_db_blocker.unblock():
        from django.db import connection, transaction

        with transaction.atomic():
            rows = [Node(tree="B", path=p, depth=d, code=f"N{at}", name=f"单位{at}", opened_on=FIRST) for at, (p, d) in enumerate(paths())]
            nodes = [node.pk for node in Node.objects.bulk_create(rows, batch_size=5000)]
            seats = [Post(code=f"S{at}", name=f"岗{at}", node_id=nodes[at], kind="staff", opened_on=FIRST) for at in range(POSTS)]
            posts = [post.pk for post in Post.objects.bulk_create(seats, batch_size=1000)]
            for start in range(0, MATTERS, 20_000):
                Matter.objects.bulk_create([matter(number, nodes, posts) for number in range(start, start + 20_000)], batch_size=500)
            found = {}
            spots = {"1": "B00000000000000000000", "500": "B000000000000000", "5000": "B0000000000", "all": None, "half": "B00000"}
            for at, (name, path) in enumerate(spots.items()):
                user = User.objects.create_user(username=f"m{name}", password="x" * 14)
                person = Person.objects.create(code=f"P{name}", name=name, account=user)
                Appointment.objects.create(person=person, post_id=posts[at], starts_on=FIRST)
                node = Node.objects.get(path=path) if path else None
                Grant.objects.create(user=user, role="party_office", node=node, reach=Reach.SUBTREE, source=Source.DERIVED, starts_on=FIRST)
                found[name] = user
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            yield found
            transaction.set_rollback(True)
        sweep()


def seconds(work: Callable[[], Any]) -> float:
    work()
    took = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took)


FILTERS = {
    "all": queries.Filters(), "open": queries.Filters(states=("assigned",)), "overdue": queries.Filters(light="red"),
    "side": queries.Filters(side="both"), "none": queries.Filters(states=("suspended",)), "vacant": queries.Filters(is_vacant=True),
}  # fmt: skip


@pytest.mark.parametrize("name", ["1", "500", "5000", "all", "half"])
def test_lists_and_inbox_stay_within_a_tenth_of_a_second(actors: dict[str, User], name: str) -> None:
    found = {
        kind: seconds(lambda f=f: queries.page(queries.filtered(queries.matters(fresh(actors[name])), f, DAY, 7), PAGE))
        for kind, f in FILTERS.items()
    }
    found["inbox"] = seconds(lambda: queries.inbox(fresh(actors[name])))
    assert max(found.values()) <= BUDGET, found


@pytest.mark.parametrize("name", ["500", "5000", "all"])
def test_supervision_sums_stay_within_a_second(actors: dict[str, User], name: str) -> None:
    rows = queries.matters(fresh(actors[name]))
    found = {
        "lights": seconds(lambda: queries.lights(rows, DAY, 7)), "units": seconds(lambda: queries.by_unit(rows, DAY, 7)),
        "loop": seconds(lambda: queries.loop(rows, DAY - timedelta(days=365), DAY)),
    }  # fmt: skip
    assert max(found.values()) <= SUM_BUDGET, found
