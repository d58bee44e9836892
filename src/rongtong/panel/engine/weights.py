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

    def apply(self, x: Float) -> Float:
        """z (rows, k) in [0, 1]; NaN where missing or where the indicator is constant."""
        z = np.clip(x * self.slope + self.offset, 0.0, 1.0)
        for at in self.special:
            pair = np.array([[self.low[at]], [self.high[at]]])
            scaled = engine.normalise(x[:, at : at + 1], [self.directions[at]], reference=pair, ideals=self.ideals[at : at + 1])
            z[:, at] = scaled.values[:, 0]
        return z


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


def weights(indicators: Indicators, method: Method, scale: Scale, each: Each[Any], constant: NDArray[np.bool_]) -> Float:
    """Weights of Party and production indicators, sum 1 inside each side; constant or absent ones weigh 0."""
    found = np.zeros(len(indicators.codes))
    for side in ("party", "production"):
        group = [at for at in indicators.group(side) if not constant[at]]
        if group:
            found[group] = _side(indicators, method, scale, each, group, side)
    return found


def _side(indicators: Indicators, method: Method, scale: Scale, each: Each[Any], group: list[int], side: str) -> Float:
    if method.weighting == "equal":
        return np.full(len(group), 1.0 / len(group))
    if method.weighting == "given":
        return given(indicators, group, side)
    if method.weighting in {"critic", "std"}:
        z = np.concatenate(list(each(lambda x: scale.apply(x)[:, group])))
        function = engine.critic_weights if method.weighting == "critic" else engine.std_weights
        return np.asarray(function(z, ["benefit"] * len(group)).weights, dtype=np.float64)
    entropy = _entropy(method, scale, each, group)
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


def _entropy(method: Method, scale: Scale, each: Each[Any], group: list[int]) -> Float:
    """e = -(sum q / S - ln S) / ln n with S = sum z, q = sum z ln z: the same as -sum p ln p / ln n."""

    def sums(x: Float) -> tuple[Float, Float, Float]:
        z = x[:, group] if method.scaling == "none" else _without_zeros(scale.apply(x)[:, group], method)
        present = np.isfinite(z)
        filled = np.where(present, z, 0.0)
        logs = np.log(filled, out=np.zeros_like(filled), where=filled > 0)
        return filled.sum(axis=0), np.einsum("ij,ij->j", filled, logs), present.sum(axis=0).astype(np.float64)

    if method.scaling == "none" and (scale.low[group] < 0).any():
        raise BadPanel('observations.parquet:::value entropy of raw values takes no negative numbers; use scaling = "minmax"')
    total, logs, count = (np.sum(part, axis=0) for part in zip(*each(sums), strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        entropy = -(logs / total - np.log(total)) / np.log(count)
    spread = np.where((count > 1) & (total > 0), np.maximum(1.0 - entropy, 0.0), 0.0)
    spread[spread < 1e-15] = 0.0
    if spread.sum() <= 0:
        raise BadPanel("observations.parquet:::value every indicator of one side is constant; entropy gives no weights, use equal or given")
    return np.asarray(spread / spread.sum(), dtype=np.float64)


def _without_zeros(z: Float, method: Method) -> Float:
    if method.zeros == "squeeze":
        return z * (1.0 - 2.0 * method.epsilon) + method.epsilon
    return np.maximum(z, method.epsilon) if method.zeros == "clip" else z
