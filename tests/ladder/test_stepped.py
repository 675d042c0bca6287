"""Column generation over steps of demand: masters beside every solver, and structures without steps."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ladder.proven import solve_structure
from placer.ladder.stepped import without_steps
from placer.model.formulation import formulate_offered


@pytest.fixture(scope="module")
def structure():
    """Return the structure of the small dataset with elastic demand."""
    elastic = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=6)
    return formulate_offered(elastic).structure


def test_both_kinds_of_solvers_find_the_same(structure):
    """Tests that masters with steps prove the cost of the whole program."""
    (_, whole), (_, generated) = (
        solve_structure(structure, solver) for solver in (placer.HiGHS(), placer.ColumnGeneration())
    )
    assert generated.proven
    assert generated.objective == pytest.approx(whole.objective)


def test_demand_without_steps_is_what_may_be_bought(structure):
    """Tests that steps below the cost without rents are left out, and that the penalty is the highest value."""
    plain = without_steps(structure)
    assert plain.steps is None
    assert (plain.demand_amount < structure.demand_amount).all()
    assert np.allclose(plain.unserved_cost[np.unique(structure.demand_class)], 6.0)
