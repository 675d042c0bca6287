"""Estimates of the memory of column generation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placer.column_generation.memory import column_generation_bytes
from placer.model.formulation import formulate


def test_column_generation_needs_more_for_longer_windows(make_random_instance):
    """Tests that the curvature is counted by the periods that windows couple, up to all there are."""
    structure = formulate(make_random_instance(1)).structure
    needed = [column_generation_bytes(replace(structure, window=np.full(4, window))) for window in (0, 1, 3, 4, 5, 99)]
    assert needed == sorted(needed)
    assert needed[0] < needed[1] < needed[2] < needed[3] == needed[4] == needed[5]
