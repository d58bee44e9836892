"""当月, 累计, 同比, 环比, completion and schedule, by hand and by their invariants."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.indicators.models import Indicator
from rongtong.indicators.readings import read


@dataclass(frozen=True)
class Seen:
    value: float
    numerator: float | None = None
    denominator: float | None = None


def flow(**fields: object) -> Indicator:
    return Indicator(**{"code": "A", "unit_text": "件", "kind": "flow", "aggregate": "sum", "direction": "benefit", **fields})


def ratio(**fields: object) -> Indicator:
    return Indicator(
        **{"code": "R", "unit_text": "%", "kind": "ratio", "aggregate": "ratio", "scale": 100.0, "direction": "benefit", **fields}
    )


def part(over: float, under: float) -> Seen:
    return Seen(100 * over / under, over, under)


def test_a_flow_is_summed_and_compared() -> None:
    stored = {202601: Seen(10), 202602: Seen(20), 202603: Seen(30), 202503: Seen(24)}
    targets = {202600 + month: 20.0 for month in range(1, 13)}
    found = read(flow(), stored, targets, 202603)
    assert (found.month.value, found.ytd.value) == (30, 60)
    assert found.year_on_year.value == pytest.approx(0.25)
    assert found.month_on_month.value == pytest.approx(0.5)
    assert (found.completion.value, found.schedule.value) == (0.25, 0.25)


def test_a_missing_month_makes_the_sum_missing_never_smaller() -> None:
    found = read(flow(), {202601: Seen(10), 202603: Seen(30)}, {}, 202603)
    assert found.ytd.value is None
    assert "2 of 3 months" in found.ytd.reason
    assert found.month_on_month.value is None
    assert "no value was recorded" in found.month_on_month.reason
    assert found.completion.reason
    assert found.schedule.value is None


def test_percentages_are_read_by_their_sums_and_change_in_points() -> None:
    stored = {202601: part(1, 2), 202602: part(90, 100), 202502: part(80, 100)}
    found = read(ratio(), stored, {202602: 95.0}, 202602)
    assert found.ytd.value == pytest.approx(100 * 91 / 102)  # the mean of 50 % and 90 % would be 70 %
    assert (found.year_on_year.value, found.year_on_year.is_points) == (10.0, True)
    assert found.completion.value == pytest.approx(90 / 95)
    assert found.schedule.value is None


def test_a_ratio_without_its_parts_is_not_averaged() -> None:
    found = read(ratio(), {202601: Seen(50.0), 202602: part(9, 10)}, {}, 202602)
    assert found.ytd.value is None
    assert "not averaged" in found.ytd.reason


def test_stocks_take_the_last_value_means_the_mean_and_some_nothing() -> None:
    stored = {202601: Seen(10.0), 202602: Seen(30.0)}
    assert read(flow(aggregate="last", kind="stock"), stored, {}, 202602).ytd.value == 30
    assert read(flow(aggregate="mean"), stored, {}, 202602).ytd.value == 20
    assert read(flow(aggregate="none"), stored, {}, 202602).ytd.value is None


def test_a_yearly_value_holds_and_says_so() -> None:
    yearly = flow(aggregate="mean", hold_months=12)
    found = read(yearly, {202512: Seen(80.0)}, {}, 202611)
    assert (found.month.value, found.month.is_held) == (80.0, True)
    assert read(yearly, {202512: Seen(80.0)}, {}, 202612).month.value is None
    assert read(flow(), {202512: Seen(80.0)}, {}, 202601).month.value is None


def test_january_and_february_together() -> None:
    stored = {202601: part(1, 2), 202602: part(9, 10), 202501: part(1, 4), 202502: part(7, 8)}
    found = read(ratio(), stored, {}, 202602, is_joint=True)
    assert found.month.value == pytest.approx(100 * 10 / 12)
    assert found.year_on_year.value == pytest.approx(100 * 10 / 12 - 100 * 8 / 12)
    assert found.month_on_month.value is None
    assert read(ratio(), stored, {}, 202601, is_joint=True).month == found.month
    assert read(flow(), {202602: Seen(5)}, {}, 202602, is_joint=True).month.value is None


def test_costs_complete_by_staying_below() -> None:
    assert read(flow(direction="cost", aggregate="last"), {202601: Seen(2.0)}, {202601: 4.0}, 202601).completion.value == 1.5
    assert read(flow(), {202601: Seen(2.0)}, {202600 + m: 0.0 for m in range(1, 13)}, 202601).completion.value is None


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=1, max_size=12))
def test_a_cumulated_percentage_lies_between_its_months(parts: list[tuple[int, int]]) -> None:
    stored = {202601 + at: part(over, under) for at, (over, under) in enumerate(parts)}
    found = read(ratio(), stored, {}, 202600 + len(parts)).ytd.value
    values = [seen.value for seen in stored.values()]
    assert found is not None
    assert min(values) - 1e-9 <= found <= max(values) + 1e-9


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=12))
def test_a_sum_is_whole_or_missing(values: list[float | None]) -> None:
    stored = {202601 + at: Seen(value) for at, value in enumerate(values) if value is not None}
    found = read(flow(), stored, {}, 202600 + len(values)).ytd
    if None in values:
        assert found.value is None
        assert found.reason
    else:
        assert found.value == pytest.approx(sum(value for value in values if value is not None))
