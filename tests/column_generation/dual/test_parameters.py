"""Parameters of the dual."""

from __future__ import annotations

import numpy as np

from placer.column_generation.dual.parameters import SMOOTHED_DUAL


def test_unlisted_shares_are_negligible():
    """Tests that what the default reach leaves out is below ``exp(-25) < 1e-10``, and above the floor of a share."""
    assert SMOOTHED_DUAL.share_floor < np.exp(-SMOOTHED_DUAL.shortlist_reach_widths) < 1e-10
