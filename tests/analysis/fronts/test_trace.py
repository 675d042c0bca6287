"""Tests the search for the points of a front."""

import pytest

import placer
from placer.analysis.fronts.moving_limit import moving_limit
from placer.analysis.fronts.trace import Tracer
from placer.errors import NoSolutionError


@pytest.mark.slow
def test_straight_points_are_left_out(ladder):
    """Tests that the front of the ladder has its three corners, whatever points found them."""
    tracer = Tracer(moving_limit(ladder, "green_share", "horizon", {}), str)
    found = tracer.traced(tracer.ends(), 30, 0.0)
    assert [point.at for point in found.points] == pytest.approx([0.0, 0.4, 0.8])
    assert [point.cost for point in found.points] == pytest.approx([500, 540, 740])
    assert max(found.errors) <= found.rounding


@pytest.mark.slow
def test_few_points_and_a_tolerance_end_the_search(ladder):
    """Tests that the chord is 96 above the lines, which meet at 0.32: less than 0.9 of 240, and more than a tenth."""
    tracer = Tracer(moving_limit(ladder, "green_share", "horizon", {}), str)
    ends = tracer.ends()
    assert tracer.traced(ends, 2, 0.0).errors == pytest.approx((96.0,), abs=1e-4)
    assert len(tracer.traced(ends, 30, 0.9).points) == 2
    assert len(tracer.traced(ends, 30, 0.1).points) == 3


def test_a_front_that_has_no_room_is_a_point(ladder):
    """Tests that all power green at least cost leaves nothing to trace."""
    green = ladder.replace(supplies=ladder.supplies.assign(green=1.0))
    front = placer.green_front(green, "hour")
    assert (len(front.points), front.reach, front.exact, front.errors_usd) == (1, 1.0, True, ())


def test_time_is_kept(ladder):
    """Tests that no time is an error that says where the search stood."""
    with pytest.raises(NoSolutionError, match="time limit"):
        placer.green_front(ladder, time_limit_seconds=1e-9)
