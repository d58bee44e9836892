"""What could be wrong with an installation, and how to mend it."""

import shutil
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from rongtong import sqlite
from rongtong.kernel import constraints


@dataclass(slots=True)
class Findings:
    said: list[str] = field(default_factory=list)
    count: int = 0

    def say(self, is_well: bool, what: str, mend: str) -> None:
        self.said.append(f"{'ok ' if is_well else 'BAD'} {what}{'' if is_well else f'; {mend}'}")
        self.count += not is_well


def examine() -> Findings:
    """Look at everything; nothing is changed."""
    found, folder = Findings(), Path(settings.DATA_DIR)
    found.say(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "install Python 3.11 or newer")
    found.say(sqlite.IS_WAL_SAFE, f"SQLite {'.'.join(map(str, sqlite.VERSION))}", "install the pysqlite3 wheel")
    found.say(folder.is_dir(), f"data directory {folder}", "create it and let the service user write there")
    free = shutil.disk_usage(folder).free // 2**20 if folder.is_dir() else 0
    found.say(free > 200, f"{free} MB of disk are free", "make room: at least 200 MB")
    key = folder / "secret_key"
    if key.is_file():
        found.say(
            not key.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH), "the secret key is readable by its owner only", f"chmod 600 {key}"
        )
    _database(found)
    found.say(finders.find("vendor/tabler.min.css") is not None, "assets are in place", "run make setup; the pages work unstyled without")
    return found


def _database(found: Findings) -> None:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as broken:
        found.say(False, f"the database does not answer ({broken})", "check DATABASE_URL or the data directory")
        return
    found.say(not pending, f"{len(pending)} migrations are pending", "run rongtong migrate")
    absent = [] if pending else constraints.missing()
    found.say(not absent, f"{len(absent)} triggers are missing", "run rongtong migrate")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
            collation = cursor.fetchone()[0]
        found.say(collation.startswith("C"), f"collation {collation}", "create the database with --locale=C.UTF-8: paths sort by bytes")
