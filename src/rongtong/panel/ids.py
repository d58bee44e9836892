"""Ids to rows, and rows to depths, for any numbers: close together or far apart, shallow or deep."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
_SPARSE = 8  # a table may be this many times longer than what it holds


class Index:
    """Row of an id, -1 where there is none. Ids that are rows already are given back; close ones use a table, others a search."""

    def __init__(self, ids: Int) -> None:
        self.size = len(ids)
        self.is_plain = bool(self.size and ids[0] == 0 and (ids == np.arange(self.size)).all())
        highest = int(ids.max(initial=-1))
        self._table: Int | None = None
        if not self.is_plain and int(ids.min(initial=0)) >= 0 and highest < _SPARSE * self.size + 1_000_000:
            self._table = np.full(highest + 1, -1, dtype=np.int64)
            self._table[ids] = np.arange(self.size)
        self._order = np.argsort(ids, kind="stable")
        self._sorted = ids[self._order]

    def rows(self, keys: Int) -> Int:
        """Rows of many ids.

        >>> Index(np.array([7, 3])).rows(np.array([3, 7, 5])).tolist()
        [1, 0, -1]
        """
        if not len(keys):
            return keys.astype(np.int64)
        inside = int(keys.min()) >= 0 and int(keys.max()) < (self.size if self._table is None else len(self._table))
        if self.is_plain and inside:
            return keys
        if self._table is not None and inside:
            return self._table[keys]
        at = np.minimum(np.searchsorted(self._sorted, keys), max(self.size - 1, 0))
        return np.where(self._sorted[at] == keys, self._order[at], -1)


def depths_of(parents: Int) -> Int:
    """Depth of each row, 0 for a root, -1 for rows that lie below themselves; in log(depth) steps.

    >>> depths_of(np.array([-1, 0, 1, 4, 3])).tolist()
    [0, 1, 2, -1, -1]
    """
    depth, above = (parents >= 0).astype(np.int64), parents.copy()
    for _ in range(int(np.ceil(np.log2(len(parents) + 1))) + 1):
        going = np.flatnonzero(above >= 0)
        if not len(going):
            return depth
        depth[going] += depth[above[going]]
        above[going] = above[above[going]]
    depth[above >= 0] = -1
    return depth
