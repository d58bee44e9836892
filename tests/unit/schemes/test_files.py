"""An existing scheme from a spreadsheet, and a scheme as one: preview, row errors, undo, and the round trip."""

from pathlib import Path
from typing import Any

import pytest
from tests.town import Town, account, fresh
from tests.unit.schemes.making import criterion, part, scheme

from rongtong.exchange import actions as exchange
from rongtong.exchange.exporting import write_table
from rongtong.exchange.intake import RefusedRows
from rongtong.indicators.models import Indicator
from rongtong.kernel.errors import Refused
from rongtong.organization.models import UnitClass
from rongtong.schemes import actions, files, queries
from rongtong.schemes.actions import NewScheme, Paper
from rongtong.schemes.data import Criterion, GradeBand, SchemeData, Step
from rongtong.schemes.models import Scheme, SchemeVersion

BARE = """办法编码,编码,名称,板块,侧,板块权重,权重,数据来源,数据编码,评分规则,规则参数
SC,P1,组织生活,党建工作,党建,25,60,指标,P11,分档,<60:0；60-90:60；>=90:100
SC,P2,上级评价,党建工作,党建,25,40,,,人工,
SC,B1,产量,生产经营指标,生产经营,75,100,指标,P11,目标完成,目标=100；起点=70
"""
HEAD = "SC,production,生产办法,,,,,,,L1,\n"


@pytest.fixture
def shop(town: Town) -> UnitClass:
    Indicator.objects.create(code="P11", name="P11", subsystem="party", direction="benefit", kind="ratio", aggregate="ratio", unit_text="%")
    return UnitClass.objects.create(code="production", name="生产单位")


def with_head(text: str) -> str:
    lines = text.splitlines(keepends=True)
    lines[0] = lines[0].rstrip("\n") + ",类型\n"
    lines = [line if at == 0 else line.rstrip("\n") + ",\n" for at, line in enumerate(lines)]
    return "".join(lines) + "SC,production,生产办法,,,,,,,L1,,办法\n"


def bring(town: Town, text: str | bytes, name: str = "a.csv") -> Any:
    source = text.encode() if isinstance(text, str) else text
    return exchange.import_file(by=fresh(town.office), kind="schemes", source=source, filename=name)


def problems(town: Town, text: str) -> str:
    with pytest.raises(RefusedRows) as refusal:
        bring(town, text)
    assert Scheme.objects.count() == 0
    return " | ".join(str(problem) for problem in refusal.value.problems)


def test_a_bare_list_of_criteria_becomes_a_draft(town: Town, shop: UnitClass) -> None:
    bring(town, with_head(BARE))
    made = SchemeVersion.objects.get()
    assert (made.state, made.scheme.name, made.drafted_label) == ("draft", "生产办法", town.office.label)
    assert [(p.name, p.side, p.weight, len(p.criteria)) for p in made.data.parts] == [
        ("党建工作", "party", 2500, 2),
        ("生产经营指标", "production", 7500, 1),
    ]
    assert made.data.parts[0].criteria[0].steps[1] == Step(60.0, 90.0, 6000)
    assert [band.code for band in made.data.bands] == ["A", "B", "C", "D"]


def test_errors_name_the_row_and_what_to_do(town: Town, shop: UnitClass) -> None:
    assert "for which class" in problems(town, BARE)
    text = problems(town, with_head(BARE.replace("25,40", "25,39.9")))
    assert "99.9 %" in text and "add 0.1 %" in text and ":2:" in text
    assert ":4:规则参数" in problems(town, with_head(BARE.replace("目标=100", "目标=百")))
    assert "no indicator with the code" in problems(town, with_head(BARE.replace("P11,分档", "P19,分档")))
    assert "is not a scoring rule" in problems(town, with_head(BARE.replace("分档", "抽签")))
    assert ":2:权重" in problems(town, with_head(BARE.replace("25,60", "25,六十")))
    assert "gap between 60 and 70" in problems(town, with_head(BARE.replace("60-90", "70-90")))
    assert "does not say its weight and side" in problems(town, with_head(BARE.replace("党建,25,60", "党建,,60")))


def rich(town: Town) -> SchemeData:
    veto = criterion("V", 0, kind="event", rule="veto", basis="安委3号", approver="党委", name="事故", source="[L]")
    rows: tuple[Criterion, ...] = (
        criterion("P1", 5001, kind="indicator", of="P11", rule="bands", steps=(Step(None, 60.0, 0), Step(60.0, None, 10_000)), name="甲", name_en="A"),
        criterion("P2", 2000, kind="indicator", rule="formula", expression="min(P11, 100)"), criterion("P3", 1999, kind="event", rule="deduction", per=50, most=100),
        criterion("P4", 1000, rule="peer"), criterion("UP", 0, kind="event", rule="bonus", per=100, most=300), veto,
    )  # fmt: skip
    bands = (GradeBand("A", "优秀", 9000, "Excellent", 3000), GradeBand("B", "良好", 7550), GradeBand("D", "差", 0))
    return scheme(
        "L7", (part("P", "party", 2550, *rows), part("B", "production", 7450)), bands, to_party=1000, to_production=2050, veto_grade="B"
    )


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_what_goes_out_comes_back_equal(town: Town, shop: UnitClass, tmp_path: Path, suffix: str) -> None:
    made = actions.draft(
        by=fresh(town.office), new=NewScheme("SC", "办法", shop, "Scheme"), data=rich(town), paper=Paper(files._next_january(), "文1", "注")
    )
    path = write_table(files.HEADERS, files.rows_of(town.office, made), suffix, tmp_path / f"a.{suffix}")
    batch = bring(town, path.read_bytes(), path.name)
    assert (batch.counts["creates"], batch.counts["updates"], batch.counts["unchanged"]) == (0, 0, 1)
    actions.discard(by=fresh(town.office), version=made)
    bring(town, path.read_bytes(), path.name)
    again = SchemeVersion.objects.get()
    assert again.data == rich(town)
    assert (again.scheme.name, again.scheme.name_en, again.document, again.note, again.starts_on) == (
        "办法",
        "Scheme",
        "文1",
        "注",
        files._next_january(),
    )


def test_an_issued_scheme_gets_its_next_version_and_undo_takes_it_back(town: Town, shop: UnitClass) -> None:
    bring(town, with_head(BARE))
    first = SchemeVersion.objects.get()
    actions.issue(by=fresh(account("guan", roles=(("management_office", None),))), version=first, seen=first.digest)
    batch = bring(town, with_head(BARE.replace("25,60", "25,50").replace("25,40", "25,50")))
    assert SchemeVersion.objects.count() == 2
    exchange.undo(by=fresh(town.office), batch=batch)
    assert SchemeVersion.objects.get() == first


def test_a_draft_is_changed_in_place_and_undone_to_what_it_was(town: Town, shop: UnitClass) -> None:
    bring(town, with_head(BARE))
    before = SchemeVersion.objects.get().data
    batch = bring(town, with_head(BARE.replace("25,60", "25,50").replace("25,40", "25,50")))
    assert SchemeVersion.objects.get().data != before
    exchange.undo(by=fresh(town.office), batch=batch)
    assert SchemeVersion.objects.get().data == before


def test_what_was_changed_since_is_not_undone(town: Town, shop: UnitClass) -> None:
    batch = bring(town, with_head(BARE))
    made = SchemeVersion.objects.get()
    changed = scheme("L1")
    actions.change(by=fresh(town.office), version=made, data=changed, paper=Paper(made.starts_on), seen=made.digest)
    with pytest.raises(Refused, match="changed or issued since"):
        exchange.undo(by=fresh(town.office), batch=batch)
    assert queries.draft_of(made.scheme) is not None and SchemeVersion.objects.get().data == changed
