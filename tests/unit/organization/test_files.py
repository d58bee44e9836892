"""Files of the organisation: any order, Chinese headers, refused with row and column, undone whole."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.organization.conftest import OPENED, World

from rongtong.access.models import Grant
from rongtong.exchange import actions as exchange
from rongtong.exchange.exporting import export_rows
from rongtong.exchange.intake import RefusedRows
from rongtong.exchange.models import Batch
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.organization import actions
from rongtong.organization import tree_actions as trees
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation, Person, Post, UnitClassAssignment
from rongtong.trees.models import Node, Placement, TreeLink

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def load(kind: str, text: str, by: Any = SYSTEM, name: str = "f.csv") -> Batch:
    return exchange.import_file(by=by, kind=kind, source=text.encode(), filename=name)


def refused(kind: str, text: str) -> str:
    """The refusal of a file, with every place; nothing may have been written."""
    before = counts()
    with pytest.raises(RefusedRows) as caught:
        load(kind, text)
    assert counts() == before
    return "\n".join(map(str, caught.value.problems))


def counts() -> list[int]:
    return [model.objects.count() for model in (Node, BusinessUnit, PartyOrganisation, TreeLink, Person, Post, Appointment, Batch)]


def test_units_in_any_order_with_chinese_headers_and_words(world: World) -> None:
    text = (
        "编码,名称,上级编码,成立日期,单位类型,单位类别,人数,是否法人\n"
        "N2,二班,N1,2024年3月1日,班组,,,否\n"
        "Ｎ1,铸造车间,M1,2024/3/1,车间,production,４０,\n"
        "N0,新公司,,2024.03.01,公司,sales,500,是\n"
    )
    batch = load("units", text)
    assert batch.counts["creates"] == 3
    node = Node.objects.get(code="N2")
    assert node.parent is not None
    assert (node.parent.code, node.opened_on, node.path.startswith(node.parent.path)) == ("N1", date(2024, 3, 1), True)
    assert BusinessUnit.objects.get(node__code="N1").headcount == 40
    assert BusinessUnit.objects.get(node=node).headcount is None
    assert BusinessUnit.objects.get(node__code="N0").is_legal_person
    assert set(UnitClassAssignment.objects.values_list("unit__code", "unit_class__code")) == {("N1", "production"), ("N0", "sales")}
    exchange.undo(by=SYSTEM, batch=batch)
    assert not Node.objects.filter(code__startswith="N").exists()
    assert not Placement.objects.filter(node__code__startswith="N").exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("N1,一,NOPE,workshop,,\n", ["f.csv::2:parent_code There is no parent NOPE"]),
        ("N1,一,N2,workshop,,\nN2,二,N1,workshop,,\n", ["2:parent_code These lie in a cycle: N1 → N2 → N1", "3:parent_code"]),
        ("N1,一,N1,workshop,,\n", ["2:parent_code These lie in a cycle"]),
        ("N1,一,,workshop,,\nN1,二,,workshop,,\n", ["3:code The same as row 2"]),
        ("N1,一,,castle,,\n", ["2:kind “castle” is not one of"]),
        ("N1,一,,workshop,moon,\n", ["2:class_code “moon” is not a unit class"]),
        ("N1,一,,workshop,,about 40\n", ["2:headcount “about 40” is not a number"]),
        ("N1,一,,workshop,,-3\n", ["2:headcount The number is negative"]),
        (",一,,workshop,,\n", ["2:code The cell is empty"]),
        ("N1,,,workshop,,\nN 2,二,,workshop,,1.5\n", ["2:name The cell is empty", "3:code", "3:headcount “1.5” is not a whole number"]),
        ("M1-1,机加车间,G0,workshop,,\n", ["2:parent_code The stored value is M1, the file says G0; move it on its page"]),
    ],
)
def test_wrong_units_are_refused_with_their_places(world: World, rows: str, words: list[str]) -> None:
    answer = refused("units", "code,name,parent_code,kind,class_code,headcount\n" + rows)
    for expected in words:
        assert expected in answer


def test_stored_units_are_compared_and_changed(world: World) -> None:
    text = "code,name,parent_code,kind,headcount\nM1-1,精加工车间,M1,workshop,45\nM1-2,装配车间,,workshop,\n"
    batch = load("units", text)
    assert (batch.counts["creates"], batch.counts["updates"], batch.counts["unchanged"]) == (0, 1, 1)
    shop = Node.objects.get(code="M1-1")
    assert (shop.name, shop.pinyin.split()[1], shop.unit.headcount) == ("精加工车间", "jjgcj", 45)
    exchange.undo(by=SYSTEM, batch=batch)
    assert (Node.objects.get(code="M1-1").name, BusinessUnit.objects.get(pk=shop.pk).headcount) == ("机加车间", 30)


def test_an_undo_is_refused_where_something_later_depends_on_it(world: World) -> None:
    batch = load("units", "code,name,parent_code,kind\nN1,一,M1,workshop\n")
    trees.create_node(by=SYSTEM, tree="B", code="N1-1", name="后来的", parent=Node.objects.get(code="N1"), opened_on=TODAY)
    with pytest.raises(Refused, match="Later records depend on this batch"):
        exchange.undo(by=SYSTEM, batch=batch)
    assert Node.objects.filter(code="N1").exists()
    assert BusinessUnit.objects.filter(node__code="N1").exists()
    renamed = load("units", "code,name,kind\nM1-1,新名,workshop\n", name="g.csv")
    trees.rename_node(by=SYSTEM, node=world.shop, name="又改")
    with pytest.raises(Refused, match="又改 was changed again after this batch"):
        exchange.undo(by=SYSTEM, batch=renamed)


def test_parties(world: World) -> None:
    load("parties", "编码,名称,上级编码,组织类型,党员数,正式党员数,换届日期,任期\nQ1,新支部,P0,党支部,8,7,2025-06-01,3\n")
    assert PartyOrganisation.objects.get(node__code="Q1").expires_on == date(2028, 6, 1)
    answer = refused("parties", "code,name,kind,members,formal_members,elected_on\nQ2,支部,branch,3,5,2025-02-30\nQ3,支部,branch,3,5,\n")
    assert "2:elected_on “2025-02-30” is not a day of the calendar" in answer
    assert "3:formal_members More full members than members" in answer


def test_links(world: World) -> None:
    text = "单位编码,党组织编码,对应方式,占比\nM1-1,P1,联合,0.6\nM1-2,P1,joint,0.4\n"
    load("links", text)
    assert sum(TreeLink.objects.values_list("share", flat=True)) == pytest.approx(1.0)
    assert load("links", text + "\n").counts["unchanged"] == 2
    header = "unit_code,party_code,kind,share,starts_on,ends_on\n"
    for rows, words in (
        ("M1-1-A,P1,joint,0.1,2026-01-01,\n", "2:share The joint shares of P1 would sum to 1.10"),
        ("M1-1,P1,own,1,2026-01-01,\n", "2:starts_on Overlaps a stored link of the same two"),
        ("M1,P2,own,1,2026-01-01,\nM1,P2,own,1,2026-02-01,\n", "3:starts_on Overlaps row 2 of the same two"),
        ("XX,P1,own,1,,\n", "2:unit_code There is no unit XX"),
        ("M1,M1,own,1,,\n", "2:party_code There is no Party organisation M1"),
        ("M1,P2,own,60%,,\n", "2:share “60%” has a percent sign"),
        ("M1,P2,own,0,,\n", "2:share The share is 0"),
        ("M1,P2,temporary,,2026-01-01,\n", "2:ends_on A temporary link needs an end"),
    ):
        assert words in refused("links", header + rows)


def test_people_posts_and_appointments_with_rights(world: World) -> None:
    load("people", "工号,姓名\n".replace("工号", "编码") + "E7,李娜\n")
    load("posts", "编码,名称,组织编码,岗位类型\nP2-S,书记,P2,书记\nM1-2-H,主任,M1-2,主任\n")
    batch = load("appointments", "工号,岗位编码,任职日期\nE1,P2-S,2026-01-01\nE7,M1-2-H,2026.1.1\n")
    assert Person.objects.get(code="E7").pinyin == "lina ln"
    assert [grant.node.code for grant in Grant.objects.filter(user=world.leader).select_related("node") if grant.node] == ["P2"]
    exchange.undo(by=SYSTEM, batch=batch)
    assert not Grant.objects.filter(user=world.leader).exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("E1,M1-1-H,formal,2026-01-01,\nE2,M1-1-H,formal,2026-06-01,\n", "3:starts_on Overlaps row 2 of the same post"),
        ("E2,P1-S,formal,2026-06-01,\n", "2:starts_on Overlaps a stored appointment"),
        ("E1,M1-1-H,formal,2026-06-01,2026-01-01\n", "2:ends_on The appointment ends before it begins"),
        ("E404,M1-1-H,formal,2026-06-01,\n", "2:person_code “E404” is not known"),
        ("E1,NOPE,formal,2026-06-01,\n", "2:post_code “NOPE” is not known"),
        ("E1,M1-1-H,formal,someday,\n", "2:starts_on “someday” is not a date"),
        ("E1,M1-1-H,formal,1999-01-01,\n", "2:starts_on The post is open from 2020-01-01"),
    ],
)
def test_wrong_appointments_are_refused_with_their_places(world: World, rows: str, words: str) -> None:
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.secretary_post, starts_on=OPENED)
    assert words in refused("appointments", "person_code,post_code,kind,starts_on,ends_on\n" + rows)


def test_posts_hang_in_the_tree_of_their_kind(world: World) -> None:
    assert "There is no node M1-1 in the tree" in refused("posts", "code,name,node_code,kind\nZ,书记,M1-1,secretary\n")


def test_what_is_exported_can_be_imported_and_changes_nothing(world: World, tmp_path: Path) -> None:
    trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="own", share=1, starts_on=OPENED)
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.secretary_post, starts_on=OPENED)
    for kind in ("units", "parties", "links", "people", "posts", "appointments"):
        for form in ("csv", "xlsx"):
            path = export_rows(kind, SYSTEM, form, tmp_path / f"{kind}.{form}")
            batch = exchange.import_file(by=SYSTEM, kind=kind, source=path, filename=path.name)
            assert batch.counts["creates"] == batch.counts["updates"] == 0, (kind, form)
            assert batch.counts["unchanged"] > 0


def test_exports_are_scoped_and_need_the_right(world: World, tmp_path: Path) -> None:
    text = export_rows("units", world.stranger, "csv", tmp_path / "u.csv").read_text(encoding="utf-8")
    assert "M1-2" in text
    assert "M1-1" not in text
    with pytest.raises(NotAllowed):
        export_rows("people", world.member, "csv", tmp_path / "p.csv")


def test_readers_import_nothing(world: World) -> None:
    for by in (world.reader, world.stranger, world.leader):
        with pytest.raises(NotAllowed):
            load("units", "code,name,kind\nN1,一,workshop\n", by)


def test_the_statements_of_an_import_do_not_grow_with_rows(world: World) -> None:
    def cost(prefix: str, count: int) -> int:
        rows = "".join(f"{prefix}{i},组,{'M1' if i % 7 == 0 else f'{prefix}{i - i % 7}'},team,1\n" for i in range(count))
        with CaptureQueriesContext(connection) as seen:
            load("units", "code,name,parent_code,kind,headcount\n" + rows)
        return len(seen)

    cost("w", 8)  # the mapping of the columns is remembered from now on
    assert cost("a", 20) == cost("b", 90)
