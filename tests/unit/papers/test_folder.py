"""Many papers in one zip: names, order, limits, what is missing, what a stop leaves behind."""

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.papers.samples import needs_font

from rongtong.kernel.errors import Refused
from rongtong.papers import folder
from rongtong.papers.blocks import Column, Paragraph, Table
from rongtong.papers.document import Document
from rongtong.papers.folder import Entry, safe_name, write_folder


def paper(text: str = "内容") -> Document:
    return Document(title="题", blocks=(Paragraph(text),), dated_on=date(2026, 11, 5))


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def index_rows(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        name = next(found for found in archive.namelist() if found.startswith("00 "))
        table = docx.Document(io.BytesIO(archive.read(name))).tables[0]
    return [[cell.text for cell in row.cells] for row in table.rows[1:]]


def test_files_are_numbered_in_folders_with_an_index(tmp_path: Path) -> None:
    given = tmp_path / "scan.PDF"
    given.write_bytes(b"%PDF-1.4 scan")
    entries = [
        Entry("会议纪要", "组织生活", paper(), source="会议12号"),
        Entry("签到表", "组织生活", file=given, suffix=".pdf"),
        Entry("整改清单", "整改", reason="本期没有检查"),
        Entry("工作手册", "整改", lambda: paper("迟写")),
    ]
    seen: list[tuple[float, str]] = []
    result = write_folder(tmp_path / "包.zip", "迎检资料包", entries, progress=lambda share, name: seen.append((share, name)))
    assert names(result.path) == [
        "01 组织生活/01 会议纪要.docx",
        "01 组织生活/02 签到表.pdf",
        "02 整改/04 工作手册.docx",
        "00 迎检资料包.docx",
    ]
    assert (result.files, [one.entry.name for one in result.missing]) == (3, ["整改清单"])
    assert result.size == result.path.stat().st_size
    assert [name for _share, name in seen] == ["会议纪要", "签到表", "整改清单", "工作手册"]
    assert [share for share, _name in seen] == pytest.approx([0, 0.2, 0.4, 0.6])
    assert index_rows(result.path) == [
        ["组织生活"] * 4,
        ["1", "会议纪要", "01 会议纪要.docx", "有[1]"],
        ["2", "签到表", "02 签到表.pdf", "有"],
        ["整改"] * 4,
        ["3", "整改清单", "", "—[2]"],
        ["4", "工作手册", "04 工作手册.docx", "有"],
    ]


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    made = [
        write_folder(tmp_path / f"{at}.zip", "包", [Entry("甲", paper=paper()), Entry("乙", reason="无")]).path.read_bytes()
        for at in (1, 2)
    ]
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_two_of_the_same_name_stay_apart_and_long_names_are_cut(tmp_path: Path) -> None:
    entries = [Entry("甲/乙", "组：一", paper()), Entry("甲\\乙", "组:一", paper()), Entry("长" * 500, paper=paper())]
    found = names(write_folder(tmp_path / "a.zip", "../../包", entries).path)
    assert len(set(found)) == 4 and found[3] == "00 包.docx"
    assert all(".." not in name.split("/") and not name.startswith("/") and len(name.encode()) < 300 for name in found)


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_a_safe_name_is_one_on_every_system(text: str) -> None:
    name = safe_name(text)
    assert name and len(name.encode()) <= folder.NAME_BYTES + 1
    assert not set(name) & set('\\/:*?"<>|\n\r\x00') and name == name.strip(" .") and name not in {".", ".."}
    assert name.split(".")[0].casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


class Stopped(Exception):
    pass


def test_a_stop_leaves_nothing_behind_and_the_old_folder_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "包.zip"
    target.write_bytes(b"old")

    def progress(share: float, _name: str) -> None:
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        write_folder(target, "包", [Entry(str(at), paper=paper()) for at in range(5)], progress=progress)
    assert [path.name for path in tmp_path.iterdir()] == ["包.zip"] and target.read_bytes() == b"old"


def test_too_many_and_too_large_are_refused_before_anything_is_there(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        write_folder(tmp_path / "a.zip", "包", [Entry("甲", reason="无")] * 2001)
    assert refused.value.code == "too_many"
    with pytest.raises(Refused) as refused:
        write_folder(tmp_path / "a.zip", "包", [Entry("甲", paper=paper())], max_bytes=1000)
    assert refused.value.code == "too_large" and list(tmp_path.iterdir()) == []


def test_a_paper_that_cannot_be_printed_is_listed_and_the_others_come(tmp_path: Path) -> None:
    wide = Document(title="题", blocks=(Table((Column("甲"),), (("1",),) * 100_001),))
    result = write_folder(tmp_path / "a.zip", "包", [Entry("大表", paper=wide), Entry("甲", paper=paper())])
    assert [one.entry.name for one in result.missing] == ["大表"] and "100001" in result.missing[0].reason
    assert names(result.path) == ["02 甲.docx", "00 包.docx"]


def test_an_error_of_the_program_ends_it_all(tmp_path: Path) -> None:
    broken = Document(title="题", blocks=(Table((Column("甲"),), (("1", "2"),)),))
    with pytest.raises(ValueError, match="more cells"):
        write_folder(tmp_path / "a.zip", "包", [Entry("甲", paper=broken)])
    assert list(tmp_path.iterdir()) == []


@needs_font
def test_as_pdf(tmp_path: Path) -> None:
    result = write_folder(tmp_path / "a.zip", "包", [Entry("甲", paper=paper()), Entry("乙", paper=paper("\ue000"))], file_format="pdf")
    assert names(result.path) == ["01 甲.pdf", "00 包.pdf"]
    assert "e000" in result.missing[0].reason


def test_an_entry_is_a_paper_or_a_file_or_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Entry("甲")
    with pytest.raises(ValueError, match="reason"):
        Entry("甲", paper=paper(), file=Path("x"))
