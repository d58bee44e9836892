"""AHP: by hand, the three methods on a consistent matrix, hierarchy, tables, refusals."""

from typing import Any

import numpy as np
import pytest

from rongtong.engines.measurement import RANDOM_INDEX, Inconsistent, InvalidInput, Undefined, ahp, ahp_hierarchy

CONSISTENT = np.array([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]])
CIRCULAR = np.array([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])


@pytest.mark.parametrize("method", ["eigenvector", "geometric_mean", "column_mean"])
def test_a_consistent_matrix_gives_its_ratios(method: str) -> None:
    found = ahp(CONSISTENT, method=method)
    np.testing.assert_allclose(found.weights, [0.6, 0.3, 0.1], atol=1e-12)
    assert (found.lambda_max, found.ci, found.cr) == pytest.approx((3, 0, 0), abs=1e-12)
    assert (found.is_consistent, found.review) == (True, None)


@pytest.mark.parametrize("method", ["geometric_mean", "column_mean"])
def test_lambda_of_the_other_methods_is_the_mean_ratio(method: str) -> None:
    a = np.array([[1, 3, 5], [1 / 3, 1, 4], [1 / 5, 1 / 4, 1]])
    w = np.exp(np.log(a).mean(axis=1)) if method == "geometric_mean" else (a / a.sum(axis=0)).mean(axis=1)
    w /= w.sum()
    found = ahp(a, method=method)
    np.testing.assert_allclose(found.weights, w, atol=1e-12)
    assert found.lambda_max == pytest.approx(np.mean(a @ w / w), abs=1e-12)
    assert found.ci == pytest.approx((found.lambda_max - 3) / 2, abs=1e-12)
    assert found.cr == pytest.approx(found.ci / 0.58, abs=1e-12)


def test_an_inconsistent_matrix_returns_and_names_a_judgement() -> None:
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    a = weights[:, None] / weights[None, :]
    a[0, 3], a[3, 0] = 1 / 9, 9
    found = ahp(a)
    assert found.cr > 0.1
    assert not found.is_consistent
    assert found.review == (0, 3)
    assert ahp(CIRCULAR).review is not None


def test_small_matrices_are_consistent() -> None:
    assert ahp([[1]]).weights.tolist() == [1.0]
    assert (ahp([[1, 4], [0.25, 1]]).cr, ahp([[1]]).cr) == (0.0, 0.0)


def test_the_table_decides_cr() -> None:
    a = np.array([[1, 3, 5], [1 / 3, 1, 4], [1 / 5, 1 / 4, 1]])
    ci = ahp(a).ci
    for name in ("saaty_common", "saaty_AHPy", "donegan_dodd_AHPy", "mathmodels_book"):
        assert ahp(a, random_index=name).cr == pytest.approx(ci / RANDOM_INDEX[name][2])
    assert ahp(a, random_index=[0, 0, 0.5]).cr == pytest.approx(ci / 0.5)
    with pytest.raises(Undefined):
        ahp(np.ones((12, 12)))
    with pytest.raises(Undefined):
        ahp(a, random_index=[0, 0])


@pytest.mark.parametrize(
    ("matrix", "options", "error"),
    [
        ([[1, 2]], {}, InvalidInput),
        ([[1, np.nan], [1, 1]], {}, InvalidInput),
        ([[1, -2], [-0.5, 1]], {}, InvalidInput),
        ([[1, 2], [2, 1]], {}, Inconsistent),
        ([[2, 1], [1, 1]], {}, Inconsistent),
        ([[1]], {"random_index": "mine"}, InvalidInput),
        ([[1]], {"method": "median"}, InvalidInput),
    ],
)
def test_refusals(matrix: Any, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        ahp(matrix, **options)


def test_hierarchy_is_the_weighted_sum() -> None:
    found = ahp_hierarchy([[1, 3], [1 / 3, 1]], [CONSISTENT, np.ones((3, 3))])
    np.testing.assert_allclose(found.weights, 0.75 * np.array([0.6, 0.3, 0.1]) + 0.25 / 3, atol=1e-12)
    np.testing.assert_allclose(np.asarray(found.criteria), [0.75, 0.25], atol=1e-12)  # a result taken as an array is its weights
    assert len(found.alternatives) == 2
    for wrong in ([CONSISTENT], [CONSISTENT, np.ones((2, 2))]):
        with pytest.raises(InvalidInput):
            ahp_hierarchy([[1, 3], [1 / 3, 1]], wrong)
