"""The numbers of GB/T 9704-2012, read once from `data/gbt9704.toml`; both writers take them from here."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

POINTS_PER_MM = 72 / 25.4
TWIPS_PER_POINT = 20


@dataclass(frozen=True)
class Standard:
    """Attribute `page_top_mm` is row `top_mm` of table `page`; lengths of text in characters unless the name ends in a unit."""

    page_width_mm: float
    page_height_mm: float
    page_top_mm: float
    page_left_mm: float
    page_right_mm: float
    page_bottom_mm: float
    page_lines: int
    page_characters: int
    page_line_pitch_twips: int
    page_character_space: int
    size_first_pt: float
    size_third_pt: float
    size_fourth_pt: float
    size_table_pt: float
    size_note_pt: float
    size_mark_pt: float
    head_mark_top_mm: float
    head_number_blank_lines: int
    head_rule_below_mm: float
    head_rule_mm: float
    head_upward_inset: float
    head_copy_digits: int
    body_title_blank_lines: int
    body_addressee_blank_lines: int
    body_first_indent: float
    body_attachment_blank_lines: int
    body_attachment_indent: float
    body_remark_indent: float
    signature_sealed_right: float
    signature_plain_right: float
    signature_plain_shift: float
    signature_blank_lines: int
    colophon_outer_mm: float
    colophon_inner_mm: float
    colophon_inset: float
    number_below_mm: float
    number_inset: float

    @cached_property
    def text_width_mm(self) -> float:
        return self.page_width_mm - self.page_left_mm - self.page_right_mm

    @cached_property
    def text_height_mm(self) -> float:
        return self.page_height_mm - self.page_top_mm - self.page_bottom_mm

    @cached_property
    def line_pt(self) -> float:
        return self.page_line_pitch_twips / TWIPS_PER_POINT

    @cached_property
    def character_pt(self) -> float:
        """How far one character is from the next: a little less than the size of the type."""
        return points(self.text_width_mm) / self.page_characters


def points(millimetres: float) -> float:
    return millimetres * POINTS_PER_MM


def twips(millimetres: float) -> int:
    return round(points(millimetres) * TWIPS_PER_POINT)


def rows() -> list[tuple[str, Any, str, str]]:
    """(name, value, mark, what) of every number, for the documentation and its test."""
    tables = tomllib.loads((Path(__file__).parent / "data" / "gbt9704.toml").read_text(encoding="utf-8"))
    return [
        (f"{table}_{name}", row["value"], row["mark"], row["what"]) for table, entries in tables.items() for name, row in entries.items()
    ]


STANDARD = Standard(**{name: value for name, value, _mark, _what in rows()})
