"""What a paper is made of. Plain frozen values: nothing here knows a database, a language or a file format.

A text is a string, or a sequence of strings, `Strong`, and `Value`. A `Value` is a figure with its source; one that is missing prints as a dash and says why.
Blocks refuse what cannot be printed (a row with too few cells, a missing value without its reason) with ValueError: that is an error of the program, not of a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rongtong.ui.figure import Figure

Align = Literal["left", "center", "right", "justify"]


@dataclass(frozen=True, slots=True)
class Strong:
    """Words set in 黑体."""

    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """A figure as it is printed, with the run, rule or record it comes from. Without `shown` it is missing, and `reason` says why."""

    shown: str
    source: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if not self.shown and not self.reason:
            raise ValueError("a missing value needs its reason")

    @classmethod
    def of(cls, figure: Figure, source: str = "") -> "Value":
        """The figure of a page, with unit, interval and the kind of evidence in its note."""
        if figure.value is None:
            return cls("", source, figure.reason or figure.badge_text)
        parts = [figure.badge_text, figure.interval, source]
        return cls(f"{figure.shown}{figure.unit}", " ".join(part for part in parts if part))


Inline = str | Strong | Value
Text = str | Strong | Value | Sequence[Inline]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4, numbered 一、 （一） 1. （1） unless told otherwise."""

    text: str
    level: int = 1
    is_numbered: bool = True

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3, 4):
            raise ValueError(f"a heading has level 1 to 4, not {self.level}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a line feed in it begins a new line. Its first line is indented by two characters when it is justified."""

    text: Text
    align: Align = "justify"
    is_indented: bool = True


@dataclass(frozen=True, slots=True)
class NumberedItems:
    """Paragraphs numbered in the manner of a level, beginning at `start`."""

    items: tuple[Text, ...]
    level: int = 3
    start: int = 1


@dataclass(frozen=True, slots=True)
class Roll:
    """A label in 黑体 and what belongs to it, the following lines under the first: 出席、请假、列席; time and place of a meeting."""

    label: str
    names: tuple[str, ...] = ()
    text: Text = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if not self.names and not self.text and not self.reason:
            raise ValueError(f"“{self.label}” needs names, a text, or the reason why there are none")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its share of the width, how its cells stand."""

    title: str
    width: float = 1.0
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell over several columns or rows."""

    text: Text = ""
    columns: int = 1
    rows: int = 1
    align: Align | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is more than data: `group` is one title over the whole width, `total` a sum."""

    cells: tuple[Text | Cell, ...]
    kind: Literal["data", "group", "total"] = "data"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; the head comes again on every page. An empty text is a cell to be filled in by hand.

    `size`: normal (小四) or dense (五号). `row_mm`: least height of a row, for what is written by hand. `empty`: said where there are no rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row | tuple[Text | Cell, ...], ...]
    caption: str = ""
    size: Literal["normal", "dense"] = "normal"
    row_mm: float = 0.0
    empty: str = ""

    def __post_init__(self) -> None:
        if not self.columns or any(column.width <= 0 for column in self.columns):
            raise ValueError("a table has at least one column, each with a width above 0")


@dataclass(frozen=True, slots=True)
class Fields:
    """A form: labels with their values, `across` pairs in a row. A long value may take the whole row by being alone in its group."""

    rows: tuple[tuple[tuple[str, Text], ...], ...]
    label_mm: float = 26.0
    row_mm: float = 10.0


@dataclass(frozen=True, slots=True)
class SignatureLines:
    """Lines to sign on by hand: 主持人（签字）：______, and the place for the date."""

    labels: tuple[str, ...]
    has_date: bool = True


@dataclass(frozen=True, slots=True)
class Signature:
    """署名 and 成文日期, placed for a seal or without one."""

    names: tuple[str, ...]
    signed_on: date
    is_sealed: bool = True


@dataclass(frozen=True, slots=True)
class ListOfAttachments:
    """附件说明: the names of what follows, without punctuation behind them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """附注, in （） under the date."""

    text: str


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins a new page."""


@dataclass(frozen=True, slots=True)
class BallotGrid:
    """One ballot 选票, printed `copies` times, never broken over a page. It is secret: it has no number and no name,
    and a paper that holds ballots has no page numbers, which would tell one from another.

    `others`: blank rows for persons who are no candidates.
    """

    title: str
    candidates: tuple[str, ...]
    seats: int
    choices: tuple[str, ...] = ("赞成", "不赞成", "弃权")
    others: int = 0
    instructions: tuple[str, ...] = ()
    issuer: str = ""
    voted_on: date | None = None
    copies: int = 1

    def __post_init__(self) -> None:
        if not self.choices or not (self.candidates or self.others) or self.copies < 1:
            raise ValueError("a ballot needs candidates or blank rows, choices, and at least one copy")


@dataclass(frozen=True, slots=True)
class TallyGrid:
    """The tellers' sheet 计票单: for each candidate and choice room for 正 and a number; blank rows for others voted for."""

    candidates: tuple[str, ...]
    choices: tuple[str, ...] = ("赞成", "不赞成", "弃权")
    others: int = 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part that begins a page and stands in the index; its headings and notes are counted anew. Landscape for wide tables."""

    title: str
    blocks: tuple["Block", ...]
    is_landscape: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """附件: a new page, 附件 and its number in 黑体 on line 1, its title centred on line 3."""

    title: str
    blocks: tuple["Block", ...]
    number: int | None = None
    is_landscape: bool = False


Block = (
    Heading
    | Paragraph
    | NumberedItems
    | Roll
    | Table
    | Fields
    | SignatureLines
    | Signature
    | ListOfAttachments
    | Remark
    | PageBreak
    | BallotGrid
    | TallyGrid
    | Chapter
    | Attachment
)
