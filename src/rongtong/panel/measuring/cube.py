"""Values of a period from monthly snapshots: aggregation by each indicator's rule, and values that hold for several months.

Missing is not zero: a sum with a missing month is missing; a ratio is the ratio of sums; percentages are never averaged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rongtong.kernel.periods import Period, add_months, month_range
from rongtong.panel import snapshot

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rule:
    """How an indicator's months become a period."""

    indicator_id: int
    aggregate: str
    hold_months: int


@dataclass(frozen=True, slots=True)
class Values:
    """Values of one period: `value` (nodes, indicators) with NaN missing, `is_held` where an earlier month's value still holds."""

    period: Period
    value: Float
    is_held: Bool


@dataclass(frozen=True, slots=True)
class Month:
    value: Float
    numerator: Float
    denominator: Float


def walk(periods: Sequence[Period], dense_rows: NDArray[np.int64], rules: Sequence[Rule]) -> Iterator[Values]:
    """Values of each period in turn; `dense_rows[i]` is the dense id of row i. Reads each month once."""
    hold = np.array([rule.hold_months for rule in rules], dtype=np.int64)
    first = add_months(periods[0].months[0], -int(hold.max(initial=0)))
    state = _Held(len(dense_rows), hold)
    reader = _Reader(dense_rows, rules)
    for code in month_range(first, add_months(periods[0].months[0], -1)):
        state.step(reader.read(code).value)
    for period in periods:
        months = []
        for code in period.months:
            months.append(reader.read(code))
            state.step(months[-1].value)
        value = _aggregate(months, rules)
        held = ~np.isfinite(value) & state.holds
        yield Values(period, np.where(held, state.last, value), held)


class _Held:
    """The last value of every cell and for how many months it may still stand."""

    def __init__(self, rows: int, hold: NDArray[np.int64]) -> None:
        self.hold = hold
        self.last = np.full((rows, len(hold)), np.nan)
        self.age = np.full((rows, len(hold)), np.iinfo(np.int32).max, dtype=np.int64)

    def step(self, value: Float) -> None:
        seen = np.isfinite(value)
        self.last = np.where(seen, value, self.last)
        self.age = np.where(seen, 0, np.minimum(self.age, 10_000) + 1)

    @property
    def holds(self) -> Bool:
        return np.asarray(np.isfinite(self.last) & (self.age < self.hold[None, :]), dtype=np.bool_)


class _Reader:
    """Pivots a month's file to dense arrays in the order of rows and rules."""

    def __init__(self, dense_rows: NDArray[np.int64], rules: Sequence[Rule]) -> None:
        self.shape = (len(dense_rows), len(rules))
        self.row_of = _inverse(dense_rows)
        self.column_of = _inverse(np.array([rule.indicator_id for rule in rules], dtype=np.int64))

    def read(self, code: int) -> Month:
        table = snapshot.read_month(code)
        if table is None:
            return Month(*(np.full(self.shape, np.nan) for _ in range(3)))
        rows = _lookup(self.row_of, table["unit_id"])
        columns = _lookup(self.column_of, table["indicator_id"])
        kept = (rows >= 0) & (columns >= 0)
        return Month(*(self._spread(table[name], rows, columns, kept) for name in ("value", "numerator", "denominator")))

    def _spread(self, column: pa.ChunkedArray, rows: NDArray[np.int64], columns: NDArray[np.int64], kept: Bool) -> Float:
        dense = np.full(self.shape, np.nan)
        dense[rows[kept], columns[kept]] = column.to_numpy()[kept]
        return dense


def _inverse(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    table = np.full(int(ids.max(initial=0)) + 1, -1, dtype=np.int64)
    table[ids] = np.arange(len(ids))
    return table


def _lookup(table: NDArray[np.int64], column: pa.ChunkedArray) -> NDArray[np.int64]:
    ids = column.to_numpy().astype(np.int64)
    inside = ids < len(table)
    return np.where(inside, table[np.where(inside, ids, 0)], -1)


def _aggregate(months: Sequence[Month], rules: Sequence[Rule]) -> Float:
    if len(months) == 1:
        return months[0].value
    value = np.stack([month.value for month in months])
    over = np.stack([month.numerator for month in months])
    under = np.stack([month.denominator for month in months])
    result = np.full(value.shape[1:], np.nan)
    for at, rule in enumerate(rules):
        result[:, at] = _of_rule(rule.aggregate, value[:, :, at], over[:, :, at], under[:, :, at])
    return result


def _of_rule(aggregate: str, value: Float, over: Float, under: Float) -> Float:
    if aggregate == "sum":
        return np.asarray(value.sum(axis=0), dtype=np.float64)
    if aggregate == "ratio":
        return _ratio(value, over, under)
    present = np.isfinite(value)
    if aggregate == "mean":
        count = present.sum(axis=0)
        total = np.where(present, value, 0.0).sum(axis=0)
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)
    if aggregate == "last":
        latest = len(value) - 1 - np.argmax(present[::-1], axis=0)
        return np.asarray(np.take_along_axis(value, latest[None, :], axis=0)[0], dtype=np.float64)
    return np.full(value.shape[1], np.nan)


def _ratio(value: Float, over: Float, under: Float) -> Float:
    """Sums over sums, on the scale of the monthly values (percent or plain), from the months that have both parts."""
    both = np.isfinite(over) & np.isfinite(under) & np.isfinite(value)
    top, bottom = np.where(both, over, 0.0).sum(axis=0), np.where(both, under, 0.0).sum(axis=0)
    scaled = np.where(both, value * under, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(top != 0, scaled / top, 1.0)
        return np.asarray(np.where(bottom > 0, scale * top / bottom, np.nan), dtype=np.float64)
