"""Block by block, against the whole program: costs, proof, ties, caps, processes, limits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.solve_blocks import is_by_blocks, solve_blocks
from placer.errors import NoSolutionError, SolverError
from placer.ladder.proven import solve_structure
from placer.least_cost.tie_break import break_ties
from placer.model.blocks import shared_caps
from placer.model.loads import cost_of
from placer.running import running
from placer.utils.processes import InThisProcess


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("solver", [None, placer.HiGHS(), placer.ColumnGeneration()])
def test_blocks_cost_what_the_whole_program_costs(make_blocks, seed, cyclic, solver):
    """Tests cost, proof and the tie-break of blocks apart against those of the whole."""
    formulation = make_blocks(seed, cyclic=cyclic)
    structure = formulation.structure
    answer, certificate, choice = solve_blocks(formulation, solver, 1, "round_trip")
    whole, proof = solve_structure(structure, placer.HiGHS())
    assert certificate.proven
    assert certificate.objective == pytest.approx(cost_of(structure, whole.point), rel=1e-9)
    _, _, expected = break_ties(formulation, whole, proof)
    if choice.proven and expected.proven:
        assert choice.mtok_ms == pytest.approx(expected.mtok_ms, rel=1e-5)
    assert choice.proven or solver is not None, choice.detail
    assert (answer.prices.cap == 0).all()


@pytest.mark.slow
def test_answers_do_not_depend_on_the_number_of_processes(make_blocks):
    """Tests flows to the last bit: from this process, two processes, and threads, which stay open."""
    formulation = make_blocks(3)
    with ThreadPoolExecutor(2) as threads:
        ways = [(1, None), (2, None), (2, threads), (None, threads)]
        one, *others = (solve_blocks(formulation, None, way[0], "round_trip", way[1])[0] for way in ways)
    for other in others:
        np.testing.assert_array_equal(one.point.amount, other.point.amount)
        np.testing.assert_array_equal(one.prices.demand, other.prices.demand)


def test_when_blocks_are_taken_apart(make_blocks):
    """Tests the choice by number of blocks, size, solver and workers."""
    structure = make_blocks(0).structure
    assert not is_by_blocks(structure, None, None)
    assert not is_by_blocks(structure, placer.HiGHS(), 1)
    assert is_by_blocks(structure, None, 2)
    assert is_by_blocks(structure, None, None, InThisProcess())
    assert is_by_blocks(structure, placer.ColumnGeneration(), None)
    assert not is_by_blocks(replace(structure, block=np.zeros(5, dtype=int)), placer.ColumnGeneration(), 2)
    assert shared_caps(structure).tolist() == []


def test_time_is_over(make_blocks):
    """Tests that a limit that is over ends the call with its reason."""
    with pytest.raises(NoSolutionError) as error, running(time_limit_seconds=1e-9):
        solve_blocks(make_blocks(0), None, 1, None)
    assert error.value.reason is placer.Reason.TIME_LIMIT


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_a_number_of_workers_that_is_none(workers):
    """Tests the refusal at the door."""
    with pytest.raises(SolverError, match="workers"):
        placer.solve(placer.load("tiny"), workers=workers)
