"""Figures that the ledger gives: rectification closed out (P72) and the time departments take to answer each other (I34)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.periods import Period
from rongtong.ledger.models import Matter, Origin, Request
from rongtong.ledger.states import State
from rongtong.trees.models import Tree


def closed_of_due(period: int, node_ids: Sequence[int], origin: str, tree: str) -> Iterable[Found]:
    """Of the matters of an origin due in the month, how many were closed out by its end; at their units and above."""
    month = Period.month(period)
    rows = Matter.objects.filter(origin=origin, due_on__gte=month.starts_on, due_on__lte=month.ends_on)
    rows = rows.exclude(state__in=[State.DRAFT, State.VOID, State.SUSPENDED])
    due: Sets = defaultdict(set)
    closed: Sets = defaultdict(set)
    for pk, lead, partner, closed_on in rows.values_list("pk", "lead_id", "partner_id", "closed_on"):
        for node in filter(None, (lead, partner)):
            due[node].add(pk)
            if closed_on is not None and closed_on <= month.ends_on:
                closed[node].add(pk)
    forest = Forest(month.ends_on, node_ids, tree)
    return forest.found(forest.below(closed), forest.below(due))


def rectification(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P72: rectification matters closed out over those due in the month."""
    return closed_of_due(period, node_ids, Origin.RECTIFICATION, Tree.PARTY)


def answer_time(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I34: days from request to answer over the requests answered in the month, at the unit that asked and the one that was asked."""
    month = Period.month(period)
    rows = Request.objects.filter(answered_on__gte=month.starts_on, answered_on__lte=month.ends_on)
    days: dict[int, int] = {}
    at: Sets = defaultdict(set)
    for pk, asked_on, answered_on, lead, asker in rows.values_list(
        "matter_id", "asked_on", "answered_on", "matter__lead_id", "from_node_id"
    ):
        days[pk] = (_day(answered_on) - _day(asked_on)).days
        at[lead].add(pk)
        at[asker].add(pk)
    forest = Forest(month.ends_on, node_ids, Tree.BUSINESS)
    found = forest.below(at)
    forest.tell(found, found)
    return [(node, float(sum(days[pk] for pk in keys)), float(len(keys))) for node, keys in found.items() if node in forest.wanted]


def _day(value: date | None) -> date:
    assert value is not None
    return value


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("P72", rectification, "matter")
    register_collector("I34", answer_time, "matter")
