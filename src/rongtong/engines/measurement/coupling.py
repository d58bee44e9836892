"""Coupling coordination degree of subsystem scores: high and balanced, never joined."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput

Float = NDArray[np.float64]
VARIANTS = ("standard", "wang2021", "fan")


@dataclass(frozen=True, slots=True)
class Coupling:
    """Coupling degree C, comprehensive score T, coordination degree D; each (n,) in [0, 1]."""

    c: Float
    t: Float
    d: Float


def coupling(scores: ArrayLike, *, weights: ArrayLike | None = None, variant: str = "standard") -> Coupling:
    """C, T and D of g subsystems.

    T = sum a U, D = sqrt(C T). standard: C = (prod U)^(1/g) / mean U; wang2021:
    C = sqrt([1 - sum_{i>j} |U_i - U_j| / (g (g-1) / 2)] · (prod U_i / max U)^(1/(g-1))); fan: C = 1 - 2 SD(U), ddof 0.

    Parameters
    ----------
    scores : (units, subsystems) float in [0, 1], at least two subsystems; NaN missing
    weights : (subsystems,) float, default equal; must sum to 1

    Raises
    ------
    InvalidInput
        Scores outside [0, 1], fewer than two subsystems, unknown variant, weights that do not sum to 1.

    Degenerate cases
    ----------------
    All U zero: C NaN (it is 0/0), T 0, D 0. Any NaN: all NaN. One U zero: standard C 0, D 0.

    What it does not say: two lines run wholly apart, both at 0.9, have D of about 0.95.

    Source: Cong (2019); Wang et al. (2021); Fan et al. as in R package coupling 0.2.

    Example
    -------
    >>> round(float(coupling([[0.9, 0.9]]).d[0]), 4)
    0.9487
    """
    u = check.matrix(scores, "scores")
    check.choice(variant, VARIANTS, "variant")
    g = u.shape[1]
    if g < 2:
        raise InvalidInput("coupling needs at least two subsystems")
    with np.errstate(invalid="ignore"):
        if ((u < -1e-9) | (u > 1 + 1e-9)).any():
            raise InvalidInput("scores must lie in [0, 1]; scale them first")
    u = np.clip(u, 0.0, 1.0)
    a = np.full(g, 1.0 / g) if weights is None else check.weight_vector(weights, g)
    if abs(a.sum() - 1.0) > 1e-9:
        raise InvalidInput(f"subsystem weights sum to {a.sum():.6g}; they must sum to 1")
    u = np.ascontiguousarray(u.T)  # along the long axis every step below is one vector operation
    missing = np.isnan(u).any(axis=0)
    zero = ~missing & (u.max(axis=0) == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        c = np.where(missing | zero, np.nan, _degree(u, variant))
    t = np.where(missing, np.nan, a @ u)
    d = np.where(zero, 0.0, np.sqrt(c * t))
    return Coupling(c, t, d)


def _degree(u: Float, variant: str) -> Float:
    """C of scores (subsystems, units)."""
    g = len(u)
    if variant == "standard":
        return np.asarray(np.minimum(np.prod(u, axis=0) ** (1.0 / g) / u.mean(axis=0), 1.0), dtype=np.float64)
    if variant == "fan":
        return np.asarray(1.0 - 2.0 * u.std(axis=0), dtype=np.float64)
    apart = sum(np.abs(u[i] - u[j]) for i, j in combinations(range(g), 2)) / (g * (g - 1) / 2)
    shape = np.prod(u / u.max(axis=0), axis=0) ** (1.0 / (g - 1))
    return np.asarray(np.sqrt(np.maximum((1.0 - apart) * shape, 0.0)), dtype=np.float64)
