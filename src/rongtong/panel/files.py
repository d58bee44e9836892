"""Panel files (INTERFACES 3): strict reading with a clear refusal, writing whole or not at all."""

import csv
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]
SUBSYSTEMS = ("party", "production", "integration")
DIRECTIONS = ("benefit", "cost", "target", "interval")
COLUMNS = ("unit_id", "period", "indicator_id", "value")
REFUSED, ENVIRONMENT = 1, 3


class BadPanel(Exception):
    """A file that cannot be taken, or an engine that is not here. The text is `FILE:SHEET:ROW:COLUMN what; what to do`."""

    def __init__(self, text: str, exit_code: int = REFUSED) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def refuse(path: Path, what: str, remedy: str, *, row: int | str = "", column: str = "") -> BadPanel:
    return BadPanel(f"{path}::{row}:{column} {what}; {remedy}")


@dataclass(frozen=True, slots=True)
class Indicators:
    """Columns of the panel in file order: ids, codes, sides, directions, ideals (k, 2), caps and weights (NaN: empty)."""

    ids: Int
    codes: tuple[str, ...]
    subsystems: tuple[str, ...]
    directions: tuple[str, ...]
    ideals: Float
    caps: Float
    weights: Float

    def group(self, subsystem: str) -> list[int]:
        return [at for at, name in enumerate(self.subsystems) if name == subsystem]


@dataclass(frozen=True, slots=True)
class Units:
    """Units in file order: ids, row of the parent (-1: root), head-count."""

    ids: Int
    parents: Int
    headcount: Float


def read_indicators(folder: Path) -> Indicators:
    """indicators.csv, every cell checked."""
    path = folder / "indicators.csv"
    rows = _rows(path, ("indicator_id", "code", "subsystem", "direction"))
    for at, row in enumerate(rows, start=2):
        if row["subsystem"] not in SUBSYSTEMS:
            raise refuse(path, f"“{row['subsystem']}” is not a subsystem", f"use {', '.join(SUBSYSTEMS)}", row=at, column="subsystem")
        if row["direction"] not in DIRECTIONS:
            raise refuse(path, f"“{row['direction']}” is not a direction", f"use {', '.join(DIRECTIONS)}", row=at, column="direction")
    ids = np.array(_wholes(path, rows, "indicator_id"), dtype=np.int64)
    _refuse_twice(path, ids, "indicator_id")
    names = ("ideal_low", "ideal_high", "cap", "weight")
    low, high, cap, weight = (_reals(path, rows, name) for name in names)
    for at, row in enumerate(rows):
        if row["direction"] in {"target", "interval"} and not low[at] <= high[at]:
            raise refuse(path, "the ideal range is missing or upside down", "give ideal_low <= ideal_high", row=at + 2, column="ideal_low")
    return Indicators(
        ids, tuple(r["code"] for r in rows), tuple(r["subsystem"] for r in rows), tuple(r["direction"] for r in rows),
        np.stack([low, high], axis=1), cap, weight,
    )  # fmt: skip


def read_units(folder: Path) -> Units:
    """units.csv: unknown parents and cycles are refused."""
    path = folder / "units.csv"
    rows = _rows(path, ("unit_id", "parent_id", "headcount"))
    ids = np.array(_wholes(path, rows, "unit_id"), dtype=np.int64)
    _refuse_twice(path, ids, "unit_id")
    row_of = {key: at for at, key in enumerate(ids.tolist())} | {None: -1}
    above = _wholes(path, rows, "parent_id", may_be_empty=True)
    for at, key in enumerate(above):
        if key not in row_of:
            what = f"the parent {key} is not among the units"
            raise refuse(path, what, "add it or correct the number", row=at + 2, column="parent_id")
    parents = np.array([row_of[key] for key in above], dtype=np.int64)
    _refuse_cycles(path, parents, ids)
    head = np.nan_to_num(_reals(path, rows, "headcount"), nan=0.0)
    if (head < 0).any():
        raise refuse(path, "a head-count is negative", "correct it", row=int(np.argmax(head < 0)) + 2, column="headcount")
    return Units(ids, parents, head)


def _refuse_cycles(path: Path, parents: Int, ids: Int) -> None:
    reached = parents < 0
    while True:
        new = ~reached & (parents >= 0) & reached[np.maximum(parents, 0)]
        if not new.any():
            break
        reached |= new
    if not reached.all():
        at = int(np.argmin(reached))
        raise refuse(path, f"unit {ids[at]} lies below itself", "break the cycle", row=at + 2, column="parent_id")


def _rows(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    if not path.is_file():
        raise refuse(path, "there is no such file", "a panel folder holds observations.parquet, indicators.csv and units.csv")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise refuse(path, f"the column {missing[0]} is missing", f"the header needs {', '.join(needed)}", row=1, column=missing[0])
            names = reader.fieldnames or ()
            rows = [dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=False)) for cells in reader.reader if cells]
    except UnicodeDecodeError as wrong:
        raise refuse(path, "the file is not UTF-8", "save it as UTF-8") from wrong
    if not rows:
        raise refuse(path, "the file has no rows", "write one row per record")
    return rows


def _wholes(path: Path, rows: list[dict[str, str]], column: str, *, may_be_empty: bool = False) -> list[int | None]:
    """A column of whole numbers; the first cell that is none is named."""
    found: list[int | None] = []
    for at, row in enumerate(rows, start=2):
        text = row[column]
        try:
            found.append(None if may_be_empty and not text.strip() else int(text))
        except ValueError:
            raise refuse(path, f"“{text}” is not a whole number", "write digits only", row=at, column=column) from None
    return found


def _reals(path: Path, rows: list[dict[str, str]], column: str) -> Float:
    """A column of numbers, NaN where a cell is empty; the first cell that is none is named."""
    texts = [row.get(column, "") for row in rows]
    try:
        found = np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        found = np.array([_real(path, text.strip(), column, at) for at, text in enumerate(texts, start=2)])
    for at in np.flatnonzero(~np.isfinite(found)):
        if texts[at].strip():
            raise refuse(path, f"“{texts[at]}” is not a finite number", "write a number, or leave it empty", row=int(at) + 2, column=column)
    return found


def _real(path: Path, text: str, column: str, at: int) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        raise refuse(path, f"“{text}” is not a number", "write digits and a point, or leave it empty", row=at, column=column) from None


def _refuse_twice(path: Path, ids: Int, column: str) -> None:
    values, first, counts = np.unique(ids, return_index=True, return_counts=True)
    if (counts > 1).any():
        raise refuse(
            path, f"{column} {values[counts > 1][0]} stands twice", "keep one row per id", row=int(first[counts > 1][0]) + 2, column=column
        )


def open_observations(folder: Path) -> pq.ParquetFile:
    """observations.parquet with the columns and types that the interface fixes."""
    path = folder / "observations.parquet"
    if not path.is_file():
        raise refuse(path, "there is no such file", "write the observations there")
    try:
        file = pq.ParquetFile(path, memory_map=True)
    except (pa.ArrowInvalid, OSError) as broken:
        raise refuse(path, f"the file is damaged or no Parquet ({str(broken)[:80]})", "write it again") from broken
    for name in COLUMNS:
        if name not in file.schema_arrow.names:
            raise refuse(path, f"the column {name} is missing", f"the columns are {', '.join(COLUMNS)}", column=name)
        kind = file.schema_arrow.field(name).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise refuse(path, f"the column {name} has the type {kind}", "write numbers", column=name)
    return file


class Output:
    """A folder that appears whole: written beside under a temporary name, synced, renamed."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.beside = out.with_name(f".{out.name}.{os.getpid()}")

    def __enter__(self) -> Path:
        if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            raise BadPanel(f"{self.out}::: exists already and is not empty; name a new folder")
        shutil.rmtree(self.beside, ignore_errors=True)
        self.beside.mkdir(parents=True)
        return self.beside

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            shutil.rmtree(self.beside, ignore_errors=True)
            return
        for path in (*self.beside.iterdir(), self.beside):
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        if self.out.is_dir():
            self.out.rmdir()
        self.beside.replace(self.out)
