"""填报准入 of a duty list: what issuing it costs, what the system holds already, and what is asked elsewhere."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.urls import reverse

from rongtong.burden.askings import Asking
from rongtong.burden.costs import Cost, Item, cost
from rongtong.duties.models import DutyList, Issue
from rongtong.duties.queries import kinds_of, nodes_under, places_of
from rongtong.trees.models import Node

TIMES_A_YEAR = {"month": 12, "quarter": 4, "half": 2, "year": 1}


def url_of(pk: int) -> str:
    return reverse("duties:list", args=[pk])


def cost_of(of: DutyList, root: Node, day: date) -> Cost:
    """Person-hours a year of a list under a node. Its own earlier versions are replaced, so they do not count as asking twice.

    A duty is one item with its minutes; each fact it needs is another, which costs nothing where a record of the system gives it.
    """
    nodes = nodes_under(root, day)
    kinds = kinds_of(list(nodes))
    items: list[Item] = []
    for duty in of.duties.all():
        places = frozenset(places_of(duty, nodes, kinds))
        if places:
            items.append(Item("", duty.title, duty.subject, places, duty.minutes, TIMES_A_YEAR[duty.per]))
            items += [Item(fact, "", duty.subject, places) for fact in duty.fields]
    versions = DutyList.objects.filter(code=of.code).order_by("pk").values_list("pk", flat=True)
    return cost(items, day, source=str(of), url=url_of(of.pk), leave_out=[url_of(pk) for pk in versions])


def askings(nodes: Collection[int], _day: date) -> Iterable[Asking]:
    """What duties in force ask of these nodes: the asker of this package."""
    rows = Issue.objects.filter(ends_on__isnull=True, node__in=list(nodes)).select_related("duty__duty_list")
    places: dict[int, set[int]] = defaultdict(set)
    duties = {}
    for row in rows.order_by("pk"):
        places[row.duty_id].add(row.node_id)
        duties[row.duty_id] = row.duty
    for key, duty in duties.items():
        at = frozenset(places[key])
        for fact in duty.fields:
            yield Asking(fact, "", duty.subject, f"{duty.duty_list} · {duty}", url_of(duty.duty_list_id), at)
        yield Asking("", duty.title, duty.subject, f"{duty.duty_list} · {duty}", url_of(duty.duty_list_id), at)
