"""From values to rates: what share of its points a criterion earns, in ten-thousandths; -1 where there is no data. Never a zero for a gap."""

from collections.abc import Callable

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from rongtong.schemes.columns import Column, Float
from rongtong.schemes.data import WHOLE, Criterion, Rule

Whole = NDArray[np.int64]
NONE = -1
SLACK = 1e-9  # 0.9 * 100 is 90.00000000000001: an edge is reached within rounding


def rates(criterion: Criterion, column: Column) -> Whole:
    """(n,) rates in 0..cap; adds the reasons of what only the rule can tell to the column's."""
    share = _SHARES[Rule(criterion.rule)](criterion, column)
    found = np.isfinite(share)
    for at in np.flatnonzero(~found):
        column.reasons.setdefault(int(at), _("no target is set, or it is 0"))
    earned: Whole = np.where(found, np.rint(WHOLE * np.where(found, share, 0.0)), NONE).astype(np.int64)
    return earned


def adjustments(criterion: Criterion, column: Column) -> Whole:
    """(n,) hundredths of a point that a bonus adds or that are taken off, at most `most`; 0 where nothing is recorded."""
    count = np.maximum(np.nan_to_num(column.values, nan=0.0), 0.0)
    points: Whole = np.minimum(np.rint(criterion.per * count), criterion.most).astype(np.int64)
    return points if criterion.rule == Rule.BONUS else -points


def _percent(_criterion: Criterion, column: Column) -> Float:
    return np.clip(column.values / 100, 0.0, 1.0)


def _bands(criterion: Criterion, column: Column) -> Float:
    found = np.full(column.values.shape, np.nan)
    for step in criterion.steps:
        low = -np.inf if step.low is None else step.low
        found[column.values + SLACK >= low] = step.rate / WHOLE
    found[np.isnan(column.values)] = np.nan
    return found


def _target(criterion: Criterion, column: Column) -> Float:
    """Completion of the target (of a cost: 2 less it), linear from the floor to full points, at most the cap."""
    target = column.targets if criterion.target is None else np.full(column.values.shape, criterion.target)
    with np.errstate(divide="ignore", invalid="ignore"):
        done = np.where(target == 0, np.nan, column.values / target)
    done = 2 - done if criterion.is_cost else done
    floor, cap = criterion.floor / WHOLE, criterion.cap / WHOLE
    return np.clip((done - floor) / (1 - floor), 0.0, cap)


def _deduction(criterion: Criterion, column: Column) -> Float:
    """Full points less so many per event, down to what is left at least; of the criterion's own points."""
    left = criterion.weight - criterion.per * np.maximum(column.values, 0.0)
    share: Float = np.maximum(left, criterion.most) / criterion.weight
    return share


def _test(criterion: Criterion, column: Column) -> Float:
    return np.clip((column.values - criterion.least) / (criterion.full - criterion.least), 0.0, 1.0)


_SHARES: dict[Rule, Callable[[Criterion, Column], Float]] = {
    Rule.FORMULA: _percent,
    Rule.MANUAL: _percent,
    Rule.PEER: _percent,
    Rule.BANDS: _bands,
    Rule.TARGET: _target,
    Rule.DEDUCTION: _deduction,
    Rule.TEST: _test,
}
