"""Intervals under random weights: bounds, seeds, missing values, variants, and the blockwise twin."""

from typing import Any

import numpy as np
import pytest

from rongtong.engines.measurement import InvalidInput, coupling, d_intervals, robustness, subsystem_scores

NAN = float("nan")
W, GROUPS = [0.6, 0.4, 0.5, 0.5, 0.0], [[0, 1], [2, 3, 4]]


def panel() -> np.ndarray:
    z = np.random.default_rng(1).random((40, 5))
    z[3, 0] = NAN
    z[5, [0, 1]] = NAN
    return z


def run(**options: Any) -> Any:
    return robustness(panel(), W, GROUPS, **{"draws": 300, "rng": np.random.default_rng(4)} | options)


def test_intervals_hold_d_and_grow_with_doubt() -> None:
    d = coupling(subsystem_scores(panel(), W, GROUPS, min_coverage=0.0).scores).d
    sure, unsure = run(concentration=1000.0), run(concentration=20.0)
    known = np.isfinite(d)
    assert (run().low[known] <= d[known]).mean() == 1.0
    assert (run().high[known] >= d[known]).mean() == 1.0
    assert np.nanmean(unsure.high - unsure.low) > 3 * np.nanmean(sure.high - sure.low)
    assert np.isnan([part[5] for part in (sure.low, sure.high, sure.rank_low, sure.rank_high)]).all()  # one side has no value
    assert (sure.rank_low[known] <= sure.rank_high[known]).all()
    assert (np.nanmin(sure.rank_low), np.nanmax(sure.rank_high)) == (1, known.sum())


def test_the_seed_decides() -> None:
    np.testing.assert_array_equal(run().low, run().low)
    assert not np.array_equal(run().low, run(rng=np.random.default_rng(5)).low, equal_nan=True)


def test_a_zero_weight_stays_zero() -> None:
    z = panel()
    z[:, 4] = 1.0 - z[:, 4]
    np.testing.assert_array_equal(robustness(z, W, GROUPS, draws=300, rng=np.random.default_rng(4)).low, run().low)


@pytest.mark.parametrize("variant", ["standard", "wang2021", "fan"])
def test_the_interval_is_that_of_the_variant_and_weights_named(variant: str) -> None:
    shares = [0.3, 0.7]
    d = coupling(subsystem_scores(panel(), W, GROUPS, min_coverage=0.0).scores, weights=shares, variant=variant).d
    found = run(variant=variant, subsystem_weights=shares, concentration=1e7)  # so sure that the interval closes on D
    np.testing.assert_allclose(found.low, d, atol=2e-3)
    np.testing.assert_allclose(found.high, d, atol=2e-3)


def test_equal_shares_take_the_short_way_to_the_same_numbers() -> None:
    short, long = run(), run(subsystem_weights=[0.5, 0.5 + 1e-15])
    np.testing.assert_allclose(short.low, long.low, atol=1e-12)


@pytest.mark.parametrize("draws", [1, 300])
def test_d_intervals_are_those_of_robustness(draws: int) -> None:
    low, high = d_intervals(panel(), W, GROUPS, draws=draws, rng=np.random.default_rng(4))
    found = run(draws=draws)
    np.testing.assert_array_equal(low, found.low)
    np.testing.assert_array_equal(high, found.high)


@pytest.mark.parametrize(
    "options",
    [
        {"draws": 0}, {"concentration": 0.0}, {"rng": 5}, {"level": 1.5}, {"variant": "other"}, {"subsystem_weights": [1.0]}, {"groups": [[0, 1, 2, 3, 4]]},
        {"weights": [0.6, 0.5, 0.5, 0.5, 0.0]}, {"normalised": [[2.0, 0, 0, 0, 0]]},
    ],
)  # fmt: skip
def test_refusals(options: dict[str, Any]) -> None:
    given = {"normalised": panel(), "weights": W, "groups": GROUPS, "draws": 10, "rng": np.random.default_rng(0)} | options
    with pytest.raises(InvalidInput):
        robustness(given.pop("normalised"), given.pop("weights"), given.pop("groups"), **given)
