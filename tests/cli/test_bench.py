"""Tests of ``placer bench``, run in this process through the entry point of the command line."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import pytest

import placer
from placer.cli import bench


@pytest.fixture
def run(run_placer):
    """Return a function that runs ``placer bench`` and returns its exit code, standard output and standard error."""
    return partial(run_placer, "bench")


@pytest.mark.slow
def test_measures_and_keeps(run, tmp_path):
    """Tests that results, table and plot come into the folder, and that a run goes on where it stopped."""
    arguments = ("--quick", "--solver", "simplex", "--out", str(tmp_path / "bench"))
    code, out, err = run(*arguments)
    assert code == 0
    assert "| fleet smoke, end-to-end | 1,524 | simplex |" in out
    assert "fleet smoke end-to-end: simplex (" in err
    assert (tmp_path / "bench" / "table.md").read_text(encoding="utf-8") in out
    kept = (tmp_path / "bench" / "results.json").read_text(encoding="utf-8")
    code, _, err = run(*arguments)
    assert code == 2
    assert "--resume" in err
    code, out, _ = run(*arguments, "--resume", "--json")
    assert code == 0
    assert json.loads(out)["rows"][-1]["solver"] == "simplex"
    assert (tmp_path / "bench" / "results.json").read_text(encoding="utf-8") == kept


@pytest.mark.slow
def test_ones_own(run, tmp_path):
    """Tests a dataset with a scenario over two seeds, and a file, with solvers that are there and one that is not."""
    file = tmp_path / "program.mps"
    placer.write_program(placer.to_program(placer.load("tiny")), file)
    solvers = ("--solver", "scipy", "--solver", "pulp:GUROBI")
    code, out, _ = run(
        *("--dataset", "tiny", "-s", "patient", "--seed", 0, "--seed", 1, "--instance", file),
        *("--repeat", 1, *solvers, "--out", tmp_path / "out", "--quiet"),
    )
    assert code == 0
    assert "| dataset tiny+patient, end-to-end, seed 1 | 67 | scipy |" in out
    assert f"| file {file}, solve | 57 | simplex |" in out
    assert "Profiles, end-to-end: part of the 2 problems solved" in out
    assert "WRONG" not in out
    assert (tmp_path / "out" / "profiles_end-to-end.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--family", "no"), "'no' is unknown; there are capped, "),
        (("--size", "no"), "'no' is unknown; there are huge, "),
        (("--phase", "no"), "'no' is unknown; there are curve, "),
        (("--solver", "no"), "'no' is unknown; there are "),
        (("--resume",), "--resume needs --out"),
        (("--dataset", "nowhere"), "neither a dataset nor a folder"),
        (("--dataset", "tiny", "--solver", "simplx"), "'simplx' is unknown; there are "),
        (("--instance", "nowhere.mps"), "nowhere.mps is not a file of a linear program"),
        (("--dataset", "tiny", "--size", "small"), "--family and --size are of instances drawn"),
        (("--family", "network"), "no family has these sizes and phases"),
    ],
)
def test_bad_input(run, arguments, said):
    """Tests that what there is not is refused with what there is, before anything is measured."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_help_has_an_example(run):
    """Tests that the help ends with an example."""
    code, out, _ = run("--help")
    assert code == 0
    assert "Examples: placer bench --dataset" in " ".join(out.split())


def test_wrong_answer(run, monkeypatch):
    """Tests that an answer that is wrong shows in the table and in the exit status."""
    suite = bench.suite_module("suite")
    objectives = {"simplex": 100.0, "ipm": 101.0}

    def measured(case, place, _limit):
        return suite.Measurement(case, place, "done", 10, 1.0, 1.0, objectives.get(case.solver, 100.0), 0.0)

    monkeypatch.setattr(suite, "measure_alone", measured)
    code, out, _ = run("--quick", "--solver", "simplex", "--solver", "ipm")
    assert code == 1
    assert "WRONG" in out


def test_interrupted(run, monkeypatch, tmp_path):
    """Tests that an interruption ends the command with 130 and keeps what was measured."""
    suite = bench.suite_module("suite")

    def measured(case, place, _limit):
        if case.solver == "ipm":
            raise KeyboardInterrupt
        return suite.Measurement(case, place, "done", 10, 1.0)

    monkeypatch.setattr(suite, "measure_alone", measured)
    solvers = ("--solver", "simplex", "--solver", "ipm")
    code, out, _ = run("--quick", *solvers, "--out", str(tmp_path))
    assert (code, out) == (130, "")
    kept = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["measurements"]
    assert kept[-1]["case"]["solver"] == "simplex"


def _imported(file):
    """Return the modules of the suite that a module imports, by their files."""
    root = file.parents[1] if file.parent.name != "benchmarks" else file.parent
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = file.parents[node.level - 1]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                found = base.joinpath(*name.split("."))
                yield (found if found.is_dir() else found.with_suffix(".py")).relative_to(root.parent)


def test_suite_is_packed():
    """Tests that the wheel holds the suite and every module that it imports."""
    root = Path(bench.__file__).parents[2]
    packed = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    listed = packed["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    names = [name for name in listed if name.startswith("benchmarks/")]
    assert all(listed[name] == name.replace("benchmarks", "placer/_benchmarks", 1) for name in names)
    suite = {Path(name) for name in names if not name.endswith(".md")}
    assert Path("benchmarks/suite.py") in suite
    for name in suite:
        for file in (root / name).rglob("*.py") if (root / name).is_dir() else [root / name]:
            for other in _imported(file):
                assert any(other == each or each in other.parents for each in suite), f"{file.name} imports {other}"


def test_absent_suite(monkeypatch, tmp_path):
    """Tests that a copy of the package without the suite says so."""
    monkeypatch.setattr(bench, "__file__", str(tmp_path / "placer" / "cli" / "bench.py"))
    with pytest.raises(bench.BenchError, match="not installed"):
        bench.suite_module("suite")


@pytest.mark.slow
def test_suite_of_a_checkout_is_loaded_from_its_folder():
    """Tests that a process finds the suite, and nothing else that lies beside the package."""
    code = (
        "import sys\n"
        "from placer.cli.bench import suite_module\n"
        "before = list(sys.path)\n"
        "assert suite_module('suite').FAMILIES\n"
        "assert sys.path == before\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(sys.executable).parent)  # noqa: S603


def test_plot_is_left_out_without_matplotlib(run, monkeypatch, tmp_path):
    """Tests that the table is written, and why the plot is not is said."""
    suite = bench.suite_module("suite")
    monkeypatch.setattr(
        suite, "measure_alone", lambda case, *_: suite.Measurement(case, 0, "done", 10, 1.0, 1.0, 100.0, 0.0)
    )
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = run("--quick", "--size", "smoke", "--solver", "simplex", "--out", tmp_path / "out")
    assert code == 0
    assert "no plots: plots need matplotlib: pip install 'token-placer[plot]'" in err
    assert (tmp_path / "out" / "table.md").is_file()
