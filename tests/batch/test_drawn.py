"""Structures of demand sets, drawn without their instances."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.batch.drawn import drawn_structure
from placer.model.formulation import formulate
from tests.paid_and_unpaid import paid_and_unpaid


def test_amounts_are_those_of_the_instance(sets, tiny):
    base = formulate(tiny)
    for number in range(3):
        drawn, asked = drawn_structure(sets, number, base), formulate(sets[number]).structure
        if drawn is not None:
            np.testing.assert_array_equal(drawn.demand_amount, asked.demand_amount)
            np.testing.assert_array_equal(drawn.arc_cost, asked.arc_cost)


@pytest.mark.slow
def test_steps_that_close_arcs_are_noticed(tiny):
    """Tests that a set is drawn if and only if its steps leave the arcs as they are."""
    workloads = tiny.workloads.assign(tools_colocated=0.0, tool_round_trips=3.0)
    instance = tiny.replace(workloads=workloads)
    base = formulate(instance)
    sets = placer.DemandSets(instance, count=8, seed=7)
    for number in range(8):
        asked = formulate(sets[number]).structure
        alike = np.array_equal(asked.arc_site, base.structure.arc_site) and np.array_equal(
            asked.arc_class, base.structure.arc_class
        )
        assert (drawn_structure(sets, number, base) is not None) == alike


def test_other_costs_are_no_change_of_amounts(sets, tiny):
    base = formulate(tiny)
    assert drawn_structure([tiny.replace(carbon_usd_per_kg=0.5)], 0, base) is None
    assert drawn_structure([sets[0]], 0, base) is not None


def test_another_split_of_the_same_price_is_no_change_of_amounts():
    """Tests a premium that nobody is paid beside the same tariff: costs over arcs are equal, transfers are not."""
    paid, unpaid = paid_and_unpaid(0)
    assert drawn_structure([unpaid], 0, formulate(paid)) is None
    assert drawn_structure([paid], 0, formulate(paid)) is not None
