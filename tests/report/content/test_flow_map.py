"""Tests of the flows a map shows."""

from __future__ import annotations

import base64

import numpy as np
import pandas as pd
import pytest

import placer
from placer.report.content.flow_map import DECADES, HEADER_WORDS, encode, flow_map, largest_pairs
from placer.report.html.calendar import steps_of


def flows_of(subject, most=1_000_000):
    placement = subject.placement
    return flow_map(placement, steps_of(placement.formulation.hours), most)


def decoded(text, steps, largest):
    """Read flows as ``script.js`` does."""
    words = np.frombuffer(base64.b64decode(text), "<u2").astype(int)
    rows, at = [], 0
    while at < len(words):
        workload, place, site, rtt, first, count, *total = words[at : at + HEADER_WORDS]
        level = words[at + HEADER_WORDS : at + HEADER_WORDS + count]
        amounts = np.zeros(steps)
        amounts[first : first + count] = np.where(level > 0, largest * 10.0 ** (((level - 1) / 65534 - 1) * DECADES), 0)
        whole = np.array(total, "<u2").view("<f4")[0]
        rows.append((workload, place, site, rtt / 10, amounts, whole))
        at += HEADER_WORDS + count
    return rows


def test_flows_add_up_to_what_is_served(on_map):
    """Tests that, where all has a place and room, the flows by workload are what each is served."""
    flows, placement = flows_of(on_map), on_map.placement
    by_workload = np.bincount(flows.workload, flows.mtok.sum(axis=1), len(placement.workloads))
    np.testing.assert_allclose(by_workload, placement.workloads["served_mtok"], rtol=1e-6)
    assert flows.shown_share == pytest.approx(1, rel=1e-6)
    assert flows.off_map == ()


def test_totals_are_those_of_the_placement(on_map):
    """Tests the served Mtok in all and by workload, site and step against the flows, which all have room here."""
    flows, served = flows_of(on_map), flows_of(on_map).served_mtok
    total = flows.mtok.sum(axis=1)
    assert served["all"].tolist() == [on_map.placement.served_mtok]
    np.testing.assert_allclose(
        served["workload"], np.bincount(flows.workload, total, len(served["workload"])), rtol=1e-6
    )
    np.testing.assert_allclose(served["site"], np.bincount(flows.site, total, len(served["site"])), rtol=1e-6)
    np.testing.assert_allclose(served["step"], flows.mtok.sum(axis=0), rtol=1e-6)


def test_regions_span_their_nodes(on_map):
    """Tests the degrees of each region against its hubs and data centres."""
    flows, instance = flows_of(on_map), on_map.placement.instance
    for region, span in flows.regions.iterrows():
        nodes = pd.concat([table[table["region"] == region] for table in (instance.hubs, instance.data_centres)])
        ends = [nodes["lon"].min(), nodes["lat"].min(), nodes["lon"].max(), nodes["lat"].max()]
        assert span[["west", "south", "east", "north"]].tolist() == ends


def test_what_is_written_can_be_read(on_map):
    """Tests that amounts come back to 0.02 %, and everything else as it was."""
    flows = flows_of(on_map)
    rows = decoded(encode(flows), flows.mtok.shape[1], flows.mtok.max())
    assert len(rows) == len(flows.mtok)
    for place, (workload, hubs, site, rtt_ms, amounts, whole) in enumerate(rows):
        assert (workload, hubs, site) == (flows.workload[place], flows.place[place], flows.site[place])
        assert rtt_ms == pytest.approx(flows.rtt_ms[place], abs=0.051)
        np.testing.assert_allclose(amounts, flows.mtok[place], rtol=3e-4)
        assert whole == pytest.approx(flows.mtok[place].sum(), rel=1e-7)


def test_the_smallest_flows_are_left_out_and_counted(on_map):
    """Tests that only the largest flows are kept where there is little room, and what share they hold is said."""
    every, some = flows_of(on_map), flows_of(on_map, most=200)
    assert 0 < len(some.mtok) < len(every.mtok)
    assert len(encode(some)) <= 204
    assert some.mtok.sum(axis=1).min() >= every.mtok.sum(axis=1)[len(some.mtok) :].max()
    assert some.shown_share == pytest.approx(some.mtok.sum() / on_map.placement.served_mtok)


def test_hubs_of_one_place_are_one(make_random_instance):
    """Tests that hubs with the same latitude and longitude share a circle and their demand is added."""
    instance = make_random_instance(3)
    hubs = instance.hubs.assign(lat=[10.0, 10.0, 20.0], lon=[5.0, 5.0, 6.0])
    sites = instance.data_centres.assign(lat=10.0, lon=7.0)
    placement = placer.solve(instance.replace(hubs=hubs, data_centres=sites))
    flows = flow_map(placement, steps_of(placement.formulation.hours), 10_000)
    assert flows.places["label"].tolist() == ["H0, H1", "H2"]
    np.testing.assert_allclose(flows.places["mtok"].sum(), placement.demand_mtok)


def test_what_has_no_place_is_named(make_random_instance):
    """Tests that hubs and data centres without a place are listed, and their flows counted as not shown."""
    instance = make_random_instance(3)
    hubs = instance.hubs.assign(lat=[10.0, np.nan, 20.0], lon=[5.0, np.nan, 6.0])
    sites = instance.data_centres.assign(lat=[1.0, 2.0, 3.0, np.nan], lon=[1.0, 2.0, 3.0, np.nan])
    placement = placer.solve(instance.replace(hubs=hubs, data_centres=sites))
    flows = flow_map(placement, steps_of(placement.formulation.hours), 10_000)
    assert flows.off_map == ("H1", "D3")
    assert flows.shown_share < 1


def test_nothing_has_a_place(tiny):
    """Tests that an instance without places has no flows to draw and no error."""
    flows = flows_of(tiny)
    assert (len(flows.places), len(flows.sites), len(flows.mtok)) == (0, 0, 0)
    assert encode(flows) == ""
    assert largest_pairs(flows, 5) == []


def test_the_largest_pairs(on_map):
    """Tests that pairs add their workloads and steps up and come largest first."""
    flows = flows_of(on_map)
    pairs = largest_pairs(flows, 1_000)
    amounts = [mtok for *_, mtok, _ in pairs]
    assert amounts == sorted(amounts, reverse=True)
    assert sum(amounts) == pytest.approx(flows.mtok.sum())
    assert len({pair[:2] for pair in pairs}) == len(pairs)


def test_small_places_are_left_out_and_counted(on_map, monkeypatch):
    """Tests that of too many places the largest are drawn, and the others counted with what they are served."""
    monkeypatch.setattr("placer.report.content.flow_map.MOST_PLACES", 2)
    flows, hubs = flows_of(on_map), on_map.placement.hubs
    assert sorted(flows.places["label"]) == sorted(hubs["demand_mtok"].nlargest(2).index)
    assert flows.small_places == 1
    largest = hubs.loc[flows.places["label"].tolist(), "served_mtok"]
    assert flows.mtok.sum() == pytest.approx(largest.sum())
    assert flows.shown_share == pytest.approx(largest.sum() / on_map.placement.served_mtok)
