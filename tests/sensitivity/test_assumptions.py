"""Tests of assumptions: instances with one figure changed, on instances small enough to check by hand."""

from __future__ import annotations

import math

import pytest

import placer
from placer.errors import InstanceError
from placer.sensitivity.assumptions import (
    amount_of_limit,
    largest_of,
    load_of,
    network_ms_of,
    region_share_of,
    scaled_to,
    values_of,
    with_limit,
    with_load,
    with_network_ms,
    with_region_share,
)


@pytest.fixture(scope="module")
def tiny():
    """The smallest dataset: 45 + 100 accelerators in the east, 100 in the west."""
    return placer.load("tiny")


@pytest.mark.slow
def test_scaled_to_keeps_ratios(make_instance):
    """Tests that prices of 1 and 2 become 2 and 4 where the largest is to be 4."""
    instance = make_instance(
        data_centres=[
            {"data_centre": "X", "accelerator_usd_per_hour": 1.0},
            {"data_centre": "Y", "accelerator_usd_per_hour": 2.0},
        ]
    )
    price = "data_centres.accelerator_usd_per_hour"
    assert largest_of(instance, price) == 2
    assert scaled_to(instance, price, 4.0).data_centres["accelerator_usd_per_hour"].tolist() == [2, 4]
    with pytest.raises(InstanceError, match="its largest value is 0"):
        scaled_to(make_instance(), price, 4.0)


def test_values_of_a_column_are_a_span(tiny):
    assert values_of(tiny.with_value("data_centres.max_utilisation", 0.7), "data_centres.max_utilisation") == "0.7"
    assert values_of(tiny, "links.rtt_ms") == "5 to 30"


def test_load_scales_accelerators_and_power(make_instance):
    """Tests by hand: 16 Mtok take 16 hours of 40 accelerators in one hour, a load of 0.4; at 0.8 there are half."""
    instance = make_instance(
        data_centres=[
            {"data_centre": "X", "accelerators": 30.0, "power_limit_mw": 60.0},
            {"data_centre": "Y", "accelerators": 5.0, "speed": 2.0},
        ],
    )
    changed = with_load(instance, 0.8)
    assert (load_of(instance), load_of(changed)) == pytest.approx((0.4, 0.8))
    assert changed.data_centres["accelerators"].tolist() == pytest.approx([15, 2.5])
    assert changed.data_centres["power_limit_mw"].tolist() == [30, math.inf]


def test_region_takes_a_share_of_the_accelerators(tiny):
    """Tests that 49 and 196 of 245 are 20 and 80 %, Metro and Port share in proportion, and the total stays."""
    changed = with_region_share(tiny, "west", 0.2)
    assert region_share_of(tiny, "west") == pytest.approx(100 / 245)
    assert region_share_of(changed, "west") == pytest.approx(0.2)
    assert changed.data_centres["accelerators"].tolist() == pytest.approx([196 * 45 / 145, 196 * 100 / 145, 49])


def test_power_follows_the_accelerators_of_a_region(make_instance):
    """Tests that X with 3 / 4 of what it had has 3 / 4 of its supply, and Y with twice as much twice."""
    instance = make_instance(
        data_centres=[
            {"data_centre": "X", "region": "east", "accelerators": 80.0},
            {"data_centre": "Y", "region": "west", "accelerators": 20.0},
        ],
        supplies=[
            {"power_zone": "zx", "data_centre": "X", "limit_mw": 8.0},
            {"power_zone": "zy", "data_centre": "Y", "limit_mw": 3.0},
        ],
    )
    assert with_region_share(instance, "west", 0.4).supplies["limit_mw"].tolist() == pytest.approx([6, 6])


def test_network_ms_sets_the_latency_limit(tiny):
    """Tests that voice, 25 ms now, waits 175 ms for the server and one round trip of 40, and others stay."""
    changed = with_network_ms(tiny, ["voice"], 40)
    assert changed.workloads["latency_slo_ms"].tolist() == [215, *tiny.workloads["latency_slo_ms"].tolist()[1:]]
    assert network_ms_of(tiny, ["voice", "chat"]) == "25 to 100"
    agents = tiny.replace(workloads=tiny.workloads.assign(tool_round_trips=4.0, tools_colocated=0.5))
    assert with_network_ms(agents, ["voice"], 10).workloads["latency_slo_ms"].iloc[0] == 175 + 10 * 3


def test_network_ms_of_modes_is_left_by_the_slowest(tiny):
    """Tests that voice in 175 or 150 ms leaves 25 of 200 ms in both modes, and that 40 ms make the limit 215."""
    voice = {"workload": "voice", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}
    modes = [voice | {"mode": f"{ms:g}", "server_ms": ms} for ms in (150.0, 175.0)]
    instance = tiny.with_value("workloads.server_ms", 0.0, where="voice").replace(modes=modes)
    assert network_ms_of(instance, ["voice", "chat"]) == network_ms_of(tiny, ["voice", "chat"])
    changed = with_network_ms(instance, ["voice"], 40).workloads["latency_slo_ms"]
    assert changed.tolist() == with_network_ms(tiny, ["voice"], 40).workloads["latency_slo_ms"].tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tiny: values_of(tiny, "modes.kwh_per_mtok"), "modes.kwh_per_mtok: modes has no rows"),
        (lambda tiny: scaled_to(tiny, "links.rtt", 2), "links.rtt: no such column of numbers"),
        (lambda tiny: scaled_to(tiny, "links.rtt_ms", -1), "rtt_ms"),
        (lambda tiny: values_of(tiny, "hubs.region"), "hubs.region: no such column of numbers"),
        (lambda tiny: with_load(tiny, 0), "load: 0"),
        (lambda tiny: with_region_share(tiny, "north", 0.5), "no data centre lies there"),
        (lambda tiny: with_region_share(tiny, "west", 1.0), "share: 1"),
        (lambda tiny: with_network_ms(tiny, ["speech"], 20), "speech.*is unknown"),
        (lambda tiny: with_network_ms(tiny, ["voice"], -1), "network_ms: -1 ms"),
    ],
)
def test_what_makes_no_instance_is_told(tiny, change, message):
    with pytest.raises(InstanceError, match=message):
        change(tiny)


def test_unlimited_accelerators_have_no_load(make_instance):
    with pytest.raises(InstanceError, match="unlimited, or none"):
        load_of(make_instance())


def test_region_of_all_data_centres_has_no_share(make_instance):
    instance = make_instance(data_centres=[{"data_centre": name, "region": "east"} for name in "XY"])
    with pytest.raises(InstanceError, match="all data centres lie there"):
        region_share_of(instance, "east")


def test_a_limit_of_ones_own_has_another_amount(make_instance):
    """Tests that one limit changes and the other stays, that all may be scaled, and what is refused."""
    rows = [{"limit": name, "kind": "share", "sense": "<=", "amount": 0.5, "data_centre": name} for name in ("X", "Y")]
    instance = make_instance(limits=rows)
    assert with_limit(instance, "Y", 0.25).limits["amount"].tolist() == [0.5, 0.25]
    assert amount_of_limit(with_limit(instance, "Y", 0.25), "Y") == 0.25
    assert instance.scaled("limits.amount", 1.5).limits["amount"].tolist() == [0.75, 0.75]
    with pytest.raises(InstanceError, match=r"limits\[Z\]: is unknown \(allowed: X, Y\)"):
        with_limit(instance, "Z", 1)
    with pytest.raises(InstanceError, match="the instance has none"):
        amount_of_limit(make_instance(), "Z")
    for amount in (1.5, -1, math.inf, math.nan):
        with pytest.raises(InstanceError, match=r"limits\[Y\]\.amount"):
            with_limit(instance, "Y", amount)
