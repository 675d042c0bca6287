"""Arguments of the wrong type: one sentence each, and the right exception."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, PlacerError, SolverError

LOADS = r"expected an instance, not 'china'; placer\.load\('china'\) returns one"
SOLVES = r"expected a placement, not .*; placer\.solve\(instance\) returns one"


@pytest.fixture(scope="module")
def tiny():
    return placer.load("tiny")


@pytest.mark.parametrize(
    "call",
    [
        placer.solve,
        placer.to_program,
        placer.export_ceiling,
        placer.agent_sensitivity,
        placer.ceiling_at_quantiles,
        lambda name: placer.cost_of_latency(name, [10]),
        lambda name: placer.cure(name, []),
        lambda name: placer.save(name, "unused"),
        lambda name: placer.save_graph(name, "unused.json"),
        placer.synthetic.demand_sets,
        placer.check,
        placer.baselines.nearest,
        placer.baselines.cheapest,
        placer.Session().solve,
    ],
)
def test_a_name_is_no_instance(call):
    """Tests that the name of a dataset where an instance is wanted is told with the call that loads it."""
    with pytest.raises(ArgumentError, match=LOADS) as caught:
        call("china")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, (PlacerError, TypeError))


@pytest.mark.parametrize("call", [placer.explain, placer.compare, placer.economic_range, placer.export_cost])
def test_an_instance_is_no_placement(call, tiny):
    """Tests that what wants a placement says how to come by one."""
    with pytest.raises(ArgumentError, match=SOLVES):
        call(tiny)
    with pytest.raises(ArgumentError, match=SOLVES):
        placer.break_even_gaps("china")


@pytest.mark.parametrize("solver", [5, placer.HiGHS])
def test_a_class_is_no_solver(solver, tiny):
    """Tests that a class of solvers is told with the calls that make a solver, wherever one is taken."""
    calls = [placer.solve, placer.export_ceiling, placer.ceiling_at_quantiles, placer.agent_sensitivity]
    for call in calls:
        with pytest.raises(SolverError, match=r"is not a solver; use placer\.HiGHS\(\), placer\.ColumnGeneration"):
            call(tiny, solver=solver)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda tiny: placer.ceiling_at_quantiles(tiny, [0.5]),
            r"expected a mapping of quantiles by name, not \[0.5\]",
        ),
        (lambda tiny: placer.agent_sensitivity(tiny, calls=[2]), r"expected a mapping of calls by label, not \[2\]"),
        (lambda tiny: next(placer.solve_many(tiny)), "expected a sequence of instances, not an instance"),
        (lambda _: next(placer.solve_many("china")), "expected a sequence of instances, not 'china'"),
        (lambda _: placer.long_table([1], "hub", "mtok"), r"expected a DataFrame, not \[1\]"),
        (lambda _: placer.load_graph(5), "expected a path, not 5"),
        (lambda _: placer.write_template(None), "expected a path, not None"),
        (lambda _: placer.load("tiny", 5), "expected a scenario or several, not 5"),
    ],
)
def test_other_types_are_told(call, message, tiny):
    """Tests the arguments that are mappings, sequences, tables and paths."""
    with pytest.raises(ArgumentError, match=message):
        call(tiny)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1e-3])
def test_amounts_that_are_none_are_told(wrong, tiny):
    """Tests that NaN, which is less than no limit, and amounts below 0 are refused rather than taken as 0."""
    placement = placer.solve(tiny)
    named = {
        "tolerance": lambda: placer.flexibility(placement, "Plateau wind", 0, tolerance=wrong),
        "most_programs": lambda: placer.flexibility(placement, "Plateau wind", 0, most_programs=wrong),
        "most_programs ": lambda: placer.export_cost(placement, most_programs=wrong),
    }
    for name, call in named.items():
        with pytest.raises(ArgumentError, match=f"expected a finite number of at least 0 as {name.strip()}, not"):
            call()


def test_a_dataset_that_is_no_name():
    """Tests that a dataset of another type than a name or path is an error of the input."""
    with pytest.raises(placer.InstanceError, match="is no name"):
        placer.load(pd.DataFrame())
