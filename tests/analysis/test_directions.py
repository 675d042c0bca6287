"""Tests slopes of the least cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.analysis.directions import Directions, no_shift


def test_a_slope_of_demand_and_capacity_together(make_instance):
    """Tests the small instance with Y exactly full: more demand costs 50 at X, and 20 where Y grows with it."""
    centres = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west", "accelerators": 16.0}]
    directions = Directions(placer.solve(make_instance(data_centres=centres)), placer.HiGHS())
    more = no_shift(directions.structure, np.array([1.0, 0.0]))
    assert directions.slope(more) == pytest.approx(50.0)
    wider = replace(more, capacity=np.array([[0.0], [1.0]]))
    assert directions.slope(wider) == pytest.approx(20.0)
    fewer = replace(no_shift(directions.structure, np.zeros(2)), capacity=np.array([[0.0], [-1.0]]))
    assert directions.slope(fewer) == pytest.approx(30.0)


def test_a_slope_of_a_supply(make_instance):
    """Tests a supply at its limit: a MWh more of it saves 30, one less costs 30."""
    supplies = [
        {"power_zone": "zx", "data_centre": "X"},
        {"power_zone": "zy", "data_centre": "Y", "limit_mw": 12.0},
    ]
    directions = Directions(placer.solve(make_instance(supplies=supplies)), placer.HiGHS())
    nothing = no_shift(directions.structure, np.zeros(2))
    for step in (1.0, -1.0):
        change = replace(nothing, tier_limit=np.array([[0.0], [step]]))
        assert directions.slope(change) == pytest.approx(-30.0 * step)


@pytest.fixture
def all_served(make_instance):
    """1 Mtok of each of A and B at the one site, of 2 accelerators at 1 USD, and a limit that asks for all of it."""
    return make_instance(
        hubs=[{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}],
        data_centres=[{"data_centre": "X", "region": "west", "accelerators": 2.0, "accelerator_usd_per_hour": 1.0}],
        links=[{"from": hub, "to": "X", "rtt_ms": 1.0} for hub in "AB"],
        supplies=[],
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 10.0}
        ],
        demand=[{"workload": "w", "hub": hub, "mtok": 1.0} for hub in "AB"],
        limits=[{"limit": "all", "kind": "share", "sense": ">=", "amount": 1.0, "workload": "w"}],
    )


def test_a_step_that_limits_forbid_costs_without_end(all_served):
    """Tests that no Mtok less can be asked for, that one more may stay unserved, and that two may change places."""
    directions = Directions(placer.solve(all_served), placer.HiGHS())
    slope = [
        directions.slope(no_shift(directions.structure, np.array(step)))
        for step in ([-1.0, 0.0], [1.0, 0.0], [1.0, -1.0])
    ]
    assert slope == pytest.approx([np.inf, 10.0, 0.0])


@pytest.mark.slow
def test_columns_that_only_a_step_needs_are_found(make_instance):
    """Tests a limit of at least 6 Mtok at X, which B's 6 just meet: for each Mtok less of B one of A moves there.

    Only B's column at X and A's at Y are there at first. B saves 50 USD at X, A costs 30 more there than at Y.
    """
    links = [{"from": hub, "to": site, "rtt_ms": 5.0, "usd_per_gb": 0.0} for hub, site in ("AX", "AY", "BX")]
    limits = [{"limit": "east", "kind": "tokens", "sense": ">=", "amount": 6.0, "region": "east"}]
    workloads = make_instance().workloads.assign(latency_slo_ms=12.0)  # B is 15 ms from Y, through X and A
    placement = placer.solve(make_instance(links=links, limits=limits, workloads=workloads))
    directions = Directions(placement, placer.HiGHS())
    for step, slope in (([0.0, -1.0], -50.0 + 30.0), ([-1.0, 0.0], -20.0), ([0.0, 1.0], 50.0)):
        change = no_shift(directions.structure, np.array(step))
        assert directions.slope(change) == pytest.approx(slope)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_slopes_do_not_depend_on_the_size_of_demand(make_instance, scale):
    """Tests Y exactly full at any size: one Mtok less saves 20 USD, one more costs 50."""
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "accelerators": 16.0 * scale},
    ]
    demand = [{"workload": "w", "hub": hub, "mtok": mtok * scale} for hub, mtok in (("A", 10.0), ("B", 6.0))]
    directions = Directions(placer.solve(make_instance(data_centres=centres, demand=demand)), placer.HiGHS())
    slope = [directions.slope(no_shift(directions.structure, np.array([step, 0.0]))) for step in (-1.0, 1.0)]
    assert slope == pytest.approx([-20.0, 50.0])
