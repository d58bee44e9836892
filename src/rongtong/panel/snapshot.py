"""Observations to Parquet, one file a month: what runs read, so that a run never holds the database.

Columns: unit_id int32 (dense), indicator_id int16, value float64, numerator float64, denominator float64. Only months with a marker row
are written again; the marker goes only if no observation came while the file was written.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from rongtong.indicators.models import DirtyPeriod, Observation
from rongtong.panel.models import PanelIndex
from rongtong.trees.models import Counter, Node

SCHEMA = pa.schema(
    [
        ("unit_id", pa.int32()),
        ("indicator_id", pa.int16()),
        ("value", pa.float64()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
    ]
)
Progress = Callable[[float, str], None]


def folder() -> Path:
    return Path(settings.DATA_DIR) / "panel"


def file_of(period: int) -> Path:
    return folder() / f"{period}.parquet"


def dense_ids() -> dict[int, int]:
    """Node id to dense id; nodes not seen before get the next numbers."""
    with transaction.atomic():
        counter = Counter.objects.select_for_update().get_or_create(name="panel_index")[0]
        new = list(Node.objects.filter(panel_index__isnull=True).order_by("pk").values_list("pk", flat=True))
        PanelIndex.objects.bulk_create([PanelIndex(node_id=pk, dense_id=counter.value + at) for at, pk in enumerate(new)], batch_size=5000)
        Counter.objects.filter(pk="panel_index").update(value=counter.value + len(new))
    return dict(PanelIndex.objects.values_list("node_id", "dense_id"))


def write_dirty(progress: Progress | None = None) -> list[int]:
    """Write the files of all dirty months; returns the months written."""
    marks = list(DirtyPeriod.objects.order_by("period").values_list("period", "marked_at"))
    ids = dense_ids() if marks else {}
    for done, (period, marked_at) in enumerate(marks):
        if progress:
            progress(done / len(marks), str(period))
        _write(period, ids)
        DirtyPeriod.objects.filter(period=period, marked_at=marked_at).delete()
    return [period for period, _ in marks]


def _write(period: int, ids: dict[int, int]) -> None:
    rows = Observation.objects.filter(period=period, is_current=True).order_by("node_id", "indicator_id")
    raw = np.array(list(rows.values_list("node_id", "indicator_id", "value", "numerator", "denominator")), dtype=np.float64).reshape(-1, 5)
    nodes = np.array([ids[int(node)] for node in raw[:, 0]], dtype=np.int32)
    table = pa.table([nodes, raw[:, 1].astype(np.int16), raw[:, 2], raw[:, 3], raw[:, 4]], schema=SCHEMA)
    write_durably(table, file_of(period))


def write_durably(table: pa.Table, path: Path) -> None:
    """Write beside, sync, rename: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_month(period: int) -> pa.Table | None:
    """The snapshot of a month, or None if nothing was ever observed in it."""
    path = file_of(period)
    return pq.read_table(path) if path.is_file() else None
