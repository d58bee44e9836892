"""Entropy weights: an indicator that tells units apart weighs more."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput, Undefined
from rongtong.engines.measurement.normalise import normalise

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EntropyWeights:
    """Weights (k,) with sum 1, entropies (k,) in [0, 1] (NaN where dropped), indices of dropped columns (weight 0)."""

    weights: Float
    entropy: Float
    dropped: tuple[int, ...]


def entropy_weights(
    values: ArrayLike,
    *,
    directions: Sequence[str] | None = None,
    scaling: str = "minmax",
    zeros: str = "squeeze",
    epsilon: float = 0.002,
) -> EntropyWeights:
    """Weights from Shannon entropy.

    p = z / sum z; e = -sum p ln p / ln n; w = (1 - e) / sum (1 - e), n the count of present values of the column.

    Parameters
    ----------
    values : (units, indicators) float
        NaN is missing; each column uses its present values.
    directions : sequence, optional
        Default: all benefit. Ignored by scaling "none".
    scaling : {"minmax", "none"}
        "none" takes p = x / sum x of the raw values, which must not be negative.
    zeros : {"squeeze", "clip", "drop"}
        z (1 - 2 eps) + eps; max(z, eps); or 0 ln 0 = 0.

    Returns
    -------
    EntropyWeights

    Raises
    ------
    InvalidInput
        Negative values without scaling, target or interval directions, unknown options.
    Undefined
        Fewer than two units, or every column constant.

    Degenerate cases
    ----------------
    A column that is constant, has fewer than two present values or (without scaling) sums to 0 is dropped with weight 0.

    Source: Shannon (1948); Zhang, mathmodels (2024) for the squeeze; Zavadskas and Podvezko (2016) for raw values.

    Example
    -------
    >>> entropy_weights([[1.0, 2.0], [4.0, 16.0]], scaling="none").weights.round(6).tolist()
    [0.358889, 0.641111]
    """
    x = check.matrix(values)
    check.choice(scaling, ("minmax", "none"), "scaling")
    check.choice(zeros, ("squeeze", "clip", "drop"), "zeros")
    check.fraction(epsilon, "epsilon", high=0.5)
    if len(x) < 2:
        raise Undefined("entropy needs at least two units; ln 1 is 0")
    shares = _raw(x) if scaling == "none" else _scaled(x, directions, zeros, epsilon)
    entropy = np.array([_entropy(column) for column in shares.T])
    spread = np.where(np.isnan(entropy), 0.0, np.maximum(1.0 - entropy, 0.0))
    spread[spread < 1e-15] = 0.0
    if spread.sum() <= 0:
        raise Undefined("every indicator is constant, so entropy gives no weights; use equal or given weights")
    dropped = tuple(int(at) for at in np.flatnonzero(np.isnan(entropy)))
    return EntropyWeights(spread / spread.sum(), entropy, dropped)


def _raw(x: Float) -> Float:
    if (x < 0).any():
        raise InvalidInput("entropy of raw values takes no negative numbers; use scaling='minmax'")
    return x


def _scaled(x: Float, directions: Sequence[str] | None, zeros: str, epsilon: float) -> Float:
    signs = check.direction_list(directions if directions is not None else ["benefit"] * x.shape[1], x.shape[1])
    if any(sign in {"target", "interval"} for sign in signs):
        raise InvalidInput("entropy weights take benefit and cost only; normalise target and interval indicators first")
    z = normalise(x, signs).values
    if zeros == "squeeze":
        return z * (1.0 - 2.0 * epsilon) + epsilon
    return np.maximum(z, epsilon) if zeros == "clip" else z


def _entropy(column: Float) -> float:
    present = column[np.isfinite(column)]
    total = present.sum()
    if len(present) < 2 or total <= 0 or present.max() == present.min():
        return float("nan")
    p = present[present > 0] / total
    return float(-(p * np.log(p)).sum() / np.log(len(present)))
