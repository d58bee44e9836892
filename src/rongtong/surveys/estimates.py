"""Means with their intervals and effect sizes, from counts, sums and sums of squares alone."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtri, stdtrit

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Sums:
    """n, Σx and Σx² of the answers in a union of cells.

    >>> s = Sums.of([1, 2, 3, 4, 5]); s.mean, round(s.variance, 2)
    (3.0, 2.5)
    """

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, values: Iterable[float]) -> "Sums":
        rows = list(values)
        return cls(len(rows), math.fsum(rows), math.fsum(x * x for x in rows))

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.count + other.count, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        return self.total / self.count

    @property
    def variance(self) -> float:
        """Unbiased; 0 for a single value."""
        if self.count < 2:
            return 0.0
        return max(0.0, self.squares - self.total**2 / self.count) / (self.count - 1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval, how many answered, and the wave it is from."""

    value: float
    low: float
    high: float
    n: int
    wave: Any = None  # surveys.models.Wave

    def scaled(self, by: float) -> "Estimate":
        return Estimate(self.value * by, self.low * by, self.high * by, self.n, self.wave)


def mean_of(sums: Sums, wave: Any = None, bounds: tuple[float, float] | None = None) -> Estimate:
    """Student's t interval of a mean, cut at the ends of the scale.

    >>> e = mean_of(Sums.of([1, 2, 3, 4, 5])); round(e.low, 3), round(e.high, 3)
    (1.037, 4.963)
    """
    half = float(stdtrit(sums.count - 1, 0.5 + LEVEL / 2)) * math.sqrt(sums.variance / sums.count) if sums.count > 1 else math.inf
    low, high = sums.mean - half, sums.mean + half
    if bounds:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    return Estimate(sums.mean, low, high, sums.count, wave)


def share_of(sums: Sums, wave: Any = None) -> Estimate:
    """Wilson's interval of a share (values 0 or 1).

    >>> e = share_of(Sums(10, 1.0, 1.0)); round(e.low, 3), round(e.high, 3)
    (0.018, 0.404)
    """
    z, n, p = float(ndtri(0.5 + LEVEL / 2)), sums.count, sums.mean
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(p, max(0.0, centre - half), min(1.0, centre + half), n, wave)


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference in standard deviations with its 95 % interval (Hedges' g), and what it is called."""

    g: float
    low: float
    high: float

    @property
    def size(self) -> str:
        """Cohen's names; below 0.2 it is hardly any."""
        g = abs(self.g)
        return "none" if g < 0.2 else "small" if g < 0.5 else "medium" if g < 0.8 else "large"


def hedges_g(one: Sums, other: Sums) -> Effect | None:
    """Hedges' g of two independent groups, J = 1 - 3 / (4 df - 1); None where nobody differs from anybody.

    >>> e = hedges_g(Sums.of([1, 2, 3, 4, 5]), Sums.of([2, 3, 4, 5, 6])); round(e.g, 3)
    -0.571
    """
    n, m = one.count, other.count
    freedom = n + m - 2
    pooled = ((n - 1) * one.variance + (m - 1) * other.variance) / freedom if freedom > 0 else 0.0
    if pooled <= 0:
        return None
    g = (1 - 3 / (4 * freedom - 1)) * (one.mean - other.mean) / math.sqrt(pooled)
    half = float(ndtri(0.5 + LEVEL / 2)) * math.sqrt((n + m) / (n * m) + g * g / (2 * (n + m)))
    return Effect(g, g - half, g + half)


def paired_g(gaps: Sums) -> Effect | None:
    """Hedges' g of a difference taken within each sheet: its mean in standard deviations of the difference.

    >>> e = paired_g(Sums.of([1, 2, 3, 2, 2])); round(e.g, 2)
    2.26
    """
    n = gaps.count
    if n < 3 or gaps.variance <= 0:
        return None
    g = (1 - 3 / (4 * (n - 1) - 1)) * gaps.mean / math.sqrt(gaps.variance)
    half = float(ndtri(0.5 + LEVEL / 2)) * math.sqrt(1 / n + g * g / (2 * n))
    return Effect(g, g - half, g + half)
