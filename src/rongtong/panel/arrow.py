"""Arrays between NumPy and Arrow without a copy; Arrow's own converters import pandas, which costs more than a small measurement."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def column(values: NDArray[Any]) -> pa.Array:
    """A NumPy column as an Arrow array; NaN becomes null."""
    values = np.ascontiguousarray(values)
    validity = None
    if values.dtype.kind == "f":
        missing = np.isnan(values)
        if missing.any():
            validity = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [validity, pa.py_buffer(values)])


def values(chunked: pa.ChunkedArray) -> NDArray[Any]:
    """An Arrow column of numbers as NumPy; a column with nulls as float64, null as NaN."""
    parts = [_filled(chunk) for chunk in chunked.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.empty(0)


def _filled(chunk: pa.Array) -> NDArray[Any]:
    if not chunk.null_count:
        return np.from_dlpack(chunk)
    chunk = chunk.cast(pa.float64())
    bits, data = chunk.buffers()
    span = slice(chunk.offset, chunk.offset + len(chunk))
    present = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[span].astype(np.bool_)
    return np.where(present, np.frombuffer(data, np.float64)[span], np.nan)  # `fill_null` would make a scalar, and that imports pandas
