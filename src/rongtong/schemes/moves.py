"""Who moves, and by how much, if another version were issued: the same units, ranks with ties as ties, grades."""

from collections.abc import Mapping

import numpy as np

from rongtong.schemes.batch import Batch
from rongtong.schemes.grading import ranks
from rongtong.schemes.results import Move, Moves, Place


def moves(before: Batch, after: Batch) -> Moves:
    """Compare two batches of the same units; the largest moves first, equal ones in the order of the first batch."""
    then, now = _places(before), _places(after)
    found = [Move(node, then[node], now[node]) for node in before.nodes if node in now]
    told = [move for move in found if move.ranks is not None]
    listed = sorted(found, key=lambda move: (move.ranks is None, -abs(move.ranks or 0), -abs(move.points or 0)))
    return Moves(
        moves=tuple(listed),
        n=len(told),
        moved=sum(bool(move.ranks) for move in told),
        regraded=sum(move.is_regraded for move in told),
        without=len(found) - len(told),
        largest=max((abs(move.ranks or 0) for move in told), default=0),
    )


def _places(batch: Batch) -> Mapping[int, Place]:
    totals = batch.linked.total
    first, last = ranks(totals)
    codes = [*(band.code for band in batch.scheme.bands), ""]
    rows = zip(batch.nodes, np.asarray(totals), first, last, batch.graded.final, strict=True)
    return {
        node: Place(int(total), int(one), int(end), codes[grade]) if total >= 0 else Place(None, None, None, "")
        for node, total, one, end, grade in rows
    }
