"""Solvers reached through PuLP, and the PuLP model of a program."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pulp
import pytest

from placer.errors import SolverError
from placer.ladder.whole_program import solve_program
from placer.running import running
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import STATUS, PuLP, _reason, to_pulp, write_program
from placer.termination import Reason


@pytest.fixture
def program(make_program):
    return make_program([1, 2, 0], [[1, 1, 0], [1, -1, 0], [0, 0, 0], [0, 1, 1]], [3, -4, -1, 2], [np.inf, 4, 1, 2])


def _constraints(model):
    return {
        item.name: item for item in (model.constraints() if callable(model.constraints) else model.constraints.values())
    }


def test_every_status_of_pulp_has_a_meaning():
    """Tests that the table of codes covers all that the installed PuLP knows."""
    known = getattr(pulp, "LpSolveStatus", None)
    codes = {int(item) for item in known} if known else set(pulp.LpStatus)
    assert codes <= STATUS.keys()


def test_only_optimal_counts_as_optimal():
    """Tests that no other code of PuLP is read as optimal."""
    assert [code for code, reason in STATUS.items() if reason is Reason.OPTIMAL] == [1]


def test_point_found_before_a_limit_is_not_optimal():
    """Tests that the status of PuLP 3 for a feasible point, which it calls optimal too, is not read as optimal."""
    assert _reason(SimpleNamespace(sol_status=2), 1) is Reason.FAILED
    assert _reason(SimpleNamespace(sol_status=1), 1) is Reason.OPTIMAL


@pytest.mark.parametrize(("code", "reason"), [(1, Reason.OPTIMAL), (-4, Reason.TIME_LIMIT), (-1, Reason.INFEASIBLE)])
def test_status_of_pulp_4_is_read_from_its_object(code, reason):
    """Tests that the statistics object PuLP 4 returns is read by its status alone."""
    assert _reason(SimpleNamespace(), SimpleNamespace(status=code)) is reason


def test_unknown_solver_is_refused():
    """Tests that a name PuLP does not know is an error when the solver is made."""
    with pytest.raises(SolverError, match="NO_SUCH"):
        PuLP("NO_SUCH")


def test_absent_solver_is_refused():
    """Tests that a solver PuLP knows and does not find is an error that names those it finds."""
    with pytest.raises(SolverError, match=r"it finds .*HiGHS"):
        PuLP("GLPK_CMD", options={"path": "/no/such/program"})


def test_unknown_argument_is_refused():
    """Tests that an argument the solver class does not have is an error."""
    with pytest.raises(SolverError, match="cannot make solver"):
        PuLP("GLPK_CMD", options={"no_such_argument": 1})


def test_cbc_by_its_old_name(program, monkeypatch):
    """Tests that PuLP 3's name for CBC answers without a warning, and under PuLP 4 stands for the CBC there is."""
    try:
        solver = PuLP("PULP_CBC_CMD")
    except SolverError:
        pytest.skip("no CBC here")
    assert solver.name == "PuLP PULP_CBC_CMD"
    assert solver.solve(program).termination.reason is Reason.OPTIMAL
    monkeypatch.delattr(pulp, "PULP_CBC_CMD", raising=False)
    asked = []
    monkeypatch.setattr(pulp, "getSolver", lambda *name, **options: asked.append((name, options)) or pulp.HiGHS(msg=0))
    PuLP("PULP_CBC_CMD")
    assert asked == [(("COIN_CMD",), {"msg": False})]


@pytest.mark.parametrize("limit", [0, -3, float("nan"), "60"])
def test_bad_time_limit_is_refused(limit):
    """Tests that a time limit is a positive number."""
    with pytest.raises(SolverError, match="time limit"):
        PuLP("HiGHS", time_limit_seconds=limit)


def test_fallback_is_highs_itself():
    """Tests that an answer the certificate refuses is sought from HiGHS within the same time limit."""
    assert PuLP("HiGHS", 7).fallbacks() == (HiGHS(time_limit_seconds=7),)


def test_model_names_rows_and_columns_by_position(program):
    """Tests that names survive PuLP's rewriting, and that a ranged row becomes two and an empty row none."""
    model = to_pulp(program)
    assert [variable.name for variable in model.variables_in_order] == ["x_0", "x_1", "x_2"]
    assert sorted(_constraints(model)) == ["row_0", "row_1", "row_1_upper", "row_3"]


def test_model_has_the_optimum_of_the_program(program):
    """Tests that the exported model, solved by PuLP alone, has the optimum that HiGHS finds from the arrays."""
    model = to_pulp(program)
    model.solve(pulp.getSolver("HiGHS", msg=False))
    answer = HiGHS().solve(program)
    assert pulp.value(model.objective) == pytest.approx(program.cost @ answer.values, abs=1e-9)


def test_duals_of_a_ranged_row_are_joined(make_program):
    """Tests that the duals of the two constraints of a ranged row come back as one, with its sign."""
    at_lower = make_program([1, 1], [[1, 2]], [2], [6])
    at_upper = make_program([-1, -1], [[1, 2]], [2], [6])
    assert PuLP("HiGHS").solve(at_lower).row_duals == pytest.approx([0.5])
    assert PuLP("HiGHS").solve(at_upper).row_duals == pytest.approx([-1])


def test_error_inside_pulp_is_a_failure(program, monkeypatch):
    """Tests that a solver that breaks down gives a failure, not an exception."""
    solver = PuLP("HiGHS")

    def broken(*_args, **_kwargs):
        raise pulp.PulpSolverError("gone")

    monkeypatch.setattr(pulp.LpProblem, "solve", broken)
    answer = solver.solve(program)
    assert answer.termination.reason is Reason.FAILED
    assert "gone" in answer.termination.detail


def test_solver_without_duals(program, monkeypatch):
    """Tests that an optimum without duals, which nothing can prove, is a failure, so that the fallback is asked."""
    monkeypatch.setattr("placer.solvers.pulp._pulp_row_duals", lambda *_: None)
    answer = PuLP("HiGHS").solve(program)
    assert answer.termination.reason is Reason.FAILED
    assert answer.row_duals is None
    solution, certificate = solve_program(program, PuLP("HiGHS"))
    assert certificate.proven
    assert "no duals" in solution.termination.detail


@pytest.mark.parametrize("ending", ["lp", "LP", "mps"])
def test_written_program(program, tmp_path, ending):
    """Tests that both formats are written, by the ending of the name in either case."""
    file = tmp_path / f"program.{ending}"
    write_program(program, file)
    assert "row_1_upper" in file.read_text()


def test_written_program_reads_back(program, tmp_path):
    """Tests that HiGHS reads the MPS file and finds the same optimum."""
    import highspy

    file = tmp_path / "program.mps"
    write_program(program, file)
    engine = highspy.Highs()
    engine.setOptionValue("output_flag", False)
    engine.readModel(str(file))
    engine.run()
    expected = program.cost @ HiGHS().solve(program).values
    assert engine.getInfo().objective_function_value == pytest.approx(expected)


def test_home(program, tmp_path, monkeypatch):
    """Tests that ~ is the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    write_program(program, "~/program.mps")
    assert (tmp_path / "program.mps").exists()


@pytest.mark.slow
def test_no_banner_is_printed():
    """Tests a process of its own, since HiGHS prints its banner once in a process."""
    code = "import placer; placer.solve(placer.load('tiny'), solver='pulp:HiGHS')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603 - our own program
    assert (done.stdout, done.stderr) == (b"", b"")


def test_unknown_ending_is_refused(program, tmp_path):
    """Tests that a file name of neither format is an error."""
    with pytest.raises(ValueError, match=r"neither \.lp nor \.mps"):
        write_program(program, tmp_path / "program.txt")


def test_files_are_gone_after_an_interruption(program, monkeypatch, tmp_path):
    """Tests that what PuLP wrote before it was interrupted is removed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    written = []

    def interrupted(engine, _problem):
        written.append(Path(engine.tmpDir, "big.mps"))
        written[0].write_text("x")
        raise KeyboardInterrupt

    solver = PuLP("HiGHS")
    monkeypatch.setattr(pulp.HiGHS, "actualSolve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        solver.solve(program)
    assert written[0].is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_limit_handed_on_is_what_is_left(program, monkeypatch):
    """Tests that the time to build the model and to write it, and a limit around, shorten the solver's own."""
    given = []

    def watched(engine, _problem):
        given.append(engine.timeLimit)
        raise pulp.PulpError("no answer")

    monkeypatch.setattr(pulp.HiGHS, "actualSolve", watched)
    PuLP("HiGHS", 50).solve(program)
    with running(time_limit_seconds=20):
        PuLP("HiGHS", 50).solve(program)
    assert 20 < given[0] < 50
    assert given[1] < 20


def test_no_solver_is_started_that_has_no_time_left(program, monkeypatch):
    """Tests that where writing the program would take what is left, nothing is written: PuLP heeds no limit there."""
    now = iter([0.0, 26.0, 26.0])
    monkeypatch.setattr("placer.solvers.pulp.time", SimpleNamespace(perf_counter=lambda: next(now)))
    monkeypatch.setattr(pulp.HiGHS, "actualSolve", lambda *_: pytest.fail("was started"))
    assert PuLP("HiGHS", 50).solve(program).termination.reason is Reason.TIME_LIMIT
