"""Grants: two people, three separate administrators, dates, and what a grant reaches in the other tree."""

from datetime import date, timedelta

import pytest

from rongtong.access import actions, policies, queries
from rongtong.access.models import Grant, Reach, Source
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.audit.models import Entry
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.trees.models import Node, TreeLink

pytestmark = pytest.mark.django_db
DAY = date(2024, 1, 1)


def account(name: str) -> User:
    return User.objects.create_user(username=name, password="long-enough-Passw0rd")


def node(tree: str, path: str, parent: Node | None = None) -> Node:
    return Node.objects.create(tree=tree, path=path, parent=parent, depth=(len(path) - 6) // 5, code=path, name=path, opened_on=DAY)


@pytest.fixture
def administrators() -> dict[str, User]:
    people = {}
    for role in ("admin_system", "admin_security", "admin_audit"):
        people[role] = account(role)
        Grant.objects.create(user=people[role], role=role, source=Source.DERIVED, starts_on=DAY)
    return people


def given(by: User, user: User, at: Node | None, **more: object) -> Grant:
    return actions.request_grant(by=by, user=user, role="inspector", node=at, **more)  # type: ignore[arg-type]


def test_a_grant_has_no_force_before_a_second_person(administrators: dict[str, User]) -> None:
    plant, user = node("B", "B00001"), account("li")
    grant = given(administrators["admin_system"], user, plant)
    assert not policies.can(user, Permission.PERSON_VIEW, plant)
    with pytest.raises(NotAllowed):
        actions.approve_grant(by=administrators["admin_system"], grant=grant)
    actions.approve_grant(by=administrators["admin_security"], grant=grant)
    assert policies.can(User.objects.get(pk=user.pk), Permission.PERSON_VIEW, plant)
    assert Entry.objects.filter(kind="access.approve_grant").count() == 1
    actions.end_grant(by=administrators["admin_security"], grant=grant)
    assert not policies.can(User.objects.get(pk=user.pk), Permission.PERSON_VIEW, plant)


def test_whoever_asks_cannot_approve_even_with_both_rights() -> None:
    plant, user = node("B", "B00001"), account("li")
    grant = Grant.objects.create(user=user, role="member", node=plant, source=Source.EXPLICIT, starts_on=DAY, requested_by="same")
    both = account("both")
    Grant.objects.create(user=both, role="admin_security", source=Source.DERIVED, starts_on=DAY)
    Grant.objects.filter(pk=grant.pk).update(requested_by=str(both.uid))
    grant.refresh_from_db()
    with pytest.raises(Refused) as refusal:
        actions.approve_grant(by=both, grant=grant)
    assert refusal.value.code == "two_persons"


@pytest.mark.parametrize(("held", "asked"), [("admin_system", "admin_audit"), ("admin_audit", "member"), ("member", "admin_security")])
def test_no_account_joins_what_must_stay_apart(administrators: dict[str, User], held: str, asked: str) -> None:
    user = administrators.get(held) or account("wang")
    if held == "member":
        Grant.objects.create(user=user, role="member", source=Source.DERIVED, starts_on=DAY)
    with pytest.raises(Refused) as refusal:
        actions.request_grant(by=SYSTEM, user=user, role=asked, node=None)
    assert refusal.value.code == "separation"
    assert Grant.objects.filter(user=user).count() == 1


def test_a_stand_in_ends_by_itself(administrators: dict[str, User]) -> None:
    plant, user, today = node("B", "B00001"), account("li"), clock.today()
    with pytest.raises(Refused):
        given(administrators["admin_system"], user, plant, source=Source.STAND_IN)
    grant = given(administrators["admin_system"], user, plant, source=Source.STAND_IN, ends_on=today + timedelta(days=3))
    actions.approve_grant(by=administrators["admin_security"], grant=grant)
    in_force = Grant.objects.filter(user=user)
    assert [in_force.on(today + timedelta(days=n)).count() for n in (-1, 0, 2, 3)] == [0, 1, 1, 0]


@pytest.mark.parametrize(("reach", "is_linked", "seen"), [
    (Reach.NODE, False, {"B00001"}), (Reach.SUBTREE, False, {"B00001", "B0000100002"}),
    (Reach.NODE, True, {"B00001", "P00001"}), (Reach.SUBTREE, True, {"B00001", "B0000100002", "P00001", "P0000100002"}),
])  # fmt: skip
def test_a_grant_reaches_what_it_says(reach: str, is_linked: bool, seen: set[str]) -> None:
    plant, party = node("B", "B00001"), node("P", "P00001")
    shop, branch = node("B", "B0000100002", plant), node("P", "P0000100002", party)
    node("B", "B00009")
    for unit, organisation in ((plant, party), (shop, branch)):
        TreeLink.objects.create(unit=unit, party=organisation, kind="own", starts_on=DAY)
    TreeLink.objects.create(unit=shop, party=node("P", "P00008"), kind="own", starts_on=DAY, ends_on=date(2025, 1, 1))
    user = account("li")
    Grant.objects.create(user=user, role="member", node=plant, reach=reach, is_linked=is_linked, source=Source.DERIVED, starts_on=DAY)
    assert set(queries.nodes_of(user).values_list("code", flat=True)) == seen


def test_unseen_is_not_found_and_unwritable_is_forbidden() -> None:
    plant, foreign, user = node("B", "B00001"), node("B", "B00002"), account("li")
    Grant.objects.create(user=user, role="member", node=plant, source=Source.DERIVED, starts_on=DAY)
    with pytest.raises(Unseen):
        policies.require(user, Permission.ORGANIZATION_EDIT, foreign)
    with pytest.raises(NotAllowed):
        policies.require(user, Permission.ORGANIZATION_EDIT, plant)
