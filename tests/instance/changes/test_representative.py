"""Representative days: clusters by hand, extremes, weights, and what cannot be represented."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.changes.representative import DEMAND, PRICE, limits_among, values_by_hour

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "deadline_hours": 12.0}
#: Demand of every day, in both of its hours: three low days, two high ones and the peak.
LEVELS = (1.0, 5.0, 1.2, 5.2, 9.0, 1.1)


@pytest.fixture
def make_days(make_instance):
    """Return a function that makes an instance of days of two hours, with the price of zone zx by day."""

    def make(levels=LEVELS, zone=None, prices=None, **changes):
        stamps = pd.date_range("2026-03-27", periods=2 * len(levels), freq="12h", tz=zone)
        demand = [
            {"workload": "w", "hub": "A", "hour": stamp, "mtok": level}
            for stamp, level in zip(stamps, np.repeat(levels, 2), strict=True)
        ]
        price = list(np.repeat(prices, 2)) if prices is not None else 10.0
        zones = [{"power_zone": "zx", "usd_per_mwh": price}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
        return make_instance(workloads=[W], demand=demand, power_zones=zones, hour_length=12.0, **changes)

    return make


def days_left(small):
    """Return the weight of every day that is left."""
    return small.instance.periods.groupby("block", sort=False)["weight"].first().to_dict()


def test_days_that_are_alike_form_a_cluster(make_days):
    """Tests the clusters of six days, the day nearest to the mean of each, and the hours that it stands for."""
    whole = make_days()
    small = whole.representative_days(3)
    assert days_left(small) == {"2026-03-28": 2.0, "2026-03-31": 1.0, "2026-04-01": 3.0}
    assert small.instance.demand["mtok"].tolist() == [5.0, 5.0, 9.0, 9.0, 1.1, 1.1]
    assert small.whole is whole
    assert small.hour.tolist() == [4, 5, 0, 1, 4, 5, 0, 1, 2, 3, 4, 5]
    assert small.hours["represented_by"].iloc[2] == pd.Timestamp("2026-03-28")
    assert small.instance.weights.sum() == len(whole.hours)
    assert placer.solve(small.instance).certificate.proven


def test_hourly_values_are_those_of_the_days_that_are_left(make_days):
    """Tests that prices go with their days, and that dear days are told apart from cheap ones."""
    small = make_days(levels=(2.0,) * 5, prices=(10.0, 29.0, 10.0, 31.0, 32.0)).representative_days(2)
    assert small.instance.power_zones["usd_per_mwh"].tolist() == [(10.0, 10.0, 31.0, 31.0), 20.0]


@pytest.mark.slow
def test_extremes_represent_themselves(make_days):
    """Tests every extreme by its name, explicit days, and one day named twice."""
    prices, accelerators = (10.0, 12.0, 60.0, 11.0, 10.0, 10.0), [9.0, 9.0, 9.0, 9.0, 9.0, 2.0]
    sites = [{"data_centre": "X", "accelerators": np.repeat(accelerators, 2).tolist()}, {"data_centre": "Y"}]
    whole = make_days(prices=prices, data_centres=sites)
    cases = {
        "peak demand": "2026-03-31",
        "dearest power": "2026-03-29",
        "scarcest supply": "2026-04-01",
        "2026-03-30": "2026-03-30",
        date(2026, 3, 27): "2026-03-27",
    }
    for extreme, day in cases.items():
        assert days_left(whole.representative_days(2, extreme))[day] == 1.0
    three = whole.representative_days(4, ["peak demand", "2026-03-31", "dearest power", "scarcest supply"])
    assert days_left(three) == {"2026-03-29": 1.0, "2026-03-31": 1.0, "2026-04-01": 1.0} | {"2026-03-28": 3.0}


def test_all_days_change_nothing(make_days):
    """Tests that all days are the instance itself, whose work may wait past midnight, and not days as blocks."""
    whole = make_days()
    small = whole.representative_days(len(LEVELS))
    assert small.instance == whole
    assert small.hour.tolist() == list(range(len(whole.hours)))


def test_days_at_a_change_of_the_clock_represent_themselves(make_instance):
    """Tests that the day of 23 hours is left, with its weight, and that it counts among the days asked for."""
    stamps = pd.date_range("2026-03-27", "2026-03-31 23:00", freq="h", tz="Europe/Berlin")
    demand = pd.DataFrame({"workload": "w", "hub": "A", "hour": stamps, "mtok": 1.0})
    whole = make_instance(workloads=[W], demand=demand)
    small = whole.representative_days(2)
    assert days_left(small) == {"2026-03-27": 4.0, "2026-03-29": 1.0}
    assert small.instance.weights.sum() == 119
    with pytest.raises(InstanceError, match=r"1, and 1 days represent themselves, 1 for their hours .*at least 2"):
        whole.representative_days(1)


def test_blocks_with_weights(make_instance):
    """Tests that blocks are the days, that weights add up, and that whole hours are numbered anew."""
    demand = [{"workload": "w", "hub": "A", "hour": 3 + hour, "mtok": (1.0, 1.0, 8.0)[hour // 2]} for hour in range(6)]
    periods = [{"hour": 3 + hour, "weight": 10.0 + hour // 2, "block": "abc"[hour // 2]} for hour in range(6)]
    small = make_instance(workloads=[W], demand=demand, periods=periods).representative_days(2)
    assert days_left(small) == {"a": 21.0, "c": 12.0}
    assert small.instance.hours == range(4)
    assert small.hour.tolist() == [0, 1, 0, 1, 2, 3]
    assert small.instance.demand["mtok"].tolist() == [1.0, 1.0, 8.0, 8.0]


def test_steps_of_demand_are_left_too(make_instance):
    """Tests that the steps of the days that are left stay, and that whole hours are numbered anew there too."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": (9.0, 1.0, 1.0)[hour]} for hour in range(3)]
    periods = [{"hour": hour, "block": "abc"[hour]} for hour in range(3)]
    whole = make_instance(workloads=[W], demand=demand, periods=periods)
    small = whole.with_elastic_demand(10.0, -1.0, between=(5.0, 20.0), steps=2).representative_days(2, "c").instance
    assert len(small.demand_steps) == 6
    assert small.demand_steps["hour"].tolist() == [0, 0, 0, 1, 1, 1]


def test_totals_are_kept_apart_from_demand(make_days):
    """Tests that the representative of equal days gives the cost of the whole exactly."""
    whole = make_days(levels=(2.0, 6.0, 2.0, 6.0, 2.0))
    periods = pd.DataFrame({"hour": whole.hours, "block": whole.hours.strftime("%Y-%m-%d")})
    whole = whole.replace(periods=periods)
    small = whole.representative_days(2)
    assert placer.solve(small.instance).cost_usd == pytest.approx(placer.solve(whole).cost_usd)


def violations_of(instance, *given):
    """Return column and problem of every violation."""
    with pytest.raises(InstanceError) as raised:
        instance.representative_days(*given)
    return [(each.table, each.column, each.problem) for each in raised.value.violations]


def test_bad_input_is_listed(make_days):
    """Tests counts and extremes that are none, all at once."""
    whole = make_days()
    at = "representative_days"
    assert violations_of(whole, 7, ["peak", "2026-03-26", 3, "dearest power", "scarcest supply"]) == [
        (at, "extremes", "'peak' is no day"),
        (at, "extremes", "'2026-03-26' is no day"),
        (at, "extremes", "3 is no day"),
        (at, "extremes", "'dearest power': none of its values changes by the hour"),
        (at, "extremes", "'scarcest supply': none of its values changes by the hour"),
        (at, "count", "7 of 6 days"),
    ]
    for count, problem in ((0, "0 is out of range"), (2.5, "2.5 is not whole"), ("three", "'three' is text")):
        assert violations_of(whole, count) == [(at, "count", problem)]
    assert violations_of(whole, 2, ["2026-03-27", "2026-03-28"]) == [
        (at, "count", "2, and 2 days represent themselves")
    ]
    assert violations_of(make_days(levels=(1.0,)), 1) == [(at, "", "there is one day only")]


def test_what_has_no_counterpart_is_listed(make_days):
    """Tests limits on some hours and a backlog; shares of each hour are carried over."""
    limits = [
        {"limit": "on a day", "kind": "tokens", "sense": "<=", "amount": 5.0, "hours": "2026-03-27"},
        {"limit": "each", "kind": "energy_mwh", "sense": "<=", "amount": 90.0, "hours": "each"},
        {"limit": "share", "kind": "share", "sense": "<=", "amount": 0.9, "hours": "each", "data_centre": "X"},
        {"limit": "all", "kind": "tokens", "sense": "<=", "amount": 1e3, "data_centre": "X"},
    ]
    whole = make_days(limits=limits)
    some = "some hours have no counterpart"
    assert violations_of(whole, 0) == [
        ("limits", "hours", some),
        ("limits", "hours", some),
        ("representative_days", "count", "0 is out of range"),
    ]
    kept = whole.replace(limits=limits[2:]).representative_days(2).instance
    assert kept.limits["limit"].tolist() == ["share", "all"]
    waits = make_days().with_backlog([{"workload": "w", "data_centre": "X", "hours_left": 0, "mtok": 1.0}])
    assert ("backlog", "", "it waits before the first day alone") in violations_of(waits, 2)


@pytest.mark.slow
def test_reductions_chain(make_days):
    """Tests days of merged hubs, and merged hubs of days."""
    week = placer.datasets.year("china", days=4)
    one, other = week.merge_hubs(40).representative_days(2), week.representative_days(2).merge_hubs(40)
    for small in (one, other):
        assert small.whole is week
        assert (len(small.instance.hubs), len(small.instance.hours)) == (40, 48)
        assert len(np.unique(small.hour)) == 48


INF = float("inf")


def test_what_changes_by_the_hour_is_measured_against_its_mean(make_instance):
    """Tests demand in accelerator-hours, prices, and a limit that is infinite now and then; constants are left out."""
    zones = [{"power_zone": "zx", "usd_per_mwh": [20.0, 40.0]}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    sites = [{"data_centre": "X", "accelerators": [4.0, INF]}, {"data_centre": "Y", "accelerators": 5.0}]
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 2.0, "kwh_per_mtok": 1.0}]
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0 + 2 * hour} for hour in range(2)]
    instance = make_instance(power_zones=zones, data_centres=sites, workloads=workloads, demand=demand)
    values = values_by_hour(instance.tables, instance.hours)
    assert set(values) == {DEMAND, PRICE, "data_centres.accelerators"}
    assert values[DEMAND].sum(axis=0).tolist() == [0.5, 1.5]
    assert values[PRICE] == pytest.approx(np.array([[2 / 3, 4 / 3]]))
    assert values["data_centres.accelerators"] == pytest.approx(np.array([[4 / 6, 8 / 6]]))
    (limit,) = limits_among(values)
    assert limit is values["data_centres.accelerators"]


def test_demand_is_told_apart_by_workload_and_region(make_instance):
    """Tests that hubs of one region add up, that work of no accelerators counts Mtok, and hubs without a region."""
    workloads = [{"workload": name, "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1.0} for name in "vw"]
    hubs = [{"hub": "A", "region": "e"}, {"hub": "B", "region": "e"}, {"hub": "C"}]
    amounts = {("v", "A"): 1.0, ("v", "B"): 2.0, ("w", "C"): 4.0}
    demand = [{"workload": w, "hub": h, "mtok": mtok} for (w, h), mtok in amounts.items()]
    links = [{"from": hub, "to": to, "rtt_ms": 5.0} for hub in "ABC" for to in "XY"]
    instance = make_instance(workloads=workloads, hubs=hubs, links=links, demand=demand)
    values = values_by_hour(instance.tables, instance.hours)[DEMAND]
    assert np.sort(values.ravel()) * 5 == pytest.approx([0, 0, 3, 4])
