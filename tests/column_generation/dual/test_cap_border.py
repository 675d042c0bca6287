"""The border of caps; the whole is tested by differences."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from placer.column_generation.dual.cap_border import CapBorder


def test_tier_by_hand():
    """Tests ``-k n`` between a tier and the cap in the border, ``k n m`` with a place, and ``k n n`` of that cap."""
    border = CapBorder(np.array([1]), 2, (1, 6))
    taken = {2: np.array([[-1.0, -1.0]]), 4: np.array([[5.0, 5.0]])}
    border.add_tier(np.array([[2.0, 0.0]]), csr_array([[5.0, 5.0], [3.0, 3.0]]), taken)
    assert border.border.tolist() == [[[0.0, 0.0, -6.0, 0.0, 30.0, 0.0]]]
    assert border.own.tolist() == [[18.0]]
