"""Entropy, CRITIC, standard deviation, equal and combined weights: formulas on random panels, degenerate columns, refusals."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata

from rongtong.engines.measurement import (
    InvalidInput,
    Undefined,
    combine_weights,
    critic_weights,
    entropy_weights,
    equal_weights,
    normalise,
    std_weights,
)

NAN = float("nan")
EXACT = 1e-10  # sums of 25 logarithms in another order
DIRECTIONS = ["+", "-", "+", "+"]


def panel(seed: int, holes: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.gamma(2.0, 5.0, size=(25, 4))
    values[rng.random(values.shape) < holes] = NAN
    return values


def entropies(shares: np.ndarray) -> np.ndarray:
    """-sum p ln p / ln n of each column over present values, as one would write it on paper."""
    found = []
    for column in shares.T:
        present = column[np.isfinite(column)]
        p = present / present.sum()
        found.append(-sum(share * np.log(share) for share in p if share > 0) / np.log(len(p)))
    return np.array(found)


@pytest.mark.parametrize("zeros", ["squeeze", "clip", "drop"])
@pytest.mark.parametrize("seed", range(3))
def test_entropy_formula(seed: int, zeros: str) -> None:
    z = normalise(panel(seed), DIRECTIONS).values
    scaled = {"squeeze": z * (1 - 2 * 0.01) + 0.01, "clip": np.maximum(z, 0.01), "drop": z}[zeros]
    e = entropies(scaled)
    found = entropy_weights(panel(seed), directions=DIRECTIONS, zeros=zeros, epsilon=0.01)
    np.testing.assert_allclose(found.entropy, e, atol=EXACT)
    np.testing.assert_allclose(found.weights, (1 - e) / (1 - e).sum(), atol=EXACT)
    assert found.dropped == ()


def test_entropy_of_raw_values_ignores_directions() -> None:
    e = entropies(panel(7))
    found = entropy_weights(panel(7), directions=DIRECTIONS, scaling="none").weights
    np.testing.assert_allclose(found, (1 - e) / (1 - e).sum(), atol=EXACT)
    np.testing.assert_array_equal(found, entropy_weights(panel(7), scaling="none").weights)


def test_entropy_drops_what_tells_nothing() -> None:
    found = entropy_weights([[1.0, 2.0, 5.0, NAN], [1.0, 3.0, NAN, NAN], [1.0, 5.0, NAN, NAN]])
    assert found.weights.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert found.dropped == (0, 2, 3)
    assert np.isnan(found.entropy[[0, 2, 3]]).all()


@pytest.mark.parametrize("scaling", ["minmax", "none"])
@pytest.mark.parametrize("correlation", ["pearson", "spearman"])
@pytest.mark.parametrize("seed", range(2))
def test_critic_formula_with_pairwise_complete_correlations(seed: int, scaling: str, correlation: str) -> None:
    x = panel(seed)
    z = normalise(x, DIRECTIONS).values if scaling == "minmax" else x
    size = z.shape[1]
    information = np.zeros(size)
    for j in range(size):
        for k in range(size):
            both = np.isfinite(z[:, j]) & np.isfinite(z[:, k])
            a, b = z[both, j], z[both, k]
            if correlation == "spearman":
                a, b = rankdata(a), rankdata(b)
            information[j] += 1 - np.corrcoef(a, b)[0, 1]
        information[j] *= np.nanstd(z[:, j], ddof=1)
    found = critic_weights(x, DIRECTIONS, scaling=scaling, correlation=correlation).weights
    np.testing.assert_allclose(found, information / information.sum(), atol=EXACT)


def test_critic_degenerate() -> None:
    assert critic_weights([[1.0], [2.0]], ["+"]).weights.tolist() == [1.0]
    assert critic_weights([[1.0, 5.0], [2.0, 5.0]], ["+", "+"]).weights.tolist() == [1.0, 0.0]
    with pytest.raises(Undefined):
        critic_weights([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], ["+", "+"])
    with pytest.raises(Undefined):
        critic_weights([[1.0, 2.0]], ["+", "+"])


def test_std_formula() -> None:
    z = normalise(panel(4), DIRECTIONS).values
    spread = np.nanstd(z, axis=0)
    np.testing.assert_allclose(std_weights(panel(4), DIRECTIONS).weights, spread / spread.sum(), atol=EXACT)
    with pytest.raises(Undefined):
        std_weights([[1.0], [1.0]], ["+"])


@pytest.mark.parametrize("scale", [0.001, 1000.0])
def test_weights_do_not_depend_on_units_of_measure(scale: float) -> None:
    x = panel(5)
    for function in (
        lambda v: entropy_weights(v, directions=DIRECTIONS),
        lambda v: critic_weights(v, DIRECTIONS),
        lambda v: std_weights(v, DIRECTIONS),
    ):
        np.testing.assert_allclose(function(x * scale + 3).weights, function(x).weights, atol=1e-8)


@pytest.mark.parametrize(
    ("values", "options", "error"),
    [
        ([[1.0, 2.0]], {}, Undefined),
        ([[1.0], [1.0]], {}, Undefined),
        ([[-1.0], [2.0]], {"scaling": "none"}, InvalidInput),
        ([[1.0], [np.inf]], {}, InvalidInput),
        ([[1.0], [2.0]], {"zeros": "ignore"}, InvalidInput),
        ([[1.0], [2.0]], {"scaling": "rank"}, InvalidInput),
        ([[1.0], [2.0]], {"epsilon": 0.7}, InvalidInput),
        ([[1.0], [2.0]], {"directions": ["interval"]}, InvalidInput),
    ],
)
def test_entropy_refusals(values: Any, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        entropy_weights(values, **options)


def test_combination_formulas() -> None:
    rng = np.random.default_rng(2)
    s, o = rng.dirichlet(np.full(6, 8.0)), rng.dirichlet(np.full(6, 8.0))
    parts = np.linalg.solve([[s @ s, s @ o], [o @ s, o @ o]], [s @ s, o @ o])
    wanted = {
        "linear": 0.3 * s + 0.7 * o,
        "multiplicative": s * o / (s * o).sum(),
        "geometric": np.sqrt(s * o) / np.sqrt(s * o).sum(),
        "game": (parts[0] * s + parts[1] * o) / parts.sum(),
    }
    for method, expected in wanted.items():
        np.testing.assert_allclose(combine_weights(10 * s, o / 3, method=method, alpha=0.3).weights, expected, atol=EXACT, err_msg=method)
    np.testing.assert_allclose(combine_weights(s, o).coefficients, parts / parts.sum(), atol=EXACT)


def test_combination_degenerate() -> None:
    same = combine_weights([0.4, 0.6], [4, 6])
    np.testing.assert_allclose(same.weights, [0.4, 0.6], atol=EXACT)
    assert same.coefficients.tolist() == [0.5, 0.5]
    lopsided = combine_weights([0.4, 0.3, 0.3], [0.9, 0.05, 0.05])
    assert lopsided.coefficients[0] < 0  # the formula's own answer: not repaired, and said in the docstring
    assert lopsided.weights.min() < 0
    for method in ("multiplicative", "geometric"):
        with pytest.raises(Undefined):
            combine_weights([1, 0], [0, 1], method=method)


@pytest.mark.parametrize(
    ("s", "o", "options"),
    [([0.5, 0.5], [1.0], {}), ([-0.1, 1.1], [0.5, 0.5], {}), ([0, 0], [0.5, 0.5], {}), ([NAN, 1], [0.5, 0.5], {}), ([1, 1], [1, 1], {"alpha": 2.0}), ([1, 1], [1, 1], {"method": "max"})],
)  # fmt: skip
def test_combination_refusals(s: list[float], o: list[float], options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        combine_weights(s, o, **options)


def test_equal_weights() -> None:
    assert equal_weights(3).weights.tolist() == [1 / 3] * 3
    for k in (0, -1, 1.5, True):
        with pytest.raises(InvalidInput):
            equal_weights(k)  # type: ignore[arg-type]
