"""Blocks that share several caps, as one program: against the whole program by HiGHS, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks import together as module
from placer.by_blocks.solve_blocks import solve_blocks
from placer.by_blocks.ties import WITHIN_BLOCKS
from placer.by_blocks.together import TogetherParameters, answer_together, is_together
from placer.column_generation.parameters import ColumnGenerationParameters
from placer.errors import NoSolutionError
from placer.ladder.proven import BY_SIZE, solve_structure
from placer.least_cost.tie_break import as_found, break_ties, round_trips
from placer.model.blocks import taken_of_caps
from placer.model.loads import cost_of
from placer.running import running
from placer.termination import Reason
from tests.effort import tries

SOLVER = placer.ColumnGeneration()


def _limited(formulation, *parts):
    """Return the formulation with each of its two caps at a part of what the placement without caps takes."""
    free, _ = solve_structure(formulation.structure, placer.HiGHS())
    limit = np.array(parts) * taken_of_caps(formulation.structure, free.point)
    return replace(formulation, structure=replace(formulation.structure, cap_limit=limit))


@pytest.mark.slow
@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("seed", range(tries(4, 20)))
def test_two_caps_cost_what_the_whole_program_costs(make_blocks, seed, cyclic):
    """Tests cost, use of the caps and the tie-break of the blocks together, which are proven, against HiGHS."""
    capped = _limited(make_blocks(seed, cyclic=cyclic), 0.8, 0.7)
    answer, certificate, choice = solve_blocks(capped, SOLVER, 1, "round_trip")
    whole, proof = solve_structure(capped.structure, placer.HiGHS())
    assert answer.termination.detail.startswith("column generation: optimal")
    assert certificate.proven, certificate.verdict
    assert certificate.objective == pytest.approx(cost_of(capped.structure, whole.point), rel=1e-7)
    assert (taken_of_caps(capped.structure, answer.point) <= capped.structure.cap_limit * (1 + 1e-7)).all()
    _, _, expected = break_ties(capped, whole, proof)
    if expected.proven:
        assert choice.proven, choice.detail
        assert choice.mtok_ms == pytest.approx(expected.mtok_ms, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("seed", range(tries(3, 12)))
def test_ties_of_many_columns_are_broken_within_blocks(make_blocks, seed, workers):
    """Tests that the placement costs as little, keeps the caps, and has no longer round trips than as found."""
    capped = _limited(make_blocks(seed), 0.8, 0.7)
    structure, objective, few = capped.structure, round_trips(capped), TogetherParameters(most_tied_columns=0)
    answer, certificate, choice = answer_together(structure, SOLVER, workers, objective, parameters=few)
    found, proof, _ = answer_together(structure, SOLVER, workers, None)
    assert certificate.proven, certificate.verdict
    assert certificate.objective == pytest.approx(proof.objective, rel=1e-7)
    assert (taken_of_caps(structure, answer.point) <= structure.cap_limit * (1 + 1e-7)).all()
    assert choice.mtok_ms <= as_found(objective, found, "").mtok_ms * (1 + 1e-7)
    assert not choice.proven
    assert WITHIN_BLOCKS in choice.detail or "as found" in choice.detail


def test_when_blocks_are_together(make_blocks):
    """Tests the number of caps, the size and the solver."""
    formulation = make_blocks(0)
    two, one = _limited(formulation, 0.9, 0.9).structure, _limited(formulation, 0.9, np.inf).structure
    assert is_together(two, SOLVER)
    assert not is_together(one, SOLVER)
    assert is_together(two, SOLVER, TogetherParameters(most_columns=two.assignment_count))
    assert not is_together(two, SOLVER, TogetherParameters(most_columns=two.assignment_count - 1))
    assert not is_together(two, placer.HiGHS())
    assert not is_together(two, None)  # small: HiGHS


@pytest.mark.parametrize(("more", "together"), [(0, True), (1, False)])
def test_large_blocks_are_together_without_a_solver(make_blocks, monkeypatch, more, together):
    """Tests a structure that has as many columns as a large one has at least, and one that has one fewer."""
    structure = _limited(make_blocks(0), 0.9, 0.9).structure
    monkeypatch.setattr(module, "BY_SIZE", replace(BY_SIZE, large_from=structure.assignment_count + more))
    assert is_together(structure, None) == together


@pytest.mark.slow
def test_threads_and_ties_as_found(make_blocks):
    """Tests that the number of threads does not count, and that no choice is made without a second objective."""
    structure = _limited(make_blocks(3), 0.8, 0.8).structure
    shared = placer.ColumnGeneration(parameters=ColumnGenerationParameters(least_shared_cells=0))
    (one, _, none), (two, _, _) = (answer_together(structure, shared, threads, None) for threads in (1, 2))
    assert none is None
    np.testing.assert_array_equal(one.point.amount, two.point.amount)


@pytest.mark.slow
@pytest.mark.parametrize(("given", "taken"), [(None, 2), (1, 2), (3, 3)])
def test_threads_of_the_given_solver_stand(make_blocks, monkeypatch, given, taken):
    """Tests that the workers are the threads of column generation unless the solver has several of its own."""
    structure, seen = _limited(make_blocks(3), 0.8, 0.8).structure, []
    answer = placer.ColumnGeneration.answer
    monkeypatch.setattr(
        placer.ColumnGeneration, "answer", lambda self, *rest: seen.append(self.threads) or answer(self, *rest)
    )
    answer_together(structure, given and placer.ColumnGeneration(threads=given), 2, None)
    assert seen == [taken]


@pytest.mark.slow
def test_limits_that_nothing_keeps(make_blocks):
    """Tests that the search over prices has the last word, which says that no placement keeps them."""
    formulation = make_blocks(2)
    structure = replace(formulation.structure, cap_limit=np.array([-1.0, -1.0]))
    assert answer_together(structure, SOLVER, 1, round_trips(formulation)) is None
    with pytest.raises(NoSolutionError) as error:
        solve_blocks(replace(formulation, structure=structure), SOLVER, 1, None)
    assert error.value.reason in (placer.Reason.INFEASIBLE, placer.Reason.ITERATION_LIMIT)


def test_time_is_over(make_blocks):
    """Tests the reason where there is no time."""
    structure = _limited(make_blocks(0), 0.9, 0.9).structure
    with pytest.raises(NoSolutionError) as error, running(time_limit_seconds=1e-9):
        answer_together(structure, SOLVER, 1, None)
    assert error.value.reason is placer.Reason.TIME_LIMIT


def _stops(monkeypatch, reason):
    def search(*_):
        raise NoSolutionError(reason, "stalled")

    monkeypatch.setattr("placer.by_blocks.solve_blocks.answer_sharing", search)


@pytest.mark.parametrize("solver", [None, placer.HiGHS(), placer.ColumnGeneration()])
@pytest.mark.parametrize("reason", [Reason.ITERATION_LIMIT, Reason.FAILED])
@pytest.mark.parametrize("rule", [None, "round_trip"])
def test_one_cap_whose_price_is_not_found(make_blocks, monkeypatch, solver, reason, rule):
    """Tests that blocks are one program where the search over the price of their cap stalls."""
    formulation = _limited(make_blocks(0), 0.8, np.inf)
    expected = solve_structure(formulation.structure)[1].objective
    _stops(monkeypatch, reason)
    _, certificate, choice = solve_blocks(formulation, solver, None, rule)
    assert certificate.proven
    assert certificate.objective == pytest.approx(expected)
    assert (choice is None) == (rule is None)


def test_blocks_that_stay_apart(make_blocks, monkeypatch):
    """Tests the error where no placement keeps the cap, and of large blocks that column generation cannot answer."""
    formulation = _limited(make_blocks(0), 0.8, np.inf)
    _stops(monkeypatch, Reason.INFEASIBLE)
    with pytest.raises(NoSolutionError, match="stalled"):
        solve_blocks(formulation, None, None, None)
    _stops(monkeypatch, Reason.ITERATION_LIMIT)
    large = replace(BY_SIZE, large_from=1)
    monkeypatch.setattr("placer.by_blocks.solve_blocks.BY_SIZE", large)
    with pytest.raises(NoSolutionError, match="stalled"):
        solve_blocks(formulation, placer.HiGHS(), None, None)
