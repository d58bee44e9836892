"""Affiliations proposed from serving posts: a list that a person confirms. Nothing here writes anything."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from rongtong.organization.models import Appointment, MemberKind, PartyKind, PartyOrganisation, Person
from rongtong.organization.queries import PARTY_POSTS
from rongtong.roster.models import Affiliation, Standing
from rongtong.trees.models import AFTER, LinkKind, Node, TreeLink, paths_above

MOST = 500
_PLACES = (PartyKind.BRANCH, PartyKind.GROUP, PartyKind.GENERAL_BRANCH)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody recorded as a member, without affiliation, who serves where the organisation is; and why it is proposed."""

    person: Person
    party: Node
    standing: str
    starts_on: date
    why: str


def proposals(node: Node, day: date) -> list[Proposal]:
    """For an organisation and the groups below it; the nearest linked organisation of the place where somebody works."""
    below = PartyOrganisation.objects.filter(node__path__gte=node.path, node__path__lt=node.path + AFTER, kind__in=_PLACES)
    parties = {row.pk: row.node for row in below.filter(node__closed_on__isnull=True).select_related("node")}
    if not parties:
        return []
    homes = _homes(day)
    rows = _serving(parties, homes, day)
    found: dict[int, Proposal] = {}
    for row in rows:
        party = _party_of(row, parties, homes)
        if party is not None and row.person_id not in found:
            found[row.person_id] = _proposal(row, party)
    return sorted(found.values(), key=lambda one: (one.person.pinyin, one.person.code))[:MOST]


def _homes(day: date) -> dict[str, list[int]]:
    """Path of each linked unit to its organisations: its own first, then joint ones; temporary ones take no affiliation."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = TreeLink.objects.on(day).exclude(kind=LinkKind.TEMPORARY).order_by("-kind", "pk")
    for path, party in rows.values_list("unit__path", "party_id"):
        found[path].append(party)
    return found


def _serving(parties: dict[int, Node], homes: dict[str, list[int]], day: date) -> Sequence[Appointment]:
    """Members without affiliation who serve in one of the organisations' posts, or in or below a unit linked to them."""
    paths = [path for path, keys in homes.items() if not parties.keys().isdisjoint(keys)]
    where = Q(post__node__in=list(parties), post__kind__in=PARTY_POSTS)
    for path in paths:
        where |= Q(post__node__path__gte=path, post__node__path__lt=path + AFTER)
    rows = Appointment.objects.on(day).filter(where, person__member_kind__in=[MemberKind.FORMAL, MemberKind.PROBATIONARY])
    rows = rows.exclude(person__in=Affiliation.objects.on(day).values("person"))
    return list(rows.select_related("person", "post__node").order_by("-post__node__tree", "starts_on", "pk")[: 4 * MOST])


def _party_of(row: Appointment, parties: dict[int, Node], homes: dict[str, list[int]]) -> Node | None:
    """The organisation of a post's place, if it is one of those wanted and the nearest that is linked."""
    place = row.post.node
    if not place.is_business:
        return parties.get(place.pk)
    for path in (place.path, *reversed(paths_above(place.path))):
        if path in homes:
            return next((parties[key] for key in homes[path] if key in parties), None)
    return None


def _proposal(row: Appointment, party: Node) -> Proposal:
    is_full = row.person.member_kind == MemberKind.FORMAL
    since = max(day for day in (row.starts_on, party.opened_on, row.person.joined_on) if day is not None)
    standing = Standing.FORMAL if is_full else Standing.PROBATIONARY
    return Proposal(row.person, party, standing, since, f"{row.post.node.name} · {row.post.name}")
