"""Papers over a year: made through the eyes of whoever asks, whole or not at all, and what the records lack is named."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.test import override_settings
from tests.town import fresh
from tests.unit.reports.conftest import Hall
from tests.unit.reports.test_meeting_papers import words

from rongtong.audit.models import Entry
from rongtong.inspections.queries import Line
from rongtong.jobs.running import Cancelled
from rongtong.kernel import act
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.papers.blocks import Chapter
from rongtong.reports import actions, folders, storing
from rongtong.reports.drafts import secretary_report, summary
from rongtong.reports.facts import gather
from rongtong.reports.making import Order, make
from rongtong.reports.models import Paper, PaperKind
from rongtong.reports.queries import papers
from rongtong.reports.work_book import work_book
from rongtong.reports.yearly import gather_further, yearly_report
from rongtong.rules.evaluating import renew

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATA_DIR=str(tmp_path)):
        yield


def ordered(hall: Hall, kind: str, **more: object) -> Paper:
    return make(by=fresh(hall.town.zhou), order=Order(kind, hall.town.branch, 2026, **more))  # type: ignore[arg-type]


def test_the_work_book_holds_the_meetings_of_the_year_only(hall: Hall) -> None:
    hall.signed(day=date(2026, 11, 20))
    hall.signed(day=date(2025, 11, 20))
    said = words(work_book(gather(fresh(hall.town.zhou), hall.town.branch, 2026)))
    assert "2026-11-20" in said and "2025-11-20" not in said


def test_nothing_known_is_said_as_such_and_never_as_zero(hall: Hall) -> None:
    facts = gather(fresh(hall.town.zhou), hall.town.branch, 2026)
    said = words(summary(facts))
    assert "没有已召开的会议记录" in said and "对应单位没有已发布的测算" in said
    assert "0.0%" not in said


def test_a_draft_leaves_judgement_to_the_person(hall: Hall) -> None:
    facts = gather(fresh(hall.town.zhou), hall.town.branch, 2026)
    said = words(secretary_report(facts, hall.people["zhou"], None))
    assert said.count("【请补充") == 3
    assert "本人没有账号，无法取数" in said


def test_a_folder_holds_minutes_behind_the_rules_and_names_what_is_missing(hall: Hall) -> None:
    hall.signed("theme_day")
    renew([hall.town.branch.pk], date(2026, 11, 23))
    paper = ordered(hall, PaperKind.FOLDER)
    with zipfile.ZipFile(storing.path_of(paper.uid, "zip")) as archive:
        names = archive.namelist()
    assert any("OL-05" in name and "会议纪要" in name for name in names)
    assert names[0].startswith("01 ") and any(name.startswith("00 ") for name in names)
    assert ["OL-01", "佐证记录"] in [[name.split(" ")[0], name.split(" ")[-1]] for name, _reason in paper.missing]


def test_a_folder_lists_records_without_showing_what_the_actor_may_not_see(hall: Hall) -> None:
    hall.signed()
    renew([hall.town.branch.pk], date(2026, 11, 23))
    facts = gather(fresh(hall.town.zhou), hall.town.branch, 2026)
    items = folders.year_end_items(facts)
    seen = [entry.name for entry in folders.entries(fresh(hall.town.stranger), facts, items)]
    assert not any("会议纪要" in name for name in seen)


def test_who_may_not_export_there_gets_nothing(hall: Hall) -> None:
    order = Order(PaperKind.WORK_BOOK, hall.town.branch, 2026)
    with pytest.raises(Unseen):
        make(by=fresh(hall.town.stranger), order=order)
    assert not list(storing.folder().iterdir())


def test_a_stopped_job_leaves_no_file_and_no_row(hall: Hall) -> None:
    hall.signed()
    renew([hall.town.branch.pk], date(2026, 11, 23))

    def stop(share: float, _note: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        make(by=fresh(hall.town.zhou), order=Order(PaperKind.FOLDER, hall.town.branch, 2026), progress=stop)
    assert not Paper.objects.exists() and not list(storing.folder().iterdir())


def test_a_secretary_draft_is_the_secretarys_own(hall: Hall) -> None:
    with pytest.raises(NotAllowed):
        actions.ask(by=fresh(hall.town.office), kind=PaperKind.SECRETARY, node=hall.town.branch, year=2026)
    paper = ordered(hall, PaperKind.SECRETARY, person=hall.people["zhou"])
    assert paper in papers(fresh(hall.town.zhou)) and paper not in papers(fresh(hall.town.office))
    with pytest.raises(Unseen):
        actions.open_file(by=fresh(hall.town.office), paper=paper)


@pytest.mark.parametrize(
    ("kind", "year", "code"), [("poem", 2026, "kind"), (PaperKind.WORK_BOOK, 2027, "year"), (PaperKind.WORK_BOOK, 2019, "year")]
)
def test_orders_that_no_paper_can_answer_are_refused(hall: Hall, kind: str, year: int, code: str) -> None:
    with pytest.raises(Refused) as caught:
        actions.ask(by=fresh(hall.town.zhou), kind=kind, node=hall.town.branch, year=year)
    assert caught.value.code == code and caught.value.remedy


@pytest.mark.parametrize(("file_format", "head"), [("docx", b"PK"), ("pdf", b"%PDF")])
def test_the_yearly_report_assembles_itself_from_records(hall: Hall, file_format: str, head: bytes) -> None:
    paper = ordered(hall, PaperKind.YEARLY, file_format=file_format)
    path = storing.path_of(paper.uid, paper.suffix)
    assert path.read_bytes().startswith(head)


def test_every_chapter_of_the_yearly_report_says_what_it_lacks(hall: Hall) -> None:
    actor = fresh(hall.town.zhou)
    facts = gather(actor, hall.town.branch, 2026)
    document = yearly_report(facts, gather_further(actor, facts))
    titles = [block.title for block in document.blocks if isinstance(block, Chapter)]
    assert titles == [
        "组织与对应关系",
        "年度目标与融合点",
        "组织生活",
        "事项台账",
        "融合载体与成果",
        "水平与平衡",
        "考核结果",
        "问卷调查",
        "队伍能力",
    ]
    said = words(document)
    assert "2026年没有已发布的考核结果" in said
    assert "没有已发布的结果" in said
    assert "尚无人评定" in said  # not assessed is unknown, never 0 %
    hidden = words(yearly_report(facts, replace(gather_further(actor, facts), cognition=None, ability=None)))
    assert hidden.count("没有查看权限") == 2


def test_opening_and_removing_are_audited(hall: Hall) -> None:
    paper = ordered(hall, PaperKind.SUMMARY)
    assert actions.open_file(by=fresh(hall.town.zhou), paper=paper).read_bytes()[:2] == b"PK"
    assert Entry.objects.order_by("-pk").first().kind == "reports.open"  # type: ignore[union-attr]
    actions.remove(by=fresh(hall.town.zhou), paper=paper)
    with pytest.raises(Refused) as caught:
        actions.open_file(by=fresh(hall.town.zhou), paper=paper)
    assert caught.value.code == "removed"


def test_without_an_audit_entry_nothing_is_recorded(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_act: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(act, "_audit_writer", fail)
    with pytest.raises(OSError, match="disk full"):
        ordered(hall, PaperKind.SUMMARY)
    assert not Paper.objects.exists() and not list(storing.folder().iterdir())


def test_the_folder_of_an_inspection_that_does_not_reach_the_place_is_refused(hall: Hall) -> None:
    with pytest.raises(Refused) as caught:
        ordered(hall, PaperKind.FOLDER, inspection="999")
    assert caught.value.code == "unknown" and not list(storing.folder().iterdir())


def test_answers_on_site_and_from_records_are_told_apart() -> None:
    asked = Line("", "", "活动阵地", "problem", "标识脱落", (), is_on_site=True)
    assert folders.inspected_item(asked).answer == "存在问题。标识脱落"
    found = Line("", "OL-05", "主题党日", "met", "", (), is_on_site=False)
    assert folders.inspected_item(found).rule == "OL-05" and folders.inspected_item(found).answer == ""
