import numpy as np
import pytest

from rongtong.panel.measuring.plan import Link
from rongtong.panel.measuring.projection import project, weight_matrix


def test_shares_weigh_and_absent_values_renormalise() -> None:
    links = (Link(1, 10, "joint", 0.25), Link(1, 11, "joint", 0.75), Link(2, 11, "own", 1.0))
    weights = weight_matrix(links, {1: 0, 2: 1}, {10: 0, 11: 1})
    values = np.array([[0.4, np.nan], [0.8, 0.6]])
    found = project(weights, values)
    assert found[0, 0] == pytest.approx(0.25 * 0.4 + 0.75 * 0.8)
    assert found[0, 1] == pytest.approx(0.6)  # only the organisation that has a value
    assert found[1].tolist() == pytest.approx([0.8, 0.6])


def test_no_link_is_missing_not_zero() -> None:
    weights = weight_matrix((), {1: 0}, {10: 0})
    assert np.isnan(project(weights, np.array([[0.5]]))).all()
