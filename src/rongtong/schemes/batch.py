"""Many units at once: facts to columns, parts, linkage and grades. What scoring, influence and moves share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rongtong.schemes.columns import Column, Facts, columns
from rongtong.schemes.data import Criterion, Fact, Rule, SchemeData
from rongtong.schemes.grading import Graded, grades
from rongtong.schemes.linking import Linked, link
from rongtong.schemes.parts import Bool, PartBatch, part_batch


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that was computed for `nodes`, row by row."""

    scheme: SchemeData
    nodes: tuple[int, ...]
    facts: tuple[Facts, ...]
    columns: dict[str, Column]
    parts: tuple[PartBatch, ...]
    linked: Linked
    graded: Graded
    vetoes: tuple[Criterion, ...]


def run(scheme: SchemeData, facts_of_units: Mapping[int, Facts], *, is_class: bool) -> Batch:
    """Compute all units; `is_class` says that they are all units of a class, so that quotas hold."""
    nodes, facts = tuple(facts_of_units), tuple(facts_of_units.values())
    found = columns(scheme, facts)
    parts = tuple(part_batch(part, found, len(nodes)) for part in scheme.parts)
    linked = link(scheme, np.stack([part.score for part in parts], axis=1))
    vetoes = tuple(scheme.where(lambda c: c.rule == Rule.VETO))
    graded = grades(scheme, linked, _vetoed(vetoes, facts), is_class=is_class)
    return Batch(scheme, nodes, facts, found, parts, linked, graded, vetoes)


def is_applied(fact: Fact | None) -> bool:
    """Whether a veto counts: it happened, and says on what it stands and who approved it."""
    return is_entered(fact) and fact is not None and bool(fact.basis.strip()) and bool(fact.approver.strip())


def is_entered(fact: Fact | None) -> bool:
    return fact is not None and fact.value is not None and fact.value >= 1


def _vetoed(vetoes: Sequence[Criterion], facts: Sequence[Facts]) -> Bool:
    return np.array([any(is_applied(of.get(veto.code)) for veto in vetoes) for of in facts], dtype=bool)
