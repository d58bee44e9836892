"""Papers as pdf, set by Typst. Text goes to it as data, never as markup; the fonts used are embedded; the same paper is the same bytes."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.papers import fonts
from rongtong.papers.primitives import BODY, NUMBER, Face, Foot, Gap, Grid, Kept, Line, Lowered, NewPage, Rule
from rongtong.papers.standard import POINTS_PER_MM, STANDARD

_KINDS = {Line: "line", Gap: "gap", Rule: "rule", Grid: "grid", Kept: "kept", Foot: "foot", NewPage: "new_page"}
_LONG = re.compile(r"[!-~\u00a1-\u024f]{16,}")
_MISSING = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_STANDARD: Final = "a-2u"  # archives take it, and it fails on a character that no font has, where plain pdf would print a box


def render(lowered: Lowered) -> bytes:
    found = fonts.loaded()
    on = datetime.fromisoformat(lowered.properties_on or "2000-01-01").replace(tzinfo=UTC)
    with _refusals():
        return typst.compile(
            _template(), font_paths=found, sys_inputs=_inputs(lowered, found), format="pdf", pdf_standards=_STANDARD, timestamp=on
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
    return {"paper": json.dumps(_data(lowered, fonts.embedded(found)), ensure_ascii=False)}


@cache
def _template() -> bytes:
    return (Path(__file__).parent / "data" / "paper.typ").read_bytes()


def _data(lowered: Lowered, chosen: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    sections: list[dict[str, Any]] = [{"page": _page(lowered.first), "parts": []}]
    for part in lowered.parts:
        if isinstance(part, NewPage) and part.is_section:
            sections.append({"page": _page(part), "parts": []})
        else:
            sections[-1]["parts"].append(_part(part))
    return {"title": lowered.title, "author": lowered.author, "fonts": chosen, "anchors": lowered.anchors, "sections": sections}


def _page(page: NewPage) -> dict[str, Any]:
    one = STANDARD
    tall = {
        "width_mm": one.page_width_mm, "height_mm": one.page_height_mm, "top_mm": one.page_top_mm, "left_mm": one.page_left_mm,
        "right_mm": one.page_right_mm, "bottom_mm": one.page_bottom_mm,
    }  # fmt: skip
    wide = {
        "width_mm": one.page_height_mm, "height_mm": one.page_width_mm, "top_mm": one.page_left_mm, "left_mm": one.page_bottom_mm,
        "right_mm": one.page_top_mm, "bottom_mm": one.page_right_mm,
    }  # fmt: skip
    below = one.number_below_mm - NUMBER.size_pt / 2 / POINTS_PER_MM
    number = {"number_below_mm": below, "number_inset": one.number_inset, "number_face": _face(NUMBER)}
    return {**(wide if page.is_landscape else tall), **number, "has_numbers": page.has_numbers, "restarts": page.restarts}


def _face(face: Face) -> dict[str, Any]:
    em = STANDARD.character_pt if face.size_pt == BODY.size_pt else face.size_pt
    return {**asdict(face), "em_pt": em, "tracking_pt": em - face.size_pt}


def _part(part: Any) -> Any:
    """A primitive as plain data, its kind named, its face with the distance of its characters, long words with places to break."""
    if isinstance(part, Face):
        return _face(part)
    if isinstance(part, tuple):
        return [_part(one) for one in part]
    if isinstance(part, str):
        return _LONG.sub(lambda found: "\u200b".join(found[0][at : at + 4] for at in range(0, len(found[0]), 4)), part)
    if not hasattr(part, "__dataclass_fields__"):
        return part
    plain = {name: _part(getattr(part, name)) for name in part.__dataclass_fields__}
    return {**plain, "kind": _KINDS[type(part)]} if type(part) in _KINDS else plain
