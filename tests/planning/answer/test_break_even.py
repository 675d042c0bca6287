"""Costs at which candidates enter."""

from __future__ import annotations

import math

import pytest

import placer

DAY = 365
NEW = [
    {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY},
    {"candidate": "east", "adds": "accelerators", "target": "East", "usd_per_unit_year": 24.0 * DAY},
]


def test_break_even_by_hand(east_and_west):
    """Tests that East is worth nothing, and West what its first unit saves.

    With 60 units in the West 30 of East's 100 are idle, so that a unit more there is worth 0. Without West, 30 units
    are built in the East at 24. The first unit in the West saves one of these, and 12 * 2 USD in each period: 72 a day.
    """
    plan = placer.plan(east_and_west, NEW, gap=1e-9)
    assert plan.break_even("west", gap=1e-9) == pytest.approx(72 * DAY, rel=1e-6)
    assert plan.break_even("east", gap=1e-9) == pytest.approx(0, abs=1e-6)


def test_what_must_be_built_has_no_break_even(served_at_any_cost):
    """Tests that a hall without which a limit of at least an amount cannot be met is built at any cost."""
    assert placer.plan(*served_at_any_cost).break_even("hall") == math.inf
