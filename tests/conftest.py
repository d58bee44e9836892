"""What every test stands on: a data directory of its own, and transactional tests that may empty append-only tables."""

import os
import tempfile
from collections.abc import Iterator

import pytest

import rongtong.sqlite  # noqa: F401  (before Django)

pytest_plugins = ["tests.town", "tests.enterprise"]
os.environ["RONGTONG_DATA_DIR"] = tempfile.mkdtemp(prefix="rongtong-test-")


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
