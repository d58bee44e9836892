"""`measure`: three passes over the cube (bounds, z with the sums of the weights, scores), then the roll-up and run.json."""

import hashlib
import json
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rongtong import __version__
from rongtong.engines import measurement as methods
from rongtong.panel import files, reading
from rongtong.panel.engine import blocks, freezing
from rongtong.panel.engine import cube as cubes
from rongtong.panel.engine import weights as weighing
from rongtong.panel.engine.scoring import Setting
from rongtong.panel.engine.writing import write_tables
from rongtong.panel.files import BadPanel, Indicators, Units
from rongtong.panel.method import Method

Float = NDArray[np.float64]
Progress = Callable[[float, str], None]
SIDES = ("party", "production", "integration")


@dataclass(frozen=True, slots=True)
class RunSummary:
    units: int
    periods: int
    rows: int
    seconds: float
    out: Path
    dropped: tuple[str, ...] = ()


def measure(
    directory: Path, out: Path, *, method: Method | None = None, frozen: Path | None = None, robustness: int = 0, engine: str = "local",
    progress: Progress | None = None,
) -> RunSummary:  # fmt: skip
    """Measure a panel folder into a new folder; raises BadPanel and writes nothing if anything is wrong.

    `progress(share, note)` is called between passes and pieces, and may raise to cancel.
    """
    if engine != "local":
        raise BadPanel(f"the engine {engine} is not built yet; use --engine local", files.ENVIRONMENT)
    began, tell = time.perf_counter(), progress or (lambda share, note: None)
    folder, method = Path(directory), method or Method()
    indicators, units = reading.read_indicators(folder), reading.read_units(folder)
    tell(0.0, "read")
    with ThreadPoolExecutor(blocks.THREADS) as pool:
        digest = pool.submit(_digest, folder)
        cube = cubes.fill(folder, indicators, units)
        tell(0.4, "weights")
        setting, weights, dropped = _setting(cube, indicators, method, frozen)
        tell(0.6, "scores")
        with files.Output(Path(out)) as target:
            write_tables(cube, setting, units, robustness, target, lambda share: tell(0.6 + 0.4 * share, "scores"))
            seconds = time.perf_counter() - began
            more = {"input_hash": digest.result(), "seconds": round(seconds, 4)}
            _write_about(target, setting, weights, dropped, cube, units, more)
    return RunSummary(len(cube.units), len(cube.periods), cube.count, seconds, Path(out), tuple(dropped))


def _setting(cube: cubes.Cube, indicators: Indicators, method: Method, frozen: Path | None) -> tuple[Setting, Float, list[str]]:
    """Bounds, normalised values in the place of the raw ones, weights."""
    kept = freezing.read(frozen, indicators, method) if frozen else None
    low, high = kept[0] if kept else (cube.low, cube.high)
    scale = weighing.scale_of(indicators, low, high)
    other = _other_normalisation(cube, indicators, method)
    try:
        before = weighing.raw_weights(indicators, method, scale, cube.values, cube.present) if kept is None else kept[1]
        clipped, sums = _normalise(cube.values, scale, method, counts=kept is not None, sums=before is None)
        weights = weighing.weights(indicators, method, scale, cube.values, sums, cube.present) if before is None else before
    except methods.MeasurementError as refused:
        raise BadPanel(f"observations.parquet::: {refused}") from refused
    if other is not None:
        cube.values[:] = other
    constant = scale.is_constant
    matrix = np.zeros((len(weights), len(SIDES)))
    for at, side in enumerate(SIDES[:2]):
        matrix[indicators.group(side), at] = weights[indicators.group(side)]
    matrix[:, 2] = _integration(indicators, constant)
    shares = np.array([*method.subsystem_weights, 0.0])
    setting = Setting(indicators, method, scale, matrix, matrix @ shares, clipped, kept is not None)
    return setting, weights, [code for code, is_constant in zip(indicators.codes, constant, strict=True) if is_constant]


def _normalise(
    values: Float, scale: weighing.Scale, method: Method, *, counts: bool, sums: bool
) -> tuple[NDArray[np.int32], weighing.Sums | None]:
    """Normalise in place; with frozen bounds how many values of each row lay outside, and what the weights need of z, at the same time."""
    clipped, wanted = np.zeros(len(values), dtype=np.int32), sums and weighing.needs_sums(method)
    at_once = wanted and not scale.special

    def normalise(x: Float, rows: slice, work: blocks.Workspace) -> weighing.Sums | None:
        if counts:
            clipped[rows] = ((x < scale.low) | (x > scale.high)).sum(axis=1, dtype=np.int32)
        scale.apply(x, clips=counts)
        return weighing.sums_of(x, method, work) if at_once else None

    found = [part for part in blocks.each(values, normalise) if part is not None]
    if wanted and not at_once:
        stretch = weighing.stretch_of(values, scale)
        found = blocks.each(values, lambda z, _rows, work: weighing.sums_of(z, method, work, stretch))
    return clipped, weighing.total(found) if wanted else None


def _other_normalisation(cube: cubes.Cube, indicators: Indicators, method: Method) -> Float | None:
    """Values by another method than min-max, which the weights are still read from; None for min-max."""
    if method.normalisation == "minmax":
        return None
    try:
        z = methods.normalise(cube.values, indicators.directions, method=method.normalisation).values
    except methods.MeasurementError as refused:
        raise BadPanel(f"indicators.csv:::direction {refused}") from refused
    with np.errstate(invalid="ignore"):
        if ((z < 0) | (z > 1)).any():
            raise BadPanel(
                f"observations.parquet:::value {method.normalisation} leaves [0, 1], because values are negative; use minmax or rank"
            )
    return z


def _integration(indicators: Indicators, constant: NDArray[np.bool_]) -> Float:
    """Weights of linkage indicators: their column, equal where empty; they enter neither D nor obstacles."""
    found, group = np.zeros(len(indicators.codes)), [at for at in indicators.group("integration") if not constant[at]]
    if group:
        column = indicators.weights[group]
        column = np.ones(len(group)) if np.isnan(column).any() else column
        found[group] = column / column.sum() if column.sum() > 0 else 1.0 / len(group)
    return found


def _write_about(
    target: Path, setting: Setting, weights: Float, dropped: list[str], cube: cubes.Cube, units: Units, more: dict[str, Any]
) -> None:  # fmt: skip
    codes = setting.indicators.codes
    about = {
        "method": setting.method.as_dict(),
        "parameters": {
            "frozen": setting.is_frozen,
            "periods": cube.periods.tolist(),
            "units": len(cube.units),
            "observations": cube.count,
            "units_without_headcount": units.without_headcount,
        },
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
