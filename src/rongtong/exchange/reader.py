"""One table from a file: xlsx (first sheet) or csv. Files are checked by `files.checks` before anything parses them."""

import csv
import hashlib
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from rongtong.exchange.decoding import decode
from rongtong.exchange.exporting import unguarded
from rongtong.exchange.importing import folded_header
from rongtong.files import checks
from rongtong.kernel.errors import Place, Refused

RawRow = tuple[int, Sequence[Any]]
_DELIMITERS = ",\t;"


@dataclass(frozen=True, slots=True)
class Table:
    """Headers and rows of one file. `rows` is read once, in order; each row comes with its number in the file."""

    file: str
    sheet: str
    columns: list[str]
    header_row: int
    rows: Iterator[RawRow]
    encoding: str = ""

    def place(self, row: int | None = None, column: str = "") -> Place:
        return Place(self.file, self.sheet, row, column)

    @property
    def signature(self) -> str:
        """What makes two files look alike: their headers."""
        return hashlib.sha256("\x1f".join(folded_header(column) for column in self.columns).encode()).hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def as_path(source: Path | str | bytes, filename: str) -> Iterator[Path]:
    """The source as a file on disk; bytes are spooled and removed afterwards."""
    if not isinstance(source, bytes):
        yield Path(source)
        return
    with tempfile.NamedTemporaryFile(prefix="rongtong-", suffix=Path(filename).suffix) as file:
        file.write(source)
        file.flush()
        yield Path(file.name)


def read_table(source: Path | str | bytes, filename: str = "", encoding: str | None = None) -> Table:
    """Open a table; Refused (with the file's name) where it cannot be read."""
    name = Path(filename).name if filename else "upload" if isinstance(source, bytes) else Path(source).name
    with as_path(source, name) as path:
        if not path.is_file():
            raise Refused(_("There is no file %(file)s") % {"file": name}, remedy=_("check the path"), code="file_absent")
        checks.check_spreadsheet(path)
        return _xlsx_table(path, name) if _kind(path, name) == "xlsx" else _csv_table(path, name, encoding)


def _kind(path: Path, name: str) -> str:
    with path.open("rb") as file:
        head = file.read(8)
    suffix = Path(name).suffix.lower()
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if suffix in {".xlsx", ".xlsm", ".xls", ".et", ".ods"} or head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("%(file)s is not an xlsx workbook, whatever its name says") % {"file": name},
            remedy=_("open it in the spreadsheet program and save it as .xlsx or .csv"),
            code="file_kind",
        )
    if not head:
        raise Refused(_("%(file)s is empty") % {"file": name}, remedy=_("choose the file that holds the table"), code="file_empty")
    return "csv"


def _broken(name: str, failure: Exception) -> Refused:
    return Refused(
        _("%(file)s cannot be read as a workbook: %(reason)s") % {"file": name, "reason": failure},
        remedy=_("it may be truncated or protected by a password: open it in the spreadsheet program and save it again"),
        code="file_broken",
    )


def _xlsx_table(path: Path, name: str) -> Table:
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except (CalamineError, IndexError) as failure:
        raise _broken(name, failure) from None
    return _with_header(enumerate(sheet.iter_rows(), start=1), name, sheet.name)


def _csv_table(path: Path, name: str, encoding: str | None) -> Table:
    text, found = decode(path.read_bytes(), encoding)
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise Refused(
            _("%(file)s is not a text table: it holds a zero byte in line %(line)d") % {"file": name, "line": line},
            remedy=_("save it as UTF-8 csv"),
            code="file_kind",
        )
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(_DELIMITERS, key=first.count)
    return _with_header(_csv_rows(text, delimiter, name), name, "", found)


def _csv_rows(text: str, delimiter: str, name: str) -> Iterator[RawRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [unguarded(cell) if cell.startswith("'") else cell for cell in cells]
    except csv.Error as failure:
        raise Refused(
            _("%(file)s breaks off or has a wrong quote near line %(line)d: %(reason)s")
            % {"file": name, "line": reader.line_num, "reason": failure},
            remedy=_("save it again from the spreadsheet program"),
            code="file_broken",
        ) from None


def _with_header(rows: Iterable[RawRow], name: str, sheet: str, encoding: str = "") -> Table:
    """Find the header: the first row with two filled cells (a title above it fills one), else the first filled row."""
    iterator = iter(rows)
    skipped: list[RawRow] = []
    for number, raw in iterator:
        filled = sum(cell != "" for cell in raw)
        if filled >= 2 or (filled and len(raw) == 1):
            return Table(name, sheet, _headers(raw, name), number, _filled(iterator), encoding)
        if filled:
            skipped.append((number, raw))
    if not skipped:
        raise Refused(
            _("%(file)s holds no table") % {"file": name},
            remedy=_("put the headers into the first row of the first sheet"),
            code="file_empty",
        )
    return Table(name, sheet, _headers(skipped[0][1], name), skipped[0][0], iter(skipped[1:]), encoding)


def _headers(raw: Sequence[Any], name: str) -> list[str]:
    headers = [str(cell).strip() for cell in raw]
    seen: set[str] = set()
    for header in headers:
        folded = folded_header(header)
        if folded and folded in seen:
            raise Refused(
                _("%(file)s has the column “%(column)s” twice") % {"file": name, "column": header},
                remedy=_("remove or rename one of them"),
                code="column_twice",
            )
        seen.add(folded)
    return headers


def _filled(rows: Iterable[RawRow]) -> Iterator[RawRow]:
    for row in rows:
        if row[1].count("") != len(row[1]):
            yield row
