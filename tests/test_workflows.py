"""The workflows of the usual hosts: they are read as YAML, and run the tests on all systems and declared Pythons."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: The Pythons that the package declares, oldest first.
PYTHONS = [found[1] for each in PROJECT["classifiers"] if (found := re.search(r":: (3\.\d+)$", each))]

#: What waits for others by a clock, and what reads one.
_WAITS = {"wait", "join", "communicate", "wait_procs", "timeout", "result", "set_page_load_timeout"}
_CLOCKS = {"time.monotonic", "time.perf_counter", "time.time"}


@pytest.fixture(scope="module")
def read():
    """Return a function from the path of a YAML file to what it holds."""
    yaml = pytest.importorskip("yaml")
    return lambda name: yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_declared_pythons():
    """Tests that the classifiers begin with the oldest Python that the package installs on."""
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    assert sorted(PYTHONS, key=lambda each: int(each.split(".")[1])) == PYTHONS


def test_selections_of_the_release_run_exist():
    """Tests that every file and folder of tests that the run before a release selects is there."""
    parts = re.findall(r"^\w+=\(\n(.*?)^\)", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    paths = [path for part in parts for path in part.split()]
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_github_runs_the_tests_on_every_system_and_python(read):
    """Tests that the tests run on Linux, macOS and Windows with every declared Python, after lint, types and site."""
    jobs = read(".github/workflows/tests.yml")["jobs"]
    matrix = jobs["tests"]["strategy"]["matrix"]
    assert [system.split("-")[0] for system in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == PYTHONS
    assert any("-m pytest" in step.get("run", "") for step in jobs["tests"]["steps"])
    assert {"ruff", "mypy", "mkdocs"} <= set(re.findall(r"\w+", str(jobs["lint"]["steps"])))
    assert all(set(job.get("needs", "").split()) <= jobs.keys() for job in jobs.values())
    assert all(bool(step.get("run")) != bool(step.get("uses")) for job in jobs.values() for step in job["steps"])


def test_gitlab_runs_the_tests_on_every_python(read):
    """Tests that the tests run with every declared Python, each in an image of its name, in stages that are listed."""
    pipeline = read(".gitlab-ci.yml")
    stages = pipeline.pop("stages")
    assert {job["stage"] for job in pipeline.values()} == set(stages)
    assert pipeline["tests"]["parallel"]["matrix"] == [{"PYTHON": PYTHONS}]
    assert pipeline["tests"]["image"] == "python:$PYTHON"
    assert any("-m pytest" in line for line in pipeline["tests"]["script"])


@pytest.mark.parametrize("name", [".github/workflows/tests.yml", ".gitlab-ci.yml"])
def test_hosts_report_coverage(read, name):
    """Tests that each host runs the tests under coverage with branches and fails below the stated share."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]
    assert settings["run"]["branch"]
    assert settings["report"]["fail_under"] >= 95
    said = re.findall(r"coverage [a-z][\w -]*", str(read(name)))
    assert {"coverage run -m pytest --all -n 0", "coverage report"} <= set(said)


def test_hooks_before_a_commit_run_lint_and_types(read):
    """Tests that the hooks run the tools of the environment: ruff's lint and format, and mypy."""
    hooks = [hook for place in read(".pre-commit-config.yaml")["repos"] for hook in place["hooks"]]
    assert [hook["entry"] for hook in hooks] == ["ruff check", "ruff format --check", "mypy"]
    assert {hook["language"] for hook in hooks} == {"system"}


@pytest.mark.parametrize(
    ("code", "is_own"),
    [
        ("process.wait(60.0)", True),
        ("thread.join(timeout=10)", True),
        ("def wait_until(process, seconds=60.0): process.wait(seconds)", True),
        ("def wait_until(process, *, timeout=60.0): process.wait(timeout)", True),
        ("over = time.monotonic() + 60", True),
        ("@pytest.mark.timeout(300)\ndef test(): ...", True),
        ("process.wait(PATIENCE_SECONDS)", False),
        ("def measured(case, seconds=1.0): return (case, seconds)", False),
        ("past = time.monotonic() - 1.0", False),
        ("with placer.running(time_limit_seconds=1.0): ...", False),
    ],
)
def test_waits_by_a_clock_of_ones_own_are_found(code, is_own):
    """Tests each way to write one, a wait that is shared, a moment that is past, and a limit of the library."""
    assert any(map(_has_own_clock, ast.walk(ast.parse(code)))) == is_own


@pytest.mark.parametrize("folder", ["tests", "benchmarks"])
def test_no_test_waits_by_a_clock_of_its_own(folder):
    """Tests that each wait for another process or thread ends by ``tests.effort.PATIENCE_SECONDS``."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _has_own_clock(node)
    ]
    assert found == []


def _has_own_clock(node):
    """Return whether code waits for a number of seconds that it states itself."""
    if isinstance(node, ast.FunctionDef):
        return any(map(_is_number, _defaults_of_seconds(node))) and any(map(_waits, ast.walk(node)))
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and _waits(node.left) and _is_number(node.right)
    if not isinstance(node, ast.Call):
        return False
    given = [each.value for each in node.keywords if each.arg == "timeout"]
    return any(map(_is_number, [*given, *(node.args if _waits(node) else ())]))


def _defaults_of_seconds(function):
    """Yield the defaults of the parameters of a function that are seconds to wait."""
    names, more = [*function.args.posonlyargs, *function.args.args], function.args.kwonlyargs
    needed = [None] * (len(names) - len(function.args.defaults))
    defaults = [*needed, *function.args.defaults, *function.args.kw_defaults]
    for name, default in zip([*names, *more], defaults, strict=True):
        if name.arg in ("seconds", "timeout"):
            yield default


def _waits(node):
    """Return whether code reads a clock, or waits for others."""
    return isinstance(node, ast.Call) and (
        ast.unparse(node.func) in _CLOCKS or (isinstance(node.func, ast.Attribute) and node.func.attr in _WAITS)
    )


def _is_number(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
