"""Ranges of units over plans of nearly least cost."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array

import placer
from placer.model.program import LinearProgram, blocks
from placer.planning.answer.ranges import inner_ranges, within_cost

DAY = 365
NEW = [
    {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY},
    {"candidate": "east", "adds": "accelerators", "target": "East", "usd_per_unit_year": 24.0 * DAY},
]


def test_ranges_by_hand(east_and_west):
    """Tests plans within 1 % of 10,320 a day, 103.2.

    A unit less in the West costs 12 * (2 + 2) - 30 = 18 more as long as East serves the difference, that is down to 30
    units; a unit more saves 12 * 2 - 30 = -6, so 6 more. So West has 60 - 103.2 / 18 to 60 + 103.2 / 6 units. A unit in
    the East costs 24 and saves nothing at 60 in the West: up to 103.2 / 24 units.
    """
    plan = placer.plan(east_and_west, NEW, gap=1e-9)
    ranges = plan.ranges(within=0.01)
    assert ranges["least"].tolist() == pytest.approx([60 - 103.2 / 18, 0], abs=1e-4)
    assert ranges["most"].tolist() == pytest.approx([60 + 103.2 / 6, 103.2 / 24], abs=1e-4)
    assert (ranges["least_found"] >= ranges["least"] - 1e-4).all()
    assert (ranges["most_found"] <= ranges["most"] + 1e-4).all()
    assert plan.builds.loc["west", "least"] <= 60 <= plan.builds.loc["west", "most"]


def test_mixes_of_plans_by_hand():
    """Tests that of a plan of cost 10 and one of 20, at most 12 lets a fifth of the second in."""
    plans = [(np.array([1.0, 4.0]), 10.0), (np.array([6.0, -1.0]), 20.0)]
    least, most = inner_ranges(plans, 12.0)
    assert least.tolist() == pytest.approx([1, 3])
    assert most.tolist() == pytest.approx([2, 4])


def test_largest_cost_bounds_columns_by_hand():
    """Tests costs of 2, 0 and -1 within 10: the third is at most 4, so the first at most (10 + 4) / 2, the second any.

    The bounds are implied, above by no more than rounding; only a side above them is taken off.
    """
    program = LinearProgram(
        cost=np.array([2.0, 0.0, -1.0]),
        matrix=csc_array(np.ones((1, 3))),
        row_lower=np.zeros(1),
        row_upper=np.full(1, np.inf),
        col_lower=np.zeros(3),
        col_upper=np.array([1e6, np.inf, 4.0]),
        implied_upper=np.array([np.inf, np.inf, 3.0]),
        row_blocks=blocks({"rows": 1}),
        col_blocks=blocks({"x": 3}),
    )
    limited = within_cost(program, 10.0, 5.0)
    assert limited.matrix.toarray()[-1].tolist() == [0.4, 0.0, -0.2]
    assert limited.row_upper[-1] == 2
    assert limited.implied_upper.tolist() == pytest.approx([7, np.inf, 3])
    assert limited.implied_upper[0] >= 7
    assert limited.col_upper.tolist() == [np.inf, np.inf, 4.0]


def test_rows_bound_columns_by_hand():
    """Tests x + 2 y <= 6 and x - z <= 1 with z at most 4, and no limit on y but 6 / 2, within a cost of 100 in all.

    So x is at most 1 + 4, and z keeps its side of 4, below the 100 of its cost.
    """
    program = LinearProgram(
        cost=np.ones(3),
        matrix=csc_array(np.array([[1.0, 2.0, 0.0], [1.0, 0.0, -1.0]])),
        row_lower=np.full(2, -np.inf),
        row_upper=np.array([6.0, 1.0]),
        col_lower=np.zeros(3),
        col_upper=np.array([np.inf, 50.0, 4.0]),
        implied_upper=np.full(3, np.inf),
        row_blocks=blocks({"rows": 2}),
        col_blocks=blocks({"x": 3}),
    )
    limited = within_cost(program, 100.0, 10.0)
    assert limited.implied_upper.tolist() == pytest.approx([5, 3, 100])
    assert (limited.implied_upper >= [5, 3, 100]).all()
    assert limited.col_upper.tolist() == [np.inf, np.inf, 4.0]


def test_ranges_within_little_land_by_hand(newsvendor):
    """Tests two halls that earn less than they cost: each has the units that 1e-8 ha allow, at 34.1 and 58.3 ha a unit.

    A reduced cost of rounding, times the units that the cost allows, would exceed these.
    """
    works = newsvendor[0].workloads.assign(unserved_usd_per_mtok=1.0)
    hall = {"adds": "accelerators", "target": "X"}
    rows = [
        hall | {"candidate": f"hall {usd}", "usd_per_unit_year": usd * DAY, "land_ha": 1.1 * usd}
        for usd in (31.0, 53.0)
    ]
    plan = placer.plan(newsvendor[0].replace(workloads=works), rows, build_limits={"land_ha": 1e-8}, gap=1e-9)
    ranges = plan.ranges(within=0.1)
    assert ranges["least"].tolist() == [0, 0]
    assert ranges["most"].tolist() == pytest.approx([1e-8 / 34.1, 1e-8 / 58.3], rel=1e-6, abs=0)


def test_ranges_beyond_useful_units_by_hand(newsvendor):
    """Tests 80 units for 30 a day each, 2,400 in all: 2.4 more pays for 0.08 idle units, or for 2.4 / 70 units less.

    What has no cost has no end; what nobody can use has one by its cost alone.
    """
    rows = [{"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * DAY}]
    ranges = placer.plan(newsvendor[0], rows, gap=1e-9).ranges()
    assert ranges["least"].tolist() == pytest.approx([80 - 2.4 / 70])
    assert ranges["most"].tolist() == pytest.approx([80.08])
    free = placer.plan(newsvendor[0], [rows[0] | {"usd_per_unit_year": 0.0}], gap=1e-9).ranges()
    assert free["most"].tolist() == [np.inf]


def test_ranges_skip_units_without_a_placement_by_hand(served_at_any_cost):
    """Tests that all of 100 Mtok an hour must be served: never fewer than 100 units, and 0.1 % more of 3,000."""
    plan = placer.plan(*served_at_any_cost, gap=1e-9)
    assert plan.builds["least"].tolist() == pytest.approx([100])
    assert plan.builds["most"].tolist() == pytest.approx([100.1])
