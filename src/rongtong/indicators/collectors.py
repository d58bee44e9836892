"""Figures read from the system's own records. A package that holds records registers a collector; this page holds the organisation's.

    register_collector("I12", collect_cross_appointment, "person")      # fn(period, node_ids) -> rows; what it counts

A collector returns entries for the nodes it can tell something about, and nothing for the others: missing is not zero.
Which records a figure counts is read from the collector itself, run again for one node: nothing is stored twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from rongtong.indicators.entries import Entry
from rongtong.trees.models import Node, paths_above

Found = tuple[int, float, float]  # node, numerator, denominator
Collector = Callable[[int, Sequence[int]], Iterable[Found]]
Sets = dict[int, set[int]]  # node to the keys of what is counted there


@dataclass(frozen=True, slots=True)
class Counted:
    """Keys of the records of a kind behind a collected figure: those in its denominator, and which of them in its numerator."""

    kind: str
    all: frozenset[int]
    good: frozenset[int]


_collectors: dict[str, Collector] = {}
_kinds: dict[str, str] = {}
_trace: ContextVar[dict[int, tuple[frozenset[int], frozenset[int]]] | None] = ContextVar("trace", default=None)


def register_collector(code: str, collector: Collector, records: str = "") -> None:
    """Called once from the owner's AppConfig.ready; `code` is what Indicator.collector names, `records` the kind of record it counts."""
    _collectors[code], _kinds[code] = collector, records


def counted(code: str, period: int, node_id: int) -> Counted | None:
    """The records that a collected figure of a node counts, as they stand today; None where the collector does not tell."""
    collector, kind = _collectors.get(code), _kinds.get(code, "")
    if collector is None or not kind:
        return None
    seen: dict[int, tuple[frozenset[int], frozenset[int]]] = {}
    token = _trace.set(seen)
    try:
        list(collector(period, [node_id]))
    finally:
        _trace.reset(token)
    return Counted(kind, *seen[node_id]) if node_id in seen else None


def collector_of(code: str) -> Collector | None:
    return _collectors.get(code)


def entries_of(code: str, indicator_id: int, period: int, node_ids: Sequence[int]) -> list[Entry]:
    """What a collector found, as entries; rows without a denominator are left out."""
    collector = _collectors.get(code)
    found = collector(period, node_ids) if collector else []
    return [Entry(node, indicator_id, period, None, over, under) for node, over, under in found if under]


class Forest:
    """Open nodes of a day and the way up from each; figures are given for the wanted nodes of one tree (both, if none is named)."""

    def __init__(self, day: date, node_ids: Sequence[int], tree: str = "") -> None:
        self.path_of: dict[int, str] = dict(Node.objects.open_on(day).order_by("pk").values_list("pk", "path"))
        self.pk_of = {path: pk for pk, path in self.path_of.items()}
        self.wanted = {pk for pk in node_ids if self.path_of.get(pk, "").startswith(tree)}

    def up(self, node_id: int) -> list[int]:
        """The node itself and its open ancestors."""
        path = self.path_of.get(node_id)
        if path is None:
            return []
        return [self.pk_of[p] for p in (*paths_above(path), path) if p in self.pk_of]

    def below(self, own: Sets) -> Sets:
        """Every node's set united with those below it."""
        found: Sets = defaultdict(set)
        for node_id, members in own.items():
            for above in self.up(node_id):
                found[above] |= members
        return found

    def tell(self, over: Sets, under: Sets) -> None:
        """Say which records are counted at the wanted nodes, where somebody asked."""
        trace = _trace.get()
        if trace is not None:
            trace |= {pk: (frozenset(members), frozenset(over.get(pk, ()))) for pk, members in under.items() if pk in self.wanted}

    def found(self, over: Sets, under: Sets) -> Iterable[Found]:
        self.tell(over, under)
        return [(pk, float(len(over.get(pk, ()))), float(len(members))) for pk, members in under.items() if pk in self.wanted and members]
