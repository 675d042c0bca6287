"""A sweep over one block, by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest

from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.entering import entering
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.sweep import sweep
from placer.errors import NoSolutionError
from placer.model.formulation import formulate


@pytest.mark.parametrize("parameters", [SweepParameters(), SweepParameters(largest_weight=0.0)])
def test_by_hand(block, parameters):
    """Tests that 8 of 10 Mtok are served from X on, and all, 8 of them exported, from Y on; with weights and levels."""
    found = sweep(block, parameters)
    assert [step.limit for step in found.steps] == [0.0, *block.enter.tolist()]
    assert [step.served for step in found.steps] == pytest.approx([0.0, 8.0, 10.0])
    assert [step.exported for step in found.steps] == pytest.approx([0.0, 0.0, 8.0])
    assert [step.served_high for step in found.steps] == pytest.approx([0.0, 8.0, 10.0], abs=1e-7)
    assert [step.exported_high for step in found.steps] == pytest.approx([0.0, 0.0, 8.0], abs=1e-7)
    _, amount = found.flows
    assert sorted(amount.tolist()) == pytest.approx([0.2, 0.8])
    assert found.runs >= 1
    served, displaced, exported = found.prices
    assert (served.max(), displaced.max(), exported.max()) == pytest.approx((0.0, 0.0, 1.0))
    assert found.weights[1] == 0.0


def test_leaps_leave_an_interval(block):
    """Tests that without iterations X's corner is leapt over, and its figures are bounds."""
    found = sweep(block, SweepParameters(leaps=1), iterations=-1)
    assert [step.served for step in found.steps][-1] == pytest.approx(10.0)
    inner = found.steps[1]
    assert (inner.served, inner.served_high) == pytest.approx((0.0, 10.0), abs=1e-7)


def test_a_deadline_ends_it(block):
    """Tests that a time that is over is told."""
    with pytest.raises(NoSolutionError, match="time limit"):
        sweep(block, deadline=time.monotonic() - 1.0)


def test_a_demand_that_fits_moves_without_a_program(make_instance):
    """Tests that with room for all of it A's demand moves to X and on to Y, and no program runs."""
    formulation = formulate(make_instance(demand=[{"workload": "w", "hub": "A", "mtok": 10.0}]))
    counted = np.ones((1, 1, 1)) * formulation.exported
    (block,) = split(formulation.structure, entering(formulation, "rtt"), counted)
    found = sweep(block)
    assert (found.runs, found.moves) == (0, 2)
    assert [step.exported for step in found.steps] == pytest.approx([0.0, 0.0, 10.0])
