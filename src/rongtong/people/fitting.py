"""Does a person fit a post? Only proven levels speak; what is not proven is unknown, never unfit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rongtong.people.frames import Frame, Levels


class State(StrEnum):
    FIT = "fit"
    UNFIT = "unfit"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gap:
    """A competence that a post asks for at a level above the proven one; `level` is None where nothing is proven."""

    code: str
    asked: int
    level: int | None

    @property
    def is_known(self) -> bool:
        return self.level is not None

    @property
    def steps(self) -> int | None:
        return None if self.level is None else self.asked - self.level


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer with what is missing. Without a requirement nothing can be said."""

    state: State
    gaps: tuple[Gap, ...] = ()
    has_requirement: bool = True

    @property
    def short(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if gap.is_known)

    @property
    def unproven(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if not gap.is_known)


def fit(asked: Levels | None, proven: Mapping[str, int]) -> Fit:
    """Fit where every level asked for is proven; unfit where one proven level lies below; unknown otherwise.

    >>> fit(Levels({"A": 2, "B": 1}), {"A": 3, "B": 1}).state.value, fit(Levels({"A": 2, "B": 1}), {"A": 3}).state.value
    ('fit', 'unknown')
    >>> fit(Levels({"A": 2, "B": 1}), {"A": 1}).state.value
    'unfit'
    """
    if asked is None or not len(asked):
        return Fit(State.UNKNOWN, has_requirement=False)
    gaps = tuple(Gap(code, level, proven.get(code)) for code, level in asked if proven.get(code, 0) < level)
    if any(gap.is_known for gap in gaps):
        return Fit(State.UNFIT, gaps)
    return Fit(State.UNKNOWN if gaps else State.FIT, gaps)


def side_level(frame: Frame, side: str, proven: Mapping[str, int]) -> int | None:
    """The level one can rely on: the lowest proven one of a side; unknown while any competence of the side is not proven."""
    levels = [proven.get(one.code) for one in frame.of_side(side)]
    known = [level for level in levels if level is not None]
    return min(known) if known and len(known) == len(levels) else None
