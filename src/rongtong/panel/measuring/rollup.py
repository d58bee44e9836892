"""Means of D along a tree: weighted by head-count, with how many units were measured and how many were not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RolledUp:
    """Per node: weighted mean D (NaN if none), units measured, units missing, head-count of the measured ones."""

    d: Float
    units: NDArray[np.int64]
    missing: NDArray[np.int64]
    headcount: Float


def levels(parents: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Row numbers by depth, root level first; `parents[i]` is a row number or -1.

    >>> [level.tolist() for level in levels(np.array([-1, 0, 1]))]
    [[0], [1], [2]]
    """
    depth = np.where(parents < 0, 0, -1)
    found = [np.flatnonzero(depth == 0)]
    while True:
        below = np.flatnonzero((depth < 0) & (np.where(parents >= 0, depth[np.maximum(parents, 0)], -1) == len(found) - 1))
        if not len(below):
            return found
        depth[below] = len(found)
        found.append(below)


def roll_up(
    d: Float, is_unit: NDArray[np.bool_], headcount: Float, parents: NDArray[np.int64], *,
    needs_people: bool = True, depths: list[NDArray[np.int64]] | None = None,
) -> RolledUp:  # fmt: skip
    """Sum level by level from the leaves; each node's own D is included. A unit without D counts as missing, never as 0.

    `depths` are the levels of `parents`, for callers that roll up many periods. With `needs_people` a unit without a head-count, which cannot be weighted, counts as missing too.
    """
    measured = is_unit & np.isfinite(d)
    measured = measured & (headcount > 0) if needs_people else measured
    weight = np.where(measured, headcount, 0.0)
    total, mass = np.where(measured, d, 0.0) * weight, weight.copy()
    units, missing = measured.astype(np.int64), (is_unit & ~measured).astype(np.int64)
    people = weight.copy()
    for level in reversed((depths or levels(parents))[1:]):
        above = parents[level]
        for column in (total, mass, units, missing, people):
            np.add.at(column, above, column[level])
    with np.errstate(invalid="ignore", divide="ignore"):
        return RolledUp(np.where(mass > 0, total / mass, np.nan), units, missing, people)
