"""Tests of the entry to export ceilings."""

from __future__ import annotations

import numpy as np
import pytest

import placer


def test_a_placement_saves_the_economic_range_a_solve(monkeypatch):
    """Tests that the range from a placement that is there is the same, and that one of another instance is refused."""
    instance = placer.load("tiny")
    solved = placer.export_ceiling(instance).economic_range
    placement = placer.solve(instance)
    monkeypatch.setattr("placer.ceiling.result.place_instance", None)
    found = placer.export_ceiling(instance, placement=placement).economic_range
    assert tuple(found) == pytest.approx(tuple(solved))
    with pytest.raises(placer.InstanceError, match=r"export_ceiling\.placement: it is of another instance"):
        placer.export_ceiling(placer.load("tiny"), placement=placement)


def test_home_region_without_data_centres(make_instance):
    """Tests that a hub whose region has no data centre exports all it can."""
    hubs = [{"hub": "A", "region": "north"}, {"hub": "B", "region": "north"}]
    assert placer.export_ceiling(make_instance(hubs=hubs)).share == pytest.approx(1)


def test_explicit_pairs_decide(make_instance):
    """Tests that only listed pairs of regions count as export."""
    assert placer.export_ceiling(make_instance(exports=(("east", "west"),))).share == pytest.approx(10 / 16)


def test_merging_identical_hubs_changes_nothing(make_instance):
    """Tests that a hub split into two halves has the same ceiling and curve."""
    whole = make_instance()
    hubs = [{"hub": "A", "region": "east"}, {"hub": "A2", "region": "east"}, {"hub": "B", "region": "west"}]
    links = [*whole.links.to_dict("records"), {"from": "A2", "to": "X", "rtt_ms": 10.0}]
    demand = [{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in (("A", 4.0), ("A2", 6.0), ("B", 6.0))]
    halves = make_instance(hubs=hubs, links=links, demand=demand)
    one, two = placer.export_ceiling(whole), placer.export_ceiling(halves)
    assert one.share == pytest.approx(two.share)
    columns = ["rtt_limit_ms", "share"]
    assert np.allclose(one.curve.table[columns], two.curve.table[columns])


@pytest.mark.parametrize("security", [None, placer.Security()])
def test_limits_that_no_placement_can_meet_are_named(make_instance, security):
    """Tests a least amount above all 16 Mtok of demand."""
    limit = {"limit": "more", "kind": "tokens", "sense": ">=", "amount": 20.0}
    told = r"no placement can meet this limit; .* 'more' \(tokens >= 20\) could be met with amount 16"
    with pytest.raises(placer.NoSolutionError, match=told):
        placer.export_ceiling(make_instance(limits=[limit]), exporting="east", security=security)
