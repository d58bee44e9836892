"""Paths and the order of rows, without a database."""

import random
from datetime import date
from time import process_time

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from rongtong.kernel.errors import Refused
from rongtong.trees.paths import MAX_LEVELS, NewNode, child_path, in_parent_order, pinyin_of, segment

DAY = date(2024, 1, 1)


def rows(*pairs: tuple[str, str]) -> list[NewNode]:
    return [NewNode(code, code, parent, DAY) for code, parent in pairs]


@given(st.integers(min_value=0, max_value=36**5 - 2))
def test_segments_sort_like_their_numbers(number: int) -> None:
    assert segment(number) < segment(number + 1)
    assert len(segment(number)) == 5


def test_children_may_precede_their_parents() -> None:
    ordered = [row.code for row in in_parent_order(rows(("c", "b"), ("b", "a"), ("a", ""), ("d", "stored")), {"stored"})]
    assert ordered.index("a") < ordered.index("b") < ordered.index("c")
    assert set(ordered) == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("a", "b"), ("b", "a")], "cycle: b → a → b"),
        ([("a", "a")], "cycle: a → a"),
        ([("x", "a"), ("a", "b"), ("b", "a")], "cycle: a → b → a"),
        ([("a", "nowhere")], "a has the parent nowhere"),
        ([("a", ""), ("a", "")], "a stands twice"),
    ],
)
def test_wrong_shapes_are_named(pairs: list[tuple[str, str]], words: str) -> None:
    with translation.override("en"), pytest.raises(Refused, match=words):
        in_parent_order(rows(*pairs), set())


def test_a_chain_of_ten_thousand_in_any_order_is_ordered_in_linear_time() -> None:
    chain = rows(("0", ""), *((str(i), str(i - 1)) for i in range(1, 10_000)))
    random.Random(1).shuffle(chain)
    began = process_time()
    ordered = in_parent_order(chain, set())
    assert process_time() - began < 1.0  # a pass per level would need minutes
    assert [row.code for row in ordered] == [str(i) for i in range(10_000)]


def test_depth_is_bounded() -> None:
    path = "B"
    for number in range(MAX_LEVELS):
        path = child_path(path, number + 1, "x")
    with pytest.raises(Refused):
        child_path(path, 99, "x")


def test_pinyin_holds_full_and_initial_forms() -> None:
    assert pinyin_of("机加车间") == "jijiachejian jjcj"
