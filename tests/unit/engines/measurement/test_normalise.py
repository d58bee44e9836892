"""Normalisation: by hand, against the formula on random panels with holes, degenerate columns, refusals."""

import numpy as np
import pytest
from scipy.stats import rankdata

from rongtong.engines.measurement import InvalidInput, band_scores, normalise

NAN = float("nan")
EXACT = 1e-12  # the same few operations in another order


def panel(seed: int) -> tuple[np.ndarray, list[str]]:
    """A random panel with holes, benefit and cost under both spellings."""
    rng = np.random.default_rng(seed)
    values = rng.gamma(2.0, 5.0, size=(25, 5))
    values[rng.random(values.shape) < 0.15] = NAN
    return values, ["benefit", "cost", "+", "-", "benefit"]


def turned(z: np.ndarray, directions: list[str]) -> np.ndarray:
    return np.where(np.isin(directions, ["cost", "-"]), 1 - z, z)


@pytest.mark.parametrize("seed", range(5))
def test_formulas_on_random_panels(seed: int) -> None:
    x, directions = panel(seed)
    before = x.copy()
    low, high = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
    wanted = {
        "minmax": turned((x - low) / (high - low), directions),
        "vector": turned(x / np.sqrt(np.nansum(x**2, axis=0)), directions),
        "sum": turned(x / np.nansum(x, axis=0), directions),
        "zscore": (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0) * np.where(np.isin(directions, ["cost", "-"]), -1, 1),
    }
    for method, expected in wanted.items():
        np.testing.assert_allclose(normalise(x, directions, method=method).values, expected, atol=EXACT, err_msg=method)
    np.testing.assert_array_equal(x, before)


def test_ranks_average_ties() -> None:
    x = np.array([[3.0], [1.0], [3.0], [NAN], [9.0]])
    found = normalise(x, ["benefit"], method="rank").values[:, 0]
    np.testing.assert_allclose(found[[0, 1, 2, 4]], (rankdata([3, 1, 3, 9]) - 1) / 3, atol=EXACT)
    assert np.isnan(found[3])


def test_span_stretches() -> None:
    np.testing.assert_allclose(normalise([[1.0], [2.0], [3.0]], ["cost"], span=(0.2, 0.6)).values[:, 0], [0.6, 0.4, 0.2], atol=EXACT)


def test_frozen_bounds_clip_and_count() -> None:
    found = normalise([[5.0, 1.0], [30.0, NAN], [-1.0, 9.0]], ["benefit", "cost"], reference=[[0, 0], [10, 4]])
    np.testing.assert_allclose(found.values, [[0.5, 0.75], [1.0, NAN], [0.0, 0.0]], atol=EXACT)
    assert found.clipped.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("aims", "values", "scores"),
    [
        ((0, 10, 15), (0, 5, 10, 12, 20, NAN), (0, 0.4, 0.8, 0.88, 1, NAN)),
        ((0, 10, NAN), (0, 5, 10, 12, -3, NAN), (0, 0.5, 1, 1, 0, NAN)),
        ((20, 10, 5), (20, 15, 10, 7.5, 1, 30), (0, 0.4, 0.8, 0.9, 1, 0)),  # a cost: the floor lies above
        ((NAN, 10, 15), (10, 10, 10, 10, 10, 10), (NAN,) * 6),
    ],
)
def test_targets(aims: tuple[float, ...], values: tuple[float, ...], scores: tuple[float, ...]) -> None:
    targets = np.tile(np.array(aims, dtype=float), (len(values), 1))[:, None, :]
    found = normalise(np.array(values, dtype=float)[:, None], ["benefit"], method="target", targets=targets)
    np.testing.assert_allclose(found.values[:, 0], scores, atol=EXACT)


def test_interval_is_distance_to_the_ideal() -> None:
    found = normalise([[0.0, 0.0], [5.0, 5.0], [10.0, 7.0], [20.0, 14.0]], ["interval", "target"], ideals=[[5, 10], [7, 7]])
    np.testing.assert_allclose(found.values, [[0.5, 0.0], [1.0, 5 / 7], [1.0, 1.0], [0.0, 0.0]], atol=EXACT)


def test_columns_without_information_are_dropped_by_name() -> None:
    values = [[1.0, 2.0, NAN, 20.0, 6.0], [1.0, 3.0, NAN, 20.0, 7.0]]
    found = normalise(values, ["+", "+", "+", "interval", "interval"], ideals=[[NAN, NAN]] * 3 + [[5, 10]] * 2)
    assert found.dropped == (0, 2, 3, 4)
    assert np.isnan(found.values[:, [0, 2, 3, 4]]).all()
    np.testing.assert_array_equal(found.values[:, 1], [0.0, 1.0])


def test_one_unit_has_no_spread() -> None:
    assert normalise([[1.0, 2.0]], ["+", "-"]).dropped == (0, 1)


@pytest.mark.parametrize(
    ("values", "directions", "options"),
    [
        ([[np.inf]], ["+"], {}),
        ([1.0, 2.0], ["+"], {}),
        (np.empty((0, 2)), ["+", "+"], {}),
        ([[1.0, 2.0]], ["+"], {}),
        ([[1.0]], ["up"], {}),
        ([[1.0]], ["+"], {"method": "median"}),
        ([[1.0]], ["+"], {"span": (1.0, 0.0)}),
        ([[1.0]], ["+"], {"reference": [[2.0], [1.0]]}),
        ([[1.0]], ["+"], {"reference": [1.0, 2.0]}),
        ([[1.0]], ["interval"], {}),
        ([[1.0]], ["interval"], {"ideals": [[3.0, 2.0]]}),
        ([[1.0]], ["interval"], {"method": "rank", "ideals": [[1.0, 2.0]]}),
        ([[1.0]], ["+"], {"method": "target"}),
        ([[1.0]], ["+"], {"method": "target", "targets": [[[0.0, 10.0, 5.0]]]}),
        ([[1.0]], ["+"], {"method": "target", "targets": [[[10.0, 10.0, NAN]]]}),
        ([[1.0]], ["+"], {"method": "rank", "reference": [[0.0], [1.0]]}),
        ([[1.0]], ["+"], {"method": "target", "targets": [[[0.0, 10.0, NAN]]], "reference": [[0.0], [1.0]]}),
        ([[1.0]], ["+"], {"method": "zscore", "span": (0.1, 0.9)}),
    ],
)
def test_bad_input(values: object, directions: list[str], options: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        normalise(values, directions, **options)  # type: ignore[arg-type]


def test_band_scores_between_the_edges() -> None:
    found = band_scores([50.0, 60.0, 75.0, 95.0, NAN, 120.0], [60, 90, 100], [0.2, 0.8, 1.0])
    np.testing.assert_allclose(found, [0.2, 0.2, 0.5, 0.9, NAN, 1.0], atol=EXACT)
    with pytest.raises(InvalidInput):
        band_scores([1.0], [90, 60], [0.2, 0.8])
