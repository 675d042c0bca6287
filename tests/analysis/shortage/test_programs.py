"""The program of the lowest shortage, and limits made elastic in it."""

from __future__ import annotations

import numpy as np
import pytest

from placer.analysis.shortage import programs as programs_module
from placer.analysis.shortage.elastic import elastic_limits
from placer.analysis.shortage.programs import (
    Bases,
    Programs,
    cheapest_raise,
    shortage_program,
    with_elastic,
)
from placer.ladder.whole_program import solve_program
from placer.model.program import blocks
from placer.solve import solve
from placer.solvers.highs import HiGHS
from placer.solvers.simplex import Basis
from placer.solvers.started import BASIC, LOWER, StartedHiGHS


@pytest.fixture
def program(state):
    """The program of the lowest shortage."""
    structure = state.formulation.structure
    return shortage_program(structure, structure.tier_limit)


@pytest.fixture
def accelerators(state, program):
    """The elastic accelerators of X."""
    limits = elastic_limits(state, program, state.formulation.structure.tier_limit, 2)
    return next(limit for limit in limits if (limit.limit, limit.name) == ("accelerators", "X"))


def test_the_lowest_shortage(program):
    """Tests that 6 of A's 10 Mtok are short."""
    assert solve_program(program, HiGHS())[1].objective == pytest.approx(6.0)


def test_an_elastic_limit(program, accelerators):
    """Tests that accelerators at 0.1 each are raised until nothing is short: 6 times 0.1."""
    assert (accelerators.size, accelerators.per_unit, accelerators.key) == (
        4.0,
        1.0,
        ("data_centres", 0, "accelerators"),
    )
    assert solve_program(with_elastic(program, [accelerators], np.array([0.1])), HiGHS())[1].objective == pytest.approx(
        0.6
    )
    assert accelerators.raised(6.0, 0.0).cure == "6 more accelerators at X"


def test_the_cheapest_raise(program, accelerators):
    """Tests that leaving 2 short takes 4 accelerators more, at 3 each."""
    raising = cheapest_raise(program, [accelerators], np.array([3.0]), 2.0)
    assert solve_program(raising, HiGHS())[1].objective == pytest.approx(12.0)


@pytest.mark.parametrize("solver", [None, HiGHS()])
def test_what_the_columns_so_far_cannot_satisfy_is_solved_over_all(short, state, program, accelerators, solver):
    """Tests that a raise is found where no assignment was of use before: unserved demand alone exceeds what is left."""
    programs = Programs(solve(short), solver)
    programs._useful[:] = False
    raising = cheapest_raise(program, [accelerators], np.array([3.0]), 2.0)
    values, _ = programs.solve(raising, state.formulation.structure)
    assert raising.cost @ values == pytest.approx(12.0)


def test_part_of_the_columns_gives_the_whole_optimum(make_random_instance):
    """Tests that a program solved over part of its columns has the cost of the whole, proven by the same duals."""
    placement = solve(make_random_instance(2, carbon_limit_kg=1500.0))
    structure = placement.formulation.structure
    program = shortage_program(structure, structure.tier_limit)
    for solver in (HiGHS(), None):
        values, duals = Programs(placement, solver).solve(program, structure)
        assert program.cost @ values == pytest.approx(solve_program(program, HiGHS())[1].objective, rel=1e-8)
        assert (program.cost - program.matrix.T @ duals).min() >= -1e-7


def test_programs_start_from_the_last_basis(short, state, monkeypatch):
    """Tests the lowest shortage, again, with accelerators at no cost, and their least raise, on part of the columns."""
    structure = state.formulation.structure
    program = shortage_program(structure, structure.tier_limit)
    limits = elastic_limits(state, program, structure.tier_limit, 2)
    limit = next(each for each in limits if (each.limit, each.name) == ("accelerators", "X"))
    starts = []
    monkeypatch.setattr(programs_module, "StartedHiGHS", lambda start: starts.append(start) or StartedHiGHS(start))
    programs = Programs(solve(short), None)
    values, _ = programs.solve(program, structure)
    again, _ = programs.solve(program, structure)
    raised, _ = programs.solve(with_elastic(program, [limit], np.zeros(1)), structure)
    least, _ = programs.solve(cheapest_raise(program, [limit], np.ones(1), 0.0), structure)
    unserved = program.col_blocks["u"]
    assert values[unserved].sum() == again[unserved].sum() == pytest.approx(6.0)
    assert raised[unserved].sum() == pytest.approx(0.0, abs=1e-9)
    assert least[-1] == pytest.approx(6.0)
    assert starts[0] is None
    assert starts[1] is not None
    assert starts[-1] is None


@pytest.fixture
def laid(make_program):
    """Return a function that gives a program of so many columns and rows by block."""

    def make(columns, rows):
        count, height = sum(columns.values()), sum(rows.values())
        program = make_program(np.zeros(count), np.ones((height, count)), np.zeros(height), np.ones(height))
        object.__setattr__(program, "col_blocks", blocks(columns))
        object.__setattr__(program, "row_blocks", blocks(rows))
        return program

    return make


def test_nothing_is_kept_at_first(laid):
    """Tests that the first program starts from nothing."""
    assert Bases(1, 1).start(laid({"x": 1}, {"demand": 1}), np.zeros(1, int), np.zeros(1, int)) is None


def test_a_basis_is_moved_by_hand(laid):
    """Tests an assignment kept, one new, a block of the same size, one of another, and one more."""
    bases, upper = Bases(2, 2), 2
    before = laid({"x": 2, "u": 2}, {"demand": 2, "cap": 2})
    statuses = Basis(np.array([BASIC, upper, LOWER, BASIC]), np.array([LOWER, BASIC, LOWER, BASIC]))
    bases.keep(before, np.array([0, 1]), np.array([1, 0]), statuses)
    after = laid({"x": 2, "u": 2, "raise": 1}, {"demand": 2, "cap": 1})
    found = bases.start(after, np.array([0, 1]), np.array([1, 1]))
    assert found is not None
    assert found.columns.tolist() == [BASIC, LOWER, LOWER, BASIC, LOWER]
    assert found.rows.tolist() == [LOWER, BASIC, BASIC]
