"""Where a paper stands while it is lowered: parts so far, notes, counters of headings, the orientation of the page."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rongtong.papers import words
from rongtong.papers.blocks import Strong, Text, Value
from rongtong.papers.primitives import NOTE, NOTE_HEAD, Gap, Line, NewPage, Part, Run, Runs
from rongtong.papers.standard import STANDARD
from rongtong.papers.text import clean


@dataclass(slots=True)
class Builder:
    first: NewPage
    parts: list[Part] = field(default_factory=list)
    is_landscape: bool = False
    has_numbers: bool = True
    is_fresh: bool = True
    has_chapters: bool = False
    anchors: list[str] = field(default_factory=list)
    _notes: dict[str, int] = field(default_factory=dict)
    _counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    @property
    def width_mm(self) -> float:
        return STANDARD.text_height_mm if self.is_landscape else STANDARD.text_width_mm

    def add(self, *parts: Part) -> None:
        self.parts.extend(parts)
        self.is_fresh = False

    def blank(self, lines: int = 1) -> None:
        self.add(*[Line()] * lines)

    def new_page(self, *, is_landscape: bool) -> None:
        """Begin a page unless one has just begun; turn that one if need be."""
        if is_landscape != self.is_landscape:
            self.section(NewPage(True, is_landscape, self.has_numbers))
        elif not self.is_fresh:
            self.parts.append(NewPage(is_landscape=is_landscape))
            self.is_fresh = True

    def section(self, page: NewPage) -> None:
        """Begin a page with its own set-up, or give it to the one that has just begun."""
        if not self.parts and self.is_fresh:
            self.first = replace(page, restarts=self.first.restarts)
        else:
            begun = self.parts.pop() if self.is_fresh else None
            is_restarted = isinstance(begun, NewPage) and begun.restarts
            self.parts.append(replace(page, restarts=page.restarts or is_restarted))
        self.is_landscape, self.has_numbers, self.is_fresh = page.is_landscape, page.has_numbers, True

    def count(self, level: int) -> int:
        """The number of the next heading of a level; the levels below begin again."""
        self._counts[level - 1] += 1
        self._counts[level:] = [0] * (4 - level)
        return self._counts[level - 1]

    def restart_counts(self) -> None:
        self._counts = [0, 0, 0, 0]

    def runs(self, text: Text) -> Runs:
        pieces: Sequence[str | Strong | Value] = (text,) if isinstance(text, (str, Strong, Value)) else text
        return tuple(run for piece in pieces for run in self._run(piece))

    def _run(self, piece: str | Strong | Value) -> Runs:
        if isinstance(piece, str):
            return (Run(clean(piece)),) if piece else ()
        if isinstance(piece, Strong):
            return (Run(clean(piece.text), "hei"),)
        note = _note(piece)
        shown = Run(clean(piece.shown) or words.DASH)
        return (shown, Run(f"[{self._notes.setdefault(note, len(self._notes) + 1)}]", is_note=True)) if note else (shown,)

    def flush_notes(self) -> None:
        """Say where the figures above came from and why some are missing; the count begins again."""
        if not self._notes:
            return
        self.add(Gap(4.0), Line((Run(words.NOTES),), NOTE_HEAD, keeps_with_next=True))
        self.add(*[Line((Run(f"[{number}] {clean(text)}"),), NOTE, left=2.0, hanging=2.0) for text, number in self._notes.items()])
        self._notes = {}


def _note(value: Value) -> str:
    if value.shown:
        return value.source
    return f"{words.MISSING}{words.COLON}{value.reason}" + (f"（{value.source}）" if value.source else "")
