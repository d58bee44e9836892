"""The linkage models of Party and business results, L0 to L7, over whole arrays. What a model needs and lacks is no result, never zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from rongtong.schemes.data import WHOLE, Linkage, Model, Part, SchemeData, Side
from rongtong.schemes.parts import weigh
from rongtong.schemes.rates import NONE, Whole

ADDITIVE = frozenset({Model.L1, Model.L1B, Model.L1C, Model.L5, Model.L7})
MULTIPLYING = frozenset({Model.L2, Model.L3})
_SAFE = 2**62


@dataclass(frozen=True, slots=True)
class Linked:
    """n units: both sides' scores, the business base (all that is not Party work), the total; `points` (n, p) where the model adds.

    `gate` is the score whose grade bounds the result's (L6); `factor` the coefficient of the grade (L4).
    """

    party: Whole
    production: Whole
    base: Whole
    total: Whole
    points: Whole | None
    present: Whole  # (n,) of WHOLE, of the weights that are in effect
    derivative: NDArray[np.float64]  # of the total by the Party score, at each unit's point; NaN where there is none
    gate: Whole | None = None
    factor: Whole | None = None


def weights_in_effect(scheme: SchemeData) -> list[Fraction]:
    """What each part weighs in the result of an additive model; L1b and L7 carry one side's result into the other's score.

    For the other models: its weight inside its own side.
    """
    party, production = _sum(scheme, Side.PARTY), _sum(scheme, Side.PRODUCTION)
    given, model = scheme.linkage, scheme.linkage.model
    if model == Model.L1B:
        inside = Fraction(given.inside, WHOLE)
        shares = {Side.PARTY: _over(1 - inside, party), Side.PRODUCTION: _over(inside, production), Side.OTHER: Fraction(0)}
    elif model == Model.L7:
        to_party, to_production = Fraction(given.to_party, WHOLE), Fraction(given.to_production, WHOLE)
        shares = {
            Side.PARTY: (1 - to_party) / WHOLE + _over(to_production * production / WHOLE, party),
            Side.PRODUCTION: (1 - to_production) / WHOLE + _over(to_party * party / WHOLE, production),
            Side.OTHER: Fraction(1, WHOLE),
        }
    else:
        shares = dict.fromkeys(Side, Fraction(1, WHOLE))
    return [part.weight * shares[Side(part.side)] for part in scheme.parts]


def _sum(scheme: SchemeData, side: Side) -> int:
    return sum(part.weight for part in scheme.parts if part.side == side)


def _over(share: Fraction, under: int) -> Fraction:
    return share / under if under else Fraction(0)


def whole_weights(shares: Sequence[Fraction]) -> Whole:
    """The same weights as whole numbers without a rounding; Python's own integers where 64 bits would not hold the sums."""
    scale = lcm(*(share.denominator for share in shares))
    weights = [int(share * scale) for share in shares]
    common = gcd(*weights) or 1
    weights = [weight // common for weight in weights]
    return np.array(weights, dtype=np.int64 if 4 * sum(weights) * WHOLE < _SAFE else object)


def link(scheme: SchemeData, scores: Whole) -> Linked:
    """Join the parts' scores (n, p; -1 missing) by the scheme's model."""
    weights = whole_weights(weights_in_effect(scheme))
    paper = np.array([part.weight for part in scheme.parts], dtype=np.int64)
    party, production, base = (weigh(_only(scores, scheme.parts, sides), paper).mean for sides in _SIDES)
    model = Model(scheme.linkage.model)
    if model in ADDITIVE:
        return _additive(scheme, scores, weights, (party, production, base))
    whole = weigh(scores, paper)
    present = whole.present * WHOLE // max(int(paper.sum()), 1)
    plain = Linked(party, production, base, np.full_like(party, NONE), None, present, np.full(len(party), np.nan))
    return plain if model == Model.L0 else _JOINED[model](plain, scheme)


_SIDES = (frozenset({Side.PARTY}), frozenset({Side.PRODUCTION}), frozenset({Side.PRODUCTION, Side.OTHER}))


def _only(scores: Whole, parts: Sequence[Part], sides: frozenset[Side]) -> Whole:
    """The scores of some sides; the other parts count as missing."""
    return np.where(np.array([Side(part.side) in sides for part in parts]), scores, NONE)


def _additive(scheme: SchemeData, scores: Whole, weights: Whole, sides: tuple[Whole, Whole, Whole]) -> Linked:
    weighed = weigh(scores, weights)
    is_party = np.array([part.side == Side.PARTY for part in scheme.parts])
    mine = ((scores >= 0) * weights * is_party).sum(axis=1)
    present = np.where(weighed.present > 0, weighed.present, 1)
    derivative = np.where(sides[0] >= 0, (mine / present).astype(np.float64), np.nan)
    share = (weighed.present * WHOLE // max(int(weights.sum()), 1)).astype(np.int64)
    return Linked(*sides, weighed.mean.astype(np.int64), weighed.points.astype(np.int64), share, derivative)


def _times(base: Whole, factor: Whole, under: int) -> Whole:
    """base x factor / under, rounded half up; nothing where either is missing."""
    product = (2 * np.maximum(base, 0) * np.maximum(factor, 0) + under) // (2 * under)
    return np.where((base >= 0) & (factor >= 0), product, NONE)


def _multiplied(plain: Linked, scheme: SchemeData) -> Linked:
    """L2, L3: S = B x P / Pmax."""
    full = scheme.linkage.full
    total = _times(plain.base, plain.party, full)
    slope = np.where(total >= 0, plain.base / full, np.nan)
    return Linked(plain.party, plain.production, plain.base, total, None, plain.present, slope)


def _graded(plain: Linked, scheme: SchemeData) -> Linked:
    """L4: S = B x k(grade of P); inside a grade Party work moves nothing."""
    factors = np.array([scheme.linkage.coefficients.get(band.code, NONE) for band in scheme.bands] + [NONE], dtype=np.int64)
    factor = factors[grade_index(scheme, plain.party)]
    total = _times(plain.base, factor, WHOLE)
    slope = np.where(total >= 0, 0.0, np.nan)
    return Linked(plain.party, plain.production, plain.base, total, None, plain.present, slope, factor=factor)


def _gated(plain: Linked, scheme: SchemeData) -> Linked:
    """L6: S = B, its grade at most so many above that of P; reversed, S = P and B is the gate."""
    is_reverse = scheme.linkage.is_reverse
    total, gate = (plain.party, plain.base) if is_reverse else (plain.base, plain.party)
    slope = np.where(total >= 0, 1.0 if is_reverse else 0.0, np.nan)
    return Linked(plain.party, plain.production, plain.base, total, None, plain.present, slope, gate=gate)


_JOINED = {Model.L2: _multiplied, Model.L3: _multiplied, Model.L4: _graded, Model.L6: _gated}


def grade_index(scheme: SchemeData, scores: Whole) -> Whole:
    """0 for the best grade; the number of grades where there is no score.

    A score reaches a grade at its lower edge: 90.00 is of the grade from 90.
    """
    lows = np.array([band.low for band in scheme.bands], dtype=np.int64)
    index = (scores[:, np.newaxis] < lows).sum(axis=1)
    return np.where(scores >= 0, np.minimum(index, len(lows) - 1), len(lows)).astype(np.int64)


def paper_weight(given: Linkage, scheme: SchemeData) -> float | None:
    """What the scheme says Party work counts in the joint result; None where the model names no weight, or joins nothing (L0, L1b)."""
    if given.model in {Model.L1, Model.L1C, Model.L5, Model.L7}:
        return _sum(scheme, Side.PARTY) / WHOLE
    return None
