"""Texts made printable, numbers of levels, titles broken between words."""

import doctest
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from rongtong.papers import folder, text
from rongtong.papers.text import chinese, clean, filled, level_number, title_lines, width


@pytest.mark.parametrize("module", [text, folder])
def test_examples_in_the_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_what_is_cleaned_can_stand_in_xml_and_reads_as_it_is_stored(given_text: str) -> None:
    cleaned = clean(given_text)
    element = etree.Element("t")
    element.text = cleaned
    assert etree.fromstring(etree.tostring(element, encoding="utf-8")).text in (cleaned, None)
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff\x00\r\t")
    assert clean(cleaned) == cleaned


def test_letters_of_other_scripts_and_rare_characters_stay() -> None:
    assert clean("𬀩ไทยעברית①〔〕é") == "𬀩ไทยעברית①〔〕é"


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (10, "十"), (11, "十一"), (99, "九十九"), (100, "一百"), (101, "一百〇一"), (999, "九百九十九"), (1000, "1000")],
)
def test_numbers_in_chinese(number: int, said: str) -> None:
    assert chinese(number) == said


def test_each_level_has_its_number() -> None:
    assert [level_number(level, 2) for level in (1, 2, 3, 4)] == ["二、", "（二）", "2.", "（2）"]


@given(st.text(st.sampled_from("关于开展年度党支部书记抓基层工作述职评议考核的通知《》（）、2026A"), min_size=1, max_size=90))
def test_a_title_loses_nothing_and_fits_its_lines(title: str) -> None:
    lines = title_lines(title, 20)
    assert "".join(lines) == title
    assert all(width(line) <= 20 for line in lines) or any(char in title for char in "》）、（《")  # punctuation never begins a line


@pytest.mark.parametrize(
    "title",
    [
        "关于开展2026年度党支部书记抓基层党建工作述职评议考核的通知",
        "中共龙江重型机械有限公司委员会关于印发《党建工作与生产经营深度融合实施办法（试行）》的通知",
    ],
)
def test_the_lines_of_a_title_differ_and_are_never_narrow_in_the_middle(title: str) -> None:
    widths = [width(line) for line in title_lines(title, 20)]
    assert len(widths) > 1 and all(abs(a - b) >= 0.5 for a, b in itertools.pairwise(widths))
    assert not any(b < a and b < c for a, b, c in zip(widths, widths[1:], widths[2:], strict=False))


def test_line_feeds_of_the_author_rule() -> None:
    assert title_lines("关于\n做好工作的通知", 20) == ["关于", "做好工作的通知"]


def test_closing_punctuation_never_begins_a_line() -> None:
    assert all(line[0] not in "，。" for line in filled("公司领导，公司纪委，各职能部门。" * 3, 9, 8).split("\n"))
