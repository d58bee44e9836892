"""The page of documentation says the numbers that are used."""

import re
from pathlib import Path

from rongtong.papers.standard import STANDARD, rows, twips

PAGE = Path(__file__).resolve().parents[3] / "docs" / "papers.md"


def test_the_documentation_lists_every_number_with_its_mark() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\S+) \| ([FKCP]) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [(name, str(value), mark, what) for name, value, mark, what in rows()]


def test_the_text_area_and_what_follows_from_it() -> None:
    assert (STANDARD.text_width_mm, STANDARD.text_height_mm) == (156.0, 225.0)
    assert round(STANDARD.character_pt, 3) == 15.793
    assert STANDARD.line_pt == 28.95
    assert [twips(side) for side in (37.0, 35.0, 28.0, 26.0)] == [2098, 1984, 1587, 1474]
    assert STANDARD.page_character_space == round((STANDARD.character_pt - STANDARD.size_third_pt) * 4096)


def test_the_example_of_the_documentation_runs() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, object] = {}
    exec(code[1], names)
    assert isinstance(names["content"], bytes) and names["content"].startswith(b"PK")
