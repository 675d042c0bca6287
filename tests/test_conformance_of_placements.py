"""One suite over every solver of placements, column generation among them."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.column_generation.solver import ColumnGeneration
from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.solve import solve
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from tests.every_solver import every_placer, every_solver

#: Of the small instance (10 Mtok at A, 6 at B; power at 50 USD/MWh at X, 20 at Y): least cost, and what is changed.
PLACEMENTS = [
    ("all at the cheap site", 320.0, {}),
    (
        "limit that binds",
        4 * 20.0 + 12 * 50.0,
        {"data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 4.0}]},
    ),
    (
        "short of supply",
        6 * 20.0 + 10 * 1000.0,
        {"supplies": [{"power_zone": "zy", "data_centre": "Y", "limit_mw": 6.0}]},
    ),
    ("nothing can be served", 16 * 1000.0, {"supplies": []}),
    (
        "power that earns",
        -320.0,
        {"power_zones": [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": -20.0}]},
    ),
    ("ties", 800.0, {"power_zones": [{"power_zone": zone, "usd_per_mwh": 50.0} for zone in ("zx", "zy")]}),
]


@every_placer
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("least", "changes"), [case[1:] for case in PLACEMENTS], ids=[case[0] for case in PLACEMENTS])
def test_least_cost(make_instance, solver, least, changes):
    """Tests that every solver places the small instance at the cost one computes by hand, proven."""
    placement = solve(make_instance(**changes), solver)
    assert placement.certificate.proven
    assert placement.certificate.objective == pytest.approx(least, rel=1e-6)
    assert placement.cost_usd + placement.penalty_usd == pytest.approx(least, rel=1e-6)


@pytest.fixture(scope="module", params=range(3))
def reference(make_random_instance, request):
    """Return a placement by the simplex method of an instance with every kind of row."""
    return solve(make_random_instance(request.param, cyclic=request.param == 1), HiGHS())


@every_placer
def test_same_least_cost(solver, reference):
    """Tests that all solvers agree on instances with every kind of row, and no bound is above any cost."""
    placement = solve(reference.instance, solver)
    assert placement.certificate.objective == pytest.approx(reference.certificate.objective, rel=1e-6)
    assert placement.certificate.bound <= reference.certificate.objective * (1 + 1e-9)


@every_placer
def test_repeated_placements_are_identical(make_random_instance, solver):
    """Tests that a second answer to the same structure has the same numbers bit for bit."""
    structure = formulate(make_random_instance(4)).structure
    (first, _), (second, _) = (solve_structure(structure, solver) for _ in range(2))
    for side in ("point", "prices"):
        for field in fields(getattr(first, side)):
            one, other = (getattr(getattr(answer, side), field.name) for answer in (first, second))
            np.testing.assert_array_equal(one, other)


@every_placer
def test_structure_is_left_as_it_was(make_random_instance, solver):
    """Tests that an answer does not write into the arrays of the structure."""
    structure = formulate(make_random_instance(5)).structure
    arrays = {field.name: getattr(structure, field.name) for field in fields(structure)}
    before = {name: array.copy() for name, array in arrays.items() if isinstance(array, np.ndarray)}
    solve_structure(structure, solver)
    for name, copy in before.items():
        np.testing.assert_array_equal(arrays[name], copy)


@pytest.mark.slow
@every_solver
def test_column_generation_does_not_disturb(make_random_instance, solver):
    """Tests that column generation and any other solver answer the same after the other has run in the process."""
    structure = formulate(make_random_instance(6)).structure
    order = (solver, ColumnGeneration(), solver, ColumnGeneration())
    costs = [solve_structure(structure, each)[1].objective for each in order]
    assert costs[0] == costs[2]
    assert costs[1] == costs[3]
    assert costs[1] == pytest.approx(costs[0], rel=1e-6)


@every_placer
def test_time_limit_of_a_placement_is_honest(make_random_instance, solver):
    """Tests that a placement that runs out of time says so, unless it was proven in time."""
    hurried = replace(solver, time_limit_seconds=1e-4)
    try:
        placement = solve(make_random_instance(7), hurried)
    except NoSolutionError as error:
        assert error.reason is Reason.TIME_LIMIT  # noqa: PT017 - both outcomes are honest
    else:
        assert placement.certificate.proven
