"""Rows as importers get them: cells beyond the header, texts and counts that no column holds."""

from typing import Any

from rongtong.exchange import parsing
from rongtong.exchange.importing import Column, Plan, Rows

COLUMNS = (Column("code", (), True, parsing.code), Column("name", most=5), Column("count", (), False, parsing.whole))


def read(raw: list[list[Any]], width: int | None = 3) -> tuple[list[dict[str, Any]], list[str]]:
    sink = Plan()
    rows = Rows(COLUMNS, {"code": 0, "name": 1, "count": 2}, sink, enumerate(raw, start=2), width)
    found = [row.values for row in rows]
    return found, [f"{error.row}:{error.column} {error}" for error in sink.errors]


def test_short_rows_are_filled_and_empty_surplus_is_nothing() -> None:
    found, errors = read([["A"], ["B", "b", "3", "", ""]])
    assert found == [{"code": "A", "name": None, "count": None}, {"code": "B", "name": "b", "count": 3}]
    assert errors == []


def test_filled_cells_beyond_the_header_are_refused() -> None:
    """一车间,二班 without quotes moves every later cell by one: it must not pass as a count of 0 or a note."""
    found, errors = read([["A", "一车间", "二班", "3"], ["B", "b", "4"]])
    assert [row["code"] for row in found] == ["B"]
    assert errors[0] == "2: The row has 4 cells, the header 3; put texts that hold the separator into quotes, or remove the surplus"


def test_texts_and_counts_that_no_column_holds() -> None:
    found, errors = read([["A", "123456", "1"], ["B", "12345", "99999999999"], ["C", "12345", "2147483647"]])
    assert [row["code"] for row in found] == ["C"]
    assert errors == [
        "2:name The text has 6 characters; use at most 5",
        "3:count “99999999999” is too large for a count; correct it",
    ]
