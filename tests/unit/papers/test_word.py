"""A docx read back from its XML: page, fonts and places of GB/T 9704, to the twip where the standard gives a number."""

import dataclasses
import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from tests.unit.papers.samples import (
    COMMITTEE,
    SENTENCE,
    line_twips,
    official,
    paragraphs,
    part,
    saying,
    style_of,
    text_of,
    value,
    work_book,
)

from rongtong.kernel.errors import Refused
from rongtong.papers import fonts, word
from rongtong.papers.blocks import BallotGrid, Cell, Chapter, Column, PageBreak, Paragraph, Row, Signature, Table
from rongtong.papers.document import Document, RedHead
from rongtong.papers.standard import STANDARD
from rongtong.papers.writing import write_docx

MM = 1440 / 25.4
PAGE = {  # DOMAIN 10.1 in twips
    "pgSz": {"w": "11906", "h": "16838"},
    "pgMar": {"top": "2098", "bottom": "1984", "left": "1587", "right": "1474"},
    "docGrid": {"type": "linesAndChars", "linePitch": "579", "charSpace": "-848"},
}


def page_problems(content: bytes) -> list[str]:
    section = next(part(content).iter(qn("w:sectPr")))
    return [
        f"{tag} {name} is {found}, not {wanted}"
        for tag, attributes in PAGE.items()
        for name, wanted in attributes.items()
        if (found := value(section, tag, name)) != wanted
    ]


def test_the_page_is_set_up_to_the_twip() -> None:
    assert page_problems(write_docx(official())) == []


def test_a_wrong_margin_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "STANDARD", dataclasses.replace(STANDARD, page_top_mm=38.0))
    assert page_problems(write_docx(official())) == ["pgMar top is 2154, not 2098"]


def test_twenty_two_lines_fill_the_page_and_a_twenty_third_does_not_fit() -> None:
    height = 16838 - 2098 - 1984
    assert 22 * 579 <= height < 23 * 579


def test_twenty_eight_characters_fill_a_line() -> None:
    content = write_docx(official())
    style = style_of(content, saying(content, "各党支部："))
    pitch = int(value(style, "rPr/sz") or 0) * 10 + int(value(style, "rPr/spacing") or 0)
    assert 28 * pitch <= 11906 - 1587 - 1474 < 29 * pitch


def test_normal_is_third_size_fangsong_so_that_the_grid_is_reckoned_from_it() -> None:
    styles = part(write_docx(official()), "word/styles.xml")
    normal = next(style for style in styles.iter(qn("w:style")) if style.get(qn("w:styleId")) == "Normal")
    for element in (normal, next(styles.iter(qn("w:rPrDefault")))):
        assert (value(element, "rPr/sz"), value(element, "rPr/rFonts", "eastAsia")) == ("32", "仿宋_GB2312")


@pytest.mark.parametrize(
    ("text", "font", "half_points"),
    [
        ("000007", "仿宋_GB2312", "32"),
        ("内部资料", "黑体", "32"),
        ("特急", "黑体", "32"),
        ("龙机党发〔2026〕12号", "仿宋_GB2312", "32"),
        ("关于做好2026年度党支部工作的通知", "方正小标宋简体", "44"),
        ("各党支部：", "仿宋_GB2312", "32"),
        ("一、总体要求", "黑体", "32"),
        ("（一）学习阶段", "楷体_GB2312", "32"),
        ("1.自查", "仿宋_GB2312", "32"),
        ("（1）问题清单", "仿宋_GB2312", "32"),
        ("附件2", "黑体", "32"),
        ("公司党委办公室2026年11月6日印发", "仿宋_GB2312", "28"),
    ],
)
def test_each_element_has_its_font_and_size(text: str, font: str, half_points: str) -> None:
    content = write_docx(official())
    style = style_of(content, saying(content, text))
    names = {value(style, "rPr/rFonts", side) for side in ("ascii", "hAnsi", "eastAsia")}
    assert names == {font}
    assert value(style, "rPr/sz") == half_points
    assert value(style, "pPr/spacing", "lineRule") == "exact"


def test_the_second_set_of_names() -> None:
    content = write_docx(official(), names=fonts.SETS["gbk"])
    style = style_of(content, saying(content, "（一）学习阶段"))
    assert value(style, "rPr/rFonts", "eastAsia") == "楷体"


def test_the_setting_chooses_the_names(settings: Any) -> None:
    settings.PAPER_FONTS = "gbk"
    content = write_docx(official())
    assert value(style_of(content, saying(content, "各党支部：")), "rPr/rFonts", "eastAsia") == "仿宋"


def heights_before(content: bytes, stop: Callable[[Any], bool]) -> int:
    total = 0
    for paragraph in paragraphs(content):
        if stop(paragraph):
            return total
        total += line_twips(content, paragraph)
    raise AssertionError("not found")


def is_mark(content: bytes) -> Callable[[Any], bool]:
    return lambda paragraph: text_of(paragraph) == f"{COMMITTEE}文件"


@pytest.mark.parametrize("given", [{}, {"copy_number": 7}, {"copy_number": 7, "confidentiality": "内部资料", "urgency": "特急"}])
def test_the_mark_begins_35_mm_below_the_text_areas_top_whatever_stands_above_it(given: dict[str, Any]) -> None:
    content = write_docx(dataclasses.replace(official(), head=RedHead(f"{COMMITTEE}文件", **given)))
    assert heights_before(content, is_mark(content)) == pytest.approx(35 * MM, abs=2)


def test_the_mark_is_red_in_one_line() -> None:
    content = write_docx(official())
    style = style_of(content, saying(content, f"{COMMITTEE}文件"))
    size, share = int(value(style, "rPr/sz") or 0) / 2, int(value(style, "rPr/w") or 100) / 100
    assert value(style, "rPr/color") == "FF0000"
    assert size * share * len(f"{COMMITTEE}文件") <= 156 * 72 / 25.4


def test_number_two_lines_below_the_mark_and_the_red_line_4_mm_below_the_number() -> None:
    content = write_docx(official())
    every = paragraphs(content)
    at = next(index for index, paragraph in enumerate(every) if text_of(paragraph).startswith("龙机党发"))
    assert [text_of(paragraph) for paragraph in every[at - 3 : at]] == [f"{COMMITTEE}文件", "", ""]
    assert value(every[at], "pPr/jc") == "center"
    assert line_twips(content, every[at + 1]) == pytest.approx(4 * MM, abs=1)
    rule = every[at + 2]
    assert (value(rule, "pPr/pBdr/bottom", "color"), value(rule, "pPr/pBdr/bottom", "sz")) == ("FF0000", "8")
    assert [text_of(paragraph) for paragraph in every[at + 3 : at + 5]] == ["", ""]
    assert text_of(every[at + 5]) == "关于做好2026年度党支部工作的通知"
    assert [text_of(paragraph) for paragraph in every[at + 6 : at + 8]] == ["", "各党支部："]


def test_an_upward_paper_has_number_and_signer_on_one_line_one_character_in() -> None:
    content = write_docx(dataclasses.replace(official(), head=RedHead("某委员会文件", "龙机党报〔2026〕3号", signer="张伟")))
    line = saying(content, "龙机党报〔2026〕3号签发人：张伟")
    em = 320 - 6
    assert value(line, "pPr/ind", "left") == str(em)
    assert value(line, "pPr/tabs/tab", "pos") == str(round(156 * MM) - em)
    assert value(list(line.iter(qn("w:r")))[-1], "rPr/rFonts", "eastAsia") == "楷体_GB2312"


DATE = 6.5  # characters of 2026年11月5日: three of Chinese, seven digits of half a character


@pytest.mark.parametrize(
    ("is_sealed", "name", "name_right", "date_right"),
    [
        (True, "第三党支部", 4 + (DATE - 5) / 2, 4),
        (True, "中" * 20, 0, (20 - DATE) / 2),
        (False, "中共龙江重型机械有限公司委员会", 2, 15 - DATE),
        (False, "第三党支部", DATE + 4 - 5, 2),
    ],
)
def test_name_and_date_stand_where_the_standard_puts_them(is_sealed: bool, name: str, name_right: float, date_right: float) -> None:
    content = write_docx(Document(title="题", blocks=(Signature((name,), date(2026, 11, 5), is_sealed),)))
    em = 320 - 6
    assert int(value(saying(content, name), "pPr/ind", "right") or 0) == pytest.approx(name_right * em, abs=1)
    assert int(value(saying(content, "2026年11月5日"), "pPr/ind", "right") or 0) == pytest.approx(date_right * em, abs=1)


def test_without_a_seal_the_date_begins_two_characters_right_of_the_name() -> None:
    name, day = "中共龙江重型机械有限公司委员会", "2026年11月5日"
    content = write_docx(Document(title="题", blocks=(Signature((name,), date(2026, 11, 5), False),)))
    em = 320 - 6
    begins = {text: (width + int(value(saying(content, text), "pPr/ind", "right") or 0) / em) for text, width in ((name, 15), (day, 6.5))}
    assert begins[name] - begins[day] == pytest.approx(2, abs=0.01)


def test_attachments_are_named_without_punctuation_and_wrap_under_the_first_character() -> None:
    content = write_docx(official())
    first, second = saying(content, "附件：1. 述职报告提纲"), saying(content, "2. 测评表")
    em = 320 - 6
    left = {value(line, "pPr/ind", "left") for line in (first, second)}
    assert left == {str(round((2 + 3 + 1.5) * em))}
    assert value(second, "pPr/ind", "hanging") == str(round(1.5 * em))


def test_the_colophon_closes_the_last_page_between_thick_and_thin_lines() -> None:
    content = write_docx(official())
    body = part(content)[0]
    table = body.findall(qn("w:tbl"))[-1]
    assert (value(table, "tblPr/tblpPr", "tblpYSpec"), value(table, "tblPr/tblpPr", "vertAnchor")) == ("bottom", "margin")
    assert [value(table, f"tblPr/tblBorders/{side}", "sz") for side in ("top", "insideH", "bottom")] == [
        "8",
        "6",
        "8",
    ]  # eighths of a point
    assert value(table, "tblPr/tblW", "w") == str(round(156 * MM))
    rows = [text_of(row) for row in table.iter(qn("w:tr"))]
    assert rows == ["抄送：公司领导，各职能部门。", "公司党委办公室2026年11月6日印发"]
    assert body[-1].tag == qn("w:sectPr") and body[-3] is table


def footers(content: bytes, at: int = 0) -> dict[str, Any]:
    section = list(part(content).iter(qn("w:sectPr")))[at]
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        relations = package.read("word/_rels/document.xml.rels").decode()
    found = {}
    for reference in section.iter(qn("w:footerReference")):
        target = (
            relations.split(f'Id="{reference.get(qn("r:id"))}"')[0].rsplit("<Relationship ", 1)[1]
            + relations.split(f'Id="{reference.get(qn("r:id"))}"')[1].split(">")[0]
        )
        found[str(reference.get(qn("w:type")))] = part(content, "word/" + target.split('Target="')[1].split('"')[0])
    return found


def test_page_numbers_stand_one_character_in_right_on_odd_and_left_on_even_pages() -> None:
    content = write_docx(official())
    found = footers(content)
    sides = {
        kind: (value(footer, "p/pPr/jc"), value(footer, "p/pPr/ind", "right"), value(footer, "p/pPr/ind", "left"))
        for kind, footer in found.items()
    }
    assert sides == {"default": ("right", "280", None), "even": (None, None, "280")}
    assert {text_of(footer) for footer in found.values()} == {"— 1 —"}
    assert all("PAGE" in "".join(footer.itertext()) for footer in found.values())
    assert part(content, "word/settings.xml").find(qn("w:evenAndOddHeaders")) is not None


def test_page_numbers_stand_7_mm_below_the_text_area_in_fourth_size_song() -> None:
    content = write_docx(official())
    margins = next(part(content).iter(qn("w:pgMar")))
    line = next(footers(content)["default"].iter(qn("w:p")))
    half = line_twips(content, line) / 2
    assert int(value(margins, "", "bottom") or 0) - int(value(margins, "", "footer") or 0) - half == pytest.approx(7 * MM, abs=1)
    style = style_of(content, line)
    assert (value(style, "rPr/sz"), value(style, "rPr/rFonts", "ascii")) == ("28", "宋体")


def test_a_landscape_section_turns_the_page_with_its_margins_and_comes_back() -> None:
    content = write_docx(official())
    sections = list(part(content).iter(qn("w:sectPr")))
    sizes = [(value(one, "pgSz", "w"), value(one, "pgSz", "orient"), value(one, "pgMar", "top")) for one in sections]
    assert sizes == [("11906", None, "2098"), ("16838", "landscape", "1587"), ("11906", None, "2098")]


def test_a_work_book_counts_its_pages_from_the_first_chapter_and_refers_to_them() -> None:
    content = write_docx(work_book(3, 2), index_pages={"chapter1": 1, "chapter2": 4})
    sections = list(part(content).iter(qn("w:sectPr")))
    assert [value(one, "pgNumType", "start") for one in sections] == [None, "1", None]
    assert [text_of(footer) for footer in footers(content).values()] == ["", ""]
    fields = [found.text.strip() for found in part(content).iter(qn("w:instrText"))]
    assert fields == [f"PAGEREF chapter{number} \\h" for number in (1, 2, 3)]
    marks = [found.get(qn("w:name")) for found in part(content).iter(qn("w:bookmarkStart"))]
    assert marks == ["chapter1", "chapter2", "chapter3"]
    assert saying(content, "第2章　会议记录4") is not None
    assert part(content, "word/settings.xml").find(qn("w:updateFields")) is not None


def test_no_automatic_lists() -> None:
    assert list(part(write_docx(official())).iter(qn("w:numPr"))) == []


PARAGRAPH_ORDER = [
    "pStyle",
    "keepNext",
    "keepLines",
    "pageBreakBefore",
    "framePr",
    "widowControl",
    "numPr",
    "pBdr",
    "shd",
    "tabs",
    "autoSpaceDE",
    "autoSpaceDN",
    "snapToGrid",
    "spacing",
    "ind",
    "jc",
    "outlineLvl",
    "sectPr",
]
LETTER_ORDER = ["rFonts", "b", "color", "spacing", "w", "kern", "sz", "szCs", "u", "vertAlign", "lang"]
TABLE_ORDER = ["tblStyle", "tblpPr", "tblOverlap", "tblW", "jc", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar"]


def out_of_order(root: Any, tag: str, order: list[str]) -> list[list[str]]:
    names = [[child.tag.split("}")[1] for child in element] for element in root.iter(qn(f"w:{tag}"))]
    return [found for found in names if found != sorted(found, key=order.index)]


@pytest.mark.parametrize("document", [official(), work_book(3, 2)])
def test_properties_stand_in_the_order_of_the_schema(document: Document) -> None:
    content = write_docx(document)
    for name in ("word/document.xml", "word/styles.xml"):
        root = part(content, name)
        ours = [style for style in root.iter(qn("w:style")) if (style.get(qn("w:styleId")) or "").startswith("Paper")] or [root]
        for element in ours:
            assert out_of_order(element, "pPr", PARAGRAPH_ORDER) == []
            assert out_of_order(element, "rPr", LETTER_ORDER) == []
            assert out_of_order(element, "tblPr", TABLE_ORDER) == []


def test_the_order_check_sees_a_misplaced_property() -> None:
    root = part(write_docx(official()))
    properties = next(found for found in root.iter(qn("w:pPr")) if len(found) > 1)
    properties.append(properties[0])
    assert out_of_order(root, "pPr", PARAGRAPH_ORDER) != []


def test_the_same_paper_is_the_same_file_with_fixed_times() -> None:
    first, second = write_docx(official()), write_docx(official())
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert package.namelist()[0] == "[Content_Types].xml"
        assert not [name for name in package.namelist() if "thumbnail" in name]
    properties = docx.Document(io.BytesIO(first)).core_properties
    assert (properties.created.date(), properties.author, properties.comments) == (date(2026, 11, 5), "融通", "")


def test_another_paper_is_another_file() -> None:
    assert write_docx(official()) != write_docx(dataclasses.replace(official(), author="别人"))


def test_a_table_repeats_its_head_and_keeps_short_rows_whole() -> None:
    rows = ((Cell("甲", rows=2), "1"), ("2",), ("乙", SENTENCE * 20))
    content = write_docx(Document(title="题", blocks=(Table((Column("名"), Column("数", 2)), rows),)))
    found = list(part(content).iter(qn("w:tr")))
    assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in found] == [True, False, False, False]
    assert [row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in found] == [True, True, True, False]
    merged = [value(cell, "tcPr/vMerge") for row in found for cell in row.iter(qn("w:tc"))]
    assert merged == [None, None, "restart", None, "continue", None, None, None]
    widths = [int(value(column, "", "w") or 0) for column in part(content).iter(qn("w:gridCol"))]
    assert sum(widths) == pytest.approx(156 * MM, abs=1) and widths[1] == pytest.approx(2 * widths[0], abs=1)


def test_ballots_are_alike_without_page_numbers_and_never_broken() -> None:
    ballot = BallotGrid("选票", ("张伟", "李娜"), 1, others=1, copies=3)
    content = write_docx(Document(title="选票", prints_title=False, blocks=(ballot,)))
    assert [text_of(footer) for footer in footers(content).values()] == ["", ""]
    tables = [text_of(table) for table in part(content).iter(qn("w:tbl"))]
    assert len(tables) == 3 and len(set(tables)) == 1
    kept = [paragraph.find(f"{qn('w:pPr')}/{qn('w:keepNext')}") is not None for paragraph in paragraphs(content)]
    assert kept.count(False) - 1 <= 3  # the last paragraph of each ballot


def test_a_page_break_before_a_table_and_before_text() -> None:
    blocks = (Paragraph("甲"), PageBreak(), Table((Column("列"),), (("x",),)), PageBreak(), PageBreak(), Paragraph("乙"))
    content = write_docx(Document(title="题", blocks=blocks))
    assert len(list(part(content).iter(qn("w:pageBreakBefore")))) == 2
    assert saying(content, "乙").find(f"{qn('w:pPr')}/{qn('w:pageBreakBefore')}") is not None


def test_a_landscape_chapter_right_after_the_index_leaves_no_empty_section() -> None:
    document = Document(title="册", has_index=True, blocks=(Chapter("甲", (Paragraph("一"),), True), Chapter("乙", (Paragraph("二"),))))
    sections = list(part(write_docx(document)).iter(qn("w:sectPr")))
    assert [value(one, "pgSz", "orient") for one in sections] == [None, "landscape", None]
    assert [value(one, "pgNumType", "start") for one in sections] == [None, "1", None]


HOSTILE = "a\x00b\x0bc\u202ed\ud800e\ufffef\u0085<w:p/>&amp;]]>{{ x }}#let"


def test_hostile_text_is_text() -> None:
    table = Table((Column(HOSTILE),), ((HOSTILE,), Row((HOSTILE,), "total")), caption=HOSTILE)
    document = Document(title=HOSTILE, author=HOSTILE, addressees=HOSTILE, blocks=(Paragraph(HOSTILE), table))
    content = write_docx(document)
    assert text_of(saying(content, "abcdef<w:p/>&amp;]]>{{ x }}#let")) == "abcdef<w:p/>&amp;]]>{{ x }}#let"
    assert docx.Document(io.BytesIO(content)).tables[0].cell(1, 0).text.startswith("abcdef<w:p/>")


def test_ten_thousand_rows_are_written_and_more_than_the_limit_is_refused() -> None:
    columns = (Column("甲"), Column("乙"), Column("丙"))
    content = write_docx(Document(title="题", blocks=(Table(columns, (("一", "二", "三"),) * 10_000),)))
    assert sum(1 for _row in part(content).iter(qn("w:tr"))) == 10_001
    with pytest.raises(Refused) as refused:
        write_docx(Document(title="题", blocks=(Table(columns, (("一", "二", "三"),) * 40_000),)))
    assert refused.value.code == "too_large" and "120000" in refused.value.what
