"""Questions to duties: what is issued where, who implements it, what a leader owes and did on both sides."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.duties.assigning import PLACES, Implementation, implementations
from rongtong.duties.models import Duty, DutyList, Issue
from rongtong.ledger.models import Matter, Origin
from rongtong.ledger.queries import led_in_person
from rongtong.ledger.states import OPEN, State
from rongtong.organization.models import Appointment, BusinessUnit, PartyOrganisation, Person
from rongtong.trees.models import AFTER, Node, TreeLink

HOLES, TRACED = 2000, 400  # how many holes are explained one by one; how far back a duty's matters are looked at


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


def places_of(duty: Duty, nodes: dict[int, Node], kinds: dict[int, str]) -> list[int]:
    """The nodes that a duty applies to."""
    place = PLACES[duty.subject]
    return [pk for pk, node in nodes.items() if node.tree == place.tree and kinds.get(pk) in place.kinds]


def hole_condition(day: date) -> Q:
    """Issued duties that nobody implements on a day, as the database tells it: in one of the posts nobody with an account serves.

    `assigning.implementations` says why; a test holds the two to each other.
    """
    serving = Appointment.objects.on(day).filter(person__account__isnull=False).order_by()
    leads = Exists(serving.filter(post=OuterRef("leader_post")))
    handles = Exists(serving.filter(post=OuterRef("handler_post")))
    return ~Q(leads) | ~Q(handles)


def holes(actor: Any, day: date, most: int = HOLES) -> list[Implementation]:
    """Issued duties that nobody implements today, each with the reason; the first so many by place."""
    rows = list(issues(actor).filter(hole_condition(day))[:most])
    return [found for found in implementations(rows, day) if found.hole is not None]


@dataclass(frozen=True, slots=True)
class Trace:
    """What an issued duty brought so far: since when something is overdue, whether the last one was on time, how often it was left to others."""

    late_since: date | None = None
    last_due: date | None = None
    last_on_time: date | None = None
    delegated: int = 0

    @property
    def is_on_time(self) -> bool:
        return self.last_due is not None and self.last_due == self.last_on_time


def traces(rows: Sequence[Issue], day: date) -> dict[int, Trace]:
    """Issue to what its matters of the last year and a month show; one question for all of them."""
    closed = Q(state=State.CLOSED)
    found = Matter.objects.filter(
        origin_kind="duty_issue", origin_id__in=[str(row.pk) for row in rows], due_on__gte=day - timedelta(days=TRACED)
    )
    counted: Iterable[Any] = found.order_by().values("origin_id").annotate(
        late_since=Min("due_on", filter=Q(state__in=OPEN, due_on__lt=day)), last_due=Max("due_on", filter=closed),
        last_on_time=Max("due_on", filter=closed & Q(closed_on__lte=F("due_on"))),
        delegated=Count("pk", filter=closed & Q(is_personal=True) & ~led_in_person()),
    )  # fmt: skip
    return {int(row.pop("origin_id")): Trace(**row) for row in counted}


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
