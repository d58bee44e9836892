"""Constraints that Django cannot write on both databases: triggers, and dated rows that never overlap.

Packages register them in AppConfig.ready; they are (re)installed after every migration, because Django's table rebuild on SQLite drops
triggers silently, and `/readyz` and a test assert that none is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Trigger:
    """A named trigger; `sqlite` and `postgres` hold the statements that create it, in order."""

    name: str
    table: str
    sqlite: tuple[str, ...]
    postgres: tuple[str, ...]


_triggers: dict[str, Trigger] = {}


def register_trigger(trigger: Trigger) -> None:
    _triggers[trigger.name] = trigger


def append_only(table: str) -> Trigger:
    """Refuse every update and delete of a table."""
    name = f"{table}_append_only"
    sqlite = tuple(
        f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    )
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    create = f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    return Trigger(name, table, sqlite, (function, f"DROP TRIGGER IF EXISTS {name} ON {table}", create))


def no_overlap(table: str, by: Sequence[str], *, where: str = "", name: str = "") -> Trigger:
    """Rows with equal `by` columns never overlap in [starts_on, ends_on); an empty ends_on is open.

    `where` limits the rule to rows that satisfy it, written with `{row}` for the row's name: ``"{row}.kind = 'formal'"``.
    PostgreSQL uses an exclusion constraint, SQLite a pair of triggers.
    """
    name = name or f"{table}_no_overlap"
    return Trigger(name, table, _sqlite_overlap(name, table, by, where), _postgres_overlap(name, table, by, where))


def _sqlite_overlap(name: str, table: str, by: Sequence[str], where: str) -> tuple[str, ...]:
    same = " AND ".join(f"old_row.{column} = NEW.{column}" for column in by)
    narrowed = f" AND {where.format(row='old_row')} AND {where.format(row='NEW')}" if where else ""
    clash = (
        f"SELECT RAISE(ABORT, '{name}') WHERE EXISTS (SELECT 1 FROM {table} AS old_row WHERE {same} AND old_row.id IS NOT NEW.id{narrowed} "
        "AND old_row.starts_on < COALESCE(NEW.ends_on, '9999-12-31') AND NEW.starts_on < COALESCE(old_row.ends_on, '9999-12-31'))"
    )
    return tuple(f"CREATE TRIGGER {name}_{verb.lower()} AFTER {verb} ON {table} BEGIN {clash}; END" for verb in ("INSERT", "UPDATE"))


def _postgres_overlap(name: str, table: str, by: Sequence[str], where: str) -> tuple[str, ...]:
    equal = ", ".join(f"{column} WITH =" for column in by)
    narrowed = f" WHERE ({where.format(row=table).replace(f'{table}.', '')})" if where else ""
    return (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({equal}, daterange(starts_on, ends_on) WITH &&){narrowed}",
    )


def install_all(using: str = "default") -> None:
    """Create every registered trigger whose table exists. Safe to repeat."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    absent = set(missing(using))
    for trigger in _triggers.values():
        if trigger.table in tables and trigger.name in absent:
            _install(connection, trigger)


def _install(connection: BaseDatabaseWrapper, trigger: Trigger) -> None:
    statements = trigger.sqlite if connection.vendor == "sqlite" else trigger.postgres
    with connection.cursor() as cursor:
        for statement in statements:
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {statement.split()[2]}")
            cursor.execute(statement)


def missing(using: str = "default") -> list[str]:
    """Names of registered triggers that the database does not hold."""
    connection = connections[using]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION SELECT conname FROM pg_constraint"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    if connection.vendor != "sqlite":
        return [name for name in _triggers if name not in present]
    return [t.name for t in _triggers.values() if not all(s.split()[2] in present for s in t.sqlite)]
