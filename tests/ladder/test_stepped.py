"""Column generation over steps of demand: masters beside every solver, and structures without steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.column_generation.solver import WIDEST_GAP
from placer.ladder.proven import solve_structure
from placer.ladder.stepped import answer_from_prices, without_steps
from placer.model.answer import no_duals
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


def test_prices_of_another_structure_are_enough(structure):
    """Tests that masters from the prices of half the demand prove the cost, as they do from prices of 0."""
    _, whole = solve_structure(structure, placer.HiGHS())
    fewer, _ = solve_structure(replace(structure, demand_amount=0.5 * structure.demand_amount), placer.HiGHS())
    nothing = no_duals(structure, np.zeros(len(structure.cap_limit)))
    for known in (fewer.prices, nothing):
        answer, certificate = answer_from_prices(structure, known, WIDEST_GAP)
        assert answer.flows is not None
        assert certificate.proven
        assert certificate.objective == pytest.approx(whole.objective)


def test_a_first_master_that_meets_no_limit_proves_nothing(monkeypatch):
    """Tests that the cheapest assignments alone, which meet no limit of at least an amount, give no answer."""
    limit = {"limit": "at the port", "kind": "tokens", "sense": ">=", "amount": 180.0, "data_centre": "Port"}
    elastic = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=3).replace(limits=[limit])
    structure = formulate_offered(elastic).structure
    nothing = no_duals(structure, np.zeros(len(structure.cap_limit)))
    assert answer_from_prices(structure, nothing, WIDEST_GAP) is not None
    monkeypatch.setattr("placer.ladder.stepped.REACH", 0.0)
    assert answer_from_prices(structure, nothing, WIDEST_GAP) is None
    assert solve_structure(structure, placer.ColumnGeneration())[1].proven
