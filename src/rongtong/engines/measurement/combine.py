"""Join subjective and objective weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import Undefined

Float = NDArray[np.float64]
METHODS = ("linear", "multiplicative", "geometric", "game")


@dataclass(frozen=True, slots=True)
class Combined:
    """Weights (k,), sum 1; coefficients of the subjective and objective part (NaN where the method has none)."""

    weights: Float
    coefficients: Float


def combine_weights(subjective: ArrayLike, objective: ArrayLike, *, method: str = "game", alpha: float = 0.5) -> Combined:
    """Combine two weight vectors; both are scaled to sum 1 first, the result as well.

    linear alpha s + (1 - alpha) o; multiplicative s o; geometric sqrt(s o);
    game: [[s.s, s.o], [o.s, o.o]] x = [s.s, o.o], coefficients x / sum x.

    Raises
    ------
    InvalidInput
        Lengths differ, negative weights, alpha outside [0, 1].
    Undefined
        multiplicative or geometric: the vectors share no positive weight.

    Degenerate cases
    ----------------
    Equal vectors make the game system singular: coefficients 0.5 and 0.5 (any pair gives the same weights). Where s.o lies above s.s or
    o.o, a game coefficient is negative, and so may be a weight: that is the published formula's own answer, returned as it is. No other
    function takes a negative weight; use linear or geometric then.

    Source: game-theoretic combination weighting as in mathmodels (Zhang 2024).

    Example
    -------
    >>> combine_weights([0.4, 0.6], [0.2, 0.8], method="linear", alpha=0.5).weights.round(6).tolist()
    [0.3, 0.7]
    """
    s = check.weight_vector(subjective, name="subjective")
    o = check.weight_vector(objective, len(s), name="objective")
    check.choice(method, METHODS, "method")
    check.fraction(alpha, "alpha")
    s, o = s / s.sum(), o / o.sum()
    if method in {"multiplicative", "geometric"}:
        product = s * o if method == "multiplicative" else np.sqrt(s * o)
        if product.sum() <= 0:
            raise Undefined("the two weight vectors have no indicator in common")
        return Combined(product / product.sum(), np.array([np.nan, np.nan]))
    coefficients = np.array([alpha, 1.0 - alpha]) if method == "linear" else _game(s, o)
    joined = coefficients[0] * s + coefficients[1] * o
    return Combined(joined / joined.sum(), coefficients)


def _game(s: Float, o: Float) -> Float:
    system = np.array([[s @ s, s @ o], [o @ s, o @ o]])
    if abs(np.linalg.det(system)) < 1e-14:
        return np.array([0.5, 0.5])
    solved = np.linalg.solve(system, np.array([s @ s, o @ o]))
    return np.asarray(solved / solved.sum(), dtype=np.float64)
