"""What every test stands on: a data directory of its own, and transactional tests that may empty append-only tables."""

import os
import tempfile
from collections.abc import Iterator

import pytest

import rongtong.sqlite  # noqa: F401  (before Django)

pytest_plugins = ["tests.town", "tests.enterprise"]
os.environ["RONGTONG_DATA_DIR"] = tempfile.mkdtemp(prefix="rongtong-test-")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The run on PostgreSQL tells only what asks the database; the rest was told by the run before it."""
    if not os.environ.get("DATABASE_URL"):
        return
    asks = [item for item in items if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(_fixtures(item))]
    asks += [item for item in items if item.get_closest_marker("postgres") and item not in asks]
    kept = set(map(id, asks))
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
    items[:] = [item for item in items if id(item) in kept]


def _fixtures(item: pytest.Item) -> list[str]:
    return list(getattr(item, "fixturenames", ()))


@pytest.fixture
def transactional_db(transactional_db: None) -> Iterator[None]:
    """Django empties tables after a transactional test; append-only triggers would refuse that. post_migrate puts them back."""
    yield
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%append_only%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
