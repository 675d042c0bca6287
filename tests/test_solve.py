"""Solving an instance: with whichever solver, from the instance to the placement or an error."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

import placer
from placer.errors import NoSolutionError
from placer.model.formulation import formulate
from placer.solve import solve
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP
from placer.termination import Reason, Termination
from placer.utils.processes import InThisProcess


def to_structure(instance):
    return formulate(instance).structure


def test_instance_is_left_as_it_was(make_random_instance):
    """Tests that solving writes nothing into the instance."""
    instance, copy = make_random_instance(4), make_random_instance(4)
    solve(instance)
    assert instance == copy


def test_solver_is_the_one_given(make_instance):
    """Tests that the solver asked for is the one that answers, and HiGHS if none is."""
    assert solve(make_instance()).termination.detail == "HiGHS simplex: kOptimal"
    assert solve(make_instance(), solver=PuLP("HiGHS")).termination.detail == "PuLP HiGHS: optimal"


def test_time_limit_is_an_error(make_random_instance):
    """Tests that a solve stopped by its limit gives no placement."""
    solver = HiGHS(time_limit_seconds=1e-9, options={"presolve": "off"})
    with pytest.raises(NoSolutionError) as caught:
        solve(make_random_instance(1), solver=solver)
    assert caught.value.reason is Reason.TIME_LIMIT


@pytest.mark.parametrize("solver", [3, placer.load])
def test_what_is_no_solver_is_refused(solver):
    """Tests that a number or a function in place of a solver is an error of our own."""
    with pytest.raises(placer.SolverError, match="is not a solver"):
        placer.solve(placer.load("tiny"), solver)


@pytest.mark.parametrize("solver", [HiGHS(), placer.ColumnGeneration(patience=1.0)], ids=["HiGHS", "columns"])
def test_default_solver_answers(make_instance, monkeypatch, solver):
    """Tests that whichever solver the size of an instance asks for is the one that answers."""
    monkeypatch.setattr(sys.modules["placer.solve"], "default_solver", lambda _: solver)
    assert solver.name in placer.solve(make_instance()).termination.detail


def test_column_generation_places_as_highs_does(make_instance):
    """Tests cost, penalty and prices of the small instance by hand, with room for 12 at Y."""
    scarce = make_instance(data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 12.0}])
    placement = solve(scarce, placer.ColumnGeneration())
    assert placement.cost_usd == pytest.approx(12 * 20 + 4 * 50)
    assert placement.penalty_usd == 0.0
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50.0, 50.0])


def test_feasible_answer_at_a_limit_is_handed_over(make_random_instance, monkeypatch):
    """Tests that an answer stopped by a limit comes with the error, as a placement with the best bound known."""
    instance = make_random_instance(4)
    structure = to_structure(instance)
    good_answer = placer.ColumnGeneration().answer(structure)
    late = replace(good_answer, termination=Termination(Reason.TIME_LIMIT, "scripted"), bound=-1e9)
    monkeypatch.setattr(placer.ColumnGeneration, "answer", lambda *_: late)
    with pytest.raises(NoSolutionError) as caught:
        solve(instance, placer.ColumnGeneration())
    assert caught.value.placement.certificate.feasible
    # The certificate's own bound is better than what the solver said.
    assert caught.value.bound_usd == pytest.approx(caught.value.placement.certificate.objective, rel=1e-6)


def test_infeasible_answer_at_a_limit_is_not(make_random_instance, monkeypatch):
    """Tests that a point that is not feasible is no placement: the error has only the bound."""
    instance = make_random_instance(4)
    answer = placer.ColumnGeneration().answer(to_structure(instance))
    answer.flows.amount[:] *= 0.5
    late = replace(answer, termination=Termination(Reason.TIME_LIMIT, "scripted"), bound=12.0)
    monkeypatch.setattr(placer.ColumnGeneration, "answer", lambda *_: late)
    with pytest.raises(NoSolutionError) as caught:
        solve(instance, placer.ColumnGeneration())
    assert (caught.value.reason, caught.value.placement, caught.value.bound_usd) == (Reason.TIME_LIMIT, None, 12.0)


@pytest.mark.slow
@pytest.mark.parametrize("reason", [Reason.FAILED, Reason.ITERATION_LIMIT, Reason.TIME_LIMIT])
def test_small_blocks_without_a_proof_are_one_program(make_random_instance, monkeypatch, reason):
    """Tests that two blocks whose search fails are answered whole, and that a limit which is reached ends the call."""
    periods = [{"hour": hour, "block": str(hour // 3)} for hour in range(5)]
    instance = make_random_instance(0).replace(periods=periods)

    def fails(*_):
        raise NoSolutionError(reason, "the gap open")

    least = placer.solve(instance).cost_and_penalty_usd
    monkeypatch.setattr(sys.modules["placer.solve"], "solve_blocks", fails)
    lines = []
    if reason is not Reason.TIME_LIMIT:
        placement = placer.solve(instance, placer.ColumnGeneration(), progress=lines.append)
        assert placement.certificate.proven
        assert placement.cost_and_penalty_usd == pytest.approx(least, rel=1e-6)
        assert "block by block: the gap open; all blocks as one program" in lines
    else:
        with pytest.raises(NoSolutionError, match="the gap open"):
            placer.solve(instance, placer.ColumnGeneration())


def test_an_executor_solves_the_blocks(make_random_instance):
    """Tests that two blocks go to the executor and cost what they do together, and that one block is solved here."""
    sent = []

    class Counting(InThisProcess):
        def submit(self, function, /, *arguments, **keywords):
            sent.append(function.__name__)
            return super().submit(function, *arguments, **keywords)

    whole = make_random_instance(0, carbon_limit_kg=float("inf"), water_limit_litres=float("inf"))
    apart = whole.replace(periods=[{"hour": hour, "block": str(hour // 3)} for hour in range(5)])
    found = solve(apart, executor=Counting())
    assert found.certificate.proven
    assert sent == ["answer_blocks"] * 2
    assert found.cost_and_penalty_usd == pytest.approx(solve(apart).cost_and_penalty_usd, rel=1e-7)
    assert solve(whole, executor=Counting()).certificate.proven
    assert len(sent) == 2
