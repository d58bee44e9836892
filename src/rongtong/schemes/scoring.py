"""The door of the arithmetic: one unit, all units of a class, what Party work moves, what another version would move. Pure; inputs untouched."""

from collections.abc import Mapping

from rongtong.schemes.data import Fact, SchemeData
from rongtong.schemes.results import Influence, Moves, Scored

Facts = Mapping[str, Fact]


def score(scheme: SchemeData, facts: Facts) -> Scored:
    """One unit's result; quotas need the others and are left out (`score_all`)."""
    raise NotImplementedError


def score_all(scheme: SchemeData, facts_of_units: Mapping[int, Facts]) -> dict[int, Scored]:
    """Every unit's result, with quotas."""
    raise NotImplementedError


def effective_weight(scheme: SchemeData, facts_of_units: Mapping[int, Facts]) -> Influence:
    raise NotImplementedError


def what_if(scheme: SchemeData, other: SchemeData, facts_of_units: Mapping[int, Facts]) -> Moves:
    raise NotImplementedError
