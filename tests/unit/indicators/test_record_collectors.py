"""The organisation's collectors on a small enterprise, counted by hand; silent where there is nothing to count."""

from datetime import date

import pytest
from tests.unit.indicators.conftest import OPENED, World, percent

from rongtong.access.models import Grant
from rongtong.accounts.models import User
from rongtong.indicators import actions, provenance
from rongtong.indicators.collectors import Counted, collector_of, counted, entries_of
from rongtong.indicators.models import DirtyPeriod, Indicator, Observation
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Unseen
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation, Person, Post
from rongtong.trees.models import Node, TreeLink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def seat(code: str, node: Node, kind: str, person: Person, ends_on: date | None = None) -> None:
    post = Post.objects.create(code=code, name=code, node=node, kind=kind, opened_on=OPENED)
    Appointment.objects.create(person=person, post=post, starts_on=OPENED, ends_on=ends_on)


@pytest.fixture
def staffed(world: World) -> World:
    """One dual-role leader, one business leader, one Party-only deputy, one who left; the branch is the workshop's own."""
    people = [Person.objects.create(code=f"E{at}", name=f"E{at}") for at in range(4)]
    for node, count in ((world.group, 10), (world.shop, 90), (world.other, 50)):
        BusinessUnit.objects.create(node=node, kind="workshop", headcount=count)
    PartyOrganisation.objects.create(
        node=world.branch, kind="branch", members=20, formal_members=18, elected_on=date(2023, 10, 1), term_years=3
    )
    TreeLink.objects.create(unit=world.shop, party=world.branch, kind="own", share=1.0, starts_on=OPENED)
    seat("A", world.shop, "head", people[0])
    seat("B", world.branch, "secretary", people[0])
    seat("C", world.shop, "deputy_head", people[1])
    seat("D", world.branch, "deputy", people[2])
    seat("E", world.branch, "committee", people[3], date(2026, 1, 1))
    return world


def found(code: str, period: int, *nodes: Node) -> dict[int, tuple[float, float]]:
    collector = collector_of(code)
    assert collector is not None
    return {node: (over, under) for node, over, under in collector(period, [node.pk for node in nodes])}


def test_cross_appointment_counts_who_holds_both_kinds(staffed: World) -> None:
    assert found("I12", 202609, staffed.shop, staffed.group, staffed.other) == {staffed.shop.pk: (1, 3), staffed.group.pk: (1, 3)}
    assert found("I12", 202512, staffed.shop) == {staffed.shop.pk: (1, 4)}  # the one who left still served then


def test_units_with_a_body_over_those_that_need_one(staffed: World) -> None:
    assert found("I13", 202609, staffed.group, staffed.other) == {staffed.group.pk: (1, 1)}


def test_terms_kept_until_their_last_day(staffed: World) -> None:
    assert found("P14", 202608, staffed.branch) == {staffed.branch.pk: (1, 1)}
    assert found("P14", 202610, staffed.branch) == {staffed.branch.pk: (0, 1)}
    PartyOrganisation.objects.update(extended_to=date(2027, 4, 1), extension_document="组复〔2026〕8号")
    assert found("P14", 202610, staffed.branch) == {staffed.branch.pk: (1, 1)}
    PartyOrganisation.objects.update(elected_on=None)
    assert found("P14", 202610, staffed.branch) == {}


def test_party_staff_over_the_linked_units_people(staffed: World) -> None:
    assert found("P61", 202609, staffed.branch) == {staffed.branch.pk: (1, 90)}
    BusinessUnit.objects.update(headcount=None)
    assert found("P61", 202609, staffed.branch) == {}


def test_collect_records_what_was_found_once(staffed: World) -> None:
    actions.install_sets(by=SYSTEM)
    assert actions.collect(by=SYSTEM, period=202609) > 0
    staff = Observation.objects.get(indicator__code="P61", node=staffed.branch)
    assert (staff.value, staff.source, staff.author_label) == (pytest.approx(100 / 90), "collected", "系统")
    DirtyPeriod.objects.all().delete()
    assert actions.collect(by=SYSTEM, period=202609) == 0
    assert not DirtyPeriod.objects.exists()
    Indicator.objects.filter(code="P61").update(is_on=False)
    BusinessUnit.objects.update(headcount=30)
    assert actions.collect(by=SYSTEM, period=202609) == 0


def test_an_unknown_collector_finds_nothing(world: World) -> None:
    assert entries_of("NONE", 1, 202609, [world.shop.pk]) == []


def test_the_records_behind_a_collected_figure_are_told(staffed: World) -> None:
    people = {person.code: person.pk for person in Person.objects.all()}
    found = counted("I12", 202609, staffed.shop.pk)
    assert found == Counted("person", frozenset({people["E0"], people["E1"], people["E2"]}), frozenset({people["E0"]}))
    assert counted("I12", 202609, staffed.other.pk) is None  # nothing to count
    assert counted("nothing", 202609, staffed.shop.pk) is None
    assert found_at("P61", staffed) == (1, 90)
    staff = counted("P61", 202609, staffed.branch.pk)
    assert staff is not None
    assert staff.good == {people["E2"]}


def found_at(code: str, world: World) -> tuple[float, float]:
    return found(code, 202609, world.branch)[world.branch.pk]


def test_the_records_are_shown_as_far_as_the_actor_sees_them(staffed: World) -> None:
    indicator = percent("I12", collector="I12", subsystem="integration")
    seen = provenance.records(staffed.worker, staffed.shop, indicator, 202609)
    assert [(row.title, row.counts) for row in seen] == [("E1", False), ("E2", False), ("E0", True)]
    narrow = User.objects.create(username="narrow", display_name="n", password="!")
    Grant.objects.create(user=narrow, role="party_worker", node=staffed.shop, reach="node", source="derived", starts_on=OPENED)
    partly = provenance.records(narrow, staffed.shop, indicator, 202609)
    assert [row.title for row in partly][:2] == ["E1", "E0"]  # E2 serves in the branch, which lies outside
    assert not partly[-1].url
    assert "1" in partly[-1].title
    with pytest.raises(Unseen):
        provenance.records(staffed.stranger, staffed.shop, indicator, 202609)
