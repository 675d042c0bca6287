"""Tests limits whose amount moves: their rows, their scopes, and what they refuse."""

import numpy as np
import pandas as pd
import pytest

import placer
from placer.analysis.fronts.moving_limit import moving_limit
from placer.errors import ArgumentError, InstanceError


def test_rows_are_those_of_the_table_of_limits(windy):
    """Tests that the formulation is that of the instance with the limit in its table."""
    limit = moving_limit(windy, "green_share", "hour", {})
    ours, theirs = limit.formulation(0.5), placer.solve(limit.instance(0.5)).formulation
    assert [each.title for each in ours.limits[-4:]] == ["front [0]", "front [1]", "front [2]", "front [3]"]
    order = [*range(2), *range(6, 10), *range(2, 6)]  # limits of zones stand after those of the table
    assert np.array_equal(ours.structure.cap_limit[order], theirs.structure.cap_limit)
    assert np.array_equal(ours.structure.cap_tier[order].array, theirs.structure.cap_tier.array)


@pytest.mark.slow
def test_what_a_placement_keeps(ladder, windy):
    """Tests the share that the cheapest placements keep: none of the ladder; 20 of 36 MWh, and none of hour 0."""
    for instance, matching, share in ((ladder, "hour", 0.0), (windy, "horizon", 5 / 9), (windy, "hour", 0.0)):
        limit = moving_limit(instance, "green_share", matching, {})
        flows = placer.solve(instance, tie_break=None).answer.point
        assert limit.kept_by(flows) == pytest.approx(share, abs=1e-9)


def test_counted_is_what_is_delivered(windy):
    """Tests the MWh under a share by hour, and 1 under an amount."""
    flows = placer.solve(windy).answer.point
    hourly = moving_limit(windy, "green_share", "hour", {}).counted(flows)
    assert hourly.sum() == pytest.approx(36.0)
    assert hourly[1:3].tolist() == pytest.approx([10.0, 10.0])
    assert moving_limit(windy, "carbon_kg", "horizon", {}).counted(flows).tolist() == [1.0]


def test_days(windy):
    """Tests a limit of each day: blocks, calendar days, and the whole of an unnamed day."""
    assert len(moving_limit(windy, "green_share", "day", {}).rows) == 1
    blocks = windy.replace(
        periods=[{"hour": hour, "block": "ab"[hour // 2]} for hour in range(4)],
        demand=windy.demand[windy.demand["workload"] == "chat"],
    )
    rows = moving_limit(blocks, "green_share", "day", {}).rows
    assert rows[["limit", "hours"]].to_numpy().tolist() == [["front a", "0-1"], ["front b", "2-3"]]
    times = pd.date_range("2026-03-28 23:00", periods=4, freq="h", tz="Europe/Berlin")
    dated = windy.replace(demand=windy.demand.assign(hour=times[windy.demand["hour"].astype(int)]))
    limit = moving_limit(dated, "green_share", "day", {})
    assert limit.rows["limit"].tolist() == ["front 2026-03-28", "front 2026-03-29"]
    assert [int(each.hour.sum()) for each in limit.formulation(0.5).limits[-2:]] == [1, 3]


def test_bounds_move_with_the_amount(ladder):
    """Tests that a point's bound at another amount is its tangent: 500 + 10 a MWh of wind from 0.2 on."""
    limit = moving_limit(ladder, "green_share", "horizon", {})
    answer = placer.solve(limit.instance(0.2)).answer
    bounds = [limit.bound(share, answer.prices, 0.2, answer.point) for share in (0.0, 0.2, 0.4, 0.8)]
    assert bounds == pytest.approx([500, 520, 540, 580])


def test_what_is_refused(ladder, windy):
    """Tests unknown words, scopes, names that are taken, and hours without days."""
    with pytest.raises(ArgumentError, match="matching 'week' is not one of horizon, day, hour"):
        placer.green_front(ladder, "week")
    with pytest.raises(ArgumentError, match="against 'gold' is not one of green_share, carbon_kg, water_litres"):
        placer.abatement_front(ladder, "gold")
    with pytest.raises(InstanceError, match="'moon' is unknown"):
        placer.green_front(ladder, data_centre="moon")
    taken = ladder.replace(limits=[{"limit": "front", "kind": "carbon_kg", "sense": "<=", "amount": 1.0}])
    with pytest.raises(InstanceError, match="is the name of the limit that a front moves"):
        placer.green_front(taken)
    hours = [{"workload": "chat", "hub": "hub", "hour": hour, "mtok": 1.0} for hour in range(30)]
    long = ladder.replace(demand=hours)
    with pytest.raises(InstanceError, match="whole hours in one block have no days"):
        placer.green_front(long, "day")
    idle = ladder.replace(workloads=ladder.workloads.assign(kwh_per_mtok=0.0))
    with pytest.raises(InstanceError, match="no power is delivered in it"):
        placer.green_front(idle)
