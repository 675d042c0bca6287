"""Ranges of groups of candidates; ``test_ranges.py`` has those of candidates alone."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.planning.answer.group_ranges import group_ranges

DAY = 365


def test_a_group_of_two_halls_by_hand(east_and_west):
    """Tests 103.2 more a day: a unit less in the West costs 18, and one more there 6, in the East 24."""
    rows = [
        {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY},
        {"candidate": "east", "adds": "accelerators", "target": "East", "usd_per_unit_year": 24.0 * DAY},
    ]
    plan = placer.plan(east_and_west, rows, gap=1e-9)
    found = group_ranges(plan, np.array([[1.0, 1.0], [0.0, 1.0]]), 0.01, None)
    assert found.least == pytest.approx([60 - 103.2 / 18, 0], abs=1e-4)
    assert found.most == pytest.approx([60 + 103.2 / 6, 103.2 / 24], abs=1e-4)
    assert (found.least_found >= found.least - 1e-4).all()
    assert (found.most_found <= found.most + 1e-4).all()


def test_endless_candidates_of_a_group_take_the_budget(newsvendor):
    """Tests two halls at 30 a day, 80 built in all: 2.4 more pays for 0.08 units that nobody can use."""
    hall = {"adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * DAY}
    plan = placer.plan(newsvendor[0], [hall | {"candidate": name} for name in "ab"], gap=1e-9)
    found = group_ranges(plan, np.ones((1, 2)), 0.001, None)
    assert (found.least[0], found.most[0]) == pytest.approx((80 - 2.4 / 70, 80.08))
    free = placer.plan(newsvendor[0], [hall | {"candidate": "a", "usd_per_unit_year": 0.0}], gap=1e-9)
    assert group_ranges(free, np.ones((1, 1)), 0.001, None).most.tolist() == [np.inf]
