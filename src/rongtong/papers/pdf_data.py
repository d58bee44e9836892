"""A lowered paper as plain data for the Typst template."""

import re
from dataclasses import asdict
from typing import Any

from rongtong.papers.primitives import BODY, NUMBER, Face, Foot, Gap, Grid, GridCell, Kept, Line, Lowered, NewPage, Rule
from rongtong.papers.standard import POINTS_PER_MM, STANDARD, points

_KINDS = {Line: "line", Gap: "gap", Rule: "rule", Kept: "kept", Foot: "foot", NewPage: "new_page"}
_LINE_ROOM = 28  # Latin letters that surely fit a line of the body, even all of them W
_LETTER_SHARE = 0.75  # of its size that a Latin letter takes at most, but for the widest


def data_of(lowered: Lowered, chosen: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    sections: list[dict[str, Any]] = [{"page": _page(lowered.first), "parts": []}]
    for part in lowered.parts:
        if isinstance(part, NewPage) and part.is_section:
            sections.append({"page": _page(part), "parts": []})
        else:
            sections[-1]["parts"].append(_part(part))
    return {
        "title": lowered.title,
        "author": lowered.author,
        "fonts": chosen,
        "anchors": lowered.anchors,
        "slack_pt": (BODY.line_pt - BODY.size_pt) / 2,
        "sections": sections,
    }


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
    """A primitive as plain data: its kind named, its face with the distance of its characters, long words with places to break."""
    if isinstance(part, Face):
        return _face(part)
    if isinstance(part, Grid):
        return _grid(part)
    if isinstance(part, tuple):
        return [_part(one) for one in part]
    if isinstance(part, str):
        return _breakable(part)
    if not hasattr(part, "__dataclass_fields__"):
        return part
    plain = {name: _part(getattr(part, name)) for name in part.__dataclass_fields__}
    return {**plain, "kind": _KINDS[type(part)]} if type(part) in _KINDS else plain


def _breakable(text: str, room: int = _LINE_ROOM) -> str:
    """A word that may not fit gets places to break; others none, so that who copies them gets what was typed."""
    if len(text) <= room:
        return text
    words = rf"[!-~\u00a1-\u024f]{{{room + 1},}}"
    return re.sub(words, lambda found: "\u200b".join(found[0][at : at + 4] for at in range(0, len(found[0]), 4)), text)


def _grid(grid: Grid) -> dict[str, Any]:
    """A table with as little as can be said of each cell: ten thousand rows would otherwise take gigabytes."""
    rooms = [max(int(points(width) / (grid.face.size_pt * _LETTER_SHARE)) - 1, 1) for width in grid.widths_mm]
    return {
        "kind": "grid", "widths_mm": grid.widths_mm, "aligns": grid.aligns, "row_mm": grid.row_mm, "face": _face(grid.face),
        "head": [_row(row, grid.face, None, rooms) for row in grid.head],
        "rows": [_row(row, grid.face, grid.aligns, rooms) for row in grid.rows],
    }  # fmt: skip


def _row(row: tuple[GridCell, ...], face: Face, aligns: tuple[str, ...] | None, rooms: list[int]) -> list[Any]:
    if len(row) < len(rooms):  # cells reach over columns or down from above: which column is whose does not show
        return [_cell(cell, face, "", min(rooms)) for cell in row]
    return [_cell(cell, face, aligns[at] if aligns else "", rooms[at]) for at, cell in enumerate(row)]


def _cell(cell: GridCell, face: Face, align: str, room: int) -> Any:
    """Just its text where it is one run in the face of the table and the alignment of its column."""
    line = cell.line
    is_plain = line.align == align and line.face == face and cell.rows == 1 and cell.is_kept
    if is_plain and not line.runs:
        return ""
    if is_plain and len(line.runs) == 1 and not line.runs[0].role and "\n" not in line.runs[0].text:
        return _breakable(line.runs[0].text, room)
    spans = {"columns": cell.columns, "rows": cell.rows, "is_kept": cell.is_kept}
    runs = [{**_part(run), "text": _breakable(run.text, room)} for run in line.runs]
    return {**spans, "align": line.align, "face": _face(line.face), "runs": runs}
