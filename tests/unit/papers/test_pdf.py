"""A pdf read back by another program: fonts inside, text to be found, places of the page numbers, never a box."""

import io
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from tests.unit.papers.samples import SENTENCE, needs_font, official, saying, text_of, work_book

from rongtong.kernel.errors import Refused
from rongtong.papers import fonts
from rongtong.papers.blocks import BallotGrid, Column, Paragraph, Table
from rongtong.papers.document import Document
from rongtong.papers.writing import index_pages, write, write_docx, write_pdf

MM = 72 / 25.4
pytestmark = needs_font


def pages(content: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(content)).pages)


def texts(page: pypdf.PageObject) -> list[tuple[str, float, float]]:
    """(text, x, y from the bottom) of each piece."""
    found: list[tuple[str, float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, _size: Any) -> None:
        if text.strip():
            found.append((text.strip(), tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]))

    page.extract_text(visitor_text=visit)
    return found


def read(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in pages(content)).replace("\u200b", "")


def test_paper_size_and_text() -> None:
    content = write_pdf(official())
    first = pages(content)[0]
    assert (float(first.mediabox.width), float(first.mediabox.height)) == pytest.approx((210 * MM, 297 * MM), abs=0.1)
    everything = read(content)
    for words in (
        "龙机党发〔2026〕12号",
        "一、总体要求",
        "（一）学习阶段",
        "1.自查",
        "（1）问题清单",
        "抄送：公司领导，各职能部门。",
        "附件2",
    ):
        assert words in everything
    assert SENTENCE in everything


def test_fonts_are_embedded() -> None:
    embedded = 0
    for page in pages(write_pdf(official())):
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index, union-attr]
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
            embedded += 1
    assert embedded


def test_the_same_paper_is_the_same_bytes_and_dated_by_itself() -> None:
    content = write_pdf(official())
    assert content == write_pdf(official())
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.metadata is not None and reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == date(2026, 11, 5)
    assert reader.metadata.title == "关于做好2026年度党支部工作的通知"


def number_place(page: pypdf.PageObject) -> tuple[float, float]:
    """x and the height of the rules beside the page number: the lowest text of the page."""
    low = min(y for _text, _x, y in texts(page))
    return min(x for _text, x, y in texts(page) if y == low), low


def test_page_numbers_7_mm_below_the_text_area_odd_right_even_left() -> None:
    document = Document(title="题", blocks=(Paragraph(SENTENCE * 60),))
    odd, even = pages(write_pdf(document))[:2]
    (odd_x, odd_y), (even_x, _even_y) = number_place(odd), number_place(even)
    assert even_x == pytest.approx(28 * MM + 14, abs=1)  # one character in
    assert odd_x == pytest.approx(210 * MM - 26 * MM - 14 - 3.5 * 14, abs=14)
    middle = odd_y + 0.36 * 14  # of a Song dash above its baseline
    assert (35 * MM - middle) / MM == pytest.approx(7, abs=0.3)
    assert "—1—" in "".join(odd.extract_text().split()) and "—2—" in "".join(even.extract_text().split())


def test_twenty_two_lines_of_twenty_eight_characters() -> None:
    document = Document(title="题", prints_title=False, blocks=(Paragraph("国企党建融合" * 300, is_indented=False),))
    lines = [line for line in pages(write_pdf(document))[0].extract_text().split("\n") if "党" in line]
    assert len(lines) == 22
    assert {len("".join(line.split())) for line in lines} == {28}


def test_the_red_line_is_4_mm_below_the_letters_of_the_number() -> None:
    from rongtong.papers import pdf_data
    from rongtong.papers.lowering import lower

    data = pdf_data.data_of(lower(official()), fonts.embedded(fonts.loaded()))
    gaps = [part for part in data["sections"][0]["parts"] if part["kind"] == "gap" and part["is_from_text"]]
    assert [part["height_mm"] for part in gaps] == [4.0]
    assert data["slack_pt"] == pytest.approx((28.95 - 16) / 2)


def test_a_work_book_counts_from_its_first_chapter_and_its_index_is_right() -> None:
    book = work_book(6)
    content = write_pdf(book)
    found = pages(content)
    index = "".join(found[1].extract_text().split())
    where = index_pages(book)
    assert list(where) == [f"chapter{number}" for number in range(1, 7)]
    for number in range(1, 7):
        page = where[f"chapter{number}"]
        assert f"第{number}章会议记录" in "".join(found[page + 1].extract_text().split())  # behind cover and index
        assert f"第{number}章会议记录" in index and str(page) in index
    assert "—1—" not in index and "—1—" in "".join(found[2].extract_text().split())


def test_a_docx_with_an_index_carries_the_pages_of_the_pdf() -> None:
    book = work_book(2)
    content = write(book, "docx")
    assert text_of(saying(content, f"第2章　会议记录{index_pages(book)['chapter2']}"))


def test_without_a_font_a_docx_with_an_index_is_written_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_CANDIDATES", {"song": ("None",)})
    assert write(work_book(2), "docx") == write_docx(work_book(2))


@pytest.mark.parametrize(
    "text",
    [
        '#let x = 1; #x #eval("1+1") #read("/etc/passwd")', "*bold* _it_ `raw` $a^2$ = h", "@ref <label> \\ \\u{41}", "// gone /* gone */",
        "{{ x }}{% y %}", "<b>&amp;</b>", "\"quoted\" 'single'", "- item\n+ item", "https://example.org/a_b", "~ -- --- ...",
    ],
)  # fmt: skip
def test_markup_is_printed_as_it_was_typed(text: str) -> None:
    table = Table((Column(text),), ((text,),))
    everything = read(write_pdf(Document(title="题", blocks=(Paragraph(text), table))))
    assert everything.count("".join(text.split())) == 3


def test_control_characters_and_direction_marks_are_left_out() -> None:
    assert "同意abc" in read(write_pdf(Document(title="题", blocks=(Paragraph("同意\u202ea\x00b\ud800c\ufeff"),))))


def test_a_very_long_word_is_broken_within_the_text_area() -> None:
    word = "W" * 300
    content = write_pdf(Document(title="题", blocks=(Paragraph(word), Table((Column("甲"), Column("乙", 4)), ((word, "x"),)))))
    longest = max(len(line.strip().replace("\u200b", "")) for page in pages(content) for line in page.extract_text().split("\n"))
    assert read(content).count("W") == 600
    assert longest <= 156 * MM / 13  # a W is some 14 points wide


def test_a_number_that_fits_is_copied_as_it_was_typed() -> None:
    number = "230102199001011234"
    table = Table((Column("甲"), Column(number, 2)), ((number, number),))
    text = pages(write_pdf(Document(title="题", blocks=(Paragraph(f"编号{number}，网址example.org/papers"), table))))[0].extract_text()
    assert text.count(number) == 4 and "example.org/papers" in text


def test_a_character_without_a_font_is_named_and_never_a_box() -> None:
    with pytest.raises(Refused) as refused:
        write_pdf(Document(title="题", blocks=(Paragraph("张\ue000"),)))
    assert refused.value.code == "no_character" and "e000" in refused.value.what
    assert write_docx(Document(title="题", blocks=(Paragraph("张\ue000"),)))


def test_no_chinese_font_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    monkeypatch.setattr(fonts, "loaded", lambda: typst.Fonts(include_system_fonts=False, include_embedded_fonts=True))
    with pytest.raises(Refused) as refused:
        write_pdf(official())
    assert refused.value.code == "no_font" and "fonts-noto-cjk" in refused.value.remedy


def test_fonts_put_into_the_data_directory_are_used(tmp_path: Path, settings: Any) -> None:
    source = next(font.path for font in fonts.loaded().fonts() if font.path and font.family == fonts.embedded(fonts.loaded())["song"][0])
    settings.DATA_DIR = tmp_path
    assert not [font for font in fonts.loaded().fonts() if font.path and font.path.startswith(str(tmp_path))]
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / Path(source).name).write_bytes(Path(source).read_bytes())
    assert [font for font in fonts.loaded().fonts() if font.path and font.path.startswith(str(tmp_path))]
    assert write_pdf(official())


def test_a_broken_font_file_ends_nothing(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "broken.ttf").write_bytes(b"\x00\x01\x00\x00" + b"\xff" * 300)
    (tmp_path / "fonts" / "note.txt").write_text("no font")
    assert write_pdf(official())


def test_ballots_carry_no_page_number() -> None:
    content = write_pdf(Document(title="选票", prints_title=False, blocks=(BallotGrid("选票", ("张伟", "李娜"), 1, copies=7),)))
    contents = {page.extract_text() for page in pages(content)[:-1]}
    assert len(contents) == 1 and "1" not in "".join(contents).replace("应选1名", "").replace("应选 1 名", "")


def test_too_many_cells_for_a_pdf_are_refused_with_the_limit() -> None:
    table = Table((Column("甲"), Column("乙"), Column("丙"), Column("丁")), (("1", "2", "3", "4"),) * 10_000)
    with pytest.raises(Refused) as refused:
        write_pdf(Document(title="题", blocks=(table,)))
    assert refused.value.code == "too_large" and "30000" in refused.value.remedy


def test_the_head_of_a_long_table_comes_again_on_every_page() -> None:
    table = Table((Column("项目甲"), Column("乙")), tuple((str(number), "x") for number in range(200)))
    found = pages(write_pdf(Document(title="题", blocks=(table,))))
    assert len(found) > 3 and all("项目甲" in page.extract_text() for page in found)


@pytest.mark.parametrize(("module", "package"), [("pdf", "typst"), ("word", "docx")])
def test_without_the_extra_it_says_what_to_install(module: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import rongtong.papers

    for name in (f"rongtong.papers.{module}", "rongtong.papers.word_xml", "rongtong.papers.word_styles"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr(rongtong.papers, module, raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Refused) as refused:
        write(official(), "pdf" if module == "pdf" else "docx")
    assert (refused.value.code, refused.value.remedy) == ("no_print", "install rongtong[print]")


def test_another_format_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        write(official(), "odt")
    assert refused.value.code == "format_unknown"
