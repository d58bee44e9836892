"""The organisation's collectors on a small enterprise, counted by hand; silent where there is nothing to count."""

from datetime import date

import pytest
from tests.unit.indicators.conftest import OPENED, World

from rongtong.indicators import actions
from rongtong.indicators.collectors import collector_of, entries_of
from rongtong.indicators.models import DirtyPeriod, Indicator, Observation
from rongtong.kernel.act import SYSTEM
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
