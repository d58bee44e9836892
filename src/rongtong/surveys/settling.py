"""Which groups may be shown: small ones are counted together upwards until every atom holds at least k.

Everything that is ever released is over a union of atoms. A linear combination of such figures gives every person of an atom the same
coefficient, so no cell, complement or difference can single out fewer persons than an atom holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rongtong.trees.models import SEGMENT

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A group of one role with its head-count; `path` is its place in the tree."""

    path: str
    role: str
    count: int
    keys: Key

    def joined(self, other: "Item", path: str = "") -> "Item":
        return Item(path or common([self.path, other.path]), self.role, self.count + other.count, (*self.keys, *other.keys))


def common(paths: Sequence[str]) -> str:
    """The path of the nearest place above all of these.

    >>> common(["B000010000100001", "B0000100002"])
    'B00001'
    """
    least, most = min(paths), max(paths)
    same = next((at for at, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), min(len(least), len(most)))
    return least[: 1 + max(0, (same - 1) // SEGMENT) * SEGMENT]


def settle(items: Iterable[Item], k: int) -> list[Item]:
    """Atoms of at least k each; nothing where there are fewer than k altogether.

    A role with fewer than k in all is counted with the largest role. Inside a role, groups below k are counted with their small neighbours; if
    that is not enough, with the smallest atom of the same place; if there is none, with those of the place above.
    """
    rows = list(items)
    if sum(item.count for item in rows) < k:
        return []
    by_role = _folded(rows, k)
    return [atom for role in sorted(by_role) for atom in _of_role(by_role[role], k)]


def _folded(rows: list[Item], k: int) -> dict[str, list[Item]]:
    by_role: dict[str, list[Item]] = defaultdict(list)
    for item in rows:
        by_role[item.role].append(item)
    totals = {role: sum(item.count for item in found) for role, found in by_role.items()}
    while len(by_role) > 1 and min(totals.values()) < k:
        least = min(totals, key=lambda role: (totals[role], role))
        rest = {role: count for role, count in totals.items() if role != least}
        largest = max(rest, key=lambda role: (rest[role], role))
        by_role[largest] += [Item(item.path, largest, item.count, item.keys) for item in by_role.pop(least)]
        totals[largest] += totals.pop(least)
    return by_role


def _of_role(rows: list[Item], k: int) -> list[Item]:
    """Level by level from the deepest: what is too small joins the smallest atom of its place, or waits for the place above."""
    waiting: Mapping[str, list[Item]] = _by_path(rows)
    atoms: list[Item] = []
    while waiting:
        depth = max(map(len, waiting))
        above: dict[str, list[Item]] = defaultdict(list, {path: found for path, found in waiting.items() if len(path) < depth})
        for path in sorted(path for path in waiting if len(path) == depth):
            joined = _join(waiting[path], path)
            inside = [atom for atom in atoms if atom.path.startswith(path)]
            if joined.count >= k:
                atoms.append(joined)
            elif inside:
                least = min(inside, key=lambda atom: (atom.count, atom.path))
                atoms = [atom.joined(joined) if atom is least else atom for atom in atoms]
            else:
                above[path[:-SEGMENT]].append(joined)
        waiting = above
    return atoms


def _by_path(rows: list[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(rows, key=lambda item: (item.path, str(item.keys))):
        found[item.path].append(item)
    return found


def _join(rows: list[Item], path: str) -> Item:
    whole = rows[0]
    for item in rows[1:]:
        whole = whole.joined(item)
    return Item(path if len(rows) > 1 else whole.path, whole.role, whole.count, whole.keys)
