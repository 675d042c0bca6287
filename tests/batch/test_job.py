"""The task of a worker: a row of figures, whatever happens to its set."""

from __future__ import annotations

import math

import pytest

import placer
from placer.batch.job import Job, solve_one
from placer.errors import InstanceError, NoSolutionError, Violation
from placer.termination import Reason
from placer.utils.shared import Shared


class _Sets:
    """A sequence whose one set raises an error when it is made."""

    def __init__(self, error):
        self.error = error

    def __getitem__(self, number):
        raise self.error


def _row(sets):
    row = solve_one(Shared(Job(sets, ("cost",), (), math.inf)), 0)
    assert row.pop("seconds") >= 0
    return row


def test_figures_of_a_set():
    """Tests that the row of a set is its number, its ending and the figures that were asked for."""
    tiny = placer.load("tiny")
    row = _row([tiny])
    assert (row["number"], row["status"], row["detail"]) == (0, "optimal", "")
    assert row["cost_usd"] == pytest.approx(330.77)


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (NoSolutionError(Reason.TIME_LIMIT, "it is hard"), "time limit", "it is hard"),
        (InstanceError([Violation("demand", "", "mtok", "is odd", "even")]), "refused", "is odd"),
    ],
)
def test_sets_without_figures_say_why(error, status, detail):
    """Tests that no answer and an instance that is refused are rows."""
    row = _row(_Sets(error))
    assert row["status"] == status
    assert detail in row["detail"]


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_other_errors_are_left_to_the_executor(error):
    """Tests that an error of the program itself is raised: the executor keeps its traceback. An exit is no result."""
    with pytest.raises(error):
        _row(_Sets(error()))
