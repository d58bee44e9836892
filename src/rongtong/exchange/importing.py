"""What a package says about a kind of file it takes, and the rows it is given.

    register_importer(Importer("units", _("Business units"), COLUMNS, plan_units, apply_units, undo_units))

`plan(actor, rows)` writes nothing: it reads every row, compares with what is stored and says what would be created, updated or left
alone, and every error. `apply(by, batch, plan)` writes it inside the act of the exchange; `undo(by, batch)` restores exactly what was
before, or raises Refused naming the later record that depends on the batch. What undo needs may be kept in `batch.undo_data` (a dict).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from rongtong.exchange import parsing
from rongtong.kernel.errors import Refused

MAX_ERRORS_KEPT = 1000
MAX_REMEMBERED = 50_000
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind. `aliases` are other headers that mean it (Chinese ones too); `parse` gives a domain value or raises Refused; words
    are at most `most` characters.
    """

    name: str
    aliases: tuple[str, ...] = ()
    is_required: bool = False
    parse: Callable[[Any], Any] = parsing.text
    title: Any = ""
    most: int | None = None


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
    plan: Callable[[Any, "Rows"], Plan]
    apply: Callable[[Any, Any, Plan], None]
    undo: Callable[[Any, Any], None]


_importers: dict[str, Importer] = {}


def register_importer(importer: Importer) -> None:
    """Called once per kind from the owner's AppConfig.ready."""
    _importers[importer.kind] = importer


def importer_of(kind: str) -> Importer:
    if kind not in _importers:
        known = ", ".join(sorted(_importers))
        what, remedy = _("“%(kind)s” is not a kind of file") % {"kind": kind}, _("use one of: %(known)s") % {"known": known}
        raise Refused(what, field="kind", remedy=remedy, code="kind_unknown")
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


class _Bad:
    """What a cell that does not parse is remembered as."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some thousand parsed rows by column; absent columns hold None."""

    numbers: list[int]
    columns: dict[str, list[Any]]


class Rows:
    """The rows of a file, parsed: iterate for a Row at a time, or take `chunks()` where there are hundreds of thousands.

    A cell that does not parse becomes an error in `sink`, and its row is left out. Equal cells are parsed once.
    """

    def __init__(
        self, columns: Sequence[Column], positions: dict[str, int], sink: Plan, raw: Iterable[tuple[int, Sequence[Any]]], width: int | None = None
    ) -> None:  # fmt: skip
        self.columns, self.positions, self.sink, self.raw, self.width = columns, positions, sink, raw, width
        self.memory: dict[str, dict[Any, Any]] = {name: {} for name in positions}
        self.has_bad = False

    def __iter__(self) -> Iterator[Row]:
        names = [column.name for column in self.columns]
        for chunk in self.chunks():
            for number, values in zip(chunk.numbers, zip(*(chunk.columns[name] for name in names), strict=True), strict=True):
                yield Row(number, dict(zip(names, values, strict=True)))

    def chunks(self) -> Iterator[Chunk]:
        iterator = iter(self.raw)
        while batch := list(islice(iterator, CHUNK)):
            yield self._parsed([number for number, _cells in batch], [cells for _number, cells in batch])

    def _parsed(self, numbers: list[int], raw: list[Sequence[Any]]) -> Chunk:
        width = 1 + max(self.positions.values(), default=-1)
        if min(map(len, raw)) < width:
            raw = [cells if len(cells) >= width else [*cells, *[""] * (width - len(cells))] for cells in raw]
        found: dict[str, list[Any]] = {}
        bad = self._surplus(numbers, raw)
        for column in self.columns:
            if column.name not in self.positions:
                found[column.name] = [None] * len(numbers)
                continue
            at = self.positions[column.name]
            found[column.name] = self._column(column, [cells[at] for cells in raw], numbers, bad)
        if not bad:
            return Chunk(numbers, found)
        good = [at for at in range(len(numbers)) if at not in bad]
        return Chunk([numbers[at] for at in good], {name: [values[at] for at in good] for name, values in found.items()})

    def _surplus(self, numbers: list[int], raw: list[Sequence[Any]]) -> set[int]:
        """Rows with filled cells beyond the last header: mostly a comma inside an unquoted text, which moves all that follows."""
        if self.width is None or max(map(len, raw)) <= self.width:
            return set()
        bad = {at for at, cells in enumerate(raw) if any(cell != "" for cell in cells[self.width :])}
        for at in sorted(bad):
            what = _("The row has %(cells)d cells, the header %(width)d") % {"cells": len(raw[at]), "width": self.width}
            self.sink.refuse(numbers[at], "", what, _("put texts that hold the separator into quotes, or remove the surplus"))
        return bad

    def _column(self, column: Column, cells: list[Any], numbers: list[int], bad: set[int]) -> list[Any]:
        types = set(map(type, cells))
        if types == {float} and column.parse in parsing.OF_FLOATS and _are_finite(cells):
            return cells
        # True equals 1.0 as a key: a chunk with truth values is keyed by type as well
        keys = [(type(cell), cell) for cell in cells] if bool in types else cells
        memory = self._remember(column, keys)
        values = [memory[keys[0]]] * len(keys) if keys.count(keys[0]) == len(keys) else list(map(memory.__getitem__, keys))
        if self.has_bad:
            self._report(column, values, numbers, bad)
        return values

    def _remember(self, column: Column, keys: list[Any]) -> dict[Any, Any]:
        memory = self.memory[column.name]
        if len(memory) > MAX_REMEMBERED:
            memory.clear()
        for key in set(keys) - memory.keys():
            memory[key] = _parse(column, key[1] if type(key) is tuple else key)
            self.has_bad = self.has_bad or type(memory[key]) is _Bad
        return memory

    def _report(self, column: Column, values: list[Any], numbers: list[int], bad: set[int]) -> None:
        for at, value in enumerate(values):
            if type(value) is _Bad:
                bad.add(at)
                self.sink.refuse(numbers[at], column.name, value.what, value.remedy)


def _are_finite(cells: list[float]) -> bool:
    return math.isfinite(sum(cells)) and max(cells) <= parsing.LARGEST and min(cells) >= -parsing.LARGEST


def _parse(column: Column, cell: Any) -> Any:
    try:
        value = column.parse(cell)
    except Refused as refusal:
        return _Bad(refusal.what, refusal.remedy)
    if value is None and column.is_required:
        return _Bad(*_empty())
    if column.most is not None and isinstance(value, str) and len(value) > column.most:
        return _Bad(_("The text has %(count)d characters") % {"count": len(value)}, _("use at most %(most)d") % {"most": column.most})
    return value


def _empty() -> tuple[str, str]:
    return _("The cell is empty"), _("fill it in; the column is required")
