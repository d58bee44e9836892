"""Bounds and weights over the whole panel, block by block; entropy from sums, without a matrix of shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongtong.engines import measurement as engine
from rongtong.panel.engine.blocks import Workspace, each
from rongtong.panel.files import BadPanel, Indicators
from rongtong.panel.method import Method

Float = NDArray[np.float64]
Int = NDArray[np.int64]
SIDES = ("party", "production")
Sums = tuple[Float, Float]


@dataclass(frozen=True, slots=True)
class Scale:
    """Normalisation as one line per indicator: z = (x - worst) / width for benefit and cost, the width of a cost being negative; exactly 0
    at the worst and 1 at the best value. Target and interval by their ideals.
    """

    low: Float
    high: Float
    worst: Float
    width: Float
    special: tuple[int, ...]
    ideals: Float
    directions: tuple[str, ...]

    @property
    def is_constant(self) -> NDArray[np.bool_]:
        """Indicators that tell nothing: constant, absent, or never outside their ideal range."""
        never_off = np.zeros(len(self.low), dtype=np.bool_)
        for at in self.special:
            never_off[at] = not max(self.ideals[at, 0] - self.low[at], self.high[at] - self.ideals[at, 1]) > 0
        return ~(self.high > self.low) | never_off

    def apply(self, x: Float, *, clips: bool) -> None:
        """Turn x (rows, k) into z in [0, 1], in place; NaN where missing or where the indicator is constant.

        Inside its own bounds z cannot leave [0, 1], so only frozen bounds need `clips`.
        """
        special = [self._special(x, at) for at in self.special]
        np.subtract(x, self.worst, out=x)
        np.divide(x, self.width, out=x)
        if clips:
            np.clip(x, 0.0, 1.0, out=x)
        for at, column in zip(self.special, special, strict=True):
            x[:, at] = column

    def _special(self, x: Float, at: int) -> Float:
        pair = np.array([[self.low[at]], [self.high[at]]])
        found = engine.normalise(x[:, at : at + 1], [self.directions[at]], reference=pair, ideals=self.ideals[at : at + 1])
        return found.values[:, 0]


def scale_of(indicators: Indicators, low: Float, high: Float) -> Scale:
    cost = np.array([direction == "cost" for direction in indicators.directions])
    special = tuple(at for at, direction in enumerate(indicators.directions) if direction in {"target", "interval"})
    width = np.where(high > low, high - low, np.nan)
    return Scale(low, high, np.where(cost, high, low), np.where(cost, -width, width), special, indicators.ideals, indicators.directions)


def raw_weights(indicators: Indicators, method: Method, scale: Scale, values: Float, present: Int) -> Float | None:
    """Weights of a method that reads raw values (scaling "none"), else None; to be asked before values are normalised."""
    if method.scaling != "none" or method.weighting not in {"entropy", "critic", "combined"}:
        return None
    sums = None
    if method.weighting != "critic":
        if any((scale.low[indicators.group(side)] < 0).any() for side in SIDES):
            raise BadPanel('observations.parquet:::value entropy of raw values takes no negative numbers; use scaling = "minmax"')
        sums = total(each(values, lambda x, _rows, work: sums_of(x, method, work)))
    return weights(indicators, method, scale, values, sums, present)


def weights(indicators: Indicators, method: Method, scale: Scale, values: Float, sums: Sums | None, present: Int) -> Float:
    """Weights of Party and production indicators, sum 1 inside each side; constant or absent ones weigh 0."""
    found, constant = np.zeros(len(indicators.codes)), scale.is_constant
    parts = None if sums is None else (*sums, present.astype(np.float64))
    for side in SIDES:
        group = [at for at in indicators.group(side) if not constant[at]]
        if group:
            found[group] = _side(indicators, method, values, parts, group, side)
    return found


def _side(indicators: Indicators, method: Method, values: Float, sums: tuple[Float, ...] | None, group: list[int], side: str) -> Float:
    if method.weighting == "equal":
        return np.full(len(group), 1.0 / len(group))
    if method.weighting == "given":
        return given(indicators, group, side)
    if sums is not None:
        entropy = _entropy(sums[0][group], sums[1][group], sums[2][group], side)
        return entropy if method.weighting == "entropy" else _combined(given(indicators, group, side), entropy, side)
    x, signs = values[:, group], ["benefit"] * len(group)  # normalised values are benefits; raw ones have no direction
    if method.weighting == "critic":
        return np.asarray(engine.critic_weights(x, signs, scaling=method.scaling).weights, dtype=np.float64)
    return np.asarray(engine.std_weights(x, signs).weights, dtype=np.float64)


def _combined(subjective: Float, entropy: Float, side: str) -> Float:
    found = np.asarray(engine.combine_weights(subjective, entropy, method="game").weights, dtype=np.float64)
    if (found < 0).any():
        what = f"the game of given and entropy weights gives {side} a negative weight"
        raise BadPanel(f"indicators.csv:::weight {what}; use given or entropy weights alone")
    return found


def given(indicators: Indicators, group: list[int], side: str) -> Float:
    """The weight column of a side: must sum to 1 over all its indicators; those that leave are shared out among the rest."""
    whole = indicators.weights[indicators.group(side)]
    if not np.isfinite(whole).all() or abs(whole.sum() - 1.0) > 1e-6:
        raise BadPanel(
            f"indicators.csv:::weight the weights of {side} sum to {np.nansum(whole):.6g}; give every indicator a weight, with sum 1"
        )
    kept = indicators.weights[group]
    if kept.sum() <= 0:
        raise BadPanel(f"indicators.csv:::weight every indicator of {side} with a weight is constant; give others a weight")
    return np.asarray(kept / kept.sum(), dtype=np.float64)


def needs_sums(method: Method) -> bool:
    """Whether weights come from sums over normalised values."""
    return method.scaling != "none" and method.weighting in {"entropy", "combined"}


def stretch_of(z: Float, scale: Scale) -> Float:
    """Factors that bring every z to [0, 1] as entropy's own scaling does: a target or interval indicator whose best value lies off its ideal
    range ends below 1.
    """
    found = np.ones(z.shape[1])
    for at in scale.special:
        best = np.fmax.reduce(z[:, at])
        found[at] = 1.0 / best if best > 0 else 1.0
    return found


def sums_of(block: Float, method: Method, work: Workspace, stretch: Float | None = None) -> Sums:
    """Per indicator of a block: S = sum z and q = sum z ln z over present values; zeros as the method says."""
    z, product = work.numbers(len(block))
    if stretch is not None:
        block = np.multiply(block, stretch, out=z)
    if method.scaling == "none" or method.zeros == "drop":
        np.copyto(z, block)
    elif method.zeros == "squeeze":
        np.add(np.multiply(block, 1.0 - 2.0 * method.epsilon, out=z), method.epsilon, out=z)
    else:
        np.maximum(block, method.epsilon, out=z)
    silent = np.isnan(z, out=work.flags(len(block)))
    if method.scaling == "none" or method.zeros == "drop" or method.epsilon == 0:
        np.less_equal(z, 0.0, out=silent, where=~silent)  # 0 ln 0 = 0
    np.copyto(z, 1.0, where=silent)  # ln 1 = 0
    np.multiply(np.log(z, out=product), z, out=product)
    np.copyto(z, 0.0, where=silent)
    ones = np.ones(len(block))
    return ones @ z, ones @ product


def total(parts: list[Sums]) -> Sums:
    sums, logs = (np.sum(part, axis=0) for part in zip(*parts, strict=True))
    return sums, logs


def _entropy(total: Float, logs: Float, count: Float, side: str) -> Float:
    """e = -(q / S - ln S) / ln n: the same as -sum p ln p / ln n with p = z / S."""
    with np.errstate(invalid="ignore", divide="ignore"):
        entropy = -(logs / total - np.log(total)) / np.log(count)
    spread = np.where((count > 1) & (total > 0), np.maximum(1.0 - entropy, 0.0), 0.0)
    spread[spread < 1e-15] = 0.0
    if spread.sum() <= 0:
        raise BadPanel(f"observations.parquet:::value every indicator of {side} is constant; entropy gives no weights, use equal or given")
    return np.asarray(spread / spread.sum(), dtype=np.float64)
