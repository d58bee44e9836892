"""Scores of subsystems: weighted means over present indicators."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.errors import InvalidInput

Float = NDArray[np.float64]
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class SubsystemScores:
    """Scores (n, g), NaN below the coverage; coverage (n, g): share of the group's weight that has values."""

    scores: Float
    coverage: Float


def group_list(groups: Sequence[Sequence[int]], columns: int, weights: Float) -> list[NDArray[np.int64]]:
    """Groups as index arrays: inside the matrix, no column twice, weights of each group summing to 1."""
    found = [np.array(list(group), dtype=np.int64) for group in groups]
    flat = [int(at) for group in found for at in group]
    if not found or any(not len(group) for group in found) or len(set(flat)) != len(flat) or any(not 0 <= at < columns for at in flat):
        raise InvalidInput(f"groups must be non-empty lists of distinct column numbers from 0 to {columns - 1}")
    for number, group in enumerate(found):
        if abs(weights[group].sum() - 1.0) > 1e-6:
            raise InvalidInput(f"weights of group {number} sum to {weights[group].sum():.6g}; weights inside a group must sum to 1")
    return found


def subsystem_scores(
    normalised: ArrayLike, weights: ArrayLike, groups: Sequence[Sequence[int]], *, min_coverage: float = 0.7
) -> SubsystemScores:
    """U = sum w z / sum w over the present indicators of a group.

    Parameters
    ----------
    normalised : (units, indicators) float, NaN missing
    weights : (indicators,) float, sum 1 inside each group
    groups : column numbers of each subsystem
    min_coverage : float
        Below this share of the weight the score is NaN; exactly at it the score stands.

    Raises
    ------
    InvalidInput

    Degenerate cases
    ----------------
    No indicator present: coverage 0, score NaN, also with min_coverage 0.

    Example
    -------
    >>> found = subsystem_scores([[1.0, float("nan")]], [0.8, 0.2], [[0, 1]])
    >>> found.scores.tolist(), found.coverage.tolist()
    ([[1.0]], [[0.8]])
    """
    z = check.matrix(normalised, "normalised")
    w = check.vector(weights, z.shape[1])
    if (w < 0).any():
        raise InvalidInput("weights must not be negative")
    check.fraction(min_coverage, "min_coverage")
    parts = group_list(groups, z.shape[1], w)
    present = np.isfinite(z)
    filled = np.where(present, z, 0.0)
    scores, coverage = np.full((len(z), len(parts)), np.nan), np.zeros((len(z), len(parts)))
    for at, group in enumerate(parts):
        mass = present[:, group] @ w[group]
        coverage[:, at] = mass / w[group].sum()
        enough = (mass > 0) & (coverage[:, at] >= min_coverage - _SLACK)
        scores[enough, at] = (filled[:, group] @ w[group])[enough] / mass[enough]
    return SubsystemScores(scores, coverage)
