"""A whole measurement: every class, every period of the history, both trees; then the tables of the run."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rongtong.kernel.periods import Period, add_months, month_range
from rongtong.panel import snapshot
from rongtong.panel.measuring import cube, rollup, tables
from rongtong.panel.measuring.plan import ClassPlan, Plan
from rongtong.panel.measuring.projection import project, weight_matrix
from rongtong.panel.measuring.scoring import Bounds, score

Float = NDArray[np.float64]
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """Tables and run.json of a run."""

    tables: dict[str, pa.Table]
    about: dict[str, Any]
    counts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Block:
    """A class's values over the history: (periods, units, columns); `organisations` counts those a Party value came from."""

    plan: ClassPlan
    value: Float
    is_held: NDArray[np.bool_]
    organisations: NDArray[np.int16]


def measure(plan: Plan, frozen: dict[str, Any] | None = None, progress: Progress | None = None) -> Result:
    """Measure every class of the plan. `frozen` is run.json of the run whose bounds are kept (None: estimated from this history)."""
    tell = progress or (lambda share, note: None)
    tell(0.0, "values")
    blocks = list(_blocks(plan))
    rng = np.random.default_rng(plan.method.seed)
    out, kept, clipped, valued = tables.Tables(), {}, 0, 0
    for at, block in enumerate(blocks):
        tell(0.2 + 0.6 * at / len(blocks), block.plan.code)
        bounds, kept[block.plan.code] = _bounds(block, frozen)
        clipped += _measure_block(out, plan, block, bounds, rng)
        valued += int(np.isfinite(block.value).sum())
    unmeasured = [*plan.unclassed, *(pk for cls in plan.classes if not cls.columns for pk in cls.node_ids)]
    for period in plan.periods:
        tables.add_not_applicable(out, unmeasured, period.code)
    tell(0.85, "roll-up")
    _add_rollups(out, plan)
    counts = _counts(out, plan, clipped, valued)
    return Result(out.all(), _about(plan, kept, counts), counts)


def _measure_block(out: tables.Tables, plan: Plan, block: _Block, bounds: Bounds, rng: np.random.Generator) -> int:
    clipped = 0
    for at, period in enumerate(plan.periods):
        targets = _targets(plan, block.plan, period.code)
        scored = score(block.value[at], block.plan, targets, bounds, plan.method, rng)
        clipped += int(scored.clipped.sum())
        cells = {"value": block.value[at], "is_held": block.is_held[at], "organisations": block.organisations[at]}
        tables.add_scores(out, block.plan, period.code, scored)
        tables.add_values(out, block.plan, period.code, cells, scored, targets)
        tables.add_obstacles(out, block.plan, period.code, scored.degrees, plan.method.obstacles)
    return clipped


def _blocks(plan: Plan) -> Iterator[_Block]:
    parties = sorted({link.party for links in plan.links.values() for link in links if link.party in plan.dense})
    for cls in plan.classes:
        if cls.columns:
            yield _block(plan, cls, parties)


def _block(plan: Plan, cls: ClassPlan, parties: list[int]) -> _Block:
    """Own values of the class's units, with Party columns filled from the organisations linked to them in each period."""
    units = list(cls.node_ids)
    dense = np.array([plan.dense[pk] for pk in (*units, *parties)], dtype=np.int64)
    rules = [cube.Rule(c.indicator_id, c.aggregate, c.hold_months) for c in cls.columns]
    shape = (len(plan.periods), len(units), len(cls.columns))
    block = _Block(cls, np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.int16))
    party = cls.group("party")
    unit_rows, party_rows = ({pk: at for at, pk in enumerate(ids)} for ids in (units, parties))
    for at, found in enumerate(cube.walk(plan.periods, dense, rules)):
        own, cast = found.value[: len(units)], found.value[len(units) :][:, party]
        matrix = weight_matrix(plan.links[found.period.code], unit_rows, party_rows)
        own[:, party] = np.where(np.isfinite(own[:, party]), own[:, party], project(matrix, cast))
        block.value[at], block.is_held[at] = own, found.is_held[: len(units)]
        linked = (matrix > 0).astype(np.float64)
        block.organisations[at][:, party] = (linked @ np.isfinite(cast).astype(np.float64)).astype(np.int16)
        block.is_held[at][:, party] |= (linked @ found.is_held[len(units) :][:, party].astype(np.float64)) > 0
    return block


def _bounds(block: _Block, frozen: dict[str, Any] | None) -> tuple[Bounds, dict[str, list[float | None]]]:
    """Minimum and maximum per indicator: those of the frozen run where it has them, else of this history."""
    known = (frozen or {}).get("bounds", {}).get(block.plan.code, {})
    low_high = np.full((2, len(block.plan.columns)), np.nan)
    for at, column in enumerate(block.plan.columns):
        values = block.value[:, :, at][np.isfinite(block.value[:, :, at])]
        pair = known.get(column.code) or ([values.min(), values.max()] if len(values) else [None, None])
        low_high[:, at] = [np.nan if v is None else float(v) for v in pair]
    kept = {c.code: [_none(low_high[0, at]), _none(low_high[1, at])] for at, c in enumerate(block.plan.columns)}
    return Bounds(low_high), kept


def _none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _targets(plan: Plan, cls: ClassPlan, code: int) -> Float:
    """(n, k, 3) floor, target, stretch of a period, NaN where not set."""
    found = np.full((len(cls.node_ids), len(cls.columns), 3), np.nan)
    column_of = {column.indicator_id: at for at, column in enumerate(cls.columns)}
    row_of = {pk: at for at, pk in enumerate(cls.node_ids)}
    for (unit, indicator), aim in plan.targets.get(code, {}).items():
        if unit in row_of and indicator in column_of:
            found[row_of[unit], column_of[indicator]] = aim
    return found


def _add_rollups(out: tables.Tables, plan: Plan) -> None:
    """Both trees: units by their own head-count; Party organisations by the head-count of the units linked to them."""
    nodes = list(plan.parents)
    row_of = {pk: at for at, pk in enumerate(nodes)}
    parents = np.array([row_of.get(parent, -1) if parent else -1 for parent in plan.parents.values()], dtype=np.int64)
    trees = ["B" if pk in plan.headcount else "P" for pk in nodes]
    scores = out.table("scores")
    for period in plan.periods:
        rows = scores.filter(np.equal(scores["period"].to_numpy(), period.code))
        d, mass, counted = _leaves(plan, row_of, rows, period)
        rolled = rollup.roll_up(d, counted, mass, parents)
        columns = {"node_id": nodes, "tree": trees, "period": np.full(len(nodes), period.code), "d": rolled.d}
        out.add("rollup", columns | {"units": rolled.units, "missing": rolled.missing, "headcount": rolled.headcount})


def _leaves(plan: Plan, row_of: dict[int, int], rows: pa.Table, period: Period) -> tuple[Float, Float, NDArray[np.bool_]]:
    """D, head-count and whether a node counts, before rolling up; a Party organisation takes the people-weighted mean of its units."""
    size = len(row_of)
    d, mass, counted = np.full(size, np.nan), np.zeros(size), np.zeros(size, dtype=np.bool_)
    for node, state, value in zip(*(rows[name].to_pylist() for name in ("node_id", "state", "d")), strict=True):
        if state != tables.NOT_APPLICABLE:
            at = row_of[node]
            d[at], mass[at], counted[at] = np.nan if value is None else value, plan.headcount[node], True
    total, people = np.zeros(size), np.zeros(size)
    for link in plan.links[period.code]:
        unit, party = row_of.get(link.unit), row_of.get(link.party)
        if unit is None or party is None or not counted[unit]:
            continue
        counted[party] = True
        if np.isfinite(d[unit]):
            weight = plan.headcount[link.unit] * link.share
            total[party], people[party] = total[party] + d[unit] * weight, people[party] + weight
    reached = people > 0
    d[reached], mass[reached] = total[reached] / people[reached], people[reached]
    return d, mass, counted


def _counts(out: tables.Tables, plan: Plan, clipped: int, valued: int) -> dict[str, Any]:
    scores = out.table("scores")
    states = np.array(scores["state"].to_pylist())[scores["period"].to_numpy() == plan.periods[-1].code]
    counts: dict[str, Any] = {state: int((states == state).sum()) for state in tables.STATES}
    return counts | {"clipped": clipped, "values": valued, "clipped_share": clipped / valued if valued else 0.0}


def _about(plan: Plan, bounds: dict[str, Any], counts: dict[str, Any]) -> dict[str, Any]:
    return {
        "method": plan.method.as_dict() | {"weights": "given", "normalisation": "target, band, bounds", "coupling": "standard"},
        "periods": [period.code for period in plan.periods],
        "period_kind": plan.period_kind,
        "tree_on": str(plan.tree_on),
        "bounds": bounds,
        "weights": {cls.code: {column.code: column.weight for column in cls.columns} for cls in plan.classes},
        "sets": {cls.code: cls.set_label for cls in plan.classes},
        "counts": counts,
    }


def input_hash(plan: Plan, frozen_by: str = "") -> str:
    """Hash of the plan, of the run whose bounds are kept, and of every snapshot file the run reads."""
    digest = hashlib.sha256(f"{plan.digest()}|{frozen_by}".encode())
    hold = max((c.hold_months for cls in plan.classes for c in cls.columns), default=0)
    for code in month_range(add_months(plan.periods[0].months[0], -hold), plan.periods[-1].code):
        path = snapshot.file_of(code)
        digest.update(f"{code}:".encode() + (hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"-"))
    return digest.hexdigest()
