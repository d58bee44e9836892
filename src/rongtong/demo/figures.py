"""Figures of the sample enterprise: each value is drawn as a score by the unit's character and read back through the norm bands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rongtong.demo.story import FIRST, LAST, SEED, Character
from rongtong.kernel.periods import month_range

BUSY = {5, 6, 9}  # months of high load: Party work is dropped in them
_SOFT = {"P11", "P13", "P22", "P31", "P32", "P33", "P72"}
_DENOMINATORS = {"P11": 5, "P12": 22, "P13": 9, "P22": 2, "P31": 6, "P32": 8, "P33": 10, "P52": 7, "P72": 6, "B32": 18, "B61": 60}


@dataclass(frozen=True, slots=True)
class Spec:
    """What the generator needs of an indicator."""

    pk: int
    code: str
    kind: str
    scale: float
    decimals: int
    hold_months: int
    bands: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A value at a node: `node` is the story's code."""

    node: str
    spec: Spec
    period: int
    value: float
    numerator: float | None
    denominator: float | None


def at_score(bands: Sequence[tuple[float, float]], score: float) -> float:
    """The value whose band score is `score`.

    >>> at_score(((60.0, 0.0), (90.0, 0.8), (100.0, 1.0)), 0.4)
    75.0
    """
    ordered = sorted(bands, key=lambda pair: pair[1])
    return float(np.interp(score, [pair[1] for pair in ordered], [pair[0] for pair in ordered]))


def draw(node: str, side: str, character: Character, specs: Sequence[Spec]) -> Iterator[Drawn]:
    """All values of a node over the two years; `side` is party or production. Missing months are simply not drawn."""
    rng = np.random.default_rng([SEED, sum(node.encode()), len(node), side == "party"])
    months = month_range(FIRST, LAST)
    base, trend = (character.party, character.party_trend) if side == "party" else (character.production, character.production_trend)
    for spec in specs:
        own = rng.normal(0.0, 0.10)
        wave = 0.0
        for at, period in enumerate(months):
            wave = 0.6 * wave + rng.normal(0.0, 0.05)
            score = base + own + trend * (at / (len(months) - 1)) + wave - _strain(spec.code, character, period)
            if _is_missing(spec, character, side, period, at, rng):
                continue
            yield _drawn(node, spec, period, _complaint(spec.code, character, float(np.clip(score, 0.02, 0.98))), rng)


def _strain(code: str, character: Character, period: int) -> float:
    return 0.18 if code in _SOFT and period % 100 in BUSY and character.production > 0.5 else 0.0


def _complaint(code: str, character: Character, score: float) -> float:
    if character.no_meetings and code in {"P11", "P13", "P31"}:
        return 0.0
    if character.delegates and code == "P31":
        return min(score, 0.15)
    if character.party > 0.95 and code.startswith("P"):
        return 1.0
    return score


def _is_missing(spec: Spec, character: Character, side: str, period: int, at: int, rng: np.random.Generator) -> bool:
    if spec.hold_months >= 12 and period % 100 != 12 and at != 0:
        return True
    if side in character.gaps and at >= 20:
        return bool(rng.random() < 0.55)
    return bool(rng.random() < 0.02)


def _drawn(node: str, spec: Spec, period: int, score: float, rng: np.random.Generator) -> Drawn:
    value = at_score(spec.bands, score)
    if spec.kind != "ratio":
        return Drawn(node, spec, period, round(value, spec.decimals), None, None)
    under = float(_DENOMINATORS.get(spec.code, int(rng.integers(180, 420))))
    over = float(max(round(value * under / spec.scale, 0 if spec.code in _DENOMINATORS else 1), 0.0))
    return Drawn(node, spec, period, spec.scale * over / under, over, under)
