"""Scores, coupling, grades, obstacles and intervals of a piece of the cube; plain arrays in, columns of the tables out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rongtong.engines import measurement as methods
from rongtong.panel.engine import blocks
from rongtong.panel.engine.weights import Scale
from rongtong.panel.files import Indicators
from rongtong.panel.method import Method

Float = NDArray[np.float64]
_MEASURES = ("u1", "u2", "i", "c", "t", "d", "coverage_party", "coverage_production")


@dataclass(frozen=True, slots=True)
class Setting:
    """What every piece is scored with. `matrix` (k, 3): weight of each indicator in its side; `clipped`: values outside frozen bounds per row."""

    indicators: Indicators
    method: Method
    scale: Scale
    matrix: Float
    obstacle_weights: Float
    clipped: NDArray[np.int32]
    is_frozen: bool


def score(z: Float, setting: Setting, draws: int, work: blocks.Workspace) -> dict[str, Any]:
    """Columns of normalised rows (rows, k), whether or not anything was observed there."""
    rows, limit = len(z), min(setting.method.obstacles, z.shape[1])
    columns: dict[str, Any] = {name: np.empty(rows) for name in _MEASURES}
    columns |= {"band": np.empty(rows, dtype=np.int8), "lag": np.empty(rows, dtype=np.int8)}
    columns |= {"top": np.empty((rows, limit)), "order": np.empty((rows, limit), dtype=np.int16)}
    for at in range(0, rows, blocks.BLOCK):
        here = slice(at, at + blocks.BLOCK)
        for name, found in _block(z[here], setting, work).items():
            columns[name][here] = found
    columns["d_low"], columns["d_high"] = _intervals(z, setting, draws, columns["d"])
    return columns


def _block(z: Float, setting: Setting, work: blocks.Workspace) -> dict[str, Any]:
    method, (present, filled) = setting.method, work.numbers(len(z))
    np.copyto(present, np.equal(z, z, out=work.flags(len(z))))
    np.fmax(z if method.is_plain else _spanned(z, method), 0.0, out=filled)  # NaN becomes 0: it adds nothing to a sum of weighted values
    mass, total = present @ setting.matrix, filled @ setting.matrix
    with np.errstate(invalid="ignore", divide="ignore"):
        u = np.where((mass > 0) & (mass >= method.min_coverage - 1e-9), total / mass, np.nan)
    coupled = methods.coupling(u[:, :2], weights=np.array(method.subsystem_weights), variant=method.coupling)
    degrees = np.multiply(np.subtract(present, filled, out=present), setting.obstacle_weights, out=present)
    top, order = _largest(degrees, filled, method)
    return {
        "u1": u[:, 0], "u2": u[:, 1], "i": u[:, 2], "c": coupled.c, "t": coupled.t, "d": coupled.d,
        "band": methods.grade(coupled.d, methods.BANDS[method.bands]), "lag": methods.lag(u[:, 0], u[:, 1], tolerance=method.lag_tolerance),
        "coverage_party": mass[:, 0], "coverage_production": mass[:, 1], "top": top, "order": order,
    }  # fmt: skip


def _spanned(z: Float, method: Method) -> Float:
    low, high = method.span
    return z if method.is_plain else low + z * (high - low)


def _largest(degrees: Float, work: Float, method: Method) -> tuple[Float, NDArray[np.int64]]:
    """The largest obstacle degrees of each row and their columns; equal ones in column order.

    Degrees are 0 or more, so their bits sort as they do. The last bits give way to the column's number from behind: one sort of whole
    numbers finds the largest, ties in column order (degrees that differ by less than 1e-11 of themselves are such a tie).
    """
    width = degrees.shape[1]
    limit, mask = min(method.obstacles, width), (1 << width.bit_length()) - 1
    keys = work.view(np.int64)
    np.bitwise_or(np.bitwise_and(degrees.view(np.int64), ~mask, out=keys), mask - np.arange(width), out=keys)
    keys.sort(axis=1)
    at = mask - (keys[:, width - limit :][:, ::-1] & mask)
    found = degrees.take(at + np.arange(0, degrees.size, width)[:, None])
    if method.row_share:
        total = degrees @ np.ones(width)
        found /= np.where(total > 0, total, 1.0)[:, None]
    return found, at


def _intervals(z: Float, setting: Setting, draws: int, d: Float) -> tuple[Float, Float]:
    """Interval of each D under random weights, by the method's own coupling; null without draws and wherever there is no D.

    Every piece draws from the same seed, so all rows of a run meet the same weights.
    """
    low, high = np.full(len(d), np.nan), np.full(len(d), np.nan)
    known = np.flatnonzero(np.isfinite(d))
    if not draws or not len(known):
        return low, high
    groups = [np.flatnonzero(setting.matrix[:, at] > 0) for at in (0, 1)]
    columns = np.concatenate(groups)
    local = [list(range(len(groups[0]))), list(range(len(groups[0]), len(columns)))]
    low[known], high[known] = methods.d_intervals(
        _spanned(z[np.ix_(known, columns)], setting.method), setting.matrix[columns].sum(axis=1), local, draws=draws,
        rng=np.random.default_rng(setting.method.seed), level=setting.method.level, subsystem_weights=setting.method.subsystem_weights,
        variant=setting.method.coupling,
    )  # fmt: skip
    return low, high
