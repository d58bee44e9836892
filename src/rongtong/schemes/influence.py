"""Effective weight of Party work: what a point of it moves, and how much of the units' differences it explains.

On paper a scheme says 25 %. What it does depends on where units stand and on how far they differ: a Party score of 97 to 99 for everyone
moves no rank, whatever its weight. `derivative` is dS/dP at each unit's point, `elasticity` dS/dP x P/S. The share of variance is
cov(S, wP P) / var(S) where the model adds (the shares of all sides sum to 1; one can be negative), and the LMG share of R2 of S on P and
B where it multiplies (Lindeman, Merenda and Gold 1980; Groemping 2006). Interval: percentiles of the bootstrap over units, seed fixed.

Degenerate: fewer than MIN_UNITS units, or equal results: no share, with the reason.
"""

from dataclasses import dataclass
from math import fsum

import numpy as np
from django.utils.translation import gettext as _

from rongtong.schemes.batch import Batch
from rongtong.schemes.columns import Float
from rongtong.schemes.data import Model, Side
from rongtong.schemes.linking import ADDITIVE, paper_weight
from rongtong.schemes.results import Influence, Share

MIN_UNITS = 8  # below it a bootstrap over units says nothing
DRAWS = 400
LEVEL = 0.95
SEED = 20261
TINY = 1e-9


def influence(batch: Batch) -> Influence:
    """The effective weight over the units of a batch; those without a result are left out and not counted."""
    scheme, linked = batch.scheme, batch.linked
    model = Model(scheme.linkage.model)
    has = (linked.total >= 0) & (linked.party >= 0)
    method = "covariance" if model in ADDITIVE else "lmg"
    if model == Model.L0:
        reason = _("Party and business results stand apart: there is no joint result in which Party work counts")
        return Influence(model, None, {}, {}, None, None, Share(None, reason=reason), method, 0, reason)
    slopes = {batch.nodes[at]: float(linked.derivative[at]) for at in np.flatnonzero(has)}
    bends = {
        batch.nodes[at]: float(linked.derivative[at] * linked.party[at] / linked.total[at])
        for at in np.flatnonzero(has & (linked.total > 0))
    }
    return Influence(
        model, paper_weight(scheme.linkage, scheme), slopes, bends, _mean(slopes), _mean(bends), _share(batch), method,
        int(has.sum()), "" if has.any() else _("no unit has both a Party score and a result"), _bound(batch),
    )  # fmt: skip


def _mean(values: dict[int, float]) -> float | None:
    return fsum(values.values()) / len(values) if values else None


def _bound(batch: Batch) -> float | None:
    if batch.linked.gate is None:
        return None
    rated = batch.graded.after_veto < len(batch.scheme.bands)
    held = rated & (batch.graded.after_gate > batch.graded.after_veto)
    return float(held.sum() / rated.sum()) if rated.any() else None


def _share(batch: Batch) -> Share:
    """Share of the variance of the result that Party work explains."""
    linked, n_bands = batch.linked, len(batch.scheme.bands)
    if not batch.scheme.linkage.is_joint:
        return Share(None, reason=_("Party and business results stand apart: there is no joint result in which Party work counts"))
    use = (linked.total >= 0) & (linked.party >= 0) & (linked.base >= 0)
    count = int(use.sum())
    if count < MIN_UNITS:
        return Share(None, n=count, reason=_("only %(count)s units have both; below %(least)s nothing can be said") % {"count": count, "least": MIN_UNITS})  # fmt: skip
    if linked.points is not None:
        mine = np.array([part.part.side == Side.PARTY for part in batch.parts])
        columns = [linked.total[use], linked.points[use][:, mine].sum(axis=1)]
    elif linked.gate is not None:
        columns = [n_bands - batch.graded.after_gate[use], linked.party[use], linked.base[use]]
    else:
        columns = [linked.total[use], linked.party[use], linked.base[use]]
    return share_of_variance(np.stack(columns, axis=1).astype(np.float64))


def share_of_variance(columns: Float) -> Share:
    """Of (n, 2) result and Party contribution, or (n, 3) result, Party score and business score; with the bootstrap's interval."""
    centred = columns - columns.mean(axis=0)
    found = _shares(_moments(centred, np.ones((1, len(columns)))))[0]
    if not np.isfinite(found):
        return Share(None, n=len(columns), reason=_("all results are equal: there is no difference to explain"))
    rng = np.random.default_rng(SEED)
    counts = rng.multinomial(len(columns), np.full(len(columns), 1 / len(columns)), size=DRAWS).astype(np.float64)
    drawn = _shares(_moments(centred, counts))
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(drawn) else (np.nan, np.nan)
    # the point lies inside by construction of a share, also where the percentiles of a skewed bootstrap would leave it out
    return Share(float(found), float(min(low, found)), float(max(high, found)), len(columns))


@dataclass(frozen=True, slots=True)
class Moments:
    """Covariances (draws, k, k) of the columns under weights (draws, n)."""

    covariance: Float


def _moments(columns: Float, counts: Float) -> Moments:
    total = counts.sum(axis=1)[:, np.newaxis]
    width = columns.shape[1]
    means = counts @ columns / total
    products = np.einsum("ni,nj->nij", columns, columns).reshape(len(columns), width * width)
    second = (counts @ products / total).reshape(-1, width, width)
    return Moments(second - means[:, :, np.newaxis] * means[:, np.newaxis, :])


def _shares(moments: Moments) -> Float:
    cov = moments.covariance
    with np.errstate(divide="ignore", invalid="ignore"):
        if cov.shape[1] == 2:
            return np.asarray(np.where(cov[:, 0, 0] > TINY, cov[:, 0, 1] / cov[:, 0, 0], np.nan))
        return _lmg(cov)


def _lmg(cov: Float) -> Float:
    """LMG share of the first of two regressors in R2: the mean over both orders of what it adds, over the whole."""
    mine, other, both = _r2(cov, 0, 1), _r2(cov, 0, 2), _r2(cov, 1, 2)
    cross = cov[:, 0, 1] * cov[:, 0, 2] * cov[:, 1, 2] / (cov[:, 0, 0] * cov[:, 1, 1] * cov[:, 2, 2])
    full = np.where((1 - both) > TINY, (mine + other - 2 * np.nan_to_num(cross)) / np.maximum(1 - both, TINY), np.maximum(mine, other))
    full = np.clip(full, np.maximum(mine, other), 1.0)
    return np.asarray(np.where((cov[:, 0, 0] > TINY) & (full > TINY), (mine + full - other) / (2 * full), np.nan))


def _r2(cov: Float, i: int, j: int) -> Float:
    under = cov[:, i, i] * cov[:, j, j]
    return np.where(under > TINY, cov[:, i, j] ** 2 / np.where(under > TINY, under, 1.0), 0.0)
