"""Papers as pdf, set by Typst. Text goes to it as data, never as markup; the fonts used are embedded; the same paper is the same bytes."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import typst
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.papers import fonts
from rongtong.papers.pdf_data import data_of
from rongtong.papers.primitives import Lowered

MAX_CELLS = 30_000  # Typst takes some 20 kB for each: 700 MB
_MAX_TAGGED = 5_000  # cells; the marks for screen readers take 200 bytes for each
_MISSING = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_STANDARD: Final = "a-2u"  # archives take it, and it fails on a character that no font has, where plain pdf would print a box


def render(lowered: Lowered) -> bytes:
    cells = lowered.cells
    if cells > MAX_CELLS:
        what = _("The tables of this paper have %(cells)d cells") % {"cells": cells}
        remedy = _("a pdf takes at most %(most)d; print as docx, or split the paper") % {"most": MAX_CELLS}
        raise Refused(what, field="format", remedy=remedy, code="too_large")
    found = fonts.loaded()
    on = datetime.fromisoformat(lowered.properties_on or "2000-01-01").replace(tzinfo=UTC)
    with _refusals():
        return typst.compile(
            _template(),
            font_paths=found,
            sys_inputs=_inputs(lowered, found),
            format="pdf",
            pdf_standards=_STANDARD,
            timestamp=on,
            pdf_tags=cells <= _MAX_TAGGED,
        )


def pages(lowered: Lowered) -> dict[str, int]:
    """On which page each chapter begins."""
    if not lowered.anchors:
        return {}
    found = fonts.loaded()
    with _refusals():
        answer = typst.query(_template(), "<index-pages>", field="value", one=True, font_paths=found, sys_inputs=_inputs(lowered, found))
    return dict(json.loads(answer))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except typst.TypstError as error:
        missing = _MISSING.search(error.message)
        if not missing:
            raise
        raise Refused(
            _("No font on this computer has the character “%(char)s”") % {"char": missing[1]}, field="format", code="no_character",
            remedy=_("put a font that has it into the folder fonts of the data directory, or print as docx"),
        ) from error  # fmt: skip
    except BaseException as error:  # a fault inside Typst is no Exception and would end the worker
        if type(error).__name__ != "PanicException":
            raise
        raise RuntimeError("Typst broke off") from error


def _inputs(lowered: Lowered, found: typst.Fonts) -> dict[str, str]:
    return {"paper": json.dumps(data_of(lowered, fonts.embedded(found)), ensure_ascii=False)}


@cache
def _template() -> bytes:
    return (Path(__file__).parent / "data" / "paper.typ").read_bytes()
