"""How a kind of file is planned, written and taken back. Order of rows does not matter; on any error nothing is written.

A row whose key is stored is compared cell by cell: an empty cell leaves things alone, a different one is a change, and a change that
needs a day (a move, a closing) is refused with the way to make it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from rongtong.exchange.importing import Column, Importer, Plan, Row, Rows
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused
from rongtong.organization import policies

Values = dict[str, Any]
Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored record as a row of its file would show it."""

    pk: int
    values: Values


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file. `fixed` columns of stored rows are not changed by files; the sentence says where they are."""

    code: str
    title: Any
    columns: Sequence[Column]
    key: Callable[[Values], Any]
    stored: Callable[[], dict[Any, Stored]]
    check: Callable[[Plan, list[Row], dict[Any, Stored]], None]
    write: Callable[[Actor, list[Values]], list[int]]
    change: Callable[[Actor, list[tuple[int, Values]]], None]
    remove: Callable[[Actor, list[int]], None]
    fixed: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[list[Row]], None] | None = None

    def importer(self) -> Importer:
        return Importer(self.code, self.title, list(self.columns), self.plan, self.apply, self.undo)

    def plan(self, actor: Any, rows: Rows) -> Plan:
        """Sort rows into new, changed and unchanged; every error with its row and column."""
        found, stored = Plan(), self.stored()
        read = list(rows)
        if self.prepare is not None:
            self.prepare(read)
        fresh: list[Row] = []
        seen: dict[Any, int] = {}
        for row in read:
            key = self.key(row.values)
            if key in seen:
                found.refuse(row, self.columns[0].name, _("The same as row %(row)d") % {"row": seen[key]}, _("keep one of the two rows"))
                continue
            seen[key] = row.number
            if key in stored:
                self._compare(found, row, stored[key])
            else:
                fresh.append(row)
        self.check(found, fresh, stored)
        found.creates = [row.values for row in fresh]
        return found

    def _compare(self, plan: Plan, row: Row, old: Stored) -> None:
        changed = {name: value for name, value in row.values.items() if value is not None and value != old.values.get(name)}
        moved = [name for name in changed if name in self.fixed and old.values.get(name) is not None]
        for name in moved:
            what = _("The stored value is %(old)s, the file says %(new)s") % {"old": old.values[name], "new": changed[name]}
            plan.refuse(row, name, what, str(self.fixed[name]))
        if changed and not moved:
            plan.updates.append((old.pk, changed, {name: old.values.get(name) for name in changed}))
        elif not changed:
            plan.unchanged += 1

    def apply(self, by: Actor, batch: Any, plan: Plan) -> None:
        policies.require_edit_at_root(by)
        made = self.write(by, plan.creates)
        if plan.updates:
            self.change(by, [(pk, after) for pk, after, _before in plan.updates])
        changes = [[pk, _packed(after), _packed(before)] for pk, after, before in plan.updates]
        batch.undo_data = {"made": made, "changed": changes}

    def undo(self, by: Actor, batch: Any) -> None:
        """Everything as before the batch, or Refused naming the later record that stands in the way."""
        policies.require_edit_at_root(by)
        kept = batch.undo_data
        now = {record.pk: record for record in self.stored().values()}
        for pk, after, _before in kept["changed"]:
            later = [name for name, value in after.items() if _plain(now[pk].values.get(name)) != value]
            if later:
                what = _("%(name)s was changed again after this batch") % {"name": now[pk].values.get("name") or pk}
                raise Refused(what, field=later[0], remedy=_("correct it on its page instead"), code="depends")
        if kept["changed"]:
            self.change(by, [(pk, _unpacked(before)) for pk, _after, before in kept["changed"]])
        try:
            self.remove(by, kept["made"])
        except ProtectedError as held:
            record = next(iter(held.protected_objects))
            what = _("Later records depend on this batch, for example %(record)s") % {"record": record}
            raise Refused(what, remedy=_("take those back first"), code="depends") from held


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _packed(values: Values) -> Values:
    return {name: _plain(value) for name, value in values.items()}


def _unpacked(values: Values) -> Values:
    return {name: date.fromisoformat(value) if name.endswith("_on") and isinstance(value, str) else value for name, value in values.items()}


def in_chunks(ids: Sequence[int], size: int = 500) -> list[Sequence[int]]:
    """Keys in portions a database takes in one statement."""
    return [ids[at : at + size] for at in range(0, len(ids), size)]


def meets(one: Span, other: Span) -> bool:
    """Whether two half-open spans share a day.

    >>> meets((date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 2, 1), None))
    False
    """
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])


def nothing_to_check(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    return
