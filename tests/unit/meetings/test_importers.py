"""Past meetings from a file: what is taken, what is refused with row and column, and that undo leaves nothing behind."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from tests.town import fresh
from tests.unit.meetings.conftest import Hall

from rongtong.exchange import actions as exchange
from rongtong.exchange.intake import RefusedRows, examine
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Refused
from rongtong.meetings import actions
from rongtong.meetings.models import AgendaItem, Meeting
from rongtong.meetings.queries import to_sign
from rongtong.rules.models import ChangedMonth

pytestmark = pytest.mark.django_db
HEAD = (
    "组织编码",
    "会议类型",
    "召开日期",
    "开始时间",
    "结束时间",
    "应到人数",
    "实到人数",
    "请假人数",
    "主持人编码",
    "记录人编码",
    "会议名称",
    "议题",
)
GOOD = ("P1", "主题党日", "2026-10-12", "14:30", "16:00", "4", "3", "1", "E-zhou", "E-li", "党员责任区", "学习；生产经营")


def written(*rows: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    return out.getvalue().encode()


def bring(*rows: tuple[str, ...]) -> Any:
    batch = exchange.preview(by=SYSTEM, kind="meetings", source=written(*rows), filename="党务系统导出.csv")
    return exchange.apply(by=SYSTEM, batch=batch)


def test_a_row_becomes_a_held_meeting_with_its_source(hall: Hall) -> None:
    bring(GOOD)
    made = Meeting.objects.get()
    assert (made.state, made.held_on, made.source) == ("held", date(2026, 10, 12), "党务系统导出.csv")
    assert (made.should, made.present, made.on_leave, made.chair_part) == (4, 3, 1, "secretary")
    assert list(AgendaItem.objects.values_list("topic", flat=True)) == ["study", "business"]
    assert list(ChangedMonth.objects.values_list("month", flat=True)) == [202610]
    assert not to_sign(fresh(hall.town.zhou)).exists(), "what another system signed is not signed again here"


def test_the_same_file_again_changes_nothing(hall: Hall) -> None:
    bring(GOOD)
    seen = examine(SYSTEM, "meetings", written(GOOD), "again.csv")
    assert seen.plan.unchanged == 1 and not seen.plan.creates


@pytest.mark.parametrize(
    ("at", "cell", "column"),
    [
        (0, "P9", "node_code"), (0, "M1", "node_code"), (1, "茶话会", "kind"), (2, "2026-12-01", "held_on"), (2, "2019-12-31", "held_on"),
        (2, "", "held_on"), (3, "25:00", "from"), (4, "14:00", "to"), (6, "5", "present"), (6, "-1", "present"), (5, "", "should"),
        (7, "2", "on_leave"), (8, "E-nobody", "chair_code"), (9, "E-zhou", "recorder_code"), (11, "闲聊", "topics"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_and_nothing_is_written(hall: Hall, at: int, cell: str, column: str) -> None:
    bad = tuple(cell if place == at else value for place, value in enumerate(GOOD))
    seen = examine(SYSTEM, "meetings", written(GOOD, bad), "x.csv")
    assert {(error.row, error.column) for error in seen.plan.errors} == {(3, column)}
    assert all(error.remedy for error in seen.plan.errors)
    with pytest.raises((RefusedRows, Refused)):
        bring(GOOD, bad)
    assert not Meeting.objects.exists()


def test_words_of_a_restricted_kind_are_not_taken(hall: Hall) -> None:
    """Defect caught: criticism and self-criticism imported through the topics column."""
    row = ("P1", "组织生活会", "2026-01-12", "", "", "4", "4", "", "", "", "张三批评李四", "")
    seen = examine(SYSTEM, "meetings", written(row), "x.csv")
    assert seen.plan.notices and not seen.plan.errors
    bring(row)
    assert "批评" not in Meeting.objects.get().title
    seen = examine(SYSTEM, "meetings", written((*row[:2], "2026-01-13", *row[3:10], "", "学习")), "x.csv")
    assert {error.column for error in seen.plan.errors} == {"topics"}


def test_a_closed_organisation_and_the_same_row_twice(hall: Hall) -> None:
    hall.town.branch.closed_on = date(2026, 10, 1)
    hall.town.branch.save(update_fields=["closed_on"])
    assert {e.column for e in examine(SYSTEM, "meetings", written(GOOD), "x.csv").plan.errors} == {"held_on"}
    hall.town.branch.closed_on = None
    hall.town.branch.save(update_fields=["closed_on"])
    assert {e.row for e in examine(SYSTEM, "meetings", written(GOOD, GOOD), "x.csv").plan.errors} == {3}


def test_undo_takes_the_batch_back_unless_somebody_went_on_with_it(hall: Hall) -> None:
    batch = bring(GOOD)
    exchange.undo(by=SYSTEM, batch=batch)
    assert not Meeting.objects.exists() and not AgendaItem.objects.exists()
    batch = bring((*GOOD[:2], "2026-10-13", *GOOD[3:]))
    made = Meeting.objects.get()
    actions.resolve(by=fresh(hall.town.zhou), meeting=made, new=actions.NewResolution("不需跟进", "party", needs_follow_up=False))
    with pytest.raises(Refused):
        exchange.undo(by=SYSTEM, batch=batch)
    assert Meeting.objects.count() == 1
