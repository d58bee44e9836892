"""Ids near and far, trees shallow and deep."""

import numpy as np
import pytest

from rongtong.panel.ids import Index, depths_of


@pytest.mark.parametrize("ids", [[0, 1, 2], [2, 0, 1], [7, 3, 11], [5], [2_000_000_000, 3, 1_999_999_999]])
def test_every_id_finds_its_row_and_no_other(ids: list[int]) -> None:
    index = Index(np.array(ids))
    assert index.rows(np.array(ids)).tolist() == list(range(len(ids)))
    strange = np.array([-1, 4, 1_000_000, 2**31 - 1])
    assert index.rows(strange).tolist() == [-1] * 4
    assert len(index.rows(np.array([], dtype=np.int64))) == 0


def test_depths_of_a_chain_and_of_a_cycle() -> None:
    chain = np.arange(-1, 4999)
    assert depths_of(chain).tolist() == list(range(5000))
    assert depths_of(np.array([-1, 2, 3, 1, 1, 0])).tolist() == [0, -1, -1, -1, -1, 1]
    assert depths_of(np.array([0])).tolist() == [-1]
