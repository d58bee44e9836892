"""What both writers understand: lines of runs, grids, breaks. A paper is lowered to these once, so that docx and pdf say the same."""

from dataclasses import dataclass, field
from typing import Literal

from rongtong.papers.blocks import Align
from rongtong.papers.standard import STANDARD

Role = Literal["fangsong", "hei", "kai", "title", "song"]


@dataclass(frozen=True, slots=True)
class Face:
    """Which of the five fonts, how large, which colour, the fixed pitch of its lines, and how far letters are narrowed to fit one line."""

    role: Role = "fangsong"
    size_pt: float = STANDARD.size_third_pt
    line_pt: float = STANDARD.line_pt
    is_red: bool = False
    squeeze: float = 1.0


BODY = Face()
HEI = Face("hei")
LEVELS = (Face("hei"), Face("kai"), Face("fangsong"), Face("fangsong"))
TITLE = Face("title", STANDARD.size_first_pt)
COLOPHON = Face("fangsong", STANDARD.size_fourth_pt)
NUMBER = Face("song", STANDARD.size_fourth_pt, STANDARD.size_fourth_pt)
TABLE = Face("fangsong", STANDARD.size_table_pt, 18.0)
TABLE_HEAD = Face("hei", STANDARD.size_table_pt, 18.0)
DENSE = Face("fangsong", STANDARD.size_note_pt, 15.0)
DENSE_HEAD = Face("hei", STANDARD.size_note_pt, 15.0)
NOTE = DENSE
NOTE_HEAD = DENSE_HEAD


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one font. `role` replaces the one of the line; `note` is the number of a note, raised."""

    text: str
    role: Role | None = None
    is_note: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph. Indents in characters of its own size. `right_runs` stand at the right end of the same line, `leader` dots lead there."""

    runs: Runs = ()
    face: Face = BODY
    align: Align = "left"
    first: float = 0.0
    left: float = 0.0
    right: float = 0.0
    hanging: float = 0.0
    right_runs: Runs = ()
    has_leader: bool = False
    page_of: str = ""
    anchor: str = ""
    outline: int = 0
    keeps_with_next: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """White of a given height, for places that the standard measures in millimetres; `is_from_text`: from the letters above, not their line."""

    height_mm: float
    is_from_text: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line over the text area's width."""

    thickness_mm: float
    is_red: bool = False
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell; `is_kept` says that it is short enough to stay on one page."""

    line: Line
    columns: int = 1
    rows: int = 1
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table; `head` rows come again on every page. `widths_mm` fill the text area; `aligns` is what most cells of a column have."""

    widths_mm: tuple[float, ...]
    aligns: tuple[Align, ...]
    rows: tuple[tuple[GridCell, ...], ...]
    head: tuple[tuple[GridCell, ...], ...] = ()
    row_mm: float = 0.0
    face: Face = TABLE


@dataclass(frozen=True, slots=True)
class Kept:
    """What is not to be broken over a page."""

    parts: tuple["Line | Gap | Rule | Grid", ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page break; with `is_section` a new page set-up begins, and pages are counted from 1 again if `restarts`."""

    is_section: bool = False
    is_landscape: bool = False
    has_numbers: bool = True
    restarts: bool = False


@dataclass(frozen=True, slots=True)
class Foot:
    """Lines at the bottom edge of the last page's text area, ruled thick, thin, thick: 版记."""

    lines: tuple[Line, ...]
    outer_mm: float = STANDARD.colophon_outer_mm
    inner_mm: float = STANDARD.colophon_inner_mm


Part = Line | Gap | Rule | Grid | Kept | NewPage | Foot


@dataclass(frozen=True, slots=True)
class Lowered:
    """A paper in primitives, with what the file's properties say. `anchors`: chapters in the order of the index."""

    title: str
    author: str
    parts: tuple[Part, ...]
    first: NewPage
    properties_on: str = ""
    anchors: tuple[str, ...] = field(default=())

    @property
    def cells(self) -> int:
        return sum(sum(map(len, part.rows)) for part in self.parts if isinstance(part, Grid))
