"""Branch and bound on programs small enough to solve by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import highspy
import numpy as np
import pytest

from placer.running import running
from placer.solvers import interrupt
from placer.solvers.branch_and_bound import branch_and_bound
from placer.solvers.highs import HiGHS, Silent
from placer.termination import Reason

WHOLE = np.array([True, False])


@pytest.fixture
def program(make_program):
    """At least 2.5 of y + z; y whole at 1, z at 3: y = 2 and 0.5 of z cost 3.5, y = 3 costs 3."""
    return make_program([1.0, 3.0], [[1.0, 1.0]], [2.5], [np.inf])


def test_by_hand(program):
    """Tests point, bound and status; without integers 2.5 would do."""
    found = branch_and_bound(program, WHOLE, HiGHS(), 0.0)
    assert found.termination.reason is Reason.OPTIMAL
    assert found.values.tolist() == pytest.approx([3, 0])
    assert found.bound == pytest.approx(3)
    dear = branch_and_bound(replace(program, cost=np.array([8.0, 3.0])), WHOLE, HiGHS(), 0.0)
    assert dear.values.tolist() == pytest.approx([0, 2.5])


def test_methods_of_linear_programs_do_not_drop_integers(program):
    """Tests that a solver set to a method that leaves integers out still keeps them."""
    for method in ("simplex", "ipm"):
        assert branch_and_bound(program, WHOLE, HiGHS(method), 0.0).values[0] == 3


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_units_do_not_matter(make_program, unit):
    """Tests an opening of capacity 5,000 units: whatever the unit of what it holds, integers stay whole."""
    program = make_program(
        [7.0, 1.0 / unit], [[-5000.0 * unit, 1.0], [0.0, 1.0]], [-np.inf, 12_000 * unit], [0, np.inf]
    )
    found = branch_and_bound(program, WHOLE, HiGHS(), 1e-9)
    assert found.values == pytest.approx([3, 12_000 * unit])
    assert found.bound == pytest.approx(12_021)


def test_integers_beside_large_sides(make_program):
    """Tests 1.2 units in modules of 0.5 beside 1e12 USD of a row of its own: 3 modules, 1.5 units for 1.5 USD.

    Sides near 1e12 are scaled to 1, integers are not: the row of modules would range over 2e12.
    """
    rows = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-0.5, 1.0, 0.0]]
    program = make_program([0.0, 1.0, 1e-12], rows, [1.2, 1e12, 0.0], [np.inf, np.inf, 0.0])
    found = branch_and_bound(program, np.array([True, False, False]), HiGHS(), 0.0)
    assert found.values == pytest.approx([3.0, 1.5, 1e12])
    assert found.bound == pytest.approx(2.5)


def test_no_point(make_program, program):
    """Tests that an infeasible program, one that is none, and one of too wide a range have no point and say why."""
    none = branch_and_bound(make_program([1.0], [[2.0]], [3.0], [3.0]), np.array([True]), HiGHS(), 0.0)
    assert none.termination.reason in (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED)
    assert none.values is None
    broken = branch_and_bound(replace(program, cost=np.array([math.nan, 1.0])), WHOLE, HiGHS(), 0.0)
    assert (broken.termination.reason, broken.values) == (Reason.FAILED, None)
    wide = make_program([1.0, 1.0], [[1.0, 1e12], [1e12, 1.0]], [1.0, 1.0], [np.inf, np.inf])
    assert branch_and_bound(wide, WHOLE, HiGHS(), 0.0).termination.reason is Reason.FAILED


@pytest.fixture
def long_search(make_program):
    """Four sums of 30 whole numbers that are to be halved: branch and bound takes hours (Cornuejols and Dawande)."""
    random = np.random.default_rng(1)
    weight = random.integers(0, 100, (4, 30)).astype(float)
    half = np.floor(weight.sum(axis=1) / 2)
    matrix = np.hstack([weight, np.eye(4), -np.eye(4)])
    upper = np.concatenate([np.ones(30), np.full(8, np.inf)])
    return make_program(np.arange(38) >= 30, matrix, half, half, col_upper=upper), np.arange(38) < 30


def test_a_limit_leaves_point_and_bound(long_search):
    """Tests that a search out of nodes has a point, whole where it must be, and a bound below its cost."""
    program, integer = long_search
    found = branch_and_bound(program, integer, HiGHS(options={"mip_max_nodes": 20}), 0.0)
    assert found.termination.reason is Reason.FAILED
    assert np.isin(found.values[integer], [0, 1]).all()
    assert found.bound <= program.cost @ found.values
    assert program.matrix @ found.values == pytest.approx(program.row_lower)


def test_progress_is_told_and_may_end_the_search(long_search, monkeypatch):
    """Tests that nodes and gap are told, and that what ``progress`` raises ends a search that takes hours."""
    monkeypatch.setattr(interrupt, "SECONDS_BETWEEN_LINES", 0.0)

    def stop(text):
        if "nodes, gap" in text:
            raise KeyboardInterrupt

    with running(stop), pytest.raises(KeyboardInterrupt):
        branch_and_bound(*long_search, HiGHS(), 0.0)


def test_a_program_that_highs_refuses(program, monkeypatch):
    """Tests that where HiGHS does not take the arrays there is no answer of its."""
    monkeypatch.setattr(Silent, "passModel", lambda *_: highspy.HighsStatus.kError)
    found = branch_and_bound(program, WHOLE, HiGHS(), 0.0)
    assert (found.termination.detail, found.values) == ("HiGHS refused the program", None)


def test_options_of_the_solver_hold(program):
    """Tests that options given to the solver win over those set here."""
    found = branch_and_bound(program, WHOLE, HiGHS(options={"mip_rel_gap": 0.5}), 0.0)
    assert found.termination.reason is Reason.OPTIMAL
    assert found.bound <= found.values @ program.cost
