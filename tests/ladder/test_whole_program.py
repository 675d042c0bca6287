"""Whole programs: the ladder that lets no unproven answer out, and answers that do not depend on units."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest

from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.formulation import formulate
from placer.model.program import LPSolution
from placer.running import running, seconds_left
from placer.solve import to_program
from placer.solvers.highs import HiGHS
from placer.termination import Reason, Termination
from tests.effort import tries


@dataclass(frozen=True)
class Scripted:
    """A solver that gives its answers in turn, each a function of the program, and remembers how often it was asked."""

    script: tuple
    asked: list
    others: tuple = ()
    name: str = "scripted"

    def solve(self, program):
        """Give the next answer."""
        self.asked.append(program)
        return self.script[(len(self.asked) - 1) % len(self.script)](program)

    def fallbacks(self):
        """Give the others."""
        return self.others


def good(program):
    return HiGHS().solve(program)


def garbage(program):
    return replace(good(program), values=np.full(len(program.cost), 0.125))


def not_a_number(program):
    return replace(good(program), values=np.full(len(program.cost), np.nan))


def to_structure(instance):
    return formulate(instance).structure


def stopped(reason):
    return lambda _: LPSolution(Termination(reason, f"scripted: {reason}"))


@pytest.fixture(scope="module")
def program(make_random_instance):
    return to_program(make_random_instance(2))


def test_first_good_answer_is_taken(program):
    """Tests that a solver that is right is asked once, and nothing is noted."""
    solver = Scripted((good,), [])
    solution, certificate = solve_program(program, solver)
    assert len(solver.asked) == 1
    assert certificate.proven
    assert "refused" not in solution.termination.detail


@pytest.mark.parametrize("wrong", [garbage, not_a_number], ids=["garbage", "NaN"])
def test_wrong_answer_is_sought_again(program, wrong):
    """Tests that after a wrong answer the solver is asked again, and what was refused is noted."""
    solver = Scripted((wrong, good), [])
    solution, certificate = solve_program(program, solver)
    assert len(solver.asked) == 2
    assert certificate.proven
    assert "after 1 refused: scripted: " in solution.termination.detail
    assert solution.termination.reason is Reason.OPTIMAL


@pytest.mark.parametrize("wrong", [garbage, stopped(Reason.FAILED)], ids=["garbage", "failure"])
def test_fallback_is_asked_after_two_failures(program, wrong):
    """Tests that a solver that keeps failing, whatever the way, is given up for its fallback."""
    solver = Scripted((wrong,), [], others=(HiGHS(),))
    solution, certificate = solve_program(program, solver)
    assert len(solver.asked) == 2
    assert certificate.proven
    assert "HiGHS simplex: kOptimal, after 2 refused" in solution.termination.detail


def test_fallback_that_fails_leads_to_the_next(program):
    """Tests that fallbacks are asked in turn, once each."""
    second = Scripted((garbage,), [])
    solution, _ = solve_program(program, Scripted((garbage,), [], others=(second, HiGHS())))
    assert len(second.asked) == 1
    assert "after 3 refused" in solution.termination.detail


def test_no_good_answer_is_an_error(program):
    """Tests that garbage from every solver raises, and the error tells each attempt."""
    with pytest.raises(NoSolutionError) as caught:
        solve_program(program, Scripted((garbage,), [], others=(Scripted((not_a_number,), [], name="other"),)))
    assert caught.value.reason is Reason.FAILED
    assert caught.value.detail.count("scripted: ") == 2
    assert caught.value.detail.count("other: ") == 1
    assert "no verified solution (failed)" in str(caught.value)


@pytest.mark.parametrize(
    "reason",
    [
        Reason.TIME_LIMIT,
        Reason.ITERATION_LIMIT,
        Reason.MEMORY_LIMIT,
        Reason.INTERRUPTED,
        Reason.INFEASIBLE,
        Reason.UNBOUNDED,
        Reason.INFEASIBLE_OR_UNBOUNDED,
    ],
)
def test_limit_ends_the_search(program, reason):
    """Tests that a limit reached, or a program without optimum, is reported at once and nobody else is asked."""
    never = Scripted((good,), [])
    solver = Scripted((stopped(reason),), [], others=(never,))
    with pytest.raises(NoSolutionError) as caught:
        solve_program(program, solver)
    assert caught.value.reason is reason
    assert len(solver.asked) == 1
    assert never.asked == []


def test_limit_after_garbage_tells_both(program):
    """Tests that the error of a limit also tells what was refused before it."""
    with pytest.raises(NoSolutionError) as caught:
        solve_program(program, Scripted((garbage, stopped(Reason.TIME_LIMIT)), []))
    assert caught.value.reason is Reason.TIME_LIMIT
    assert "primal infeasibility" in caught.value.detail


def test_answer_claimed_optimal_is_not_believed(program):
    """Tests that a solution of other costs, called optimal by its solver, is refused."""
    with pytest.raises(NoSolutionError, match="gap"):
        solve_program(program, Scripted((lambda scaled: good(replace(scaled, cost=scaled.cost[::-1].copy())),), []))


def test_solution_is_in_the_units_of_the_program(program):
    """Tests that point, duals and objective come back unscaled."""
    solution, certificate = solve_program(program, HiGHS())
    raw = HiGHS().solve(program)
    assert certificate.objective == pytest.approx(program.cost @ raw.values, rel=1e-9)
    assert certificate.objective == pytest.approx(program.cost @ solution.values, rel=1e-9)
    assert certificate.bound == pytest.approx(certificate.objective, rel=1e-9)


def test_widest_range_is_refused(make_program):
    """Tests that a program whose coefficients stay too far apart after scaling is refused by name of the range."""
    program = make_program([1, 1], [[1, 1e12], [1e12, 1]], [1, 1], [np.inf, np.inf])
    with pytest.raises(NoSolutionError, match="coefficients range over"):
        solve_program(program, HiGHS())


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["cost", "row_lower", "matrix"])
def test_program_that_is_not_finite_is_refused(program, name, value):
    """Tests that NaN and inf anywhere end in an error, and never in a number."""
    if name == "matrix":
        matrix = program.matrix.copy()
        matrix.data[3] = value
        broken = replace(program, matrix=matrix)
    else:
        array = getattr(program, name).copy()
        array[0] = value
        broken = replace(program, **{name: array})
    with pytest.raises(NoSolutionError, match=r"not given to HiGHS|range over"):
        solve_program(broken, HiGHS())


def _sweep_programs(make_program, make_random_instance):
    """Programs of instances, and dense ones of small whole numbers."""
    yield from (to_program(make_random_instance(seed)) for seed in range(10))
    random = np.random.default_rng(11)
    for _ in range(tries(40, 90)):
        rows, columns = random.integers(2, 7), random.integers(3, 9)
        matrix = random.integers(0, 4, (rows, columns))
        yield make_program(
            random.integers(1, 10, columns),
            matrix,
            np.where(matrix.any(axis=1), random.integers(1, 12, rows), 0),
            np.full(rows, np.inf),
        )


@pytest.mark.slow
def test_unit_of_the_costs_does_not_matter(make_program, make_random_instance):
    """Tests that costs times 2^-40 to 2^40 give the objective times that, to 1e-9, on many programs."""
    for program in _sweep_programs(make_program, make_random_instance):
        _, reference = solve_program(program, HiGHS())
        for power in range(-40, 41, tries(20, 8)):
            factor = 2.0**power
            _, certificate = solve_program(replace(program, cost=program.cost * factor), HiGHS())
            assert certificate.objective / factor == pytest.approx(reference.objective, rel=1e-9)


@pytest.mark.slow
def test_unit_of_the_quantities_does_not_matter(make_program, make_random_instance):
    """Tests that right-hand sides and bounds times 2^-20 to 2^20 give the objective times that, on many programs."""
    sides = ("row_lower", "row_upper", "col_lower", "col_upper", "implied_upper")
    for program in _sweep_programs(make_program, make_random_instance):
        _, reference = solve_program(program, HiGHS())
        for power in range(-20, 21, tries(10, 8)):
            factor = 2.0**power
            scaled = replace(program, **{name: getattr(program, name) * factor for name in sides})
            _, certificate = solve_program(scaled, HiGHS())
            assert certificate.objective / factor == pytest.approx(reference.objective, rel=1e-9)


@pytest.mark.slow
def test_unit_of_single_rows_and_columns_does_not_matter(make_program, make_random_instance):
    """Tests that rows and columns each in a unit of its own, from 2^-12 to 2^12, leave the objective."""
    random = np.random.default_rng(12)
    for program in _sweep_programs(make_program, make_random_instance):
        _, reference = solve_program(program, HiGHS())
        rows, columns = program.matrix.shape
        row, column = 2.0 ** random.integers(-12, 13, rows), 2.0 ** random.integers(-12, 13, columns)
        matrix = program.matrix.copy()
        matrix.data = matrix.data * row[matrix.indices] * np.repeat(column, np.diff(matrix.indptr))
        scaled = replace(
            program,
            matrix=matrix,
            cost=program.cost * column,
            row_lower=program.row_lower * row,
            row_upper=program.row_upper * row,
            col_upper=program.col_upper / column,
            implied_upper=program.implied_upper / column,
        )
        _, certificate = solve_program(scaled, HiGHS())
        assert certificate.objective == pytest.approx(reference.objective, rel=1e-9)


def test_one_time_limit_for_all_attempts(program, make_random_instance):
    """Tests that what is left shrinks from attempt to attempt, and that no attempt begins when none is left."""
    left = []

    @dataclass(frozen=True)
    class Slow(Scripted):
        time_limit_seconds: float = 100.0

    def slow(given):
        left.append(seconds_left())
        return garbage(given)

    with pytest.raises(NoSolutionError):
        solve_program(program, Slow((slow,), [], (Slow((slow,), []),)))
    assert 100 >= left[0] > left[1] > left[2] > 0


def test_no_attempt_after_the_time_limit(program, monkeypatch):
    """Tests that an attempt that was refused too late is the last."""
    asked = []

    def late(given):
        answer = garbage(given)
        monkeypatch.setattr(sys.modules["placer.running"].time, "monotonic", lambda: math.inf)
        return answer

    with pytest.raises(NoSolutionError, match="scripted: ") as caught, running(time_limit_seconds=100):
        solve_program(program, Scripted((late,), asked))
    assert caught.value.reason is Reason.TIME_LIMIT
    assert len(asked) == 1
