"""A synthetic panel: 15 Party and 15 production indicators, benefit and cost, autocorrelated, 2 % of rows absent, a tree of depth 5."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rongtong.kernel.periods import add_months
from rongtong.panel.files import Output

FIRST_PERIOD = 202401
SIDE = 15
ABSENT = 0.02
_BLOCK = 20_000
SCHEMA = pa.schema([("unit_id", pa.int32()), ("period", pa.int32()), ("indicator_id", pa.int16()), ("value", pa.float64())])


def synth(units: int, periods: int, seed: int, out: Path) -> None:
    """Write observations.parquet, indicators.csv and units.csv to a new folder; the same arguments give the same files."""
    if units < 1 or periods < 1:
        raise ValueError("units and periods must be 1 or more")
    with Output(Path(out)) as folder:
        _write_indicators(folder)
        _write_units(folder, units, seed)
        keys = ["unit_id", "period", "indicator_id"]  # values hardly repeat: a dictionary of them makes the file larger and slower
        with pq.ParquetWriter(folder / "observations.parquet", SCHEMA, compression="zstd", use_dictionary=keys) as writer:
            rng = np.random.default_rng(seed)
            state = rng.normal(size=(units, 2 * SIDE)).astype(np.float32)
            level = rng.normal(size=(units, 2)).astype(np.float32)
            for at in range(periods):
                state = 0.8 * state + 0.6 * rng.normal(size=state.shape).astype(np.float32)
                _write_period(writer, rng, state, level, add_months(FIRST_PERIOD, at))


def _write_period(
    writer: pq.ParquetWriter, rng: np.random.Generator, state: NDArray[np.float32], level: NDArray[np.float32], period: int
) -> None:
    """One row group per block of units; each unit keeps at least one row."""
    for start in range(0, len(state), _BLOCK):
        latent = state[start : start + _BLOCK].astype(np.float64) * 0.5
        latent[:, :SIDE] += level[start : start + _BLOCK, :1]
        latent[:, SIDE:] += level[start : start + _BLOCK, 1:]
        values = _values(latent)
        kept = rng.random(values.shape) >= ABSENT
        kept[~kept.any(axis=1), 0] = True
        row, column = np.nonzero(kept)
        arrays = [
            pa.array((row + start).astype(np.int32)),
            pa.array(np.full(len(row), period, dtype=np.int32)),
            pa.array(column.astype(np.int16)),
            pa.array(values[row, column]),
        ]
        writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))


def _values(latent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Party columns are rates near 100 with little spread, production columns spread widely; every third column is a cost."""
    found = np.empty_like(latent)
    share = 1.0 / (1.0 + np.exp(-latent))
    for column in range(latent.shape[1]):
        good = 1.0 - share[:, column] if column % 3 == 2 else share[:, column]
        found[:, column] = 90.0 + 10.0 * good if column < SIDE else (40.0 + column) * (0.5 + good)
    return np.round(found, 4)


def _write_indicators(folder: Path) -> None:
    rows = [
        (
            at,
            f"{'P' if at < SIDE else 'B'}{at % SIDE + 1:02d}",
            "party" if at < SIDE else "production",
            "cost" if at % 3 == 2 else "benefit",
            "",
            "",
            "",
            round(1 / SIDE, 12),
        )
        for at in range(2 * SIDE)
    ]
    _write_csv(
        folder / "indicators.csv", ["indicator_id", "code", "subsystem", "direction", "ideal_low", "ideal_high", "cap", "weight"], rows
    )


def _write_units(folder: Path, units: int, seed: int) -> None:
    """A tree of five levels (as many as there are units, if fewer), each with about the same fan-out."""
    fan = max(1, round(units ** (1 / 4)))
    while fan > 1 and 1 + fan + fan**2 + fan**3 >= units:
        fan -= 1  # leave units for the fifth level
    head = np.random.default_rng(seed + 1).integers(20, 400, size=units)
    rows = [(at, "" if at == 0 else _parent(at, fan, units), int(head[at])) for at in range(units)]
    _write_csv(folder / "units.csv", ["unit_id", "parent_id", "headcount"], rows)


def _parent(at: int, fan: int, units: int) -> int:
    """Units 1..f hang below 0, the next f² below those, and so on; from the fifth level on all share the fourth as parents."""
    start, width, above = 1, fan, 0
    for depth in range(1, 5):
        if at < start + width or depth == 4:
            previous = max(1, width // fan)
            return above + (at - start) % previous
        above, start, width = start, start + width, width * fan
    return 0


def _write_csv(path: Path, header: list[str], rows: Sequence[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
