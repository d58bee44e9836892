import numpy as np
import pytest

from rongtong.engines.control import xmr


def test_limits_by_hand() -> None:
    found = xmr([4.0, 6.0, 4.0, 6.0, 4.0, 6.0])
    assert found.centre == 5.0
    assert found.upper == pytest.approx(5.0 + 2.659574 * 2.0)
    assert not found.signals.any()


def test_missing_breaks_ranges_and_runs_and_is_not_zero() -> None:
    found = xmr([10.0, 10.0, 10.0, np.nan, 10.0, 10.0, 10.0])
    assert found.centre == 10.0
    assert found.lower == found.upper == 10.0
    assert not found.signals.any()


def test_short_series_has_no_limits() -> None:
    found = xmr([1.0, 2.0, np.nan, 3.0])
    assert np.isnan(found.lower)
    assert found.present == 3
    assert not found.signals.any()


def test_eight_on_one_side_signal() -> None:
    series = [10.0, 0.0] * 6 + [6.0] * 8
    assert xmr(series, baseline=12).signals[12:].all()
    assert not xmr(series[:-1], baseline=12).signals.any()


def test_two_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="2 dimensions"):
        xmr([[1.0]])
