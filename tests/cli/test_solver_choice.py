"""The option ``--solver``."""

from __future__ import annotations

import json

import pytest

import placer
from placer.cli.solver_choice import solver_choice
from placer.errors import SolverError
from placer.model.formulation import formulate


@pytest.mark.parametrize("name", ["auto", "columns", "simplex"])
def test_every_solver_has_the_same_cost(run, name):
    """Tests that the choice of a solver does not change what comes out."""
    code, out, _ = run("solve", "tiny", "--json", "--solver", name)
    assert code == 0
    assert json.loads(out)["cost_usd"] == pytest.approx(330.77)


@pytest.mark.parametrize("name", ["auto", "columns"])
def test_time_limit_is_said(run, name):
    """Tests that running out of time is one message with the reason, and exits with 1."""
    code, _, err = run("solve", "tiny", "--solver", name, "--time-limit", "1e-9")
    assert code == 1
    assert "time limit" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "kind"),
    [("auto", placer.HiGHS), ("columns", placer.ColumnGeneration), ("pdlp", placer.HiGHS), ("pulp:HiGHS", placer.PuLP)],
)
def test_names(name, kind):
    """Tests that every name stands for its solver, with the time limit; auto takes HiGHS for a small instance."""
    structure = formulate(placer.load("tiny")).structure
    assert isinstance(solver_choice(name)(structure, print), kind)
    assert solver_choice(name, 7.0)(structure, print).time_limit_seconds == 7.0


def test_unknown_names_are_refused():
    """Tests that the names that there are stand in the message."""
    with pytest.raises(SolverError, match="solver 'magic' is unknown; use auto, columns"):
        solver_choice("magic")
