"""Tests what gives way, on random instances."""

import pytest

import placer
from placer.analysis.flexibility.responses import COLUMNS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_less_is_waited_moved_and_dropped(make_random_instance, seed):
    """Tests that what is served less in the zone and hour is what waited, moved and was dropped."""
    placement = placer.solve(make_random_instance(seed))
    zone, hour = placement.supplies["mwh"].groupby(level=("power_zone", "hour")).sum().idxmax()
    curve = placer.flexibility(placement, zone, hour)
    assert list(curve.responses.columns) == ["mw", *COLUMNS]
    for number, point in enumerate(curve.points):
        rebound = curve.rebound(number)
        assert rebound.loc[hour, zone] <= -point.at + 1e-6
    zero = curve.responses[curve.responses["mw"] == 0.0]
    assert zero.loc[zero["response"] == "dropped", "mtok"].sum() == pytest.approx(0.0, abs=1e-7)
