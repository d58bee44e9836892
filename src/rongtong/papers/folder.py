"""Many papers as one zip: an index and numbered files. The same content is the same bytes; names are safe on every system."""

import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.papers import words
from rongtong.papers.blocks import Column, Row, Table, Value
from rongtong.papers.document import Document
from rongtong.papers.text import clean
from rongtong.papers.writing import write

MAX_FILES = 2000
MAX_BYTES = 500 * 2**20
NAME_BYTES = 120  # of UTF-8: with a folder before it, within what Windows can unpack
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1024 * 1024
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the folder: a paper to write, a file already there, or neither, with the reason why it is missing.

    `group` is the heading it stands under in the index, and its folder; `source` says from which records it was made.
    """

    name: str
    group: str = ""
    paper: Document | Callable[[], Document] | None = None
    file: Path | None = None
    suffix: str = ""
    source: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.paper is None) == (self.file is None) and not (self.reason and self.paper is None):
            raise ValueError(f"“{self.name}” needs a paper or a file, or the reason why there is none")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an entry: its name in the zip, or the reason why it is not there."""

    entry: Entry
    path: str = ""
    size: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FolderResult:
    path: Path
    size: int
    files: int
    missing: tuple[Written, ...]


def write_folder(
    target: Path | str, title: str, entries: Sequence[Entry], *, file_format: str = "docx", dated_on: date | None = None,
    progress: Progress | None = None, max_bytes: int = MAX_BYTES,
) -> FolderResult:  # fmt: skip
    """Write the zip to `target`, which appears only when it is whole.

    `progress(share, name)` is called before every file; whatever it raises ends the work and leaves nothing behind. A paper that is refused
    (a character without a font) is listed in the index as missing, with the reason; it does not end the others.
    """
    if len(entries) > MAX_FILES:
        what = _("The folder would hold %(count)d files") % {"count": len(entries)}
        raise Refused(what, remedy=_("at most %(most)d; choose a shorter period or fewer units") % {"most": MAX_FILES}, code="too_many")
    target = Path(target)
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=".folder-", suffix=".zip")
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                written = list(_entries(archive, entries, file_format, progress or _quiet, max_bytes))
                index = write(index_of(title, written, dated_on=dated_on), file_format)
                _put(archive, f"00 {safe_name(title)}.{file_format}", index)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, target)
    finally:
        Path(scratch).unlink(missing_ok=True)
    missing = tuple(one for one in written if not one.path)
    return FolderResult(target, target.stat().st_size, len(written) - len(missing), missing)


def _quiet(_share: float, _note: str) -> None:
    return None


def _entries(archive: zipfile.ZipFile, entries: Sequence[Entry], file_format: str, progress: Progress, max_bytes: int) -> Iterator[Written]:
    groups, total = _folders(entries), 0
    digits = max(2, len(str(len(entries))))
    for number, entry in enumerate(entries, start=1):
        progress((number - 1) / (len(entries) + 1), entry.name)
        folder = f"{groups[entry.group]}/" if entry.group else ""
        made = _entry(archive, entry, f"{folder}{number:0{digits}d} ", file_format)
        total += made.size
        if total > max_bytes:
            what = _("The folder would have more than %(size)d MB") % {"size": max_bytes // 2**20}
            raise Refused(what, remedy=_("choose a shorter period or fewer units"), code="too_large")
        yield made


def _folders(entries: Iterable[Entry]) -> dict[str, str]:
    """Groups in the order in which they come, numbered, so that two of the same safe name stay apart."""
    groups = list(dict.fromkeys(entry.group for entry in entries if entry.group))
    return {group: f"{number:02d} {safe_name(group)}" for number, group in enumerate(groups, start=1)}


def _entry(archive: zipfile.ZipFile, entry: Entry, start: str, file_format: str) -> Written:
    if entry.file is not None:
        suffix = safe_name(entry.suffix.lstrip(".") or entry.file.suffix.lstrip("."))
        path = f"{start}{safe_name(entry.name)}.{suffix}" if suffix else start + safe_name(entry.name)
        return Written(entry, path, _copy(archive, path, entry.file))
    if entry.paper is None:
        return Written(entry, reason=entry.reason)
    try:
        content = write(entry.paper() if callable(entry.paper) else entry.paper, file_format)
    except Refused as refusal:
        if refusal.code in {"no_print", "no_font", "format_unknown"}:  # true of every paper
            raise
        return Written(entry, reason=str(refusal))
    path = f"{start}{safe_name(entry.name)}.{file_format}"
    _put(archive, path, content)
    return Written(entry, path, len(content))


def _information(path: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(path, _EPOCH)
    made.compress_type, made.create_system, made.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
    return made


def _put(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    archive.writestr(_information(path), content)


def _copy(archive: zipfile.ZipFile, path: str, source: Path) -> int:
    size = 0
    with source.open("rb") as given, archive.open(_information(path), "w") as kept:
        while block := given.read(_BLOCK):
            kept.write(block)
            size += len(block)
    return size


def safe_name(text: str) -> str:
    """A file name that is one on every system: no path, no reserved name, no dot at its ends, at most NAME_BYTES long.

    >>> safe_name("../三会一课: 2026/1"), safe_name("CON"), safe_name("…")
    ('三会一课_ 2026_1', '_CON', '…')
    """
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", clean(text)).replace("\n", " ")).strip(" ._")
    name = name.encode()[:NAME_BYTES].decode(errors="ignore").strip(" .") or "_"
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def index_of(title: str, written: Iterable[Written], *, dated_on: date | None = None) -> Document:
    """The list of what the folder holds and what it lacks, with the reason and the source of each."""
    rows: list[Row] = []
    group = ""
    for number, one in enumerate(written, start=1):
        if one.entry.group != group:
            group = one.entry.group
            rows.append(Row((group,), "group"))
        shown = Value(words.YES if one.path else "", one.entry.source, one.reason)
        rows.append(Row((str(number), one.entry.name, one.path.rsplit("/", 1)[-1], shown)))
    columns = (
        Column(words.SERIAL, 0.6, "center"), Column(words.MATERIAL, 3.4), Column(words.FILE, 4.0), Column(words.HELD, 0.9, "center"),
    )  # fmt: skip
    return Document(title=title, blocks=(Table(columns, tuple(rows), size="dense"),), dated_on=dated_on)
