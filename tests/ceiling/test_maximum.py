"""Tests of the technical ceiling: least unserved first, then most export."""

from __future__ import annotations

import math
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

import placer
from placer.ceiling.maximum import most_export
from placer.column_generation.solver import ColumnGeneration
from placer.errors import InstanceError, NoSolutionError
from placer.instance.cut import Cut
from placer.model.counts import Count, export_weights, net, total_weight
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from placer.solvers.incremental import IncrementalLP
from tests.effort import tries


def swapping(formulation, weight):
    """Return the count in which every export counts, and nothing is displaced."""
    exported = weight[:, None, None] * formulation.exported
    return Count(exported, np.zeros_like(exported))


def weights_of(instance, weight):
    """Return the weight of a Mtok of every workload that is asked for."""
    return export_weights(instance, formulate(instance).distance, weight).asked


def _ceiling(instance, weight="tokens"):
    formulation = formulate(instance)
    return most_export(formulation, swapping(formulation, weights_of(instance, weight)))


def test_capacity_abroad_sets_the_ceiling(make_instance):
    """Tests a ceiling by hand: A's 10 Mtok may leave to Y and B's 6 to X; Y takes 4, X takes all.

    Both regions export to each other, so 4 of A and 6 of B leave: 10 of 16.
    """
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "accelerators": 4.0},
    ]
    extent = _ceiling(make_instance(data_centres=centres))
    assert extent.exported == pytest.approx(10)
    assert extent.unserved_mtok == pytest.approx(0, abs=1e-7)


def test_served_demand_comes_before_exported(make_instance):
    """Tests that export yields to serving: with 10 accelerators at X alone, all of A's own demand must use them.

    X (10) and Y (6) are both full with 16 Mtok asked, so all must be served: every exported Mtok of B at X pushes one
    of A to Y, and 6 + 6 may swap: at most 12 exported with nothing unserved.
    """
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 10.0},
        {"data_centre": "Y", "region": "west", "accelerators": 6.0},
    ]
    extent = _ceiling(make_instance(data_centres=centres))
    assert extent.exported == pytest.approx(12)
    assert extent.unserved_mtok == pytest.approx(0, abs=1e-7)


def test_nothing_to_export_without_regions(make_instance):
    """Tests that hubs without a region export nothing."""
    assert _ceiling(make_instance(hubs=[{"hub": "A"}, {"hub": "B"}])).exported == 0


def test_equal_values_weigh_as_tokens_do(make_random_instance):
    """Tests that the ceiling by value with equal values is the ceiling by tokens."""
    instance = make_random_instance(3)
    valued = instance.replace(workloads=instance.workloads.assign(value_usd_per_mtok=2.5))
    formulation = formulate(valued)
    weights = weights_of(valued, "value")
    assert total_weight(formulation, weights) == pytest.approx(2.5 * instance.demand["mtok"].sum())
    assert _ceiling(valued, "value").exported == pytest.approx(2.5 * _ceiling(instance).exported)


def test_value_without_values_is_an_error(make_instance):
    """Tests that weighting by value needs values, and that other weights are refused."""
    with pytest.raises(InstanceError, match="value_usd_per_mtok"):
        weights_of(make_instance(), "value")
    with pytest.raises(InstanceError, match="weight"):
        weights_of(make_instance(), "money")


@pytest.mark.parametrize("seed", range(tries(4, 12)))
def test_it_is_no_less_than_any_placement_exports(make_random_instance, seed):
    """Tests that no placement with as little unserved exports more, and that interior points agree."""
    instance = make_random_instance(seed)
    extent = _ceiling(instance)
    placement = placer.solve(instance)
    total = instance.demand["mtok"].sum()
    assert extent.unserved_mtok <= placement.unserved_mtok + 1e-9 * total
    if placement.unserved_mtok <= extent.unserved_mtok + 1e-7 * total:
        assert placement.exported_mtok <= extent.exported + 1e-6 * total
    formulation = formulate(instance)
    inside = most_export(formulation, swapping(formulation, np.ones(len(formulation.workloads))), HiGHS("ipm"))
    assert inside.exported == pytest.approx(extent.exported, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(tries(12, 60)))
def test_one_workload_is_a_flow_problem(seed):
    """Tests that with one workload, equal needs and one hour the ceiling is a maximum flow of minimum cost.

    Source to hub (demand), hub to data centre (where in time), data centre to sink (accelerators); a served Mtok is
    worth 1000, an exported one 1 more. With whole numbers networkx solves it exactly.
    """
    random = np.random.default_rng(seed)
    hubs, centres = random.integers(2, 6, 2)
    need, room = random.integers(1, 20, hubs), random.integers(1, 20, centres)
    rtt, region = random.integers(1, 10, (hubs, centres)), random.integers(0, 2, (2, max(hubs, centres)))
    network, flow = nx.Graph(), nx.DiGraph()
    for h in range(hubs):
        network.add_node(f"h{h}", kind="hub", region=f"r{region[0, h]}")
        flow.add_edge("source", f"h{h}", capacity=int(need[h]), weight=0)
    for j in range(centres):
        network.add_node(f"j{j}", kind="data_centre", region=f"r{region[1, j]}", accelerators=float(room[j]))
        flow.add_edge(f"j{j}", "sink", capacity=int(room[j]), weight=0)
        for h in range(hubs):
            network.add_node(f"x{h}-{j}", kind="exchange")
            network.add_edge(f"h{h}", f"x{h}-{j}", kind="link", rtt_ms=float(rtt[h, j]) / 2)
            network.add_edge(f"x{h}-{j}", f"j{j}", kind="link", rtt_ms=float(rtt[h, j]) / 2)
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 6.0}
    demand = [{"workload": "w", "hub": f"h{h}", "mtok": float(need[h])} for h in range(hubs)]
    instance = placer.Instance.from_graph(network, [work], demand)
    formulation = formulate(instance)
    for h, j in zip(*np.nonzero(formulation.in_time[0]), strict=True):
        away = bool(formulation.exported[h, j])
        flow.add_edge(f"h{h}", f"j{j}", capacity=int(need[h]), weight=-1 if away else 0)
    best = nx.max_flow_min_cost(flow, "source", "sink")
    extent = most_export(formulation, swapping(formulation, np.ones(1)))
    served = sum(best["source"].values())
    assert extent.unserved_mtok == pytest.approx(need.sum() - served, abs=1e-6)
    assert extent.exported == pytest.approx(-nx.cost_of_flow(flow, best), abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_column_generation_finds_the_same(make_random_instance, seed):
    """Tests that a price on unserved demand leads to the ceiling and the least unserved of the two whole programs."""
    instance = make_random_instance(seed)
    instance = instance.replace(
        workloads=instance.workloads.assign(
            value_usd_per_mtok=[1.0 + place for place in range(len(instance.workloads))]
        )
    )
    formulation = formulate(instance)
    for weight in ("tokens", "value"):
        weights = weights_of(instance, weight)
        whole = most_export(formulation, swapping(formulation, weights), HiGHS())
        priced = most_export(formulation, swapping(formulation, weights), placer.ColumnGeneration())
        asked = total_weight(formulation, weights)
        assert priced.exported == pytest.approx(whole.exported, abs=1e-7 * asked)
        assert priced.unserved_mtok == pytest.approx(whole.unserved_mtok, abs=1e-7 * asked)
        assert all(certificate.proven for certificate in priced.certificates)
        assert priced.certificates[1].objective == pytest.approx(-priced.exported, abs=1e-7 * asked)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_solvers_agree_on_value_that_falls_with_latency(make_random_instance, seed):
    """Tests a walk, whole programs and column generation with arcs of one workload that weigh differently."""
    instance = make_random_instance(seed)
    workloads = instance.workloads.assign(value_usd_per_mtok=1.0 + np.arange(len(instance.workloads)))
    lost = [{"workload": name, "ms": ms, "share_lost": ms / 300} for name in workloads["workload"] for ms in (0, 300)]
    instance = instance.replace(workloads=workloads, latency_value=lost)
    formulation = formulate(instance)
    weights = export_weights(instance, formulation.distance, "value")
    count = net(instance, weights, Cut(("e",), ("w",)))
    found = [most_export(formulation, count, each) for each in (None, HiGHS(), placer.ColumnGeneration())]
    asked = total_weight(formulation, weights.asked)
    for extent in found:
        assert extent.exported == pytest.approx(found[1].exported, abs=1e-7 * asked)
        assert all(certificate.proven for certificate in extent.certificates)


def test_price_too_low_is_raised(make_instance, monkeypatch):
    """Tests that a price at which exporting is worth more than serving is not believed.

    With 10 accelerators at X alone, X and Y hold all 16 Mtok; at a price of a hundredth, nobody would serve at home.
    """
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 10.0},
        {"data_centre": "Y", "region": "west", "accelerators": 6.0},
    ]
    instance = make_instance(data_centres=centres)
    formulation = formulate(instance)
    weights = weights_of(instance, "tokens")
    for prices in ((0.01, 30.0), (0.01,)):
        monkeypatch.setattr("placer.ceiling.maximum.UNSERVED_PRICES", prices)
        extent = most_export(formulation, swapping(formulation, weights), placer.ColumnGeneration())
        assert extent.exported == pytest.approx(12)
        assert extent.unserved_mtok == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("solver", [None, HiGHS(), placer.ColumnGeneration()])
@pytest.mark.parametrize("hours", [1e3, 1e6])
def test_rounding_of_unserved_demand_buys_no_export(hours, solver):
    """Tests 1e-9 Mtok of some hours each, which only W may serve: 1 Mtok of light work leaves less by these hours."""
    sites = {"A": ("north", 5.0, "a"), "W": ("west", 1.0, "w")}
    needs = {"heavy": (("w",), hours, 1e-9), "light": (("a", "w"), 1.0, 1.0)}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": place}
                for name, (region, size, place) in sites.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": need, "kwh_per_mtok": 0.0}
                for name, (at, need, _) in needs.items()
            ],
            "demand": [{"workload": name, "hub": "H", "mtok": mtok} for name, (*_, mtok) in needs.items()],
        }
    )
    extent = placer.export_ceiling(instance, exporting="north", solver=solver).extent
    assert extent.unserved_mtok == 0
    assert extent.exported == pytest.approx(1 - 1e-9 * hours + 1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(tries(8, 24)))
def test_a_walk_finds_the_same(make_random_instance, seed):
    """Tests that a walk leads to the ceiling and the least unserved of the two whole programs, and is proven."""
    instance = make_random_instance(seed, cyclic=bool(seed % 2))
    formulation = formulate(instance)
    weights = np.random.default_rng(seed).choice([0.5, 1.0, 3.0], len(formulation.workloads))
    count = swapping(formulation, weights)
    whole, walked = most_export(formulation, count, HiGHS()), most_export(formulation, count)
    asked = total_weight(formulation, weights)
    assert walked.exported == pytest.approx(whole.exported, abs=1e-7 * asked)
    assert walked.unserved_mtok == pytest.approx(whole.unserved_mtok, abs=1e-7 * asked)
    assert all(certificate.proven for certificate in walked.certificates)
    assert walked.certificates[0].objective == pytest.approx(walked.unserved_mtok, abs=1e-9 * asked)
    assert walked.certificates[1].objective == pytest.approx(-walked.exported, abs=1e-7 * asked)


@pytest.mark.parametrize("wrong", [0.9, math.nan])
def test_a_walk_that_is_not_proven_is_not_taken(make_random_instance, monkeypatch, wrong):
    """Tests that where prices prove nothing, or are no numbers, the programs are solved after all."""
    formulation = formulate(make_random_instance(1))
    weights = np.ones(len(formulation.workloads))
    whole = most_export(formulation, swapping(formulation, weights), HiGHS())
    point = IncrementalLP.point
    monkeypatch.setattr(IncrementalLP, "point", lambda lp: replace(point(lp), duals=point(lp).duals * wrong))
    assert most_export(formulation, swapping(formulation, weights)).exported == pytest.approx(whole.exported, rel=1e-9)


def test_a_walk_that_fails_is_not_taken(make_random_instance, monkeypatch):
    """Tests that where HiGHS has no answer for the walk the programs are solved after all."""
    formulation = formulate(make_random_instance(1))
    weights = np.ones(len(formulation.workloads))
    whole = most_export(formulation, swapping(formulation, weights), HiGHS())

    def fail(lp):
        raise placer.NoSolutionError(placer.Reason.FAILED, "no")

    monkeypatch.setattr(IncrementalLP, "run", fail)
    assert most_export(formulation, swapping(formulation, weights)).exported == pytest.approx(whole.exported, rel=1e-9)


def test_time_of_a_walk(make_random_instance):
    """Tests that a walk that is not done in time says so."""
    formulation = formulate(make_random_instance(1))
    with pytest.raises(placer.NoSolutionError, match="time limit"):
        most_export(formulation, swapping(formulation, np.ones(len(formulation.workloads))), time_limit_seconds=0.0)


@pytest.mark.parametrize(
    ("limit", "exported"),
    [
        ({"kind": "tokens", "sense": "<=", "amount": 4.0, "data_centre": "Y"}, 10),
        ({"kind": "energy_mwh", "sense": "<=", "amount": 3.0, "power_zone": "zx"}, 13),
        ({"kind": "tokens", "sense": "<=", "amount": 4.0, "hub": "A", "data_centre": "Y"}, 10),
        ({"kind": "tokens", "sense": ">=", "amount": 4.0, "hub": "A", "data_centre": "X"}, 12),
        ({"kind": "share", "sense": "<=", "amount": 0.25, "region": "west", "of": "served"}, 10),
    ],
)
def test_limits_of_ones_own_set_the_ceiling(make_instance, limit, exported):
    """Tests ceilings by hand: A's 10 may leave to Y and B's 6 to X, up to a limit, by a walk or without one."""
    instance = make_instance(limits=[{"limit": "l"} | limit])
    extent = _ceiling(instance)
    assert extent.exported == pytest.approx(exported)
    formulation = formulate(instance)
    solved = most_export(formulation, swapping(formulation, weights_of(instance, "tokens")), HiGHS())
    assert solved.exported == pytest.approx(exported)


@pytest.mark.parametrize("solver", [None, HiGHS(), ColumnGeneration()])
def test_limits_that_cannot_be_met_are_named(make_instance, solver):
    """Tests at least 40 of 16 Mtok, by every way to the ceiling."""
    least = {"limit": "all", "kind": "tokens", "sense": ">=", "amount": 40.0}
    formulation = formulate(make_instance(limits=[least]))
    with pytest.raises(NoSolutionError, match=r"no placement can meet .* 'all' \(tokens >= 40\) .* with amount 16"):
        most_export(formulation, swapping(formulation, weights_of(make_instance(), "tokens")), solver)
