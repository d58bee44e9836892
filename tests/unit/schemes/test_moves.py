"""Ranks with ties as ties, quotas that choose nobody among equals, and who moves under another version."""

import pytest
from tests.unit.schemes.making import GRADES, part, scheme, units

from rongtong.schemes.data import GradeBand
from rongtong.schemes.scoring import score_all, what_if

ONE = (part("P", "party", 10_000),)


def grades(points: list[float | None], quota: int | None) -> list[str]:
    bands = (GradeBand("A", "优秀", 9000, quota=quota), *GRADES[1:])
    return [found.grade for found in score_all(scheme("L1", ONE, bands), units(*({"P1": p} for p in points))).values()]


def test_a_quota_moves_whoever_is_beyond_it_to_the_next_grade() -> None:
    assert grades([99.0, 97.0, 95.0, 93.0, 70.0], 4000) == ["A", "A", "B", "B", "C"]
    assert grades([99.0, 97.0, 95.0, 93.0, 70.0], None) == ["A", "A", "A", "A", "C"]


def test_equals_at_the_edge_of_a_quota_go_together() -> None:
    """Two places, and second and third are level: the quota is a ceiling, and none is chosen among equals."""
    assert grades([99.0, 95.0, 95.0, 93.0, 70.0], 4000) == ["A", "B", "B", "B", "C"]
    assert grades([95.0] * 5, 4000) == ["B"] * 5


def test_units_without_a_result_take_no_part_in_quotas() -> None:
    assert grades([99.0, 97.0, None, None, None], 5000) == ["A", "B", "", "", ""]


def test_the_scored_unit_says_that_a_quota_moved_it() -> None:
    bands = (GradeBand("A", "优秀", 9000, quota=5000), *GRADES[1:])
    found = score_all(scheme("L1", ONE, bands), units({"P1": 99.0}, {"P1": 95.0}))[2]
    assert (found.grade_by_points, found.grade, found.capped[0].by) == ("A", "B", "quota")


def test_who_moves_by_hand() -> None:
    """Party 10 % against 50 %: the totals are 82, 81, 81 and 70, 75, 85."""
    one = scheme("L1", (part("P", "party", 1000), part("B", "production", 9000)))
    other = scheme("L1", (part("P", "party", 5000), part("B", "production", 5000)))
    told = units({"P1": 55.0, "B1": 85.0}, {"P1": 67.5, "B1": 82.5}, {"P1": 90.0, "B1": 80.0}, {"P1": None, "B1": None})
    got = what_if(one, other, told)
    by = {move.node: move for move in got.moves}
    assert [by[n].before.total for n in (1, 2, 3)] == [8200, 8100, 8100]
    assert [by[n].after.total for n in (1, 2, 3)] == [7000, 7500, 8500]
    assert [(by[n].before.first, by[n].before.last) for n in (1, 2, 3)] == [(1, 1), (2, 3), (2, 3)]
    assert by[2].before.is_tied and not by[2].after.is_tied
    assert [by[n].ranks for n in (1, 2, 3)] == [-2, 0, 1]
    assert (got.n, got.moved, got.regraded, got.without, got.largest) == (3, 2, 2, 1, 2)
    assert [move.node for move in got.moves] == [1, 3, 2, 4]
    assert (by[4].ranks, by[4].points) == (None, None)


@pytest.mark.parametrize("model", ["L1", "L2", "L6"])
def test_the_same_version_moves_nobody(model: str) -> None:
    told = units({"P1": 90.0, "B1": 80.0}, {"P1": 70.0, "B1": 95.0})
    got = what_if(scheme(model), scheme(model), told)
    assert (got.moved, got.regraded, got.largest) == (0, 0, 0)
