from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from rongtong.kernel.periods import Period, PeriodKind
from rongtong.panel import snapshot
from rongtong.panel.measuring.cube import Rule, walk

Cell = tuple[int, int, float, float, float]
Write = Callable[..., None]
NAN = float("nan")


@pytest.fixture
def write(tmp_path: Path, settings: Any) -> Write:
    settings.DATA_DIR = tmp_path

    def month(code: int, *cells: Cell) -> None:
        arrays = [pa.array([cell[at] for cell in cells], type=field.type) for at, field in enumerate(snapshot.SCHEMA)]
        snapshot.write_durably(pa.Table.from_arrays(arrays, schema=snapshot.SCHEMA), snapshot.file_of(code))

    return month


def _quarter(code: int) -> Period:
    return Period.of(PeriodKind.QUARTER, code)


def test_aggregates_by_rule(write: Write) -> None:
    write(202601, (7, 1, 10.0, NAN, NAN), (7, 2, 50.0, 1.0, 2.0), (7, 3, 4.0, NAN, NAN), (7, 4, 1.0, NAN, NAN))
    write(202602, (7, 1, 20.0, NAN, NAN), (7, 2, 90.0, 9.0, 10.0), (7, 4, 3.0, NAN, NAN))
    write(202603, (7, 1, 30.0, NAN, NAN), (7, 2, 0.0, 0.0, 8.0), (7, 3, 6.0, NAN, NAN))
    rules = [Rule(1, "sum", 0), Rule(2, "ratio", 0), Rule(3, "last", 0), Rule(4, "mean", 0)]
    (found,) = walk([_quarter(202603)], np.array([7]), rules)
    assert found.value[0].tolist() == pytest.approx([60.0, 100 * 10 / 20, 6.0, 2.0])


def test_a_sum_with_a_missing_month_is_missing(write: Write) -> None:
    write(202601, (7, 1, 10.0, NAN, NAN))
    write(202603, (7, 1, 30.0, NAN, NAN))
    (found,) = walk([_quarter(202603)], np.array([7]), [Rule(1, "sum", 0)])
    assert np.isnan(found.value[0, 0])


def test_a_yearly_value_holds_for_its_months_and_is_marked(write: Write) -> None:
    write(202512, (7, 1, 5.0, NAN, NAN))
    periods = [Period.month(202601), Period.month(202611), Period.month(202612)]
    found = {v.period.code: v for v in walk(_span(periods), np.array([7]), [Rule(1, "last", 12)])}
    assert (found[202601].value[0, 0], found[202601].is_held[0, 0]) == (5.0, True)
    assert found[202611].value[0, 0] == 5.0
    assert np.isnan(found[202612].value[0, 0])


def _span(periods: list[Period]) -> list[Period]:
    span = [periods[0]]
    while span[-1] < periods[-1]:
        span.append(span[-1].next())
    return span


def test_unknown_rows_and_indicators_are_left_out(write: Write) -> None:
    write(202601, (7, 1, 5.0, NAN, NAN), (9, 1, 6.0, NAN, NAN), (7, 99, 1.0, NAN, NAN))
    (found,) = walk([Period.month(202601)], np.array([7]), [Rule(1, "last", 0)])
    assert found.value.tolist() == [[5.0]]
