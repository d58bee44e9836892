"""Files: encodings right, wrong and mixed; workbooks whole, truncated and disguised; headers found where they stand."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from rongtong.exchange.decoding import decode
from rongtong.exchange.exporting import guarded, unguarded, write_table
from rongtong.exchange.reader import read_table
from rongtong.kernel.errors import Refused

CHINESE = "单位编码,名称\nM1,一车间\nM2,数控车间\n"


def rows_of(data: bytes, name: str = "t.csv", encoding: str | None = None) -> list[list[str]]:
    table = read_table(data, name, encoding)
    return [table.columns, *[list(cells) for _number, cells in table.rows]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_csv_in_its_encodings(encoding: str) -> None:
    assert rows_of(CHINESE.encode(encoding)) == [["单位编码", "名称"], ["M1", "一车间"], ["M2", "数控车间"]]


def test_a_named_encoding_is_taken_at_its_word() -> None:
    assert rows_of(CHINESE.encode("big5", "replace"), encoding="big5")[1][0] == "M1"
    with pytest.raises(Refused, match=r"byte 1, line 1"):
        rows_of(CHINESE.encode("gbk"), encoding="utf-8")
    with pytest.raises(Refused, match="not an encoding"):
        rows_of(b"a,b\n", encoding="rot13")


def test_bytes_of_no_encoding_are_refused_with_their_place() -> None:
    with pytest.raises(Refused, match=r"UTF-8: byte 7, line 2"):
        decode(b"a,b\n1,\xff\xff\n")


@pytest.mark.parametrize("first", ["utf-8", "gbk"])
def test_mixed_encodings_are_refused_with_both_places(first: str) -> None:
    second = "gbk" if first == "utf-8" else "utf-8"
    data = "单位编码,名称\n".encode(first) + "M1,一车间\n".encode(second)
    with pytest.raises(Refused) as refusal:
        decode(data)
    assert refusal.value.code == "encoding_mixed"
    assert "line 1" in refusal.value.what
    assert "line 2" in refusal.value.what


@settings(max_examples=200)
@given(
    st.lists(st.text("一二三车间党委支部联通毛泽东热处理数控齿轮年月日单位名称编码 abc12", min_size=1, max_size=8), min_size=1, max_size=20)
)
def test_gbk_text_is_never_taken_for_mixed(fields: list[str]) -> None:
    text = ",".join(fields)
    found, encoding = decode(text.encode("gbk"))
    assert found == text or encoding == "utf-8"  # plain ASCII, or bytes that happen to be both


def test_the_header_is_found_below_a_title_and_above_blank_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("数据")
        page.merge_range("A2:C2", "2026年9月指标", None)
        page.write_row(3, 1, ["node_code", "value"])
        page.write_row(5, 1, ["M1", 3.5])
    table = read_table(path, "t.xlsx")
    assert (table.sheet, table.header_row) == ("数据", 4)
    assert [column for column in table.columns if column] == ["node_code", "value"]
    assert [(number, [cell for cell in cells if cell != ""]) for number, cells in table.rows] == [(6, ["M1", 3.5])]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "t.csv", "empty"),
        (b"\n\n", "t.csv", "file_empty"),
        (b"not a zip", "t.xlsx", "file_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100, "old.xls", "old_or_encrypted"),
        (b"a,b\n1,\x00\n", "t.csv", "file_kind"),
        (b'a,b\n1,"open\n', "t.csv", "file_broken"),
        (b"code,Code \n1,2\n", "t.csv", "column_twice"),
    ],
)
def test_files_that_are_no_table_are_refused_by_name(data: bytes, name: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        rows_of(data, name)
    assert refusal.value.code == code
    assert refusal.value.remedy


def workbook(parts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/worksheets/sheet1.xml": b"0" * 50_000_000}, "bomb"),
        ({"xl/workbook.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}, ""),
        ({"xl/vbaProject.bin": b"macro"}, "macro"),
    ],
)
def test_bombs_entities_and_macros_never_reach_the_parser(parts: dict[str, bytes], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        rows_of(workbook(parts), "t.xlsx")
    assert refusal.value.code == code if code else refusal.value.code not in {"file_broken", "file_kind"}


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    whole = write_table(["a", "b"], [[f"x{at}", at] for at in range(5000)], "xlsx", tmp_path / "whole.xlsx").read_bytes()
    for size in (100, len(whole) // 2, len(whole) - 30):
        with pytest.raises(Refused):
            rows_of(whole[:size], "cut.xlsx")


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"no file gone\.csv"):
        read_table(tmp_path / "gone.csv")


@given(st.text(max_size=20))
def test_guarded_cells_come_back_and_start_no_formula(text: str) -> None:
    written = guarded(text)
    assert unguarded(written) == text
    is_number = written.lstrip("+-").replace(".", "", 1).isdigit() or "e" in written.lower()
    assert written[:1] not in {"=", "@", "\t", "\r"}
    assert written[:1] not in {"+", "-"} or is_number


CELLS = [
    ["=1+1", "+86", "-x", "@cmd", "\tq", "'=x", "'twas", "一车间", "007", "http://x.cn", "{=SUM(A1)}"],
    [1, -1.5, 0.1 + 0.2, 1e-9, 123456789012345680.0, None, "", 99.99999999999999, 2**53 + 1.0, -0.25, 3],
]


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_what_is_written_is_read_back_equal(tmp_path: Path, file_format: str) -> None:
    headers = [f"c{at}" for at in range(len(CELLS[0]))]
    path = write_table(headers, CELLS, file_format, tmp_path / f"t.{file_format}")
    table = read_table(path, path.name)
    assert table.columns == headers
    words, numbers = (list(cells) for _number, cells in table.rows)
    assert words == CELLS[0]
    assert [None if cell == "" else float(cell) for cell in numbers] == [None if cell in {None, ""} else cell for cell in CELLS[1]]


def test_an_independent_reader_sees_strings_not_formulas(tmp_path: Path) -> None:
    import openpyxl

    path = write_table(["a"], [["=1+1"], ["http://x.cn"], ["007"]], "xlsx", tmp_path / "t.xlsx")
    page = openpyxl.load_workbook(path).active
    assert page is not None
    assert [(cell.data_type, cell.value, cell.hyperlink) for (cell,) in page.iter_rows(min_row=2)] == [
        ("s", "=1+1", None), ("s", "http://x.cn", None), ("s", "007", None)
    ]  # fmt: skip


def test_only_known_formats_are_written(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="pdf"):
        write_table(["a"], [], "pdf", tmp_path / "x")
