"""Means of D along a tree: weighted by head-count, with how many units were measured and how many were not."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rongtong.panel.ids import depths_of

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
    depth = depths_of(parents)
    order = np.argsort(depth, kind="stable")
    edges = np.searchsorted(depth[order], np.arange(depth.max(initial=0) + 2))
    return [order[start:end] for start, end in pairwise(edges)]


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
