"""One suite over every solver: HiGHS by three methods, what PuLP finds here, and column generation.

Column generation answers structures instead of programs, so it has the second half of the suite, over placements, alone
with the others.
"""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

import placer
from placer.errors import NoSolutionError, SolverError
from placer.ladder.whole_program import solve_program
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP
from placer.termination import Reason
from tests.every_solver import SOLVERS, every_placer, every_solver

INF = np.inf
#: Name, optimal cost, and cost, matrix, row sides and column bounds as ``make_program`` takes them.
OPTIMAL = [
    ("plain", 3.0, ([1, 2], [[1, 1]], [3], [INF])),
    ("equality", 2.0, ([1, 1], [[1, 1]], [2], [2])),
    ("degenerate vertex", -1.0, ([-1, -1], [[1, 1], [1, 0], [0, 1], [1, 2]], [-INF] * 4, [1] * 4)),
    ("degenerate duals", 0.0, ([0, 0], [[1, 1]], [3], [INF])),
    ("tied costs", 6.0, ([2, 2, 2], [[1, 1, 1]], [3], [INF], [0, 0, 0], [2, 2, 2])),
    ("free column", -4.0, ([1, 1], [[1, 1], [1, -1]], [-4, -INF], [INF, 2], [-INF, -INF], [INF, INF])),
    ("boxed columns", -11.0, ([-1, -2], [[1, 1]], [-INF], [10], [1, 2], [3, 4])),
    ("fixed column", 5.0, ([1, 1], [[1, 1]], [5], [INF], [2, 0], [2, INF])),
    ("negative bounds", -3.0, ([-1, 1], [[1, 1]], [-8], [INF], [-INF, -5], [-2, -1])),
    ("ranged row at its lower side", 1.0, ([1, 1], [[1, 2]], [2], [6])),
    ("ranged row at its upper side", -6.0, ([-1, -1], [[1, 2]], [2], [6])),
    ("row without sides", 3.0, ([1, 2], [[1, 1], [1, -1]], [3, -INF], [INF, INF])),
    ("empty row", 3.0, ([1, 2], [[1, 1], [0, 0]], [3, -1], [INF, 1])),
    ("empty columns", 1.0, ([1, 0, 2], [[1, 0, 0]], [3], [INF], [0, 1, -1], [INF, 2, 5])),
    ("no rows", 5.0, ([1, 2], np.zeros((0, 2)), [], [], [1, 2], [INF, INF])),
]
every_optimum = pytest.mark.parametrize(
    ("optimum", "parts"), [case[1:] for case in OPTIMAL], ids=[case[0] for case in OPTIMAL]
)
INFEASIBLE = [
    ("rows that contradict", ([1, 1], [[1, 1], [1, 1]], [3, -INF], [INF, 2])),
    ("row against bounds", ([1, 1], [[1, 1]], [5], [INF], [0, 0], [2, 2])),
    ("empty row", ([1, 2], [[1, 1], [0, 0]], [3, 1], [INF, 1])),
]
UNBOUNDED = [
    ("ray along a row", ([-1, 0], [[1, -1]], [-INF], [1])),
    ("free columns", ([1, 1], [[1, -1]], [0], [INF], [-INF, -INF])),
]
BROKEN = [
    ("NaN cost", ([np.nan, 1], [[1, 1]], [3], [INF])),
    ("inf cost", ([INF, 1], [[1, 1]], [3], [INF])),
    ("NaN in the matrix", ([1, 1], [[np.nan, 1]], [3], [INF])),
    ("inf in the matrix", ([1, 1], [[INF, 1]], [3], [INF])),
    ("NaN side", ([1, 1], [[1, 1]], [np.nan], [INF])),
    ("NaN bound", ([1, 1], [[1, 1]], [3], [INF], [0, np.nan])),
    ("sides that cross", ([1, 1], [[1, 1]], [3], [2])),
    ("no value", ([1, 1], [[1, 1]], [INF], [INF])),
    ("no columns", ([], np.zeros((1, 0)), [0], [1])),
]


def _big_program(make_program, size=60, seed=1):
    """A transportation problem whose solution takes a few hundred iterations."""
    random = np.random.default_rng(seed)
    matrix = np.vstack([np.kron(np.eye(size), np.ones(size)), np.kron(np.ones(size), np.eye(size))])
    lower = np.concatenate([np.full(size, -INF), random.integers(1, 9, size)])
    upper = np.concatenate([np.full(size, 9.0), np.full(size, INF)])
    return make_program(random.integers(1, 100, size * size), matrix, lower, upper)


@every_solver
@every_optimum
def test_optimum(make_program, solver, optimum, parts):
    """Tests that every solver reaches the known optimum of every kind of row and column, and that it is proven."""
    program = make_program(*parts)
    answer = solver.solve(program)
    assert answer.termination.reason is Reason.OPTIMAL
    assert program.cost @ answer.values == pytest.approx(optimum, abs=1e-6)
    solution, certificate = solve_program(program, solver)
    assert certificate.proven
    assert certificate.objective == pytest.approx(optimum, abs=1e-6)
    assert "refused" not in solution.termination.detail


@every_solver
def test_dual_sign_convention(make_program, solver):
    """Tests that duals are >= 0 at lower sides and <= 0 at upper sides, and reduced costs are cost - A' dual."""
    # The least of 3a + 2b with a + b >= 4, a <= 3, a - b >= 0, and the most of it beside: only duals differ in sign.
    low = solver.solve(make_program([3, 2], [[1, 1], [1, -1]], [4, 0], [INF, INF]))
    np.testing.assert_allclose(low.values, [2, 2], atol=1e-6)
    np.testing.assert_allclose(low.row_duals, [2.5, 0.5], atol=1e-6)
    high = solver.solve(make_program([-3, -2], [[1, 1], [1, -1]], [-INF, -INF], [4, 2]))
    np.testing.assert_allclose(high.values, [3, 1], atol=1e-6)
    np.testing.assert_allclose(high.row_duals, [-2.5, -0.5], atol=1e-6)
    program = make_program([1, 5], [[1, 1]], [4], [9], [0, 0], [3, INF])
    boxed = solver.solve(program)
    np.testing.assert_allclose(boxed.row_duals, [5], atol=1e-6)
    np.testing.assert_allclose(program.cost - program.matrix.T @ boxed.row_duals, [-4, 0], atol=1e-6)


@every_solver
@pytest.mark.parametrize("parts", [case[1] for case in INFEASIBLE], ids=[case[0] for case in INFEASIBLE])
def test_infeasible(make_program, solver, parts):
    """Tests that no solver gives a point for a program that has none, and that the reason says so."""
    answer = solver.solve(make_program(*parts))
    assert answer.termination.reason in (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED)
    assert answer.values is None
    with pytest.raises(NoSolutionError) as caught:
        solve_program(make_program(*parts), solver)
    assert caught.value.reason in (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED)


@every_solver
@pytest.mark.parametrize("parts", [case[1] for case in UNBOUNDED], ids=[case[0] for case in UNBOUNDED])
def test_unbounded(make_program, solver, parts):
    """Tests that a cost without limit is reported and never answered with a point."""
    answer = solver.solve(make_program(*parts))
    assert answer.termination.reason in (Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED)
    assert answer.values is None
    with pytest.raises(NoSolutionError):
        solve_program(make_program(*parts), solver)


@every_solver
@pytest.mark.parametrize("parts", [case[1] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_broken_program_is_not_handed_on(make_program, solver, parts, monkeypatch):
    """Tests that a program with NaN, inf or crossed sides is refused before the engine behind a solver is called."""
    monkeypatch.setattr("placer.solvers.highs.arrays_of", _never)
    monkeypatch.setattr("placer.solvers.pulp.to_pulp", _never)
    program = make_program(*parts)
    answer = solver.solve(program)
    assert answer.termination.reason is Reason.FAILED
    assert answer.values is None
    assert answer.row_duals is None
    with pytest.raises(NoSolutionError):
        solve_program(program, solver)


def _never(*_):
    raise AssertionError("handed on")


@every_placer
def test_pickling(solver):
    """Tests that a solver comes back equal, and with the same hash, from pickling."""
    copy = pickle.loads(pickle.dumps(solver))  # noqa: S301 - made on the line itself
    assert copy == solver
    assert hash(copy) == hash(solver)


@every_solver
def test_repeated_solves_are_identical(make_program, solver):
    """Tests that a second solve of the same program gives the same numbers bit for bit."""
    program = _big_program(make_program, size=8)
    first, second = solver.solve(program), solver.solve(program)
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.row_duals, second.row_duals)


@every_solver
def test_program_is_left_as_it_was(make_program, solver):
    """Tests that solving does not write into the arrays of the program."""
    program = _big_program(make_program, size=5)
    parts = (program.cost, program.matrix.data, program.matrix.indices, program.matrix.indptr, program.row_lower)
    before = [part.copy() for part in parts]
    solver.solve(program)
    for part, copy in zip(parts, before, strict=True):
        np.testing.assert_array_equal(part, copy)


@pytest.mark.parametrize("first", SOLVERS, ids=lambda solver: solver.name)
@pytest.mark.parametrize("second", SOLVERS, ids=lambda solver: solver.name)
def test_solvers_do_not_disturb_each_other(make_program, first, second):
    """Tests that any solver answers the same after any other one has run in the process."""
    program = _big_program(make_program, size=6)
    objectives = [program.cost @ solver.solve(program).values for solver in (first, second, first)]
    assert objectives[1] == pytest.approx(objectives[0], rel=1e-6)
    assert objectives[2] == objectives[0]


@every_solver
def test_time_limit_is_honest(make_program, solver):
    """Tests that a solver out of time says so and gives no point, unless it was optimal after all."""
    hurried = (
        HiGHS(solver.method, time_limit_seconds=1e-3)
        if isinstance(solver, HiGHS)
        else PuLP(solver.solver, time_limit_seconds=1e-3)
    )
    program = _big_program(make_program)
    answer = hurried.solve(program)
    assert answer.termination.reason in (Reason.TIME_LIMIT, Reason.OPTIMAL)
    assert (answer.values is None) == (answer.termination.reason is Reason.TIME_LIMIT)
    try:
        _, certificate = solve_program(program, hurried)
    except NoSolutionError as error:
        assert error.reason is Reason.TIME_LIMIT  # noqa: PT017 - both outcomes are honest
    else:
        assert certificate.proven


@pytest.mark.parametrize("method", ["simplex", "ipm"])  # pdlp looks at the clock too rarely for so small a program
def test_time_limit_stops_highs(make_program, method):
    """Tests that HiGHS stops at a limit far below what it needs, and that nothing of the attempt is given out."""
    answer = HiGHS(method, time_limit_seconds=1e-9, options={"presolve": "off"}).solve(_big_program(make_program))
    assert answer.termination.reason is Reason.TIME_LIMIT
    assert answer.values is None


@every_solver
def test_larger_program(make_program, solver):
    """Tests that all solvers agree on a transportation problem with 3600 columns."""
    program = _big_program(make_program)
    _, certificate = solve_program(program, solver)
    _, reference = solve_program(program, HiGHS())
    assert certificate.objective == pytest.approx(reference.objective, rel=1e-6)


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (lambda: placer.HiGHS("simplx"), "simplx"),
        (lambda: placer.HiGHS("hipo"), "hipo"),
        (lambda: placer.HiGHS(None), "None"),
        (lambda: placer.HiGHS(time_limit_seconds=0), "0"),
        (lambda: placer.HiGHS(time_limit_seconds=-1), "-1"),
        (lambda: placer.HiGHS(time_limit_seconds=math.nan), "nan"),
        (lambda: placer.HiGHS(time_limit_seconds="60"), "'60'"),
        (lambda: placer.HiGHS(time_limit_seconds=True), "True"),
        (lambda: placer.HiGHS(time_limit_seconds=None), "None"),
        (lambda: placer.HiGHS(options={"presolv": "on"}), "presolv"),
        (lambda: placer.HiGHS(options={"presolve": 5}), "presolve"),
        (lambda: placer.HiGHS(options={"threads": 1}), "threads"),
        (lambda: placer.HiGHS(options={"time_limit": 5.0}), "time_limit"),
        (lambda: placer.HiGHS(options={"simplex_iteration_limit": "many"}), "simplex_iteration_limit"),
        (lambda: placer.PuLP("NO_SUCH_SOLVER"), "NO_SUCH_SOLVER"),
        (lambda: placer.PuLP("PULP_CBC_CMD", time_limit_seconds=-1), "-1"),
        (lambda: placer.PuLP("HiGHS", time_limit_seconds="x"), "'x'"),
    ],
    ids=range(17),
)  # fmt: skip
def test_bad_solver_options(build, problem):
    """Tests that what a solver would ignore or misread is refused when the solver is made, and named."""
    with pytest.raises(SolverError) as caught:
        build()
    assert problem in str(caught.value)
