"""Files of observations, targets and indicators: bad rows by their place, all or nothing, twice the same, undo to the letter."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.indicators.conftest import World, make_indicator, percent

from rongtong.audit.models import Entry as AuditEntry
from rongtong.exchange import actions as exchange
from rongtong.exchange.exporting import export_rows
from rongtong.exchange.intake import RefusedRows, examine
from rongtong.exchange.models import Batch, RememberedMapping
from rongtong.indicators import actions, recording
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import DirtyPeriod, Indicator, Observation, Target
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused, Unseen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
HEAD = "单位编码,指标编码,期间,数值,分子,分母\n"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def table(model: Any) -> list[tuple[Any, ...]]:
    return list(model.objects.order_by("pk").values_list())


def bring(text: str, by: Any = SYSTEM, kind: str = "observations", **more: Any) -> Batch:
    return exchange.import_file(by=by, kind=kind, source=text.encode(), filename="file.csv", **more)


def problems(text: str, kind: str = "observations", by: Any = SYSTEM) -> list[str]:
    with pytest.raises(RefusedRows) as refusal:
        bring(text, by, kind)
    return [str(problem) for problem in refusal.value.problems]


def test_a_file_is_applied_with_its_rows_remembered(world: World) -> None:
    percent("P11", subsystem="party")
    make_indicator("B62")
    batch = bring(HEAD + 'P1,P11,2026-09,,9,10\nM1,B62,2026年9月,"1,200",,\nM1,B62,2026/8,３,,\n')
    assert batch.counts["creates"] == 3
    rows = [(o.node.code, o.indicator.code, o.period, o.value, o.batch_row, o.source) for o in Observation.objects.order_by("pk")]
    assert rows == [
        ("P1", "P11", 202609, 90.0, 2, "imported"),
        ("M1", "B62", 202609, 1200.0, 3, "imported"),
        ("M1", "B62", 202608, 3.0, 4, "imported"),
    ]
    assert AuditEntry.objects.get(kind="exchange.import").object_id == str(batch.pk)


BAD = [
    ("XX,B62,2026-09,1,,", "file.csv::2:单位编码 There is no unit XX"),
    ("M1,ZZ,2026-09,1,,", "file.csv::2:指标编码 There is no indicator ZZ"),
    ("M1,B62,2026-13,1,,", "file.csv::2:期间 “2026-13” is not a month"),
    ("M1,B62,2026-09,abc,,", "file.csv::2:数值 “abc” is not a number"),
    ("M1,B62,2026-09,12%,,", "file.csv::2:数值 12% has a percent sign, but the unit is 件"),
    ("M1,P11,2026-09,90,9%,10", "file.csv::2:分子 “9%” has a percent sign"),
    ("M1,B62,2026-09,nan,,", "file.csv::2:数值 “nan” is not a finite number"),
    ("M1,B62,2026-09,,,", "file.csv::2:数值 There is no value"),
    (",B62,2026-09,1,,", "file.csv::2:单位编码 The cell is empty"),
    ("M1,P11,2026-09,50,9,10", "file.csv::2:数值 The value 50 does not agree with numerator ÷ denominator, which is 90.0"),
    ("M1,P11,2026-09,,9,0", "file.csv::2:分母 The denominator is 0"),
    ("M1,B62,2026-09,1,1,1", "file.csv::2:分子 B62 is not a ratio"),
    ("P1,B62,2026-09,1,,", "file.csv::2:单位编码 P1 is a Party organisation"),
]


@pytest.mark.parametrize(("row", "message"), BAD)
def test_every_bad_row_is_named_by_file_row_and_column(world: World, row: str, message: str) -> None:
    percent("P11")
    make_indicator("B62")
    found = problems(HEAD + row + "\nM2,B62,2026-09,5,,\n")
    assert len(found) == 1
    assert found[0].startswith(message)
    assert "; " in found[0]  # it says what to do
    assert not Observation.objects.exists()
    assert not Batch.objects.exists()


def test_all_errors_are_told_at_once_in_order_and_counted(world: World) -> None:
    make_indicator("B62")
    found = problems(HEAD + "M1,B62,2026-09,abc,,\nXX,B62,2026-09,1,,\nM1,B62,soon,1,,\n")
    assert [line.split(":")[2] for line in found] == ["2", "3", "4"]
    with pytest.raises(RefusedRows) as refusal:
        bring(HEAD + "XX,B62,2026-09,1,,\n" * 1500)
    assert (refusal.value.count, len(refusal.value.problems)) == (1500, 1000)


def test_the_same_row_twice_in_a_file_is_refused(world: World) -> None:
    make_indicator("B62")
    found = problems(HEAD + "M1,B62,2026-09,1,,\nM1,B62,2026-09,2,,\n")
    assert found[0].startswith("file.csv::3:期间 The same unit, indicator and month already stand in row 2")


def test_a_percent_sign_is_right_where_the_unit_is_percent(world: World) -> None:
    percent("B21")
    bring(HEAD + "M1,B21,2026-09,97.5%,,\n")
    assert Observation.objects.get().value == 97.5


def test_missing_columns_are_named(world: World) -> None:
    assert problems("单位编码,数值\nM1,3\n")[0].startswith("file.csv::1:indicator_code, period The file lacks a required column")


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    make_indicator("B62")
    text = HEAD + "M1,B62,2026-09,3,,\n"
    first = bring(text)
    before = table(Observation), table(Batch)
    assert bring(text) == first
    assert (table(Observation), table(Batch)) == before
    assert bring(HEAD + "M1,B62,2026-09,3.0,,\n").counts["unchanged"] == 1
    assert table(Observation) == before[0]


def test_undo_restores_the_table_to_the_letter(world: World) -> None:
    make_indicator("B62")
    bring(HEAD + "M1,B62,2026-09,3,,\nM1,B62,2026-08,3,,\n")
    before = table(Observation)
    second = bring(HEAD + "M1,B62,2026-09,4,,\nM2,B62,2026-09,5,,\nM1,B62,2026-08,3,,\n")
    assert (second.counts["creates"], second.counts["updates"], second.counts["unchanged"]) == (1, 1, 1)
    assert table(Observation) != before
    exchange.undo(by=SYSTEM, batch=second)
    assert table(Observation) == before
    with pytest.raises(Refused, match="Only an applied batch"):
        exchange.undo(by=SYSTEM, batch=second)


def test_undo_is_refused_where_later_records_stand_on_it(world: World) -> None:
    indicator = make_indicator("B62")
    batch = bring(HEAD + "M1,B62,2026-09,3,,\n")
    actions.enter(by=SYSTEM, rows=[Entry(world.shop.pk, indicator.pk, 202609, 7)])
    before = table(Observation)
    with pytest.raises(Refused, match="M1 B62 2026-09 was changed after this batch"):
        exchange.undo(by=SYSTEM, batch=batch)
    assert table(Observation) == before
    assert Batch.objects.get().state == "applied"


def test_undo_is_refused_when_the_month_was_closed_since(world: World) -> None:
    make_indicator("B62")
    batch = bring(HEAD + "M1,B62,2026-09,3,,\n")
    actions.close_month(by=SYSTEM, period=202609)
    with pytest.raises(Refused, match="2026-09 was closed after this batch"):
        exchange.undo(by=SYSTEM, batch=batch)


def test_a_closed_month_needs_a_reason(world: World) -> None:
    make_indicator("B62")
    actions.close_month(by=SYSTEM, period=202609)
    text = HEAD + "M1,B62,2026-09,3,,\n"
    assert "closed" in examine(SYSTEM, "observations", text.encode(), "file.csv").plan.notices[0]
    with pytest.raises(Refused, match="closed"):
        bring(text)
    assert not Batch.objects.exists()
    bring(text, note="补报")
    assert Observation.objects.get().is_correction


def test_preview_writes_no_record_and_apply_confirms_it(world: World) -> None:
    make_indicator("B62")
    world.manager.refresh_from_db()
    batch = exchange.preview(
        by=world.manager, kind="observations", source=(HEAD + "M1,B62,2026-09,3,,\n").encode("gbk"), filename="九月.csv"
    )
    assert (batch.state, batch.counts["creates"]) == ("preview", 1)
    assert not Observation.objects.exists()
    exchange.apply(by=world.manager, batch=batch)
    assert Observation.objects.get().author_uid == str(world.manager.uid)
    with pytest.raises(Refused, match="cannot be applied"):
        exchange.apply(by=world.manager, batch=batch)


def test_a_preview_with_errors_cannot_be_applied(world: World) -> None:
    make_indicator("B62")
    batch = exchange.preview(by=world.manager, kind="observations", source=(HEAD + "XX,B62,2026-09,3,,\n").encode(), filename="f.csv")
    assert (batch.state, batch.counts["errors"]) == ("draft", 1)
    with pytest.raises(Refused):
        exchange.apply(by=world.manager, batch=batch)


def test_columns_are_mapped_once_and_remembered(world: World) -> None:
    make_indicator("B62")
    text = "厂,哪个,何时,多少\nM1,B62,2026-{month},3\n"
    batch = exchange.preview(by=world.manager, kind="observations", source=text.format(month="09").encode(), filename="f.csv")
    assert batch.counts["missing"] == ["node_code", "indicator_code", "period"]
    mapping = {"node_code": "厂", "indicator_code": "哪个", "period": "何时", "value": "多少"}
    with pytest.raises(Refused, match="no column"):
        exchange.map_columns(by=world.manager, batch=batch, mapping={**mapping, "value": "没有"})
    batch = exchange.map_columns(by=world.manager, batch=batch, mapping=mapping)
    assert batch.state == "preview"
    exchange.apply(by=world.manager, batch=batch)
    assert RememberedMapping.objects.count() == 1
    assert bring(text.format(month="08")).counts["creates"] == 1


def test_only_those_who_may_import_do_and_batches_are_private(world: World) -> None:
    make_indicator("B62", owner=world.office)
    text = HEAD + "M1,B62,2026-09,3,,\n"
    with pytest.raises(NotAllowed):
        bring(text, world.worker)
    batch = bring(text, world.owner)
    with pytest.raises(Unseen):
        exchange.undo(by=world.stranger, batch=batch)


def test_a_file_may_not_reach_beyond_its_bringers_rights(world: World) -> None:
    make_indicator("B62", owner=world.office)
    make_indicator("B31")
    make_indicator("I12", collector="I12", owner=world.office)
    found = problems(HEAD + "M1,B31,2026-09,3,,\nM1,I12,2026-09,3,,\n", by=world.owner)
    assert "Only the unit itself or the owner department" in found[0]
    assert "collected from the records" in found[1]


def test_observations_go_out_and_come_back_equal(world: World, tmp_path: Path) -> None:
    percent("P11", subsystem="party")
    make_indicator("B62")
    bring(HEAD + "M1,P11,2026-09,,2,3\nM1,B62,2026-09,0.30000000000000004,,\n")
    before = [row[1:7] for row in table(Observation)]
    for file_format in ("xlsx", "csv"):
        path = export_rows("observations", SYSTEM, file_format, tmp_path / f"out.{file_format}")
        seen = examine(SYSTEM, "observations", path, path.name)
        assert (seen.plan.unchanged, seen.plan.changes, seen.plan.error_count) == (2, 0, 0)
    assert [row[1:7] for row in table(Observation)] == before


def test_an_export_holds_what_its_reader_sees(world: World, tmp_path: Path) -> None:
    make_indicator("B62")
    bring(HEAD + "M1,B62,2026-09,1,,\nM2,B62,2026-09,2,,\n")
    text = export_rows("observations", world.stranger, "csv", tmp_path / "o.csv").read_text("utf-8-sig")
    assert "M2" in text
    assert "M1" not in text


TARGET_HEAD = "unit_code,indicator_code,period,target,floor,stretch\n"


def test_targets_by_month_and_by_year_and_their_undo(world: World) -> None:
    make_indicator("B62")
    percent("B21")
    bring(TARGET_HEAD + "M1,B62,2026-09,7,,\n", kind="targets")
    before = table(Target)
    batch = bring(TARGET_HEAD + "M1,B62,2026-09,8,5,9\nM1,B62,2025,24,12,36\nM1,B21,2026年,97%,90%,99%\n", kind="targets")
    spread = Target.objects.filter(indicator__code="B62", period__lt=202600)
    assert {(t.target, t.floor, t.stretch) for t in spread} == {(2.0, 1.0, 3.0)}
    assert spread.count() == 12
    assert set(Target.objects.filter(indicator__code="B21").values_list("target", flat=True)) == {97.0}
    exchange.undo(by=SYSTEM, batch=batch)
    assert table(Target) == before
    later = bring(TARGET_HEAD + "M1,B62,2026-09,8,5,9\n", kind="targets")
    actions.set_target(by=SYSTEM, unit=world.shop, indicator=Indicator.objects.get(code="B62"), period=202609, target=6)
    with pytest.raises(Refused, match="set again"):
        exchange.undo(by=SYSTEM, batch=later)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("XX,B62,2026-09,7,,", "no unit XX"),
        ("M1,ZZ,2026-09,7,,", "no indicator ZZ"),
        ("M1,B62,2026-09,7,8,", "not in order"),
        ("M1,B62,2026-09,7%,,", "percent sign"),
        ("M1,B62,2026-09,,,", "empty"),
        ("M1,B62,1,7,,", "not a month"),
    ],
)
def test_bad_targets_are_named(world: World, row: str, message: str) -> None:
    make_indicator("B62")
    assert message in problems(TARGET_HEAD + row + "\n", kind="targets")[0]
    assert not Target.objects.exists()


INDICATOR_HEAD = "指标编码,指标名称,类别,方向,指标性质,累计方式,计量单位,口径\n"


def test_indicators_come_from_a_file_and_go_back(world: World) -> None:
    make_indicator("B62", name="旧名")
    before = table(Indicator)
    batch = bring(INDICATOR_HEAD + "X1,合格率,生产,正向,比率,比率,%,合格数 ÷ 总数\nB62,新名,生产,正向,流量,求和,件,\n", kind="indicators")
    made = Indicator.objects.get(code="X1")
    assert (made.kind, made.aggregate, made.scale, made.definition) == ("ratio", "ratio", 100.0, "合格数 ÷ 总数")
    assert Indicator.objects.get(code="B62").name == "新名"
    exchange.undo(by=SYSTEM, batch=batch)
    assert table(Indicator) == before


def test_an_indicator_with_values_cannot_be_taken_back(world: World) -> None:
    batch = bring(INDICATOR_HEAD + "X1,件数,生产,正向,流量,求和,件,\n", kind="indicators")
    bring(HEAD + "M1,X1,2026-09,3,,\n")
    with pytest.raises(Refused, match="X1 already has values"):
        exchange.undo(by=SYSTEM, batch=batch)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("X1,率,生产,正向,流量,求和,%,", "cannot be summed"),
        ("X1,率,生产,正向,流量,比率,,", "Only ratios"),
        ("X1,率,别的,正向,流量,求和,,", "not one of"),
        ("X1,率,生产,区间,流量,求和,,", "ideal interval"),
        ("X1,一,生产,正向,流量,求和,,\nX1,二,生产,正向,流量,求和,,", "twice"),
    ],
)
def test_bad_definitions_are_named(world: World, row: str, message: str) -> None:
    assert message in problems(INDICATOR_HEAD + row + "\n", kind="indicators")[0]
    assert not Indicator.objects.exists()


def test_an_import_that_dies_half_way_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    make_indicator("B62")
    bring(HEAD + "M1,B62,2026-09,3,,\n")
    before = table(Observation), table(Batch), table(DirtyPeriod), AuditEntry.objects.count()

    def die(*_args: object) -> None:
        raise KeyboardInterrupt  # after the rows, before the marks

    monkeypatch.setattr(recording, "mark_dirty", die)
    with pytest.raises(KeyboardInterrupt):
        bring(HEAD + "M1,B62,2026-09,4,,\nM2,B62,2026-09,5,,\n")
    assert (table(Observation), table(Batch), table(DirtyPeriod), AuditEntry.objects.count()) == before
