"""Tests of the comparison of revisions, on trees whose package stands in for placer; people judge its measurements."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

import placer
from placer.model.formulation import formulate

from . import revision_side, revisions
from .families import build
from .revisions import CASES, GROUPS, Case, checked_out, compare, main

if TYPE_CHECKING:
    from pathlib import Path

#: A package with what every revision has, as an old one without ``tie_break`` has it.
PACKAGE = """
class ColumnGeneration: pass
class Placement: cost_usd = {cost}
def load(name): return name
def solve(instance, solver): return Placement()
"""
FAMILIES = "def build(family, size): return family, size\n"
CASE = "columns fleet medium"


@pytest.fixture
def tree(tmp_path: Path):
    """Return a function that writes a tree whose package finds a cost."""

    def write(name: str, cost: float) -> Path:
        modules = {"placer": PACKAGE.format(cost=cost), "benchmarks": "", "benchmarks/families": FAMILIES}
        for folder, text in modules.items():
            (tmp_path / name / folder).mkdir(parents=True)
            (tmp_path / name / folder / "__init__.py").write_text(text)
        return tmp_path / name

    return write


def test_table(tree, monkeypatch, capsys):
    """Tests that a case runs in both trees, and that the answers and the means are told."""
    monkeypatch.setattr(revisions, "HERE", tree("new", 2.0))
    assert main([str(tree("old", 2.0)), "--case", CASE, "--pairs", "2"]) == 0
    header, line, mean = capsys.readouterr().out.splitlines()
    assert header.split()[0] == "case"
    assert (line.split()[:3], line.split()[-1]) == (CASE.split(), "equal")
    assert mean.split()[:2] == ["geometric", "mean"]


def test_answers_that_differ(tree, monkeypatch, capsys):
    """Tests that other answers are shown and give exit status 1."""
    monkeypatch.setattr(revisions, "HERE", tree("new", 2.0))
    assert main([str(tree("old", 3.0)), "--case", CASE, "--pairs", "1", "--json"]) == 1
    line, means = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["answers_before"], line["answers"]) == ({"cost_usd": 3.0}, {"cost_usd": 2.0})
    assert (line["case"], line["equal"]) == (CASE, False)
    assert means.keys() == {"geometric_mean", "geometric_mean_of_medians"}


def test_side_that_fails(tree, capfd):
    """Tests that a side that finds the modules of another tree ends the comparison with its reason."""
    new, old = tree("new", 1.0), tree("old", 1.0)
    shutil.rmtree(old / "placer")
    with pytest.raises(SystemExit, match="columns fleet medium: a side ended early"):
        compare((old, new), CASES[CASE], 1)
    assert f"is not of the tree {old}" in capfd.readouterr().err


def test_unknown_revision(capfd):
    """Tests that a revision that git does not know is named."""
    with pytest.raises(SystemExit, match="git cannot check out no-such-revision"), checked_out("no-such-revision"):
        pass
    assert capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("task", revision_side.TASKS)
def test_task(task):
    """Tests that every task runs on the package of today."""
    run = revision_side.TASKS[task](placer, build("fleet", "smoke"))
    answers, again = revision_side.timed(run)["answers"], revision_side.timed(run)["answers"]
    assert revisions.equal(answers, again)
    assert all(value >= 0 for value in answers.values())


@pytest.mark.slow
@pytest.mark.parametrize(("caps", "each"), [("", 0), ("pools", 2), ("hourly", 1)])
def test_caps(caps, each):
    """Tests the number of caps of each data centre and hour, and that column generation prices them."""
    instance = revision_side.CAPS[caps](build("fleet", "smoke"))
    structure = formulate(instance).structure
    assert np.isfinite(structure.cap_limit).sum() == each * structure.sites * structure.periods
    answers = revision_side.columns(placer, instance)()
    assert answers["cost_usd"] == pytest.approx(placer.solve(instance, placer.HiGHS()).cost_usd)


def test_cases():
    """Tests that every case names a task, and that no two have one name."""
    assert {case.task for case in CASES.values()} == set(revision_side.TASKS)
    assert len(CASES) == sum(map(len, GROUPS.values()))
    assert Case("ceiling", "china").name == "ceiling china"
    assert Case("columns", "china", caps="pools").name == "columns china pools"
