"""Talks: pairs and dates only; what is expected follows from the roster and the committee's posts."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from tests.town import OPENED, fresh
from tests.unit.meetings.conftest import Hall

from rongtong.audit.models import Entry
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.meetings import talk_actions as acts
from rongtong.meetings.models import Talk, TalkPair
from rongtong.meetings.talks import Coverage, talk_coverage
from rongtong.organization.models import Person
from rongtong.roster.models import Affiliation
from rongtong.trees.models import Node

DAY = date(2026, 11, 20)


def talked(hall: Hall, first: str, second: str, on: date = DAY) -> Talk:
    return acts.record_talk(by=fresh(hall.town.zhou), node=hall.town.branch, first=hall.people[first], second=hall.people[second], on=on)


def coverage(hall: Hall, year: int = 2026) -> Coverage:
    return talk_coverage([hall.town.branch], year)[hall.town.branch.pk]


def test_expected_pairs_of_a_branch(hall: Hall) -> None:
    """zhou and li are the committee, wang and sun the others."""
    found = coverage(hall)
    assert found.expected == {"committee_committee": 1, "committee_member": 2, "member_member": 2}
    assert (found.missing, found.is_complete) == (5, False)


def test_a_year_becomes_complete(hall: Hall) -> None:
    for pair in (("zhou", "li"), ("li", "sun"), ("wang", "zhou"), ("wang", "sun")):
        assert not coverage(hall).is_complete
        talked(hall, *pair)
    found = coverage(hall)
    assert found.covered == found.expected
    assert found.is_complete
    assert coverage(hall, 2025).missing == 5  # another year


def test_more_talks_change_nothing(hall: Hall) -> None:
    """No figure rises with more of the same."""
    talked(hall, "zhou", "sun")
    before = coverage(hall).covered
    talked(hall, "li", "sun", date(2026, 11, 21))
    talked(hall, "zhou", "sun", date(2026, 11, 22))
    assert coverage(hall).covered == before


def test_the_pair_follows_from_the_posts(hall: Hall) -> None:
    assert talked(hall, "li", "zhou").pair == TalkPair.COMMITTEE_COMMITTEE
    assert talked(hall, "sun", "zhou").pair == TalkPair.COMMITTEE_MEMBER
    assert talked(hall, "sun", "wang").pair == TalkPair.MEMBER_MEMBER
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.kind, entry.object_kind) == ("talks.record", "talk")


def test_without_members_it_is_not_known(hall: Hall) -> None:
    Affiliation.objects.all().delete()
    found = coverage(hall)
    assert (found.is_known, found.is_complete, found.expected) == (False, False, {})


def test_a_single_other_member_has_nobody_to_talk_with(hall: Hall) -> None:
    Affiliation.objects.filter(person=hall.people["wang"]).delete()
    assert coverage(hall).expected["member_member"] == 0


def test_what_is_refused(hall: Hall) -> None:
    talked(hall, "zhou", "li")
    for first, second, on, code in (
        ("zhou", "zhou", DAY, "same"), ("zhou", "li", DAY, "twice"), ("li", "zhou", DAY, "twice"), ("zhou", "chen", DAY, "strange"),
        ("zhou", "sun", date(2026, 11, 24), "future"), ("zhou", "sun", date(2019, 1, 1), "strange"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            talked(hall, first, second, on)
        assert refused.value.code == code
    assert Talk.objects.count() == 1


def test_one_may_record_ones_own_and_nobody_elses(hall: Hall) -> None:
    people, node = hall.people, hall.town.branch
    with pytest.raises(Unseen):
        acts.record_talk(by=fresh(hall.town.stranger), node=node, first=people["zhou"], second=people["li"], on=DAY)
    from rongtong.access.models import Grant, Source

    Grant.objects.create(user=hall.town.wang, role="leader", node=node, reach="node", source=Source.DERIVED, starts_on=OPENED)
    acts.record_talk(by=fresh(hall.town.wang), node=node, first=people["wang"], second=people["li"], on=DAY)
    with pytest.raises(NotAllowed):
        acts.record_talk(by=fresh(hall.town.wang), node=node, first=people["zhou"], second=people["li"], on=DAY)


def test_a_mistake_is_taken_back_and_can_be_entered_again(hall: Hall) -> None:
    talk = talked(hall, "zhou", "li")
    acts.void_talk(by=fresh(hall.town.zhou), talk=talk)
    assert coverage(hall).covered["committee_committee"] == 0
    with pytest.raises(Conflict):
        acts.void_talk(by=fresh(hall.town.zhou), talk=talk)
    talked(hall, "zhou", "li")
    assert coverage(hall).covered["committee_committee"] == 1


def test_no_field_holds_what_was_said(hall: Hall) -> None:
    names = {field.name for field in Talk._meta.get_fields()}
    assert names == {"id", "node", "pair", "first", "second", "on", "is_voided", "recorded_by"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Talk.objects.create(
            node=hall.town.branch, pair="member_member", first=hall.people["li"], second=hall.people["li"], on=DAY, recorded_by="x"
        )


def test_many_branches_cost_a_fixed_number_of_questions(hall: Hall, django_assert_max_num_queries: object) -> None:
    nodes = [hall.town.branch]
    for at in range(12):
        node = Node.objects.create(tree="P", path=f"P0010{at:x}", code=f"PX{at}", name=f"支部{at}", opened_on=OPENED)
        person = Person.objects.create(code=f"E-x{at}", name=f"x{at}", member_kind="formal")
        Affiliation.objects.create(person=person, party=node, standing="formal", starts_on=OPENED)
        nodes.append(node)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        found = talk_coverage(nodes, 2026)
    assert len(found) == 13
    assert found[nodes[1].pk].is_complete  # one member, nobody to talk with
