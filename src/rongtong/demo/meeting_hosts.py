"""Who holds meetings in the sample enterprise: each place with its leaders, members and character."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from rongtong.demo.story import Character, Story
from rongtong.demo.work import characters_of
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation, Person, Post, PostKind
from rongtong.roster import queries as roster
from rongtong.roster.queries import Member
from rongtong.trees.models import Node, TreeLink

PARTY_POSTS = (PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE)
UNIT_POSTS = (PostKind.HEAD, PostKind.DEPARTMENT_HEAD, PostKind.DEPUTY_HEAD)
_ORDINARY = Character(0.72, 0.70)


@dataclass(slots=True)
class Host:
    """A unit or organisation that holds meetings."""

    node: Node
    kind: str
    character: Character
    members: list[Member]
    headcount: int
    other: Node | None  # the unit of an organisation, the organisation of a unit
    seats: dict[str, list[tuple[date, date | None, Person]]] = field(default_factory=lambda: defaultdict(list))
    posts: dict[str, Post] = field(default_factory=dict)

    def serving(self, kinds: tuple[str, ...], day: date) -> list[tuple[str, Person]]:
        """(kind of post, person) of those who serve that day, in the order of the kinds."""
        return [
            (kind, person) for kind in kinds for starts, ends, person in self.seats[kind] if starts <= day and (ends is None or day < ends)
        ]

    @property
    def leading(self) -> tuple[str, ...]:
        return UNIT_POSTS if self.node.is_business else PARTY_POSTS


def hosts_of(story: Story, day: date) -> list[Host]:
    """Every unit and organisation, in the order of the trees."""
    nodes = {node.pk: node for node in Node.objects.order_by("path")}
    kinds = {**dict(PartyOrganisation.objects.values_list("node_id", "kind")), **dict(BusinessUnit.objects.values_list("node_id", "kind"))}
    heads = dict(BusinessUnit.objects.values_list("node_id", "headcount"))
    members = roster.members_of([node for node in nodes.values() if not node.is_business], day)
    characters, linked = characters_of(story), _linked()
    found = {
        pk: Host(
            node, kinds[pk], characters.get(pk, _ORDINARY), members.get(pk, []), heads.get(pk) or 0, nodes.get(linked.get(pk, 0))
        )
        for pk, node in nodes.items()
        if pk in kinds
    }  # fmt: skip
    rows = Appointment.objects.filter(post__kind__in=(*PARTY_POSTS, *UNIT_POSTS)).select_related("person", "post").order_by("pk")
    for row in rows:
        host = found[row.post.node_id]
        host.seats[row.post.kind].append((row.starts_on, row.ends_on, row.person))
        host.posts.setdefault(row.post.kind, row.post)
    return list(found.values())


def _linked() -> dict[int, int]:
    found: dict[int, int] = {}
    for unit, party in TreeLink.objects.exclude(kind="covers").order_by("-share", "pk").values_list("unit_id", "party_id"):
        found.setdefault(unit, party)
        found.setdefault(party, unit)
    return found
