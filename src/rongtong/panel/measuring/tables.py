"""The tables of a run, gathered as arrays block by block."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rongtong.panel.measuring.plan import ClassPlan
from rongtong.panel.measuring.scoring import DIMENSIONS, Scored

Float = NDArray[np.float64]
MEASURED, NOT_ENOUGH, NOT_APPLICABLE = "measured", "not_enough_data", "not_applicable"
STATES = (MEASURED, NOT_ENOUGH, NOT_APPLICABLE)
_FLOATS = [
    "u1",
    "u2",
    "i",
    "c",
    "t",
    "d",
    "d_low",
    "d_high",
    "rank",
    "rank_low",
    "rank_high",
    "coverage_party",
    "coverage_production",
    "coverage_integration",
    "i_governance",
    "i_goal",
    "i_work",
]
SCHEMAS = {
    "scores": pa.schema(
        [("node_id", pa.int64()), ("tree", pa.string()), ("period", pa.int32()), ("class_code", pa.string()), ("state", pa.string())]
        + [(name, pa.float64()) for name in _FLOATS]
        + [("band", pa.int8()), ("lag", pa.int8()), ("clipped", pa.int32())]
    ),
    "values": pa.schema(
        [("node_id", pa.int64()), ("period", pa.int32()), ("indicator_id", pa.int64()), ("subsystem", pa.string())]
        + [(name, pa.float64()) for name in ("value", "z", "weight", "degree")]
        + [("basis", pa.string())]
        + [(name, pa.float64()) for name in ("floor", "target", "stretch")]
        + [("is_held", pa.bool_()), ("organisations", pa.int16())]
    ),
    "obstacles": pa.schema(
        [("node_id", pa.int64()), ("period", pa.int32()), ("rank", pa.int16()), ("indicator_id", pa.int64()), ("degree", pa.float64())]
    ),
    "rollup": pa.schema(
        [("node_id", pa.int64()), ("tree", pa.string()), ("period", pa.int32()), ("d", pa.float64())]
        + [("units", pa.int32()), ("missing", pa.int32()), ("headcount", pa.float64())]
    ),
}


class Tables:
    """Parts of each table; `table(name)` joins them."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = {name: [] for name in SCHEMAS}

    def add(self, name: str, columns: Mapping[str, Any]) -> None:
        """Add rows; columns that are not given are null."""
        schema, count = SCHEMAS[name], len(next(iter(columns.values())))
        arrays = [
            pa.array(columns[field.name], type=field.type, from_pandas=True) if field.name in columns else pa.nulls(count, field.type)
            for field in schema
        ]
        self._parts[name].append(pa.Table.from_arrays(arrays, schema=schema))

    def table(self, name: str) -> pa.Table:
        return pa.concat_tables(self._parts[name] or [SCHEMAS[name].empty_table()]).combine_chunks()

    def all(self) -> dict[str, pa.Table]:
        return {name: self.table(name) for name in SCHEMAS}


def add_scores(tables: Tables, cls: ClassPlan, period: int, scored: Scored) -> None:
    count = len(cls.node_ids)
    known = np.isfinite(scored.d)
    state = np.where(known, MEASURED, NOT_ENOUGH if cls.group("production") and cls.group("party") else NOT_APPLICABLE)
    columns: dict[str, Any] = {"node_id": np.array(cls.node_ids), "tree": ["B"] * count, "period": np.full(count, period)}
    columns |= {"class_code": [cls.code] * count, "state": state, "rank": ranks(scored.d)}
    columns |= {name: scored.u[:, at] for at, name in enumerate(("u1", "u2", "i"))}
    columns |= {f"coverage_{name}": scored.coverage[:, at] for at, name in enumerate(("party", "production", "integration"))}
    columns |= {f"i_{name}": scored.dimensions[:, at] for at, name in enumerate(DIMENSIONS)}
    columns |= {
        name: getattr(scored, name) for name in ["c", "t", "d", "d_low", "d_high", "rank_low", "rank_high", "band", "lag", "clipped"]
    }
    tables.add("scores", columns)


def ranks(d: Float) -> Float:
    """Descending rank; equal values (to 1e-9) share the best rank, missing have none.

    >>> ranks(np.array([0.5, 0.7, np.nan, 0.7]))
    array([ 3.,  1., nan,  1.])
    """
    known = np.isfinite(d)
    ordered = np.sort(-d[known])
    found = np.full(len(d), np.nan)
    found[known] = 1.0 + np.searchsorted(ordered, -d[known] - 1e-9, side="left")
    return found


def add_values(tables: Tables, cls: ClassPlan, period: int, cells: Mapping[str, Any], scored: Scored, targets: Float) -> None:
    """One row per unit and indicator; `cells` brings value, is_held and organisations as (n, k)."""
    n, k = scored.z.shape
    aimed = np.isfinite(targets[:, :, 1])
    banded = np.array([bool(column.bands) for column in cls.columns])
    basis = np.where(aimed, "target", np.where(banded[None, :], "band", "bounds"))
    columns: dict[str, Any] = {
        "node_id": np.repeat(np.array(cls.node_ids), k),
        "period": np.full(n * k, period),
        "indicator_id": np.tile([column.indicator_id for column in cls.columns], n),
        "subsystem": np.tile([column.subsystem for column in cls.columns], n),
        "z": scored.z.ravel(),
        "weight": np.tile([column.weight for column in cls.columns], n),
        "degree": scored.degrees.ravel(),
        "basis": basis.ravel(),
    }
    columns |= {name: targets[:, :, at].ravel() for at, name in enumerate(("floor", "target", "stretch"))}
    tables.add("values", columns | {name: array.ravel() for name, array in cells.items()})


def add_obstacles(tables: Tables, cls: ClassPlan, period: int, degrees: Float, limit: int) -> None:
    """The largest obstacle degrees of each unit; equal ones in the order of the set."""
    if not degrees.shape[1]:
        return
    order = np.argsort(-np.nan_to_num(degrees, nan=-1.0), axis=1, kind="stable")[:, :limit]
    top = np.take_along_axis(degrees, order, axis=1)
    row, place = np.nonzero(np.nan_to_num(top, nan=0.0) > 0)
    ids = np.array([column.indicator_id for column in cls.columns])
    columns = {"node_id": np.array(cls.node_ids)[row], "period": np.full(len(row), period), "rank": place + 1}
    tables.add("obstacles", columns | {"indicator_id": ids[order[row, place]], "degree": top[row, place]})


def add_not_applicable(tables: Tables, node_ids: list[int], period: int) -> None:
    """Units without a class or a set are said to be not applicable, never left out silently."""
    count = len(node_ids)
    if count:
        fixed = {"tree": ["B"] * count, "class_code": [""] * count, "state": [NOT_APPLICABLE] * count}
        tables.add("scores", {"node_id": node_ids, "period": [period] * count, "band": [0] * count, "lag": [-2] * count} | fixed)
