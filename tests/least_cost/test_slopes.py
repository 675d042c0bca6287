"""Slopes of the least cost over a second objective."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.least_cost.second_objective import Objective
from placer.least_cost.slopes import Slopes, has_own_limits, is_large, least_at_any_cost


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
        assert (touch.value, touch.at, touch.line(0.0)) == pytest.approx((cost, value, cost - slope * value), abs=1e-6)
    assert not slopes.large
    touch = Slopes(structure, placement.answer, Objective(at_x, 7.0), 1e-9).at(10.0)
    assert (touch.value, touch.at, touch.line(0.0)) == pytest.approx((320, 0, 320), abs=1e-6)


def test_least_at_any_cost_by_hand(make_instance):
    """Tests an X of 4 accelerators: at most 4 Mtok there at any cost, and at least 16 - 4 elsewhere or unserved."""
    sites = [{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y"}]
    structure = placer.solve(make_instance(data_centres=sites)).formulation.structure
    at_x = (structure.arc_site == 0).astype(float)
    assert least_at_any_cost(structure, Objective(-at_x)) == pytest.approx(-4)
    assert least_at_any_cost(structure, Objective(at_x)) == pytest.approx(0)
    assert least_at_any_cost(structure, Objective(np.where(at_x, 0.0, 1.0), 1.0)) == pytest.approx(12)
    assert not is_large(structure)


@pytest.mark.parametrize("solver", [placer.HiGHS(), placer.ColumnGeneration()])
def test_limits_of_ones_own_may_ask_for_some(make_instance, solver, monkeypatch):
    """Tests that X, where a Mtok costs 50 USD, must cost 400 at any cost: at least 8 Mtok there, though none pays."""
    asked = [{"limit": "l", "kind": "cost_usd", "sense": ">=", "amount": 400.0, "data_centre": "X"}]
    structure = placer.solve(make_instance(limits=asked)).formulation.structure
    monkeypatch.setattr("placer.least_cost.slopes.default_solver", lambda _: solver)
    at_x = (structure.arc_site == 0).astype(float)
    assert has_own_limits(structure)
    assert least_at_any_cost(structure, Objective(at_x)) == pytest.approx(8)
    assert least_at_any_cost(structure, Objective(np.ones_like(at_x), 1.0)) == pytest.approx(16)
