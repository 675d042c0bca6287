"""Columns with other values, in all rows, in some and in some hours."""

# ruff: noqa: E501 - messages read best whole

from __future__ import annotations

import math

import pytest

import placer
from placer.errors import ArgumentError, InstanceError


@pytest.fixture(scope="module")
def tiny():
    """The smallest dataset: two hours; prices of 100 and 80 USD on the coast, 40 and 20 USD on the plateau."""
    return placer.load("tiny")


def prices(instance):
    return instance.hourly("power_zones", "usd_per_mwh").tolist()


def test_columns_are_multiplied_with_their_hours(tiny):
    """Tests several columns at once, hourly prices and unlimited links too."""
    changed = tiny.scaled(["links.rtt_ms", "links.capacity_gbps", "power_zones.usd_per_mwh"], 2)
    assert changed.links["rtt_ms"].tolist() == [2 * value for value in tiny.links["rtt_ms"]]
    assert math.isinf(changed.links["capacity_gbps"].iloc[0])
    assert changed.links["capacity_gbps"].iloc[-1] == 2
    assert prices(changed) == [[200, 160], [80, 40]]


def test_dearer_power_costs_what_it_must(make_instance):
    """Tests the cost by hand: 16 Mtok at 1 MWh each, 10 of them at 50 USD and 6 at 20 USD; the 20 rise by a fifth."""
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000, "latency_slo_ms": 25}
    small = make_instance(workloads=[workload])
    assert placer.solve(small).cost_usd == pytest.approx(10 * 50 + 6 * 20)
    dearer = small.scaled("power_zones.usd_per_mwh", 1.2, where="zy")
    assert placer.solve(dearer).cost_usd == pytest.approx(10 * 50 + 6 * 24)


def test_rows_are_chosen_by_name_column_and_hour(tiny):
    price = "power_zones.usd_per_mwh"
    assert prices(tiny.scaled(price, 2, "Plateau wind")) == [[100, 80], [80, 40]]
    assert prices(tiny.scaled(price, 2, ["Plateau wind", "Coast grid"])) == [[200, 160], [80, 40]]
    assert prices(tiny.scaled(price, 2, {"hour": 1})) == [[100, 160], [40, 40]]
    assert prices(tiny.with_value(price, 7, {"hour": "0-1", "power_zone": "Coast grid"})) == [[7, 7], [40, 20]]
    assert tiny.with_value("data_centres.pue", 1.1, {"region": "west"}).data_centres["pue"].tolist() == [1.2, 1.5, 1.1]
    demand = tiny.scaled("demand.mtok", 0, {"workload": ["chat", "voice"], "hub": "Coast", "hour": [0]}).demand
    assert (demand["mtok"] == 0).sum() == 2
    assert tiny.scaled("demand.mtok", 2, "chat") == tiny.scaled_demand(2, workload="chat")


def test_pairs_are_links_and_supplies(tiny, make_instance):
    """Tests that a link is found from either end, unless links have a direction; that a node stands for all its links."""
    changed = tiny.scaled("links.rtt_ms", 2, ("East exchange", "Coast")).links
    assert (changed["rtt_ms"] / tiny.links["rtt_ms"]).tolist().count(2) == 1
    assert tiny.scaled("links.rtt_ms", 2, "Coast").links.equals(changed)
    assert tiny.with_value("supplies.loss", 0.5, ("Coast grid", "Port")).supplies["loss"].tolist().count(0.5) == 1
    directed = make_instance(directed=True)
    with pytest.raises(InstanceError, match=r"links: \('X', 'A'\) is in no row"):
        directed.scaled("links.rtt_ms", 2, ("X", "A"))


def test_values_are_numbers_names_or_one_per_hour(tiny):
    assert tiny.with_value("workloads.jurisdictions", "EU|CH", "chat").workloads["jurisdictions"].iloc[1] == (
        "CH",
        "EU",
    )
    assert prices(tiny.with_value("power_zones.usd_per_mwh", [1, 2], "Coast grid")) == [[1, 2], [40, 20]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda tiny: tiny.scaled(["power_zone.usd_per_mwh", "links.rtt", "power_zones.lmp", "hubs.hub"], -1, ["Coat"]),
            [
                "power_zone.usd_per_mwh: no table 'power_zone' (allowed: perhaps power_zones)",
                "links.rtt: no such column of numbers (allowed: perhaps rtt_ms)",
                "power_zones.lmp: no such column of numbers (allowed: perhaps usd_per_mwh)",
                "hubs.hub: no such column of numbers (allowed: access_ms, lat, lon, utc_offset_hours)",
            ],
        ),
        (
            lambda tiny: tiny.with_value("data_centres.pue", 0.3, ["Prt", "Moon"]),
            [
                "data_centres: 'Prt' is in no row (allowed: perhaps Port)",
                "data_centres: 'Moon' is in no row (allowed: Metro, Port, Plateau)",
                "data_centres.pue: 0.3 is out of range (allowed: number, or one per hour, >= 1, <= 10, finite)",
            ],
        ),
        (
            lambda tiny: tiny.scaled("demand.mtok", 2, {"workload": "chatt", "hour": 7, "zone": "x"}),
            [
                "demand.workload: 'chatt' is in no row (allowed: perhaps chat)",
                "demand.hour: 7 is no hour of the demand (allowed: hours of the demand, such as 0 or 0-1)",
                "demand.zone: no such column of names (allowed: workload, hub)",
            ],
        ),
        (lambda tiny: tiny.scaled("links.rtt_ms", -1), ["links.rtt_ms: factor: -1 is out of range (allowed: number, >= 0, finite)"]),
        (lambda tiny: tiny.scaled("links.capacity_gbps", 0), ["links.capacity_gbps: unlimited values cannot be multiplied by 0 (allowed: a factor > 0)"]),
        (lambda tiny: tiny.scaled("data_centres.power_limit_mw", 0.8), ["data_centres.power_limit_mw: nothing to multiply: no value is given, or all are unlimited (allowed: a column with values)"]),
        (lambda tiny: tiny.with_value("data_centres.pue", float("nan")), ["data_centres.pue: missing (allowed: number, or one per hour, >= 1, <= 10, finite)"]),
        (lambda tiny: tiny.scaled("demand.mtok", 2, []), ["demand: no row is chosen (allowed: a scope that some row is in)"]),
        (lambda tiny: tiny.scaled("power_zones.usd_per_mwh", 2, {"hour": "each"}), ["power_zones.hour: 'each' names no hours (allowed: hours of the demand, such as 0 or 0-1)"]),
        (lambda tiny: tiny.scaled("links.rtt_ms", 2, {"hour": 0}), ["links.hour: no such column of names (allowed: from, to)"]),
    ],
    ids=range(10),
)  # fmt: skip
def test_all_that_is_wrong_is_told_at_once(tiny, change, expected):
    """Tests that tables, columns, names and values are listed together, each with what was probably meant."""
    with pytest.raises(InstanceError) as caught:
        change(tiny)
    assert [str(violation) for violation in caught.value.violations] == expected


def test_a_name_of_two_things_is_refused(make_instance):
    small = make_instance(
        workloads=[{"workload": "A", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1}],
        demand=[{"workload": "A", "hub": hub, "mtok": 1} for hub in "AB"],
    )
    with pytest.raises(InstanceError, match="'A' is in workload and in hub"):
        small.scaled("demand.mtok", 2, "A")
    assert small.scaled("demand.mtok", 2, {"hub": "A"}).demand["mtok"].tolist() == [2, 1]


def test_rows_are_named_by_names(tiny):
    with pytest.raises(ArgumentError, match="expected names"):
        tiny.scaled("demand.mtok", 2, [["chat"]])
