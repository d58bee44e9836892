"""Subsystem scores, coupling, grades, lag, obstacles, TOPSIS: by hand, invariants, degenerate rows, refusals."""

from typing import Any

import numpy as np
import pytest

from rongtong.engines.measurement import (
    FOUR_BANDS,
    TEN_BANDS,
    InvalidInput,
    Undefined,
    coupling,
    grade,
    lag,
    obstacle_degrees,
    subsystem_scores,
    topsis,
)

NAN = float("nan")
EXACT = 1e-12


def test_subsystem_scores_renormalise_and_stop_below_the_coverage() -> None:
    z = [[0.5, 1.0, 0.2], [NAN, 1.0, NAN], [0.5, NAN, 0.4], [NAN, NAN, 0.4]]
    found = subsystem_scores(z, [0.3, 0.7, 1.0], [[0, 1], [2]])
    np.testing.assert_allclose(found.scores, [[0.85, 0.2], [1.0, NAN], [NAN, 0.4], [NAN, 0.4]], atol=EXACT)
    np.testing.assert_allclose(found.coverage, [[1, 1], [0.7, 0], [0.3, 1], [0, 1]], atol=EXACT)
    assert np.isnan(subsystem_scores([[NAN]], [1.0], [[0]], min_coverage=0.0).scores[0, 0])


@pytest.mark.parametrize(
    ("weights", "groups", "options"),
    [
        ([0.5, 0.6], [[0, 1]], {}), ([-0.5, 1.5], [[0, 1]], {}), ([0.5, 0.5], [[0, 1, 1]], {}), ([0.5, 0.5], [[0, 2]], {}), ([1, 1], [[0], []], {}),
        ([0.5, 0.5], [[0, 1]], {"min_coverage": 1.2}),
    ],
)  # fmt: skip
def test_subsystem_refusals(weights: Any, groups: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        subsystem_scores([[0.5, 0.5]], weights, groups, **options)


def test_coupling_formulas_of_three_subsystems() -> None:
    rng = np.random.default_rng(1)
    u, a = rng.random((50, 3)), rng.dirichlet([1, 1, 1])
    apart = (np.abs(u[:, 0] - u[:, 1]) + np.abs(u[:, 0] - u[:, 2]) + np.abs(u[:, 1] - u[:, 2])) / 3
    wanted = {
        "standard": np.prod(u, axis=1) ** (1 / 3) / u.mean(axis=1),
        "wang2021": np.sqrt((1 - apart) * np.prod(u / u.max(axis=1, keepdims=True), axis=1) ** 0.5),
        "fan": 1 - 2 * u.std(axis=1),
    }
    for variant, c in wanted.items():
        found = coupling(u, weights=a, variant=variant)
        np.testing.assert_allclose(found.c, c, atol=EXACT, err_msg=variant)
        np.testing.assert_allclose(found.t, u @ a, atol=EXACT)
        np.testing.assert_allclose(found.d, np.sqrt(c * (u @ a)), atol=EXACT)


@pytest.mark.parametrize("variant", ["standard", "wang2021", "fan"])
def test_coupling_degenerate_rows(variant: str) -> None:
    found = coupling([[0, 0], [NAN, 0.5], [1, 1], [0.4, 0.4]], variant=variant)
    np.testing.assert_allclose(found.c, [NAN, NAN, 1, 1], atol=EXACT)
    np.testing.assert_allclose(found.t, [0, NAN, 1, 0.4], atol=EXACT)
    np.testing.assert_allclose(found.d, [0, NAN, 1, np.sqrt(0.4)], atol=EXACT)


def test_coupling_is_symmetric_and_says_nothing_about_being_joined() -> None:
    u = np.random.default_rng(3).random((20, 2))
    np.testing.assert_allclose(coupling(u).d, coupling(u[:, ::-1]).d, atol=EXACT)
    assert coupling([[0.9, 0.9]]).d[0] == pytest.approx(0.9487, abs=5e-5)  # two lines run wholly apart


@pytest.mark.parametrize(
    ("scores", "options"),
    [
        ([[0.5]], {}), ([[1.1, 0.5]], {}), ([[-0.1, 0.5]], {}), ([[np.inf, 0.5]], {}), ([0.5, 0.5], {}), ([[0.5, 0.5]], {"variant": "other"}),
        ([[0.5, 0.5]], {"weights": [0.5, 0.6]}), ([[0.5, 0.5]], {"weights": [1.0]}), ([[0.5, 0.5]], {"weights": [-0.5, 1.5]}),
    ],
)  # fmt: skip
def test_coupling_refusals(scores: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        coupling(scores, **options)


def test_grades_close_left_with_slack() -> None:
    found = grade([0, 0.1 - 1e-10, 0.0999, 0.1, 0.55, 0.9, 1, NAN], TEN_BANDS)
    assert (found.tolist(), found.dtype) == ([1, 2, 1, 2, 6, 10, 10, 0], np.int8)
    assert grade([0, 0.1, 0.1 + 1e-10, 0.2, 1], TEN_BANDS, closed="right").tolist() == [1, 1, 1, 2, 10]
    assert grade([0.49, 0.5, 0.95], FOUR_BANDS).tolist() == [1, 2, 4]
    for bad in ([1.2], [-0.1]):
        with pytest.raises(InvalidInput):
            grade(bad, TEN_BANDS)
    for bands in ((), ((0, 0.5, "a", "a", "a"), (0.6, 1, "b", "b", "b")), ((0.5, 0.5, "a", "a", "a"),)):
        with pytest.raises(InvalidInput):
            grade([0.5], bands)


def test_lag_within_the_tolerance() -> None:
    found = lag([0.5, 0.5, 0.5, 0.9, NAN], [0.6, 0.6 + 1e-10, 0.6 + 1e-8, 0.5, 0.1])
    assert (found.tolist(), found.dtype) == ([0, 0, -1, 1, -2], np.int8)
    assert lag([0.5], [0.6], tolerance=0.05).tolist() == [-1]
    with pytest.raises(InvalidInput):
        lag([0.5], [0.5, 0.6])


def test_obstacles_by_hand() -> None:
    z = [[1.0, 0.5, 0.0], [1.0, 1.0, 1.0], [NAN, 0.5, 0.5], [NAN, NAN, NAN]]
    shares = obstacle_degrees(z, [0.5, 0.25, 0.25]).degrees
    np.testing.assert_allclose(shares, [[0, 1 / 3, 2 / 3], [0, 0, 0], [NAN, 0.5, 0.5], [NAN] * 3], atol=EXACT)
    plain = obstacle_degrees(z, [0.5, 0.25, 0.25], row_share=False).degrees
    np.testing.assert_allclose(plain, [[0, 0.125, 0.25], [0, 0, 0], [NAN, 0.125, 0.125], [NAN] * 3], atol=EXACT)
    for values, weights in (([[1.2]], [1.0]), ([[0.5]], [-1.0]), ([[0.5]], [0.5, 0.5])):
        with pytest.raises(InvalidInput):
            obstacle_degrees(values, weights)


def test_topsis_dominance_and_refusals() -> None:
    found = topsis([[1, 9], [2, 5], [3, 1]], [0.5, 0.5], ["+", "-"]).closeness
    assert (found[0], found[2]) == (0.0, 1.0)
    np.testing.assert_allclose(topsis([[1, 9], [2, 5], [3, 1]], [5, 5], ["+", "-"]).closeness, found, atol=EXACT)
    np.testing.assert_allclose(
        topsis([[1, 7], [3, 7]], [0.5, 0.5], ["+", "+"]).closeness, [0, 1], atol=EXACT
    )  # the constant column tells nothing
    with pytest.raises(Undefined):
        topsis([[1, 2], [1, 2]], [0.5, 0.5], ["+", "+"])
    for values, weights, directions in (
        ([[1, NAN]], [1, 1], ["+", "+"]),
        ([[1, 2]], [0, 0], ["+", "+"]),
        ([[1, 2]], [1, 1], ["+", "interval"]),
    ):
        with pytest.raises(InvalidInput):
            topsis(values, weights, directions)
