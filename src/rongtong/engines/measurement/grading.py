"""Grades of D and which side lags."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput

Band = tuple[float, float, str, str, str]
_SLACK = 1e-9

# lower, upper, code, zh, en; conventions differ between sources (case ccd-07): ours is closed left, the last closed on both sides
TEN_BANDS: tuple[Band, ...] = (
    (0.0, 0.1, "extreme_disorder", "极度失调", "extreme disorder"),
    (0.1, 0.2, "severe_disorder", "严重失调", "severe disorder"),
    (0.2, 0.3, "moderate_disorder", "中度失调", "moderate disorder"),
    (0.3, 0.4, "mild_disorder", "轻度失调", "mild disorder"),
    (0.4, 0.5, "verge_of_disorder", "濒临失调", "on the verge of disorder"),
    (0.5, 0.6, "barely_coordinated", "勉强协调", "barely coordinated"),
    (0.6, 0.7, "primary_coordination", "初级协调", "primary coordination"),
    (0.7, 0.8, "intermediate_coordination", "中级协调", "intermediate coordination"),
    (0.8, 0.9, "good_coordination", "良好协调", "good coordination"),
    (0.9, 1.0, "superior_coordination", "优质协调", "superior coordination"),
)
FOUR_BANDS: tuple[Band, ...] = (
    (0.0, 0.5, "verge_of_disorder", "濒临失调", "on the verge of disorder"),
    (0.5, 0.6, "primary_coordination", "初级协调", "primary coordination"),
    (0.6, 0.7, "intermediate_coordination", "中级协调", "intermediate coordination"),
    (0.7, 1.0, "high_coordination", "高级协调", "high coordination"),
)
BANDS = {"ten": TEN_BANDS, "four": FOUR_BANDS}


def grade(values: ArrayLike, bands: Sequence[Band], *, closed: str = "left") -> NDArray[np.int8]:
    """Band number of each value, 1-based; 0 for NaN.

    Parameters
    ----------
    values : array of float inside the bands' range
    bands : (lower, upper, code, zh, en), adjoining and increasing
    closed : {"left", "right"}
        Which edge belongs to a band; the outermost edges belong to the outermost bands. Edges compare with a slack of 1e-9.

    Raises
    ------
    InvalidInput
        Bands with holes, values outside all bands.

    Example
    -------
    >>> grade([0.0, 0.1, 0.62, 1.0, float("nan")], TEN_BANDS).tolist()
    [1, 2, 7, 10, 0]
    """
    check.choice(closed, ("left", "right"), "closed")
    x = np.array(values, dtype=np.float64)
    lower, upper = np.array([band[0] for band in bands]), np.array([band[1] for band in bands])
    if not len(bands) or (upper <= lower).any() or (np.abs(lower[1:] - upper[:-1]) > _SLACK).any():
        raise InvalidInput("bands must adjoin and increase, each with lower < upper")
    with np.errstate(invalid="ignore"):
        if ((x < lower[0] - _SLACK) | (x > upper[-1] + _SLACK)).any():
            raise InvalidInput(f"values lie outside the bands from {lower[0]:g} to {upper[-1]:g}")
    inner = upper[:-1]
    at = np.searchsorted(inner, x + _SLACK, side="right") if closed == "left" else np.searchsorted(inner, x - _SLACK, side="left")
    return np.where(np.isnan(x), 0, at + 1).astype(np.int8)


def lag(u1: ArrayLike, u2: ArrayLike, *, tolerance: float = 0.1) -> NDArray[np.int8]:
    """-1 where U1 (Party) is behind, 0 together (|U1 - U2| <= tolerance, slack 1e-9), 1 where U2 (production) is behind, -2 unknown.

    Example
    -------
    >>> lag([0.5, 0.5, 0.8], [0.6, 0.7, float("nan")]).tolist()
    [0, -1, -2]
    """
    check.fraction(tolerance, "tolerance")
    a, b = np.array(u1, dtype=np.float64), np.array(u2, dtype=np.float64)
    if a.shape != b.shape:
        raise InvalidInput(f"u1 has shape {a.shape}, u2 {b.shape}; give one of each per unit")
    gap = a - b
    side = np.where(gap < -tolerance - _SLACK, -1, np.where(gap > tolerance + _SLACK, 1, 0))
    return np.where(np.isnan(gap), -2, side).astype(np.int8)
