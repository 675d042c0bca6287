"""HiGHS, given arrays."""

from __future__ import annotations

import errno
import math
import os

import highspy
import numpy as np
import pytest

import placer
from placer.errors import NoSolutionError, SolverError
from placer.solvers import highs
from placer.solvers.highs import STATUS, HiGHS
from placer.termination import Reason


@pytest.fixture
def program(make_program):
    return make_program([1, 2], [[1, 1]], [3], [np.inf])


def test_every_status_of_highs_has_a_meaning():
    """Tests that the table of statuses covers all that the installed HiGHS knows."""
    known = {name for name in highspy.HighsModelStatus.__members__ if name not in ("kMin", "kMax")}
    assert known <= STATUS.keys()


def test_only_optimal_counts_as_optimal():
    """Tests that no other status of HiGHS is read as optimal."""
    assert [name for name, reason in STATUS.items() if reason is Reason.OPTIMAL] == ["kOptimal"]


@pytest.mark.parametrize("method", ["simplex", "ipm", "pdlp"])
def test_name_holds_the_method(method):
    """Tests that messages can tell the methods apart."""
    assert HiGHS(method).name == f"HiGHS {method}"


def test_unknown_method_is_refused():
    """Tests that a method HiGHS would silently replace by another is an error."""
    with pytest.raises(SolverError, match="no method 'hipo'"):
        HiGHS("hipo")


@pytest.mark.parametrize("limit", [0, -1, math.nan, True, "60", None])
def test_bad_time_limit_is_refused(limit):
    """Tests that a time limit is a positive number."""
    with pytest.raises(SolverError, match="time limit"):
        HiGHS(time_limit_seconds=limit)


@pytest.mark.parametrize("name", ["solver", "time_limit", "output_flag", "threads"])
def test_reserved_options_are_refused(name):
    """Tests that options placer sets itself cannot be given."""
    with pytest.raises(SolverError, match=name):
        HiGHS(options={name: 1})


@pytest.mark.parametrize("options", [{"no_such_option": 1}, {"presolve": 3}, {"primal_feasibility_tolerance": -1.0}])
def test_options_highs_does_not_take_are_refused(options):
    """Tests that an unknown option, or a value of the wrong kind or range, is an error when the solver is made."""
    with pytest.raises(SolverError, match="does not take option"):
        HiGHS(options=options)


def test_options_reach_highs(program):
    """Tests that an option changes what HiGHS does: without iterations it stops at once."""
    stopped = HiGHS(options={"simplex_iteration_limit": 0, "presolve": "off"}).solve(program)
    assert stopped.termination.reason is Reason.ITERATION_LIMIT
    assert stopped.values is None


@pytest.mark.parametrize(("method", "basic"), [("simplex", True), ("ipm", True), ("pdlp", False)])
def test_basic_says_whether_the_point_is_a_vertex(program, method, basic):
    """Tests that simplex and crossover claim a basic solution and the first-order method does not."""
    assert HiGHS(method).solve(program).basic is basic


def test_iterations_are_those_of_the_method(make_program):
    """Tests that the iterations of each method are counted by its own counter."""
    random = np.random.default_rng(0)
    matrix = np.vstack([np.kron(np.eye(6), np.ones(6)), np.kron(np.ones(6), np.eye(6))])
    program = make_program(random.integers(1, 20, 36), matrix, [-np.inf] * 6 + [1] * 6, [2] * 6 + [np.inf] * 6)
    for method in ("simplex", "ipm", "pdlp"):
        assert HiGHS(method, options={"presolve": "off"}).solve(program).iterations > 0


def test_refused_model_is_a_failure(program, monkeypatch):
    """Tests that a program HiGHS takes only with a warning is not solved as what HiGHS made of it."""
    monkeypatch.setattr(highspy.Highs, "passModel", lambda *_: highspy.HighsStatus.kWarning)
    answer = HiGHS().solve(program)
    assert answer.termination.reason is Reason.FAILED
    assert "refused the program" in answer.termination.detail


def test_tiny_coefficient_is_not_dropped(make_program):
    """Tests that an entry HiGHS would drop (below 1e-9) is a failure and not another program's optimum."""
    answer = HiGHS().solve(make_program([1, 1], [[1, 1e-10]], [1], [np.inf]))
    assert answer.termination.reason is Reason.FAILED


def test_error_in_the_run_is_a_failure(program, monkeypatch):
    """Tests that no numbers are taken from a run that HiGHS calls an error, whatever its status says."""
    monkeypatch.setattr(highspy.Highs, "run", lambda _: highspy.HighsStatus.kError)
    answer = HiGHS().solve(program)
    assert answer.termination.reason is Reason.FAILED
    assert answer.values is None


def test_fallbacks_are_the_other_exact_method():
    """Tests that a refused answer is sought by another method within the same time limit."""
    assert HiGHS("simplex", 7).fallbacks() == (HiGHS("ipm", 7),)
    assert HiGHS("ipm", 7).fallbacks() == (HiGHS("simplex", 7),)
    assert HiGHS("pdlp").fallbacks() == (HiGHS("simplex"),)


def test_solver_is_silent(program, capfd):
    """Tests that HiGHS prints nothing, its banner included."""
    HiGHS().solve(program)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_engine_is_fresh_for_every_solve(program, monkeypatch):
    """Tests that nothing of an earlier solve can be left in the engine."""
    made = []
    original = highs.Silent

    def count():
        made.append(original())
        return made[-1]

    solver = HiGHS()
    monkeypatch.setattr(highs, "Silent", count)
    solver.solve(program)
    solver.solve(program)
    assert len(made) == 2
    assert made[0] is not made[1]


def _fail_with(monkeypatch, words):
    def fail(_):
        raise RuntimeError(words)

    monkeypatch.setattr(highspy.Highs, "run", fail, raising=False)


def test_no_room_for_threads_is_lack_of_memory(make_instance, monkeypatch):
    """Tests that the error of the system, where no thread starts, ends as a lack of memory."""
    _fail_with(monkeypatch, os.strerror(errno.EAGAIN))
    with pytest.raises(NoSolutionError, match=r"memory limit.*starts no thread") as caught:
        placer.solve(make_instance())
    assert caught.value.reason is Reason.MEMORY_LIMIT


def test_other_errors_of_highs_are_passed_on(program, monkeypatch):
    """Tests that an unknown error is not taken for a lack of memory."""
    _fail_with(monkeypatch, "unknown")
    with pytest.raises(RuntimeError, match="unknown"):
        HiGHS().solve(program)


@pytest.mark.parametrize("options", [5, {5: 1}, ["presolve"]])
def test_options_are_values_by_name(options):
    """Tests that options that are no mapping from names are refused."""
    with pytest.raises(SolverError, match="not a mapping"):
        HiGHS(options=options)
