"""What a paper says, whatever the file: numbers, notes, missing values, what is refused."""

from datetime import date

import pytest

from rongtong.kernel.errors import Refused
from rongtong.papers.blocks import (
    Attachment,
    BallotGrid,
    Cell,
    Chapter,
    Column,
    Heading,
    NumberedItems,
    Paragraph,
    Roll,
    Row,
    SignatureLines,
    Strong,
    Table,
    TallyGrid,
    Value,
)
from rongtong.papers.document import Document, MinutesHead, RedHead
from rongtong.papers.lowering import lower
from rongtong.papers.primitives import Grid, Kept, Line, NewPage, Rule
from rongtong.ui.figure import Figure


def said(document: Document) -> list[str]:
    """The lines of a paper, tables left out."""
    lines = [part for part in lower(document).parts if isinstance(part, Line) and part.runs]
    return ["".join(run.text for run in (*line.runs, *line.right_runs)) for line in lines]


def grids(document: Document) -> list[Grid]:
    return [part for part in lower(document).parts if isinstance(part, Grid)]


def cells(grid: Grid) -> list[list[str]]:
    return [["".join(run.text for run in cell.line.runs) for cell in row] for row in grid.rows]


def test_headings_are_numbered_by_level_and_begin_again_below_a_higher_one() -> None:
    blocks = (Heading("甲"), Heading("a", 2), Heading("b", 2), Heading("乙"), Heading("c", 2), Heading("无", is_numbered=False))
    assert said(Document(title="题", blocks=blocks))[1:] == ["一、甲", "（一）a", "（二）b", "二、乙", "（一）c", "无"]


def test_headings_begin_again_in_each_chapter_and_attachment() -> None:
    blocks = (Chapter("章", (Heading("甲"),)), Chapter("节", (Heading("乙"),)), Attachment("表", (Heading("丙"),), 1))
    assert said(Document(title="题", blocks=blocks))[1:] == ["章", "一、甲", "节", "一、乙", "附件1", "表", "一、丙"]


def test_items_are_numbered_in_the_manner_of_their_level() -> None:
    assert said(Document(title="题", blocks=(NumberedItems(("甲", ("乙", Strong("丙"))), level=4, start=3),)))[1:] == [
        "（3）甲",
        "（4）乙丙",
    ]


def test_figures_carry_their_source_once_and_missing_ones_their_reason() -> None:
    text = (
        "融合度",
        Value("0.63", "运行3号"),
        "，覆盖率",
        Value("0.80", "运行3号"),
        "，占比",
        Value("", "问卷", "有效问卷少于5份"),
        "，共",
        Value("7"),
        "项",
    )
    assert said(Document(title="题", blocks=(Paragraph(text),)))[1:] == [
        "融合度0.63[1]，覆盖率0.80[1]，占比—[2]，共7项",
        "数据来源与说明",
        "[1] 运行3号",
        "[2] 缺：有效问卷少于5份（问卷）",
    ]


def test_notes_stand_at_the_end_of_their_chapter_and_are_counted_anew() -> None:
    chapters = tuple(Chapter(name, (Paragraph(("值", Value("1", f"源{name}"))),)) for name in "甲乙")
    assert said(Document(title="题", blocks=chapters))[1:] == [
        "甲", "值1[1]", "数据来源与说明", "[1] 源甲", "乙", "值1[1]", "数据来源与说明", "[1] 源乙",
    ]  # fmt: skip


def test_a_missing_value_needs_its_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Value("")


def test_a_figure_of_a_page_keeps_unit_interval_and_badge() -> None:
    assert Value.of(Figure(0.63, "分", low=0.5, high=0.7, badge="measured"), "运行3号") == Value("0.63分", "measured [0.50, 0.70] 运行3号")
    assert Value.of(Figure(None, reason="本期无记录")) == Value("", "", "本期无记录")
    assert Value.of(Figure(None)).reason == "not enough data"


def test_zero_is_printed_as_zero() -> None:
    assert said(Document(title="题", blocks=(Paragraph(("缺席", Value("0", "签到表"), "人")),)))[1] == "缺席0[1]人"


def test_a_roll_joins_names_or_says_why_there_are_none() -> None:
    blocks = (Roll("出席", ("张伟", "李娜")), Roll("缺席", reason="无人缺席"))
    assert said(Document(title="题", blocks=blocks))[1:] == ["出席：张伟、李娜", "缺席：—（无人缺席）"]
    with pytest.raises(ValueError, match="reason"):
        Roll("列席")


def test_minutes_name_issue_issuer_and_date_above_the_red_line() -> None:
    document = Document(title="会议纪要", head=MinutesHead("支委会纪要", "第12期", "第三党支部", date(2026, 11, 3)))
    assert said(document) == ["支委会纪要", "第12期", "第三党支部2026年11月3日", "会议纪要"]
    assert [part.is_red for part in lower(document).parts if isinstance(part, Rule)] == [True]


def test_an_empty_table_says_so_over_its_whole_width() -> None:
    (grid,) = grids(Document(title="题", blocks=(Table((Column("甲"), Column("乙")), (), empty="本年度未召开"),)))
    assert cells(grid) == [["—　本年度未召开"]] and grid.rows[0][0].columns == 2


def test_an_empty_cell_is_left_for_handwriting_and_a_dash_is_only_for_the_missing() -> None:
    (grid,) = grids(Document(title="题", blocks=(Table((Column("姓名"), Column("签名")), (("张伟", ""),)),)))
    assert cells(grid) == [["张伟", ""]]


def test_groups_and_totals_span_and_stand_out() -> None:
    rows = (Row(("第一党支部",), "group"), ("甲", "1"), Row(("合计", "1"), "total"))
    (grid,) = grids(Document(title="题", blocks=(Table((Column("名"), Column("数")), rows),)))
    assert [[cell.columns for cell in row] for row in grid.rows] == [[2], [1, 1], [1, 1]]
    assert [row[0].line.face.role for row in grid.rows] == ["hei", "fangsong", "hei"]


@pytest.mark.parametrize(
    ("rows", "said_why"),
    [
        ((("a",),), "row 1 .* fewer"),
        ((("a", "b"), ("a", "b", "c")), "row 2 .* more"),
        (((Cell("a", columns=3),),), "row 1 .* more"),
        (((Cell("a", rows=2), "b"), ("c", "d")), "row 2 .* more"),
        (((Cell("a", rows=2), "b"),), "below the last row"),
    ],
)
def test_a_table_whose_cells_do_not_fit_is_refused(rows: tuple[tuple[str | Cell, ...], ...], said_why: str) -> None:
    with pytest.raises(ValueError, match=said_why):
        lower(Document(title="题", blocks=(Table((Column("甲"), Column("乙")), rows),)))


def test_cells_over_rows_and_columns() -> None:
    rows = ((Cell("a", rows=2), "b", "c"), (Cell("d", columns=2),), ("e", "f", "g"))
    (grid,) = grids(Document(title="题", blocks=(Table((Column("甲"), Column("乙"), Column("丙")), rows),)))
    assert cells(grid) == [["a", "b", "c"], ["d"], ["e", "f", "g"]]


def test_a_table_of_no_columns_and_a_heading_of_no_level_are_refused() -> None:
    with pytest.raises(ValueError, match="column"):
        Table((), ())
    with pytest.raises(ValueError, match="level"):
        Heading("a", 5)


@pytest.mark.parametrize("mark", ["绝密★30年", "机密", " 秘密★1年"])
def test_state_secrets_are_refused_in_words_of_a_person(mark: str) -> None:
    with pytest.raises(Refused) as refused:
        RedHead("某委员会文件", confidentiality=mark)
    assert (refused.value.code, refused.value.field) == ("state_secret", "confidentiality")


def test_marks_of_the_enterprise_are_printed() -> None:
    assert "核心商密▲3年" in said(Document(title="题", head=RedHead("某委员会文件", confidentiality="核心商密▲3年")))


def test_ballots_have_blank_rows_for_others_and_nothing_that_tells_one_from_another() -> None:
    ballot = BallotGrid("选票", ("张伟", "李娜"), 2, others=1, copies=3, issuer="第三党支部", voted_on=date(2026, 11, 3))
    lowered = lower(Document(title="选票", prints_title=False, blocks=(ballot,)))
    kept = [part for part in lowered.parts if isinstance(part, Kept)]
    assert len(kept) == 3 and len(set(kept)) == 1
    assert not lowered.first.has_numbers
    (grid,) = [part for part in kept[0].parts if isinstance(part, Grid)]
    assert cells(grid) == [["张伟", "", "", ""], ["李娜", "", "", ""], ["另选他人"], ["", "", "", ""]]


def test_a_ballot_within_a_chapter_takes_the_page_numbers_too() -> None:
    lowered = lower(Document(title="册", has_index=True, blocks=(Chapter("票", (BallotGrid("选票", ("张伟",), 1),)),)))
    pages = [part for part in lowered.parts if isinstance(part, NewPage) and part.is_section]
    assert [page.has_numbers for page in (lowered.first, *pages)] == [False, False]


def test_a_tally_has_room_for_strokes_and_a_number_for_each_choice() -> None:
    (grid,) = grids(Document(title="计票单", blocks=(TallyGrid(("张伟",), others=1),)))
    assert len(grid.widths_mm) == 7
    assert cells(grid) == [["张伟", *[""] * 6], ["另选他人"], [""] * 7]


def test_lines_to_sign_on() -> None:
    lines = said(Document(title="题", blocks=(SignatureLines(("主持人", "记录人")),)))[1:]
    assert [line.split("_")[0] for line in lines] == ["主持人：", "记录人："]
    assert lines[1].endswith("日") and not lines[0].endswith("日")


def test_a_date_without_room_stands_on_a_line_of_its_own() -> None:
    lines = said(Document(title="题", blocks=(SignatureLines(("党支部书记（副书记）、主持人（签字）",)),)))[1:]
    assert len(lines) == 2 and lines[1].endswith("日")


def test_an_unknown_block_is_an_error_and_does_not_vanish() -> None:
    with pytest.raises(ValueError, match="str"):
        lower(Document(title="题", blocks=("文字",)))  # type: ignore[arg-type]
