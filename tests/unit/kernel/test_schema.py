"""The short way to an empty database's tables and the long way, migration by migration, end in the same place."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
START = "import rongtong.sqlite, django; django.setup(); "
SHORT = START + "from rongtong.kernel import schema; schema.bring_up()"
LONG = START + "from django.core.management import call_command; call_command('migrate', verbosity=0)"


def made(folder: Path, script: str) -> Path:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "RONGTONG_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "rongtong.config.settings"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    return folder / "rongtong.sqlite3"


def picture(file: Path) -> dict[str, Any]:
    """Tables with their columns, indexes, foreign keys, checks and triggers, apart from the order they came in."""
    with sqlite3.connect(file) as database:
        found: dict[str, Any] = {}
        for kind, name, table, sql in database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"):
            if kind == "trigger":
                found[f"trigger {name}"] = " ".join(sql.split())
            if kind != "table" or name.startswith("sqlite_"):
                continue
            found[f"columns of {table}"] = sorted(row[1:4] + row[5:] for row in database.execute(f'PRAGMA table_info("{table}")'))
            found[f"keys of {table}"] = sorted(row[2:7] for row in database.execute(f'PRAGMA foreign_key_list("{table}")'))
            found[f"checks of {table}"] = sorted(part.split('"')[1] for part in sql.split("CONSTRAINT ")[1:] if part.startswith('"'))
            indexes = [row[1:5] for row in database.execute(f'PRAGMA index_list("{table}")')]
            found[f"indexes of {table}"] = sorted(
                (unique, partial, tuple(row[2] for row in database.execute(f'PRAGMA index_info("{index}")'))) for index, unique, _, partial in indexes
            )  # fmt: skip
        found["migrations"] = sorted(database.execute("SELECT app, name FROM django_migrations"))
        found["content types"] = sorted(database.execute("SELECT app_label, model FROM django_content_type"))
        return found


def test_both_ways_end_in_the_same_tables(tmp_path: Path) -> None:
    short, long = picture(made(tmp_path / "short", SHORT)), picture(made(tmp_path / "long", LONG))
    assert len(short) > 300
    assert {name: (short.get(name), long.get(name)) for name in short.keys() | long.keys() if short.get(name) != long.get(name)} == {}
    again = picture(made(tmp_path / "short", SHORT))  # now it is no longer empty: migrated, and nothing is left to do
    assert again == short
