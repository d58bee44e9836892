"""Who belongs to an organisation on a day, who of them should attend and may vote, and what official systems say instead."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from rongtong.organization.models import Person
from rongtong.roster.models import Affiliation, Exclusion, Standing, Suspension
from rongtong.trees.models import AFTER, SEGMENT, Node


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an organisation on a day. `votes` is false for probationary members, suspended rights and approved exclusions."""

    person: Person
    party_id: int
    standing: str
    is_excluded: bool = False
    is_suspended: bool = False

    @property
    def votes(self) -> bool:
        return self.standing == Standing.FORMAL and not self.is_suspended and not self.is_excluded

    @property
    def why_not(self) -> str:
        """Why the member does not vote; empty, if it does. Of a suspension only that there is one."""
        if self.standing == Standing.PROBATIONARY:
            return str(Standing.PROBATIONARY.label)
        if self.is_suspended:
            return _("right to vote suspended")
        return _("left out with approval") if self.is_excluded else ""


def members(node: Node, day: date) -> list[Member]:
    """Members of a branch with its groups, or of a group, on a day, by name. Empty where no affiliation is known: nothing is guessed."""
    return members_of([node], day).get(node.pk, [])


def members_of(nodes: Iterable[Node], day: date) -> dict[int, list[Member]]:
    """Node to its members and those of the groups below it; four questions for any number of nodes."""
    by_path = {node.path: node.pk for node in nodes}
    if not by_path:
        return {}
    rows = Affiliation.objects.on(day).select_related("person", "party").order_by("person__pinyin", "person__code")
    rows = rows.filter(party__path__gte=min(by_path), party__path__lt=max(by_path) + AFTER)  # a page of a tree lies close together
    people = [row.person_id for row in rows] if len(by_path) == 1 else None
    excluded = set(_among(Exclusion.objects.on(day), people).values_list("person_id", "party_id"))
    suspended = set(_among(Suspension.objects.on(day), people).values_list("person_id", flat=True))
    found: dict[int, list[Member]] = defaultdict(list)
    for row in rows:
        for at in _own_and_above(row.party, by_path):
            is_excluded = (row.person_id, row.party_id) in excluded or (row.person_id, at) in excluded
            found[at].append(Member(row.person, row.party_id, row.standing, is_excluded, row.person_id in suspended))
    return found


def voters(node: Node, day: date) -> list[Member]:
    """Those who should attend with the right to vote: full members without suspension or approved exclusion."""
    return [member for member in members(node, day) if member.votes]


def should_attend(node: Node, day: date) -> list[Member]:
    """Everyone who is asked to come: members, probationary ones too, without approved exclusions."""
    return [member for member in members(node, day) if not member.is_excluded]


def is_known(node: Node, day: date) -> bool:
    """Whether any member of the organisation is on record that day. Without one its meetings have no "should attend"."""
    return Affiliation.objects.on(day).filter(party__path__gte=node.path, party__path__lt=node.path + AFTER).exists()


def affiliation_of(person: Person, day: date) -> Affiliation | None:
    """Where a person belongs on a day."""
    return Affiliation.objects.on(day).filter(person=person).select_related("party").first()


def suspended_among(people: Iterable[int], day: date) -> set[int]:
    """Those of the people whose right to vote is suspended on a day."""
    return set(Suspension.objects.on(day).filter(person_id__in=list(people)).values_list("person_id", flat=True))


def _among(rows: QuerySet[Any], people: list[int] | None) -> QuerySet[Any]:
    return rows if people is None else rows.filter(person_id__in=people)


def _own_and_above(party: Node, by_path: dict[str, int]) -> list[int]:
    """The wanted nodes whose member this is: its own organisation and those above it."""
    return [by_path[party.path[:end]] for end in range(len(party.path), 1, -SEGMENT) if party.path[:end] in by_path]
