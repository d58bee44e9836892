import numpy as np
import pytest

from rongtong.panel.measuring.rollup import levels, roll_up


def test_levels_find_every_depth_in_any_order() -> None:
    parents = np.array([2, 0, -1, 2])
    assert [sorted(level.tolist()) for level in levels(parents)] == [[2], [0, 3], [1]]


def test_mean_is_weighted_by_people_and_missing_is_counted_not_zeroed() -> None:
    # root 0 (not a unit of its own), two units below, one of them without D
    d = np.array([np.nan, 0.5, 0.9, np.nan])
    is_unit = np.array([False, True, True, True])
    found = roll_up(d, is_unit, np.array([0.0, 10.0, 30.0, 50.0]), np.array([-1, 0, 0, 0]))
    assert found.d[0] == pytest.approx((0.5 * 10 + 0.9 * 30) / 40)
    assert (found.units[0], found.missing[0], found.headcount[0]) == (2, 1, 40.0)
    assert np.isnan(found.d[3])


def test_a_unit_includes_itself() -> None:
    found = roll_up(np.array([0.2, 0.8]), np.array([True, True]), np.array([1.0, 3.0]), np.array([-1, 0]))
    assert found.d.tolist() == pytest.approx([0.65, 0.8])


def test_without_head_count_a_unit_counts_as_missing() -> None:
    found = roll_up(np.array([0.2, 0.8]), np.array([True, True]), np.array([0.0, 3.0]), np.array([-1, 0]))
    assert found.d[0] == pytest.approx(0.8)
    assert found.missing[0] == 1
