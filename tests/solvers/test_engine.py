"""The process in which HiGHS solves apart, without the process."""

from __future__ import annotations

import time

import highspy
import numpy as np
import pytest

from placer.solvers.engine import solve_model

SIMPLEX = {"output_flag": False, "solver": "simplex"}


def model(cost=2.0, least=3.0):
    """Return ``minimise cost x, x >= least, 0 <= x <= 10``, as ``passModel`` takes it."""
    none = np.zeros(1, dtype=np.int32)
    rows = [np.array([least]), np.array([highspy.kHighsInf])]
    entries = [np.array([0, 1], np.int32), none, np.ones(1), none]
    return [1, 1, 1, 1, 1, 0.0, np.array([cost]), np.zeros(1), np.full(1, 10.0), *rows, *entries]


def test_optimum_by_hand():
    """Tests x = 3, with the row worth the cost of x, at a vertex."""
    found = solve_model(dict(SIMPLEX), model(), time.time(), pytest.fail)
    assert (found["status"], found["basic"]) == ("kOptimal", True)
    assert (found["values"].tolist(), found["row_duals"].tolist()) == ([3.0], [2.0])


def test_no_point_where_none_is_feasible():
    """Tests that x >= 11 has a status and neither values nor duals."""
    found = solve_model(dict(SIMPLEX), model(least=11.0), time.time(), pytest.fail)
    assert found["status"] in ("kInfeasible", "kUnboundedOrInfeasible")
    assert "values" not in found


def test_time_limit_counts_from_when_it_was_sent():
    """Tests that nothing is left of a second where the model was sent a minute ago."""
    options = SIMPLEX | {"time_limit": 1.0}
    solve_model(options, model(), time.time() - 60, pytest.fail)
    assert options["time_limit"] == 0.0
