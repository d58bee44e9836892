"""A list is approved by two persons and never changed afterwards; its next version takes its place; the role of an organisation is dated."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from tests.town import fresh
from tests.unit.decisions.conftest import OTHER, Court

from rongtong.decisions import list_actions, queries
from rongtong.decisions.list_actions import ItemText, RoleText
from rongtong.decisions.models import Limit, ListItem, MatterList, Review, RoleRow
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen

DECEMBER = date(2026, 12, 1)
TEXT = ItemText("funds", "pre_study", "对外借款", "board")


def next_version(court: Court) -> MatterList:
    return list_actions.draft_list(by=fresh(court.guo), node=court.committee, title="下一版", starts_on=DECEMBER)


def test_the_shipped_template_becomes_a_list(court: Court) -> None:
    template = list_actions.template()["item"]
    assert court.list.items.count() == len(template)
    assert Limit.objects.filter(item__list=court.list).count() == sum(len(row.get("limit", [])) for row in template)
    assert {item.category for item in court.list.items.all()} == {"decision", "personnel", "project", "funds"}
    assert queries.list_on(court.committee, date(2026, 6, 1)) == court.list
    assert queries.list_on(court.committee, date(2025, 12, 31)) is None


def test_two_persons_approve_and_the_version_before_ends(court: Court) -> None:
    made, guo = next_version(court), fresh(court.guo)
    assert (made.number, made.items.count()) == (2, court.list.items.count())
    list_actions.approve_list(by=guo, found=made)
    with pytest.raises(NotAllowed, match="approved_first"):
        list_actions.approve_list(by=guo, found=made)
    list_actions.approve_list(by=fresh(court.town.office), found=made)
    old = MatterList.objects.get(pk=court.list.pk)
    assert (old.ends_on, queries.list_on(court.committee, DECEMBER)) == (DECEMBER, MatterList.objects.get(pk=made.pk))
    with pytest.raises(Conflict, match="approved"):
        list_actions.put_item(by=guo, found=made, text=TEXT)


def test_a_change_asks_the_first_approval_again(court: Court) -> None:
    made = next_version(court)
    list_actions.approve_list(by=fresh(court.guo), found=made)
    item = list_actions.put_item(by=SYSTEM, found=made, text=TEXT)
    assert MatterList.objects.get(pk=made.pk).first_by == ""
    list_actions.put_limit(by=SYSTEM, item=item, metric="amount", operator="above", value=100, body="owners")
    with pytest.raises(Conflict, match="stands already"):
        list_actions.put_limit(by=SYSTEM, item=item, metric="amount", operator="above", value=100, body="board")
    changed = list_actions.put_item(by=SYSTEM, found=made, text=ItemText("funds", "pre_study", "对外借款与担保", "owners"), item=item)
    assert (changed.pk, changed.body) == (item.pk, "owners")
    list_actions.drop_limit(by=SYSTEM, limit=Limit.objects.get(item=item))
    list_actions.drop_item(by=SYSTEM, found=made, item=item)
    assert not ListItem.objects.filter(pk=item.pk).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"category": "wish"}, "not known"), ({"treatment": "wish"}, "not known"), ({"body": "king"}, "not known"), ({"title": " "}, "empty"),
        ({"body": "committee"}, "its own matters"), ({"treatment": "own"}, "its own matters"),
    ],
)  # fmt: skip
def test_bad_items_are_refused(court: Court, changes: dict[str, Any], sentence: str) -> None:
    made = next_version(court)
    given = {"category": "funds", "treatment": "pre_study", "title": "x", "body": "board"} | changes
    count = made.items.count()
    with pytest.raises(Refused, match=sentence):
        list_actions.put_item(by=SYSTEM, found=made, text=ItemText(**given))
    assert made.items.count() == count


def test_a_later_version_is_not_backdated(court: Court) -> None:
    made = next_version(court)
    list_actions.change_list(by=SYSTEM, found=made, title="下一版", starts_on=date(2026, 11, 1), net_assets_fen=None)
    list_actions.approve_list(by=SYSTEM, found=made)
    with pytest.raises(Refused, match="before today"):
        list_actions.approve_list(by=OTHER, found=made)
    with pytest.raises(Refused, match="above zero"):
        list_actions.change_list(by=SYSTEM, found=made, title="x", starts_on=DECEMBER, net_assets_fen=0)


def test_drafts_one_at_a_time_and_given_up(court: Court) -> None:
    made = next_version(court)
    with pytest.raises(Conflict, match="draft already"):
        next_version(court)
    list_actions.drop_draft(by=fresh(court.guo), found=made)
    assert MatterList.objects.count() == 1
    with pytest.raises(Refused, match="Party organisation"):
        list_actions.draft_list(by=SYSTEM, node=court.town.group, title="x", starts_on=DECEMBER)
    with pytest.raises(Unseen):
        list_actions.draft_list(by=fresh(court.town.stranger), node=court.committee, title="x", starts_on=DECEMBER)


@pytest.mark.django_db
def test_the_database_refuses_to_change_an_approved_list(court: Court) -> None:
    item, limit = court.list.items.all()[0], Limit.objects.filter(item__list=court.list)[0]
    for change in (
        lambda: ListItem.objects.filter(pk=item.pk).update(title="改"),
        lambda: Limit.objects.filter(pk=limit.pk).update(value=1),
        lambda: Limit.objects.filter(pk=limit.pk).delete(),
        lambda: Limit.objects.create(item=item, metric="amount", operator="above", value=1, body="board"),
        lambda: ListItem.objects.create(list=court.list, position=99, category="funds", treatment="pre_study", title="x", body="board"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_database_asks_two_persons_and_never_two_lists_at_once(court: Court) -> None:
    made = next_version(court)
    with pytest.raises(IntegrityError), transaction.atomic():
        MatterList.objects.filter(pk=made.pk).update(first_by="a", first_on=DECEMBER, second_by="a", approved_on=DECEMBER)
    with pytest.raises(DatabaseError), transaction.atomic():
        MatterList.objects.filter(pk=made.pk).update(first_by="a", first_on=DECEMBER, second_by="b", approved_on=DECEMBER)


def test_the_yearly_review(court: Court) -> None:
    with pytest.raises(Refused, match="no reason"):
        list_actions.review_list(by=fresh(court.guo), found=court.list, keeps=False)
    made = list_actions.review_list(by=fresh(court.guo), found=court.list, keeps=True)
    assert queries.reviewed_on([court.list.pk]) == {court.list.pk: made.on}
    with pytest.raises(Conflict, match="draft"):
        list_actions.review_list(by=SYSTEM, found=next_version(court), keeps=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Review.objects.update(note="改")


def test_roles_are_dated_with_their_reason(court: Court) -> None:
    branch, today = court.town.branch, clock.today()
    assert (queries.role_at(branch, today).role, queries.role_at(court.committee, today).role) == ("participate", "pre_study")
    with pytest.raises(Refused, match="empty"):
        list_actions.set_role(by=fresh(court.town.office), node=branch, text=RoleText(is_delegated=True), on=date(2026, 6, 1))
    list_actions.set_role(
        by=fresh(court.town.office), node=branch, text=RoleText(is_delegated=True, reason="集团授权"), on=date(2026, 6, 1)
    )
    assert queries.role_at(branch, date(2026, 5, 31)).role == "participate"
    held = queries.role_at(branch, date(2026, 6, 1))
    assert (held.role, held.default.reason) == ("collective_gate", "delegated")
    with pytest.raises(Refused, match="stands already"):
        list_actions.set_role(by=SYSTEM, node=branch, text=RoleText("none", reason="x"), on=date(2026, 6, 1))
    list_actions.set_role(by=SYSTEM, node=branch, text=RoleText("none", reason="撤回授权"), on=date(2026, 9, 1))
    assert [queries.role_at(branch, day).role for day in (date(2026, 8, 31), date(2026, 9, 1))] == ["collective_gate", "none"]
    with pytest.raises(DatabaseError), transaction.atomic():
        RoleRow.objects.create(node=branch, role="none", reason="x", starts_on=date(2026, 7, 1), set_by="x", set_label="x")
    with pytest.raises(NotAllowed):
        list_actions.set_role(by=fresh(court.town.li), node=branch, text=RoleText("none", reason="x"), on=DECEMBER)


def test_a_first_list_may_hold_from_an_earlier_day(court: Court) -> None:
    with clock.frozen(datetime(2026, 11, 23, 9, 0)):
        made = list_actions.draft_list(by=SYSTEM, node=court.town.branch, title="支部清单", starts_on=date(2026, 1, 1))
        list_actions.approve_list(by=SYSTEM, found=made)
        done = list_actions.approve_list(by=OTHER, found=made)
    assert (done.number, done.approved_on) == (1, date(2026, 11, 23))
