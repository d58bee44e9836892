"""The expert's question: how much of a unit's D is the unit, and how much the method? Recomputes D under other methods from one run's values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from rongtong.engines import measurement as engine

Float = NDArray[np.float64]
WEIGHTINGS = ("given", "entropy", "critic", "std", "equal")
NORMALISATIONS = ("issued", "minmax", "rank")
COUPLINGS = ("standard", "wang2021", "fan")
NAMES = {
    "given": _("issued weights"),
    "entropy": _("entropy weights"),
    "critic": _("CRITIC weights"),
    "std": _("standard-deviation weights"),
    "equal": _("equal weights"),
    "issued": _("against target or norm band"),
    "minmax": _("min-max over the run"),
    "rank": _("by rank"),
    "standard": _("standard C"),
    "wang2021": _("C of Wang 2021"),
    "fan": _("C of Fan"),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """D of one unit-period under one combination; None where the method cannot tell, with the reason."""

    weighting: str
    normalisation: str
    coupling: str
    d: float | None
    reason: str = ""

    @property
    def is_issued(self) -> bool:
        return (self.weighting, self.normalisation, self.coupling) == ("given", "issued", "standard")


@dataclass(frozen=True, slots=True)
class ClassPanel:
    """A class's history as one matrix: a row per unit-period, a column per Party or production indicator."""

    value: Float
    z: Float
    weights: Float
    directions: tuple[str, ...]
    groups: tuple[tuple[int, ...], tuple[int, ...]]
    rows: dict[tuple[int, int], int]


def panel_of(values: Sequence[dict[str, Any]], directions: dict[int, str]) -> ClassPanel:
    """Arrange rows of a run's `values` (one class) as a panel; integration indicators are left out: they enter neither D nor weights."""
    used = [row for row in values if row["subsystem"] in {"party", "production"}]
    columns = {key: at for at, key in enumerate(sorted({(row["subsystem"], row["indicator_id"]) for row in used}))}
    rows = {key: at for at, key in enumerate(sorted({(row["node_id"], row["period"]) for row in used}))}
    value, z = np.full((len(rows), len(columns)), np.nan), np.full((len(rows), len(columns)), np.nan)
    weights = np.zeros(len(columns))
    for row in used:
        at = rows[row["node_id"], row["period"]], columns[row["subsystem"], row["indicator_id"]]
        value[at] = np.nan if row["value"] is None else row["value"]
        z[at] = np.nan if row["z"] is None else row["z"]
        weights[at[1]] = row["weight"]
    groups = tuple(tuple(at for (name, _), at in columns.items() if name == side) for side in ("party", "production"))
    kinds = tuple(directions.get(indicator, "benefit") for _, indicator in columns)
    return ClassPanel(value, z, weights, kinds, (groups[0], groups[1]), rows)


def compare(panel: ClassPanel, node_id: int, period: int, *, min_coverage: float = 0.7) -> list[Variant]:
    """D of a unit in a period under every combination of weighting, normalisation and coupling."""
    at = panel.rows.get((node_id, period))
    if at is None or not all(panel.groups):
        return []
    found = []
    for normalisation in NORMALISATIONS:
        z = _normalised(panel, normalisation)
        for weighting in WEIGHTINGS:
            scores, reason = _scores(panel, z, weighting, min_coverage)
            for coupling in COUPLINGS:
                d = None if scores is None else _d(scores[at], coupling)
                found.append(
                    Variant(weighting, normalisation, coupling, d, reason if scores is None else "" if d is not None else "coverage")
                )
    return found


def _normalised(panel: ClassPanel, how: str) -> Float:
    if how == "issued":
        return panel.z
    directions = ["benefit" if d in {"target", "interval"} else d for d in panel.directions]
    return np.asarray(engine.normalise(panel.value, directions, method=how).values, dtype=np.float64)


def _scores(panel: ClassPanel, z: Float, weighting: str, min_coverage: float) -> tuple[Float | None, str]:
    weights = np.zeros(len(panel.weights))
    try:
        for group in panel.groups:
            weights[list(group)] = _weights(z[:, group], panel.weights[list(group)], weighting)
        scored = engine.subsystem_scores(z, weights, [list(group) for group in panel.groups], min_coverage=min_coverage)
    except (engine.InvalidInput, engine.Undefined) as refusal:
        return None, str(refusal)
    return np.asarray(scored.scores, dtype=np.float64), ""


def _weights(z: Float, given: Float, how: str) -> Float:
    """Weights of one subsystem; constant or absent columns weigh nothing and the others share the rest."""
    spread = np.array([np.isfinite(column).any() and np.nanmax(column) > np.nanmin(column) for column in z.T])
    if how == "given":
        return np.asarray(given / given.sum(), dtype=np.float64)
    weights = np.zeros(z.shape[1])
    varied = z[:, spread]
    if not spread.any():
        raise engine.Undefined("every indicator of this side is constant")
    directions = ["benefit"] * varied.shape[1]
    if how == "entropy":
        weights[spread] = engine.entropy_weights(varied, directions=directions).weights
    elif how == "critic":
        weights[spread] = engine.critic_weights(varied, directions).weights
    elif how == "std":
        weights[spread] = engine.std_weights(varied, directions).weights
    else:
        weights[spread] = engine.equal_weights(varied.shape[1]).weights
    return weights


def _d(u: Float, coupling: str) -> float | None:
    d = float(engine.coupling(u[None, :], variant=coupling).d[0])
    return None if np.isnan(d) else d


def grid(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """One row per normalisation and weighting, its couplings as cells in the order of COUPLINGS."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for variant in variants:
        key = (variant.normalisation, variant.weighting)
        row = rows.setdefault(key, {"normalisation": variant.normalisation, "weighting": variant.weighting, "cells": []})
        row["cells"].append(variant)
    return list(rows.values())
