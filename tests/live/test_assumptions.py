"""The controls of an instance, by hand."""

from __future__ import annotations

import math

import pytest

import placer
from placer.live.assumptions import LEAST_FACTOR, assumptions_of


@pytest.fixture(scope="module")
def tiny():
    return assumptions_of(placer.load("tiny"))


@pytest.fixture(scope="module")
def of_rich(rich):
    return assumptions_of(rich.load(()))


def test_every_group_has_a_control_for_each_row(tiny):
    """Tests names of groups and rows of the smallest dataset; unlimited latency has no factor."""
    rows = {group.title: [row.label for row in group.rows] for group in tiny.groups}
    assert rows == {
        "Price of power": ["All", "Coast grid", "Plateau wind"],
        "Accelerators": ["All", "Metro", "Port", "Plateau"],
        "Demand": ["All", "voice", "chat", "batch"],
        "Latency limits": ["All", "voice", "chat"],
    }
    assert [switch.name for switch in tiny.switches.values()] == ["Metro", "Port", "Plateau"]
    assert len(tiny.links) == 8
    assert [law.workload for law in tiny.law] == ["voice", "chat", "batch"]


def test_bases_are_means_over_hours_and_demand_a_day(tiny):
    """Tests the figure that a factor multiplies: a price of 100 and 80, 45 accelerators, and demand of two hours."""
    assert tiny.factors["power_zones.usd_per_mwh[Coast grid]"].base == 90
    assert tiny.factors["accelerators[Metro]"].base == 45
    instance = placer.load("tiny")
    voice = instance.demand.loc[instance.demand["workload"] == "voice", "mtok"].sum()
    assert tiny.factors["demand.mtok[voice]"].base == pytest.approx(voice * 24 / 2)
    assert math.isnan(tiny.factors["demand.mtok"].base)


def test_factors_of_zero_are_where_zero_is_a_value(tiny):
    """Tests that a price may fall to 0, and a latency limit may not."""
    assert tiny.factors["power_zones.usd_per_mwh"].least == 0
    assert tiny.factors["workloads.latency_slo_ms[chat]"].least == LEAST_FACTOR


def test_policies_surcharges_law_and_pools_have_controls(of_rich):
    """Tests that a ban has a switch alone, that pools count with their site, and that law is as it is stated."""
    factors, switches = of_rich.factors, of_rich.switches
    assert "policies.amount[tariff]" in factors
    assert "policies.amount[no voice]" not in factors
    assert [switch.name for switch in switches.values() if switch.table == "policies"] == ["tariff", "no voice"]
    assert "surcharges.usd_per_mtok" in factors
    assert factors["accelerators[Port]"].base == 100
    assert "accelerator_pools.accelerators" in factors["accelerators[Port]"].columns
    assert {law.workload: law.admitted for law in of_rich.law}["voice"] == ("east",)


def test_unlimited_accelerators_have_a_switch_alone(make_instance):
    instance = make_instance(data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 5.0}])
    found = assumptions_of(instance)
    assert "accelerators[X]" not in found.factors
    assert {"data_centres[X]", "data_centres[Y]"} == found.switches.keys()


def test_many_jurisdictions_leave_law_to_workloads_that_state_one(make_instance):
    """Tests that 13 jurisdictions give no control to a workload that may run anywhere, and one to another."""
    sites = [{"data_centre": f"s{at}", "region": f"r{at}", "jurisdiction": f"r{at}"} for at in range(13)]
    links = [{"from": hub, "to": site["data_centre"], "rtt_ms": 1.0} for hub in "AB" for site in sites]
    given = {"data_centres": sites, "links": links, "supplies": [], "power_zones": []}
    assert assumptions_of(make_instance(**given)).law == ()
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "jurisdictions": ["r1"]}]
    assert [law.admitted for law in assumptions_of(make_instance(**given, workloads=workloads)).law] == [("r1",)]
