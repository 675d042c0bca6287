"""Structures solved one after the other, from the prices of those before."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.errors import SolverError
from placer.ladder.price_memory import PriceMemory
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS


@pytest.fixture(scope="module")
def structure():
    """Return the structure of the small dataset."""
    return formulate(placer.load("tiny")).structure


def more(structure, factor):
    """Return the structure with more demand."""
    return replace(structure, demand_amount=factor * structure.demand_amount)


def test_first_is_solved_as_without_prices(structure):
    """Tests that nothing to start from means the default solver, and prices of the first mean column generation."""
    memory = PriceMemory()
    assert memory.approach(structure) == (HiGHS(), None)
    memory.solve_structure(structure)
    solver, start = memory.approach(more(structure, 1.01))
    assert solver == ColumnGeneration()
    assert start is not None


def test_costs_are_those_of_a_cold_solve(structure):
    """Tests three changes of demand, each proven at the cost that HiGHS finds."""
    memory = PriceMemory()
    for factor in (1.0, 1.02, 0.97):
        changed = more(structure, factor)
        certificate = memory.solve_structure(changed)[1]
        assert certificate.proven
        assert certificate.objective == pytest.approx(solve_structure(changed, HiGHS())[1].objective, rel=1e-7)


def test_only_the_last_few_are_kept(structure):
    """Tests that a memory of two keeps two."""
    memory = PriceMemory(kept=2)
    for factor in (1.0, 1.01, 1.02):
        memory.solve_structure(more(structure, factor))
    assert len(memory._known) == 2


def test_solvers_of_whole_programs_are_refused():
    """Tests that HiGHS, which cannot start from prices, is refused."""
    with pytest.raises(SolverError, match="ColumnGeneration"):
        PriceMemory(HiGHS())
