"""Panel files (INTERFACES 3): what they hold, how they are refused, and a folder that is written whole or not at all."""

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
    """Units in file order: ids, row of the parent (-1: root), head-count (0 where unknown), how many have none."""

    ids: Int
    parents: Int
    headcount: Float
    without_headcount: int = 0


def open_observations(folder: Path) -> pq.ParquetFile:
    """observations.parquet with the columns and types that the interface fixes."""
    path = folder / "observations.parquet"
    if not path.is_file():
        raise refuse(path, "there is no such file", "write the observations there")
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as broken:
        raise refuse(path, f"the file is damaged or no Parquet ({str(broken)[:80]})", "write it again") from broken
    for name in COLUMNS:
        if name not in file.schema_arrow.names:
            raise refuse(path, f"the column {name} is missing", f"the columns are {', '.join(COLUMNS)}", column=name)
        kind = file.schema_arrow.field(name).type
        if not (pa.types.is_integer(kind) or (name == "value" and pa.types.is_floating(kind))):
            wanted = "numbers" if name == "value" else "whole numbers"
            raise refuse(path, f"the column {name} has the type {kind}", f"write {wanted}", column=name)
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
