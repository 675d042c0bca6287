"""Values in another unit than that of their column."""

from __future__ import annotations

import math

import numpy as np
import pytest

import placer
from placer.instance.attributes.schema import TABLES
from placer.instance.typical import SETTINGS, TYPICAL, untypical

OF = {(each.table, each.column): each for each in TYPICAL}


def only(instance, table, column):
    """Return the remarks on one column."""
    return untypical(instance, [OF[table, column]])


def test_every_range_is_of_a_column_with_a_source():
    """Tests that ranges are of columns and settings that exist, once each, and that a slip leads out of the range."""
    assert len(OF) == len(TYPICAL)
    for each in TYPICAL:
        names = vars(placer.Settings()) if each.table == SETTINGS else TABLES[each.table].names
        assert each.column in names
        assert each.low < each.high
        assert ".csv" in each.source
        assert all(factor not in (0.0, 1.0) for factor in each.slips.values())


@pytest.mark.parametrize("price", [-60.0, 0.0, 60.0, (0.0, -3.0, 60.0, 900.0)])
def test_prices_of_some_hours_may_be_anything(make_instance, price):
    """Tests that zero, negative and scarcity prices are typical if the median hour that is not zero is."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(4)]
    zones = [{"power_zone": "zx", "usd_per_mwh": price}, {"power_zone": "zy", "usd_per_mwh": 50.0}]
    assert only(make_instance(power_zones=zones, demand=demand), "power_zones", "usd_per_mwh") == []


def test_the_rows_and_the_unit_are_named(make_instance):
    """Tests one row of two beyond the range, of hourly prices in USD per kWh."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(2)]
    zones = [{"power_zone": "zx", "usd_per_mwh": (0.04, 0.08)}, {"power_zone": "zy", "usd_per_mwh": 50.0}]
    assert only(make_instance(power_zones=zones, demand=demand), "power_zones", "usd_per_mwh") == [
        "power_zones.usd_per_mwh of zx is 0.06 USD per MWh, below the typical 1: in USD per kWh?"
    ]


def test_no_unit_is_guessed_that_does_not_fit(make_instance):
    """Tests that a value which no slip explains has no question behind it."""
    found = only(make_instance(carbon_usd_per_kg=1e6), "settings", "carbon_usd_per_kg")
    assert found == ["settings.carbon_usd_per_kg is 1,000,000 USD per kg, above the typical 2"]


def test_unlimited_and_missing_values_are_typical(make_instance):
    """Tests that infinite limits and values not given have no remark, and power without accelerator-hours neither."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 5.0, "latency_slo_ms": math.inf}
    instance = make_instance(workloads=[work])
    assert untypical(instance, [each for each in TYPICAL if each.table in ("workloads", "links", "supplies")]) == []


def test_demand_counts_by_the_length_of_its_steps(make_instance):
    """Tests that 1e8 Mtok in a step of a day are typical, and in an hour are not."""
    demand = [{"workload": "w", "hub": "A", "mtok": 1e8}]
    assert only(make_instance(demand=demand, hour_length=24.0), "demand", "mtok") == []
    (found,) = only(make_instance(demand=demand), "demand", "mtok")
    assert found == "demand.mtok is 100,000,000 Mtok per hour, above the typical 10,000,000: in tokens?"


def test_round_trips_are_judged_by_their_median():
    """Tests that a link within a town is no mistake, and all links in seconds are one."""
    tiny = placer.load("tiny")
    near = tiny.replace(links=tiny.links.assign(rtt_ms=np.r_[0.01, tiny.links["rtt_ms"][1:]]))
    assert only(near, "links", "rtt_ms") == []
    assert only(tiny.scaled("links.rtt_ms", 1e-3), "links", "rtt_ms") == [
        "links.rtt_ms is at the median 0.005 ms, below the typical 0.1: in seconds?"
    ]
