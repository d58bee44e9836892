"""What an upload must pass before any parser sees it. Each refusal is a named rule with what, and what to do."""

import re
import stat
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 120
MAX_ENTRIES = 2000
_SMALL = 1024 * 1024  # below this unpacked size the ratio says nothing
_PROLOG = 4096
_ENTITY = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def _refuse(rule: str, what: str, remedy: str) -> Refused:
    return Refused(what, field="file", remedy=remedy, code=rule)


def check_spreadsheet(path: Path | str) -> None:
    """Refuse a spreadsheet or csv that is too large, packed to explode, or carries macros, entities or paths."""
    path = Path(path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise _refuse("too_large", _("The file has %(size)d MB") % {"size": size // 2**20}, _("send at most 50 MB; split the file"))
    if size == 0:
        raise _refuse("empty", _("The file is empty"), _("choose the file again"))
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK"):
        _check_package(path)
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refuse("old_or_encrypted", _("This is an old xls or an encrypted file"), _("save it as xlsx without a password"))


def _check_package(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            _check_sizes(entries)
            for entry in entries:
                _check_entry(entry)
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_xml(package, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as broken:
        raise _refuse("truncated", _("The file is damaged or cut off"), _("save it again and send that")) from broken


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _refuse(
            "too_many_entries", _("The file holds %(count)d parts") % {"count": len(entries)}, _("save the data as a new workbook")
        )
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked > MAX_RATIO * max(packed, 1)):
        what = _("The file would unpack to %(size)d MB") % {"size": unpacked // 2**20}
        raise _refuse("bomb", what, _("save the data as a new workbook"))
    offsets = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    if any(start + length > after for (start, length), (after, _size) in pairwise(offsets)):
        raise _refuse("overlapping", _("Parts of the file overlap"), _("save the data as a new workbook"))


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or "\x00" in entry.orig_filename or ":" in name:
        raise _refuse("slip_path", _("The file holds a part with a path outside itself"), _("save the data as a new workbook"))
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _refuse("symlink", _("The file holds a link"), _("save the data as a new workbook"))
    if entry.flag_bits & 0x1:
        raise _refuse("encrypted", _("The file is encrypted"), _("save it without a password"))
    if name.lower().endswith(("vbaproject.bin", ".exe", ".js", ".zip", ".xlsm")):
        raise _refuse("macro", _("The file carries macros or another archive"), _("save it as xlsx without macros"))


def _check_xml(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """A DOCTYPE or entity may only stand before the first element, so the beginning tells."""
    with package.open(entry) as part:
        if _ENTITY.search(part.read(_PROLOG)):
            raise _refuse("entity", _("The file declares entities"), _("save the data as a new workbook"))
