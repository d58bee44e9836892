"""The tables of a run, written piece by piece while the next pieces are scored: no column of the whole run is ever held but D."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rongtong.panel import arrow
from rongtong.panel.engine import blocks
from rongtong.panel.engine.cube import Cube
from rongtong.panel.engine.scoring import Setting, score
from rongtong.panel.files import Units
from rongtong.panel.measuring.rollup import levels, roll_up

Float = NDArray[np.float64]
Columns = dict[str, Any]
PIECE = 32 * blocks.BLOCK
AHEAD = blocks.THREADS + 1  # pieces scored before they are written
SCORES = (
    "unit_id", "period", "u1", "u2", "i", "c", "t", "d", "band", "lag", "coverage_party", "coverage_production", "clipped", "d_low", "d_high",
)  # fmt: skip


def write_tables(cube: Cube, setting: Setting, units: Units, draws: int, folder: Path, tell: Callable[[float], None]) -> None:
    """scores.parquet, obstacles.parquet and rollup.parquet of the whole cube. `tell(share)` may raise to cancel."""
    d, work = np.empty(len(cube.values)), blocks.Workspace(cube.values.shape[1])
    scores, obstacles, rollups = (_Table(folder / f"{name}.parquet") for name in ("scores", "obstacles", "rollup"))
    rolling = _Rolling(cube, units, rollups)

    def scored(at: int) -> Columns:
        return _keyed(cube, setting, units, slice(at, at + PIECE), score(cube.values[at : at + PIECE], setting, draws, work))

    starts = deque(range(0, len(cube.values), PIECE))
    with scores, obstacles, rollups, ThreadPoolExecutor(blocks.THREADS) as pool, ThreadPoolExecutor(1) as pen:
        ahead: deque[Future[Columns]] = deque()
        written: Future[None] | None = None
        done = 0
        while starts or ahead:
            while starts and len(ahead) < AHEAD:
                ahead.append(pool.submit(scored, starts.popleft()))
            columns = ahead.popleft().result()
            if written is not None:
                written.result()
            written = pen.submit(_add_obstacles, columns, setting, obstacles)
            d[done : done + len(columns["d"])] = columns["d"]
            done += len(columns["d"])
            _add_scores(columns, scores)
            rolling.advance(d, done)
            tell(done / len(d))
        if written is not None:
            written.result()


def _keyed(cube: Cube, setting: Setting, units: Units, rows: slice, columns: Columns) -> Columns:
    """The columns with the keys of their rows."""
    at = np.arange(rows.start, min(rows.stop, len(cube.values)))
    columns["unit_id"] = units.ids[cube.units[at % len(cube.units)]].astype(np.int32)
    columns["period"] = cube.periods[at // len(cube.units)].astype(np.int32)
    columns["clipped"], columns["observed"] = setting.clipped[rows], cube.observed[rows]
    return columns


def _add_scores(columns: Columns, table: "_Table") -> None:
    rows = slice(None) if columns["observed"].all() else np.flatnonzero(columns["observed"])
    table.add({name: columns[name][rows] for name in SCORES})


def _add_obstacles(columns: Columns, setting: Setting, table: "_Table") -> None:
    top, order = columns["top"], columns["order"]
    rows, limit = top.shape
    found = {
        "unit_id": np.repeat(columns["unit_id"], limit),
        "period": np.repeat(columns["period"], limit),
        "rank": np.tile(np.arange(1, limit + 1, dtype=np.int16), rows),
        "indicator_id": setting.indicators.ids.astype(np.int16)[order.reshape(-1)],
        "degree": top.reshape(-1),
    }
    shown = (top > 0) & columns["observed"][:, None]
    table.add(found if shown.all() else {name: column[shown.reshape(-1)] for name, column in found.items()})


class _Rolling:
    """Head-count-weighted mean of D over every subtree, a period at a time; units never observed count as missing."""

    def __init__(self, cube: Cube, units: Units, table: "_Table") -> None:
        self.cube, self.units, self.table = cube, units, table
        self.depths, self.everyone = levels(units.parents), np.ones(len(units.ids), dtype=np.bool_)
        self.ids, self.period = units.ids.astype(np.int32), 0

    def advance(self, d: Float, done: int) -> None:
        """Write the periods whose D is known up to row `done`."""
        count = len(self.cube.units)
        while self.period < len(self.cube.periods) and (self.period + 1) * count <= done:
            self._write(d[self.period * count : (self.period + 1) * count])
            self.period += 1

    def _write(self, d: Float) -> None:
        whole = np.full(len(self.ids), np.nan)
        whole[self.cube.units] = d
        rolled = roll_up(whole, self.everyone, self.units.headcount, self.units.parents, needs_people=False, depths=self.depths)
        columns = {
            "unit_id": self.ids,
            "period": np.full(len(self.ids), self.cube.periods[self.period], dtype=np.int32),
            "d": rolled.d,
            "units": rolled.units.astype(np.int32),
            "missing": rolled.missing.astype(np.int32),
            "headcount": rolled.headcount,
        }
        self.table.add(columns)


class _Table:
    """A Parquet file that grows by row groups, each column written the quickest way that keeps it small."""

    _DIFFERENCES = ("unit_id", "units", "missing")  # run on or nearly repeat
    _FEW = ("band", "lag", "indicator_id")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "_Table":
        return self

    def __exit__(self, *error: object) -> None:
        if self.writer is not None:
            self.writer.close()

    def add(self, columns: Columns) -> None:
        table = pa.table({name: arrow.column(values) for name, values in columns.items()})
        if self.writer is None:
            packed = {name: "DELTA_BINARY_PACKED" for name in columns if name in self._DIFFERENCES}
            few = [name for name in columns if name in self._FEW]
            kept = [name for name in columns if name in {"unit_id", "period"}]
            self.writer = pq.ParquetWriter(
                self.path, table.schema, compression="lz4", use_dictionary=few, column_encoding=packed, write_statistics=kept
            )
        self.writer.write_table(table)
