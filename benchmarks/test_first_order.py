"""Tests of first-order solvers on an accelerator, with a stand-in that answers by HiGHS' simplex."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import placer

from .first_order import SOLVERS, answer, crossed_over, main, measured, prepared, proved
from .peers.peer import PeerError

#: Writes what cuPDLPx writes; NOISE is the relative error of its numbers.
STAND_IN = """#!{python}
import sys, pathlib, highspy
quiet, opt, eps, feas, eps2, limit, seconds, file, folder = sys.argv[1:]
assert (quiet, opt, feas, limit) == ("--quiet", "--eps_opt", "--eps_feas", "--time_limit") and eps == eps2
engine = highspy.Highs()
engine.setOptionValue("output_flag", False)
engine.readModel(file)
engine.run()
found = engine.getSolution()
noise, stem = 1 + {noise} * float(eps), pathlib.Path(folder) / pathlib.Path(file).stem
for name, values in (("primal", found.col_value), ("dual", found.row_dual)):
    lines = (f"{{value * noise:.10g}}\\n" for value in values)
    pathlib.Path(f"{{stem}}_{{name}}_solution.txt").write_text("".join(lines))
pathlib.Path(f"{{stem}}_summary.txt").write_text("Termination Reason: OPTIMAL\\nRuntime (sec): 2.5e-01\\n")
"""


def _stand_in(folder: Path, noise: float = 0.0, text: str = STAND_IN) -> str:
    file = folder / "stand_in"
    file.write_text(text.format(python=sys.executable, noise=noise), encoding="utf-8")
    file.chmod(0o755)
    return str(file)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory):
    """Return a program of a few columns and its file."""
    return prepared("fleet", "3x6x3x6", 0, tmp_path_factory.mktemp("files"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with an interpreter in its first line")
def test_an_answer_is_carried_on(case, tmp_path: Path) -> None:
    """Tests that an exact answer has no gap, and one that is a little off has one, and both lead to the least cost."""
    exact = measured(case, "cupdlpx", _stand_in(tmp_path), "1e-6", 60.0)
    assert abs(exact.gap) < 1e-8
    assert exact.cost_off < 1e-8
    assert exact.own == 0.25
    off = measured(case, "cupdlpx", _stand_in(tmp_path, noise=1.0), "1e-4", 60.0)
    assert off.cost_off == pytest.approx(1e-4, rel=1e-3)
    assert min(off.whole, off.read, off.proof, off.crossover, off.placer, off.write) > 0


def test_proof_and_crossover_have_the_least_cost(case) -> None:
    """Tests both ways on from a point and duals that are a thousandth off."""
    found = placer.HiGHS().solve(case.program)
    near = placer.LPSolution(found.termination, found.point * 1.001, found.duals * 0.999, basic=False)
    assert proved(case, near) == pytest.approx(case.least, rel=1e-9)
    assert crossed_over(case, near) == pytest.approx(case.least, rel=1e-9)


def test_files_that_do_not_fit_are_refused(case, tmp_path: Path) -> None:
    """Tests a missing file, and another number of values than the program has."""
    stem = tmp_path / "a"
    with pytest.raises(PeerError, match=r"there is no a_primal_solution\.txt"):
        answer(case.program, stem)
    np.savetxt(tmp_path / "a_primal_solution.txt", np.zeros(2))
    with pytest.raises(PeerError, match="the primal solution has 2 values, where the program has"):
        answer(case.program, stem)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with an interpreter in its first line")
def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests a row for each tolerance, the files that are kept, and a solver that fails."""
    given = ["--size", "3x6x3x6", "--out", str(tmp_path / "files")]
    assert main([*given, "--solver", f"cupdlpx={_stand_in(tmp_path)}", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["tolerance"] for row in found] == ["1e-4", "1e-6"]
    assert (tmp_path / "files" / "fleet_3x6x3x6_0.mps").is_file()
    failing = _stand_in(tmp_path, text="#!{python}\nraise SystemExit('no accelerator')\n")
    assert main([*given, "--solver", f"cupdlpx={failing}", "--tolerance", "1e-4"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("| case | columns | solver | tolerance |")
    assert "cupdlpx at 1e-4: cupdlpx ends with 1: no accelerator" in said.err


@pytest.mark.parametrize("text", ["cupdlpx", "gurobi=/bin/true", "cupdlpx="])
def test_bad_solvers(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a solver without an executable, and an unknown one, are refused."""
    with pytest.raises(SystemExit):
        main(["--solver", text])
    assert "is not NAME=EXECUTABLE with a NAME of cupdlpx, cuopt" in capsys.readouterr().err


def test_commands(tmp_path: Path) -> None:
    """Tests that file, tolerance and limit are in the command of every solver."""
    for command in SOLVERS.values():
        words = command("solver", tmp_path / "a.mps", tmp_path, "1e-6", 60.0)
        assert words[0] == "solver"
        assert {str(tmp_path / "a.mps"), "1e-6", "60"} <= set(words)
    compile(SOLVERS["cuopt"]("python", tmp_path / "a.mps", tmp_path, "1e-6", 60.0)[2], "cuopt", "exec")
