"""Figures by which days are told apart: what changes by the hour, in one scale."""

from __future__ import annotations

import numpy as np
import pytest

from placer.instance.changes.day_features import DEMAND, PRICE, limits_among, values_by_hour

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
