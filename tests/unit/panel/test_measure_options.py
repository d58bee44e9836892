"""Every option of the method file against the plain functions, on a panel with everything that is awkward in it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rongtong.engines import measurement as methods
from rongtong.panel.engine import blocks, measure, writing
from rongtong.panel.files import BadPanel
from rongtong.panel.method import Method

EXACT = 1e-9  # sums in another order
NAN = float("nan")
KINDS = [  # id, code, side, direction, ideal low, ideal high, cap, weight
    (7, "P1", "party", "benefit", None, None, None, 0.4),
    (3, "P2", "party", "cost", None, None, None, 0.3),
    (9, "P3", "party", "interval", 40.0, 60.0, None, 0.2),
    (11, "P4", "party", "benefit", None, None, None, 0.1),  # constant
    (30000, "B1", "production", "benefit", None, None, 80.0, 0.5),
    (5, "B2", "production", "target", 50.0, 50.0, None, 0.25),
    (4, "B3", "production", "cost", None, None, None, 0.15),
    (6, "B4", "production", "interval", -1.0, 200.0, None, 0.1),  # never outside its ideal range
    (1, "I1", "integration", "benefit", None, None, None, None),
    (2, "I2", "integration", "benefit", None, None, None, None),
]
NAMES = ["indicator_id", "code", "subsystem", "direction", "ideal_low", "ideal_high", "cap", "weight"]
UNITS = [2_000_000_000, 17, 5, 900_001, 40, 41, 42, 43, 44, 45]  # far apart, unordered; the last is never observed


def written(folder: Path, rows: pd.DataFrame, kinds: list[tuple[Any, ...]] = KINDS, **types: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(kinds, columns=NAMES).to_csv(folder / "indicators.csv", index=False)
    parents = [None, *[UNITS[0]] * 3, *[17] * 6]
    text = "\n".join(
        f"{unit},{'' if above is None else above},{10 + at if at != 3 else ''}"
        for at, (unit, above) in enumerate(zip(UNITS, parents, strict=True))
    )
    (folder / "units.csv").write_text(f"unit_id,parent_id,headcount\n{text}\n")
    kinds_of = {"unit_id": "int32", "period": "int32", "indicator_id": "int16", "value": "float64"} | types
    rows.astype(kinds_of).to_parquet(folder / "observations.parquet", row_group_size=37)
    return folder


def observations(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (unit, period, kind[0], 5.0 if kind[1] == "P4" else round(float(rng.uniform(1, 100)), 3))
        for period in (202311, 202312, 202401) for unit in UNITS[:-1] for kind in KINDS if rng.random() > 0.08
    ]  # fmt: skip
    rows = [row for row in rows if row[:2] != (44, 202312)]
    rows += [(44, 202312, 11, 5.0)]  # nothing but a constant indicator: still a row of scores
    return pd.DataFrame(rows, columns=["unit_id", "period", "indicator_id", "value"]).sample(frac=1, random_state=3)


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("awkward") / "p", observations())


def plain(folder: Path, method: Method) -> pd.DataFrame:
    """The measurement by the public functions only."""
    long, kinds = pd.read_parquet(folder / "observations.parquet"), pd.read_csv(folder / "indicators.csv")
    wide = long.pivot(index=["period", "unit_id"], columns="indicator_id", values="value").reindex(columns=kinds["indicator_id"])
    x = np.fmin(wide.to_numpy(), kinds["cap"].fillna(np.inf).to_numpy())
    x = np.where(np.isnan(wide.to_numpy()), NAN, x)
    ideals = kinds[["ideal_low", "ideal_high"]].to_numpy()
    directions, sides = kinds["direction"].tolist(), kinds["subsystem"].to_numpy()
    unit = methods.normalise(x, directions, ideals=ideals)
    z = unit.values if method.normalisation == "minmax" else methods.normalise(x, directions, method=method.normalisation).values
    z = method.span[0] + z * (method.span[1] - method.span[0])
    weights = np.zeros(len(kinds))
    for side in ("party", "production"):
        group = [at for at in np.flatnonzero(sides == side) if at not in unit.dropped]
        weights[group] = weigh(x[:, group], unit.values[:, group], kinds["weight"].to_numpy()[group], method)
    groups = [np.flatnonzero((sides == side) & (weights > 0)).tolist() for side in ("party", "production")]
    found = methods.subsystem_scores(z, weights, groups, min_coverage=method.min_coverage)
    coupled = methods.coupling(found.scores, weights=method.subsystem_weights, variant=method.coupling)
    link = np.flatnonzero(sides == "integration").tolist()
    equal = np.where(np.isin(np.arange(len(kinds)), link), 1 / max(len(link), 1), 0.0)
    table = wide.index.to_frame(index=False).assign(
        u1=found.scores[:, 0], u2=found.scores[:, 1], c=coupled.c, t=coupled.t, d=coupled.d,
        coverage_party=found.coverage[:, 0], coverage_production=found.coverage[:, 1],
        i=methods.subsystem_scores(z, equal, [link], min_coverage=method.min_coverage).scores[:, 0] if link else NAN,
        band=methods.grade(coupled.d, methods.BANDS[method.bands]),
        lag=methods.lag(found.scores[:, 0], found.scores[:, 1], tolerance=method.lag_tolerance),
    )  # fmt: skip
    shares = np.where(sides == "party", method.subsystem_weights[0], np.where(sides == "production", method.subsystem_weights[1], 0.0))
    degrees = methods.obstacle_degrees(np.where(weights > 0, z, NAN), weights * shares, row_share=method.row_share).degrees
    table.attrs["weights"] = dict(zip(kinds["code"], weights, strict=True))
    table.attrs["degrees"] = pd.DataFrame(degrees, index=wide.index, columns=kinds["indicator_id"])
    table.attrs["z"], table.attrs["groups"], table.attrs["w"] = z, groups, weights
    return table


def weigh(x: np.ndarray, z: np.ndarray, column: np.ndarray, method: Method) -> np.ndarray:
    signs = ["benefit"] * x.shape[1]
    source = x if method.scaling == "none" else z
    entropy = {"scaling": method.scaling, "zeros": method.zeros, "epsilon": method.epsilon}
    found: dict[str, Any] = {
        "entropy": lambda: methods.entropy_weights(source, **entropy).weights,  # type: ignore[arg-type]
        "critic": lambda: methods.critic_weights(source, signs, scaling=method.scaling).weights,
        "std": lambda: methods.std_weights(z, signs).weights,
        "equal": lambda: methods.equal_weights(x.shape[1]).weights,
        "given": lambda: column / column.sum(),
        "combined": lambda: methods.combine_weights(column / column.sum(), methods.entropy_weights(source, **entropy).weights).weights,  # type: ignore[arg-type]
    }
    return np.asarray(found[method.weighting]())


OPTIONS: list[dict[str, Any]] = [
    {}, {"zeros": "clip"}, {"zeros": "drop"}, {"zeros": "squeeze", "epsilon": 0.0}, {"epsilon": 0.05}, {"scaling": "none"},
    {"weighting": "critic"}, {"weighting": "critic", "scaling": "none"}, {"weighting": "std"}, {"weighting": "equal"}, {"weighting": "given"},
    {"weighting": "combined"}, {"weighting": "combined", "scaling": "none"}, {"coupling": "wang2021"}, {"coupling": "fan"}, {"span": (0.002, 0.998)},
    {"min_coverage": 0.0}, {"min_coverage": 1.0}, {"row_share": False}, {"obstacles": 0}, {"obstacles": 1}, {"obstacles": 50},
    {"subsystem_weights": (0.3, 0.7)}, {"subsystem_weights": (1.0, 0.0)}, {"lag_tolerance": 0.3}, {"bands": "four"},
]  # fmt: skip


@pytest.mark.parametrize("changes", OPTIONS, ids=str)
def test_numbers_are_those_of_the_plain_functions(panel: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    method = Method(**changes)
    compare(panel, tmp_path, method)


@pytest.mark.parametrize("normalisation", ["vector", "sum", "rank"])
def test_other_normalisations(tmp_path: Path, normalisation: str) -> None:
    signed = [(*kind[:3], "cost" if at % 2 else "benefit", *kind[4:]) for at, kind in enumerate(KINDS)]
    folder = written(tmp_path / "p", observations(), signed)
    compare(folder, tmp_path, Method(normalisation=normalisation))


def compare(folder: Path, scratch: Path, method: Method) -> None:
    measure(folder, scratch / "run", method=method)
    ours, wanted = pd.read_parquet(scratch / "run" / "scores.parquet"), plain(folder, method)
    assert len(ours) == len(wanted)
    both = ours.merge(wanted, on=["unit_id", "period"], suffixes=("", "_p"), validate="1:1")
    for name in ("u1", "u2", "i", "c", "t", "d", "coverage_party", "coverage_production", "band", "lag"):
        np.testing.assert_allclose(both[name], both[f"{name}_p"], atol=EXACT, rtol=0, equal_nan=True, err_msg=name)
    about = json.loads((scratch / "run" / "run.json").read_text())
    assert about["weights"] == pytest.approx(wanted.attrs["weights"], abs=EXACT)
    degrees = wanted.attrs["degrees"]
    for (period, unit), rows in pd.read_parquet(scratch / "run" / "obstacles.parquet").groupby(["period", "unit_id"]):
        row = degrees.loc[period, unit].dropna()
        largest = row[row > 0].sort_values(ascending=False, kind="stable").head(method.obstacles)
        assert rows["rank"].tolist() == list(range(1, len(largest) + 1))
        np.testing.assert_allclose(rows["degree"], largest, atol=EXACT)
        np.testing.assert_allclose(row[rows["indicator_id"]], rows["degree"], atol=EXACT)


def test_blocks_and_pieces_do_not_show(panel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure(panel, tmp_path / "whole", robustness=40)
    monkeypatch.setattr(blocks, "BLOCK", 4)
    monkeypatch.setattr(writing, "PIECE", 8)
    measure(panel, tmp_path / "parts", robustness=40)
    for name in ("scores", "obstacles", "rollup"):
        one, two = (pd.read_parquet(tmp_path / kind / f"{name}.parquet") for kind in ("whole", "parts"))
        pd.testing.assert_frame_equal(one, two, atol=1e-12)


def test_names_of_what_tells_nothing_and_of_unknown_head_counts(panel: Path, tmp_path: Path) -> None:
    summary = measure(panel, tmp_path / "run")
    about = json.loads((tmp_path / "run" / "run.json").read_text())
    assert summary.dropped == tuple(about["dropped"]) == ("P4", "B4")
    assert (about["weights"]["P4"], about["weights"]["B4"]) == (0.0, 0.0)
    assert about["parameters"]["units_without_headcount"] == 1
    scores = pd.read_parquet(tmp_path / "run" / "scores.parquet")
    assert len(scores.query("unit_id == 44 and period == 202312")) == 1
    assert 45 not in set(scores["unit_id"])
    rolled = pd.read_parquet(tmp_path / "run" / "rollup.parquet").query("unit_id == 45 and period == 202401").iloc[0]
    assert (np.isnan(rolled["d"]), rolled["units"], rolled["missing"], rolled["headcount"]) == (True, 0, 1, 0)


@pytest.mark.parametrize("coupling", ["standard", "fan"])
def test_intervals_are_those_of_robustness_and_stand_only_beside_a_d(panel: Path, tmp_path: Path, coupling: str) -> None:
    method = Method(seed=4, level=0.9, coupling=coupling, subsystem_weights=(0.4, 0.6), min_coverage=0.95)
    measure(panel, tmp_path / "run", method=method, robustness=60)
    ours, wanted = pd.read_parquet(tmp_path / "run" / "scores.parquet"), plain(panel, method)
    z, groups, w = (wanted.attrs[name] for name in ("z", "groups", "w"))
    found = methods.robustness(
        z, w, groups, draws=60, rng=np.random.default_rng(4), level=0.9, subsystem_weights=method.subsystem_weights, variant=coupling
    )
    both = ours.merge(wanted.assign(low=found.low, high=found.high), on=["unit_id", "period"])
    known = both["d_x"].notna()
    assert 0 < known.sum() < len(both)
    np.testing.assert_allclose(both["d_low"][known], both["low"][known], atol=EXACT)
    np.testing.assert_allclose(both["d_high"][known], both["high"][known], atol=EXACT)
    assert both.loc[~known, ["d_low", "d_high"]].isna().all(axis=None)
    measure(panel, tmp_path / "without", method=method)
    assert pd.read_parquet(tmp_path / "without" / "scores.parquet")[["d_low", "d_high"]].isna().all(axis=None)


def test_frozen_bounds_score_another_panel(panel: Path, tmp_path: Path) -> None:
    """Bounds and weights of the first run; values beyond are clipped and counted, as `normalise` does."""
    measure(panel, tmp_path / "first")
    about = json.loads((tmp_path / "first" / "run.json").read_text())
    later = observations(seed=2)
    later["value"] = later["value"] * 1.5 - 10
    measure(written(tmp_path / "q", later), tmp_path / "later", frozen=tmp_path / "first" / "run.json")
    ours, kinds = pd.read_parquet(tmp_path / "later" / "scores.parquet"), pd.DataFrame(KINDS, columns=NAMES)
    wide = later.pivot(index=["period", "unit_id"], columns="indicator_id", values="value").reindex(columns=kinds["indicator_id"])
    x = np.minimum(wide.to_numpy(), kinds["cap"].fillna(np.inf).to_numpy(dtype=float))
    bounds = np.array([[NAN if v is None else v for v in about["bounds"][code]] for code in kinds["code"]]).T
    found = methods.normalise(
        x, kinds["direction"].tolist(), reference=bounds, ideals=kinds[["ideal_low", "ideal_high"]].to_numpy(dtype=float)
    )
    weights = np.array([about["weights"][code] for code in kinds["code"]])
    groups = [np.flatnonzero((kinds["subsystem"] == side) & (weights > 0)).tolist() for side in ("party", "production")]
    d = methods.coupling(methods.subsystem_scores(found.values, weights, groups).scores).d
    both = ours.merge(wide.index.to_frame(index=False).assign(wanted=d, outside=found.clipped), on=["unit_id", "period"])
    np.testing.assert_allclose(both["d"], both["wanted"], atol=EXACT)
    assert both["clipped"].tolist() == both["outside"].tolist()
    assert both["clipped"].sum() > 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda run: run["bounds"].pop("P1"), "is no run.json of these indicators"),
        (lambda run: run["bounds"].update(P1=[5, 1]), "has the bounds 5 and 1"),
        (lambda run: run["weights"].update(P1=0.9), "those of party sum to"),
        (lambda run: run["weights"].update(P1=-0.2), "those of party sum to"),
        (lambda run: run.update(weights={"A": {"P1": 1}}), "is no run.json"),
    ],
)
def test_a_spoilt_run_freezes_nothing(panel: Path, tmp_path: Path, spoil: Any, words: str) -> None:
    measure(panel, tmp_path / "run")
    about = json.loads((tmp_path / "run" / "run.json").read_text())
    spoil(about)
    (tmp_path / "spoilt.json").write_text(json.dumps(about))
    with pytest.raises(BadPanel, match=words):
        measure(panel, tmp_path / "next", frozen=tmp_path / "spoilt.json")
    assert not (tmp_path / "next").exists()


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ({"unit_id": "float64"}, "the column unit_id has the type double; write whole numbers"),
        ({"value": "str"}, "the column value has the type"),
    ],
)
def test_types_are_refused(tmp_path: Path, types: dict[str, str], words: str) -> None:
    with pytest.raises(BadPanel, match=words):
        measure(written(tmp_path / "p", observations(), **types), tmp_path / "run")


def test_wider_types_and_empty_values_are_taken(panel: Path, tmp_path: Path) -> None:
    """int64 ids, float32 values; a NaN beside a value of the same cell says nothing, whichever comes first."""
    rows = observations()
    holes = rows.head(20).assign(value=NAN)
    wide = pd.concat([holes.head(10), rows, holes.tail(10)])
    measure(written(tmp_path / "p", wide, unit_id="uint64", period="int64", indicator_id="int32"), tmp_path / "run")
    measure(panel, tmp_path / "plain")
    one, two = (pd.read_parquet(tmp_path / name / "scores.parquet") for name in ("run", "plain"))
    pd.testing.assert_frame_equal(one, two)


def test_a_row_is_named_across_row_groups(tmp_path: Path) -> None:
    rows = observations().reset_index(drop=True)
    rows.loc[100, "unit_id"] = 12345
    with pytest.raises(BadPanel, match=r"::101:unit_id unit_id 12345 is not in units\.csv"):
        measure(written(tmp_path / "p", rows), tmp_path / "run")


def test_a_damaged_row_group_is_refused(panel: Path, tmp_path: Path) -> None:
    folder = written(tmp_path / "p", observations())
    content = bytearray((folder / "observations.parquet").read_bytes())
    content[40:400] = bytes(360)
    (folder / "observations.parquet").write_bytes(bytes(content))
    with pytest.raises(BadPanel, match="damaged"):
        measure(folder, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_game_may_not_give_a_negative_weight(tmp_path: Path) -> None:
    kinds = [(*kind[:7], weight) for kind, weight in zip(KINDS, [0.98, 0.01, 0.01, 0.0, 0.98, 0.01, 0.01, 0.0, None, None], strict=True)]
    rows = observations()
    with pytest.raises(BadPanel, match="a negative weight; use given or entropy weights alone"):
        measure(written(tmp_path / "p", rows, kinds), tmp_path / "run", method=Method(weighting="combined", zeros="drop"))


@pytest.mark.parametrize("weights", [[0.4, 0.3, 0.2, 0.2], [0.4, 0.3, 0.3, None]])
def test_given_weights_must_sum_to_one(tmp_path: Path, weights: list[float | None]) -> None:
    kinds = [(*kind[:7], weight) for kind, weight in zip(KINDS, [*weights, *[kind[7] for kind in KINDS[4:]]], strict=True)]
    with pytest.raises(BadPanel, match="the weights of party sum to"):
        measure(written(tmp_path / "p", observations(), kinds), tmp_path / "run", method=Method(weighting="given"))


def test_all_constant_panel_has_no_scores_and_says_so(tmp_path: Path) -> None:
    rows = observations().assign(value=5.0)
    summary = measure(written(tmp_path / "p", rows), tmp_path / "run", method=Method(weighting="equal"))
    assert len(summary.dropped) == len(KINDS)
    scores = pd.read_parquet(tmp_path / "run" / "scores.parquet")
    assert len(scores) == 27
    assert scores[["u1", "u2", "d", "i"]].isna().all(axis=None)
    assert (scores["band"] == 0).all()
