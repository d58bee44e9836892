"""Paragraphs, runs and tables of WordprocessingML, written element by element; lxml escapes every text."""

from collections.abc import Iterable
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from rongtong.papers.primitives import Foot, Grid, GridCell, Line, Rule, Run
from rongtong.papers.standard import STANDARD, points, twips
from rongtong.papers.word_styles import Styles, add, em_twips, write_fonts

_HAIR_TWIPS = 20  # of a paragraph that only carries a line or a break: Word takes nothing lower
_CELL_MARGIN_MM = 1.2
_TABLE_LINE = 4  # eighths of a point
_ALL_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def eighths(millimetres: float) -> int:
    return round(points(millimetres) * 8)


class Writer:
    """Writes primitives into one container after the other. `width_mm` is that of the text area at hand."""

    def __init__(self, styles: Styles, index_pages: dict[str, int]) -> None:
        self.styles, self.index_pages = styles, index_pages
        self.width_mm = STANDARD.text_width_mm
        self.breaks_page = False
        self._bookmarks = 0

    def paragraph(self, parent: Any, line: Line) -> Any:
        made = add(parent, "p")
        self._paragraph_properties(made, line)
        if line.anchor:
            self._bookmark(made, line.anchor)
        self.runs(made, line.runs)
        if line.right_runs or line.page_of:
            add(add(made, "r"), "tab")
            self.runs(made, line.right_runs)
        if line.page_of:
            self._page_reference(made, line)
        return made

    def _paragraph_properties(self, made: Any, line: Line) -> None:
        has_right, em = bool(line.right_runs or line.page_of), em_twips(line.face)
        to = add(made, "pPr")
        add(to, "pStyle", val=self.styles.of(line.face))
        if line.keeps_with_next:
            add(to, "keepNext")
        if self._takes_break():
            add(to, "pageBreakBefore")
        if has_right:
            place = twips(self.width_mm) - round(line.right * em)
            add(add(to, "tabs"), "tab", val="right", pos=place, **({"leader": "dot"} if line.has_leader else {}))
        indent = _indent(line, em)
        if indent:
            add(to, "ind", **indent)
        if line.align in {"center", "right"} or (line.align == "justify" and not has_right):
            add(to, "jc", val="both" if line.align == "justify" else line.align)
        if line.outline:
            add(to, "outlineLvl", val=line.outline - 1)

    def _takes_break(self) -> bool:
        taken, self.breaks_page = self.breaks_page, False
        return taken

    def runs(self, made: Any, runs: Iterable[Run]) -> None:
        for run in runs:
            to = add(made, "r")
            self._run_properties(to, run)
            for at, piece in enumerate(run.text.split("\n")):
                if at:
                    add(to, "br")
                text = add(to, "t")
                text.text = piece
                if piece != piece.strip():
                    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _run_properties(self, to: Any, run: Run) -> None:
        if not run.role and not run.is_note:
            return
        properties = add(to, "rPr")
        if run.role:
            write_fonts(properties, getattr(self.styles.names, run.role))
        if run.is_note:
            add(properties, "vertAlign", val="superscript")

    def _bookmark(self, made: Any, name: str) -> None:
        self._bookmarks += 1
        add(made, "bookmarkStart", id=self._bookmarks, name=name)
        add(made, "bookmarkEnd", id=self._bookmarks)

    def _page_reference(self, made: Any, line: Line) -> None:
        """A field that Word works out; until then it shows the page known from the pdf, if there is one."""
        shown = str(self.index_pages.get(line.page_of, ""))
        self.field(made, f"PAGEREF {line.page_of} \\h", shown)

    def field(self, made: Any, instruction: str, shown: str) -> None:
        for kind in ("begin", "separate", "end"):
            add(add(made, "r"), "fldChar", fldCharType=kind)
            if kind == "begin":
                add(add(made, "r"), "instrText").text = f" {instruction} "
            if kind == "separate" and shown:
                self.runs(made, (Run(shown),))

    def gap(self, parent: Any, height_mm: float) -> Any:
        """An empty paragraph of a given height."""
        made = self.paragraph(parent, Line())
        spacing = etree.Element(qn("w:spacing"))
        for name, value in (("line", max(twips(height_mm), _HAIR_TWIPS)), ("lineRule", "exact")):
            spacing.set(qn(f"w:{name}"), str(value))
        made[0].append(spacing)
        return made

    def hair(self, parent: Any) -> Any:
        """A paragraph one point high."""
        return self.gap(parent, 0.0)

    def rule(self, parent: Any, rule: Rule) -> None:
        properties = self.hair(parent)[0]
        border = etree.Element(qn("w:pBdr"))
        properties[-1].addprevious(border)
        kind = "dashed" if rule.is_dashed else "single"
        add(border, "bottom", val=kind, sz=eighths(rule.thickness_mm), space=0, color="FF0000" if rule.is_red else "000000")

    def grid(self, parent: Any, grid: Grid) -> None:
        if self.breaks_page:
            self.hair(parent)
        table = add(parent, "tbl")
        _table_properties(table, sum(grid.widths_mm), dict.fromkeys(_ALL_SIDES, _TABLE_LINE), margin_mm=_CELL_MARGIN_MM)
        columns = add(table, "tblGrid")
        for width in grid.widths_mm:
            add(columns, "gridCol", w=twips(width))
        below: dict[int, GridCell] = {}
        depth: dict[int, int] = {}
        for row in grid.head:
            self._grid_row(table, grid, row, below, depth, is_head=True)
        for row in grid.rows:
            self._grid_row(table, grid, row, below, depth, is_head=False)

    def _grid_row(
        self, table: Any, grid: Grid, row: tuple[GridCell, ...], below: dict[int, GridCell], depth: dict[int, int], *, is_head: bool
    ) -> None:
        made = add(table, "tr")
        properties = add(made, "trPr")
        if all(cell.is_kept for cell in row):
            add(properties, "cantSplit")
        if grid.row_mm:
            add(properties, "trHeight", val=twips(grid.row_mm), hRule="atLeast")
        if is_head:
            add(properties, "tblHeader")
        column, given = 0, iter(row)
        while column < len(grid.widths_mm):
            is_continued = depth.get(column, 0) > 0
            cell = below[column] if is_continued else next(given)
            depth[column] = depth[column] - 1 if is_continued else cell.rows - 1
            below[column] = cell
            self._cell(made, grid, cell, column, is_continued=is_continued)
            column += cell.columns

    def _cell(self, row: Any, grid: Grid, cell: GridCell, column: int, *, is_continued: bool) -> None:
        made = add(row, "tc")
        properties = add(made, "tcPr")
        add(properties, "tcW", w=twips(sum(grid.widths_mm[column : column + cell.columns])), type="dxa")
        if cell.columns > 1:
            add(properties, "gridSpan", val=cell.columns)
        if cell.rows > 1:
            add(properties, "vMerge", val="continue" if is_continued else "restart")
        add(properties, "vAlign", val="center")
        self.paragraph(made, Line(face=grid.face) if is_continued else cell.line)

    def foot(self, parent: Any, foot: Foot) -> None:
        """A table that floats at the bottom of the text area of the page on which the paper ends.

        LibreOffice before 7.6 cannot let a table of full width float and sets it below the text.
        """
        if not len(parent) or self.breaks_page or parent[-1].find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            self.hair(parent)  # a floating table may not begin a section
        table = add(parent, "tbl")
        lines = {"top": foot.outer_mm, "bottom": foot.outer_mm, "insideH": foot.inner_mm}
        _table_properties(table, self.width_mm, {side: eighths(thick) for side, thick in lines.items()}, margin_mm=0.0, is_at_foot=True)
        add(add(table, "tblGrid"), "gridCol", w=twips(self.width_mm))
        for line in foot.lines:
            cell = add(add(table, "tr"), "tc")
            add(add(cell, "tcPr"), "tcW", w=twips(self.width_mm), type="dxa")
            self.paragraph(cell, line)
        self.hair(parent)


def _indent(line: Line, em: float) -> dict[str, int]:
    given = {"left": line.left, "right": line.right, "firstLine": line.first, "hanging": line.hanging}
    return {name: round(value * em) for name, value in given.items() if value}


def _table_properties(table: Any, width_mm: float, lines: dict[str, int], *, margin_mm: float, is_at_foot: bool = False) -> None:
    to = add(table, "tblPr")
    if is_at_foot:
        add(to, "tblpPr", leftFromText=0, rightFromText=0, vertAnchor="margin", horzAnchor="margin", tblpXSpec="left", tblpYSpec="bottom")
        add(to, "tblOverlap", val="never")
    add(to, "tblW", w=twips(width_mm), type="dxa")
    add(to, "tblInd", w=0, type="dxa")
    borders = add(to, "tblBorders")
    for side in _ALL_SIDES:
        if side in lines:
            add(borders, side, val="single", sz=lines[side], space=0, color="000000")
    add(to, "tblLayout", type="fixed")
    margins = add(to, "tblCellMar")
    for side in ("left", "right"):
        add(margins, side, w=twips(margin_mm), type="dxa")
