"""The door of the arithmetic: one unit, all units of a class, what Party work moves, what another version would move. Pure; inputs untouched."""

from collections.abc import Mapping

import numpy as np
from django.utils.translation import gettext as _

from rongtong.schemes.batch import Batch, is_applied, is_entered, run
from rongtong.schemes.columns import Facts
from rongtong.schemes.data import WHOLE, Model, SchemeData
from rongtong.schemes.influence import influence
from rongtong.schemes.linking import grade_index
from rongtong.schemes.moves import moves
from rongtong.schemes.parts import PartBatch
from rongtong.schemes.results import Capped, Influence, Line, Moves, PartScore, Scored

__all__ = ["Facts", "effective_weight", "score", "score_all", "what_if"]


def score(scheme: SchemeData, facts: Facts) -> Scored:
    """One unit's result; quotas need the others and are left out (`score_all`)."""
    return _scored(run(scheme, {0: facts}, is_class=False), 0)


def score_all(scheme: SchemeData, facts_of_units: Mapping[int, Facts]) -> dict[int, Scored]:
    """Every unit's result, with quotas: the units are all those of the class."""
    if not facts_of_units:
        return {}
    batch = run(scheme, facts_of_units, is_class=True)
    return {node: _scored(batch, at) for at, node in enumerate(batch.nodes)}


def effective_weight(scheme: SchemeData, facts_of_units: Mapping[int, Facts]) -> Influence:
    """What Party work moves at these units, beside what the scheme says on paper."""
    return influence(run(scheme, facts_of_units, is_class=True))


def what_if(
    scheme: SchemeData, other: SchemeData, facts_of_units: Mapping[int, Facts], facts_of_other: Mapping[int, Facts] | None = None
) -> Moves:
    """Who moves if `other` held instead. `facts_of_other` where the other's criteria read other records under the same code."""
    facts = facts_of_units if facts_of_other is None else facts_of_other
    return moves(run(scheme, facts_of_units, is_class=True), run(other, facts, is_class=True))


def _scored(batch: Batch, at: int) -> Scored:
    linked, graded = batch.linked, batch.graded
    codes = [*(band.code for band in batch.scheme.bands), ""]
    present = int(linked.present[at])
    return Scored(
        model=str(batch.scheme.linkage.model),
        lines=tuple(line for part in batch.parts for line in _lines(batch, part, at)),
        parts=tuple(_part(batch, part, number, at) for number, part in enumerate(batch.parts)),
        party=_or_none(linked.party[at]),
        production=_or_none(linked.production[at]),
        total=_or_none(linked.total[at]),
        grade=codes[graded.final[at]],
        grade_by_points=codes[graded.by_points[at]],
        party_grade=codes[grade_index(batch.scheme, linked.party[at : at + 1])[0]],
        production_grade=codes[grade_index(batch.scheme, linked.production[at : at + 1])[0]],
        capped=tuple(_capped(batch, at, codes)),
        vetoes_without_basis=tuple(
            v.code for v in batch.vetoes if is_entered(fact := batch.facts[at].get(v.code)) and not is_applied(fact)
        ),
        coefficient=None if linked.factor is None else _or_none(linked.factor[at]),
        present=present,
        dropped=WHOLE - present,
        reason=_reason(batch, at),
    )


def _or_none(value: np.int64) -> int | None:
    return int(value) if value >= 0 else None


def _lines(batch: Batch, part: PartBatch, at: int) -> list[Line]:
    """The criteria in their order; what dropped out has its reason and no points."""
    found = {}
    for number, c in enumerate(part.weighing):
        rate = _or_none(part.rates[at, number])
        points, of = (int(part.points[at, number]), int(part.of[at, number])) if rate is not None else (None, None)
        found[c.code] = _line(batch, part, c.code, at, (c.weight, rate, points, of))
    for number, c in enumerate(part.adjusting):
        is_told = not np.isnan(batch.columns[c.code].values[at])
        found[c.code] = _line(batch, part, c.code, at, (0, None, int(part.added[at, number]) if is_told else None, None))
    for c in part.part.criteria:
        if c.code not in found:
            found[c.code] = _line(batch, part, c.code, at, (0, None, None, None))
    return [found[c.code] for c in part.part.criteria]


def _line(batch: Batch, part: PartBatch, code: str, at: int, told: tuple[int, int | None, int | None, int | None]) -> Line:
    column, (weight, rate, points, of) = batch.columns[code], told
    raw = None if np.isnan(column.values[at]) else float(column.values[at])
    return Line(code, part.part.code, weight, raw, rate, points, of, column.reasons.get(at, ""))


def _part(batch: Batch, part: PartBatch, number: int, at: int) -> PartScore:
    score, points = _or_none(part.score[at]), batch.linked.points
    present = int(part.present[at])
    coefficient = None if part.coefficient is None or part.coefficient[at] < 0 else int(part.coefficient[at])
    return PartScore(
        code=part.part.code,
        side=part.part.side,
        weight=part.part.weight,
        score=score,
        points=int(points[at, number]) if points is not None and score is not None else None,
        present=present,
        dropped=WHOLE - present,
        adjusted=int(part.added[at].sum()),
        coefficient=coefficient,
        reason="" if score is not None else _part_reason(part, at),
    )


def _part_reason(part: PartBatch, at: int) -> str:
    if part.coefficient is not None and part.coefficient[at] < 0:
        return _("its coefficient has no answers")
    return _("none of its criteria has data")


def _capped(batch: Batch, at: int, codes: list[str]) -> list[Capped]:
    graded, found = batch.graded, []
    if graded.by_points[at] < len(batch.scheme.bands):
        for veto in batch.vetoes:
            fact = batch.facts[at].get(veto.code)
            if fact is not None and is_applied(fact):
                found.append(Capped("veto", codes[graded.after_veto[at]], veto.code, fact.basis, fact.approver))
    if graded.after_gate[at] != graded.after_veto[at]:
        found.append(Capped("gate", codes[graded.after_gate[at]]))
    if graded.final[at] != graded.after_gate[at]:
        found.append(Capped("quota", codes[graded.final[at]]))
    return found


def _reason(batch: Batch, at: int) -> str:
    """Why there is no total."""
    linked, model = batch.linked, batch.scheme.linkage.model
    if linked.total[at] >= 0:
        return ""
    if model == Model.L0:
        return _("the two results stand apart by the scheme")
    if linked.points is None and linked.party[at] < 0 <= linked.base[at]:
        return _("the Party side has no score, and the model needs it")
    if linked.points is None and linked.base[at] < 0 <= linked.party[at]:
        return _("the business side has no score, and the model needs it")
    return _("no part has a score")
