"""Writes observations: revisions, corrections and the marks of dirty months, a hundred thousand at a time.

Nothing is overwritten: the row before stays and is no longer current. Callers checked the entries and the actor's right to them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rongtong.exchange.models import Batch
from rongtong.indicators.entries import Entry
from rongtong.indicators.models import DirtyPeriod, MonthClose, Observation
from rongtong.kernel import clock
from rongtong.kernel.act import Actor

FEW_NODES = 500
CHUNK = 5000
Stored = tuple[int, float, float | None, float | None, int]  # pk, value, numerator, denominator, revision
_COLUMNS = (
    "node_id", "indicator_id", "period", "value", "numerator", "denominator", "source", "batch_id", "batch_row",
    "author_uid", "author_label", "entered_at", "revision", "is_current", "is_correction", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """What all rows of one writing share."""

    by: Actor
    source: str
    batch: Batch | None = None
    note: str = ""


def current_values(entries: Sequence[Entry]) -> dict[tuple[int, int, int], Stored]:
    """The current observation of every entry's (period, node, indicator) that has one."""
    rows = Observation.objects.filter(
        is_current=True, period__in={entry.period for entry in entries}, indicator_id__in={entry.indicator_id for entry in entries}
    )
    nodes = {entry.node_id for entry in entries}
    if len(nodes) <= FEW_NODES:
        rows = rows.filter(node_id__in=nodes)
    fields = rows.order_by().values_list("period", "node_id", "indicator_id", "pk", "value", "numerator", "denominator", "revision")
    return {row[:3]: row[3:] for row in fields.iterator(chunk_size=CHUNK)}


def is_same(entry: Entry, stored: Stored) -> bool:
    return (entry.value, entry.numerator, entry.denominator) == stored[1:4]


def changed(entries: Sequence[Entry], stored: dict[tuple[int, int, int], Stored]) -> list[Entry]:
    """The entries that differ from what is stored."""
    return [entry for entry in entries if entry.key not in stored or not is_same(entry, stored[entry.key])]


def write(entries: Sequence[Entry], stored: dict[tuple[int, int, int], Stored], origin: Origin) -> int:
    """Add a revision for every entry (all of them differ from `stored`) and mark the months. Returns how many."""
    if not entries:
        return 0
    now = clock.now()
    closed = closed_months({entry.period for entry in entries})
    replaced = [stored[entry.key][0] for entry in entries if entry.key in stored]
    for start in range(0, len(replaced), CHUNK):
        Observation.objects.filter(pk__in=replaced[start : start + CHUNK]).update(is_current=False)
    _insert(_row(entry, stored, closed, origin, now) for entry in entries)
    mark_dirty({entry.period for entry in entries}, now)
    return len(entries)


def _row(entry: Entry, stored: dict[tuple[int, int, int], Stored], closed: "Closed", origin: Origin, now: datetime) -> tuple[Any, ...]:
    before = stored.get(entry.key)
    return (
        entry.node_id,
        entry.indicator_id,
        entry.period,
        entry.value,
        entry.numerator,
        entry.denominator,
        origin.source,
        origin.batch.pk if origin.batch else None,
        entry.row,
        str(origin.by.uid),
        origin.by.label,
        connection.ops.adapt_datetimefield_value(now),
        1 if before is None else before[4] + 1,
        True,
        before is not None or closed.holds(entry.period, entry.node_id),
        origin.note,
    )


def _insert(rows: Iterable[tuple[Any, ...]]) -> None:
    """Plain SQL: the ORM's objects cost more than the rows themselves."""
    names = ", ".join(connection.ops.quote_name(name) for name in _COLUMNS)
    marks = ", ".join(["%s"] * len(_COLUMNS))
    table = connection.ops.quote_name(Observation._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))


def mark_dirty(periods: Iterable[int], now: datetime | None = None) -> None:
    """Say that the months' snapshots are stale; in the same transaction as what made them so."""
    rows = [DirtyPeriod(period=period, marked_at=now or clock.now()) for period in sorted(set(periods))]
    DirtyPeriod.objects.bulk_create(rows, update_conflicts=True, unique_fields=["period"], update_fields=["marked_at"])


@dataclass(frozen=True, slots=True)
class Closed:
    """Which months are closed: for everybody, or for single nodes."""

    months: frozenset[int]
    pairs: frozenset[tuple[int, int]]

    def any(self) -> bool:
        return bool(self.months or self.pairs)

    def holds(self, period: int, node_id: int) -> bool:
        return period in self.months or (period, node_id) in self.pairs


def closed_months(periods: Iterable[int]) -> Closed:
    rows = list(MonthClose.objects.filter(period__in=set(periods)).values_list("period", "node_id"))
    return Closed(frozenset(p for p, node in rows if node is None), frozenset((p, node) for p, node in rows if node is not None))


def closings_after(instant: datetime | None, periods: Iterable[int]) -> list[int]:
    """Which of the months were closed after an instant."""
    rows = MonthClose.objects.filter(period__in=set(periods))
    rows = rows.filter(closed_at__gte=instant) if instant else rows
    return sorted(set(rows.order_by().values_list("period", flat=True)))
