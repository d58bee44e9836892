"""Figures read from the system's own records. A package that holds records registers a collector; this page holds the organisation's.

    register_collector("I12", collect_cross_appointment)      # fn(period, node_ids) -> rows

A collector returns entries for the nodes it can tell something about, and nothing for the others: missing is not zero.
"""

from collections.abc import Callable, Iterable, Sequence

from rongtong.indicators.entries import Entry

Found = tuple[int, float, float]  # node, numerator, denominator
Collector = Callable[[int, Sequence[int]], Iterable[Found]]

_collectors: dict[str, Collector] = {}


def register_collector(code: str, collector: Collector) -> None:
    """Called once from the owner's AppConfig.ready; `code` is what Indicator.collector names."""
    _collectors[code] = collector


def collector_of(code: str) -> Collector | None:
    return _collectors.get(code)


def entries_of(code: str, indicator_id: int, period: int, node_ids: Sequence[int]) -> list[Entry]:
    """What a collector found, as entries; rows without a denominator are left out."""
    collector = _collectors.get(code)
    found = collector(period, node_ids) if collector else []
    return [Entry(node, indicator_id, period, None, over, under) for node, over, under in found if under]
