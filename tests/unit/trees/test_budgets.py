"""A subtree of 100,000 nodes in under 10 ms, a move among them in under 100 ms, counted on the CPU."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongtong.kernel.act import SYSTEM
from rongtong.organization import tree_actions
from rongtong.trees.models import Counter, Node, Placement
from rongtong.trees.paths import segment

pytestmark = pytest.mark.django_db
DAY = date(2024, 1, 1)
FIRST, EACH = 100, 1000


@pytest.fixture(scope="module")
def forest(django_db_setup: None, django_db_blocker: Any) -> Iterator[Node]:
    """A root with two children; 100,000 nodes on two levels below the first."""
    with django_db_blocker.unblock():
        from django.db import transaction

        outer = transaction.atomic()
        outer._from_testcase = True  # type: ignore[attr-defined]
        with outer:
            number = iter(range(1, 200_000))
            make = lambda parent: Node(
                tree="B", parent=parent, path=(parent.path if parent else "B") + segment(at := next(number)),
                depth=parent.depth + 1 if parent else 0, code=f"T{at}", name=f"班组{at}", opened_on=DAY,
            )  # fmt: skip
            root = make(None)
            root.save()
            near, far = Node.objects.bulk_create([make(root), make(root)])
            shops = Node.objects.bulk_create([make(near) for _ in range(FIRST)])
            Node.objects.bulk_create([make(shop) for shop in shops for _ in range(EACH - 1)], batch_size=5000)
            Placement.objects.bulk_create([Placement(node=n, parent_id=n.parent_id, starts_on=DAY) for n in (root, near, far)])
            Counter.objects.update_or_create(name="node", defaults={"value": 300_000})
            yield near
            transaction.set_rollback(True)


def best(function: Any, times: int = 3) -> float:
    """The least CPU seconds of a few runs."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        function()
        taken.append(time.process_time() - began)
    return min(taken)


def test_a_subtree_of_100_000_is_one_range(forest: Node) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert Node.objects.subtree(forest).count() == FIRST * EACH + 1
    assert len(asked) == 1
    assert best(lambda: Node.objects.subtree(forest).count()) < 0.010
    assert best(lambda: list(Node.objects.subtree(forest)[:50])) < 0.010


def test_a_move_in_a_forest_of_100_000(forest: Node) -> None:
    """A shop of 1,000 nodes moves in under 100 ms. All 100,001 at once take 0.14 s in bare SQLite for the unique index alone."""
    shop, target = forest.children.order_by("path")[0], Node.objects.get(path=forest.path[:-5] + segment(3))
    began = time.process_time()
    with CaptureQueriesContext(connection) as asked:
        tree_actions.move_node(by=SYSTEM, node=shop, parent=target, on=date(2025, 1, 1))
    assert time.process_time() - began < 0.100
    assert len(asked) <= 25
    assert Node.objects.subtree(Node.objects.get(pk=shop.pk)).count() == EACH
    assert Node.objects.subtree(target).count() == EACH + 1
