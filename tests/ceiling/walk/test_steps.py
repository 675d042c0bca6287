"""Steps of a sweep: when two differ, and what is known between them."""

from __future__ import annotations

from dataclasses import replace

from placer.ceiling.walk.steps import Step, between, differ

STEP = Step(
    limit=1.0,
    served=5.0,
    served_high=5.0,
    displaced=1.0,
    displaced_low=1.0,
    exported=3.0,
    exported_low=3.0,
    exported_high=3.0,
)


def test_flows_and_bounds_differ_by_their_own_tolerance():
    """Tests that 0.01 is a change of the flow from 0.001 on, and of a bound from 0.1 on."""
    assert differ(STEP, replace(STEP, exported=3.01), 1e-3, 0.1)
    assert not differ(STEP, replace(STEP, exported_high=3.01), 1e-3, 0.1)
    assert differ(STEP, replace(STEP, exported_high=3.2), 1e-3, 0.1)


def test_between_equal_services_exports_lie_between():
    """Tests that a leap with the same served and displaced demand leaves exports between its ends."""
    after = replace(STEP, limit=9.0, exported=4.0, exported_low=4.0, exported_high=4.0)
    found = between(2.0, STEP, after, 7.0, 1e-9)
    assert (found.limit, found.served, found.displaced_low) == (2.0, 5.0, 1.0)
    assert (found.exported_low, found.exported_high) == (3.0, 4.0)


def test_between_different_services_exports_may_be_anything():
    """Tests that where more is served at the end, exports on the way lie between nothing and all that may leave."""
    found = between(2.0, STEP, replace(STEP, served=6.0, served_high=6.0), 7.0, 1e-9)
    assert (found.served, found.served_high, found.displaced_low) == (5.0, 6.0, 0.0)
    assert (found.exported_low, found.exported_high) == (0.0, 7.0)
