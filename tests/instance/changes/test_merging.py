"""Merged hubs and data centres: what is alike merges first, what law or limits tell apart stays apart."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError

#: Round trips of three hubs to two data centres: A and B are near X, and C is near Y.
LINKS = [
    {"from": hub, "to": site, "rtt_ms": rtt_ms, "usd_per_gb": usd}
    for hub, ways in {
        "A": ((10.0, 1.0), (50.0, 3.0)),
        "B": ((12.0, 1.1), (52.0, 3.1)),
        "C": ((50.0, 3.0), (8.0, 1.0)),
    }.items()
    for site, (rtt_ms, usd) in zip("XY", ways, strict=True)
]
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0}


@pytest.fixture
def three(make_instance):
    """Return three hubs and two data centres of one region, where hub A asks for most."""
    return make_instance(
        hubs=[{"hub": hub, "region": "east"} for hub in "ABC"],
        data_centres=[{"data_centre": site, "region": "east", "accelerators": 30.0} for site in "XY"],
        links=LINKS,
        workloads=[W],
        demand=[{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in zip("ABC", (6.0, 3.0, 4.0), strict=True)],
    )


def test_like_hubs_merge_at_the_middle_one(three):
    """Tests that the hubs of nearly the same cost merge where most is asked for, and their demand adds up."""
    small = three.merge_hubs(2)
    assert small.hubs["merged_into"].tolist() == ["A", "A", "C"]
    assert small.instance.demand[["hub", "mtok"]].to_numpy().tolist() == [["A", 9.0], ["C", 4.0]]
    assert small.instance.exchanges["exchange"].tolist() == ["B"]
    assert small.instance.links.equals(three.links)


def test_reach_counts_before_cost(three):
    """Tests that A merges with C, whose cost is far from its own, where a limit keeps B from X alone."""
    late = three.with_value("hubs.access_ms", 40.0, "B").with_value("workloads.latency_slo_ms", 51.0)
    assert late.merge_hubs(2).hubs["merged_into"].tolist() == ["A", "B", "A"]


@pytest.mark.slow
def test_a_limit_keeps_hubs_apart(three):
    """Tests that a hub that a limit names stays, and that the limit names what stands for a hub."""
    limit = {"limit": "l", "kind": "tokens", "sense": "<=", "amount": 5.0}
    alone = three.replace(limits=[limit | {"hub": "A"}])
    assert alone.merge_hubs(2).hubs["merged_into"].tolist() == ["A", "C", "C"]
    both = three.replace(limits=[limit | {"hub": "A|B"}]).merge_hubs(2)
    assert both.instance.limits["hub"].tolist() == [("A",)]


def test_regions_stay_apart(three):
    """Tests that hubs and data centres of two regions do not merge."""
    regions = three.with_value("hubs.region", "west", "B").with_value("data_centres.region", "west", "X")
    assert regions.merge_hubs(2).hubs["merged_into"].tolist() == ["A", "B", "A"]
    with pytest.raises(
        InstanceError, match=r"merge_data_centres.count: 1 for 2 data centres, of 2 kinds .*from 2 to 2"
    ):
        regions.merge_data_centres(1)


@pytest.mark.parametrize("count", [0, -1, 4, 1.5, 2.0, True, None, "2"])
def test_no_such_count(three, count):
    """Tests counts that are no whole number of hubs."""
    with pytest.raises(InstanceError, match=r"merge_hubs.count: .* \(allowed: a whole number from 1 to 3\)"):
        three.merge_hubs(count)


def test_every_violation_at_once():
    """Tests that the count, steps of demand and a backlog stand in one error."""
    tiny = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=5, where="voice")
    late = tiny.with_backlog([{"workload": "batch", "data_centre": "Metro", "hours_left": 1, "mtok": 5}])
    for merge in (late.merge_hubs, late.merge_data_centres):
        with pytest.raises(InstanceError) as raised:
            merge(9)
        assert [(each.table, each.column) for each in raised.value.violations][1:] == [
            ("demand_steps", ""),
            ("hubs", "backlog_at"),
        ]
        assert raised.value.violations[0].column == "count"


@pytest.mark.slow
def test_all_places_change_nothing():
    """Tests that as many places as there are give the same instance."""
    china = placer.load("china")
    assert china.merge_hubs(86).instance == china
    assert china.merge_data_centres(22).instance == china


@pytest.mark.slow
def test_order_of_rows_is_kept():
    """Tests that the hubs of china that are left stand in their order, one for each of its regions at least."""
    china = placer.load("china")
    small = china.merge_hubs(8)
    names = china.hubs["hub"].tolist()
    left = small.instance.hubs["hub"].tolist()
    assert left == sorted(left, key=names.index)
    assert set(small.instance.hubs["region"]) == set(china.hubs["region"])
    assert small.instance.demand["mtok"].sum() == pytest.approx(china.demand["mtok"].sum())
