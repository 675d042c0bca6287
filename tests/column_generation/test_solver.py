"""Column generation as a solver: what it refuses, how it stops, and what it falls back on."""

from __future__ import annotations

import math
import pickle
import threading
import time
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import placer
from placer.column_generation import deadline, solver
from placer.column_generation.parameters import (
    ColumnGenerationParameters,
    ShortlistParameters,
)
from placer.column_generation.rounds import Generated
from placer.column_generation.solver import GAP, WIDEST_GAP, ColumnGeneration, column_generation_bytes
from placer.errors import NoSolutionError, SolverError
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from tests.column_generation.totals import NO_CAPS, total

#: Few columns are near, so that one master is not enough.
TWO_ROUNDS = ColumnGenerationParameters(shortlist=ShortlistParameters(reach_widths=3.0))
#: Threads share the work however small it is.
SHARED = ColumnGenerationParameters(least_shared_cells=0)


@pytest.mark.parametrize("gap", [0, -1e-9, 1e-3, math.nan, math.inf, True, "1e-8", None])
def test_gap_that_makes_no_sense_is_refused(gap):
    """Tests that the gap is a number above 0 and at most the widest that counts as proven."""
    with pytest.raises(SolverError, match="gap"):
        ColumnGeneration(gap=gap)


@pytest.mark.parametrize("seconds", [0, -1.0, math.nan, True, "10", None])
def test_time_limit_that_makes_no_sense_is_refused(seconds):
    """Tests that the limit is a positive number of seconds."""
    with pytest.raises(SolverError, match="time limit"):
        ColumnGeneration(time_limit_seconds=seconds)


@pytest.mark.parametrize("threads", [0, -1, 1.0, True, None])
def test_threads_that_make_no_sense_are_refused(threads):
    """Tests that the number of threads is a positive whole number."""
    with pytest.raises(SolverError, match="threads"):
        ColumnGeneration(threads=threads)


@pytest.mark.parametrize(("threads", "workers", "taken"), [(1, None, 1), (1, 3, 3), (2, None, 2), (2, 3, 2), (2, 1, 2)])
def test_workers_are_threads_unless_these_are_set(threads, workers, taken):
    """Tests that a number of threads that the user chose stands."""
    assert ColumnGeneration(gap=1e-7, threads=threads).with_workers(workers) == ColumnGeneration(
        gap=1e-7, threads=taken
    )


@pytest.mark.slow
@pytest.mark.parametrize("least_columns", [np.inf, 0], ids=["numpy", "kernels"])
@pytest.mark.parametrize("seed", range(4))
def test_threads_change_no_bit(make_random_instance, seed, least_columns, monkeypatch):
    """Tests that flows and duals are the same whatever the number of threads, with and without compiled kernels."""
    monkeypatch.setattr("placer.kernels.choice.LEAST_COLUMNS", least_columns)
    structure = formulate(make_random_instance(seed, cyclic=bool(seed % 2))).structure
    one, *others = (ColumnGeneration(threads=threads, parameters=SHARED).answer(structure) for threads in (1, 2, 3))
    for side in ("flows", "duals"):
        for field in fields(getattr(one, side)):
            for other in others:
                pair = (getattr(getattr(answer, side), field.name) for answer in (one, other))
                np.testing.assert_array_equal(*pair)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_kernels_give_the_same_answer(make_random_instance, seed, monkeypatch):
    """Tests proven answers with and without compiled kernels: costs and prices differ by rounding."""
    structure, found = formulate(make_random_instance(seed, cyclic=bool(seed % 2))).structure, []
    for least_columns in (np.inf, 0):
        monkeypatch.setattr("placer.kernels.choice.LEAST_COLUMNS", least_columns)
        _, certificate = solve_structure(structure, ColumnGeneration())
        assert certificate.proven
        found.append(certificate.objective)
    assert found[1] == pytest.approx(found[0], rel=1e-9)


@pytest.mark.parametrize(("spare", "threads"), [(0, 3), (1, 1)])
def test_small_classes_stay_on_one_thread(instance, monkeypatch, spare, threads):
    """Tests three threads where classes have as many cells as it takes, and one where they have one fewer."""
    structure, taken = formulate(instance).structure, []
    cells = structure.sites * len(structure.demand_amount) // structure.classes
    shared_among = solver.shared_among
    monkeypatch.setattr(solver, "shared_among", lambda count: taken.append(count) or shared_among(count))
    parameters = ColumnGenerationParameters(least_shared_cells=cells + spare)
    ColumnGeneration(threads=3, parameters=parameters).answer(structure)
    assert taken == [threads]


def test_parameters_that_do():
    """Tests the edges of what is allowed, and that solvers with the same figures are equal, whatever they tell."""
    assert ColumnGeneration().gap == GAP
    assert ColumnGeneration(gap=WIDEST_GAP, time_limit_seconds=1).gap == WIDEST_GAP
    assert ColumnGeneration(progress=print) == ColumnGeneration()
    assert ColumnGeneration(parameters=TWO_ROUNDS) != ColumnGeneration()


def test_parameters_of_another_type_are_refused():
    """Tests that one group of parameters in the place of all is told."""
    with pytest.raises(SolverError, match="ColumnGenerationParameters"):
        ColumnGeneration(parameters=ShortlistParameters())


def test_can_be_sent_to_other_processes():
    """Tests that a solver survives pickling."""
    solver = ColumnGeneration(gap=1e-7, time_limit_seconds=60.0, parameters=TWO_ROUNDS)
    assert pickle.loads(pickle.dumps(solver)) == solver  # noqa: S301 - our own bytes


def test_fallback_has_the_time_that_is_left():
    """Tests that HiGHS is what it falls back on, in the time that is left."""
    assert ColumnGeneration(time_limit_seconds=7.0).fallback(2.5) == HiGHS(time_limit_seconds=2.5)


def test_no_time_is_left_for_the_fallback(instance, monkeypatch):
    """Tests that what failed when the time was used up is not tried again."""
    spent = Generated(Reason.FAILED, None, None, -math.inf)
    monkeypatch.setattr(solver, "generate", lambda *_: time.sleep(0.02) or spent)
    with pytest.raises(NoSolutionError) as caught:
        placer.solve(instance, ColumnGeneration(time_limit_seconds=0.01))
    assert caught.value.reason is Reason.TIME_LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 4])
def test_placement_is_that_of_highs(make_random_instance, seed):
    """Tests cost and proof of instances with links, windows, tiers and caps, solved without the whole program."""
    instance = make_random_instance(seed)
    found = placer.solve(instance, ColumnGeneration())
    assert total(found) == pytest.approx(total(placer.solve(instance, HiGHS())), rel=1e-7)
    assert found.certificate.proven
    assert found.termination.reason is Reason.OPTIMAL
    assert found.termination.detail.startswith("column generation: optimal, ")


def test_nothing_is_asked_for(instance):
    """Tests that a demand of nothing is left to HiGHS, which places nothing: taking power may still earn something."""
    structure = formulate(instance).structure
    idle = replace(structure, demand_amount=np.zeros_like(structure.demand_amount))
    answer, certificate = solve_structure(idle, ColumnGeneration())
    assert certificate.proven
    assert len(answer.point.demand) == 0
    assert "after 1 refused: column generation: nothing is asked for" in answer.termination.detail


@pytest.mark.parametrize("seed", range(3))
def test_no_time(make_random_instance, seed):
    """Tests that a limit that is over at once is an error with that reason, and what bound there is holds."""
    instance = make_random_instance(seed)
    with pytest.raises(NoSolutionError) as caught:
        placer.solve(instance, ColumnGeneration(time_limit_seconds=1e-9))
    assert caught.value.reason is Reason.TIME_LIMIT
    assert caught.value.placement is None
    assert caught.value.bound_usd <= total(placer.solve(instance, HiGHS()))
    assert not math.isnan(caught.value.bound_usd)


@pytest.mark.parametrize("word", ["nearing", "round 2"])
def test_interrupt_from_the_callback(instance, word):
    """Tests that what the callback raises gets out, leaves no thread behind, and the solver can be used again."""

    def interrupt(text):
        if text.startswith(word):
            raise KeyboardInterrupt

    threads, pools = threading.active_count(), [pool["num_threads"] for pool in threadpool_info()]
    with pytest.raises(KeyboardInterrupt):
        placer.solve(instance, ColumnGeneration(progress=interrupt, parameters=TWO_ROUNDS))
    assert threading.active_count() == threads
    assert [pool["num_threads"] for pool in threadpool_info()] == pools


@pytest.fixture
def clock(monkeypatch):
    """Let the clock of the watch stand still until it is told to jump past any limit."""
    now = SimpleNamespace(late=0.0)
    started = time.perf_counter()
    monkeypatch.setattr(deadline, "time", SimpleNamespace(perf_counter=lambda: started + now.late))
    return now


def test_time_is_up_midway(instance, least, clock):
    """Tests that the best placement so far is handed over, feasible by its certificate, with a bound below it."""

    def jump(text):
        if text.startswith("round 2"):
            clock.late = 1e6

    with pytest.raises(NoSolutionError) as caught:
        placer.solve(instance, ColumnGeneration(time_limit_seconds=1e5, progress=jump, parameters=TWO_ROUNDS))
    stopped = caught.value
    assert stopped.reason is Reason.TIME_LIMIT
    assert stopped.placement.certificate.feasible
    assert not stopped.placement.certificate.proven
    assert ", 1 masters, gap " in stopped.detail
    assert stopped.bound_usd <= least * (1 + 1e-9)
    assert total(stopped.placement) >= least * (1 - 1e-9)
    assert stopped.bound_usd == pytest.approx(least, rel=0.1)
    assert stopped.placement.gap >= 1 - stopped.bound_usd / total(stopped.placement) - 1e-9
    assert f"the best so far {total(stopped.placement):,.2f} USD" in str(stopped)


def test_time_is_up_before_the_first_master(make_random_instance, clock):
    """Tests that without a placement there is at least the bound of the path, close by.

    The instance is one whose path goes on until it is narrow; where few columns are left early, its bound is far off.
    """
    instance = make_random_instance(4, **NO_CAPS)
    least = total(placer.solve(instance, HiGHS()))

    def jump(text):
        if text.startswith("round 1"):
            clock.late = 1e6

    with pytest.raises(NoSolutionError) as caught:
        placer.solve(instance, ColumnGeneration(time_limit_seconds=1e5, progress=jump))
    assert caught.value.placement is None
    assert 0.999 * least < caught.value.bound_usd <= least * (1 + 1e-9)


def test_progress_says_how_far_it_is(instance):
    """Tests that steps to the prices, then rounds are told, each in a sentence."""
    told = []
    placer.solve(instance, ColumnGeneration(progress=told.append))
    kinds = [text.split(":")[0].split(" ")[0] for text in told]
    assert set(kinds) == {"nearing", "round"}
    assert kinds == sorted(kinds)


def test_column_generation_needs_more_for_classes_that_wait(make_random_instance):
    """Tests that the curvature is counted once more for every class that may wait, however long."""
    structure = formulate(make_random_instance(1)).structure
    windows = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 2, 0], [0, 99, 99, 0]])
    needed = [column_generation_bytes(replace(structure, window=window)) for window in windows]
    assert needed[0] < needed[1] < needed[2] == needed[3]
