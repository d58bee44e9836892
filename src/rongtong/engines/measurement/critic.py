"""Objective weights from spread: CRITIC, standard deviation, and equal weights beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput, Undefined
from rongtong.engines.measurement.normalise import normalise
from rongtong.engines.measurement.ranks import average_ranks

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights (k,), sum 1."""

    weights: Float


def critic_weights(values: ArrayLike, directions: Sequence[str], *, scaling: str = "minmax", correlation: str = "pearson") -> Weights:
    """CRITIC: contrast times conflict, C_j = s_j · sum_k (1 - r_jk), w = C / sum C.

    Parameters
    ----------
    values : (units, indicators) float
        NaN is missing: spreads use present values, correlations the rows where both are present.
    directions : sequence of benefit, cost
    scaling : {"minmax", "none"}
        "none" takes the raw values; directions are then only checked (a published variant).
    correlation : {"pearson", "spearman"}

    Raises
    ------
    InvalidInput
        Target or interval directions, unknown options.
    Undefined
        Fewer than two units, or no information at all (all constant).

    Degenerate cases
    ----------------
    A constant or absent column has no spread and weighs 0; its correlation with others is not defined and counts for nothing. A single
    varying column has weight 1.

    Source: Diakoulaki, Mavrotas and Papayannakis (1995), eq. 4-6.

    Example
    -------
    >>> critic_weights([[3, 10], [5, 20], [2, 15], [7, 25]], ["+", "-"]).weights.round(7).tolist()
    [0.5075187, 0.4924813]
    """
    x = check.matrix(values)
    signs = check.direction_list(directions, x.shape[1])
    check.choice(scaling, ("minmax", "none"), "scaling")
    check.choice(correlation, ("pearson", "spearman"), "correlation")
    _only_signed(signs)
    if len(x) < 2:
        raise Undefined("CRITIC needs at least two units")
    z = normalise(x, signs).values if scaling == "minmax" else x
    spread = _spread(z)
    varied = np.flatnonzero(spread > 0)
    if not len(varied):
        raise Undefined("every indicator is constant, so CRITIC gives no weights; use equal or given weights")
    weights = np.zeros(x.shape[1])
    if len(varied) == 1:
        weights[varied] = 1.0
        return Weights(weights)
    conflict = (1.0 - _correlations(z[:, varied], correlation)).sum(axis=1)
    information = spread[varied] * conflict
    if information.sum() <= 1e-15:
        raise Undefined("all indicators move exactly together, so CRITIC gives no weights; use std or equal weights")
    weights[varied] = information / information.sum()
    return Weights(weights)


def _only_signed(signs: Sequence[str]) -> None:
    if any(sign in {"target", "interval"} for sign in signs):
        raise InvalidInput("this method takes benefit and cost only; normalise target and interval indicators first")


def _spread(z: Float) -> Float:
    """Sample standard deviation of present values; 0 for constant or absent columns (the ddof cancels in the weights)."""
    found = []
    for column in z.T:
        present = column[np.isfinite(column)]
        found.append(float(present.std(ddof=1)) if len(present) > 1 and present.max() > present.min() else 0.0)
    return np.array(found)


def _correlations(z: Float, kind: str) -> Float:
    """Pairwise complete correlations; a pair without common variation counts as 1 (no conflict to be seen)."""
    size = z.shape[1]
    r = np.eye(size)
    if kind == "pearson" and np.isfinite(z).all():
        return np.asarray(np.clip(np.corrcoef(z, rowvar=False), -1.0, 1.0), dtype=np.float64)
    for i in range(size):
        for j in range(i + 1, size):
            r[i, j] = r[j, i] = _pair(z[:, i], z[:, j], kind)
    return r


def _pair(a: Float, b: Float, kind: str) -> float:
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    if len(a) < 2 or a.max() == a.min() or b.max() == b.min():
        return 1.0
    if kind == "spearman":
        a, b = average_ranks(a), average_ranks(b)
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1.0, 1.0))


def std_weights(values: ArrayLike, directions: Sequence[str]) -> Weights:
    """Standard deviation of min-max z (by direction) over their sum.

    NaN: each column uses its present values. Constant or absent columns weigh 0; all constant is Undefined.

    Example
    -------
    >>> std_weights([[0.0, 5.0], [1.0, 5.0]], ["+", "+"]).weights.tolist()
    [1.0, 0.0]
    """
    x = check.matrix(values)
    signs = check.direction_list(directions, x.shape[1])
    _only_signed(signs)
    z = normalise(x, signs).values
    spread = np.array([column[np.isfinite(column)].std() if np.isfinite(column).any() else 0.0 for column in z.T])
    if spread.sum() <= 0:
        raise Undefined("every indicator is constant; use equal or given weights")
    return Weights(spread / spread.sum())


def equal_weights(k: int) -> Weights:
    """1 / k each.

    >>> equal_weights(4).weights.tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    if not isinstance(k, (int, np.integer)) or isinstance(k, bool) or k < 1:
        raise InvalidInput(f"k is {k!r}; give the number of indicators, 1 or more")
    return Weights(np.full(int(k), 1.0 / int(k)))
