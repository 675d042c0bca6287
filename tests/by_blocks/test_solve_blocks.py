"""Block by block, against the whole program: costs, proof, ties, caps, processes, limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.solve_blocks import is_by_blocks, solve_blocks
from placer.errors import NoSolutionError, SolverError
from placer.least_cost.tie_break import break_ties
from placer.model.blocks import limited_caps, taken_of_caps
from placer.model.loads import cost_of
from placer.running import running
from placer.solvers.proven import solve_structure


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


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("part", [0.9, 0.6])
def test_a_shared_cap_is_priced(make_blocks, seed, part):
    """Tests cost, use and price of a carbon cap that binds against the whole program."""
    formulation = make_blocks(seed)
    free, _, _ = solve_blocks(formulation, None, 1, None)
    limit = part * taken_of_caps(formulation.structure, free.point)[0]
    structure = replace(formulation.structure, cap_limit=np.array([limit, np.inf]))
    capped = replace(formulation, structure=structure)
    answer, certificate, choice = solve_blocks(capped, None, 1, "round_trip")
    whole, _ = solve_structure(structure, placer.HiGHS())
    assert certificate.proven, certificate.verdict
    assert certificate.objective == pytest.approx(cost_of(structure, whole.point), rel=1e-6)
    assert taken_of_caps(structure, answer.point)[0] <= limit * (1 + 1e-7)
    assert answer.prices.cap[0] > 0
    assert not choice.proven
    assert "share a limit" in choice.detail


@pytest.mark.parametrize("seed", range(3))
def test_two_shared_caps_are_priced(make_blocks, seed):
    """Tests a carbon and a water cap that both bind."""
    formulation = make_blocks(seed)
    free, _, _ = solve_blocks(formulation, None, 1, None)
    limit = np.array([0.8, 0.7]) * taken_of_caps(formulation.structure, free.point)
    structure = replace(formulation.structure, cap_limit=limit)
    _, certificate, _ = solve_blocks(replace(formulation, structure=structure), None, 1, None)
    whole, _ = solve_structure(structure, placer.HiGHS())
    assert certificate.proven, certificate.verdict
    assert certificate.objective == pytest.approx(cost_of(structure, whole.point), rel=1e-6)


def test_a_cap_that_does_not_bind_costs_nothing(make_blocks):
    """Tests that one evaluation is enough."""
    formulation = make_blocks(1)
    free, proof, _ = solve_blocks(formulation, None, 1, None)
    limit = 1.01 * taken_of_caps(formulation.structure, free.point)
    answer, certificate, choice = solve_blocks(
        replace(formulation, structure=replace(formulation.structure, cap_limit=limit)), None, 1, None
    )
    assert certificate.objective == pytest.approx(proof.objective, rel=1e-12)
    assert answer.termination.detail == "2 blocks, 1 prices of what they share"
    assert choice is None


def test_answers_do_not_depend_on_the_number_of_processes(make_blocks):
    """Tests flows to the last bit, from this process and from two."""
    formulation = make_blocks(3)
    one, two = (solve_blocks(formulation, None, workers, "round_trip")[0] for workers in (1, 2))
    np.testing.assert_array_equal(one.point.amount, two.point.amount)
    np.testing.assert_array_equal(one.prices.demand, two.prices.demand)


def test_when_blocks_are_taken_apart(make_blocks):
    """Tests the choice by number of blocks, size, solver and workers."""
    structure = make_blocks(0).structure
    assert not is_by_blocks(structure, None, None)
    assert not is_by_blocks(structure, placer.HiGHS(), 1)
    assert is_by_blocks(structure, None, 2)
    assert is_by_blocks(structure, placer.ColumnGeneration(), None)
    assert not is_by_blocks(replace(structure, block=np.zeros(5, dtype=int)), placer.ColumnGeneration(), 2)
    assert limited_caps(structure).tolist() == []


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
