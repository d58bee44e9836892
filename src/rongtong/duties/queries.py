"""Questions to duties: what is issued where, who implements it, what a leader owes and did on both sides."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.duties.assigning import PLACES, Implementation, implementations
from rongtong.duties.models import Duty, DutyList, Issue
from rongtong.ledger.models import Matter, Origin
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation, Person
from rongtong.trees.models import AFTER, Node, TreeLink


def latest_list() -> DutyList | None:
    """The newest version that was made."""
    return DutyList.objects.order_by("-made_at", "-pk").first()


def lists() -> QuerySet[DutyList]:
    return DutyList.objects.order_by("code", "-version")


def issues(actor: Any) -> QuerySet[Issue]:
    """Duties issued to the actor's units and still in force, by place."""
    rows = Issue.objects.filter(ends_on__isnull=True).select_related("duty", "node", "leader_post", "handler_post")
    return scoped(rows.order_by("node__path", "duty_code"), actor, "node", permission=Permission.DUTY_VIEW)


def nodes_under(root: Node, day: date) -> dict[int, Node]:
    """Open nodes of a subtree, and the nodes of the other tree linked to one of them."""
    near, far = ("unit", "party") if root.is_business else ("party", "unit")
    inside = {f"{near}__path__gte": root.path, f"{near}__path__lt": root.path + AFTER, f"{near}__opened_on__lte": day}
    linked = TreeLink.objects.on(day).filter(Q(**{f"{near}__closed_on__isnull": True}) | Q(**{f"{near}__closed_on__gt": day}), **inside)
    rows = Node.objects.open_on(day).filter(Q(path__gte=root.path, path__lt=root.path + AFTER) | Q(pk__in=linked.order_by().values(far)))
    return {node.pk: node for node in rows.order_by("path")}


def kinds_of(node_ids: Sequence[int]) -> dict[int, str]:
    """Node to its kind of unit or organisation."""
    found = dict(BusinessUnit.objects.filter(pk__in=node_ids).values_list("pk", "kind"))
    return found | dict(PartyOrganisation.objects.filter(pk__in=node_ids).values_list("pk", "kind"))


@dataclass(frozen=True, slots=True)
class Burden:
    """What a list costs before it is issued: person-hours a year over all units, and the fields the system holds already."""

    units: int
    issues: int
    hours: float
    asked_twice: tuple[str, ...]


TIMES_A_YEAR = {"month": 12, "quarter": 4, "half": 2, "year": 1}


def burden(of: DutyList, root: Node, day: date) -> Burden:
    """Person-hours a year of issuing a list under a node; and the same fact asked by two duties."""
    nodes = nodes_under(root, day)
    kinds = kinds_of(list(nodes))
    count, minutes, touched = 0, 0, set()
    asked: dict[str, int] = defaultdict(int)
    for duty in of.duties.all():
        fitting = places_of(duty, nodes, kinds)
        count += len(fitting)
        minutes += len(fitting) * duty.minutes * TIMES_A_YEAR[duty.per]
        touched |= set(fitting)
        for name in duty.fields:
            asked[f"{duty.subject}:{name}"] += 1
    twice = sorted(name.partition(":")[2] for name, times in asked.items() if times > 1)
    return Burden(len(touched), count, minutes / 60, tuple(twice))


def places_of(duty: Duty, nodes: dict[int, Node], kinds: dict[int, str]) -> list[int]:
    """The nodes that a duty applies to."""
    place = PLACES[duty.subject]
    return [pk for pk, node in nodes.items() if node.tree == place.tree and kinds.get(pk) in place.kinds]


def holes(actor: Any, day: date) -> list[Implementation]:
    """Issued duties that nobody implements today."""
    return [found for found in implementations(list(issues(actor)), day) if found.hole is not None]


def led_by(person: Person, day: date) -> QuerySet[Issue]:
    """Duties whose leading post the person serves in."""
    posts = Appointment.objects.on(day).filter(person=person).order_by().values("post")
    rows = Issue.objects.filter(ends_on__isnull=True).filter(Q(leader_post__in=posts) | Q(handler_post__in=posts))
    return rows.select_related("duty", "node", "leader_post", "handler_post").order_by("duty__side", "duty_code", "pk")


def occurrences(rows: Sequence[Issue]) -> dict[int, list[Matter]]:
    """Issue to the matters it brought, the latest first."""
    keys = {str(row.pk): row.pk for row in rows}
    found: dict[int, list[Matter]] = defaultdict(list)
    matters = Matter.objects.filter(origin=Origin.DUTY, origin_kind="duty_issue", origin_id__in=list(keys)).order_by("-due_on", "-pk")
    for matter in matters:
        found[keys[matter.origin_id]].append(matter)
    return found
