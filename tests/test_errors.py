"""Errors and what they say."""

from __future__ import annotations

import copy
import pickle

import pytest

from placer.errors import (
    SHOWN,
    InfeasibleModelError,
    InstanceError,
    NoSolutionError,
    PlacerError,
    RowChange,
    SolverError,
    Violation,
)
from placer.termination import Reason

ONE = Violation("links", "A|B", "rtt_ms", "-1 is out of range", "number, >= 0, finite")


@pytest.mark.parametrize(
    ("violation", "text"),
    [
        (ONE, "links[A|B].rtt_ms: -1 is out of range (allowed: number, >= 0, finite)"),
        (Violation("hubs", "", "", "table missing", "present"), "hubs: table missing (allowed: present)"),
        (Violation("hubs", "A", "", "given twice"), "hubs[A]: given twice"),
        (Violation("hubs", "", "lat", "column given twice"), "hubs.lat: column given twice"),
        (Violation("hubs", "\x1b[31m\n\ud800", "", "given twice"), "hubs[\\x1b[31m\\n\\ud800]: given twice"),
    ],
)
def test_violation_reads_as_one_line(violation, text):
    """Tests that a violation names table, row and column as far as it has them, then what would be right."""
    assert str(violation) == text


def test_instance_error_lists_all():
    """Tests that the message counts the violations and gives each a line."""
    assert str(InstanceError([ONE])) == f"1 violation in the input\n  {ONE}"
    assert str(InstanceError([ONE, ONE])).startswith("2 violations in the input\n")


def test_instance_error_shortens_a_long_list():
    """Tests that a message shows the first kinds of violations and how many more there are, while all are kept."""
    error = InstanceError(Violation("hubs", "A", name, "missing") for name in map(chr, range(65, 70 + SHOWN)))
    lines = str(error).splitlines()
    assert len(lines) == SHOWN + 2
    assert lines[-1] == "  and 5 more"
    assert len(error.violations) == SHOWN + 5


def test_violations_that_differ_by_row_and_value_are_told_once():
    """Tests that 432 violations of one kind take two lines, and leave room for the others."""
    alike = [Violation("demand", f"w|A|{hour}", "mtok", f"'{hour},5' is text", "number") for hour in range(432)]
    error = InstanceError([*alike, ONE])
    assert str(error).splitlines() == [
        "433 violations in the input",
        "  demand[w|A|0].mtok: '0,5' is text (allowed: number)",
        "    and 431 more like it: w|A|1, w|A|2, w|A|3, ...",
        f"  {ONE}",
    ]


@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])  # noqa: S301
@pytest.mark.parametrize(
    "error",
    [InstanceError([ONE]), SolverError("no such option"), NoSolutionError(Reason.TIME_LIMIT, "HiGHS: kTimeLimit")],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_pickling(error, again):
    """Tests that an error raised in another process arrives with all it says."""
    copied = again(error)
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert vars(copied) == vars(error)


def test_every_error_can_be_caught_as_one():
    """Tests that all errors share a base, and that bad input is a ValueError too."""
    assert all(issubclass(kind, PlacerError) for kind in (InstanceError, SolverError, NoSolutionError))
    assert issubclass(InstanceError, ValueError)


def test_no_solution_says_why():
    """Tests that the reason and the detail stand in the message."""
    assert (
        str(NoSolutionError(Reason.TIME_LIMIT, "HiGHS: kTimeLimit"))
        == "no verified solution (time limit): HiGHS: kTimeLimit"
    )


def test_rows_that_must_give_are_named():
    """Tests that the error of an infeasible model names rows, sides and amounts, with strange names escaped."""
    changes = [RowChange("carbon", "upper", 100.0, 130.0), RowChange("\x1b", "lower", 3.0, 2.5)]
    error = InfeasibleModelError(Reason.INFEASIBLE, "presolve", changes)
    assert str(error) == (
        "no placement meets all own rows; the least change that lets them be met: "
        "upper of 'carbon': 130 in place of 100; lower of '\\x1b': 2.5 in place of 3"
    )
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (str(again), again.reason, again.detail) == (str(error), Reason.INFEASIBLE, "presolve")
