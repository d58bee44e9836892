"""Close, merge, split: refused with a sentence that lists what is still open, or everything passes on."""

from collections.abc import Iterator
from datetime import date

import pytest
from tests.unit.organization.conftest import OPENED, World

from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.organization import actions, restructuring
from rongtong.organization import tree_actions as trees
from rongtong.organization.models import BusinessUnit, Post, Succession
from rongtong.organization.restructuring import Part, Still
from rongtong.trees.models import Node, TreeLink

TODAY = date(2026, 11, 23)


def test_closing_lists_everything_that_is_still_open(world: World) -> None:
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=OPENED)
    trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="own", share=1, starts_on=OPENED)
    with pytest.raises(Refused) as refusal:
        restructuring.close_node(by=SYSTEM, node=world.shop, on=TODAY)
    for words in ("below it: 甲班", "people serving: 周明 (车间主任)", "links: 机加党支部", "end their appointments"):
        assert words in str(refusal.value)
    assert Node.objects.get(pk=world.shop.pk).closed_on is None


def test_an_empty_node_closes_with_its_posts(world: World) -> None:
    restructuring.close_node(by=SYSTEM, node=world.team, on=TODAY)
    with pytest.raises(Refused, match="already closed"):
        restructuring.close_node(by=SYSTEM, node=world.team, on=TODAY)
    restructuring.close_node(by=SYSTEM, node=world.shop, on=TODAY)
    assert Post.objects.get(code="M1-1-H").closed_on == TODAY
    with pytest.raises(Refused, match="is closed"):
        trees.create_node(by=SYSTEM, tree="B", code="N", name="新", parent=world.shop, opened_on=TODAY)


def test_a_merge_passes_children_and_links_on(world: World) -> None:
    trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="own", share=1, starts_on=OPENED)
    restructuring.close_node(by=SYSTEM, node=world.shop, on=TODAY, successor=world.other)
    assert Node.objects.get(pk=world.team.pk).parent_id == world.other.pk
    assert list(TreeLink.objects.on(TODAY).values_list("unit__code", "party__code", "kind")) == [("M1-2", "P1", "own")]
    assert TreeLink.objects.get(unit=world.shop).ends_on == TODAY
    assert list(Succession.objects.values_list("kind", "from_node__code", "to_node__code")) == [("merge", "M1-1", "M1-2")]


def test_a_merge_does_not_dismiss_people(world: World) -> None:
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=OPENED)
    with pytest.raises(Refused, match="people serving"):
        restructuring.merge(by=SYSTEM, node=world.shop, into=world.other, on=TODAY)
    assert Node.objects.get(pk=world.team.pk).parent_id == world.shop.pk


@pytest.mark.parametrize("into", ["shop", "team", "branch"])
def test_a_merge_goes_to_another_open_node_of_the_same_tree(world: World, into: str) -> None:
    with pytest.raises(Refused, match="cannot pass to"):
        restructuring.merge(by=SYSTEM, node=world.shop, into=getattr(world, into), on=TODAY)


def test_a_split_makes_nodes_of_the_same_kind_and_class(world: World) -> None:
    from rongtong.organization.models import UnitClass, UnitClassAssignment

    actions.set_class(by=SYSTEM, unit=world.shop, unit_class=UnitClass.objects.get(code="production"), on=OPENED)
    parts = [Part("M1-1a", "机加一", ("M1-1-A",)), Part("M1-1b", "机加二")]
    made = restructuring.split(by=SYSTEM, node=world.shop, parts=parts, on=TODAY)
    assert {row.to_node.code for row in made} == {"M1-1a", "M1-1b"}
    assert Node.objects.get(pk=world.team.pk).parent is not None
    assert Node.objects.get(code="M1-1a").path == Node.objects.get(pk=world.team.pk).path[:-5]
    assert set(BusinessUnit.objects.filter(node__code__startswith="M1-1").values_list("kind", flat=True)) == {"workshop", "team"}
    assert UnitClassAssignment.objects.filter(ends_on__isnull=True).count() == 2
    assert Node.objects.get(pk=world.shop.pk).closed_on == TODAY


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([Part("X", "甲", ("M1-1-A",))], "at least two"),
        ([Part("X", "甲"), Part("Y", "乙")], "not settled: M1-1-A"),
        ([Part("X", "甲", ("M1-1-A",)), Part("Y", "乙", ("M1-1-A",))], "not settled: M1-1-A"),
        ([Part("X", "甲", ("M1-1-A", "Q")), Part("Y", "乙")], "not settled: Q"),
        ([Part("M1-2", "甲", ("M1-1-A",)), Part("Y", "乙")], "already in use"),
    ],
)
def test_a_split_settles_every_child_once(world: World, parts: list[Part], words: str) -> None:
    count = Node.objects.count()
    with pytest.raises(Refused, match=words):
        restructuring.split(by=SYSTEM, node=world.shop, parts=parts, on=TODAY)
    assert Node.objects.count() == count


@pytest.fixture
def matters() -> Iterator[None]:
    """A package above that still has something open at the team."""

    def holder(node: Node, on: date) -> list[Still]:
        return [Still("matters", ("整改一",), 1, "close the matters")] if node.code == "M1-1-A" else []

    restructuring.register_open_things(holder)
    yield
    restructuring._holders.remove(holder)


@pytest.mark.usefixtures("matters")
def test_packages_above_may_hold_a_node_open(world: World) -> None:
    with pytest.raises(Refused, match="matters: 整改一"):
        restructuring.close_node(by=SYSTEM, node=world.team, on=TODAY)
    with pytest.raises(Refused, match="matters: 整改一"):
        restructuring.close_node(by=SYSTEM, node=world.team, on=TODAY, successor=world.other)


def test_readers_close_nothing(world: World) -> None:
    with pytest.raises(NotAllowed):
        restructuring.close_node(by=world.reader, node=world.team, on=TODAY)
