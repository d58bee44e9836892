"""The sample enterprise, built once for all workers of a run; whoever needs it takes a copy, which costs a fraction of a second."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path, **environment: str) -> None:
    """A data directory as `rongtong demo` leaves it. Without DATABASE_URL in `environment` it holds its own SQLite database."""
    clean = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "RONGTONG_DATA_DIR"}}
    command = [sys.executable, "-m", "rongtong.cli.main", "demo", "--data-dir", str(folder), "--no-serve"]
    made = subprocess.run(command, env=clean | {"PYTHONPATH": str(ROOT / "src")} | environment, cwd=ROOT, capture_output=True, check=False)
    if made.returncode:
        raise RuntimeError(f"the sample enterprise could not be built: {made.stderr.decode()[-2000:]}")


def _shared(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of this run see."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    with place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory with SQLite that copies are taken from. Never written to."""
    return _template(tmp_path_factory)


def _template(factory: pytest.TempPathFactory) -> Path:
    shared = _shared(factory)
    with _alone(shared / "enterprise.lock"):
        if not (shared / "enterprise").exists():
            build(shared / "unfinished")
            (shared / "unfinished").rename(shared / "enterprise")
    return shared / "enterprise"


@pytest.fixture(scope="module")
def enterprise(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample enterprise in the database that this run tests, for the tests of one file: a copy that nobody else sees. Gives its folder."""
    from django.conf import settings
    from django.db import connection

    folder = tmp_path_factory.mktemp("enterprise") / "data"
    take = _postgres_copy if connection.vendor == "postgresql" else _sqlite_copy
    kept = settings.DATA_DIR
    with django_db_blocker.unblock():
        name = take(tmp_path_factory, folder)
        settings.DATA_DIR = folder
        try:
            with _connected(name):
                yield folder
        finally:
            settings.DATA_DIR = kept
            if connection.vendor == "postgresql":
                _say(f'DROP DATABASE "{name}" WITH (FORCE)')
            shutil.rmtree(folder)


@contextmanager
def _connected(name: str) -> Iterator[None]:
    """The default connection on another database; the one of the run is put aside, not closed (it may live in memory only)."""
    from django.db import connection

    kept, before = connection.connection, connection.settings_dict["NAME"]
    connection.connection, connection.settings_dict["NAME"] = None, name
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = kept, before


def _sqlite_copy(factory: pytest.TempPathFactory, folder: Path) -> str:
    shutil.copytree(_template(factory), folder)
    return str(folder / "rongtong.sqlite3")


def _postgres_copy(factory: pytest.TempPathFactory, folder: Path) -> str:
    shared = _shared(factory)
    source, name = shared / "enterprise-pg", f"copy_{os.environ.get('PYTEST_XDIST_WORKER', 'own')}"
    with _alone(shared / "enterprise.lock"):
        if not source.exists():
            _say("CREATE DATABASE enterprise")
            build(shared / "unfinished-pg", DATABASE_URL=os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/enterprise")
            (shared / "unfinished-pg").rename(source)
        _say(f'CREATE DATABASE "{name}" TEMPLATE enterprise')
    shutil.copytree(source, folder)
    return name


def _say(command: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(command.encode())


def sweep() -> None:
    """After a million rows were rolled back: PostgreSQL keeps them as dead ones, which every later test would read past."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
