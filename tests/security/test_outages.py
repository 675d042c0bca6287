"""Contingencies applied to structures: arcs that are hit, and what is left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.blocks import cut, spans_of
from placer.model.formulation import formulate
from placer.security.contingencies import contingencies_of
from placer.security.definition import Security
from placer.security.outages import outage_in_block, outage_of
from placer.utils.alike import differing
from tests.model.modes_by_hand import FAST, MIDDLE, modes, tables


def _outages(instance, contingencies):
    formulation = formulate(instance)
    found = contingencies_of(instance, Security(contingencies))
    return formulation.structure, {each.name: outage_of(instance, formulation, each) for each in found}


def _arcs(structure):
    """Return the arcs as (class, origin, site)."""
    return set(
        zip(structure.arc_class.tolist(), structure.arc_origin.tolist(), structure.arc_site.tolist(), strict=True)
    )


def test_a_lost_site_has_nothing(make_instance):
    """Tests that a lost data centre has no arcs and no capacity, and that arcs to it are hit."""
    structure, outages = _outages(make_instance(), "data_centres")
    left = outages["X"].structure
    assert _arcs(left) == {arc for arc in _arcs(structure) if arc[2] == 1}
    assert left.capacity.tolist() == [[0.0], [np.inf]]
    assert outages["X"].hit.tolist() == (structure.arc_site == 0).tolist()


def test_a_lost_zone_leaves_other_supplies(make_instance):
    """Tests that a data centre with a second supply keeps it, and that its work counts as displaced all the same."""
    supplies = [
        {"power_zone": "zx", "data_centre": "X"},
        {"power_zone": "zy", "data_centre": "X", "limit_mw": 3.0},
        {"power_zone": "zy", "data_centre": "Y"},
    ]
    structure, outages = _outages(make_instance(supplies=supplies), "power_zones")
    left = outages["zx"]
    assert left.structure.tier_limit.tolist() == [[0.0], [3.0], [np.inf]]
    assert left.hit.tolist() == (structure.arc_site == 0).tolist()
    assert _arcs(left.structure) == _arcs(structure)


def test_routes_are_found_anew(make_instance):
    """Tests that a lost link lengthens round trips, and takes arcs out that are then too late."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0},
        {"from": "A", "to": "Y", "rtt_ms": 12.0, "usd_per_gb": 2.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0},
    ]
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "gb_per_mtok": 1.0}
    for slo_ms, reached in ((45.0, {0, 1}), (35.0, {1})):
        workloads = [workload | {"latency_slo_ms": slo_ms, "user_round_trips": 1.0}]
        structure, outages = _outages(make_instance(links=links, workloads=workloads), "links")
        left = outages["A - X"]
        assert {site for _, origin, site in _arcs(left.structure) if origin == 0} == reached
        assert left.hit.tolist() == (structure.arc_site == 0).tolist()  # B reaches X over A
        first = (left.structure.arc_origin == 0) & (left.structure.arc_site == 0)
        assert left.structure.arc_cost[first].tolist() == [2.0] * first.sum()
        passed = left.structure.route_links.toarray()[left.structure.route(0, 0)]
        assert passed.tolist() == [0.0, 1.0, 0.0, 1.0]


def test_a_hub_that_is_cut_off(make_instance):
    """Tests that a hub without any route left has no arcs, and is no error."""
    _, outages = _outages(make_instance(), "links")
    assert {origin for _, origin, _ in _arcs(outages["A - X"].structure)} == {1}


def test_caps_do_not_hold(make_random_instance):
    """Tests that no cap has a limit in a contingency, over routes old and new."""
    for kind in ("data_centres", "links"):
        _, outages = _outages(make_random_instance(0), kind)
        for outage in outages.values():
            assert np.isinf(outage.structure.cap_limit).all()
            assert outage.structure.cap_route.shape[1] == outage.structure.route_links.shape[0]


def test_limits_of_zones_hold(make_instance):
    """Tests that a power zone keeps its limit in a contingency, hour by hour, and the carbon cap is lifted."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": 4.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    _, outages = _outages(make_instance(power_zones=zones, carbon_limit_kg=9.0), "data_centres")
    assert outages["Y"].structure.cap_limit.tolist() == [np.inf, np.inf, 4.0]


def test_several_routes(make_instance):
    """Tests that work over the second route is not hit by the loss of the first."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0, "capacity_gbps": 1.0},
        {"from": "A", "to": "X", "rtt_ms": 12.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
    ]
    structure, outages = _outages(make_instance(links=links, routes=2), "links")
    assert structure.routes == 2
    assert outages["A - X"].hit.tolist() == [True, False, False]
    assert outages["A - X"].structure.routes == 1


def test_a_longer_route_is_open_to_the_modes_in_time():
    """Tests that far is 500 ms away over one link and 600 ms over another: without the first, 80 a second is in time.

    The mode of 40 a second takes 2.5 s and three round trips, of 4 s in all; a mode for other accelerators never runs.
    """
    near, far = tables()["data_centres"]
    links = [{"from": "users", "to": to, "rtt_ms": ms} for to, ms in (("near", 0.0), ("far", 500.0))]
    links.append({"from": "near", "to": "far", "rtt_ms": 600.0})
    other = FAST | {"mode": "other", "accelerator_type": "A", "kwh_per_mtok": 0.0}
    sites = [near | {"accelerator_type": "A"}, far | {"accelerator_type": "B"}]
    structure, outages = _outages(modes([MIDDLE, FAST, other], data_centres=sites, links=links), "links")
    assert _arcs(structure) == {(0, 0, 0), (0, 0, 1), (2, 0, 0)}  # at home 40 outdoes 80 a second
    left = outages["users - far"].structure
    assert _arcs(left) == {(0, 0, 0), (1, 0, 0), (2, 0, 0), (1, 0, 1)}
    assert left.serves.tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
def test_an_outage_in_another_block(make_random_instance, kind):
    """Tests that the contingency of the first block, applied to the second, is that of the whole cut to it."""
    plain = make_random_instance(0)
    instance = plain.replace(power_zones=plain.power_zones.assign(limit_mw=[9.0, 7.0]))
    formulation = formulate(instance)
    block = (np.arange(len(instance.hours)) >= 2).astype(int)
    formulation = replace(formulation, structure=replace(formulation.structure, block=block))
    first, second = spans_of(formulation.structure)
    for contingency in contingencies_of(instance, Security(kind)):
        whole = outage_of(instance, formulation, contingency)
        expected = cut(whole.structure, second)
        of_first = replace(whole, structure=cut(whole.structure, first))
        limit = np.append(np.full(len(second.common), np.inf), whole.structure.cap_limit[second.caps])
        found = outage_in_block(of_first, cut(formulation.structure, second), limit)
        assert set(differing(found.structure, expected)) <= {"cap_route"}
        assert not found.structure.cap_route.counts.any()
        assert not expected.cap_route.counts.any()
