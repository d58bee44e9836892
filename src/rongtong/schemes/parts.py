"""From rates to the points of parts, in whole hundredths of a point: what is missing drops out, the rest is renormalised exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongtong.schemes.columns import Column
from rongtong.schemes.data import ADJUSTING, WEIGHTLESS, WHOLE, Criterion, Part, Rule
from rongtong.schemes.rates import NONE, Whole, adjustments, rates

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A weighted mean over what is present: `mean` (n,) or -1, `points` and `of` (n, k) that sum to the mean and to 100.00."""

    mean: Whole
    points: Whole
    of: Whole
    present: Whole  # (n,) weight that is present


def weigh(values: Whole, weights: Whole) -> Weighed:
    """Weighted mean of `values` (n, k; -1 missing) by whole `weights` (k,), rounded half up; parts of it by the largest remainder.

    Degenerate: nothing present, or only weight 0, gives -1 and points of 0.

    >>> weigh(np.array([[8000, -1, 5000]]), np.array([6000, 3000, 1000])).mean
    array([7571])
    """
    here = values >= 0
    present = (here * weights).sum(axis=1)
    under = np.where(present > 0, present, 1)
    over = np.where(here, values, 0) * weights
    mean = (2 * over.sum(axis=1) + under) // (2 * under)
    full = np.where(present > 0, WHOLE, 0)
    of = apportioned(here * weights * WHOLE, under, full)
    return Weighed(np.where(present > 0, mean, NONE), apportioned(over, under, mean * (present > 0)), of, present)


def apportioned(over: Whole, under: Whole, total: Whole) -> Whole:
    """`over` (n, k) / `under` (n,) as whole numbers that sum to `total` (n,); equal remainders go by position."""
    under = under[:, np.newaxis]
    base, rest = over // under, over % under
    left = total - base.sum(axis=1)
    order = np.argsort(-rest, axis=1, kind="stable")
    extra = np.zeros_like(base)
    np.put_along_axis(extra, order, (np.arange(over.shape[1]) < left[:, np.newaxis]).astype(base.dtype), axis=1)
    return base + extra


@dataclass(frozen=True, slots=True)
class PartBatch:
    """A part at n units: criteria that weigh in `rates`, `points`, `of` (n, k); bonus and points taken off in `added` (n, m)."""

    part: Part
    weighing: tuple[Criterion, ...]
    adjusting: tuple[Criterion, ...]
    rates: Whole
    points: Whole
    of: Whole
    added: Whole
    present: Whole
    coefficient: Whole | None
    score: Whole


def part_batch(part: Part, columns: dict[str, Column], n: int) -> PartBatch:
    """Score one part at every unit."""
    weighing = tuple(c for c in part.criteria if c.rule not in WEIGHTLESS)
    adjusting = tuple(sorted((c for c in part.criteria if c.rule in ADJUSTING), key=lambda c: c.rule != Rule.BONUS))
    earned = np.stack([rates(c, columns[c.code]) for c in weighing], axis=1) if weighing else np.zeros((n, 0), dtype=np.int64)
    weighed = weigh(earned, np.array([c.weight for c in weighing], dtype=np.int64))
    added = _added(adjusting, columns, weighed.mean)
    score = np.where(weighed.mean >= 0, weighed.mean + added.sum(axis=1), NONE)
    coefficient = _coefficient(part, columns)
    if coefficient is not None:
        score = np.where((score >= 0) & (coefficient >= 0), (2 * score * coefficient + WHOLE) // (2 * WHOLE), NONE)
    return PartBatch(part, weighing, adjusting, earned, weighed.points, weighed.of, added, weighed.present, coefficient, score)


def _added(adjusting: tuple[Criterion, ...], columns: dict[str, Column], mean: Whole) -> Whole:
    """Bonuses first; points are taken off only while there are some, so that what is shown sums to the score."""
    running = np.maximum(mean, 0)
    found = np.zeros((len(mean), len(adjusting)), dtype=np.int64)
    for at, criterion in enumerate(adjusting):
        moved = np.where(mean >= 0, np.maximum(adjustments(criterion, columns[criterion.code]), -running), 0)
        found[:, at], running = moved, running + moved
    return found


def _coefficient(part: Part, columns: dict[str, Column]) -> Whole | None:
    """The multiplier of a part (L3) in ten-thousandths; the part drops out where nobody answered."""
    if not part.coefficient:
        return None
    values = columns[part.code].values
    share = np.clip(np.nan_to_num(values, nan=0.0) / part.full, 0.0, 1.0)
    return np.where(np.isnan(values), NONE, np.rint(WHOLE * share)).astype(np.int64)
