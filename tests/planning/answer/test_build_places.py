"""What a plan builds, by place."""

from __future__ import annotations

import pytest

import placer
from placer.planning.answer.build_places import builds_by_link, builds_by_site

DAY = 365


@pytest.mark.slow
def test_candidates_of_a_site_are_one_row(east_and_west):
    """Tests units and cost at the West, 60 units at 30 a day, and that nothing is built in the East."""
    rows = [
        {"candidate": name, "adds": "accelerators", "target": site, "usd_per_unit_year": usd * DAY}
        for name, site, usd in (("west", "West", 30.0), ("dear west", "West", 31.0), ("east", "East", 24.0))
    ]
    plan = placer.plan(east_and_west, rows)
    found = builds_by_site(plan)
    assert found.index.tolist() == ["West", "East"]
    assert found["cost_usd_per_year"].tolist() == pytest.approx([60 * 30 * DAY, 0.0])
    assert found["said"].tolist() == ["60.00 accelerators", "nothing is built"]
    assert builds_by_link(plan).empty
