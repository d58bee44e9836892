"""Gathering and scoring in one language: what is stored and hashed must not depend on the language of who pressed the button."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext_noop

from rongtong.schemes import facts, scoring
from rongtong.schemes.data import WHOLE, Fact, SchemeData
from rongtong.schemes.models import SchemeVersion
from rongtong.schemes.results import Scored

TOO_LITTLE = gettext_noop("too little of the weight has data")
SOURCE = "en"  # the language of the source strings; pages translate reasons when they show them


def gather(version: SchemeVersion, nodes: Collection[int], first: int, last: int) -> dict[int, dict[str, Fact]]:
    with translation.override(SOURCE):
        return facts.gather(version, nodes, first, last)


def score(data: SchemeData, found: Mapping[str, Fact], least: float) -> Scored:
    """One unit by itself, without quotas; without a result where too little of the weight has data."""
    with translation.override(SOURCE):
        made = scoring.score(data, found)
    return made if present_of(data, made) >= least else _without(made)


def score_all(data: SchemeData, found: Mapping[int, Mapping[str, Fact]], least: float) -> dict[int, Scored]:
    """All units of a class, with quotas among those that have a result."""
    alone = {node: score(data, facts, least) for node, facts in found.items()}
    with translation.override(SOURCE):
        rated = scoring.score_all(data, {node: found[node] for node, made in alone.items() if made.reason != TOO_LITTLE})
    return alone | rated


def present_of(data: SchemeData, made: Scored) -> float:
    """Share of the whole weight that has data: of the parts, and inside them."""
    return sum(made.part(part.code).present * part.weight for part in data.parts) / (WHOLE * WHOLE)


def _without(made: Scored) -> Scored:
    """Too little is known for a result: points of single criteria stay to be seen, the whole has none. Not enough data is not 0."""
    return replace(made, total=None, grade="", grade_by_points="", capped=(), reason=TOO_LITTLE)
