"""The panel as one dense array, filled from row groups: (periods, units, indicators), NaN where nothing was observed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rongtong.panel.files import COLUMNS, BadPanel, Indicators, Units, refuse

Int = NDArray[np.int64]
Float = NDArray[np.float64]
MAX_CELLS = 400_000_000


@dataclass(frozen=True, slots=True)
class Cube:
    """`values` (rows, k): a row per period and unit, period-major; `periods` codes, `units` rows of units.csv, `count` observations."""

    values: Float
    periods: Int
    units: Int
    count: int


def fill(folder: Path, file: pq.ParquetFile, indicators: Indicators, units: Units) -> Cube:
    """Read every row group once for keys and once for values; refuse unknown ids, infinities and duplicates."""
    path = folder / "observations.parquet"
    periods, seen = _keys(path, file, indicators, units)
    observed = np.flatnonzero(seen)
    shape = (len(periods), len(observed), len(indicators.ids))
    if np.prod([float(size) for size in shape]) > MAX_CELLS:
        raise BadPanel(f"{path}::: the panel has {shape[0]} x {shape[1]} x {shape[2]} cells; measure fewer periods at once on this machine")
    values = np.full(shape, np.nan)
    tables = (_inverse(periods), _inverse(units.ids[observed]), _inverse(indicators.ids))
    count = 0
    for group in range(file.num_row_groups):
        unit, period, indicator, value = _columns(file, group)
        at = (tables[0][period], tables[1][unit], tables[2][indicator])
        known = ~np.isnan(value)
        count += int(known.sum())
        values[at[0][known], at[1][known], at[2][known]] = value[known]
    if int((~np.isnan(values)).sum()) != count:
        raise _duplicate(path, file)
    return Cube(values.reshape(-1, shape[2]), periods, observed, count)


def _keys(path: Path, file: pq.ParquetFile, indicators: Indicators, units: Units) -> tuple[Int, NDArray[np.bool_]]:
    """Distinct periods in order, and which units occur; every id is checked."""
    unit_of, indicator_of = _inverse(units.ids), _inverse(indicators.ids)
    seen = np.zeros(len(units.ids), dtype=np.bool_)
    periods: set[int] = set()
    for group in range(file.num_row_groups):
        unit, period, indicator, value = _columns(file, group)
        for name, ids, table in (("unit_id", unit, unit_of), ("indicator_id", indicator, indicator_of)):
            _refuse_unknown(path, name, ids, table)
        if np.isinf(value).any():
            raise refuse(
                path,
                "a value is infinite",
                "leave the row out where nothing is known",
                row=int(np.argmax(np.isinf(value))) + 1,
                column="value",
            )
        found = np.unique(period)
        if ((found % 100 < 1) | (found % 100 > 12) | (found < 100_001)).any():
            raise refuse(path, f"{found[0]} is not a month", "write periods as yyyymm", column="period")
        periods.update(int(code) for code in found)
        seen[unit_of[unit]] = True
    if not periods:
        raise refuse(path, "there are no observations", "write at least one row")
    return np.array(sorted(periods), dtype=np.int64), seen


def _refuse_unknown(path: Path, name: str, ids: Int, table: Int) -> None:
    outside = (ids < 0) | (ids >= len(table))
    wrong = outside | (table[np.where(outside, 0, ids)] < 0)
    if wrong.any():
        at = int(np.argmax(wrong))
        other = "units.csv" if name == "unit_id" else "indicators.csv"
        raise refuse(path, f"{name} {ids[at]} is not in {other}", "add it there or correct the number", row=at + 1, column=name)


def _columns(file: pq.ParquetFile, group: int) -> tuple[Int, Int, Int, Float]:
    table = file.read_row_group(group, columns=list(COLUMNS))
    unit, period, indicator = (_ids(table[name], name) for name in COLUMNS[:3])
    return unit, period, indicator, table["value"].to_numpy().astype(np.float64, copy=False)


def _ids(column: pa.ChunkedArray, name: str) -> Int:
    if column.null_count:
        raise BadPanel(f"observations.parquet:::{name} holds empty cells; every row needs an id")
    return column.to_numpy()  # type: ignore[no-any-return]


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
