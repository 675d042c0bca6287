"""A memory of states."""

from __future__ import annotations

import numpy as np

from placer.column_generation.early_point import EarlyPoint
from placer.decomposition.cuts import PriceVector
from placer.decomposition.oracle import Evaluated
from placer.planning.costs.memory import NoMemory


def test_nothing_is_remembered(make_program_of_plan):
    """Tests a state that was solved and priced."""
    problem, memory = make_program_of_plan(0), NoMemory()
    units, point = np.zeros(len(problem.cost)), EarlyPoint((np.zeros(1), np.zeros(1)))
    each = Evaluated(0, 1.0, PriceVector.zero(problem.states[0].structure))
    memory.add(units, each)
    memory.add_priced(units, each, point)
    assert memory.find(0, units) is None
    assert memory.priced_at() is None
    assert dict(memory.points) == {}
