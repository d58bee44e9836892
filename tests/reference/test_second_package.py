"""The same numbers from a second, independent package (pymcdm)."""

import numpy as np
import pytest
from pymcdm.methods import TOPSIS
from pymcdm.normalizations import vector_normalization
from pymcdm.weights import critic_weights, entropy_weights

from rongtong.engines import measurement as ours

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, on import
SIGNS = np.array([1, -1, 1, 1, -1])
DIRECTIONS = ["benefit" if sign > 0 else "cost" for sign in SIGNS]


@pytest.fixture(params=range(20))
def table(request: pytest.FixtureRequest) -> np.ndarray:
    return np.random.default_rng(request.param).uniform(0.1, 10.0, size=(12, 5))


def test_entropy_of_plain_shares(table: np.ndarray) -> None:
    assert ours.entropy_weights(table, scaling="none").weights == pytest.approx(entropy_weights(table), abs=1e-12)


def test_topsis_with_vector_normalisation(table: np.ndarray) -> None:
    weights = ours.equal_weights(5).weights
    theirs = TOPSIS(normalization_function=vector_normalization)(table, weights, SIGNS)
    # pymcdm turns costs round before it weighs (1 - x / norm); the distances to ideal and anti-ideal are the same
    assert ours.topsis(table, weights, DIRECTIONS, normalisation="vector").closeness == pytest.approx(theirs, abs=1e-9)


def test_critic(table: np.ndarray) -> None:
    benefit = ["benefit"] * 5
    assert ours.critic_weights(table, benefit, scaling="minmax").weights == pytest.approx(critic_weights(table), abs=1e-9)
