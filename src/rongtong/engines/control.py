"""Individuals and moving range chart (XmR): what in one unit's series is noise and what is a signal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_E2 = 2.659574  # 3 / d2 for moving ranges of two (d2 = 1.128), Wheeler 1993
_RUN = 8
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class XmR:
    """Centre line, natural process limits (NaN where the series is too short) and the points that signal."""

    centre: float
    lower: float
    upper: float
    signals: NDArray[np.bool_]
    present: int


def xmr(series: ArrayLike, *, baseline: int | None = None) -> XmR:
    """Limits of an XmR chart and its signals.

    centre = mean x, limits = centre ± 2.66 · mean |x_i - x_(i-1)| over neighbours that are both present; a point signals beyond a limit,
    or as part of eight in a row on one side of the centre.

    Parameters
    ----------
    series : (periods,) float
        In time order; NaN is a missing period. It breaks a moving range and a run, and is never read as 0.
    baseline : int, optional
        Number of leading periods that set the limits (for instance those before a carrier began); all by default.

    Returns
    -------
    XmR
        `signals` has the length of the series.

    Raises
    ------
    ValueError
        The series is not one-dimensional.

    Degenerate cases
    ----------------
    Fewer than six present values in the baseline: limits NaN, no signals. Constant series: limits equal the centre, no signals.

    Source: Wheeler, D. J. (1993), Understanding Variation, ch. 3; run rule of Western Electric (1956), zone test 4.

    Example
    -------
    >>> found = xmr([10, 11, 10, 9, 10, 11, 10, 30], baseline=7)
    >>> found.signals.nonzero()[0].tolist()
    [7]
    """
    x = np.asarray(series, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"series has {x.ndim} dimensions; give one value per period")
    base = x[: baseline or len(x)]
    ranges = np.abs(np.diff(base))
    ranges = ranges[np.isfinite(ranges)]
    known = base[np.isfinite(base)]
    if len(known) < _SHORTEST or not len(ranges):
        centre = float(known.mean()) if len(known) else float("nan")
        return XmR(centre, float("nan"), float("nan"), np.zeros(len(x), dtype=np.bool_), len(known))
    centre, width = float(known.mean()), _E2 * float(ranges.mean())
    slack = 1e-9 * max(1.0, abs(centre))
    beyond = np.isfinite(x) & (np.abs(x - centre) > width + slack)
    return XmR(centre, centre - width, centre + width, beyond | _runs(x, centre, slack), len(known))


def _runs(x: NDArray[np.float64], centre: float, slack: float) -> NDArray[np.bool_]:
    """Points that belong to eight or more neighbours on one side of the centre."""
    side = np.where(x > centre + slack, 1, np.where(x < centre - slack, -1, 0))
    side = np.where(np.isfinite(x), side, 0)
    found = np.zeros(len(x), dtype=np.bool_)
    start = 0
    for at in range(1, len(side) + 1):
        if at == len(side) or side[at] != side[start]:
            if side[start] != 0 and at - start >= _RUN:
                found[start:at] = True
            start = at
    return found
