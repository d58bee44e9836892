"""How far D and ranks move when the weights are uncertain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rongtong.engines.measurement import _check as check
from rongtong.engines.measurement.coupling import VARIANTS, coupling
from rongtong.engines.measurement.errors import InvalidInput
from rongtong.engines.measurement.ranks import average_ranks
from rongtong.engines.measurement.subsystem import group_list

Float = NDArray[np.float64]
_BLOCK, _CELLS = 4096, 4_000_000


@dataclass(frozen=True, slots=True)
class Robustness:
    """Quantiles of D (n,) and of the descending rank (n,); NaN where D cannot be computed."""

    low: Float
    high: Float
    rank_low: Float
    rank_high: Float


def robustness(
    normalised: ArrayLike,
    weights: ArrayLike,
    groups: Sequence[Sequence[int]],
    *,
    draws: int,
    rng: np.random.Generator,
    concentration: float = 100.0,
    level: float = 0.95,
    subsystem_weights: ArrayLike | None = None,
    variant: str = "standard",
) -> Robustness:
    """Intervals of D under random weights.

    Per draw, the weights of each group ~ Dirichlet(concentration · w) (zero stays zero); subsystem scores over present indicators with
    renormalised weights; D by standard coupling with equal subsystem weights unless others are named; quantiles (1 - level) / 2 and
    1 - (1 - level) / 2.

    Parameters
    ----------
    normalised : (units, indicators) float in [0, 1], NaN missing
    weights : (indicators,) float, sum 1 inside each group
    groups : at least two lists of columns
    draws : int >= 1
    rng : numpy Generator
    concentration : float > 0
        Larger is surer: at 100 a weight of 0.1 has a standard deviation of 0.03.
    subsystem_weights, variant
        As `weights` and `variant` of `coupling`, so that the interval is that of the D shown.

    Raises
    ------
    InvalidInput
        Fewer than two groups or one draw, groups whose weights do not sum to 1, z outside [0, 1], unknown variant.

    Degenerate cases
    ----------------
    A unit with no indicator of some group: NaN. Ranks are among units with D; ties share their average rank.

    Source: global sensitivity of composite indicators (Saisana, Saltelli and Tarantola 2005), Dirichlet weights.

    Example
    -------
    >>> found = robustness([[0.5, 0.5, 0.8]], [0.5, 0.5, 1.0], [[0, 1], [2]], draws=10, rng=np.random.default_rng(0))
    >>> bool(abs(found.low[0] - found.high[0]) < 1e-12)
    True
    """
    z, parts, drawn, tail = _prepared(normalised, weights, groups, draws, rng, concentration, level)
    shares = _shares(subsystem_weights, len(parts))
    check.choice(variant, VARIANTS, "variant")
    d = np.concatenate([_degrees(block, parts, drawn, shares, variant) for block in _blocks(z, draws)], axis=1)
    low, high = _quantiles(d, tail)
    rank_low, rank_high = _quantiles(_ranks(d), tail)
    return Robustness(low, high, rank_low, rank_high)


def d_intervals(
    normalised: ArrayLike, weights: ArrayLike, groups: Sequence[Sequence[int]], *, draws: int, rng: np.random.Generator,
    concentration: float = 100.0, level: float = 0.95, subsystem_weights: ArrayLike | None = None, variant: str = "standard",
) -> tuple[Float, Float]:  # fmt: skip
    """`.low` and `.high` of `robustness` without its ranks: memory for one block of units at a time, however many there are.

    >>> found = d_intervals([[0.5, 0.5, 0.8]], [0.5, 0.5, 1.0], [[0, 1], [2]], draws=10, rng=np.random.default_rng(0))
    >>> [round(float(edge[0]), 4) for edge in found]
    [0.7953, 0.7953]
    """
    z, parts, drawn, tail = _prepared(normalised, weights, groups, draws, rng, concentration, level)
    shares = _shares(subsystem_weights, len(parts))
    check.choice(variant, VARIANTS, "variant")
    found = [_quantiles(_degrees(block, parts, drawn, shares, variant), tail) for block in _blocks(z, draws)]
    return np.concatenate([low for low, _ in found]), np.concatenate([high for _, high in found])


def _prepared(
    normalised: ArrayLike, weights: ArrayLike, groups: Sequence[Sequence[int]], draws: int, rng: np.random.Generator,
    concentration: float, level: float,
) -> tuple[Float, list[NDArray[np.int64]], list[Float], float]:  # fmt: skip
    """z, groups, drawn weights of each group (draws, size), tail probability; everything checked."""
    z = check.matrix(normalised, "normalised")
    w = check.vector(weights, z.shape[1])
    with np.errstate(invalid="ignore"):
        if (w < 0).any() or ((z < -1e-9) | (z > 1 + 1e-9)).any():
            raise InvalidInput("robustness needs weights of 0 or more and normalised values in [0, 1]")
    parts = group_list(groups, z.shape[1], w)
    check.fraction(level, "level")
    if len(parts) < 2 or draws < 1 or not concentration > 0 or not isinstance(rng, np.random.Generator):
        raise InvalidInput("robustness needs two groups or more, draws of 1 or more, concentration above 0 and a numpy Generator")
    drawn = [_dirichlet(w[group], draws, rng, concentration) for group in parts]
    return z, parts, drawn, (1.0 - level) / 2.0


def _shares(weights: ArrayLike | None, groups: int) -> Float:
    return np.full(groups, 1.0 / groups) if weights is None else check.weight_vector(weights, groups, "subsystem_weights")


def _blocks(z: Float, draws: int) -> Iterator[Float]:
    """Blocks of rows of which all draws fit into some 30 MB."""
    rows = max(1, min(_BLOCK, _CELLS // draws))
    return (z[at : at + rows] for at in range(0, len(z), rows))


def _dirichlet(w: Float, draws: int, rng: np.random.Generator, concentration: float) -> Float:
    found = np.zeros((draws, len(w)))
    positive = w > 0
    found[:, positive] = rng.dirichlet(concentration * w[positive], size=draws)
    return found


def _degrees(z: Float, parts: list[NDArray[np.int64]], drawn: list[Float], shares: Float, variant: str) -> Float:
    """D (draws, units) of a block."""
    present, filled = np.isfinite(z), np.nan_to_num(z, nan=0.0)
    u = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for group, weights in zip(parts, drawn, strict=True):
            mass = weights @ present[:, group].T.astype(np.float64)
            u.append(np.where(mass > 0, np.clip(weights @ filled[:, group].T / mass, 0.0, 1.0), np.nan))
    if variant == "standard" and (shares == shares[0]).all():  # then C T = (prod U)^(1/g): a third of the time
        return np.asarray(np.sqrt(np.prod(u, axis=0) ** (1.0 / len(u))), dtype=np.float64)
    scores = np.stack([part.reshape(-1) for part in u], axis=1)
    return coupling(scores, weights=shares, variant=variant).d.reshape(u[0].shape)


def _ranks(d: Float) -> Float:
    known = np.isfinite(d[0])
    ranks = np.full(d.shape, np.nan)
    if known.any():
        ranks[:, known] = average_ranks(-d[:, known].T).T
    return ranks


def _quantiles(values: Float, tail: float) -> tuple[Float, Float]:
    known = np.isfinite(values).all(axis=0)
    low, high = np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    if known.any():
        low[known], high[known] = np.quantile(values[:, known], [tail, 1.0 - tail], axis=0)
    return low, high
