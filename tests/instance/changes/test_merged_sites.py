"""Merged data centres: sums of capacities, means of all else, supplies with what their old data centre can draw."""

from __future__ import annotations

import pytest

import placer

#: A Mtok takes an hour and a MWh at speed 1.
SITES = [
    {"data_centre": "X", "region": "east", "accelerators": 30.0, "speed": 1.0, "pue": 1.5, "power_limit_mw": 24.0},
    {"data_centre": "Y", "region": "east", "accelerators": [5.0, 10.0], "speed": 2.0, "accelerator_usd_per_hour": 4.0},
    {"data_centre": "Z", "region": "west", "accelerators": 7.0},
]


@pytest.fixture
def instance(make_instance):
    """Return two data centres in the east and one in the west, over two hours."""
    return make_instance(
        data_centres=SITES,
        links=[{"from": hub, "to": site, "rtt_ms": 5.0} for hub in "AB" for site in "XYZ"],
        supplies=[{"power_zone": "zx", "data_centre": "X"}, {"power_zone": "zy", "data_centre": "Y", "limit_mw": 12.0}],
        demand=[{"workload": "w", "hub": hub, "hour": hour, "mtok": 5.0} for hub in "AB" for hour in (0, 1)],
    )


def test_capacities_add_up_and_the_rest_is_a_mean(instance):
    """Tests by hand: X has 30 of 45 units of work in the mean hour, and Y 15."""
    small = instance.merge_data_centres(2)
    merged, alone = small.instance.data_centres.to_dict("records")
    assert small.data_centres["merged_into"].tolist() == ["X", "X", "Z"]
    assert merged["accelerators"] == (35.0, 40.0)
    assert merged["speed"] == pytest.approx(4 / 3)
    assert merged["pue"] == pytest.approx(1.5 * 2 / 3 + 1.0 / 3)
    assert merged["accelerator_usd_per_hour"] == pytest.approx(4 / 3)
    assert merged["power_limit_mw"] == (24.0 + 10.0, 24.0 + 20.0)  # Y draws 5 and 10 accelerators at speed 2
    assert (alone["data_centre"], alone["accelerators"], alone["power_limit_mw"]) == ("Z", 7.0, float("inf"))


def test_supplies_deliver_what_their_old_data_centre_can_draw(instance):
    """Tests that cheap power of Y does not serve the accelerators of X."""
    supplies = instance.merge_data_centres(2).instance.supplies
    assert supplies["data_centre"].tolist() == ["X", "X"]
    assert supplies["limit_mw"].tolist() == [45.0, (10.0, 12.0)]


def test_what_is_told_apart_stays_apart(instance):
    """Tests residency, types of accelerators and limits, each of which keeps X and Y apart."""
    limit = {"limit": "l", "kind": "tokens", "sense": "<=", "amount": 50.0, "data_centre": "Y"}
    lawful = instance.with_value("data_centres.jurisdiction", "A", "X").with_value("workloads.jurisdictions", ("A",))
    typed = instance.with_value("data_centres.accelerator_type", "a", "X")
    unsupplied = instance.without(("zy", "Y"))
    for apart in (lawful, typed, unsupplied, instance.replace(limits=[limit])):
        with pytest.raises(placer.InstanceError, match="of 3 kinds that stay apart"):
            apart.merge_data_centres(2)


def test_pools_of_one_type_add_up(make_instance):
    """Tests pools of two types at two data centres, of which one has a price of its own."""
    pools = [
        {"data_centre": "X", "accelerator_type": "a", "accelerators": 30.0, "accelerator_usd_per_hour": 2.0},
        {"data_centre": "X", "accelerator_type": "b", "accelerators": 5.0},
        {"data_centre": "Y", "accelerator_type": "b", "accelerators": 3.0},
        {"data_centre": "Y", "accelerator_type": "a", "accelerators": 10.0, "max_utilisation": 0.5},
    ]
    sites = [{"data_centre": site, "region": "east", "accelerator_usd_per_hour": 4.0} for site in "XY"]
    instance = make_instance(data_centres=sites, accelerator_pools=pools)
    small = instance.merge_data_centres(1).instance
    rows = small.accelerator_pools.drop(columns="data_centre").to_dict("records")
    assert [(row["accelerator_type"], row["accelerators"]) for row in rows] == [("a", 40.0), ("b", 8.0)]
    assert rows[0]["max_utilisation"] == pytest.approx(0.875)
    assert rows[0]["accelerator_usd_per_hour"] == pytest.approx(2.0 * 0.75 + 4.0 * 0.25)
    assert rows[1]["accelerator_usd_per_hour"] != rows[1]["accelerator_usd_per_hour"]  # the price of the data centre
    assert placer.solve(small).certificate.proven


def test_data_centres_without_end_and_without_accelerators(make_instance):
    """Tests that unlimited accelerators stay so and have all the weight, and that none at all have equal weights."""
    sites = [
        {"data_centre": site, "region": "east", "accelerators": count, "pue": pue}
        for site, count, pue in (("X", float("inf"), 1.1), ("Y", 10.0, 1.5))
    ]
    instance = make_instance(data_centres=sites)
    merged = instance.merge_data_centres(1).instance.data_centres.iloc[0]
    assert (merged["accelerators"], merged["pue"]) == (float("inf"), pytest.approx(1.1))
    none = instance.with_value("data_centres.accelerators", 0.0).merge_data_centres(1).instance.data_centres.iloc[0]
    assert (none["accelerators"], none["pue"]) == (0.0, pytest.approx(1.3))
