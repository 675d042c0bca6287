"""The border of caps: how work that waits is looked ahead at, and passed on; the whole is tested by differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from placer.column_generation.dual.cap_border import CapBorder, ahead, later
from placer.column_generation.dual.hessian_waiting import by_pair

#: Delays of 0 or 1 period, over 3 periods, at one site: half of what arrives in period 0 waits, and all in period 2.
PHI = np.array([[[0.5], [1.0], [0.0]], [[0.5], [0.0], [1.0]]])


@pytest.mark.parametrize("pairs", [None, by_pair(PHI)], ids=["delays", "pairs"])
def test_ahead_and_later_by_hand(pairs):
    """Tests means of what is ahead, and sums of what arrives, with all pairs of periods at once and delay by delay."""
    values = np.array([[[2.0]], [[4.0]], [[8.0]]])
    assert ahead(PHI, values, pairs).ravel().tolist() == [3.0, 4.0, 2.0]
    assert later(PHI, values, pairs).ravel().tolist() == [9.0, 5.0, 0.0]


def test_tier_by_hand():
    """Tests ``-k n`` between a tier and the cap in the border, ``k n m`` with a place, and ``k n n`` of that cap."""
    border = CapBorder(np.array([1]), 2, (1, 6))
    taken = {2: np.array([[-1.0, -1.0]]), 4: np.array([[5.0, 5.0]])}
    border.add_tier(np.array([[2.0, 0.0]]), csr_array([[5.0, 5.0], [3.0, 3.0]]), taken)
    assert border.border.tolist() == [[[0.0, 0.0, -6.0, 0.0, 30.0, 0.0]]]
    assert border.own.tolist() == [[18.0]]
