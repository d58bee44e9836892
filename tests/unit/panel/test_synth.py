"""The synthetic panel: as the interface describes it, the same for the same seed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rongtong.panel.files import BadPanel
from rongtong.panel.synth import synth


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("synth") / "p"
    synth(300, 14, 5, folder)
    return folder


def test_columns_types_and_shares(panel: Path) -> None:
    schema = pq.read_schema(panel / "observations.parquet")
    assert [(f.name, f.type) for f in schema] == [
        ("unit_id", pa.int32()),
        ("period", pa.int32()),
        ("indicator_id", pa.int16()),
        ("value", pa.float64()),
    ]
    rows = pd.read_parquet(panel / "observations.parquet")
    assert rows["period"].unique().tolist() == [202401 + at for at in range(12)] + [202501, 202502]
    assert set(rows["unit_id"]) == set(range(300))
    assert 1 - len(rows) / (300 * 14 * 30) == pytest.approx(0.02, abs=0.002)
    assert rows["value"].notna().all()
    kinds = pd.read_csv(panel / "indicators.csv")
    assert kinds["subsystem"].value_counts().to_dict() == {"party": 15, "production": 15}
    assert set(kinds["direction"]) == {"benefit", "cost"}
    assert kinds.groupby("subsystem")["weight"].sum().tolist() == pytest.approx([1, 1], abs=1e-9)


def test_values_are_autocorrelated(panel: Path) -> None:
    rows = pd.read_parquet(panel / "observations.parquet").query("indicator_id == 4")
    wide = rows.pivot(index="unit_id", columns="period", values="value")
    pairs = wide.iloc[:, :-1].to_numpy().ravel(), wide.iloc[:, 1:].to_numpy().ravel()
    both = np.isfinite(pairs[0]) & np.isfinite(pairs[1])
    assert np.corrcoef(pairs[0][both], pairs[1][both])[0, 1] > 0.7


@pytest.mark.parametrize("units", [1, 3, 5, 9, 16, 40, 81, 300])
def test_the_tree_has_five_levels(units: int, tmp_path: Path) -> None:
    synth(units, 1, 1, tmp_path / "p")
    parents = pd.read_csv(tmp_path / "p" / "units.csv").set_index("unit_id")["parent_id"]
    depth: dict[int, int] = {}
    for unit, above in parents.items():
        depth[unit] = 0 if np.isnan(above) else depth[int(above)] + 1
    assert max(depth.values()) + 1 == min(5, units)


def test_the_seed_decides(panel: Path, tmp_path: Path) -> None:
    for seed in (5, 6):
        synth(300, 14, seed, tmp_path / str(seed))
    names = ("observations.parquet", "indicators.csv", "units.csv")
    assert [(tmp_path / "5" / name).read_bytes() for name in names] == [(panel / name).read_bytes() for name in names]
    assert (tmp_path / "6" / names[0]).read_bytes() != (panel / names[0]).read_bytes()


def test_an_existing_folder_is_left_alone(panel: Path) -> None:
    before = (panel / "units.csv").read_bytes()
    with pytest.raises(BadPanel, match="not empty"):
        synth(3, 1, 1, panel)
    assert (panel / "units.csv").read_bytes() == before
