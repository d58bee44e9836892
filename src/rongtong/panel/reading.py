"""indicators.csv and units.csv (INTERFACES 3): every cell checked, the first wrong one named; large clean files read by Arrow."""

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from rongtong.panel import arrow
from rongtong.panel.files import DIRECTIONS, SUBSYSTEMS, Indicators, Units, refuse
from rongtong.panel.ids import Index, depths_of

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Rows = list[tuple[int, dict[str, str]]]  # line in the file, cells by header
MAX_INDICATOR, MAX_UNIT = 2**15 - 1, 2**31 - 1  # int16 and int32 of observations.parquet
MAX_LEVELS = 1000


def read_indicators(folder: Path) -> Indicators:
    """indicators.csv: ids and codes once each, known sides and directions, ideals where needed, weights and caps that are numbers."""
    path = folder / "indicators.csv"
    rows = _rows(path, ("indicator_id", "code", "subsystem", "direction"))
    for line, row in rows:
        _among(path, line, row, "subsystem", SUBSYSTEMS)
        _among(path, line, row, "direction", DIRECTIONS)
    ids = np.array(_wholes(path, rows, "indicator_id"), dtype=np.int64)
    _refuse_outside(path, rows, ids, "indicator_id", MAX_INDICATOR)
    _refuse_twice(path, rows, "indicator_id", ids.tolist())
    _refuse_twice(path, rows, "code", [row["code"].strip() for _, row in rows])
    low, high, cap, weight = (_reals(path, rows, name) for name in ("ideal_low", "ideal_high", "cap", "weight"))
    for at, (line, row) in enumerate(rows):
        if row["direction"] in {"target", "interval"} and not low[at] <= high[at]:
            raise refuse(path, "the ideal range is missing or upside down", "give ideal_low <= ideal_high", row=line, column="ideal_low")
        if weight[at] < 0:
            raise refuse(path, "a weight is negative", "give weights of 0 or more", row=line, column="weight")
    columns = {name: tuple(row[name].strip() for _, row in rows) for name in ("code", "subsystem", "direction")}
    return Indicators(
        ids, columns["code"], columns["subsystem"], columns["direction"], np.stack([low, high], axis=1), cap, weight
    )  # fmt: skip


def read_units(folder: Path) -> Units:
    """units.csv: unknown parents, cycles and negative head-counts are refused; an empty head-count is unknown and weighs nothing."""
    path = folder / "units.csv"
    quick = _quick(path)
    if quick is not None:
        return quick
    rows = _rows(path, ("unit_id", "parent_id", "headcount"))
    ids = np.array(_wholes(path, rows, "unit_id"), dtype=np.int64)
    _refuse_outside(path, rows, ids, "unit_id", MAX_UNIT)
    _refuse_twice(path, rows, "unit_id", ids.tolist())
    above = _wholes(path, rows, "parent_id", may_be_empty=True)
    parents = _parents(
        ids, np.array([-1 if key is None else key for key in above], dtype=np.int64), np.array([key is None for key in above])
    )
    for at in np.flatnonzero(parents == _UNKNOWN):
        raise refuse(
            path, f"the parent {above[at]} is not among the units", "add it or correct the number", row=rows[at][0], column="parent_id"
        )
    depths = depths_of(parents)
    for at in np.flatnonzero(depths < 0):
        raise refuse(path, f"unit {ids[at]} lies below itself", "break the cycle", row=rows[at][0], column="parent_id")
    for at in np.flatnonzero(depths >= MAX_LEVELS):
        raise refuse(path, f"unit {ids[at]} lies too deep", f"use at most {MAX_LEVELS:,} levels", row=rows[at][0], column="parent_id")
    head = _reals(path, rows, "headcount")
    for at in np.flatnonzero(head < 0):
        raise refuse(path, "a head-count is negative", "correct it", row=rows[at][0], column="headcount")
    return _units(ids, parents, head)


_ROOT, _UNKNOWN = -1, -2


def _parents(ids: Int, above: Int, is_root: NDArray[np.bool_]) -> Int:
    """Row of each parent; -1 a root, -2 unknown."""
    rows = Index(ids).rows(above)
    return np.where(is_root, _ROOT, np.where(rows < 0, _UNKNOWN, rows))


def _units(ids: Int, parents: Int, head: Float) -> Units:
    return Units(ids, parents, np.nan_to_num(head, nan=0.0), int(np.isnan(head).sum()))


def _quick(path: Path) -> Units | None:
    """The units by Arrow's reader, ten times as fast; None where anything is unusual, so that the slow way says what and where."""
    types = {"unit_id": pa.int64(), "parent_id": pa.int64(), "headcount": pa.float64()}
    try:
        options = arrow_csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[""])
        table = arrow_csv.read_csv(path, convert_options=options)
    except (pa.ArrowException, OSError, KeyError):
        return None
    ids, above, head = (arrow.values(table[name]) for name in types)
    if not len(ids) or table["unit_id"].null_count or len(np.unique(ids)) < len(ids) or ids.min() < 0 or ids.max() > MAX_UNIT:
        return None
    is_root = np.isnan(above.astype(np.float64)) if table["parent_id"].null_count else np.zeros(len(ids), dtype=np.bool_)
    parents = _parents(ids, np.where(is_root, -1, above).astype(np.int64), is_root)
    known = table["headcount"].null_count + np.count_nonzero(np.isfinite(head) & (head >= 0))
    if known < len(head) or (parents == _UNKNOWN).any():
        return None
    depths = depths_of(parents)
    return _units(ids, parents, head) if depths.min() >= 0 and depths.max() < MAX_LEVELS else None


def _rows(path: Path, needed: tuple[str, ...]) -> Rows:
    if not path.is_file():
        raise refuse(path, "there is no such file", "a panel folder holds observations.parquet, indicators.csv and units.csv")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            names = [name.strip() for name in next(reader, [])]
            _check_header(path, names, needed)
            rows = [(reader.line_num, _cells(path, reader.line_num, names, cells)) for cells in reader if cells]
    except UnicodeDecodeError as wrong:
        raise refuse(path, "the file is not UTF-8", "save it as UTF-8") from wrong
    except csv.Error as broken:
        raise refuse(path, f"the file breaks off or has a wrong quote ({broken})", "save it again", row=reader.line_num) from broken
    if not rows:
        raise refuse(path, "the file has no rows", "write one row per record")
    return rows


def _check_header(path: Path, names: list[str], needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in names:
            raise refuse(path, f"the column {name} is missing", f"the header needs {', '.join(needed)}", row=1, column=name)
    for at, name in enumerate(names):
        if name in names[:at]:
            raise refuse(path, f"the column {name} stands twice", "remove or rename one of them", row=1, column=name)


def _cells(path: Path, line: int, names: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) > len(names):
        raise refuse(path, f"the row has {len(cells)} cells, the header {len(names)}", "remove the surplus, or quote commas", row=line)
    return dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=True))


def _among(path: Path, line: int, row: dict[str, str], column: str, known: tuple[str, ...]) -> None:
    if row[column].strip() not in known:
        raise refuse(path, f"“{row[column]}” is not a {column}", f"use {', '.join(known)}", row=line, column=column)


def _wholes(path: Path, rows: Rows, column: str, *, may_be_empty: bool = False) -> list[int | None]:
    """A column of whole numbers; the first cell that is none is named."""
    found: list[int | None] = []
    for line, row in rows:
        text = row[column].strip()
        if may_be_empty and not text:
            found.append(None)
        elif text.removeprefix("-").isdecimal() and text.isascii():
            found.append(int(text))
        else:
            raise refuse(path, f"“{row[column]}” is not a whole number", "write digits only", row=line, column=column)
    return found


def _reals(path: Path, rows: Rows, column: str) -> Float:
    """A column of numbers, NaN where a cell is empty or the column is absent; the first cell that is none is named."""
    found = np.full(len(rows), np.nan)
    for at, (line, row) in enumerate(rows):
        text = row.get(column, "").strip()
        if not text:
            continue
        try:
            found[at] = float("" if "_" in text or not text.isascii() else text)
        except ValueError:
            raise refuse(
                path, f"“{text}” is not a number", "write digits and a point, or leave it empty", row=line, column=column
            ) from None
        if not np.isfinite(found[at]):
            raise refuse(path, f"“{text}” is not a finite number", "write a number, or leave it empty", row=line, column=column)
    return found


def _refuse_outside(path: Path, rows: Rows, ids: Int, column: str, highest: int) -> None:
    for at in np.flatnonzero((ids < 0) | (ids > highest)):
        raise refuse(path, f"{column} {ids[at]} is out of range", f"use 0 to {highest:,}", row=rows[at][0], column=column)


def _refuse_twice(path: Path, rows: Rows, column: str, values: list[object]) -> None:
    first: dict[object, int] = {}
    for (line, _row), value in zip(rows, values, strict=True):
        if value == "":
            raise refuse(path, f"the {column} is empty", "give every row one", row=line, column=column)
        if value in first:
            what = f"{column} {value} stands twice, first in row {first[value]}"
            raise refuse(path, what, "keep one row for each", row=line, column=column)
        first[value] = line
