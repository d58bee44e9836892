"""The panel as one dense array, filled from row groups: (periods, units, indicators), NaN where nothing was observed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rongtong.panel import arrow
from rongtong.panel.files import COLUMNS, BadPanel, Indicators, Units, open_observations, refuse

Int = NDArray[np.int64]
Float = NDArray[np.float64]
MAX_CELLS = 400_000_000
THREADS = 2


@dataclass(frozen=True, slots=True)
class Cube:
    """`values` (rows, k): a row per period and unit, period-major; `periods` codes, `units` rows of units.csv, `count` observations."""

    values: Float
    periods: Int
    units: Int
    count: int


def fill(folder: Path, indicators: Indicators, units: Units) -> Cube:
    """Read every row group once, on two threads; refuse unknown ids, months that are none, infinities and duplicates."""
    path = folder / "observations.parquet"
    file = open_observations(folder)
    periods = _periods(path, file)
    shape = (len(periods), len(units.ids), len(indicators.ids))
    if np.prod([float(size) for size in shape]) > MAX_CELLS:
        raise BadPanel(f"{path}::: the panel has {shape[0]} x {shape[1]} x {shape[2]} cells; measure fewer periods at once on this machine")
    dense, seen = np.empty(shape), np.zeros(len(units.ids), dtype=np.bool_)
    into = _Filling(path, dense, seen, _inverse(units.ids), _inverse(periods), _inverse(indicators.ids))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda block: block.fill(np.nan), dense))
        turns = [range(at, file.num_row_groups, THREADS) for at in range(THREADS)]
        count = sum(pool.map(lambda groups: _take(folder, groups, into), turns))
        filled = sum(pool.map(lambda block: block.size - np.count_nonzero(np.isnan(block)), dense))
    if filled != count:
        raise _duplicate(path, file)
    observed = np.flatnonzero(seen)
    if len(observed) < len(seen):
        dense = dense[:, observed]
    return Cube(dense.reshape(-1, shape[2]), periods, observed, count)


@dataclass(frozen=True, slots=True)
class _Filling:
    """Where values go: the dense array, the units met, and id to position for the three keys."""

    path: Path
    dense: Float
    seen: NDArray[np.bool_]
    unit_of: Int
    period_of: Int
    indicator_of: Int


def _take(folder: Path, groups: range, into: _Filling) -> int:
    """Put row groups in their places; returns how many values they held. Each thread reads through a file of its own."""
    file, flat, count = open_observations(folder), into.dense.reshape(-1), 0
    width, depth = into.dense.shape[2], into.dense.shape[1]
    for group in groups:
        table = file.read_row_group(group, columns=list(COLUMNS), use_threads=False)
        unit = _positions(into.path, "unit_id", _ids(table["unit_id"], "unit_id"), into.unit_of)
        indicator = _positions(into.path, "indicator_id", _ids(table["indicator_id"], "indicator_id"), into.indicator_of)
        value = arrow.values(table["value"]).astype(np.float64, copy=False)
        finite = int(np.count_nonzero(np.isfinite(value)))
        if finite < len(value):
            _refuse_infinite(into.path, value)
        period = _ids(table["period"], "period")
        is_one = len(period) and period.min() == period.max()
        cell = unit.astype(np.int64)
        cell += (int(into.period_of[period[0]]) if is_one else into.period_of[period]) * depth
        cell *= width
        cell += indicator
        flat[cell] = value
        into.seen[unit] = True
        count += finite
    return count


def _periods(path: Path, file: pq.ParquetFile) -> Int:
    """Distinct periods in order, each a month; a row group whose statistics say one period is not read for it."""
    found: set[int] = set()
    position = file.schema_arrow.names.index("period")
    for group in range(file.num_row_groups):
        known = file.metadata.row_group(group).column(position).statistics
        if known is not None and known.has_min_max and known.min == known.max and not known.null_count:
            found.add(int(known.min))
            continue
        column = file.read_row_group(group, columns=["period"])["period"]
        if column.null_count:
            raise BadPanel("observations.parquet:::period holds empty cells; every row needs an id")
        found.update(int(code) for code in column.unique().to_pylist())
    wrong = [code for code in sorted(found) if not 1 <= code % 100 <= 12 or code < 100_001]
    if wrong:
        raise refuse(path, f"{wrong[0]} is not a month", "write periods as yyyymm", column="period")
    if not found:
        raise refuse(path, "there are no observations", "write at least one row")
    return np.array(sorted(found), dtype=np.int64)


def _refuse_infinite(path: Path, value: Float) -> None:
    if np.isinf(value).any():
        row = int(np.argmax(np.isinf(value))) + 1
        raise refuse(path, "a value is infinite", "leave the row out where nothing is known", row=row, column="value")


def _positions(path: Path, name: str, ids: Int, table: Int) -> Int:
    """Positions of ids; an id that is not in the other file is refused with its row."""
    if not len(ids):
        return ids
    if ids.min() >= 0 and ids.max() < len(table):
        if table[-1] == len(table) - 1 and (table == np.arange(len(table))).all():
            return ids  # ids are positions already
        found = table[ids]
        if found.min() >= 0:
            return found
    outside = (ids < 0) | (ids >= len(table))
    at = int(np.argmax(outside | (table[np.where(outside, 0, ids)] < 0)))
    other = "units.csv" if name == "unit_id" else "indicators.csv"
    raise refuse(path, f"{name} {ids[at]} is not in {other}", "add it there or correct the number", row=at + 1, column=name)


def _ids(column: pa.ChunkedArray, name: str) -> Int:
    if column.null_count:
        raise BadPanel(f"observations.parquet:::{name} holds empty cells; every row needs an id")
    return arrow.values(column)


def _inverse(ids: Int) -> Int:
    """Id to position, -1 where there is none."""
    table = np.full(int(ids.max()) + 1, -1, dtype=np.int64)
    table[ids] = np.arange(len(ids))
    return table


def _duplicate(path: Path, file: pq.ParquetFile) -> BadPanel:
    """Name one cell that is given twice."""
    table = file.read(columns=list(COLUMNS[:3]))
    counted = table.group_by(list(COLUMNS[:3])).aggregate([([], "count_all")])
    twice = counted.filter(np.greater(counted["count_all"].to_numpy(), 1)).slice(0, 1).to_pylist()[0]
    what = f"unit {twice['unit_id']}, period {twice['period']}, indicator {twice['indicator_id']} stands twice"
    return refuse(path, what, "keep one row per unit, period and indicator")
