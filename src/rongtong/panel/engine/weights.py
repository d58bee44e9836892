"""Bounds and weights over the whole panel, block by block; entropy from sums, without a matrix of shares."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rongtong.engines import measurement as engine
from rongtong.panel.files import BadPanel, Indicators
from rongtong.panel.method import Method

Float = NDArray[np.float64]
T = TypeVar("T")
Each = Callable[[Callable[[Float], T]], Iterable[T]]


@dataclass(frozen=True, slots=True)
class Scale:
    """Normalisation as one line per indicator: z = slope · x + offset for benefit and cost; target and interval by their ideals."""

    low: Float
    high: Float
    slope: Float
    offset: Float
    special: tuple[int, ...]
    ideals: Float
    directions: tuple[str, ...]

    def apply(self, x: Float) -> None:
        """Turn x (rows, k) into z in [0, 1], in place; NaN where missing or where the indicator is constant."""
        special = [self._special(x, at) for at in self.special]
        np.multiply(x, self.slope, out=x)
        np.add(x, self.offset, out=x)
        np.clip(x, 0.0, 1.0, out=x)
        for at, column in zip(self.special, special, strict=True):
            x[:, at] = column

    def _special(self, x: Float, at: int) -> Float:
        pair = np.array([[self.low[at]], [self.high[at]]])
        found = engine.normalise(x[:, at : at + 1], [self.directions[at]], reference=pair, ideals=self.ideals[at : at + 1])
        return found.values[:, 0]


def bounds(each: Each[tuple[Float, Float]]) -> tuple[Float, Float]:
    """Minimum and maximum of present values; NaN for an absent indicator."""
    with np.errstate(all="ignore"):
        found = list(each(lambda x: (np.fmin.reduce(x, axis=0), np.fmax.reduce(x, axis=0))))
    return np.fmin.reduce([low for low, _ in found], axis=0), np.fmax.reduce([high for _, high in found], axis=0)


def scale_of(indicators: Indicators, low: Float, high: Float) -> Scale:
    width = high - low
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(width > 0, 1.0 / width, np.nan)
    cost = np.array([direction == "cost" for direction in indicators.directions])
    special = tuple(at for at, direction in enumerate(indicators.directions) if direction in {"target", "interval"})
    offset = np.where(cost, high * slope, -low * slope)
    return Scale(low, high, np.where(cost, -slope, slope), offset, special, indicators.ideals, indicators.directions)


def raw_weights(indicators: Indicators, method: Method, scale: Scale, each: Each[Any], constant: NDArray[np.bool_]) -> Float | None:
    """Weights of a method that reads raw values (entropy without scaling), else None; to be asked before values are normalised."""
    if method.scaling != "none" or method.weighting not in {"entropy", "combined"}:
        return None
    if any((scale.low[group] < 0).any() for group in (indicators.group("party"), indicators.group("production"))):
        raise BadPanel('observations.parquet:::value entropy of raw values takes no negative numbers; use scaling = "minmax"')
    return weights(indicators, method, each, constant)


def weights(indicators: Indicators, method: Method, each: Each[Any], constant: NDArray[np.bool_]) -> Float:
    """Weights of Party and production indicators, sum 1 inside each side; constant or absent ones weigh 0."""
    found = np.zeros(len(indicators.codes))
    sums = _sums(method, each) if method.weighting in {"entropy", "combined"} else None
    for side in ("party", "production"):
        group = [at for at in indicators.group(side) if not constant[at]]
        if group:
            found[group] = (
                _side(indicators, method, each, group, side) if sums is None else _entropic(indicators, method, sums, group, side)
            )
    return found


def _side(indicators: Indicators, method: Method, each: Each[Any], group: list[int], side: str) -> Float:
    if method.weighting == "equal":
        return np.full(len(group), 1.0 / len(group))
    if method.weighting == "given":
        return given(indicators, group, side)
    z = np.concatenate(list(each(lambda z: z[:, group])))
    function = engine.critic_weights if method.weighting == "critic" else engine.std_weights
    return np.asarray(function(z, ["benefit"] * len(group)).weights, dtype=np.float64)


def _entropic(indicators: Indicators, method: Method, sums: tuple[Float, Float, Float], group: list[int], side: str) -> Float:
    entropy = _entropy(*(part[group] for part in sums))
    if method.weighting == "entropy":
        return entropy
    return np.asarray(engine.combine_weights(given(indicators, group, side), entropy, method="game").weights, dtype=np.float64)


def given(indicators: Indicators, group: list[int], side: str) -> Float:
    """The weight column of a side: must sum to 1 over all its indicators; those that leave are shared out among the rest."""
    whole = indicators.weights[indicators.group(side)]
    if not np.isfinite(whole).all() or (whole < 0).any() or abs(whole.sum() - 1.0) > 1e-6:
        raise BadPanel(
            f"indicators.csv:::weight the weights of {side} sum to {np.nansum(whole):.6g}; give every indicator a weight, with sum 1"
        )
    kept = indicators.weights[group]
    if kept.sum() <= 0:
        raise BadPanel(f"indicators.csv:::weight every indicator of {side} with a weight is constant; give others a weight")
    return np.asarray(kept / kept.sum(), dtype=np.float64)


def _sums(method: Method, each: Each[Any]) -> tuple[Float, Float, Float]:
    """Per indicator over all rows: S = sum z, q = sum z ln z, and n, the present values."""

    def of_block(block: Float) -> tuple[Float, Float, Float]:
        missing = np.isnan(block)
        z = block.copy() if method.scaling == "none" else _without_zeros(block, method)
        z[missing | (z == 0)] = 1.0  # ln 1 = 0: adds nothing to q
        absent = missing if method.scaling != "none" and method.zeros != "drop" else missing | (block == 0)
        q = np.einsum("ij,ij->j", z, np.log(z))
        z[absent] = 0.0
        return z.sum(axis=0), q, len(z) - missing.sum(axis=0, dtype=np.float64)

    total, logs, count = (np.sum(part, axis=0) for part in zip(*each(of_block), strict=True))
    return total, logs, count


def _entropy(total: Float, logs: Float, count: Float) -> Float:
    """e = -(q / S - ln S) / ln n: the same as -sum p ln p / ln n with p = z / S."""
    with np.errstate(invalid="ignore", divide="ignore"):
        entropy = -(logs / total - np.log(total)) / np.log(count)
    spread = np.where((count > 1) & (total > 0), np.maximum(1.0 - entropy, 0.0), 0.0)
    spread[spread < 1e-15] = 0.0
    if spread.sum() <= 0:
        raise BadPanel("observations.parquet:::value every indicator of one side is constant; entropy gives no weights, use equal or given")
    return np.asarray(spread / spread.sum(), dtype=np.float64)


def _without_zeros(z: Float, method: Method) -> Float:
    """A copy of z without zeros, as the method says."""
    if method.zeros == "squeeze":
        return z * (1.0 - 2.0 * method.epsilon) + method.epsilon
    return np.maximum(z, method.epsilon) if method.zeros == "clip" else z.copy()
