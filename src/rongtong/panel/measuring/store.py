"""The folder of a run: scores, values, obstacles, roll-ups as Parquet, run.json beside them. Written whole or not at all."""

import json
import math
import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from rongtong.panel.snapshot import sync_folder

FILES = ("scores", "values", "obstacles", "rollup")


def runs_folder() -> Path:
    return Path(settings.DATA_DIR) / "runs"


def write(name: str, tables: dict[str, pa.Table], about: dict[str, Any]) -> str:
    """Write the run's folder durably under a temporary name, then rename it. Returns the folder's name."""
    root = runs_folder()
    beside = root / f".{name}.{os.getpid()}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for file, table in tables.items():
        with (beside / f"{file}.parquet").open("wb") as stream:
            pq.write_table(table, stream, compression="zstd")
            _sync(stream.fileno())
    with (beside / "run.json").open("w", encoding="utf-8") as text:
        json.dump(about, text, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
        _sync(text.fileno())
    sync_folder(beside)
    beside.replace(root / name)
    sync_folder(root)
    return name


def _sync(handle: int) -> None:
    os.fsync(handle)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [None if isinstance(x, float) and math.isnan(x) else x for x in value.tolist()]
    return value.item() if isinstance(value, np.generic) else str(value)


def about(folder: str) -> dict[str, Any]:
    """run.json of a run."""
    return json.loads((runs_folder() / folder / "run.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def read(folder: str, file: str, **where: Any) -> list[dict[str, Any]]:
    """Rows of a run's file whose columns equal the given values (a list means any of them), in file order."""
    table = _table(str(runs_folder() / folder / f"{file}.parquet"))
    mask = None
    for column, value in where.items():
        if value is None:
            continue
        wanted = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        hit = pc.is_in(table[column], value_set=pa.array(wanted, type=table.schema.field(column).type))
        mask = hit if mask is None else pc.and_(mask, hit)
    rows: list[dict[str, Any]] = (table if mask is None else table.filter(mask)).to_pylist()
    return [{key: None if isinstance(v, float) and math.isnan(v) else v for key, v in row.items()} for row in rows]


@lru_cache(maxsize=16)
def _table(path: str) -> pa.Table:
    """A run's folder never changes once it has its name, so its tables may be kept."""
    return pq.read_table(path)
