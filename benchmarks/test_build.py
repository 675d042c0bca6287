"""From an instance to a program in HiGHS, beside HiGHS' own time and beside PuLP."""

from __future__ import annotations

import pulp
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import placer
from placer.model.scaling import scale

from .families import build
from .peers.plain import plain_data
from .peers.pulp_terms import pulp_model
from .phases import hand_over, no_runs


@pytest.mark.benchmark(group="build")
def test_program(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that a program has a row for every demand, and times making it from an instance."""
    program = benchmark(placer.to_program, fleet)
    demand = program.row_blocks["demand"]
    assert demand.stop - demand.start == len(fleet.demand)


@pytest.mark.benchmark(group="build")
def test_scale(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that scaling keeps the shape, and times it."""
    program = placer.to_program(fleet)
    scaled, _ = benchmark(scale, program)
    assert scaled.matrix.shape == program.matrix.shape


@pytest.mark.benchmark(group="build")
def test_hand_over(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that HiGHS takes a program, and times handing it over."""
    scaled, _ = scale(placer.to_program(fleet))
    with no_runs():
        solution = benchmark(hand_over, scaled)
    assert "refused" not in solution.termination.detail


@pytest.mark.benchmark(group="build")
def test_pulp(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that PuLP's model has as many columns as ours, and times writing it term by term."""
    data = plain_data(fleet)
    problem = benchmark.pedantic(pulp_model, [data], rounds=3)
    assert problem.numVariables() == placer.to_program(fleet).matrix.shape[1]


@pytest.mark.benchmark(group="solve")
def test_highs(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that HiGHS solves a program, and times it with the hand-over."""
    scaled, _ = scale(placer.to_program(fleet))
    solution = benchmark.pedantic(placer.HiGHS().solve, [scaled], rounds=1)
    assert solution.termination.reason is placer.Reason.OPTIMAL


def test_same_optimum() -> None:
    """Tests that PuLP's model, written without placer's formulation, has the same optimum."""
    instance = build("fleet", "smoke")
    problem = pulp_model(plain_data(instance))
    problem.solve(pulp.getSolver("HiGHS", msg=False))
    placement = placer.solve(instance)
    ours = placement.cost_usd + placement.penalty_usd
    assert pulp.value(problem.objective) == pytest.approx(ours, rel=1e-7)
