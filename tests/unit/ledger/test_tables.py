"""Matters as files: read, previewed with every error and its place, written in one act, undone."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.town import Town, fresh

from rongtong.exchange import actions as exchange
from rongtong.exchange.exporting import export_rows
from rongtong.exchange.intake import RefusedRows
from rongtong.kernel.errors import Refused
from rongtong.ledger import actions, queries
from rongtong.ledger.models import Matter

HEAD = "事项,侧别,牵头单位,责任领导岗位,经办岗位,完成时限\n"


def uploaded(town: Town, tmp_path: Path, text: str) -> Any:
    path = tmp_path / "matters.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return exchange.preview(by=town.office, kind="matters", source=path, filename="matters.csv")


@pytest.fixture(autouse=True)
def _data(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def test_an_import_assigns_and_is_undone_whole(town: Town, tmp_path: Path) -> None:
    batch = uploaded(town, tmp_path, "查一,both,M1,S1,D1,2026-12-01\n查二,party,P1,,,2026年12月5日\n")
    batch = exchange.apply(by=town.office, batch=batch)
    assert list(Matter.objects.order_by("pk").values_list("title", "state")) == [("查一", "assigned"), ("查二", "draft")]
    again = uploaded(town, tmp_path, "查一,both,M1,S1,D1,2026-12-01\n")
    exchange.apply(by=town.office, batch=again)
    assert Matter.objects.count() == 2
    exchange.undo(by=town.office, batch=batch)
    assert set(Matter.objects.values_list("state", flat=True)) == {"void"}


def test_undo_is_refused_once_somebody_works_on_it(town: Town, tmp_path: Path) -> None:
    batch = uploaded(town, tmp_path, "查一,both,M1,S1,D1,2026-12-01\n")
    batch = exchange.apply(by=town.office, batch=batch)
    actions.acknowledge(by=town.li, matter=Matter.objects.get())
    with pytest.raises(Refused, match="already works on"):
        exchange.undo(by=town.office, batch=batch)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("查,both,M9,S1,D1,2026-12-01", "no open unit M9"),
        ("查,both,M1,S9,D1,2026-12-01", "no open post S9"),
        ("查,beide,M1,S1,D1,2026-12-01", "is not known"),
        ("查,both,M1,S1,D1,2020-01-01", "has passed"),
        ("查,both,M1,S1,D1,morgen", "morgen"),
        (",both,M1,S1,D1,2026-12-01", ""),
    ],
)
def test_bad_rows_name_their_place_and_write_nothing(town: Town, tmp_path: Path, row: str, sentence: str) -> None:
    batch = uploaded(town, tmp_path, f"好,both,M1,S1,D1,2026-12-01\n{row}\n")
    with pytest.raises(RefusedRows) as refused:
        exchange.import_file(by=town.office, kind="matters", source=tmp_path / "matters.csv")
    assert batch.counts["errors"] == 1, [str(p) for p in refused.value.problems]
    assert sentence in " ".join(map(str, refused.value.problems))
    assert not Matter.objects.exists()


def test_the_export_holds_what_is_seen(town: Town) -> None:
    actions.create(by=town.zhou, new=actions.NewMatter("=1+1", "both", town.shop, date(2026, 12, 1)))
    actions.create(by=town.chen, new=actions.NewMatter("别处", "both", town.other, date(2026, 12, 1)))
    path = export_rows("matters", fresh(town.zhou), "xlsx", filters=queries.Filters(states=("draft",)))
    sheet = load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["=1+1"] and rows[0][0] == "code"
    assert sheet["B2"].data_type == "s"  # words stay words
