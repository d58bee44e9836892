"""The panel as one dense array, filled from row groups: (periods, units, indicators), NaN where nothing was observed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rongtong.panel import arrow
from rongtong.panel.engine import blocks
from rongtong.panel.files import COLUMNS, BadPanel, Indicators, Units, open_observations, refuse
from rongtong.panel.ids import Index

Int = NDArray[np.int64]
Float = NDArray[np.float64]
MAX_CELLS = 400_000_000
_SIDE_BY_SIDE = 16  # rows that a reduction takes at once: over thirty numbers at a time it would spend itself on the loop


@dataclass(frozen=True, slots=True)
class Cube:
    """`values` (rows, k): a row per period and unit, period-major; `periods` codes, `units` rows of units.csv, `count` observations.

    `observed`: rows with any observation. Per indicator (k,): `low`, `high` bounds of what is present, caps applied, NaN where nothing is;
    `present` how many values there are.
    """

    values: Float
    periods: Int
    units: Int
    count: int
    observed: NDArray[np.bool_]
    low: Float
    high: Float
    present: Int


def fill(folder: Path, indicators: Indicators, units: Units) -> Cube:
    """Read every row group once, on two threads; refuse unknown ids, months that are none, infinities and duplicates."""
    path = folder / "observations.parquet"
    file = open_observations(folder)
    periods = _periods(path, file)
    shape = (len(periods), len(units.ids), len(indicators.ids))
    if np.prod([float(size) for size in shape]) > MAX_CELLS:
        raise BadPanel(f"{path}::: the panel has {shape[0]} x {shape[1]} x {shape[2]} cells; measure fewer periods at once on this machine")
    dense = np.empty(shape)
    into = _Filling(path, dense, Index(units.ids), Index(periods), Index(indicators.ids))
    with ThreadPoolExecutor(blocks.THREADS) as pool:
        list(pool.map(lambda block: block.fill(np.nan), dense))
        turns = [range(at, file.num_row_groups, blocks.THREADS) for at in range(blocks.THREADS)]
        count = sum(pool.map(lambda groups: _take(folder, groups, into), turns))
    cube = _surveyed(dense, indicators.caps, periods, count)
    if cube is None:
        raise _duplicate(path, file)
    return cube


@dataclass(frozen=True, slots=True)
class _Filling:
    """Where values go: the dense array, and id to position for the three keys."""

    path: Path
    dense: Float
    units: Index
    periods: Index
    indicators: Index


def _take(folder: Path, groups: range, into: _Filling) -> int:
    """Put row groups in their places; returns how many values they held. Each thread reads through a file of its own."""
    file, count = open_observations(folder), 0
    lengths = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    for group in groups:
        if lengths[group]:
            one = _one_period(file, group)
            table = _read_group(into.path, file, group, [name for name in COLUMNS if name != "period" or one is None])
            count += _place(table, sum(lengths[:group]), one, into)
    return count


def _read_group(path: Path, file: pq.ParquetFile, group: int, columns: list[str]) -> pa.Table:
    try:
        return file.read_row_group(group, columns=columns, use_threads=False)
    except (pa.ArrowException, OSError) as broken:
        raise refuse(path, f"the file is damaged ({' '.join(str(broken).split())[:80]})", "write it again") from broken


def _place(table: pa.Table, first: int, one: int | None, into: _Filling) -> int:
    """Put the rows of a group, which begins at row `first` of the file and may hold `one` period only, in their places.

    An empty or NaN value says nothing.
    """
    width, depth = into.dense.shape[2], into.dense.shape[1]

    def positions(name: str, index: Index) -> Int:
        return _positions(into.path, name, _ids(into.path, table, name), index, first)

    unit, indicator = positions("unit_id", into.units), positions("indicator_id", into.indicators)
    value = arrow.values(table["value"]).astype(np.float64, copy=False)
    small: Any = np.int32 if depth * width < 2**31 else np.int64  # half the bytes of a place inside one period
    cell = unit.astype(small, copy=False) * small(width)
    cell += indicator.astype(small, copy=False)
    if one is not None:
        flat = into.dense[int(into.periods.rows(np.array([one]))[0])].reshape(-1)
    else:
        flat = into.dense.reshape(-1)
        cell = cell + positions("period", into.periods).astype(np.int64) * (depth * width)
    known = np.isfinite(value)
    finite = int(np.count_nonzero(known))
    if finite < len(value):
        _refuse_infinite(into.path, value, first)
        cell, value = cell[known], value[known]
    flat[cell] = value
    return finite


def _periods(path: Path, file: pq.ParquetFile) -> Int:
    """Distinct periods in order, each a month; a row group whose statistics say one period is not read for it."""
    found: set[int] = set()
    for group in range(file.num_row_groups):
        one = _one_period(file, group)
        if one is not None:
            found.add(one)
            continue
        table = _read_group(path, file, group, ["period"])
        found.update(np.unique(_ids(path, table, "period")).tolist())
    wrong = [code for code in sorted(found) if not 1 <= code % 100 <= 12 or not 100_001 <= code <= 999_912]
    if wrong:
        raise refuse(path, f"{wrong[0]} is not a month", "write periods as yyyymm", column="period")
    if not found:
        raise refuse(path, "there are no observations", "write at least one row")
    return np.array(sorted(found), dtype=np.int64)


def _one_period(file: pq.ParquetFile, group: int) -> int | None:
    """The period of a row group whose statistics say that it holds one."""
    known = file.metadata.row_group(group).column(file.schema_arrow.names.index("period")).statistics
    return int(known.min) if known is not None and known.has_min_max and known.min == known.max and not known.null_count else None


def _refuse_infinite(path: Path, value: Float, first: int) -> None:
    if np.isinf(value).any():
        row = first + int(np.argmax(np.isinf(value))) + 1
        raise refuse(path, "a value is infinite", "leave the row out where nothing is known", row=row, column="value")


def _positions(path: Path, name: str, ids: Int, index: Index, first: int) -> Int:
    """Positions of ids; an id that is not in the other file is refused with its row."""
    found = index.rows(ids)
    if found is ids or found.min() >= 0:
        return found
    at = int(np.argmax(found < 0))
    other = {"unit_id": "units.csv", "indicator_id": "indicators.csv"}.get(name, "the file's own statistics")
    raise refuse(path, f"{name} {ids[at]} is not in {other}", "add it there or correct the number", row=first + at + 1, column=name)


def _ids(path: Path, table: pa.Table, name: str) -> Int:
    column = table[name]
    if column.null_count:
        raise refuse(path, f"{name} holds empty cells", "give every row an id", column=name)
    ids = arrow.values(column)
    return ids.astype(np.int64) if ids.dtype == np.uint64 else ids


def _surveyed(dense: Float, caps: Float, periods: Int, count: int) -> Cube | None:
    """One look at every value: caps, bounds, which rows hold any. None if places are fewer than values, so some stood twice."""
    rows = dense.reshape(-1, dense.shape[2])
    observed = np.zeros(len(rows), dtype=np.bool_)
    limits = np.where(np.isnan(caps), np.inf, caps) if np.isfinite(caps).any() else None

    def look(block: Float, here: slice, work: blocks.Workspace) -> tuple[Int, Float, Float]:
        if limits is not None:
            np.minimum(block, limits, out=block)
        present = np.equal(block, block, out=work.flags(len(block)))
        observed[here] = present.any(axis=1)
        return _counted(present), _reduced(np.fmin, block), _reduced(np.fmax, block)

    found = blocks.each(rows, look)
    filled = np.sum([part[0] for part in found], axis=0)
    if filled.sum() != count:
        return None
    low, high = np.fmin.reduce([part[1] for part in found]), np.fmax.reduce([part[2] for part in found])
    by_period = observed.reshape(dense.shape[:2])
    units = np.flatnonzero(by_period.any(axis=0))
    if len(units) < dense.shape[1]:
        rows, observed = dense[:, units].reshape(-1, dense.shape[2]), by_period[:, units].reshape(-1)
    return Cube(rows, periods, units, count, observed, low, high, filled)


def _counted(flags: NDArray[np.bool_]) -> Int:
    """How many are true in each column."""
    whole, columns = len(flags) - len(flags) % _SIDE_BY_SIDE, flags.shape[1]
    wide = np.add.reduce(flags[:whole].view(np.uint8).reshape(-1, _SIDE_BY_SIDE * columns), axis=0, dtype=np.uint16)
    return np.asarray(wide.reshape(-1, columns).sum(axis=0, dtype=np.int64) + flags[whole:].sum(axis=0, dtype=np.int64), dtype=np.int64)


def _reduced(extreme: np.ufunc, block: Float) -> Float:
    """The smallest or largest present value of each column; NaN where none is present."""
    whole, columns = len(block) - len(block) % _SIDE_BY_SIDE, block.shape[1]
    wide = extreme.reduce(block[:whole].reshape(-1, _SIDE_BY_SIDE * columns), axis=0) if whole else np.full(_SIDE_BY_SIDE * columns, np.nan)
    return np.asarray(extreme.reduce(np.concatenate([wide.reshape(-1, columns), block[whole:]]), axis=0), dtype=np.float64)


def _duplicate(path: Path, file: pq.ParquetFile) -> BadPanel:
    """Name one cell that is given twice."""
    table = file.read(columns=list(COLUMNS))
    table = table.filter(np.isfinite(table["value"].to_numpy()))
    counted = table.group_by(list(COLUMNS[:3])).aggregate([([], "count_all")])
    twice = counted.filter(np.greater(counted["count_all"].to_numpy(), 1)).slice(0, 1).to_pylist()[0]
    what = f"unit {twice['unit_id']}, period {twice['period']}, indicator {twice['indicator_id']} stands twice"
    return refuse(path, what, "keep one row per unit, period and indicator")
