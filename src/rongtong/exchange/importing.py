"""What a package says about a kind of file it takes, and the rows it is given.

    register_importer(Importer("units", _("Business units"), COLUMNS, plan_units, apply_units, undo_units))

`plan(actor, rows)` writes nothing: it reads every row, compares with what is stored and says what would be created, updated or left
alone, and every error. `apply(by, batch, plan)` writes it inside the act of the exchange; `undo(by, batch)` restores exactly what was
before, or raises Refused naming the later record that depends on the batch. What undo needs may be kept in `batch.undo_data` (a dict).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rongtong.exchange import parsing
from rongtong.kernel.errors import Refused

MAX_ERRORS_KEPT = 1000
MAX_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind. `aliases` are other headers that mean it (Chinese ones too); `parse` gives a domain value or raises Refused."""

    name: str
    aliases: tuple[str, ...] = ()
    is_required: bool = False
    parse: Callable[[Any], Any] = parsing.text
    title: Any = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One parsed row: its number in the file, and its values by column name (None where the cell or the column is absent)."""

    number: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong at a row (and column), and what to do."""

    row: int
    column: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}" if self.remedy else self.what


@dataclass(slots=True)
class Plan:
    """What a file would change. Errors beyond MAX_ERRORS_KEPT are only counted."""

    creates: list[Any] = field(default_factory=list)
    updates: list[Any] = field(default_factory=list)
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    notices: list[str] = field(default_factory=list)

    def refuse(self, row: Row | int, column: str, what: str, remedy: str = "") -> None:
        self.error_count += 1
        if len(self.errors) < MAX_ERRORS_KEPT:
            self.errors.append(RowError(row if isinstance(row, int) else row.number, column, what, remedy))

    @property
    def changes(self) -> int:
        return len(self.creates) + len(self.updates)


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of file that a package takes."""

    kind: str
    title: Any
    columns: Sequence[Column]
    plan: Callable[[Any, Iterable[Row]], Plan]
    apply: Callable[[Any, Any, Plan], None]
    undo: Callable[[Any, Any], None]


_importers: dict[str, Importer] = {}


def register_importer(importer: Importer) -> None:
    """Called once per kind from the owner's AppConfig.ready."""
    _importers[importer.kind] = importer


def importer_of(kind: str) -> Importer:
    if kind not in _importers:
        known = ", ".join(sorted(_importers))
        raise Refused(f"“{kind}” is not a kind of file", field="kind", remedy=f"use one of: {known}", code="kind_unknown")
    return _importers[kind]


def importers() -> list[Importer]:
    return list(_importers.values())


def match_columns(headers: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Column name to position, for the headers that are a column's name or alias."""
    positions: dict[str, int] = {}
    for at, header in enumerate(headers):
        positions.setdefault(folded_header(header), at)
    found = {}
    for column in columns:
        for word in (column.name, *column.aliases):
            if folded_header(word) in positions:
                found[column.name] = positions[folded_header(word)]
                break
    return found


def folded_header(header: Any) -> str:
    """A header without case, spaces, full-width forms and the stars that forms put at required columns."""
    return parsing.folded(header).lower().replace(" ", "").replace("_", "").strip("*＊")


class RowReader:
    """Turns raw rows into parsed ones. A cell that does not parse becomes an error in `sink`, and its row is left out.

    Words repeat (codes, months, kinds): each column remembers what it parsed, so a hundred thousand rows cost a dictionary look-up a cell.
    """

    def __init__(self, columns: Sequence[Column], positions: dict[str, int], sink: Plan) -> None:
        self.columns = [(c.name, positions[c.name], c.is_required, c.parse) for c in columns if c.name in positions]
        self.absent: dict[str, Any] = dict.fromkeys(column.name for column in columns)
        self.memory: dict[str, dict[str, Any]] = {name: {} for name, *_rest in self.columns}
        self.sink = sink

    def read(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[Row]:
        parts = [(*column, self.memory[column[0]]) for column in self.columns]
        width = 1 + max((at for _name, at, *_rest in parts), default=-1)
        for number, raw in rows:
            cells = raw if len(raw) >= width else [*raw, *[""] * (width - len(raw))]
            values, is_good = self.absent.copy(), True
            for name, at, is_required, parse, memory in parts:
                cell = cells[at]
                if type(cell) is str and cell in memory:
                    values[name] = memory[cell]
                    continue
                is_good = self._take(number, name, is_required, parse, cell, values) and is_good
            if is_good:
                yield Row(number, values)

    def _take(self, number: int, name: str, is_required: bool, parse: Callable[[Any], Any], cell: Any, values: dict[str, Any]) -> bool:
        """Parse a cell not seen before into `values`; False, with an error, where that is not possible."""
        try:
            value = parse(cell)
        except Refused as refusal:
            self.sink.refuse(number, name, refusal.what, refusal.remedy)
            return False
        if value is None and is_required:
            self.sink.refuse(number, name, *_empty())
            return False
        values[name] = value
        if type(cell) is str and len(self.memory[name]) < MAX_REMEMBERED:
            self.memory[name][cell] = value
        return True


def _empty() -> tuple[str, str]:
    return _("The cell is empty"), _("fill it in; the column is required")
