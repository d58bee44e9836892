"""Grades from points: veto, gate and quota lower them and say so. Equal points have equal ranks and equal grades."""

from dataclasses import dataclass

import numpy as np

from rongtong.schemes.data import WHOLE, SchemeData
from rongtong.schemes.linking import Linked, grade_index
from rongtong.schemes.parts import Bool
from rongtong.schemes.rates import Whole


@dataclass(frozen=True, slots=True)
class Graded:
    """n units: grade indexes by points, and after each of the three."""

    by_points: Whole
    after_veto: Whole
    after_gate: Whole
    final: Whole


def grades(scheme: SchemeData, linked: Linked, vetoed: Bool, *, is_class: bool) -> Graded:
    """Grade every unit; `vetoed` (n,) names those with an applied veto; quotas only where all units of a class stand here."""
    by_points = grade_index(scheme, linked.total)
    none = len(scheme.bands)
    codes = [band.code for band in scheme.bands]
    worst = codes.index(scheme.veto_grade) if scheme.veto_grade in codes else none - 1
    after_veto = np.where(vetoed & (by_points < none), np.maximum(by_points, worst), by_points)
    after_gate = after_veto
    if linked.gate is not None:
        gate = grade_index(scheme, linked.gate)
        after_gate = np.where((gate < none) & (after_veto < none), np.maximum(after_veto, gate - scheme.linkage.steps), after_veto)
    return Graded(by_points, after_veto, after_gate, _with_quotas(scheme, linked.total, after_gate) if is_class else after_gate)


def _with_quotas(scheme: SchemeData, totals: Whole, index: Whole) -> Whole:
    """Whoever is beyond a grade's quota holds the next one. Those level at the edge go together: none is chosen among equals."""
    found, rated = index.copy(), int((index < len(scheme.bands)).sum())
    for at, band in enumerate(scheme.bands[:-1]):
        if band.quota is None:
            continue
        holders = np.flatnonzero(found == at)
        most = band.quota * rated // WHOLE
        if len(holders) > most:
            edge = np.sort(totals[holders])[::-1][most]  # the best of those for whom there is no place
            found[holders[totals[holders] <= edge]] = at + 1
    return found


def ranks(totals: Whole) -> tuple[Whole, Whole]:
    """First and last rank of every unit among those with a total, best first; equal totals share them. -1 without one.

    >>> ranks(np.array([900, 800, 900, -1]))
    (array([ 1,  3,  1, -1]), array([ 2,  3,  2, -1]))
    """
    rated = np.sort(totals[totals >= 0])
    better = len(rated) - np.searchsorted(rated, totals, side="right")
    level = len(rated) - np.searchsorted(rated, totals, side="left")
    return np.where(totals >= 0, better + 1, -1), np.where(totals >= 0, level, -1)
