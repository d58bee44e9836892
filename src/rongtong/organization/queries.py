"""Questions to the organisation. Lists that people see take the actor and are scoped."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language

from rongtong.access.queries import area_of, nodes_of, scoped
from rongtong.access.roles import Permission
from rongtong.organization import thresholds
from rongtong.organization.models import (
    Appointment,
    BusinessUnit,
    MemberKind,
    PartyOrganisation,
    Person,
    Post,
    PostKind,
    UnitClass,
    UnitClassAssignment,
    UnitKind,
)
from rongtong.trees.models import LinkKind, Node, NodeQuerySet, Tree, TreeLink

PARTY_POSTS = (PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE)
BUSINESS_POSTS = (PostKind.HEAD, PostKind.DEPUTY_HEAD, PostKind.DEPARTMENT_HEAD)
HEADS = (PostKind.HEAD, PostKind.DEPARTMENT_HEAD)
LEADING = (PostKind.SECRETARY, *HEADS)
MEMBERS = (MemberKind.FORMAL, MemberKind.PROBATIONARY)
FORM_RULE, BODY_KEY = "ORG-01", "body_needed_from"
FEW = 1000


def units(actor: Any) -> QuerySet[BusinessUnit]:
    return scoped(BusinessUnit.objects.select_related("node").order_by("node__path"), actor, "node")


def parties(actor: Any) -> QuerySet[PartyOrganisation]:
    return scoped(PartyOrganisation.objects.select_related("node").order_by("node__path"), actor, "node")


def persons(actor: Any) -> QuerySet[Person]:
    """Persons who hold, or held, a post where the actor may see people; everyone, for whoever sees people everywhere."""
    people = Person.objects.order_by("code")
    if area_of(actor, Permission.PERSON_VIEW).is_all:
        return people
    return people.filter(pk__in=appointments(actor).order_by().values("person_id"))


def find_persons(people: QuerySet[Person], text: str) -> QuerySet[Person]:
    """Those whose name, pinyin or initials hold the text, or whose code begins with it."""
    text = text.strip()
    if not text:
        return people
    latin = text.lower().replace(" ", "")
    return people.filter(Q(name__icontains=text) | Q(pinyin__contains=latin) | Q(code__istartswith=text))


def appointments(actor: Any) -> QuerySet[Appointment]:
    """Who served where, in the actor's area for people."""
    return scoped(Appointment.objects.all(), actor, "post__node", permission=Permission.PERSON_VIEW)


def held_by(actor: Any, people: Iterable[Person], day: date) -> dict[int, list[Appointment]]:
    """Person to the posts held on a day, as far as the actor sees people there."""
    rows = Appointment.objects.on(day).filter(person__in=[person.pk for person in people]).select_related("post__node")
    found: dict[int, list[Appointment]] = defaultdict(list)
    for row in scoped(rows.order_by("post__code", "pk"), actor, "post__node", permission=Permission.PERSON_VIEW):
        found[row.person_id].append(row)
    return dict(found)


def member_counts(actor: Any) -> dict[str, int]:
    """How many people the actor may see, and how many of them are Party members."""
    found = persons(actor).order_by().aggregate(all=Count("pk"), members=Count("pk", filter=Q(member_kind__in=MEMBERS)))
    return {name: int(count) for name, count in found.items()}


def posts(actor: Any) -> QuerySet[Post]:
    return scoped(Post.objects.select_related("node").order_by("pk"), actor, "node")


def open_posts(actor: Any, day: date) -> QuerySet[Post]:
    return posts(actor).filter(opened_on__lte=day).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day))


def serving(post_ids: Iterable[int], day: date) -> dict[int, list[Appointment]]:
    """Post to those who serve in it that day, formal before acting."""
    found: dict[int, list[Appointment]] = defaultdict(list)
    rows = Appointment.objects.on(day).filter(post_id__in=list(post_ids)).select_related("person").order_by("-kind", "starts_on", "pk")
    for row in rows:
        found[row.post_id].append(row)
    return found


def holders(node: Node, kinds: Sequence[str], day: date) -> list[Appointment]:
    """Who serves in posts of these kinds at a node."""
    rows = Appointment.objects.on(day).filter(post__node=node, post__kind__in=list(kinds))
    return list(rows.select_related("person", "post").order_by("post__kind", "post__code", "pk"))


def class_of(node_ids: Iterable[int], day: date) -> dict[int, str]:
    """Unit to the code of its class on a day; units without a class are absent."""
    rows = UnitClassAssignment.objects.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    wanted = list(node_ids)
    rows = rows.filter(unit_id__in=wanted) if len(wanted) < FEW else rows
    return dict(rows.order_by("unit_id").values_list("unit_id", "unit_class__code"))


def classmates(unit: Node, day: date) -> QuerySet[UnitClassAssignment]:
    """The classes of all units of the same class on a day, the unit itself included; empty, if it has no class."""
    rows = UnitClassAssignment.objects.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return rows.filter(unit_class__in=rows.filter(unit=unit).values("unit_class")).order_by("unit_id")


def headcounts(node_ids: Iterable[int]) -> dict[int, int]:
    """Unit to its own head-count, where it is known."""
    wanted = list(node_ids)
    rows = BusinessUnit.objects.filter(headcount__isnull=False)
    rows = rows.filter(pk__in=wanted) if len(wanted) < FEW else rows
    return {pk: count for pk, count in rows.order_by("pk").values_list("pk", "headcount") if count is not None}


def dual_roles(actor: Any, day: date) -> list[tuple[Person, list[Appointment]]]:
    """一肩挑: persons who are secretary of an organisation and head of a unit linked to it. Never a fault by itself."""
    rows = Appointment.objects.on(day).filter(post__kind__in=[PostKind.SECRETARY, *HEADS])
    return _dual(scoped(rows, actor, "post__node", permission=Permission.PERSON_VIEW), day)


def dual_role_of(person: Person, day: date) -> list[Appointment]:
    """The posts that make a dual role of one person; empty, if there is none."""
    rows = Appointment.objects.on(day).filter(post__kind__in=[PostKind.SECRETARY, *HEADS], person=person)
    return next((found for _person, found in _dual(rows, day)), [])


def _dual(rows: QuerySet[Appointment], day: date) -> list[tuple[Person, list[Appointment]]]:
    by_person: dict[int, list[Appointment]] = defaultdict(list)
    for row in rows.select_related("person", "post__node").order_by("person__code", "pk"):
        by_person[row.person_id].append(row)
    both = {key: found for key, found in by_person.items() if len({row.post.kind == PostKind.SECRETARY for row in found}) == 2}
    nodes = {row.post.node_id for found in both.values() for row in found if row.post.kind == PostKind.SECRETARY}
    linked = TreeLink.objects.on(day)
    links = set((linked.filter(party_id__in=nodes) if len(nodes) < FEW else linked).values_list("unit_id", "party_id"))
    return [(found[0].person, found) for found in both.values() if _is_dual(found, links)]


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
    return open_posts(actor, day).exclude(kind=PostKind.STAFF).filter(~Exists(filled))


def formal_members_at(day: date, nodes: Iterable[int] | None = None) -> dict[int, int]:
    """Unit to the number of full members who serve in its posts."""
    rows = Appointment.objects.on(day).filter(person__member_kind=MemberKind.FORMAL, post__node__tree=Tree.BUSINESS)
    rows = rows if nodes is None else rows.filter(post__node_id__in=list(nodes))
    counted = rows.order_by().values("post__node_id").annotate(people=Count("person_id", distinct=True))
    return dict(counted.values_list("post__node_id", "people"))


def uncovered_units(actor: Any, day: date, *, at_least: int | None = None) -> list[Node]:
    """应建未建: units with enough full members (number of rule ORG-01) and no Party organisation of their own, joint or temporary.

    A team belongs to its workshop's organisation. Where no rule row gives the number, nothing is claimed.
    """
    counts = formal_members_at(day)
    linked = TreeLink.objects.on(day).exclude(kind=LinkKind.COVERS).values("unit_id")
    seen = nodes_of(actor).open_on(day).filter(unit__isnull=False).exclude(unit__kind=UnitKind.TEAM).exclude(pk__in=linked)
    nodes = [node for node in seen.order_by("path") if counts.get(node.pk)]
    needed = {node.pk: float(at_least) for node in nodes} if at_least is not None else thresholds.numbers(FORM_RULE, BODY_KEY, nodes, day)
    return [node for node in nodes if node.pk in needed and counts[node.pk] >= needed[node.pk]]


def teams_without_member(actor: Any, day: date) -> NodeQuerySet:
    """空白班组: teams in which no Party member serves, though somebody does (a team without people is not known, not blank)."""
    rows = Appointment.objects.on(day).filter(post__node=OuterRef("pk"))
    teams = nodes_of(actor).open_on(day).filter(unit__kind=UnitKind.TEAM).order_by("path")
    return teams.filter(Exists(rows), ~Exists(rows.filter(person__member_kind__in=MEMBERS)))


def leading_posts(node: Node) -> QuerySet[Post]:
    """Open posts that answer for a unit or organisation: its secretary or head, the oldest first."""
    return Post.objects.filter(node=node, kind__in=LEADING, closed_on__isnull=True).order_by("pk")


def leading_post(node: Node) -> Post | None:
    return leading_posts(node).first()


def links_of(node: Node, day: date) -> list[TreeLink]:
    """Links of a node to the other tree on a day."""
    field = "unit" if node.is_business else "party"
    return list(TreeLink.objects.on(day).filter(**{field: node}).select_related("unit", "party").order_by("kind", "pk"))


def links(actor: Any) -> QuerySet[TreeLink]:
    """Links of which the actor sees at least one side."""
    return scoped(TreeLink.objects.select_related("unit", "party").order_by("pk"), actor, "unit", "party")


def person_nodes(person: Person, day: date) -> set[int]:
    """Where a person serves on a day."""
    return set(Appointment.objects.on(day).filter(person=person).values_list("post__node_id", flat=True))


def class_names() -> dict[str, str]:
    """Code of each unit class to its name in the language of the page."""
    is_english = (get_language() or "").startswith("en")
    return {row.code: row.name_en if is_english and row.name_en else row.name for row in UnitClass.objects.all()}
