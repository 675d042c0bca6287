"""The workflows of the usual hosts: they are read as YAML, and run the tests on all systems and declared Pythons."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: The Pythons that the package declares, oldest first.
PYTHONS = [found[1] for each in PROJECT["classifiers"] if (found := re.search(r":: (3\.\d+)$", each))]


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
    assert len(paths) > 20
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
    assert {"coverage run -m pytest", "coverage report"} <= set(re.findall(r"coverage [a-z][\w -]*", str(read(name))))


def test_hooks_before_a_commit_run_lint_and_types(read):
    """Tests that the hooks run the tools of the environment: ruff's lint and format, and mypy."""
    hooks = [hook for place in read(".pre-commit-config.yaml")["repos"] for hook in place["hooks"]]
    assert [hook["entry"] for hook in hooks] == ["ruff check", "ruff format --check", "mypy"]
    assert {hook["language"] for hook in hooks} == {"system"}
