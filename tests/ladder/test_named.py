"""Solvers by name, the same in Python and on the command line."""

from __future__ import annotations

import pytest

import placer
from placer.errors import SolverError
from placer.ladder.named import program_solver_of, solver_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("columns", placer.ColumnGeneration(time_limit_seconds=7.0)),
        ("simplex", placer.HiGHS("simplex", 7.0)),
        ("ipm", placer.HiGHS("ipm", 7.0)),
        ("pdlp", placer.HiGHS("pdlp", 7.0)),
        ("pulp:HiGHS", placer.PuLP("HiGHS", 7.0)),
        ("auto", None),
    ],
)
def test_names(name, expected):
    """Tests what each name stands for, with the time limit."""
    assert solver_of(name, 7.0) == expected


def test_solvers_stay_as_they_are():
    """Tests that a solver, and none, are passed on."""
    solver = placer.HiGHS()
    assert solver_of(solver, 7.0) is solver
    assert solver_of(None) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("simplx", "solver 'simplx' is unknown; perhaps simplex: use auto, columns, simplex, ipm, pdlp or pulp:NAME"),
        ("magic", "solver 'magic' is unknown; use auto, columns, simplex, ipm, pdlp or pulp:NAME"),
        ("pulp:magic", "PuLP cannot make solver 'magic'"),
        (5, r"5 is not a solver; use placer.HiGHS\(\), .* or a name: auto, columns"),
        (placer.HiGHS, "is not a solver"),
    ],
)
def test_what_is_no_solver_is_told_with_the_names(given, said):
    """Tests that a typo gets the name that was meant, and all others."""
    with pytest.raises(SolverError, match=said):
        solver_of(given)


@pytest.mark.slow
def test_every_verb_takes_names(tiny_program_verbs):
    """Tests that each public function that takes a solver takes its name, and tells a typo."""
    for call in tiny_program_verbs:
        call("simplex")
        with pytest.raises(SolverError, match="perhaps simplex"):
            call("simplx")


def test_verbs_of_programs_refuse_others():
    """Tests that column generation, which takes no linear programs, is refused where these are solved."""
    placement = placer.solve(placer.load("tiny"))
    assert program_solver_of("ipm", "explain") == placer.HiGHS("ipm")
    for call in (placer.explain, lambda of, solver: placer.price_ranges(of, [0], solver)):
        with pytest.raises(SolverError, match="solves linear programs: use simplex, ipm, pdlp or pulp:NAME, not"):
            call(placement, "columns")


@pytest.fixture
def tiny_program_verbs():
    """Return calls of every public function that takes a solver, given the solver."""
    tiny = placer.load("tiny")
    placement = placer.solve(tiny)
    return [
        lambda solver: placer.solve(tiny, solver),
        lambda solver: placer.Model(tiny).solve(solver),
        lambda solver: placer.agent_sensitivity(
            tiny, "chat", calls={"few": 2.0}, tools_colocated=(0.0,), solver=solver
        ),
        lambda solver: placer.break_even_accelerator_price(tiny, "west", solver=solver),
        lambda solver: placer.ceiling_at_quantiles(tiny, {"p50": 1.0}, solver=solver),
        lambda solver: placer.ceilings_by_region(tiny, solver=solver),
        lambda solver: placer.cost_of_latency(tiny, [50.0], solver=solver),
        lambda solver: placer.explain(placement, solver),
        lambda solver: placer.export_ceiling(tiny, solver=solver).share,
        lambda solver: placer.price_ranges(placement, [0], solver),
        lambda solver: placer.roll(tiny, 1, 1, solver),
    ]
