"""Tables out: xlsx whose words stay words, csv that no spreadsheet takes for a formula. Read back, they are equal."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from rongtong.exchange.parsing import is_plain_number
from rongtong.kernel.errors import Refused

FORMATS = ("xlsx", "csv")
RISKY = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class Exporter:
    """A kind of table: its column names and `rows(actor, **filters)`, scoped by the actor, in the order of the columns."""

    kind: str
    columns: Sequence[str]
    rows: Callable[..., Iterable[Sequence[Cell]]]


_exporters: dict[str, Exporter] = {}


def register_exporter(exporter: Exporter) -> None:
    _exporters[exporter.kind] = exporter


def exporter_of(kind: str) -> Exporter:
    if kind not in _exporters:
        known = ", ".join(sorted(_exporters))
        raise Refused(
            _("“%(kind)s” is not a kind of table") % {"kind": kind},
            field="kind",
            remedy=_("use one of: %(known)s") % {"known": known},
            code="kind_unknown",
        )
    return _exporters[kind]


def export_rows(kind: str, actor: Any, file_format: str = "xlsx", path: Path | str | None = None, **filters: Any) -> Path:
    """Write what the actor sees of a kind to `path` (a temporary file by default, which the caller removes)."""
    exporter = exporter_of(kind)
    return write_table(exporter.columns, exporter.rows(actor, **filters), file_format, path, sheet=kind)


def write_table(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], file_format: str, path: Path | str | None = None, *, sheet: str = "data"
) -> Path:
    """Write any table; memory does not grow with its rows."""
    if file_format not in FORMATS:
        raise Refused(
            _("“%(format)s” is not a format we write") % {"format": file_format},
            field="format",
            remedy=_("use xlsx or csv"),
            code="format_unknown",
        )
    target = Path(path) if path else _temporary(file_format)
    writer = _write_xlsx if file_format == "xlsx" else _write_csv
    writer(columns, rows, target, sheet)
    return target


def _temporary(file_format: str) -> Path:
    with tempfile.NamedTemporaryFile(prefix="rongtong-", suffix=f".{file_format}", delete=False) as file:
        return Path(file.name)


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]], path: Path, _sheet: str) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([guarded(cell) for cell in row] for row in rows)


def guarded(cell: Cell) -> str:
    """The text of a csv cell; words that a spreadsheet would run get a leading apostrophe, which our reader takes off again.

    >>> guarded("=1+1"), guarded(-1.5), guarded("-1.5"), guarded("'=x")
    ("'=1+1", '-1.5', '-1.5', "''=x")
    """
    text = plain(cell)
    if text.lstrip("'").startswith(RISKY) and not is_plain_number(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """What `guarded` was given.

    >>> unguarded("'=1+1"), unguarded("''=x"), unguarded("'twas")
    ('=1+1', "'=x", "'twas")
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(RISKY) else text


def plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return repr(cell) if isinstance(cell, float) and not cell.is_integer() else str(int(cell) if isinstance(cell, float) else cell)


def _write_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Cell]], path: Path, sheet: str) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        page = book.add_worksheet(sheet[:31])
        page.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for at, column in enumerate(columns):
            page.write_string(0, at, column, bold)
        for number, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                _write_cell(page, number, at, cell)


def _write_cell(page: Any, row: int, column: int, cell: Cell) -> None:
    """Numbers as numbers where the file keeps them exactly (16 digits), everything else as a string."""
    if cell is None or cell == "":
        return
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and float(f"{cell:.16G}") == cell:
        page.write_number(row, column, cell)
    else:
        page.write_string(row, column, plain(cell))
