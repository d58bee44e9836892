"""What scoring gives back: frozen, with everything that dropped out, was capped or moved. Points are hundredths of a point."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rongtong.schemes.data import WHOLE


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion at a unit: rate, points inside its part (of `of` after renormalisation), or why it dropped out."""

    code: str
    part: str
    weight: int  # on paper, inside the part
    raw: float | None
    rate: int | None
    points: int | None
    of: int | None = None  # the points it could earn once what is missing dropped out
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PartScore:
    """A part at a unit: its points of 100.00, what of its weight is present and what dropped out, and what it adds to the whole."""

    code: str
    side: str
    weight: int  # on paper, of the whole
    score: int | None
    points: int | None  # of the total; None where the model does not add
    present: int = 0  # of WHOLE
    dropped: int = WHOLE
    adjusted: int = 0  # bonus and points taken off, as they count
    coefficient: int | None = None  # L3, in ten-thousandths
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Capped:
    """Why a grade is lower than the points say: a veto (criterion, basis, approver), a gate, a quota."""

    by: str  # veto, gate, quota
    grade: str
    code: str = ""
    basis: str = ""
    approver: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """One unit's result. `total` is None where the model joins nothing or a needed part has no data; `reason` says which."""

    model: str
    lines: tuple[Line, ...]
    parts: tuple[PartScore, ...]
    party: int | None
    production: int | None
    total: int | None
    grade: str
    grade_by_points: str  # before veto, gate and quota
    party_grade: str = ""
    production_grade: str = ""
    capped: tuple[Capped, ...] = ()
    vetoes_without_basis: tuple[str, ...] = ()  # entered, not applied
    coefficient: int | None = None  # L4
    present: int = 0  # weight of parts that have a score
    dropped: int = WHOLE
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, as a snapshot keeps it."""
        return asdict(self)

    def line(self, code: str) -> Line:
        return next(line for line in self.lines if line.code == code)

    def part(self, code: str) -> PartScore:
        return next(part for part in self.parts if part.code == code)


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval; None with the reason where it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Influence:
    """What Party work moves, beside what the scheme says. `derivative` and `elasticity` are per unit; missing where they cannot be told."""

    model: str
    paper: float | None
    derivative: Mapping[int, float]  # points of the result per point of Party work
    elasticity: Mapping[int, float]
    mean_derivative: float | None
    mean_elasticity: float | None
    variance: Share
    method: str  # covariance, lmg
    n: int
    reason: str = ""
    bound: float | None = None  # L6: share of units whose grade the gate holds down


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit stands among those with a result: ranks from `first` to `last`, equal ones share them."""

    total: int | None
    first: int | None
    last: int | None
    grade: str

    @property
    def is_tied(self) -> bool:
        return self.first != self.last


@dataclass(frozen=True, slots=True)
class Move:
    """A unit under one version and under the other."""

    node: int
    before: Place
    after: Place

    @property
    def points(self) -> int | None:
        return None if self.before.total is None or self.after.total is None else self.after.total - self.before.total

    @property
    def ranks(self) -> int | None:
        """Places won (positive) or lost, by the better rank of a tie."""
        return None if self.before.first is None or self.after.first is None else self.before.first - self.after.first

    @property
    def is_regraded(self) -> bool:
        return self.before.grade != self.after.grade


@dataclass(frozen=True, slots=True)
class Moves:
    """Who moves between two versions on the same facts; those without a result in either are only counted."""

    moves: tuple[Move, ...]
    n: int
    moved: int
    regraded: int
    without: int
    largest: int  # ranks
