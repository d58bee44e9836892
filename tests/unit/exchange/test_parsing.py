"""Cells as people fill them, good and bad."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.exchange import parsing
from rongtong.exchange.parsing import Percent
from rongtong.kernel.errors import Refused


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None), ("  ", None), (None, None), ("0", 0.0), ("1,234.5", 1234.5), ("１，２３４．５", 1234.5),
        ("－3", -3.0), ("−3", -3.0), (" 12 ", 12.0),
        ("1e3", 1000.0), (".5", 0.5), ("+7", 7.0), (12, 12.0), (12.5, 12.5), ("1,234,567", 1234567.0), ("１２", 12.0),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(cell: object, value: float | None) -> None:
    assert parsing.number(cell) == value


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("abc", "number_text"), ("12件", "number_text"), ("1,23", "number_text"), ("1.2.3", "number_text"),
        ("12,34,567", "number_text"), ("--3", "number_text"),
        ("nan", "number_infinite"), ("NaN", "number_infinite"), ("inf", "number_infinite"), ("-Infinity", "number_infinite"),
        ("1e400", "number_text"),
        ("1e999", "number_infinite"), (float("nan"), "number_infinite"), (float("inf"), "number_infinite"),
        (True, "number_text"), ("#DIV/0!", "cell_error"),
        ("12.5%", "number_percent"), ("１２％", "number_percent"), (date(2026, 1, 1), "number_text"),
        ("0x10", "number_text"), ("1_000", "number_text"),
        ("٣", "number_text"), ("½", "number_text"), ("=1+1", "number_text"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_its_kind(cell: object, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        parsing.number(cell)
    assert refusal.value.code == (code if cell != "1e400" else "number_infinite")
    assert refusal.value.remedy


def test_a_percent_sign_is_kept_apart_until_the_unit_is_known() -> None:
    found = parsing.quantity("12.5%")
    assert isinstance(found, Percent)
    assert found == 12.5
    assert not isinstance(parsing.quantity("12.5"), Percent)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_every_finite_number_is_read_back(value: float) -> None:
    assert parsing.number(repr(value)) == value
    assert parsing.number(value) == value


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_thousands_separators_change_nothing(value: int) -> None:
    assert parsing.number(f"{value:,}") == value
    assert parsing.number(f"{value:,}".translate(str.maketrans("0123456789,-", "０１２３４５６７８９，－"))) == value


@given(st.text(max_size=12))
def test_a_text_is_a_number_or_refused_never_an_accident(written: str) -> None:
    try:
        found = parsing.number(written)
    except Refused:
        return
    assert found is None or found == float(
        parsing.folded(written).replace(",", "").replace("\u2212", "-").replace("–", "-").replace("—", "-")
    )


@given(st.dates(min_value=date(1954, 10, 3), max_value=date(2199, 12, 31)))
def test_a_day_is_the_same_in_all_five_forms(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for cell in (
        day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}.{day.month:02d}.{day.day:02d}",
        f"{day.year}年{day.month}月{day.day}日",
        serial, float(serial), str(serial), day, datetime(day.year, day.month, day.day, 8, 30), f"{day.isoformat()} 00:00:00",
    ):  # fmt: skip
        assert parsing.day(cell) == day, cell


@pytest.mark.parametrize(
    "cell", ["2026-02-30", "2026-13-01", "23/11/2026", "2026-11/23", "yesterday", "20261123", 3, 2.5, True, "2026年11月"]
)
def test_what_is_no_day_is_refused(cell: object) -> None:
    with pytest.raises(Refused):
        parsing.day(cell)


@pytest.mark.parametrize(
    "cell", ["2026-01", "2026年1月", "202601", 202601.0, 202601, "2026/1", "2026.01", "２０２６－０１", date(2026, 1, 31), "2026-01-31"]
)
def test_months_in_their_forms(cell: object) -> None:
    assert parsing.month(cell) == 202601


@pytest.mark.parametrize("cell", ["2026-13", "2026-00", "1月", "26-01", "2026-1-99", "0", 13, "abc"])
def test_what_is_no_month_is_refused(cell: object) -> None:
    with pytest.raises(Refused):
        parsing.month(cell)


def test_words_codes_choices_and_yes_no() -> None:
    assert parsing.text("  一车间　") == "一车间"
    assert (
        parsing.text("委员会委员（1），正职；Ａ　区") == "委员会委员（1），正职；Ａ 区"
    )  # words are people's own: only spaces are made ordinary
    assert (parsing.text(1001.0), parsing.text(""), parsing.text(None)) == ("1001", None, None)
    assert parsing.code("Ａ01") == "A01"
    assert parsing.code(1001.0) == "1001"
    assert parsing.yes_no("是") is True
    assert parsing.yes_no("0") is False
    kinds = parsing.choice({"工厂": "plant", "plant": "plant"})
    assert (kinds("工厂"), kinds("Plant"), kinds("")) == ("plant", "plant", None)
    for bad in (
        lambda: parsing.text("a\x07b"),
        lambda: parsing.code("a b"),
        lambda: parsing.yes_no("maybe"),
        lambda: kinds("firm"),
        lambda: parsing.whole("1.5"),
    ):
        with pytest.raises(Refused):
            bad()
