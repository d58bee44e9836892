"""Acts on the forests: history kept, cycles refused, the two never meet, shares bounded."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.unit.organization.conftest import OPENED, World

from rongtong.audit.models import Entry
from rongtong.kernel import act as kernel_act
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.organization import tree_actions as trees
from rongtong.trees import queries
from rongtong.trees.models import Node, Placement, TreeLink
from rongtong.trees.paths import NewNode

TODAY = date(2026, 11, 23)


def test_a_move_takes_the_subtree_along_and_keeps_history(world: World) -> None:
    before = trees.move_node(by=SYSTEM, node=world.shop, parent=world.other, on=date(2026, 5, 1))
    team = Node.objects.get(pk=world.team.pk)
    assert team.path.startswith(before.path)
    assert before.path.startswith(Node.objects.get(pk=world.other.pk).path)
    assert team.depth == 4
    assert queries.tree_at("B", date(2026, 4, 30))[world.shop.pk] == world.plant.pk
    assert queries.tree_at("B", date(2026, 5, 1))[world.shop.pk] == world.other.pk
    assert set(queries.subtree_ids(Node.objects.get(pk=world.other.pk))) == {world.other.pk, world.shop.pk, world.team.pk}
    assert Entry.objects.filter(kind="trees.move_node").count() == 1


def test_moving_back_to_the_first_day_leaves_one_placement(world: World) -> None:
    trees.move_node(by=SYSTEM, node=world.shop, parent=world.other, on=date(2026, 5, 1))
    trees.move_node(by=SYSTEM, node=world.shop, parent=world.plant, on=OPENED)
    assert Placement.objects.filter(node=world.shop).count() == 1


@pytest.mark.parametrize(
    ("node", "parent", "on", "words"),
    [
        ("plant", "shop", TODAY, "cannot hang below itself"),
        ("plant", "plant", TODAY, "cannot hang below itself"),
        ("shop", "committee", TODAY, "two trees and never meet"),
        ("shop", "other", TODAY + timedelta(days=1), "in the future"),
        ("shop", "other", OPENED - timedelta(days=1), "not open yet"),
    ],
)
def test_wrong_moves_change_nothing(world: World, node: str, parent: str, on: date, words: str) -> None:
    before = list(Node.objects.values_list("pk", "path", "parent_id"))
    with pytest.raises(Refused, match=words):
        trees.move_node(by=SYSTEM, node=getattr(world, node), parent=getattr(world, parent), on=on)
    assert list(Node.objects.values_list("pk", "path", "parent_id")) == before


def test_a_move_dated_back_may_not_make_a_cycle_in_the_past(world: World) -> None:
    trees.move_node(by=SYSTEM, node=world.shop, parent=world.other, on=date(2026, 3, 1))
    trees.move_node(by=SYSTEM, node=world.shop, parent=world.plant, on=date(2026, 6, 1))
    with pytest.raises(Refused, match="2026-03-01 机加车间 itself hung below 装配车间"):
        trees.move_node(by=SYSTEM, node=world.other, parent=world.shop, on=date(2026, 2, 1))
    moved = trees.move_node(by=SYSTEM, node=world.other, parent=world.shop, on=date(2026, 6, 1))
    assert moved.parent_id == world.shop.pk


def test_a_move_costs_the_same_number_of_statements_for_any_subtree(world: World) -> None:
    def cost(parent: Node) -> int:
        with CaptureQueriesContext(connection) as seen:
            trees.move_node(by=SYSTEM, node=world.shop, parent=parent, on=TODAY)
        return len([query for query in seen if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    first = cost(world.other)
    rows = [NewNode(f"N{i}", "组", "M1-1-A", OPENED) for i in range(300)]
    trees.create_nodes(by=SYSTEM, tree="B", rows=rows)
    assert cost(world.plant) <= first <= 20
    assert cost(world.other) == first


def test_bulk_creation_is_all_or_nothing(world: World) -> None:
    count = Node.objects.count()
    made = trees.create_nodes(by=SYSTEM, tree="B", rows=[NewNode("Ｘ2", "二", "X1", OPENED), NewNode("X1", "一", "M1", OPENED)])
    assert {node.code for node in made} == {"X1", "X2"}
    assert Node.objects.get(code="X2").pinyin == "er e"
    for bad in ("M1", "X1"):
        with pytest.raises(Refused, match="already in use"):
            trees.create_nodes(by=SYSTEM, tree="B", rows=[NewNode("Y1", "一", "", OPENED), NewNode(bad, "又", "", OPENED)])
    with pytest.raises(Refused, match="has no name"):
        trees.create_nodes(by=SYSTEM, tree="B", rows=[NewNode("Y1", " ", "", OPENED)])
    assert Node.objects.count() == count + 2


def test_bulk_creation_statements_do_not_grow_with_rows(world: World) -> None:
    def cost(prefix: str, count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            trees.create_nodes(by=SYSTEM, tree="B", rows=[NewNode(f"{prefix}{i}", "组", "M1", OPENED) for i in range(count)])
        return len(seen)

    assert cost("a", 10) == cost("b", 60)


def test_codes_are_unique_in_their_tree_only(world: World) -> None:
    trees.create_node(by=SYSTEM, tree="P", code="M1", name="机械厂党委", parent=world.committee, opened_on=OPENED)
    with pytest.raises(Refused, match="already in use"):
        trees.create_node(by=SYSTEM, tree="B", code="Ｍ1", name="重复", parent=world.group, opened_on=OPENED)


def test_links_join_the_two_trees_with_bounded_shares(world: World) -> None:
    def link(unit: Node, share: float, start: date = OPENED, end: date | None = None) -> TreeLink:
        return trees.link(by=SYSTEM, unit=unit, party=world.branch, kind="joint", share=share, starts_on=start, ends_on=end)

    link(world.shop, 0.6, OPENED, date(2026, 6, 1))
    link(world.team, 0.6, date(2026, 6, 1))
    with pytest.raises(Refused, match=r"would sum to 1\.10 on 2020-01-01; at most 0\.40 is left"):
        link(world.other, 0.5)
    link(world.other, 0.4)
    assert TreeLink.objects.count() == 3


def test_shares_are_summed_day_by_day_not_over_the_whole_span(world: World) -> None:
    for unit, start, end in ((world.shop, date(2025, 1, 1), date(2025, 6, 1)), (world.team, date(2025, 6, 1), date(2026, 1, 1))):
        trees.link(by=SYSTEM, unit=unit, party=world.branch, kind="joint", share=0.7, starts_on=start, ends_on=end)
    made = trees.link(by=SYSTEM, unit=world.other, party=world.branch, kind="joint", share=0.3, starts_on=date(2025, 1, 1))
    assert made.share == 0.3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": 0.0}, "share is 0"),
        ({"share": 1.5}, "share is 1.5"),
        ({"kind": "friend"}, "not a kind of link"),
        ({"ends_on": OPENED}, "ends before it begins"),
        ({"kind": "temporary"}, "needs an end"),
    ],
)
def test_wrong_links_are_refused(world: World, change: dict[str, object], words: str) -> None:
    given = {"kind": "own", "share": 1.0, "starts_on": OPENED, "ends_on": None, **change}
    with pytest.raises(Refused, match=words):
        trees.link(by=SYSTEM, unit=world.shop, party=world.branch, **given)  # type: ignore[arg-type]
    assert not TreeLink.objects.exists()


def test_a_link_never_stays_inside_one_tree_and_never_overlaps(world: World) -> None:
    with pytest.raises(Refused, match="joins a business unit"):
        trees.link(by=SYSTEM, unit=world.branch, party=world.shop, kind="own", share=1, starts_on=OPENED)
    made = trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="own", share=1, starts_on=OPENED)
    with pytest.raises(Refused, match="already linked"):
        trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="covers", share=1, starts_on=TODAY)
    with pytest.raises(Refused, match="cannot end"):
        trees.end_link(by=SYSTEM, link=made, on=OPENED)
    trees.end_link(by=SYSTEM, link=made, on=TODAY)
    trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="covers", share=1, starts_on=TODAY)
    assert [row.kind for row in queries.links_on(TODAY)] == ["covers"]


def test_the_database_itself_refuses_overlapping_links_and_placements(world: World) -> None:
    trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="own", share=1, starts_on=OPENED)
    for make in (
        lambda: TreeLink.objects.create(unit=world.shop, party=world.branch, kind="joint", share=0.5, starts_on=TODAY),
        lambda: Placement.objects.create(node=world.shop, parent=world.other, starts_on=TODAY),
        lambda: TreeLink.objects.create(unit=world.other, party=world.branch, kind="own", share=1.5, starts_on=TODAY),
        lambda: Node.objects.create(tree="P", path="B99999", code="ZZ", name="z", opened_on=TODAY),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


def test_only_editors_change_the_trees_and_strangers_see_nothing(world: World) -> None:
    with pytest.raises(NotAllowed):
        trees.rename_node(by=world.reader, node=world.shop, name="新")
    with pytest.raises(Unseen):
        trees.rename_node(by=world.stranger, node=world.shop, name="新")
    with pytest.raises(NotAllowed):
        trees.create_nodes(by=world.reader, tree="B", rows=[])
    with pytest.raises(Refused, match="empty"):
        trees.rename_node(by=world.office, node=world.shop, name="  ")
    assert trees.rename_node(by=world.office, node=world.shop, name="精加工车间").pinyin == "jingjiagongchejian jjgcj"


def test_nothing_is_kept_when_the_audit_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_act: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(kernel_act, "_audit_writer", broken)
    with pytest.raises(OSError, match="full"):
        trees.move_node(by=SYSTEM, node=world.shop, parent=world.other, on=TODAY)
    assert Node.objects.get(pk=world.shop.pk).parent_id == world.plant.pk
