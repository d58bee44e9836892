"""Figures that the ledger gives: rectification closed out (P72), time to answer between departments (I34), the closed loop (L11-L15)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial

from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.periods import Period
from rongtong.ledger.models import Matter, Origin, Request
from rongtong.ledger.states import State
from rongtong.trees.models import Tree

UNCOUNTED = (State.DRAFT, State.VOID, State.SUSPENDED)


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


Loops = Callable[[Matter, Period], tuple[float, float] | None]  # what one matter adds above and below; None where it is not counted


def _loop(period: int, node_ids: Sequence[int], of: Loops) -> Iterable[Found]:
    """A figure over the matters due in the month, at their units and organisations and above."""
    month = Period.month(period)
    rows = Matter.objects.filter(due_on__gte=month.starts_on, due_on__lte=month.ends_on).exclude(state__in=UNCOUNTED)
    told: dict[int, tuple[float, float]] = {}
    at: Sets = defaultdict(set)
    names = ("pk", "lead_id", "partner_id", "state", "starts_on", "due_on", "closed_on", "returned", "reopened", "urged")
    for matter in rows.only(*(name.removesuffix("_id") for name in names)).order_by("pk"):
        found = of(matter, month)
        if found is not None:
            told[matter.pk] = found
            for node in filter(None, (matter.lead_id, matter.partner_id)):
                at[node].add(matter.pk)
    forest = Forest(month.ends_on, node_ids)
    counted = forest.below(at)
    forest.tell({node: {pk for pk in keys if told[pk][0]} for node, keys in counted.items()}, counted)
    return [
        (node, sum(told[pk][0] for pk in keys), sum(told[pk][1] for pk in keys)) for node, keys in counted.items() if node in forest.wanted
    ]


def _share(is_good: Callable[[Matter, Period], bool]) -> Loops:
    return lambda matter, month: (float(is_good(matter, month)), 1.0)


def _days(matter: Matter, month: Period) -> tuple[float, float] | None:
    """Days from start to close; open ones are not counted, because nobody knows how long they will take."""
    if matter.closed_on is None or matter.closed_on > month.ends_on:
        return None
    return float((matter.closed_on - matter.starts_on).days), 1.0


# 闭环: on time, returned, days, recurring, urged. A tendency to look into, not a target: none of them enters an index.
LOOPS: dict[str, Loops] = {
    "L11": _share(lambda m, _month: m.closed_on is not None and m.closed_on <= m.due_on),
    "L12": _share(lambda m, _month: m.returned > 0),
    "L13": _days,
    "L14": _share(lambda m, _month: m.reopened > 0),
    "L15": _share(lambda m, _month: m.urged > 0),
}


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("P72", rectification, "matter")
    register_collector("I34", answer_time, "matter")
    for code, loop in LOOPS.items():
        register_collector(code, partial(_loop, of=loop), "matter")
