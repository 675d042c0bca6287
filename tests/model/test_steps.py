"""Steps of demand as arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.model.parts import part_of
from placer.model.steps import Steps

#: One demand with the values 1, 2 and 4, one with the value 3.
STEPS = Steps(np.array([3, 1]), np.array([0.5, 0.3, 0.2, 1.0]), np.array([1.0, 2.0, 4.0, 3.0]))


def test_positions_by_hand():
    """Tests the demand of each step, and where those of a demand begin and end."""
    assert STEPS.demand.tolist() == [0, 0, 0, 1]
    assert STEPS.start.tolist() == [0, 3]
    assert STEPS.is_last.tolist() == [False, False, True, True]


def test_parts_keep_their_steps(make_instance):
    """Tests the steps of the second demand alone, and that steps of other demands are refused."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 10), (1, 4))]
    whole = replace(formulate(make_instance(demand=demand)).structure, steps=STEPS)
    part = part_of(whole, demands=np.array([1]))
    assert part.steps.value.tolist() == [3.0]
    with pytest.raises(ValueError, match="steps of 2 demands, not of 1"):
        replace(part, steps=STEPS)
