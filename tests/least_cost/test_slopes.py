"""Slopes of the least cost over a second objective."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.least_cost.second_objective import Objective
from placer.least_cost.slopes import Slopes, is_large, least_at_any_cost


def test_slopes_by_hand(make_instance):
    """Tests 16 Mtok at Y for 20 USD each and X at 50: a price below 30 for each Mtok at X moves none, one above it all.

    With 7 for each unserved one as well, as a value that is 0 for all served ones, the line has the same touch.
    """
    placement = placer.solve(make_instance())
    structure = placement.formulation.structure
    at_x = (structure.arc_site == 0).astype(float)
    slopes = Slopes(structure, placement.answer, Objective(at_x), 1e-9)
    for slope, cost, value in ((29.0, 320, 0), (31.0, 800, 16)):
        touch = slopes.at(slope)
        assert (touch.cost, touch.value, touch.bound) == pytest.approx((cost, value, cost - slope * value), abs=1e-6)
    assert not slopes.large
    touch = Slopes(structure, placement.answer, Objective(at_x, 7.0), 1e-9).at(10.0)
    assert (touch.cost, touch.value, touch.bound) == pytest.approx((320, 0, 320), abs=1e-6)


def test_least_at_any_cost_by_hand(make_instance):
    """Tests an X of 4 accelerators: at most 4 Mtok there at any cost, and at least 16 - 4 elsewhere or unserved."""
    sites = [{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y"}]
    structure = placer.solve(make_instance(data_centres=sites)).formulation.structure
    at_x = (structure.arc_site == 0).astype(float)
    assert least_at_any_cost(structure, Objective(-at_x)) == pytest.approx(-4)
    assert least_at_any_cost(structure, Objective(at_x)) == pytest.approx(0)
    assert least_at_any_cost(structure, Objective(np.where(at_x, 0.0, 1.0), 1.0)) == pytest.approx(12)
    assert not is_large(structure)
