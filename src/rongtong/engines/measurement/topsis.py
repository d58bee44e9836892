"""TOPSIS: closeness to the best and distance from the worst."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput, Undefined

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Topsis:
    """Relative closeness (n,) in [0, 1]."""

    closeness: Float


def topsis(values: ArrayLike, weights: ArrayLike, directions: Sequence[str], *, normalisation: str = "vector") -> Topsis:
    """Closeness d- / (d+ + d-) to the ideal.

    v = w r, r = x / sqrt(sum x²) (vector) or (x - min) / (max - min) (minmax); ideal = best v of each column by direction.

    Parameters
    ----------
    values : (units, indicators) float, none missing
    weights : (indicators,) float, scaled to sum 1
    normalisation : {"vector", "minmax"}
        The choice changes ranks (case topsis-01), so it is explicit.

    Raises
    ------
    InvalidInput
        Missing values, target or interval directions.
    Undefined
        All units alike in every weighted indicator.

    Degenerate cases
    ----------------
    A constant column tells nothing and adds 0 to both distances.

    Source: Hwang and Yoon (1981); Opricovic and Tzeng (2004).

    Example
    -------
    >>> topsis([[2, 8], [5, 1], [3, 6]], [0.6, 0.4], ["+", "-"]).closeness.round(7).tolist()
    [0.0, 1.0, 0.3111391]
    """
    x = check.matrix(values, allow_nan=False)
    w = check.weight_vector(weights, x.shape[1])
    signs = check.direction_list(directions, x.shape[1])
    check.choice(normalisation, ("vector", "minmax"), "normalisation")
    if any(sign in {"target", "interval"} for sign in signs):
        raise InvalidInput("topsis takes benefit and cost only; normalise target and interval indicators first")
    v = _scaled(x, normalisation) * (w / w.sum())
    benefit = np.array([sign == "benefit" for sign in signs])
    best, worst = np.where(benefit, v.max(axis=0), v.min(axis=0)), np.where(benefit, v.min(axis=0), v.max(axis=0))
    to_best, to_worst = np.sqrt(((v - best) ** 2).sum(axis=1)), np.sqrt(((v - worst) ** 2).sum(axis=1))
    if (to_best + to_worst == 0).any():
        raise Undefined("all units are alike in every weighted indicator, so none is closer")
    return Topsis(to_worst / (to_best + to_worst))


def _scaled(x: Float, normalisation: str) -> Float:
    if normalisation == "vector":
        length = np.sqrt((x**2).sum(axis=0))
        return x / np.where(length > 0, length, 1.0)
    spread = x.max(axis=0) - x.min(axis=0)
    return np.asarray((x - x.min(axis=0)) / np.where(spread > 0, spread, 1.0), dtype=np.float64)
