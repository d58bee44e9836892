"""Bounds and weights of an earlier run, from its run.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rongtong.panel.files import BadPanel, Indicators
from rongtong.panel.method import Method

Float = NDArray[np.float64]


def read(path: Path, indicators: Indicators, method: Method) -> tuple[tuple[Float, Float], Float]:
    """(low, high) and weights in the order of the indicators; refused unless they are those of a whole run of these very indicators."""
    if method.normalisation != "minmax":
        raise BadPanel(f'{path}::: frozen bounds belong to min-max; use normalisation = "minmax"')
    try:
        run = json.loads(Path(path).read_text(encoding="utf-8"))
        pairs = [_pair(run["bounds"][code]) for code in indicators.codes]
        weights = np.array([run["weights"][code] for code in indicators.codes], dtype=np.float64)
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise BadPanel(f"{path}::: is no run.json of these indicators ({broken}); name the run.json of an earlier run") from broken
    low, high = (np.array([pair[at] for pair in pairs], dtype=np.float64) for at in (0, 1))
    for at, code in enumerate(indicators.codes):
        if high[at] < low[at] or np.isnan(low[at]) != np.isnan(high[at]):
            raise BadPanel(f"{path}:::{code} has the bounds {low[at]:g} and {high[at]:g}; give minimum and maximum")
    for side in ("party", "production"):
        _check_weights(path, side, weights[indicators.group(side)], (high > low)[indicators.group(side)])
    return (low, high), weights


def _pair(bounds: Any) -> tuple[float, float]:
    low, high = (float("nan") if bound is None else float(bound) for bound in bounds)
    return low, high


def _check_weights(path: Path, side: str, weights: Float, varied: NDArray[np.bool_]) -> None:
    is_whole = not weights.any() or abs(weights.sum() - 1.0) <= 1e-6
    if not is_whole or not np.isfinite(weights).all() or (weights < 0).any():
        raise BadPanel(f"{path}:::weights those of {side} sum to {weights.sum():.6g}; they must be 0 or more with sum 1")
    if (weights[~varied] > 0).any():
        raise BadPanel(f"{path}:::weights an indicator of {side} has a weight but no bounds apart; freeze a run that measured it")
