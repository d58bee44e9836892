"""From a file to a plan: which column is which, what every row would change, and every error with its place. Writes nothing."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rongtong.exchange.importing import Importer, Plan, RowError, Rows, importer_of, match_columns
from rongtong.exchange.models import Batch, BatchState, RememberedMapping
from rongtong.exchange.reader import Table, as_path, digest_of, read_table
from rongtong.kernel.errors import Place, Refused

SHOWN_ERRORS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """An error with its place: FILE:SHEET:ROW:COLUMN what; what to do."""

    place: Place
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place} {self.what}; {self.remedy}" if self.remedy else f"{self.place} {self.what}"


class RefusedRows(Refused):
    """A file with errors; `problems` holds them with their places, `count` how many there are in all."""

    def __init__(self, problems: list[Problem], count: int) -> None:
        self.problems, self.count = problems, count
        super().__init__(
            _("The file has %(count)d errors; nothing was written") % {"count": count},
            remedy=_("repair them and import again"),
            code="rows",
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file is and would change. `missing` names required columns that no header was found for."""

    importer: Importer
    file: str
    sheet: str
    headers: list[str]
    header_row: int
    encoding: str
    signature: str
    digest: str
    mapping: dict[str, str]
    missing: list[str]
    plan: Plan

    @property
    def problems(self) -> list[Problem]:
        return [self._problem(error) for error in self.plan.errors]

    def _problem(self, error: RowError) -> Problem:
        header = self.mapping.get(error.column, error.column)
        return Problem(Place(self.file, self.sheet, error.row, header), error.what, error.remedy)

    @property
    def counts(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "creates": len(plan.creates),
            "updates": len(plan.updates),
            "unchanged": plan.unchanged,
            "errors": plan.error_count,
            "missing": self.missing,
            "notices": plan.notices,
            "problems": [[str(p.place), p.what, p.remedy] for p in self.problems[:SHOWN_ERRORS]],
            "headers": self.headers,
            "sheet": self.sheet,
        }

    def refuse_errors(self) -> None:
        """RefusedRows if anything stands against applying it."""
        if self.missing:
            place = Place(self.file, self.sheet, self.header_row, ", ".join(self.missing))
            problem = Problem(place, _("The file lacks a required column"), _("add it, or say which column it is"))
            raise RefusedRows([problem], len(self.missing))
        if self.plan.error_count:
            raise RefusedRows(self.problems, self.plan.error_count)


def examine(
    actor: Any,
    kind: str,
    source: Path | str | bytes,
    filename: str = "",
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Preview:
    """Read a file and plan it against what is stored.

    `mapping` says which header each column is; without it the remembered one counts, else names and aliases.
    """
    importer = importer_of(kind)
    with as_path(source, filename) as path:
        table = read_table(path, filename or path.name, encoding)
        digest = digest_of(path)
    positions = _positions(importer, table, mapping)
    missing = [column.name for column in importer.columns if column.is_required and column.name not in positions]
    plan = _plan(actor, importer, table, positions) if not missing else Plan()
    named = {name: table.columns[at] for name, at in positions.items()}
    return Preview(
        importer, table.file, table.sheet, table.columns, table.header_row, table.encoding, table.signature, digest, named, missing, plan
    )


def _positions(importer: Importer, table: Table, mapping: Mapping[str, str] | None) -> dict[str, int]:
    if mapping is None:
        remembered = RememberedMapping.objects.filter(kind=importer.kind, signature=table.signature).first()
        mapping = remembered.mapping if remembered else None
    if mapping is None:
        return match_columns(table.columns, importer.columns)
    known = {column.name for column in importer.columns}
    unknown = [header for name, header in mapping.items() if header and (name not in known or header not in table.columns)]
    if unknown:
        raise Refused(
            _("The file has no column “%(column)s”") % {"column": unknown[0]},
            field="mapping",
            remedy=_("choose one of its headers"),
            code="column_unknown",
        )
    return {name: table.columns.index(header) for name, header in mapping.items() if header}


def _plan(actor: Any, importer: Importer, table: Table, positions: dict[str, int]) -> Plan:
    """The importer's plan, with the errors of single cells in front of its own."""
    cells = Plan()
    with _without_collector():
        plan = importer.plan(actor, Rows(importer.columns, positions, cells, table.rows, len(table.columns)))
    if cells.error_count:
        plan.errors = sorted([*cells.errors, *plan.errors], key=lambda error: error.row)
        plan.error_count += cells.error_count
    return plan


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hundreds of thousands of small tuples and no cycle among them: the collector would only walk them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def repeated(preview: Preview) -> Batch | None:
    """The batch that already brought exactly this file in, if the file would change nothing now."""
    if preview.plan.changes:
        return None
    return Batch.objects.filter(kind=preview.importer.kind, digest=preview.digest, state=BatchState.APPLIED).order_by("-pk").first()
