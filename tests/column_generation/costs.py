"""The cost that column generation finds."""

from __future__ import annotations

from hypothesis import settings

from placer.column_generation.deadline import Deadline
from placer.column_generation.generation import generate
from placer.column_generation.parameters import (
    DEFAULTS,
)
from placer.termination import Reason
from tests.effort import tries

GAP = 1e-8
# The same examples in every run, and few of them: each solves two structures.
few = settings(max_examples=tries(4, 12), deadline=None, derandomize=True)


def cost(structure, parameters=DEFAULTS):
    found = generate(structure, GAP, Deadline(), parameters=parameters)
    assert found.reason is Reason.OPTIMAL
    assert found.best.gap <= 1e-6
    return found.best.point.objective
