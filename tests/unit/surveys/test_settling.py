"""No released figure, complement or combination of figures singles out fewer than k: linear equations on 200 random trees."""

import itertools
import random
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from rongtong.surveys.models import Cell, Wave
from rongtong.surveys.queries import Maker, Part, Union
from rongtong.surveys.settling import Item, common, settle
from rongtong.trees.models import paths_above

K = 5
Place = tuple[str, str]


def tree(rng: random.Random) -> list[Place]:
    """Persons by place and role: a root, up to twelve groups one to three levels below it, some of them tiny, some people at the root."""
    groups = [
        f"B000010000{rng.randint(1, 3)}" + (f"{rng.randint(1, 9):05d}" if rng.random() < 0.7 else "") for _ in range(rng.randint(1, 12))
    ]
    people: list[Place] = []
    for path in dict.fromkeys([*groups, *(["B00001"] if rng.random() < 0.5 else [])]):
        for role, most in (("leaders", 4), ("members", 12), ("staff", 30)):
            people += [(path, role)] * rng.randint(0, most)
    return people


def items_of(people: Iterable[Place]) -> list[Item]:
    counts: dict[Place, int] = {}
    for place in people:
        counts[place] = counts.get(place, 0) + 1
    return [Item(path, role, count, ((path, role),)) for (path, role), count in sorted(counts.items())]


def released(people: Sequence[Place], answered: Sequence[bool], k: int = K) -> list[tuple[Union, np.ndarray]]:
    """What a wave shows, each with who is in it (of those who answered): atoms at launch, blocks at close, unions for the page."""
    atoms = settle(items_of(people), k)
    if not atoms:
        return []
    atom_of = {key: at for at, atom in enumerate(atoms) for key in atom.keys}
    counts = [0] * len(atoms)
    for place, did in zip(people, answered, strict=True):
        counts[atom_of[place]] += did
    blocks = settle([Item(atom.path, atom.role, counts[at], (at,)) for at, atom in enumerate(atoms)], k)
    head = {at: block.keys[0] for block in blocks for at in block.keys}
    if not blocks:
        return []
    wave = Wave(k_score=k)
    cells = [Cell(pk=at, wave=wave, invited=atom.count, block_id=head[at]) for at, atom in enumerate(atoms)]
    nodes = {path: at for at, path in enumerate(sorted({path for path, _role in people}))}
    parts = [Part(at, head[at], nodes[path], path, path, role) for at, atom in enumerate(atoms) for path, role in atom.keys]
    units = {above: above for path in nodes for above in (*paths_above(path), path) if len(above) > 6}
    shown = Maker(wave, cells, parts, units).all()
    inside = np.array([head[atom_of[place]] for place in people])
    there = np.array(answered, dtype=bool)
    return [(union, np.isin(inside, list(union.blocks)) & there) for union in shown]


def isolated(rows: np.ndarray, k: int) -> list[int]:
    """Sizes below k of sets of persons whose indicator is a linear combination of the rows: what a reader could work out by arithmetic."""
    columns, counts = np.unique(rows.astype(float), axis=1, return_counts=True)
    used = columns.any(axis=0)
    small = [at for at in range(columns.shape[1]) if used[at] and counts[at] < k]
    rank = np.linalg.matrix_rank(columns)
    found = []
    for many in range(1, min(len(small), 6) + 1):
        for chosen in itertools.combinations(small, many):
            size = int(counts[list(chosen)].sum())
            if size >= k:
                continue
            indicator = np.zeros(columns.shape[1])
            indicator[list(chosen)] = 1.0
            if np.linalg.matrix_rank(np.vstack([columns, indicator])) == rank:
                found.append(size)
    return found


def waves(seed: int) -> tuple[list[Place], list[bool], list[Place], list[bool]]:
    """Two waves over a tree; between them people move, leave and join; not everyone answers."""
    rng = random.Random(seed)
    first = tree(rng)
    places = sorted(set(first)) or [("B00001", "staff")]
    second = [rng.choice(places) if rng.random() < 0.08 else place for place in first]
    rate = rng.choice([0.3, 0.6, 0.9, 1.0])
    return first, [rng.random() < rate for _ in first], second, [rng.random() < rate for _ in second]


@pytest.mark.parametrize("seed", range(200))
def test_no_combination_of_what_is_shown_singles_out_fewer_than_k(seed: int) -> None:
    people, answered, later, answered_later = waves(seed)
    one, two = released(people, answered), released(later, answered_later)
    for shown, persons, did in ((one, people, answered), (two, later, answered_later)):
        assert all(int(members.sum()) >= K for _union, members in shown)
        if shown:
            assert isolated(np.array([members for _union, members in shown]), K) == []
        assert bool(shown) == (len(persons) >= K and sum(did) >= K)
    if one and two:  # an answer is given anew in each wave: its unknown is (person, wave), and transfers join no equations
        left = np.array([np.concatenate([members, np.zeros(len(later), bool)]) for _union, members in one])
        right = np.array([np.concatenate([np.zeros(len(people), bool), members]) for _union, members in two])
        assert isolated(np.vstack([left, right]), K) == []


def test_the_equations_find_a_complement_that_singles_out_three() -> None:
    """The check can fail: all of a unit beside its ten employees leaves the three leaders that were counted elsewhere."""
    unit, staff = np.ones(13, bool), np.array([True] * 10 + [False] * 3)
    assert isolated(np.array([unit, staff]), K) == [3]
    assert isolated(np.array([unit]), K) == []


@pytest.mark.parametrize("seed", range(200))
def test_everyone_is_in_exactly_one_atom(seed: int) -> None:
    people = tree(random.Random(seed))
    atoms = settle(items_of(people), K)
    if len(people) < K:
        assert atoms == []
        return
    keys = [key for atom in atoms for key in atom.keys]
    assert sorted(keys) == sorted(set(people))
    assert sum(atom.count for atom in atoms) == len(people)
    assert min(atom.count for atom in atoms) >= K


def test_leaders_too_few_in_each_unit_are_counted_over_all_units() -> None:
    rows = [Item(f"B000010000{at}", role, count, ((at, role),)) for at in range(1, 5) for role, count in (("leaders", 2), ("staff", 20))]
    atoms = settle(rows, K)
    assert sorted((atom.role, atom.count) for atom in atoms) == [("leaders", 8), ("staff", 20), ("staff", 20), ("staff", 20), ("staff", 20)]


def test_too_few_leaders_in_all_are_counted_with_the_others() -> None:
    rows = [Item("B0000100001", "leaders", 3, ("a",)), Item("B0000100001", "staff", 20, ("b",))]
    assert [(atom.role, atom.count) for atom in settle(rows, K)] == [("staff", 23)]


def test_small_units_are_joined_with_their_neighbours_first() -> None:
    rows = [
        Item("B000010000100001", "", 3, ("a",)), Item("B000010000100002", "", 2, ("b",)), Item("B000010000200001", "", 4, ("c",)),
        Item("B000010000200002", "", 30, ("d",)),
    ]  # fmt: skip
    assert sorted(atom.keys for atom in settle(rows, K)) == [("a", "b"), ("d", "c")]


def test_fewer_than_k_altogether_are_nothing() -> None:
    assert settle([Item("B00001", "staff", 4, ("a",))], K) == []
    assert common(["B0000100001", "B0000100001"]) == "B0000100001"
