"""The least cost against a build limit."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError, InstanceError

DAY = 365
NEW = [
    {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY},
    {"candidate": "east", "adds": "accelerators", "target": "East", "usd_per_unit_year": 24.0 * DAY},
]


def test_the_curve_of_a_budget_by_hand(east_and_west):
    """Tests all breakpoints.

    Without a budget 30 * 12 Mtok of the first period are unserved, at 1,000. A unit in the East serves 12 of them: it
    saves 12 * (1000 - 5) - 24 for 24 USD, 496.5 a dollar, more than one in the West. After 30 units, for 720 a day, one
    in the West in its place costs 6 more and saves 12 * (2 + 2) - 6: 7 a dollar. From 900 on it saves 0.6 a dollar, and
    from 1,800 on nothing.
    """
    plan = placer.plan(east_and_west, NEW, build_limits={"budget_usd_year": 720.0 * DAY}, gap=1e-9)
    curve = plan.curve("budget_usd_year", 0.0, 3_000.0 * DAY, gap=1e-9)
    rents = curve["rent_usd_per_unit_year"].tolist()
    assert (curve["amount"] / DAY).tolist() == pytest.approx([0, 720, 900, 1_800, 3_000])
    assert rents[:-1] == pytest.approx([11_916 / 24, 7, 0.6, 0], abs=1e-6)
    assert curve["cost_usd_per_year"].iloc[0] / DAY == pytest.approx(100 * 12 * 5 + 60 * 12 * 5 + 30 * 12 * 1000)
    assert curve["cost_usd_per_year"].iloc[-1] == pytest.approx(10_320 * DAY)
    for amount in (400.0, 800.0, 1_500.0):
        least = placer.plan(east_and_west, NEW, build_limits={"budget_usd_year": amount * DAY}, gap=1e-9)
        at = _interpolated(curve, amount * DAY)
        assert at == pytest.approx(least.cost_usd_per_year, rel=1e-6)


def _interpolated(curve, amount):
    return float(np.interp(amount, curve["amount"], curve["cost_usd_per_year"]))


def test_amounts_and_names_are_checked(east_and_west):
    """Tests that an unknown build limit and amounts that do not ascend are refused."""
    plan = placer.plan(east_and_west, NEW, build_limits={"budget_usd_year": 720.0 * DAY})
    with pytest.raises(InstanceError, match="perhaps budget_usd_year"):
        plan.curve("budget_usd", 0.0, 1.0)
    with pytest.raises(InstanceError, match="is below"):
        plan.curve("budget_usd_year", 2.0, 1.0)
    for least, most in ((0.0, np.inf), (-np.inf, np.nan)):
        with pytest.raises(InstanceError, match="out of range"):
            plan.curve("budget_usd_year", least, most)
    with pytest.raises(ArgumentError, match="a number as most"):
        plan.curve("budget_usd_year", 0.0, "1")


def test_a_side_of_a_range(east_and_west):
    """Tests that the curve moves one side, the other side held: a budget of at least 2,000 a day costs 200 more."""
    sides = [("<=", 3_000.0), (">=", 0.0)]
    rows = [{"limit": "budget_usd_year", "sense": sense, "amount": amount * DAY} for sense, amount in sides]
    new = [row | {"max_units": 500.0} for row in NEW]
    plan = placer.plan(east_and_west, new, build_limits=rows, gap=1e-9)
    curve = plan.curve("budget_usd_year >=", 0.0, 3_000.0 * DAY, gap=1e-9)
    assert curve["cost_usd_per_year"].iloc[0] == pytest.approx(10_320 * DAY)
    assert (curve["cost_usd_per_year"].diff().dropna() >= -1e-3).all()
    upper = plan.curve("budget_usd_year <=", 900.0 * DAY, 3_000.0 * DAY, gap=1e-9)
    assert (upper["cost_usd_per_year"].diff().dropna() <= 1e-3).all()
    with pytest.raises(InstanceError, match="perhaps budget_usd_year"):
        plan.curve("budget_usd_year", 0.0, 1.0)


def test_breakpoints_are_exact_at_any_gap(east_and_west):
    """Tests that a gap of 1 %, of plans that have none, leaves no breakpoint out."""
    plan = placer.plan(east_and_west, NEW, build_limits={"budget_usd_year": 720.0 * DAY})
    curve = plan.curve("budget_usd_year", 0.0, 3_000.0 * DAY, gap=1e-2)
    assert (curve["amount"] / DAY).tolist() == pytest.approx([0, 720, 900, 1_800, 3_000])
    assert curve["rent_usd_per_unit_year"].tolist()[:-1] == pytest.approx([11_916 / 24, 7, 0.6, 0], abs=1e-6)
