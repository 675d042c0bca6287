"""Tests of what contingencies leave of instances; ``test_states.py`` tests the states of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.planning.question.outages import instance_left, is_lost, states_left
from placer.security.contingencies import contingencies_of
from placer.security.outages import outage_of
from tests.effort import tries


def left(instance, kind):
    """Return what the loss of each of a kind leaves, by its name."""
    return {each.name: instance_left(instance, each) for each in contingencies_of(instance, placer.Security(kind))}


def test_lost_zone_has_lost_its_supplies(make_instance):
    """Tests that the supplies of a lost zone have 0 MW, in a table with limits by hour as well."""
    supplies = [
        {"power_zone": "zx", "data_centre": "X", "limit_mw": [3.0]},
        {"power_zone": "zx", "data_centre": "Y"},
        {"power_zone": "zy", "data_centre": "Y"},
    ]
    found = left(make_instance(supplies=supplies), "power_zones")
    instance, lost = found["zx"]
    assert instance.hourly("supplies", "limit_mw").ravel().tolist() == [0.0, 0.0, np.inf]
    assert lost == {("power_zones", "zx"), ("supplies", "zx|X"), ("supplies", "zx|Y")}
    assert is_lost("limit_mw", "zx|Y", lost)
    assert is_lost("limit_mw", "zx", lost)
    assert not is_lost("limit_mw", "zy|Y", lost)


def test_work_moves_where_something_is_lost(make_instance):
    """Tests by hand what an outage costs: at the small instance all 16 Mtok run at 20 USD in Y, or at 50 in X."""
    instance = make_instance()
    assert placer.solve(instance).cost_usd == 320
    assert placer.solve(left(instance, "data_centres")["Y"][0]).cost_usd == 800
    assert placer.solve(left(instance, "power_zones")["zy"][0]).cost_usd == 800


@pytest.mark.slow
def test_a_link_without_a_way_round_it(make_instance):
    """Tests that a hub that is cut off is not served, be its work with bytes or without."""
    heavy = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "gb_per_mtok": 1.0}]
    instance = make_instance(workloads=heavy)
    found = left(instance, "links")
    assert found["A - X"][0].links["capacity_gbps"].tolist() == [0.0, np.inf, np.inf]
    assert placer.solve(found["A - X"][0]).unserved_mtok == 10
    assert placer.solve(found["X - Y"][0]).cost_usd == 10 * 50 + 6 * 20
    assert placer.solve(left(make_instance(), "links")["A - X"][0]).unserved_mtok == 10


def test_other_work_goes_round_a_link_that_cuts_a_hub_off(make_instance):
    """Tests that B, whose shortest way leads through the lost link of A, takes its own way to X, and A none."""
    instance = make_instance(
        data_centres=[{"data_centre": "X", "region": "W"}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 1.0},
            {"from": "B", "to": "A", "rtt_ms": 1.0},
            {"from": "B", "to": "X", "rtt_ms": 90.0},
        ],
        directed=True,
    )
    assert placer.solve(instance).unserved_mtok == 0
    assert placer.solve(left(instance, "links")["A - X"][0]).unserved_mtok == 10


@pytest.mark.slow
def test_a_lost_data_centre_serves_nothing(make_instance):
    """Tests that work without accelerators and energy is unserved where its only site is lost alone."""
    light = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "peak_accelerator_hours_per_mtok": 0.0}
    workloads = [light | {"kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 10.0}]
    instance = make_instance(workloads=workloads, links=[{"from": hub, "to": "X", "rtt_ms": 1.0} for hub in "AB"])
    security = placer.Security("data_centres", most_stranded=1.0, hours_a_year=8760 / 3)
    states = placer.States({"all year": instance}).with_security(security)
    assert [placer.solve(each).served_mtok for each in states.instances] == [16, 0, 16]
    hall = {"candidate": "hall", "adds": "power_limit_mw", "target": "X", "usd_per_unit_year": 1.0}
    sites = instance.data_centres.assign(power_limit_mw=1.0)
    plan = placer.plan(instance.replace(data_centres=sites), [hall], security=security)
    assert plan.states["cost_usd"].tolist() == pytest.approx([0, 160, 0])
    assert {len(each.structure.cap_limit) for each in plan.problem.states} == {2}
    assert plan.placement("X").served_mtok == 0


@pytest.mark.slow
@pytest.mark.parametrize("of", ["data_centres", "power_zones", "regions", "links", "storm"])
@pytest.mark.parametrize("seed", range(tries(2, 8)))
def test_losses_are_those_of_security(make_random_instance, of, seed):
    """Tests the cost of each outage against the structure that a contingency leaves, with light work and heavy.

    Security lifts the limits on carbon and water in a contingency.
    """
    random = np.random.default_rng(seed)
    given = make_random_instance(seed)
    light = [name for name in ("accelerator_hours_per_mtok", "kwh_per_mtok", "gb_per_mtok") if random.random() < 0.7]
    workloads = given.workloads.assign(unserved_usd_per_mtok=50.0)
    workloads.loc[0, light] = 0.0
    instance = given.replace(workloads=workloads, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    formulation = formulate(instance)
    for contingency in contingencies_of(instance, placer.Security(_storm(instance) if of == "storm" else of)):
        state, _ = instance_left(instance, contingency)
        structure = outage_of(instance, formulation, contingency).structure
        _, certificate = solve_structure(structure, placer.HiGHS())
        assert placer.solve(state).certificate.objective == pytest.approx(certificate.objective, rel=1e-7, abs=1e-7)


def _storm(instance):
    """Return a contingency that loses the first data centre, the last supply and two links together."""
    storm = {"contingency": "storm"}
    supply = instance.supplies.iloc[-1]
    links = instance.links.iloc[[0, -1]].itertuples()
    return [
        storm | {"data_centre": instance.data_centres["data_centre"].iloc[0]},
        storm | {"data_centre": supply["data_centre"], "power_zone": supply["power_zone"]},
        *(storm | {"from": link[1], "to": link[2]} for link in links),
    ]


def test_a_storm_by_hand(make_instance):
    """Tests that all losses of one contingency come together: without Y and its link, the 10 of A run at 50 in X."""
    storm = [{"contingency": "storm", "data_centre": "Y"}, {"contingency": "storm", "from": "X", "to": "Y"}]
    ((state, lost),) = left(make_instance(), storm).values()
    assert placer.solve(state).cost_usd == 500
    assert lost == {("data_centres", "Y"), ("links", "X|Y")}


def test_a_supply_alone_leaves_its_zone(make_instance):
    """Tests that a zone is lost with all its supplies only."""
    supplies = [{"power_zone": "zx", "data_centre": name} for name in "XY"]
    one = [{"contingency": "cable", "power_zone": "zx", "data_centre": "X"}]
    assert left(make_instance(supplies=supplies), one)["cable"][1] == {("supplies", "zx|X")}


def test_states_of_a_security(make_instance):
    """Tests names, shares and losses of states, and the rule and the hours that they need."""
    instance = make_instance()
    security = placer.Security("data_centres", recourse="all", hours_a_year=876.0)
    given, lost = states_left({"low": (instance, 0.25), "high": (instance, 0.75)}, security, 8760.0)
    assert [share for _, share in given.values()] == pytest.approx([0.2, 0.025, 0.025, 0.6, 0.075, 0.075])
    assert list(given)[:3] == ["low, nothing lost", "low, X", "low, Y"]
    assert lost["high, Y"] == {("data_centres", "Y")}
    assert list(states_left({"all year": (instance, 1.0)}, security, 8760.0)[0]) == ["nothing lost", "X", "Y"]
    for wrong, column in (({"recourse": "displaced"}, "recourse"), ({"hours_a_year": 5000.0}, "hours_a_year")):
        with pytest.raises(placer.InstanceError, match=column):
            states_left({"all year": (instance, 1.0)}, replace(security, **wrong), 8760.0)
