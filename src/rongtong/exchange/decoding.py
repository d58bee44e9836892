"""The bytes of a csv file as text: UTF-8 (with or without mark), GBK, GB18030; anything else is refused with its place."""

import codecs
import re

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused

_FIELDS = re.compile(rb'[,;\t\r\n"]+')  # never part of a GB18030 character: its second bytes begin at 0x30 and 0x40
_CHINESE = re.compile("[\u3400-\u9fff]")
ACCEPTED = ("utf-8", "utf-8-sig", "gbk", "gb18030", "gb2312", "utf-16", "utf-16-le", "utf-16-be", "big5")


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text and the name of the encoding; Refused with byte position and line where the bytes do not fit."""
    if encoding:
        return _strictly(data, _known(encoding)), encoding
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(data, "utf-16"), "utf-16"
    if data.startswith(codecs.BOM_UTF8):
        return _strictly(data, "utf-8-sig"), "utf-8-sig"
    return _guessed(data)


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    if name not in ACCEPTED:
        raise Refused(
            _("“%(name)s” is not an encoding we read") % {"name": encoding},
            field="encoding",
            remedy=_("use one of: %(known)s") % {"known": ", ".join(ACCEPTED)},
            code="encoding_unknown",
        )
    return name


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as failure:
        raise _misfit(data, failure.start, encoding) from None


def _misfit(data: bytes, at: int, encoding: str) -> Refused:
    line = data.count(b"\n", 0, at) + 1
    return Refused(
        _("The file is not %(encoding)s: byte %(position)d, line %(line)d")
        % {"encoding": encoding.upper(), "position": at + 1, "line": line},
        field="encoding",
        remedy=_("save the file as UTF-8, or name its encoding"),
        code="encoding",
    )


def _guessed(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as failure:
        first = failure
    mixed = _first_utf8_field(data)
    if mixed is not None:
        raise _mixed(data, first.start, mixed)
    try:
        return data.decode("gb18030"), "gb18030"
    except UnicodeDecodeError:
        raise _misfit(data, first.start, "utf-8") from None


def _first_utf8_field(data: bytes) -> int | None:
    """Where a field stands that is Chinese in UTF-8: three bytes a character, which GB18030 text all but never forms by chance."""
    start = 0
    for piece in _FIELDS.split(data):
        start = data.index(piece, start)
        if not piece.isascii():
            try:
                if _CHINESE.search(piece.decode("utf-8")):
                    return start
            except UnicodeDecodeError:
                pass
        start += len(piece)
    return None


def _mixed(data: bytes, other: int, utf8: int) -> Refused:
    values = {
        "first": utf8 + 1,
        "first_line": data.count(b"\n", 0, utf8) + 1,
        "second": other + 1,
        "second_line": data.count(b"\n", 0, other) + 1,
    }
    return Refused(
        _("The file mixes encodings: UTF-8 at byte %(first)d (line %(first_line)d), not UTF-8 at byte %(second)d (line %(second_line)d)")
        % values,
        field="encoding",
        remedy=_("open the parts separately and save them as one UTF-8 file"),
        code="encoding_mixed",
    )
