"""Questions to the organisation. Lists that people see take the actor and are scoped."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from rongtong.access.queries import nodes_of, scoped
from rongtong.access.roles import Permission
from rongtong.organization.models import (
    Appointment,
    BusinessUnit,
    MemberKind,
    PartyOrganisation,
    Person,
    Post,
    PostKind,
    UnitClassAssignment,
    UnitKind,
)
from rongtong.trees.models import LinkKind, Node, Tree, TreeLink

PARTY_POSTS = (PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE)
BUSINESS_POSTS = (PostKind.HEAD, PostKind.DEPUTY_HEAD, PostKind.DEPARTMENT_HEAD)
BODY_NEEDED_FROM = 3  # used only when no rule row says otherwise; see rules ORG-01


def units(actor: Any) -> QuerySet[BusinessUnit]:
    return scoped(BusinessUnit.objects.select_related("node").order_by("node__path"), actor, "node")


def parties(actor: Any) -> QuerySet[PartyOrganisation]:
    return scoped(PartyOrganisation.objects.select_related("node").order_by("node__path"), actor, "node")


def persons(actor: Any) -> QuerySet[Person]:
    """Persons who hold, or held, a post in the actor's area."""
    posts = scoped(Post.objects.all(), actor, "node", permission=Permission.PERSON_VIEW)
    held = Appointment.objects.filter(person=OuterRef("pk"), post__in=posts.order_by().values("pk"))
    return Person.objects.filter(Exists(held)).order_by("code")


def posts(actor: Any) -> QuerySet[Post]:
    return scoped(Post.objects.select_related("node").order_by("pk"), actor, "node")


def serving(post_ids: Iterable[int], day: date) -> dict[int, list[Appointment]]:
    """Post to those who serve in it that day, formal before acting."""
    found: dict[int, list[Appointment]] = defaultdict(list)
    rows = Appointment.objects.on(day).filter(post_id__in=list(post_ids)).select_related("person").order_by("-kind", "starts_on")
    for row in rows:
        found[row.post_id].append(row)
    return found


def holders(node: Node, kinds: Sequence[str], day: date) -> list[Appointment]:
    """Who serves in posts of these kinds at a node."""
    rows = Appointment.objects.on(day).filter(post__node=node, post__kind__in=list(kinds))
    return list(rows.select_related("person", "post").order_by("post__kind", "post__code"))


def class_of(node_ids: Iterable[int], day: date) -> dict[int, str]:
    """Unit to the code of its class on a day; units without a class are absent."""
    rows = UnitClassAssignment.objects.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    wanted = list(node_ids)
    rows = rows.filter(unit_id__in=wanted) if len(wanted) < 1000 else rows
    return dict(rows.order_by("unit_id").values_list("unit_id", "unit_class__code"))


def dual_roles(actor: Any, day: date) -> list[tuple[Person, list[Appointment]]]:
    """一肩挑: persons who are secretary of an organisation and head of a unit linked to it. Never a fault by itself."""
    rows = Appointment.objects.on(day).filter(post__kind__in=[PostKind.SECRETARY, PostKind.HEAD, PostKind.DEPARTMENT_HEAD])
    seen = scoped(rows, actor, "post__node", permission=Permission.PERSON_VIEW)
    found_rows = seen.select_related("person", "post__node").order_by("person_id", "pk")
    by_person: dict[int, list[Appointment]] = defaultdict(list)
    for row in found_rows:
        by_person[row.person_id].append(row)
    links = set(TreeLink.objects.on(day).values_list("unit_id", "party_id"))
    return [(found[0].person, found) for found in by_person.values() if _is_dual(found, links)]


def _is_dual(found: list[Appointment], links: set[tuple[int, int]]) -> bool:
    parties_led = [row.post.node_id for row in found if row.post.kind == PostKind.SECRETARY]
    units_led = [row.post.node_id for row in found if row.post.kind != PostKind.SECRETARY]
    return any((unit, party) in links for unit in units_led for party in parties_led)


def cross_appointed(actor: Any, day: date) -> QuerySet[Person]:
    """交叉任职: persons who hold Party and business posts at once."""
    rows = Appointment.objects.on(day).filter(person=OuterRef("pk"))
    return persons(actor).filter(Exists(rows.filter(post__kind__in=PARTY_POSTS)), Exists(rows.filter(post__kind__in=BUSINESS_POSTS)))


def vacancies(actor: Any, day: date) -> QuerySet[Post]:
    """Open leading posts in which nobody serves."""
    filled = Appointment.objects.on(day).filter(post=OuterRef("pk"))
    open_posts = posts(actor).filter(opened_on__lte=day).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))
    return open_posts.exclude(kind=PostKind.STAFF).filter(~Exists(filled))


def formal_members_at(day: date) -> dict[int, int]:
    """Unit to the number of full members who serve in its posts."""
    rows = Appointment.objects.on(day).filter(person__member_kind=MemberKind.FORMAL, post__node__tree=Tree.BUSINESS)
    found: dict[int, set[int]] = defaultdict(set)
    for node, person in rows.order_by().values_list("post__node_id", "person_id"):
        found[node].add(person)
    return {node: len(people) for node, people in found.items()}


def uncovered_units(actor: Any, day: date, *, at_least: int = BODY_NEEDED_FROM) -> list[Node]:
    """应建未建: units with so many full members and no Party organisation of their own or joint."""
    linked = set(TreeLink.objects.on(day).exclude(kind=LinkKind.COVERS).values_list("unit_id", flat=True))
    enough = [node for node, count in formal_members_at(day).items() if count >= at_least and node not in linked]
    return list(nodes_of(actor).open_on(day).filter(pk__in=enough, unit__isnull=False).exclude(unit__kind=UnitKind.TEAM))


def teams_without_member(actor: Any, day: date) -> list[Node]:
    """空白班组: teams in which no Party member serves."""
    member_kinds = [MemberKind.FORMAL, MemberKind.PROBATIONARY]
    rows = Appointment.objects.on(day).filter(person__member_kind__in=member_kinds, post__node=OuterRef("pk"))
    return list(nodes_of(actor).open_on(day).filter(unit__kind=UnitKind.TEAM).filter(~Exists(rows)))


def links_of(node: Node, day: date) -> list[TreeLink]:
    """Links of a node to the other tree on a day."""
    field = "unit" if node.is_business else "party"
    return list(TreeLink.objects.on(day).filter(**{field: node}).select_related("unit", "party").order_by("kind", "pk"))


def person_nodes(person: Person, day: date) -> set[int]:
    return set(Appointment.objects.on(day).filter(person=person).values_list("post__node_id", flat=True))
