"""Bring indicators of different units and directions to one scale."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput
from rongtong.engines.measurement.ranks import average_ranks

Float = NDArray[np.float64]
METHODS = ("minmax", "vector", "sum", "zscore", "rank", "target")
_AT_TARGET = 0.8


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised values, the reference bounds (k,), how many values lay outside them per row (n,), indices of columns dropped."""

    values: Float
    low: Float
    high: Float
    clipped: NDArray[np.int64]
    dropped: tuple[int, ...]


def normalise(
    values: ArrayLike,
    directions: Sequence[str],
    *,
    method: str = "minmax",
    span: tuple[float, float] = (0.0, 1.0),
    reference: ArrayLike | None = None,
    ideals: ArrayLike | None = None,
    targets: ArrayLike | None = None,
) -> Normalised:
    """Normalise indicators; larger is better afterwards.

    minmax z = (x - min) / (max - min) for a benefit, 1 - z for a cost, stretched to `span`; target and interval:
    z = 1 - distance to [low, high] / largest such distance in the reference. vector x / sqrt(sum x²), sum x / sum x, rank
    (average rank - 1) / (n - 1), each 1 - z for a cost; zscore (x - mean) / SD with ddof 0, -z for a cost. target: 0 at the floor,
    0.8 at the target, 1 at the stretch, linear and clipped; without stretch 1 at the target.

    Parameters
    ----------
    values : (units, indicators) float
        NaN is missing and stays missing.
    directions : sequence of {"benefit", "cost", "target", "interval"} (+ and - accepted)
    span : (low, high), minmax only
    reference : (2, indicators) float, optional
        Frozen minimum and maximum; values outside are clipped and counted.
    ideals : (indicators, 2) float
        Low and high of the ideal range, needed for target and interval.
    targets : (units, indicators, 3) float
        Floor, target, stretch (NaN: none) for method "target"; a cell whose floor or target is NaN is missing.

    Returns
    -------
    Normalised

    Raises
    ------
    InvalidInput
        Shapes, options, reference with max < min, ideals or targets absent where needed; a span or a reference given to a method that
        has no use for it.

    Degenerate cases
    ----------------
    A column that is constant or wholly missing in the reference is dropped: NaN throughout, its index in `dropped`; so is a target or
    interval column that never leaves its ideal range (its largest distance is 0). One unit: every column is constant. sum: a column
    that adds up to 0 is dropped; one with a negative sum turns the order round, as x / sum x says (use minmax or rank there).

    Source: standard; variants as printed in mathmodels (Zhang 2024) and scikit-criteria.

    Example
    -------
    >>> normalise([[1.0, 10.0], [3.0, 30.0]], ["benefit", "cost"]).values.tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    x = check.matrix(values)
    signs = check.direction_list(directions, x.shape[1])
    check.choice(method, METHODS, "method")
    if method != "minmax" and (reference is not None or tuple(span) != (0.0, 1.0)):
        raise InvalidInput(f"method {method} takes neither a span nor a frozen reference; use minmax")
    if method == "target":
        return _by_target(x, targets)
    if any(sign in {"target", "interval"} for sign in signs) and method != "minmax":
        raise InvalidInput(f"method {method} cannot normalise target or interval indicators; use minmax")
    if method == "minmax":
        return _minmax(x, signs, span, reference, ideals)
    return _by_column(x, signs, _COLUMN[method], _FLIP[method])


def _bounds(x: Float, reference: ArrayLike | None) -> tuple[Float, Float]:
    if reference is None:
        with np.errstate(all="ignore"):
            empty = ~np.isfinite(x).any(axis=0)
            return np.where(empty, np.nan, np.nanmin(np.where(empty, 0.0, x), axis=0)), np.where(
                empty, np.nan, np.nanmax(np.where(empty, 0.0, x), axis=0)
            )
    pair = np.array(reference, dtype=np.float64)
    if pair.shape != (2, x.shape[1]) or np.isinf(pair).any():
        raise InvalidInput(f"reference has shape {pair.shape}; give (2, {x.shape[1]}): minimum and maximum of each indicator")
    if (pair[1] < pair[0]).any():
        raise InvalidInput("reference has a maximum below its minimum")
    return pair[0], pair[1]


def _ideal_pairs(ideals: ArrayLike | None, signs: Sequence[str]) -> Float:
    needed = [at for at, sign in enumerate(signs) if sign in {"target", "interval"}]
    if not needed:
        return np.full((len(signs), 2), np.nan)
    pairs = np.array(ideals if ideals is not None else [], dtype=np.float64)
    if pairs.shape != (len(signs), 2) or not np.isfinite(pairs[needed]).all() or (pairs[needed, 1] < pairs[needed, 0]).any():
        raise InvalidInput(f"target and interval indicators need `ideals` of shape ({len(signs)}, 2) with low <= high")
    return pairs


def _minmax(x: Float, signs: list[str], span: tuple[float, float], reference: ArrayLike | None, ideals: ArrayLike | None) -> Normalised:
    low_end, high_end = float(span[0]), float(span[1])
    if not (np.isfinite(low_end) and np.isfinite(high_end) and low_end < high_end):
        raise InvalidInput(f"span is {span}; give (low, high) with low < high")
    low, high = _bounds(x, reference)
    pairs = _ideal_pairs(ideals, signs)
    outside = (x < low) | (x > high)
    z = np.clip(x, low, high)
    for at, sign in enumerate(signs):
        z[:, at] = _scale_column(z[:, at], sign, low[at], high[at], pairs[at])
    dropped = tuple(int(at) for at in np.flatnonzero(~np.isfinite(z).any(axis=0) & np.isfinite(x).any(axis=0) | ~np.isfinite(low)))
    return Normalised(low_end + z * (high_end - low_end), low, high, outside.sum(axis=1), dropped)


def _scale_column(x: Float, sign: str, low: float, high: float, pair: Float) -> Float:
    if not high > low:
        return np.full(len(x), np.nan)
    if sign in {"target", "interval"}:
        worst = max(pair[0] - low, high - pair[1], 0.0)
        distance = np.maximum(np.maximum(pair[0] - x, x - pair[1]), 0.0)
        return 1.0 - distance / worst if worst > 0 else np.full(len(x), np.nan)
    z = (x - low) / (high - low)
    return 1.0 - z if sign == "cost" else z


def _by_column(x: Float, signs: list[str], scale: Callable[[Float], Float | None], flip: Callable[[Float], Float]) -> Normalised:
    z, dropped = np.full(x.shape, np.nan), []
    for at, sign in enumerate(signs):
        present = np.isfinite(x[:, at])
        scaled = scale(x[present, at]) if present.any() else None
        if scaled is None:
            dropped.append(at)
            continue
        z[present, at] = flip(scaled) if sign == "cost" else scaled
    low, high = _bounds(x, None)
    return Normalised(z, low, high, np.zeros(len(x), dtype=np.int64), tuple(dropped))


def _vector(x: Float) -> Float | None:
    length = float(np.sqrt((x**2).sum()))
    return x / length if length > 0 else None


def _sum(x: Float) -> Float | None:
    total = float(x.sum())
    return x / total if total != 0 else None


def _zscore(x: Float) -> Float | None:
    spread = float(x.std())
    return (x - x.mean()) / spread if x.max() > x.min() else None


def _rank(x: Float) -> Float | None:
    if not x.max() > x.min():
        return None
    return np.asarray((average_ranks(x) - 1.0) / (len(x) - 1.0), dtype=np.float64)


_COLUMN: dict[str, Callable[[Float], Float | None]] = {"vector": _vector, "sum": _sum, "zscore": _zscore, "rank": _rank}
_FLIP: dict[str, Callable[[Float], Float]] = {
    "vector": lambda z: 1.0 - z,
    "sum": lambda z: 1.0 - z,
    "rank": lambda z: 1.0 - z,
    "zscore": lambda z: -z,
}


def _by_target(x: Float, targets: ArrayLike | None) -> Normalised:
    aims = np.array(targets if targets is not None else [], dtype=np.float64)
    if aims.shape != (*x.shape, 3) or np.isinf(aims).any():
        raise InvalidInput(f"method target needs `targets` of shape {(*x.shape, 3)}: floor, target, stretch")
    floor, aim, stretch = aims[:, :, 0], aims[:, :, 1], aims[:, :, 2]
    has_stretch = np.isfinite(stretch)
    up, rise = aim - floor, np.where(has_stretch, stretch - aim, 0.0)
    if (np.nan_to_num(up, nan=1.0) == 0).any() or (has_stretch & (np.nan_to_num(up * rise, nan=1.0) <= 0)).any():
        raise InvalidInput("a target equals its floor, or its stretch does not lie beyond it; order them floor, target, stretch")
    sign = np.sign(up)
    below = _AT_TARGET * (x - floor) / up
    above = _AT_TARGET + (1.0 - _AT_TARGET) * (x - aim) / np.where(rise == 0, 1.0, rise)
    plain = (x - floor) / up
    z = np.where(has_stretch, np.where(sign * x >= sign * aim, above, below), plain)
    known = np.isfinite(floor) & np.isfinite(aim) & np.isfinite(x)
    z = np.where(known, np.clip(z, 0.0, 1.0), np.nan)
    low, high = _bounds(x, None)
    dropped = tuple(int(at) for at in np.flatnonzero(~known.any(axis=0)))
    return Normalised(z, low, high, np.zeros(len(x), dtype=np.int64), dropped)


def band_scores(values: ArrayLike, edges: ArrayLike, scores: ArrayLike) -> Float:
    """Score values linearly between the band scores of norm bands.

    Parameters
    ----------
    values : (units,) float, NaN missing
    edges, scores : (bands,) float
        Scores at the edges; edges strictly increasing. Beyond the ends the end scores stand.

    Example
    -------
    >>> band_scores([60.0, 75.0, 100.0], [60.0, 90.0], [0.2, 0.8]).tolist()
    [0.2, 0.5, 0.8]
    """
    x = np.array(values, dtype=np.float64)
    at, score = check.vector(edges, name="edges"), check.vector(scores, name="scores")
    if len(at) != len(score) or (np.diff(at) <= 0).any():
        raise InvalidInput("edges must increase strictly, with one score each")
    return np.asarray(np.where(np.isnan(x), np.nan, np.interp(x, at, score)), dtype=np.float64)
