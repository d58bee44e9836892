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
from rongtong.panel import files
from rongtong.panel.engine import cube as cubes
from rongtong.panel.engine import weights as weighing
from rongtong.panel.files import BadPanel, Indicators, Units
from rongtong.panel.measuring.rollup import roll_up
from rongtong.panel.method import Method

Float = NDArray[np.float64]
Progress = Callable[[float, str], None]
T = TypeVar("T")
BLOCK = 16_384
THREADS = 2
SIDES = ("party", "production", "integration")


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
    cube = cubes.fill(folder, files.open_observations(folder), indicators, units)
    np.minimum(cube.values, np.where(np.isnan(indicators.caps), np.inf, indicators.caps), out=cube.values)
    tell(0.4, "weights")
    setting, weights, dropped = _setting(cube, indicators, method, frozen)
    tell(0.6, "scores")
    with files.Output(Path(out)) as target:
        scores = _scores(cube, setting, units, robustness, target)
        tell(0.9, "roll-up")
        _write_rollup(cube, units, scores, target)
        seconds = time.perf_counter() - began
        _write_about(folder, target, setting, weights, dropped, cube, seconds)
    return RunSummary(len(cube.units), len(cube.periods), cube.count, seconds, Path(out))


def _each(values: Float, function: Callable[[Float], T]) -> Iterator[T]:
    """Apply to blocks of rows in order, on two threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(function, (values[at : at + BLOCK] for at in range(0, len(values), BLOCK)))


def _setting(cube: cubes.Cube, indicators: Indicators, method: Method, frozen: Path | None) -> tuple[_Setting, Float, list[str]]:
    each = lambda function: _each(cube.values, function)
    kept = _read_frozen(frozen, indicators) if frozen else None
    low, high = kept[0] if kept else weighing.bounds(each)
    constant = ~(high > low)
    scale = weighing.scale_of(indicators, low, high)
    try:
        weights = kept[1] if kept else weighing.weights(indicators, method, scale, each, constant)
    except methods.MeasurementError as refused:
        raise BadPanel(f"observations.parquet::: {refused}") from refused
    matrix = np.zeros((len(weights), len(SIDES)))
    for at, side in enumerate(SIDES[:2]):
        matrix[indicators.group(side), at] = weights[indicators.group(side)]
    matrix[:, 2] = _integration(indicators, constant)
    shares = np.array([*method.subsystem_weights, 0.0])
    setting = _Setting(indicators, method, scale, matrix, matrix @ shares, kept is not None)
    return setting, weights, [code for code, is_constant in zip(indicators.codes, constant, strict=True) if is_constant]


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


def _scores(cube: cubes.Cube, setting: _Setting, units: Units, draws: int, target: Path) -> dict[str, Any]:
    """Score every block, write scores and obstacles; returns the columns that the roll-up needs."""
    parts = list(_each(cube.values, lambda x: _block(x, setting)))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    kept = columns.pop("any")
    count = len(cube.units)
    columns["unit_id"] = np.tile(units.ids[cube.units], len(cube.periods)).astype(np.int32)
    columns["period"] = np.repeat(cube.periods, count).astype(np.int32)
    columns["d_low"], columns["d_high"] = _intervals(cube, setting, draws)
    _write_obstacles(columns, kept, setting, target)
    rows = np.flatnonzero(kept)
    names = [
        "unit_id",
        "period",
        "u1",
        "u2",
        "i",
        "c",
        "t",
        "d",
        "band",
        "lag",
        "coverage_party",
        "coverage_production",
        "clipped",
        "d_low",
        "d_high",
    ]
    table = pa.table({name: pa.array(columns[name][rows], from_pandas=True) for name in names})
    pq.write_table(table, target / "scores.parquet", compression="zstd", compression_level=1)
    return columns


def _block(x: Float, setting: _Setting) -> dict[str, Any]:
    method = setting.method
    z = setting.scale.apply(x)
    present = np.isfinite(z)
    low, high = method.span
    z = low + z * (high - low)
    filled = np.where(present, z, 0.0)
    mass, total = present.astype(np.float64) @ setting.matrix, filled @ setting.matrix
    with np.errstate(invalid="ignore", divide="ignore"):
        u = np.where((mass > 0) & (mass >= method.min_coverage - 1e-9), total / mass, np.nan)
    coupled = methods.coupling(u[:, :2], weights=np.array(method.subsystem_weights), variant=method.coupling)
    degrees = np.where(present, setting.obstacle_weights * (1.0 - filled), np.nan)
    top, order = _largest(degrees, method)
    outside = (x < setting.scale.low) | (x > setting.scale.high) if setting.is_frozen else np.zeros((len(x), 1), dtype=np.bool_)
    return {
        "u1": u[:, 0], "u2": u[:, 1], "i": u[:, 2], "c": coupled.c, "t": coupled.t, "d": coupled.d,
        "band": methods.grade(coupled.d, methods.BANDS[method.bands]), "lag": methods.lag(u[:, 0], u[:, 1], tolerance=method.lag_tolerance),
        "coverage_party": mass[:, 0], "coverage_production": mass[:, 1], "clipped": outside.sum(axis=1).astype(np.int32),
        "top": top, "order": order, "any": np.isfinite(x).any(axis=1),
    }  # fmt: skip


def _largest(degrees: Float, method: Method) -> tuple[Float, NDArray[np.int64]]:
    """The largest obstacle degrees of each row and their columns; equal ones in column order."""
    filled = np.nan_to_num(degrees, nan=0.0)
    total = filled.sum(axis=1, keepdims=True)
    if method.row_share:
        filled = filled / np.where(total > 0, total, 1.0)
    limit = min(method.obstacles, degrees.shape[1])
    found, at = np.empty((len(filled), limit)), np.empty((len(filled), limit), dtype=np.int64)
    rows = np.arange(len(filled))
    for place in range(limit):
        at[:, place] = filled.argmax(axis=1)
        found[:, place] = filled[rows, at[:, place]]
        filled[rows, at[:, place]] = -1.0
    return found, at


def _write_obstacles(columns: dict[str, Any], kept: NDArray[np.bool_], setting: _Setting, target: Path) -> None:
    top, order = columns.pop("top"), columns.pop("order")
    row, place = np.nonzero((top > 0) & kept[:, None])
    table = pa.table(
        {
            "unit_id": columns["unit_id"][row],
            "period": columns["period"][row],
            "rank": (place + 1).astype(np.int16),
            "indicator_id": setting.indicators.ids[order[row, place]].astype(np.int16),
            "degree": top[row, place],
        }
    )
    pq.write_table(table, target / "obstacles.parquet", compression="zstd", compression_level=1)


def _intervals(cube: cubes.Cube, setting: _Setting, draws: int) -> tuple[Float, Float]:
    """Interval of D under random weights; null without draws or without both sides."""
    empty = np.full(len(cube.values), np.nan)
    groups = [np.flatnonzero(setting.matrix[:, at] > 0) for at in (0, 1)]
    if not draws or not all(len(group) for group in groups):
        return empty, empty.copy()
    columns = np.concatenate(groups)
    local = [list(range(len(groups[0]))), list(range(len(groups[0]), len(columns)))]
    z = setting.scale.apply(cube.values)[:, columns]
    low, high = setting.method.span
    found = methods.robustness(
        low + z * (high - low), setting.matrix[columns].sum(axis=1), local, draws=draws,
        rng=np.random.default_rng(setting.method.seed), level=setting.method.level,
    )  # fmt: skip
    return found.low, found.high


def _write_rollup(cube: cubes.Cube, units: Units, columns: dict[str, Any], target: Path) -> None:
    """Head-count-weighted mean of D over every subtree; units never observed count as missing."""
    count, everyone = len(cube.units), np.ones(len(units.ids), dtype=np.bool_)
    tables = []
    for at, period in enumerate(cube.periods):
        d = np.full(len(units.ids), np.nan)
        d[cube.units] = columns["d"][at * count : (at + 1) * count]
        rolled = roll_up(d, everyone, units.headcount, units.parents, needs_people=False)
        tables.append(
            pa.table(
                {
                    "unit_id": units.ids.astype(np.int32),
                    "period": np.full(len(units.ids), period, dtype=np.int32),
                    "d": pa.array(rolled.d, from_pandas=True),
                    "units": rolled.units.astype(np.int32),
                    "missing": rolled.missing.astype(np.int32),
                    "headcount": rolled.headcount,
                }
            )
        )
    pq.write_table(pa.concat_tables(tables), target / "rollup.parquet", compression="zstd", compression_level=1)


def _write_about(
    folder: Path, target: Path, setting: _Setting, weights: Float, dropped: list[str], cube: cubes.Cube, seconds: float
) -> None:  # fmt: skip
    codes = setting.indicators.codes
    about = {
        "method": setting.method.as_dict(),
        "parameters": {"frozen": setting.is_frozen, "periods": cube.periods.tolist(), "units": len(cube.units), "observations": cube.count},
        "bounds": {code: [_none(setting.scale.low[at]), _none(setting.scale.high[at])] for at, code in enumerate(codes)},
        "weights": {code: float(weights[at]) for at, code in enumerate(codes)},
        "dropped": dropped,
        "input_hash": _digest(folder),
        "versions": {"rongtong": __version__, "python": platform.python_version(), "numpy": np.__version__, "pyarrow": pa.__version__},
        "seconds": round(seconds, 4),
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
