"""Work that waits: how much is queued when, how long it may still wait, and what the end of the horizon cuts short."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placer.errors import InstanceError
from placer.solve import solve
from tests.effort import tries

#: One Mtok takes one hour and one MWh; ``late`` may wait two hours, ``w`` may not.
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
LATE = W | {"workload": "late", "deadline_hours": 2.0}


@pytest.fixture
def make_waiting(make_instance):
    """Return a function from prices of X by the hour to an instance in which 10 Mtok a hour arrive there."""

    def make(prices, mtok=10.0, **changes):
        demand = [
            {"workload": name, "hub": "A", "hour": h, "mtok": mtok}
            for h in range(len(prices))
            for name in ("w", "late")
        ]
        given = {
            "data_centres": [{"data_centre": "X", "region": "east"}],
            "hubs": [{"hub": "A", "region": "east"}],
            "power_zones": [{"power_zone": "zx", "usd_per_mwh": prices}],
            "links": [{"from": "A", "to": "X", "rtt_ms": 10.0}],
            "supplies": [{"power_zone": "zx", "data_centre": "X"}],
            "workloads": [W, LATE],
            "demand": demand,
        }
        return make_instance(**(given | changes))

    return make


def test_queues_by_hand(make_waiting):
    """Tests queue lengths and the time left by hand: all of the first three hours waits for the cheap third."""
    placement = solve(make_waiting([50.0, 40.0, 10.0, 60.0]))
    assert placement.queues["mtok"].to_dict() == pytest.approx(
        {("late", "X", 0, 1.0): 10, ("late", "X", 1, 0.0): 10, ("late", "X", 1, 1.0): 10}
    )
    remaining = placement.remaining(2)
    assert remaining.to_dict("list") == {
        "workload": ["late", "late"],
        "data_centre": ["X", "X"],
        "hours_left": [0.0, 1.0],
        "mtok": pytest.approx([10, 10]),
    }
    assert placement.remaining(3).empty
    assert placement.remaining(0).empty


def test_what_is_due_first_counts_as_served_first(make_waiting):
    """Tests by hand: of 20 Mtok that arrive by hour 1 and 10 served in it, those of hour 1 remain."""
    sites = [{"data_centre": "X", "region": "east", "accelerators": 30.0}]
    placement = solve(make_waiting([50.0, 20.0, 10.0, 60.0], data_centres=sites))
    assert placement.remaining(2).to_dict("records") == [
        {"workload": "late", "data_centre": "X", "hours_left": 1.0, "mtok": pytest.approx(10)}
    ]


def test_a_backlog_is_queued_under_its_workload(make_waiting):
    """Tests that a backlog that waits on is added to the queue of its workload with the hours it has left."""
    row = {"workload": "late", "data_centre": "X", "hours_left": 2, "mtok": 7}
    placement = solve(make_waiting([50.0, 40.0, 10.0, 60.0]).with_backlog([row]))
    assert placement.queues["mtok"].to_dict() == pytest.approx(
        {("late", "X", 0, 1.0): 17, ("late", "X", 1, 0.0): 17, ("late", "X", 1, 1.0): 10}
    )
    assert placement.remaining(0).to_dict("records") == [row]


def test_cyclic_queues_go_over_the_end(make_waiting):
    """Tests that work of the last hour, served in the first, is queued at the end of the last."""
    placement = solve(make_waiting([10.0, 40.0, 50.0], cyclic=True))
    queues = placement.queues["mtok"]
    assert queues["late", "X", 2, 1.0] == pytest.approx(10)
    assert queues["late", "X", 2, 0.0] == pytest.approx(10)
    assert placement.cut_short.empty
    assert placement.cut_short_mtok == 0
    with pytest.raises(InstanceError, match="a cyclic horizon has no beginning"):
        placement.remaining(1)


@pytest.mark.slow
def test_the_end_cuts_windows_short(make_waiting):
    """Tests by hand: 10 Mtok each of the hours 2 and 3 may wait past hour 3, in which those of both are served."""
    placement = solve(make_waiting([50.0, 40.0, 60.0, 10.0]))
    assert placement.cut_short.loc["late"].to_dict() == pytest.approx({"mtok": 20, "share": 0.5, "last_hour_mtok": 20})
    assert placement.cut_short.index.tolist() == ["late"]
    assert placement.cut_short_mtok == placement.summary()["cut_short_mtok"] == pytest.approx(20)
    nothing = solve(make_waiting([50.0, 40.0], workloads=[W, LATE | {"deadline_hours": 0.5}]))
    assert nothing.cut_short.empty
    assert nothing.queues.empty


def test_a_backlog_may_be_cut_short(make_waiting):
    """Tests that a backlog counts with its workload."""
    row = {"workload": "late", "data_centre": "X", "hours_left": 2, "mtok": 7}
    placement = solve(make_waiting([50.0, 40.0]).with_backlog([row]))
    assert placement.cut_short.loc["late"].to_dict() == pytest.approx({"mtok": 27, "share": 1, "last_hour_mtok": 27})


def test_hours_left_are_hours(make_waiting):
    """Tests that steps of a tenth of an hour count as such, and that their differences do not round."""
    instance = make_waiting([50.0, 40.0, 10.0], workloads=[W, LATE | {"deadline_hours": 0.25}], hour_length=0.1)
    placement = solve(instance)
    assert placement.queues.index.get_level_values("hours_left").tolist() == [0.15, 0.05, 0.15]
    assert placement.remaining(1)["hours_left"].tolist() == [0.15]


def test_hours_outside_the_horizon_are_refused(make_waiting):
    """Tests that an hour is named as the demand names it."""
    placement = solve(make_waiting([50.0, 40.0]))
    for hour in (2, -1, "2", "0-1", 0.5, True, pd.Timestamp("2026-01-01")):
        with pytest.raises(
            InstanceError, match=r"remaining.hour: .* is no hour of the demand \(allowed: one of the hours 0 to 1\)"
        ):
            placement.remaining(hour)


@pytest.mark.slow
@settings(max_examples=tries(5, 15), deadline=None)
@given(seed=st.integers(0, 10_000), cyclic=st.booleans())
def test_what_arrives_is_served_or_queued(make_random_instance, seed, cyclic):
    """Tests that queues change by what arrives less what is served, in every hour, for every workload and site."""
    placement = solve(make_random_instance(seed, cyclic=cyclic))
    waiting, queues = placement.waiting["mtok"], placement.queues["mtok"]
    keys, hours = ["workload", "data_centre"], placement.formulation.hour_labels
    arrived = waiting.groupby([*keys, "arrival_hour"]).sum().unstack(fill_value=0.0)
    served = waiting.groupby([*keys, "service_hour"]).sum().unstack(fill_value=0.0)
    queued = queues.groupby([*keys, "hour"]).sum().unstack(fill_value=0.0)
    arrived, served, queued = (
        each.reindex(arrived.index).reindex(hours, axis=1).fillna(0.0) for each in (arrived, served, queued)
    )
    before = np.roll(queued.to_numpy(), 1, axis=1)
    if not cyclic:
        assert not queued.to_numpy()[:, -1].any()
        remaining = placement.remaining(hours[2])
        totals = remaining.groupby(keys)["mtok"].sum().reindex(arrived.index).fillna(0.0)
        assert np.allclose(totals, queued[hours[1]], atol=1e-6 * placement.demand_mtok)
        assert (remaining["hours_left"] >= 0).all()
    assert np.allclose(queued, before + arrived - served, atol=1e-6 * placement.demand_mtok)
    assert (queues.index.get_level_values("hours_left") >= 0).all()


def test_blocks_end_like_horizons(make_waiting):
    """Tests by hand that the last hour of each block cuts windows short, and amounts count by weight."""
    periods = [{"hour": hour, "weight": 3.0 - hour // 2, "block": f"day {hour // 2}"} for hour in range(4)]
    placement = solve(make_waiting([50.0, 40.0, 60.0, 10.0], periods=periods))
    assert placement.cut_short.loc["late"].to_dict() == pytest.approx({"mtok": 100, "share": 1, "last_hour_mtok": 100})
    assert placement.queues["mtok"].to_dict() == pytest.approx({("late", "X", 0, 1.0): 30, ("late", "X", 2, 1.0): 20})
    with pytest.raises(InstanceError, match="hours with weights or in blocks do not follow each other"):
        placement.remaining(2)
