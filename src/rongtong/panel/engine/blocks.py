"""Blocks of rows on two threads, each thread with arrays of its own that it uses again: fresh ones cost more page faults than arithmetic."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
T = TypeVar("T")
BLOCK = 2_048  # rows: a block of thirty indicators and its two workspaces stay in a core's cache
THREADS = 2


class Workspace(threading.local):
    """Two arrays of numbers and one of flags, as large as a block; what they hold does not outlive the call."""

    def __init__(self, columns: int) -> None:
        self._numbers = np.empty((2, BLOCK, columns))
        self._flags = np.empty((BLOCK, columns), dtype=np.bool_)

    def numbers(self, rows: int) -> tuple[Float, Float]:
        return self._numbers[0, :rows], self._numbers[1, :rows]

    def flags(self, rows: int) -> NDArray[np.bool_]:
        return self._flags[:rows]


Each = Callable[[Callable[[Float, slice, Workspace], T]], list[T]]


def each(values: Float, function: Callable[[Float, slice, Workspace], T]) -> list[T]:
    """Apply to every block; answers in the order of the rows."""
    work = Workspace(values.shape[1])

    def apply(at: int) -> T:
        rows = slice(at, min(at + BLOCK, len(values)))
        return function(values[rows], rows, work)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(apply, range(0, len(values), BLOCK)))
