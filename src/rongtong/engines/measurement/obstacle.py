"""Which indicators hold a unit down."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Degrees (n, k); rows sum to 1 with `row_share`; NaN where the value is missing."""

    degrees: Float


def obstacle_degrees(normalised: ArrayLike, weights: ArrayLike, *, row_share: bool = True) -> Obstacles:
    """Obstacle degree w (1 - z), as a share of the row over present indicators.

    Parameters
    ----------
    normalised : (units, indicators) float in [0, 1], NaN missing
    weights : (indicators,) float, 0 or more

    Raises
    ------
    InvalidInput
        z outside [0, 1], negative weights.

    Degenerate cases
    ----------------
    A row without any shortfall: all 0. Missing: NaN, and no part of the sum.

    Source: obstacle degree model, factor contribution times deviation.

    Example
    -------
    >>> obstacle_degrees([[1.0, 0.5, 0.0]], [0.5, 0.25, 0.25]).degrees.round(4).tolist()
    [[0.0, 0.3333, 0.6667]]
    """
    z = check.matrix(normalised, "normalised")
    w = check.vector(weights, z.shape[1])
    with np.errstate(invalid="ignore"):
        if (w < 0).any() or ((z < -1e-9) | (z > 1 + 1e-9)).any():
            raise InvalidInput("obstacle degrees need weights of 0 or more and normalised values in [0, 1]")
    degrees = w * (1.0 - np.clip(z, 0.0, 1.0))
    if row_share:
        total = np.nansum(degrees, axis=1, keepdims=True)
        degrees = np.where(total > 0, degrees / np.where(total > 0, total, 1.0), degrees)
    return Obstacles(degrees)
