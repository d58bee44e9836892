"""One class in one period: normalise, score, couple, grade, find obstacles, bound. Plain arrays in, plain arrays out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongtong.engines import measurement as engine
from rongtong.panel.measuring.plan import SUBSYSTEMS, ClassPlan, Column, Method

Float = NDArray[np.float64]
DIMENSIONS = ("governance", "goal", "work")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Frozen minimum and maximum per indicator (2, k); used only where neither target nor band is set. NaN: none known."""

    low_high: Float


@dataclass(frozen=True, slots=True)
class Scored:
    """Results for the n units of a class in one period; all arrays (n, ...)."""

    z: Float
    u: Float  # (n, 3): party, production, integration
    coverage: Float
    dimensions: Float  # (n, 3): governance, goal, work
    c: Float
    t: Float
    d: Float
    d_low: Float
    d_high: Float
    rank_low: Float
    rank_high: Float
    band: NDArray[np.int8]
    lag: NDArray[np.int8]
    clipped: NDArray[np.int64]
    degrees: Float


def normalise(values: Float, columns: tuple[Column, ...], targets: Float, bounds: Bounds) -> tuple[Float, NDArray[np.int64]]:
    """z in [0, 1] by target, else norm band, else frozen bounds; and per unit how many values lay outside the bounds.

    `targets` (n, k, 3) floor, target, stretch, NaN where not set. A column with none of the three stays missing.
    """
    z = np.full(values.shape, np.nan)
    clipped = np.zeros(len(values), dtype=np.int64)
    for at, column in enumerate(columns):
        value = values[:, at] if column.cap is None else np.minimum(values[:, at], column.cap)
        aimed = np.isfinite(targets[:, at, 1])
        if column.bands:
            z[:, at] = _by_bands(value, column)
        else:
            z[:, at], outside = _by_bounds(value, column, bounds.low_high[:, at])
            clipped += outside & ~aimed
        if aimed.any():
            z[aimed, at] = _by_target(value[aimed], column, targets[aimed, at])
    return z, clipped


def _by_target(value: Float, column: Column, targets: Float) -> Float:
    scored = engine.normalise(value[:, None], [column.direction], method="target", targets=_with_floor(targets, column)[:, None, :])
    return scored.values[:, 0]


def _with_floor(targets: Float, column: Column) -> Float:
    """A target without a floor scores 0 at half the way below it (at twice it, for a cost): said on the method page."""
    filled = targets.copy()
    empty = ~np.isfinite(filled[:, 0])
    factor = 2.0 if column.direction == "cost" else 0.5
    filled[empty, 0] = filled[empty, 1] * factor
    return filled


def _by_bands(value: Float, column: Column) -> Float:
    edges, scores = (np.array(part, dtype=np.float64) for part in zip(*sorted(column.bands), strict=True))
    return np.where(np.isfinite(value), np.interp(value, edges, scores), np.nan)


def _by_bounds(value: Float, column: Column, low_high: Float) -> tuple[Float, NDArray[np.bool_]]:
    low, high = low_high
    outside = np.isfinite(value) & ((value < low - 1e-12) | (value > high + 1e-12))
    if not (np.isfinite(low) and np.isfinite(high) and high > low):
        return np.full(len(value), np.nan), np.zeros(len(value), dtype=np.bool_)
    ideals = np.array([column.ideal]) if column.direction in {"target", "interval"} else None
    scored = engine.normalise(value[:, None], [column.direction], method="minmax", reference=low_high[:, None], ideals=ideals)
    return scored.values[:, 0], outside


def score(values: Float, plan: ClassPlan, targets: Float, bounds: Bounds, method: Method, rng: np.random.Generator) -> Scored:
    """Measure the units of one class in one period."""
    z, clipped = normalise(values, plan.columns, targets, bounds)
    weights = np.array([column.weight for column in plan.columns])
    u, coverage = _subsystems(z, weights, plan, method)
    coupled = engine.coupling(u[:, :2], weights=np.array(method.subsystem_weights))
    low, high, rank_low, rank_high = _intervals(z, weights, plan, method, rng)
    unknown = ~np.isfinite(coupled.d)
    for bound in (low, high, rank_low, rank_high):
        bound[unknown] = np.nan
    return Scored(
        z=z,
        u=u,
        coverage=coverage,
        dimensions=_dimensions(z, weights, plan),
        c=coupled.c,
        t=coupled.t,
        d=coupled.d,
        d_low=low,
        d_high=high,
        rank_low=rank_low,
        rank_high=rank_high,
        band=engine.grade(coupled.d, engine.TEN_BANDS),
        lag=engine.lag(u[:, 0], u[:, 1], tolerance=method.lag_tolerance),
        clipped=clipped,
        degrees=_obstacles(z, weights, plan, method),
    )


def _subsystems(z: Float, weights: Float, plan: ClassPlan, method: Method) -> tuple[Float, Float]:
    u = np.full((len(z), len(SUBSYSTEMS)), np.nan)
    coverage = np.zeros((len(z), len(SUBSYSTEMS)))
    for at, subsystem in enumerate(SUBSYSTEMS):
        group = plan.group(subsystem)
        if group:
            scored = engine.subsystem_scores(z, weights, [group], min_coverage=method.min_coverage)
            u[:, at], coverage[:, at] = scored.scores[:, 0], scored.coverage[:, 0]
    return u, coverage


def _dimensions(z: Float, weights: Float, plan: ClassPlan) -> Float:
    """Linkage by dimension: the weighted mean of its present indicators; NaN where none is present. Coverage is shown beside it."""
    result = np.full((len(z), len(DIMENSIONS)), np.nan)
    for at, dimension in enumerate(DIMENSIONS):
        group = [i for i in plan.group("integration") if plan.columns[i].dimension == dimension]
        present = np.isfinite(z[:, group])
        mass = (present * weights[group]).sum(axis=1) if group else np.zeros(len(z))
        total = np.where(present, z[:, group], 0.0) @ weights[group] if group else np.zeros(len(z))
        result[:, at] = np.where(mass > 0, total / np.where(mass > 0, mass, 1.0), np.nan)
    return result


def _obstacles(z: Float, weights: Float, plan: ClassPlan, method: Method) -> Float:
    """Obstacle degrees of Party and production indicators; integration enters neither D nor its obstacles."""
    degrees = np.full(z.shape, np.nan)
    groups = [(plan.group(name), share) for name, share in zip(SUBSYSTEMS[:2], method.subsystem_weights, strict=True)]
    columns = [at for group, _ in groups for at in group]
    if columns:
        scaled = np.concatenate([weights[group] * share for group, share in groups])
        degrees[:, columns] = engine.obstacle_degrees(z[:, columns], scaled, row_share=True).degrees
    return degrees


def _intervals(z: Float, weights: Float, plan: ClassPlan, method: Method, rng: np.random.Generator) -> tuple[Float, Float, Float, Float]:
    """How far D and the rank move when the issued weights are uncertain. Empty above the size limit or without both lines."""
    groups = [plan.group(name) for name in SUBSYSTEMS[:2]]
    empty = tuple(np.full(len(z), np.nan) for _ in range(4))
    if not all(groups) or not method.draws or len(z) > method.max_units_with_interval:
        return empty[0], empty[1], empty[2], empty[3]
    columns = groups[0] + groups[1]
    local = [list(range(len(groups[0]))), list(range(len(groups[0]), len(columns)))]
    bound = engine.robustness(
        z[:, columns], weights[columns], local, draws=method.draws, rng=rng, concentration=method.concentration, level=method.level
    )
    return bound.low.copy(), bound.high.copy(), bound.rank_low.astype(np.float64), bound.rank_high.astype(np.float64)
