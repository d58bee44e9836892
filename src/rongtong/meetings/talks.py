"""谈心谈话: which pairs of a branch have talked in a year, and which have not yet. Counts and dates; nothing of what was said exists.

Expected (DOMAIN 2.1): each pair of committee members; each other member with some committee member; each other member with another.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.meetings.models import Talk, TalkPair
from rongtong.organization.models import Appointment, Person
from rongtong.organization.queries import PARTY_POSTS
from rongtong.roster import queries as roster
from rongtong.trees.models import Node


@dataclass(frozen=True, slots=True)
class People:
    """Of a branch on a day: its committee, and its other members by name."""

    committee: tuple[Person, ...] = ()
    others: tuple[Person, ...] = ()
    is_known: bool = False

    def pair_of(self, one: int, other: int) -> str:
        """Which pair two people make."""
        inside = {person.pk for person in self.committee}
        both = (one in inside) + (other in inside)
        return (TalkPair.MEMBER_MEMBER, TalkPair.COMMITTEE_MEMBER, TalkPair.COMMITTEE_COMMITTEE)[both]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Per pair type: how many are expected and how many talked. Without known members: not enough data, never 0."""

    is_known: bool
    expected: dict[str, int] = field(default_factory=dict)
    covered: dict[str, int] = field(default_factory=dict)
    last: dict[tuple[int, int], date] = field(default_factory=dict)  # lower and higher key of the pair to its last day
    with_committee: dict[int, date] = field(default_factory=dict)
    with_member: dict[int, date] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        return sum(self.expected.values()) - sum(self.covered.values())

    @property
    def is_complete(self) -> bool:
        return self.is_known and self.missing == 0


def people_of(nodes: Iterable[Node], day: date) -> dict[int, People]:
    """Committee and other members of each branch on a day; one question for the posts, four for the roster."""
    wanted = list(nodes)
    committee: dict[int, dict[int, Person]] = defaultdict(dict)
    rows = Appointment.objects.on(day).filter(post__node__in=wanted, post__kind__in=PARTY_POSTS)
    for row in rows.select_related("person", "post").order_by("post__code", "pk"):
        committee[row.post.node_id][row.person_id] = row.person
    members = roster.members_of(wanted, day)
    found = {}
    for node in wanted:
        inside = committee[node.pk]
        others = tuple(one.person for one in members.get(node.pk, []) if one.person.pk not in inside)
        found[node.pk] = People(tuple(inside.values()), others, bool(members.get(node.pk)))
    return found


def talks_in(nodes: Iterable[Node], year: int) -> QuerySet[Talk]:
    rows = Talk.objects.filter(node__in=list(nodes), on__gte=date(year, 1, 1), on__lt=date(year + 1, 1, 1), is_voided=False)
    return rows.order_by("on", "pk")


def day_for(year: int) -> date:
    """Whose pairs are expected: those of today, or of the last day of a year that is over."""
    return min(clock.today(), date(year, 12, 31))


def talk_coverage(
    nodes: Iterable[Node], year: int, people: dict[int, People] | None = None, *, day: date | None = None
) -> dict[int, Coverage]:
    """Branch to its coverage in a year (OL-10), for any number of branches at the cost of six questions; of one, if who belongs is known."""
    wanted = list(nodes)
    by_node: dict[int, list[tuple[int, int, date]]] = defaultdict(list)
    for node, first, second, on in talks_in(wanted, year).values_list("node_id", "first_id", "second_id", "on"):
        by_node[node].append((first, second, on))
    people = people_of(wanted, day or day_for(year)) if people is None else people
    return {node.pk: _coverage(people[node.pk], by_node[node.pk]) for node in wanted}


def _coverage(people: People, talks: list[tuple[int, int, date]]) -> Coverage:
    if not people.is_known:
        return Coverage(is_known=False)
    inside, others = {one.pk for one in people.committee}, {one.pk for one in people.others}
    last: dict[tuple[int, int], date] = {}
    with_committee: dict[int, date] = {}
    with_member: dict[int, date] = {}
    for first, second, on in talks:
        last[min(first, second), max(first, second)] = on
        for one, other in ((first, second), (second, first)):
            if one in others and other in inside:
                with_committee[one] = on
            elif one in others and other in others:
                with_member[one] = on
    pairs = sum(1 for one, other in last if one in inside and other in inside)
    size, rest = len(inside), len(others)
    expected = {
        TalkPair.COMMITTEE_COMMITTEE.value: size * (size - 1) // 2,
        TalkPair.COMMITTEE_MEMBER.value: rest if size else 0,
        TalkPair.MEMBER_MEMBER.value: rest if rest > 1 else 0,
    }
    covered = {
        TalkPair.COMMITTEE_COMMITTEE.value: pairs,
        TalkPair.COMMITTEE_MEMBER.value: len(with_committee),
        TalkPair.MEMBER_MEMBER.value: len(with_member),
    }
    return Coverage(True, expected, covered, last, with_committee, with_member)


def talks(actor: Any) -> QuerySet[Talk]:
    """Talks at branches where the actor may see both meetings and people."""
    rows = Talk.objects.select_related("node", "first", "second").order_by("-on", "-pk")
    return scoped(scoped(rows, actor, "node", permission=Permission.MEETING_VIEW), actor, "node", permission=Permission.PERSON_VIEW)
