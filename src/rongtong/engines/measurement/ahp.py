"""Analytic hierarchy process: weights from pairwise judgements, with their consistency."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import Inconsistent, InvalidInput, NotConverged, Undefined

Float = NDArray[np.float64]
METHODS = ("eigenvector", "geometric_mean", "column_mean")
MAX_CR = 0.1


def _table(first: int, *values: float) -> tuple[float, ...]:
    return (0.0,) * (first - 1) + values


# index n - 1; as printed by the sources named in the reference case ahp-00
RANDOM_INDEX: dict[str, tuple[float, ...]] = {
    "saaty_common": (0.0, 0.0, 0.58, 0.9, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51),
    "saaty_AHPy": _table(3, 0.52, 0.89, 1.11, 1.25, 1.35, 1.4, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
    "donegan_dodd_AHPy": _table(3, 0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055, 1.4213, 1.4497),
    "mathmodels_book": _table(3, 0.58, 0.9, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.54, 1.56),
}


@dataclass(frozen=True, slots=True)
class Ahp:
    """Weights (n,), lambda_max, consistency index, ratio; `review` names the judgement (row, column) furthest from the rest if CR > 0.1."""

    weights: Float
    lambda_max: float
    ci: float
    cr: float
    review: tuple[int, int] | None = None

    @property
    def is_consistent(self) -> bool:
        return self.cr <= MAX_CR

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Float:
        """The weights, where an array is asked for."""
        return np.array(self.weights, dtype=dtype)


@dataclass(frozen=True, slots=True)
class AhpHierarchy:
    """Overall weights of the alternatives, the criteria's own result, and one result per criterion."""

    weights: Float
    criteria: Ahp
    alternatives: tuple[Ahp, ...]


def ahp(matrix: ArrayLike, *, method: str = "eigenvector", random_index: str | ArrayLike = "saaty_common") -> Ahp:
    """Weights of a reciprocal judgement matrix A.

    A w = lambda_max w; CI = (lambda_max - n) / (n - 1); CR = CI / RI(n). geometric_mean: w_i = (prod_j a_ij)^(1/n) / sum;
    column_mean: mean over columns of a_ij / sum_i a_ij; for both lambda_max = mean of (A w)_i / w_i.

    Parameters
    ----------
    matrix : (n, n) float
        Positive, a_ji = 1 / a_ij (to 1e-6 relative), ones on the diagonal.
    random_index : a key of RANDOM_INDEX or an array with RI(1), RI(2), ...
        CR differs by 2 to 8 % between tables: say which one was used.

    Raises
    ------
    InvalidInput
        Not square, missing, not positive, unknown method or table.
    Inconsistent
        Not reciprocal.
    Undefined
        n beyond the table.

    Degenerate cases
    ----------------
    n = 1 and n = 2 are always consistent: CR 0. CR above 0.1 is an answer, not an error: `review` says which judgement to look at first.

    Source: Saaty (1980; 2008, Int. J. Services Sciences 1(1)).

    Example
    -------
    >>> ahp([[1, 2], [0.5, 1]]).weights.round(6).tolist()
    [0.666667, 0.333333]
    """
    a = _judgements(matrix)
    check.choice(method, METHODS, "method")
    table, n = _table_of(random_index), len(a)
    if method == "eigenvector":
        weights, largest = _principal(a)
    else:
        weights = _geometric(a) if method == "geometric_mean" else (a / a.sum(axis=0)).mean(axis=1)
        largest = float((a @ weights / weights).mean())
    ci = max(0.0, (largest - n) / (n - 1)) if n > 2 else 0.0
    cr = ci / _random_index(table, n) if n > 2 else 0.0
    return Ahp(weights, largest, ci, cr, _worst(a, weights) if cr > MAX_CR else None)


def _judgements(matrix: ArrayLike) -> Float:
    a = check.matrix(matrix, "matrix", allow_nan=False)
    if a.shape[0] != a.shape[1]:
        raise InvalidInput(f"matrix has shape {a.shape}; a judgement matrix is square")
    if (a <= 0).any():
        raise InvalidInput("judgements must be greater than 0")
    off = np.abs(a * a.T - 1.0)
    if off.max() > 1e-6:
        row, column = np.unravel_index(int(off.argmax()), off.shape)
        raise Inconsistent(f"judgements ({row}, {column}) and ({column}, {row}) are not reciprocal; make one the inverse of the other")
    return a


def _principal(a: Float) -> tuple[Float, float]:
    values, vectors = np.linalg.eig(a)
    at = int(values.real.argmax())
    vector = np.abs(vectors[:, at].real)
    if abs(values[at].imag) > 1e-9 or not vector.sum() > 0:
        raise NotConverged("the principal eigenvector was not found; check the judgements")
    return vector / vector.sum(), float(values[at].real)


def _geometric(a: Float) -> Float:
    roots = np.exp(np.log(a).mean(axis=1))
    return np.asarray(roots / roots.sum(), dtype=np.float64)


def _table_of(random_index: str | ArrayLike) -> Float:
    if isinstance(random_index, str):
        check.choice(random_index, tuple(RANDOM_INDEX), "random_index")
        return np.array(RANDOM_INDEX[random_index])
    return check.vector(random_index, name="random_index")


def _random_index(values: Float, n: int) -> float:
    if n > len(values) or values[n - 1] <= 0:
        raise Undefined(f"the random index table has no value for n = {n}; name another table")
    return float(values[n - 1])


def _worst(a: Float, weights: Float) -> tuple[int, int]:
    """The judgement that differs most from the ratio of the weights."""
    off = np.abs(np.log(a * weights[None, :] / weights[:, None]))
    row, column = np.unravel_index(int(np.triu(off).argmax()), off.shape)
    return int(row), int(column)


def ahp_hierarchy(
    criteria: ArrayLike, alternatives: Sequence[ArrayLike], *, method: str = "eigenvector", random_index: str | ArrayLike = "saaty_common"
) -> AhpHierarchy:
    """Two layers: overall weight of an alternative = sum over criteria of criterion weight x its weight under the criterion.

    Parameters
    ----------
    criteria : (k, k) judgements
    alternatives : k matrices (m, m), one per criterion in order

    Example
    -------
    >>> ahp_hierarchy([[1, 1], [1, 1]], [[[1, 3], [1 / 3, 1]], [[1, 1], [1, 1]]]).weights.tolist()
    [0.625, 0.375]
    """
    top = ahp(criteria, method=method, random_index=random_index)
    below = tuple(ahp(matrix, method=method, random_index=random_index) for matrix in alternatives)
    if len(below) != len(top.weights) or len({len(found.weights) for found in below}) != 1:
        raise InvalidInput(f"give {len(top.weights)} matrices of one size, one per criterion")
    return AhpHierarchy(np.stack([found.weights for found in below], axis=1) @ top.weights, top, below)
