"""Tests slopes of the least cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.analysis.directions import DEFAULTS, Directions, no_shift


def test_a_slope_of_demand_and_capacity_together(make_instance):
    """Tests the small instance with Y exactly full: more demand costs 50 at X, and 20 where Y grows with it."""
    centres = [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west", "accelerators": 16.0}]
    directions = Directions(placer.solve(make_instance(data_centres=centres)), placer.HiGHS(), DEFAULTS)
    more = no_shift(directions.structure, np.array([1.0, 0.0]))
    assert directions.slope(more, "demand") == pytest.approx(50.0)
    wider = replace(more, capacity=np.array([[0.0], [1.0]]))
    assert directions.slope(wider, "demand and capacity") == pytest.approx(20.0)
    fewer = replace(no_shift(directions.structure, np.zeros(2)), capacity=np.array([[0.0], [-1.0]]))
    assert directions.slope(fewer, "capacity") == pytest.approx(30.0)


def test_a_slope_of_a_supply(make_instance):
    """Tests a supply at its limit: a MWh more of it saves 30, one less costs 30."""
    supplies = [
        {"power_zone": "zx", "data_centre": "X"},
        {"power_zone": "zy", "data_centre": "Y", "limit_mw": 12.0},
    ]
    directions = Directions(placer.solve(make_instance(supplies=supplies)), placer.HiGHS(), DEFAULTS)
    nothing = no_shift(directions.structure, np.zeros(2))
    for step in (1.0, -1.0):
        change = replace(nothing, tier_limit=np.array([[0.0], [step]]))
        assert directions.slope(change, "supply") == pytest.approx(-30.0 * step)
