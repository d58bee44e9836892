"""Persons, posts, appointments, terms; rights follow posts."""

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from tests.unit.organization.conftest import OPENED, World, person, user

from rongtong.access.models import Grant
from rongtong.access.policies import can
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.audit.models import Entry
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused
from rongtong.organization import actions, thresholds
from rongtong.organization import tree_actions as trees
from rongtong.organization.facts import PartyFacts, PersonFacts, UnitFacts
from rongtong.organization.models import Appointment, PartyOrganisation, Person, UnitClass, UnitClassAssignment, anniversary
from rongtong.rules import actions as rules

TODAY = date(2026, 11, 23)


def roles_of(account: User) -> set[tuple[str, str]]:
    return {(grant.role, grant.node.code) for grant in Grant.objects.filter(user=account).select_related("node") if grant.node}


def test_rights_follow_appointments(world: World) -> None:
    made = actions.appoint(by=SYSTEM, person=world.zhou, post=world.secretary_post, starts_on=date(2026, 1, 1))
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=date(2026, 2, 1))
    assert roles_of(world.leader) == {("secretary", "P1"), ("manager", "M1-1")}
    assert can(User.objects.get(pk=world.leader.pk), Permission.ORGANIZATION_VIEW, world.team)
    actions.end_appointment(by=SYSTEM, appointment=made, on=date(2026, 11, 1))
    assert roles_of(world.leader) == {("manager", "M1-1")}
    other = user("another")
    actions.give_account(by=SYSTEM, person=world.zhou, account=other)
    assert roles_of(world.leader) == set()
    assert roles_of(other) == {("manager", "M1-1")}


def test_a_future_appointment_has_no_force_before_its_day(world: World) -> None:
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=date(2027, 1, 1))
    assert not can(User.objects.get(pk=world.leader.pk), Permission.ORGANIZATION_VIEW, world.shop)


def test_formal_appointments_of_a_post_never_overlap_but_acting_stands_beside(world: World) -> None:
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=date(2025, 1, 1))
    with pytest.raises(Refused, match="周明 already serves formally in 车间主任 since 2025-01-01"):
        actions.appoint(by=SYSTEM, person=world.wang, post=world.head_post, starts_on=TODAY)
    actions.appoint(by=SYSTEM, person=world.wang, post=world.head_post, starts_on=TODAY, kind="acting")
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(person=world.wang, post=world.head_post, kind="formal", starts_on=TODAY)
    with pytest.raises(Refused, match="already serves in"):
        actions.appoint(by=SYSTEM, person=world.wang, post=world.head_post, starts_on=TODAY, kind="acting")
    assert Appointment.objects.count() == 2


def test_successive_appointments_meet_on_one_day(world: World) -> None:
    first = actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=date(2025, 1, 1))
    actions.end_appointment(by=SYSTEM, appointment=first, on=TODAY)
    actions.appoint(by=SYSTEM, person=world.wang, post=world.head_post, starts_on=TODAY)
    with pytest.raises(Refused, match="already ended"):
        actions.end_appointment(by=SYSTEM, appointment=first, on=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends_on": OPENED}, "ends before it begins"),
        ({"starts_on": date(2019, 1, 1)}, "not open on"),
        ({"kind": "king"}, "not one of"),
    ],
)
def test_wrong_appointments_are_refused(world: World, change: dict[str, object], words: str) -> None:
    given = {"starts_on": OPENED, **change}
    with pytest.raises(Refused, match=words):
        actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, **given)  # type: ignore[arg-type]
    assert not Appointment.objects.exists()


def test_posts_belong_to_their_tree_and_close_when_nobody_serves(world: World) -> None:
    with pytest.raises(Refused, match="belongs to the other tree"):
        actions.create_post(by=SYSTEM, code="X", name="书记", node=world.shop, kind="secretary", opened_on=OPENED)
    with pytest.raises(Refused, match="already in use"):
        actions.create_post(by=SYSTEM, code="P1-S", name="书记", node=world.branch, kind="secretary", opened_on=OPENED)
    row = actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=OPENED)
    with pytest.raises(Refused, match="周明 still serves"):
        actions.close_post(by=SYSTEM, post=world.head_post, on=TODAY)
    actions.end_appointment(by=SYSTEM, appointment=row, on=TODAY)
    assert actions.close_post(by=SYSTEM, post=world.head_post, on=TODAY).closed_on == TODAY
    with pytest.raises(Refused, match="not open"):
        actions.appoint(by=SYSTEM, person=world.zhou, post=world.head_post, starts_on=TODAY)


def test_an_election_on_the_29th_of_february_ends_its_term_on_the_28th(world: World) -> None:
    organisation = PartyOrganisation.objects.get(pk=world.branch.pk)
    assert organisation.expires_on == date(2027, 2, 28)
    assert anniversary(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_an_extension_needs_an_approval_once_and_within_the_rules_limit(world: World) -> None:
    organisation = PartyOrganisation.objects.select_related("node").get(pk=world.branch.pk)
    rules.install(by=SYSTEM)
    assert thresholds.number("ORG-04", "extension_days_max", world.branch, TODAY) == 365
    for to, document, words in (
        (date(2027, 2, 1), "批2026-1", "ends on 2027-02-28 anyway"),
        (date(2027, 8, 1), " ", "needs an approval"),
        (date(2028, 6, 1), "批2026-1", "at most 365 days"),
    ):
        with pytest.raises(Refused, match=words):
            actions.extend_term(by=SYSTEM, party=organisation, to=to, document=document)
    extended = actions.extend_term(by=SYSTEM, party=organisation, to=date(2027, 8, 1), document="批2026-1")
    assert extended.expires_on == date(2027, 8, 1)
    with pytest.raises(Refused, match="already extended"):
        actions.extend_term(by=SYSTEM, party=organisation, to=date(2027, 9, 1), document="批2026-2")
    facts = PartyFacts("branch", 12, 10, date(2026, 11, 1), 3)
    assert actions.update_party(by=SYSTEM, party=organisation, facts=facts).expires_on == date(2029, 11, 1)


def test_classes_are_dated_and_never_overlap(world: World) -> None:
    production, sales = UnitClass.objects.get(code="production"), UnitClass.objects.get(code="sales")
    actions.set_class(by=SYSTEM, unit=world.shop, unit_class=production, on=OPENED)
    actions.set_class(by=SYSTEM, unit=world.shop, unit_class=sales, on=date(2026, 1, 1))
    spans = list(UnitClassAssignment.objects.order_by("starts_on").values_list("unit_class__code", "starts_on", "ends_on"))
    assert spans == [("production", OPENED, date(2026, 1, 1)), ("sales", date(2026, 1, 1), None)]
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitClassAssignment.objects.create(unit=world.shop, unit_class=production, starts_on=TODAY)
    with pytest.raises(Refused, match="Only business units"):
        actions.set_class(by=SYSTEM, unit=world.branch, unit_class=sales, on=TODAY)


def test_facts_are_checked_and_audited_by_field(world: World) -> None:
    with pytest.raises(Refused, match="More full members"):
        actions.update_party(
            by=SYSTEM, party=PartyOrganisation.objects.select_related("node").get(pk=world.branch.pk), facts=PartyFacts("branch", 3, 5)
        )
    with pytest.raises(Refused, match="not one of"):
        actions.update_unit(by=SYSTEM, unit=world.shop.unit, facts=UnitFacts("castle"))
    actions.update_unit(by=SYSTEM, unit=world.shop.unit, facts=UnitFacts("workshop", 31))
    assert json.loads(Entry.objects.order_by("-seq")[0].detail)["changed"] == {"headcount": ["30", "31"]}


def test_persons_have_pinyin_and_only_editors_add_them(world: World) -> None:
    assert world.zhou.pinyin == "zhouming zm"
    with pytest.raises(NotAllowed):
        actions.add_person(by=world.leader, code="E9", facts=PersonFacts("甲"))
    with pytest.raises(Refused, match="already in use"):
        person("Ｅ1", "乙")
    with pytest.raises(Refused, match="Only members have a day"):
        actions.update_person(by=SYSTEM, person=world.wang, facts=PersonFacts("王芳", "none", OPENED))
    assert actions.update_person(by=SYSTEM, person=world.wang, facts=PersonFacts("王方")).pinyin == "wangfang wf"
    assert Person.objects.count() == 2


def test_an_account_belongs_to_one_person(world: World) -> None:
    with pytest.raises(Refused, match="leader belongs to another person"):
        actions.give_account(by=SYSTEM, person=world.wang, account=world.leader)


def test_linked_rights_reach_the_other_tree(world: World) -> None:
    trees.link(by=SYSTEM, unit=world.shop, party=world.branch, kind="own", share=1, starts_on=OPENED)
    actions.appoint(by=SYSTEM, person=world.zhou, post=world.secretary_post, starts_on=OPENED)
    fresh = User.objects.get(pk=world.leader.pk)
    assert can(fresh, Permission.ORGANIZATION_VIEW, world.shop)
    assert not can(fresh, Permission.ORGANIZATION_VIEW, world.other)
