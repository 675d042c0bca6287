"""What column generation hands over: failures, wrong answers, and instances that HiGHS solves sooner."""

from __future__ import annotations

import math

import numpy as np
import pytest

import placer
from placer.column_generation import solver
from placer.column_generation.parameters import (
    ColumnGenerationParameters,
    EffortParameters,
)
from placer.column_generation.rounds import Generated
from placer.column_generation.solver import ColumnGeneration
from placer.errors import NoSolutionError, SolverError
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from tests.column_generation.totals import total


def test_failure_falls_back_on_highs(instance, least, monkeypatch):
    """Tests that where no prices can be found the whole program is solved, and the termination says so."""
    failed = Generated(Reason.FAILED, None, None, -math.inf)
    monkeypatch.setattr(solver, "generate", lambda *_: failed)
    placement = placer.solve(instance, ColumnGeneration())
    assert total(placement) == pytest.approx(least, rel=1e-9)
    assert placement.certificate.proven
    assert placement.termination.detail == "HiGHS simplex: kOptimal, after 1 refused: column generation: failed"


def test_wrong_answer_falls_back_on_highs(instance, least, monkeypatch):
    """Tests that an answer that is not feasible is refused by the certificate, whatever the solver says of it."""
    recover_flows = solver.recover_flows

    def garbage(*given):
        flows = recover_flows(*given)
        flows.amount[:] *= 0.5
        return flows

    monkeypatch.setattr(solver, "recover_flows", garbage)
    placement = placer.solve(instance, ColumnGeneration())
    assert total(placement) == pytest.approx(least, rel=1e-9)
    assert "after 1 refused: column generation: primal infeasibility" in placement.termination.detail


def test_wrong_prices_fall_back_on_highs(instance, least, monkeypatch):
    """Tests that an answer at prices that prove nothing is refused."""
    recover_duals = solver.recover_duals

    def garbage(*given):
        duals = recover_duals(*given)
        duals.demand[:] = 0.0
        duals.capacity[:] = 0.0
        return duals

    monkeypatch.setattr(solver, "recover_duals", garbage)
    placement = placer.solve(instance, ColumnGeneration())
    assert total(placement) == pytest.approx(least, rel=1e-9)
    assert "HiGHS simplex: kOptimal, after 1 refused: column generation: " in placement.termination.detail


def test_everything_fails(instance, monkeypatch):
    """Tests that where HiGHS fails as well the error tells of both."""
    failed = Generated(Reason.FAILED, None, None, -math.inf)
    monkeypatch.setattr(solver, "generate", lambda *_: failed)
    monkeypatch.setattr(ColumnGeneration, "fallback", lambda *_: HiGHS(time_limit_seconds=1e-9))
    with pytest.raises(NoSolutionError, match="column generation: failed; HiGHS simplex: kTimeLimit") as caught:
        placer.solve(instance, ColumnGeneration())
    assert caught.value.reason is Reason.TIME_LIMIT


def test_answer_is_counted(instance):
    """Tests that iterations, seconds and the bound of the answer are there."""
    structure = formulate(instance).structure
    answer, certificate = solve_structure(structure, ColumnGeneration())
    assert answer.iterations > 0
    assert answer.seconds > 0
    assert answer.bound == pytest.approx(certificate.objective, rel=1e-6)
    assert np.isfinite(answer.prices.demand).all()


def test_giving_up_leads_to_the_whole_program(instance):
    """Tests that without patience HiGHS answers, with the same cost, and the termination says why."""
    patient = placer.solve(instance, ColumnGeneration())
    hasty = placer.solve(instance, ColumnGeneration(patience=1e-9))
    assert hasty.cost_usd == pytest.approx(patient.cost_usd, rel=1e-9)
    assert "column generation: given up after" in hasty.termination.detail
    assert "given up" not in patient.termination.detail


def test_no_giving_up_where_the_whole_program_does_not_fit(instance, monkeypatch):
    """Tests that column generation goes on if there is no memory for anything else."""
    monkeypatch.setattr(solver, "fits_into_memory", lambda _: False)
    placement = placer.solve(instance, ColumnGeneration(patience=1e-9))
    assert placement.termination.detail.startswith("column generation: optimal")


def test_masters_that_grow_too_large_are_given_up(instance):
    """Tests that HiGHS answers where no master is small enough, with the same cost."""
    effort = EffortParameters(usual_rounds=0, most_master_part=0.0)
    hasty = placer.solve(
        instance, ColumnGeneration(patience=1e9, parameters=ColumnGenerationParameters(effort=effort)), tie_break=None
    )
    assert "given up after 0 masters" in hasty.termination.detail
    assert hasty.cost_usd == pytest.approx(placer.solve(instance, placer.HiGHS()).cost_usd)


@pytest.mark.parametrize("patience", [0, -1, math.nan, "much", True])
def test_patience_is_a_positive_number(patience):
    """Tests that anything else is refused."""
    with pytest.raises(SolverError, match="patience"):
        ColumnGeneration(patience=patience)


def test_giving_up_does_not_look_at_the_clock(instance, monkeypatch):
    """Tests that the same steps are taken however slow the machine is."""
    effort = EffortParameters(usual_steps=3, dear_multiple=math.inf, seconds_per_pair=0.0)
    hasty = ColumnGeneration(patience=1e-9, parameters=ColumnGenerationParameters(effort=effort))
    first = placer.solve(instance, hasty).termination.detail
    assert "given up after 3 price steps" in first
    ticks = iter(range(0, 10**9, 1000))
    monkeypatch.setattr("placer.column_generation.deadline.time.perf_counter", lambda: next(ticks))
    assert placer.solve(instance, hasty).termination.detail == first
