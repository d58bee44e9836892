"""`measure`: three passes over the cube (bounds, weights, scores), then the roll-up and run.json."""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rongtong import __version__
from rongtong.engines import measurement as methods
from rongtong.panel import arrow, files
from rongtong.panel.engine import cube as cubes
from rongtong.panel.engine import weights as weighing
from rongtong.panel.files import BadPanel, Indicators, Units
from rongtong.panel.measuring.rollup import levels, roll_up
from rongtong.panel.method import Method

Float = NDArray[np.float64]
Progress = Callable[[float, str], None]
T = TypeVar("T")
BLOCK = 4_096  # rows: a block of thirty indicators stays near a core's cache
THREADS = 2
SIDES = ("party", "production", "integration")
SCORES = (
    "unit_id", "period", "u1", "u2", "i", "c", "t", "d", "band", "lag", "coverage_party", "coverage_production", "clipped", "d_low", "d_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunSummary:
    units: int
    periods: int
    rows: int
    seconds: float
    out: Path


@dataclass(frozen=True, slots=True)
class _Setting:
    indicators: Indicators
    method: Method
    scale: weighing.Scale
    matrix: Float  # (k, 3): weight of each indicator in its side
    obstacle_weights: Float
    clipped: NDArray[np.int32]  # per row, values outside frozen bounds
    is_frozen: bool


def measure(
    directory: Path, out: Path, *, method: Method | None = None, frozen: Path | None = None, robustness: int = 0, engine: str = "local",
    progress: Progress | None = None,
) -> RunSummary:  # fmt: skip
    """Measure a panel folder into a new folder; raises BadPanel and writes nothing if anything is wrong.

    `progress(share, note)` is called between blocks and may raise to cancel.
    """
    if engine != "local":
        raise BadPanel(f"the engine {engine} is not built yet; use --engine local", files.ENVIRONMENT)
    began, tell = time.perf_counter(), progress or (lambda share, note: None)
    folder, method = Path(directory), method or Method()
    indicators, units = files.read_indicators(folder), files.read_units(folder)
    tell(0.0, "read")
    with ThreadPoolExecutor(THREADS) as pool:
        digest = pool.submit(_digest, folder)
        cube = cubes.fill(folder, indicators, units)
        tell(0.4, "weights")
        setting, weights, dropped = _setting(cube, indicators, method, frozen)
        tell(0.6, "scores")
        with files.Output(Path(out)) as target:
            columns = _scores(cube, setting, units, robustness)
            tell(0.9, "roll-up")
            kept = columns.pop("any")
            writing = [pool.submit(write, columns, kept, setting, target) for write in (_write_scores, _write_obstacles)]
            _write_rollup(cube, units, columns["d"], target)
            for each in writing:
                each.result()
            seconds = time.perf_counter() - began
            _write_about(target, setting, weights, dropped, cube, {"input_hash": digest.result(), "seconds": round(seconds, 4)})
    return RunSummary(len(cube.units), len(cube.periods), cube.count, seconds, Path(out))


def _each(values: Float, function: Callable[[Float], T]) -> Iterator[T]:
    """Apply to blocks of rows in order, on two threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(function, (values[at : at + BLOCK] for at in range(0, len(values), BLOCK)))


def _setting(cube: cubes.Cube, indicators: Indicators, method: Method, frozen: Path | None) -> tuple[_Setting, Float, list[str]]:
    """Bounds, normalised values in the place of the raw ones, weights."""
    if np.isfinite(indicators.caps).any():
        np.minimum(cube.values, np.where(np.isnan(indicators.caps), np.inf, indicators.caps), out=cube.values)

    def each(function: Callable[[Float], Any]) -> Iterator[Any]:
        return _each(cube.values, function)

    kept = _read_frozen(frozen, indicators) if frozen else None
    low, high = kept[0] if kept else weighing.bounds(each)
    constant = ~(high > low)
    scale = weighing.scale_of(indicators, low, high)
    try:
        before = weighing.raw_weights(indicators, method, scale, each, constant) if kept is None else kept[1]
        clipped = np.concatenate(list(each(lambda x: _normalise(x, scale, kept is not None))))
        weights = weighing.weights(indicators, method, each, constant) if before is None else before
    except methods.MeasurementError as refused:
        raise BadPanel(f"observations.parquet::: {refused}") from refused
    matrix = np.zeros((len(weights), len(SIDES)))
    for at, side in enumerate(SIDES[:2]):
        matrix[indicators.group(side), at] = weights[indicators.group(side)]
    matrix[:, 2] = _integration(indicators, constant)
    shares = np.array([*method.subsystem_weights, 0.0])
    setting = _Setting(indicators, method, scale, matrix, matrix @ shares, clipped, kept is not None)
    return setting, weights, [code for code, is_constant in zip(indicators.codes, constant, strict=True) if is_constant]


def _normalise(x: Float, scale: weighing.Scale, is_frozen: bool) -> NDArray[np.int32]:
    """Normalise a block in place; returns how many values of each row lay outside frozen bounds."""
    outside = ((x < scale.low) | (x > scale.high)).sum(axis=1, dtype=np.int32) if is_frozen else np.zeros(len(x), dtype=np.int32)
    scale.apply(x)
    return outside


def _integration(indicators: Indicators, constant: NDArray[np.bool_]) -> Float:
    """Weights of linkage indicators: their column, equal where empty; they enter neither D nor obstacles."""
    found, group = np.zeros(len(indicators.codes)), [at for at in indicators.group("integration") if not constant[at]]
    if group:
        column = indicators.weights[group]
        column = np.ones(len(group)) if np.isnan(column).any() else column
        found[group] = column / column.sum() if column.sum() > 0 else 1.0 / len(group)
    return found


def _read_frozen(path: Path, indicators: Indicators) -> tuple[tuple[Float, Float], Float]:
    """Bounds and weights of another run's run.json."""
    try:
        run = json.loads(Path(path).read_text(encoding="utf-8"))
        pairs = [run["bounds"][code] for code in indicators.codes]
        weights = np.array([run["weights"][code] for code in indicators.codes], dtype=np.float64)
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise BadPanel(f"{path}::: is no run.json of these indicators ({broken}); name the run.json of an earlier run") from broken
    low, high = (np.array([np.nan if p[at] is None else p[at] for p in pairs], dtype=np.float64) for at in (0, 1))
    return (low, high), weights


def _scores(cube: cubes.Cube, setting: _Setting, units: Units, draws: int) -> dict[str, Any]:
    """Score every block; columns of all rows, and `any`: which rows hold an observation."""
    count, rows, limit = len(cube.units), len(cube.values), min(setting.method.obstacles, cube.values.shape[1])
    columns: dict[str, Any] = {name: np.empty(rows) for name in ("u1", "u2", "i", "c", "t", "d", "coverage_party", "coverage_production")}
    columns |= {"band": np.empty(rows, dtype=np.int8), "lag": np.empty(rows, dtype=np.int8), "any": np.empty(rows, dtype=np.bool_)}
    columns |= {"top": np.empty((rows, limit)), "order": np.empty((rows, limit), dtype=np.int16)}

    def score(at: int) -> None:
        here = slice(at, at + BLOCK)
        for name, found in _block(cube.values[here], setting).items():
            columns[name][here] = found

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(score, range(0, rows, BLOCK)))
    columns["unit_id"] = np.tile(units.ids[cube.units].astype(np.int32), len(cube.periods))
    columns["period"] = np.repeat(cube.periods.astype(np.int32), count)
    columns["clipped"] = setting.clipped
    columns["d_low"], columns["d_high"] = _intervals(cube, setting, draws)
    return columns


def _block(z: Float, setting: _Setting) -> dict[str, Any]:
    method = setting.method
    present = (~np.isnan(z)).astype(np.float64)
    filled = np.fmax(_spanned(z, method), 0.0)  # NaN becomes 0: it adds nothing to a sum of weighted values
    mass, total = present @ setting.matrix, filled @ setting.matrix
    with np.errstate(invalid="ignore", divide="ignore"):
        u = np.where((mass > 0) & (mass >= method.min_coverage - 1e-9), total / mass, np.nan)
    coupled = methods.coupling(u[:, :2], weights=np.array(method.subsystem_weights), variant=method.coupling)
    shown = present @ np.ones(z.shape[1]) > 0
    degrees = np.subtract(present, filled, out=present)
    top, order = _largest(np.multiply(degrees, setting.obstacle_weights, out=degrees), method)
    return {
        "u1": u[:, 0], "u2": u[:, 1], "i": u[:, 2], "c": coupled.c, "t": coupled.t, "d": coupled.d,
        "band": methods.grade(coupled.d, methods.BANDS[method.bands]), "lag": methods.lag(u[:, 0], u[:, 1], tolerance=method.lag_tolerance),
        "coverage_party": mass[:, 0], "coverage_production": mass[:, 1], "top": top, "order": order, "any": shown,
    }  # fmt: skip


def _spanned(z: Float, method: Method) -> Float:
    low, high = method.span
    return z if (low, high) == (0.0, 1.0) else low + z * (high - low)


def _largest(degrees: Float, method: Method) -> tuple[Float, NDArray[np.int64]]:
    """The largest obstacle degrees of each row and their columns; equal ones in column order. Overwrites `degrees`."""
    total = degrees @ np.ones(degrees.shape[1])
    limit = min(method.obstacles, degrees.shape[1])
    found, at = np.empty((limit, len(degrees))), np.empty((limit, len(degrees)), dtype=np.int64)
    rows = np.arange(len(degrees)) * degrees.shape[1]
    for place in range(limit):
        degrees.argmax(axis=1, out=at[place])
        cell = rows + at[place]
        degrees.take(cell, out=found[place])
        degrees.put(cell, -1.0)
    if method.row_share:
        found /= np.where(total > 0, total, 1.0)
    return found.T, at.T


def _write_scores(columns: dict[str, Any], kept: NDArray[np.bool_], _setting: _Setting, target: Path) -> None:
    rows = slice(None) if kept.all() else np.flatnonzero(kept)
    _write({name: columns[name][rows] for name in SCORES}, target / "scores.parquet")


def _write_obstacles(columns: dict[str, Any], kept: NDArray[np.bool_], setting: _Setting, target: Path) -> None:
    top, order = columns["top"], columns["order"]
    rows, limit = top.shape
    table = {
        "unit_id": np.repeat(columns["unit_id"], limit),
        "period": np.repeat(columns["period"], limit),
        "rank": np.tile(np.arange(1, limit + 1, dtype=np.int16), rows),
        "indicator_id": setting.indicators.ids.astype(np.int16)[order.reshape(-1)],
        "degree": top.reshape(-1),
    }
    shown = (top > 0) & kept[:, None]
    if not shown.all():
        table = {name: column[shown.reshape(-1)] for name, column in table.items()}
    _write(table, target / "obstacles.parquet")


def _write(columns: dict[str, Any], path: Path) -> None:
    """Whole numbers run and repeat: their differences are packed; measures are written as they are."""
    table = pa.table({name: arrow.column(values) for name, values in columns.items()})
    packed = {name: "DELTA_BINARY_PACKED" for name, values in columns.items() if values.dtype in {np.dtype("i4"), np.dtype("i8")}}
    small = [name for name, values in columns.items() if values.dtype.itemsize < 4]
    pq.write_table(table, path, compression="lz4", use_dictionary=small, column_encoding=packed, write_statistics=list(packed))


def _intervals(cube: cubes.Cube, setting: _Setting, draws: int) -> tuple[Float, Float]:
    """Interval of D under random weights; null without draws or without both sides."""
    empty = np.full(len(cube.values), np.nan)
    groups = [np.flatnonzero(setting.matrix[:, at] > 0) for at in (0, 1)]
    if not draws or not all(len(group) for group in groups):
        return empty, empty.copy()
    columns = np.concatenate(groups)
    local = [list(range(len(groups[0]))), list(range(len(groups[0]), len(columns)))]
    found = methods.robustness(
        _spanned(cube.values[:, columns], setting.method), setting.matrix[columns].sum(axis=1), local, draws=draws,
        rng=np.random.default_rng(setting.method.seed), level=setting.method.level,
    )  # fmt: skip
    return found.low, found.high


def _write_rollup(cube: cubes.Cube, units: Units, scores: Float, target: Path) -> None:
    """Head-count-weighted mean of D over every subtree; units never observed count as missing."""
    count, everyone = len(cube.units), np.ones(len(units.ids), dtype=np.bool_)
    tables, depths = [], levels(units.parents)
    for at, period in enumerate(cube.periods):
        d = np.full(len(units.ids), np.nan)
        d[cube.units] = scores[at * count : (at + 1) * count]
        rolled = roll_up(d, everyone, units.headcount, units.parents, needs_people=False, depths=depths)
        tables.append(
            {
                "unit_id": units.ids.astype(np.int32),
                "period": np.full(len(units.ids), period, dtype=np.int32),
                "d": rolled.d,
                "units": rolled.units.astype(np.int32),
                "missing": rolled.missing.astype(np.int32),
                "headcount": rolled.headcount,
            }
        )
    _write({name: np.concatenate([table[name] for table in tables]) for name in tables[0]}, target / "rollup.parquet")


def _write_about(
    target: Path, setting: _Setting, weights: Float, dropped: list[str], cube: cubes.Cube, more: dict[str, Any]
) -> None:  # fmt: skip
    codes = setting.indicators.codes
    about = {
        "method": setting.method.as_dict(),
        "parameters": {"frozen": setting.is_frozen, "periods": cube.periods.tolist(), "units": len(cube.units), "observations": cube.count},
        "bounds": {code: [_none(setting.scale.low[at]), _none(setting.scale.high[at])] for at, code in enumerate(codes)},
        "weights": {code: float(weights[at]) for at, code in enumerate(codes)},
        "dropped": dropped,
        "versions": {"rongtong": __version__, "python": platform.python_version(), "numpy": np.__version__, "pyarrow": pa.__version__},
        **more,
    }
    (target / "run.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")


def _none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in ("observations.parquet", "indicators.csv", "units.csv"):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
