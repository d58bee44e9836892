"""How a file of an official system is planned, written and taken back. On any error nothing is written; the same file twice changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from rongtong.exchange.importing import Column, Importer, Plan, Row, Rows
from rongtong.kernel.act import Actor, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.organization.file_kinds import in_chunks
from rongtong.roster import policies

Values = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RosterFile:
    """One kind of file: its key, the stored rows by key (primary key, values), what may not be changed by a file, what is checked."""

    code: str
    title: Any
    columns: Sequence[Column]
    model: type[models.Model]
    key: Sequence[str]
    stored: Callable[[], dict[Key, tuple[int, Values]]]
    check: Callable[[Plan, list[tuple[Row, Values]], dict[Key, tuple[int, Values]]], None]
    build: Callable[[list[Values]], list[Any]]
    renamed: dict[str, str]
    fixed: dict[str, Any]
    prepare: Callable[[Plan, Row], None] | None = None

    def importer(self) -> Importer:
        return Importer(self.code, self.title, list(self.columns), self.plan, self.apply, self.undo)

    def plan(self, actor: Any, rows: Rows) -> Plan:
        """New, changed and unchanged rows; every error with its row and column."""
        policies.require_edit_everywhere(actor)
        found, stored = Plan(), self.stored()
        seen: dict[Key, int] = {}
        changed: list[tuple[Row, Values]] = []
        for row in rows:
            if self.prepare is not None:
                self.prepare(found, row)
            key = tuple(row[name] for name in self.key)
            if key in seen:
                found.refuse(row, self.key[0], _("The same as row %(row)d") % {"row": seen[key]}, _("keep one of the two rows"))
                continue
            seen[key] = row.number
            changed.extend(self._compared(found, row, stored.get(key)))
        self.check(found, changed, stored)
        return found

    def _compared(self, plan: Plan, row: Row, old: tuple[int, Values] | None) -> list[tuple[Row, Values]]:
        """The row with all its values as they would stand; nothing, if it changes nothing or may not."""
        if old is None:
            plan.creates.append(row.values)
            return [(row, row.values)]
        pk, before = old
        after = {name: value for name, value in row.values.items() if value is not None and value != before.get(name)}
        moved = [name for name in after if name in self.fixed and before.get(name) is not None]
        for name in moved:
            what = _("The stored value is %(old)s, the file says %(new)s") % {"old": before[name], "new": after[name]}
            plan.refuse(row, name, what, str(self.fixed[name]))
        if moved or not after:
            plan.unchanged += not moved
            return []
        plan.updates.append((pk, after, {name: before.get(name) for name in after}))
        return [(row, {**before, **after})]

    def apply(self, by: Actor, batch: Any, plan: Plan) -> None:
        policies.require_edit_everywhere(by)
        for pk, after, _before in plan.updates:  # first: an end makes room for what begins
            self._change(pk, after)
        made = self.build(plan.creates)
        self.model._default_manager.bulk_create(made, batch_size=1000)
        changes = [[pk, _packed(after), _packed(before)] for pk, after, before in plan.updates]
        written = [[row.pk, _packed(values)] for row, values in zip(made, plan.creates, strict=True)]
        batch.undo_data = {"made": written, "changed": changes}
        current().about(Reference("batch", str(batch.pk)), roster=self.code)

    def _change(self, pk: int, values: Values) -> None:
        self.model._default_manager.filter(pk=pk).update(**{self.renamed.get(name, name): value for name, value in values.items()})

    def undo(self, by: Actor, batch: Any) -> None:
        """Everything as before the batch, or Refused naming the row that was changed since."""
        policies.require_edit_everywhere(by)
        kept = batch.undo_data
        now = {pk: values for pk, values in self.stored().values()}
        for pk, after, *_rest in [*kept["changed"], *kept["made"]]:
            _refuse_later(now.get(pk), after)
        for chunk in in_chunks([pk for pk, _values in kept["made"]]):
            self.model._default_manager.filter(pk__in=chunk).delete()
        for pk, _after, before in kept["changed"]:
            self._change(pk, _unpacked(before))


def _refuse_later(values: Values | None, after: Values) -> None:
    later = ["—"] if values is None else [name for name, value in after.items() if value is not None and _plain(values.get(name)) != value]
    grown = values is not None and after.get("ends_on", "") is None and values.get("ends_on") is not None
    if later or grown:
        name = " ".join(str(values.get(part)) for part in ("person_code", "party_code") if values and values.get(part))
        what = _("%(name)s was changed again after this batch") % {"name": name or "—"}
        raise Refused(what, field=(later or ["ends_on"])[0], remedy=_("correct it on its page instead"), code="depends")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _packed(values: Values) -> Values:
    return {name: _plain(value) for name, value in values.items()}


def _unpacked(values: Values) -> Values:
    return {name: date.fromisoformat(value) if name.endswith("_on") and isinstance(value, str) else value for name, value in values.items()}
