"""The file engine gives the numbers of the plain functions, refuses what is wrong, and writes all or nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rongtong.engines import measurement as methods
from rongtong.panel.engine import measure
from rongtong.panel.files import BadPanel
from rongtong.panel.method import Method
from rongtong.panel.synth import synth

EXACT = 1e-9  # sums in another order


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("panel") / "p"
    synth(60, 7, 3, folder)
    return folder


def plain(folder: Path, method: Method) -> pd.DataFrame:
    """The same measurement by the public functions, as a reader of the method cards would write it."""
    long = pd.read_parquet(folder / "observations.parquet")
    kinds = pd.read_csv(folder / "indicators.csv").sort_values("indicator_id")
    wide = long.pivot(index=["period", "unit_id"], columns="indicator_id", values="value").reindex(columns=kinds["indicator_id"])
    x, directions = wide.to_numpy(), list(kinds["direction"])
    groups = [np.flatnonzero(kinds["subsystem"] == side).tolist() for side in ("party", "production")]
    z = methods.normalise(x, directions, span=method.span).values
    weights = np.zeros(x.shape[1])
    for group in groups:
        part, signs = x[:, group], [directions[at] for at in group]
        if method.weighting == "entropy":
            found = methods.entropy_weights(
                part, directions=signs, scaling=method.scaling, zeros=method.zeros, epsilon=method.epsilon
            ).weights
        elif method.weighting == "critic":
            found = methods.critic_weights(part, signs).weights
        elif method.weighting == "std":
            found = methods.std_weights(part, signs).weights
        else:
            found = methods.equal_weights(len(group)).weights
        weights[group] = found
    scores = methods.subsystem_scores(z, weights, groups, min_coverage=method.min_coverage)
    coupled = methods.coupling(scores.scores, variant=method.coupling)
    degrees = methods.obstacle_degrees(z, weights * 0.5, row_share=method.row_share).degrees
    table = wide.index.to_frame(index=False).assign(u1=scores.scores[:, 0], u2=scores.scores[:, 1], c=coupled.c, t=coupled.t, d=coupled.d)
    table["largest"] = np.nanmax(degrees, axis=1)
    return table


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"zeros": "clip"}, {"zeros": "drop"}, {"scaling": "none"}, {"weighting": "critic"}, {"weighting": "std"},
        {"weighting": "equal"}, {"coupling": "wang2021"}, {"coupling": "fan"}, {"span": (0.002, 0.998)}, {"min_coverage": 0.95},
        {"row_share": False},
    ],
)  # fmt: skip
def test_the_numbers_are_those_of_the_plain_functions(panel: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    method = Method(**changes)
    measure(panel, tmp_path / "run", method=method)
    ours = pd.read_parquet(tmp_path / "run" / "scores.parquet").merge(plain(panel, method), on=["unit_id", "period"], suffixes=("", "_p"))
    assert len(ours) == 60 * 7
    for name in ("u1", "u2", "c", "t", "d"):
        np.testing.assert_allclose(ours[name], ours[f"{name}_p"], atol=EXACT, rtol=0, equal_nan=True, err_msg=name)
    first = pd.read_parquet(tmp_path / "run" / "obstacles.parquet").query("rank == 1").merge(ours, on=["unit_id", "period"])
    np.testing.assert_allclose(first["degree"], first["largest"], atol=EXACT)


def test_a_frozen_run_reproduces_itself_and_counts_what_lies_outside(panel: Path, tmp_path: Path) -> None:
    measure(panel, tmp_path / "a")
    measure(panel, tmp_path / "b", frozen=tmp_path / "a" / "run.json")
    one, two = (pd.read_parquet(tmp_path / name / "scores.parquet") for name in "ab")
    pd.testing.assert_frame_equal(one, two)
    about = json.loads((tmp_path / "a" / "run.json").read_text())
    code, (low, high) = next(iter(about["bounds"].items()))
    about["bounds"][code] = [low, (low + high) / 2]
    (tmp_path / "narrow.json").write_text(json.dumps(about))
    measure(panel, tmp_path / "c", frozen=tmp_path / "narrow.json")
    assert pd.read_parquet(tmp_path / "c" / "scores.parquet")["clipped"].sum() > 0


def test_the_roll_up_is_the_head_count_mean_of_the_subtree(panel: Path, tmp_path: Path) -> None:
    measure(panel, tmp_path / "run")
    scores, units = pd.read_parquet(tmp_path / "run" / "scores.parquet"), pd.read_csv(panel / "units.csv")
    rolled = pd.read_parquet(tmp_path / "run" / "rollup.parquet")
    parent = dict(zip(units["unit_id"], units["parent_id"], strict=True))

    def is_below(unit: float, top: int) -> bool:
        while not np.isnan(unit):
            if unit == top:
                return True
            unit = parent[unit]
        return False

    top = int(units["unit_id"].iloc[1])
    own = scores.merge(units, on="unit_id").query("period == 202401")
    own = own[[is_below(unit, top) for unit in own["unit_id"]]].dropna(subset="d")
    found = rolled.query("unit_id == @top and period == 202401").iloc[0]
    assert found["d"] == pytest.approx(np.average(own["d"], weights=own["headcount"]), abs=EXACT)
    assert found["units"] == len(own)


def spoil(panel: Path, folder: Path, **changed: Any) -> Path:
    """A copy of the panel with observations changed."""
    folder.mkdir()
    for name in ("indicators.csv", "units.csv"):
        (folder / name).write_bytes((panel / name).read_bytes())
    table = pd.read_parquet(panel / "observations.parquet")
    if changed.pop("twice", False):
        table = pd.concat([table, table.iloc[:1]])
    for name, value in changed.items():
        table.loc[5, name] = value
    types = {"unit_id": "int32", "period": "int32", "indicator_id": "int16", "value": "float64"}
    table.astype(types).to_parquet(folder / "observations.parquet")
    return folder


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"unit_id": 9999}, "unit_id 9999 is not in units.csv"),
        ({"indicator_id": 999}, "is not in indicators.csv"),
        ({"period": 202413}, "202413 is not a month"),
        ({"value": float("inf")}, "a value is infinite"),
        ({"twice": True}, "stands twice"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(panel: Path, tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    folder = spoil(panel, tmp_path / "bad", **changed)
    with pytest.raises(BadPanel, match=words):
        measure(folder, tmp_path / "run")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad"]


def test_a_cancelled_measurement_leaves_nothing(panel: Path, tmp_path: Path) -> None:
    def stop(share: float, note: str) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(panel, tmp_path / "run", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_missing_is_not_zero(panel: Path, tmp_path: Path) -> None:
    """A unit without any production value has no U2 and no D, and its coverage says why."""
    folder = spoil(panel, tmp_path / "gap")
    table = pd.read_parquet(folder / "observations.parquet")
    production = pd.read_csv(folder / "indicators.csv").query("subsystem == 'production'")["indicator_id"]
    table[~((table["unit_id"] == 3) & table["indicator_id"].isin(production))].to_parquet(folder / "observations.parquet")
    measure(folder, tmp_path / "run")
    row = pd.read_parquet(tmp_path / "run" / "scores.parquet").query("unit_id == 3")
    assert row["u2"].isna().all()
    assert row["d"].isna().all()
    assert (row["coverage_production"] == 0).all()
    assert row["u1"].notna().all()
    assert (row["band"] == 0).all()
    assert (row["lag"] == -2).all()
