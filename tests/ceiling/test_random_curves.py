"""Ceiling curves of random instances beside cold optima and maximum flows, with little effort and with bad answers."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import placer
from placer.ceiling.curve import trace, within
from placer.ceiling.maximum import most_export
from placer.ceiling.walk.entering import entering
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.rows import caps_beyond_walks
from placer.instance.cut import Cut
from placer.instance.problem import Instance
from placer.model.counts import Count, Weights, net, total_weight
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from placer.solvers.incremental import IncrementalLP
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes

#: How far the cold optimum may stray: it allows 1e-10 of demand unserved, which mixed ratios turn into more export.
STRAY = 1e-6


def swapping(formulation, weight):
    """Return the count in which every export counts, and nothing is displaced."""
    exported = weight[:, None, None] * formulation.exported
    return Count(exported, np.zeros_like(exported))


def some_count(instance, formulation, weight, seed):
    """Return every export with swaps, or what is exported and displaced over a cut of one direction or the other."""
    cuts = {1: Cut(("e",), ("w",)), 2: Cut(("w",), ("e",))}
    weights = Weights(weight, np.zeros(formulation.latency_ms.shape))
    return net(instance, weights, cuts[seed % 3]) if seed % 3 else swapping(formulation, weight)


def ceiling_curve(formulation, weight, by="rtt", iterations=np.inf, parameters=None):
    """Return the curve in which every export counts."""
    return trace(formulation, weight, swapping(formulation, weight), by, iterations, parameters)


def some_instance(make_random_instance, seed):
    """Return a random instance: with or without caps, windows, and a cyclic horizon."""
    settings = {"cyclic": bool(seed % 2)}
    if seed % 3:
        settings |= {"carbon_limit_kg": np.inf, "water_limit_litres": np.inf}
    instance = make_random_instance(seed, **settings)
    if seed % 5 < 2:
        instance = instance.replace(workloads=instance.workloads.assign(deadline_hours=0.0))
    return instance


def flow_instance(random):
    """Return an instance of one workload and one hour with whole numbers, and its round trips."""
    hubs, centres = random.integers(2, 6), random.integers(1, 5)
    rtt = random.integers(1, 6, (hubs, centres))
    names = [f"h{hub}" for hub in range(hubs)], [f"d{centre}" for centre in range(centres)]
    tables = {
        "hubs": [{"hub": hub, "region": random.choice(["e", "w"])} for hub in names[0]],
        "data_centres": [
            {"data_centre": centre, "region": random.choice(["e", "w"]), "accelerators": float(random.integers(1, 12))}
            for centre in names[1]
        ],
        "links": [
            {"from": hub, "to": centre, "rtt_ms": float(rtt[row, column])}
            for row, hub in enumerate(names[0])
            for column, centre in enumerate(names[1])
        ],
        "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        "demand": [{"workload": "w", "hub": hub, "mtok": float(random.integers(1, 9))} for hub in names[0]],
    }
    return Instance.from_tables(tables)


def most_flow(instance, formulation, limit):
    """Return unserved and exported of a maximum flow that exports the most, in whole numbers."""
    graph = nx.DiGraph()
    demand = instance.demand.set_index("hub")["mtok"].astype(int).to_dict()
    for hub, mtok in demand.items():
        graph.add_edge("source", hub, capacity=mtok, weight=0)
    for centre, accelerators in instance.data_centres.set_index("data_centre")["accelerators"].items():
        graph.add_edge(centre, "sink", capacity=int(accelerators), weight=0)
    for row, column in zip(*np.nonzero(formulation.rtt_ms <= limit), strict=True):
        weight = -int(formulation.exported[row, column])
        graph.add_edge(formulation.hubs[row], formulation.data_centres[column], weight=weight)
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    served = sum(flow["source"].values())
    return sum(demand.values()) - served, -nx.cost_of_flow(graph, flow)


@pytest.mark.slow
def test_maximum_flow() -> None:
    """Tests that at every round trip of every instance the curve is a maximum flow that exports the most."""
    random = np.random.default_rng(5)
    for _ in range(tries(12, 300)):
        instance = flow_instance(random)
        formulation = formulate(instance)
        curve = ceiling_curve(formulation, np.ones(1))
        assert curve.table["exact"].all()
        changes = []
        for limit in range(1, 6):
            unserved, exported = most_flow(instance, formulation, limit)
            changes.append((unserved, exported))
            row = curve.at(limit)
            assert (row["unserved_mtok"], row["exported"]) == pytest.approx((unserved, exported), abs=1e-9)
        known = [(sum(instance.demand["mtok"]), 0), *changes]
        corner = [limit for limit in range(1, 6) if known[limit] != known[limit - 1]]
        assert curve.limits.tolist() == [0.0, *corner]


@pytest.mark.parametrize("by", ["rtt", "slo", "shorten"])
@pytest.mark.parametrize("seed", range(tries(4, 24)))
def test_cold_optima(make_random_instance, seed: int, by) -> None:
    """Tests that at corners and between them the curve is the lexicographic optimum found from scratch."""
    random = np.random.default_rng(seed)
    instance = some_instance(make_random_instance, seed)
    formulation = formulate(instance)
    weight = np.array([random.choice([0.0, 1.0, 3.0], 4), np.ones(4)][seed % 2])
    weight[0] += 0.5
    check_cold(formulation, weight, some_count(instance, formulation, weight, seed), by, random)


@pytest.mark.parametrize("by", ["rtt", "slo", "shorten"])
@pytest.mark.parametrize("seed", range(tries(3, 24)))
def test_cold_optima_over_modes(make_random_instance, seed: int, by) -> None:
    """Tests the same where workloads have modes, whose arcs enter at limits of their own."""
    random = np.random.default_rng(seed)
    instance = with_random_modes(some_instance(make_random_instance, seed), seed)
    formulation = formulate(instance)
    weight = random.choice([0.5, 1.0, 3.0], 4)[formulation.service.workload]
    check_cold(formulation, weight, some_count(instance, formulation, weight, seed), by, random)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 60)))
def test_quotas_and_limits_of_hubs(make_random_instance, seed: int) -> None:
    """Tests curves and ceilings under quotas, one of them of 0 at times, and limits of a hub, against cold optima."""
    random = np.random.default_rng(seed)
    instance = some_instance(make_random_instance, seed)
    total = float(instance.demand["mtok"].sum())
    regions = [("e", "w"), ("w", "e")]
    quotas = [
        {"policy": f"{one} to {other}", "kind": "quota_mtok", "from_region": one, "to_region": other, "amount": mtok}
        for (one, other), mtok in zip(regions, total * random.choice([0.0, 0.02, 0.1, 0.3], 2), strict=True)
    ]
    tokens = {"limit": "hub", "kind": "tokens", "amount": total * random.choice([0.02, 0.05]), "sense": "<="}
    limits = [tokens | {"hub": instance.hubs["hub"].iloc[0], "hours": str(instance.demand["hour"].iloc[0])}]
    instance = instance.replace(policies=quotas[: 1 + seed % 2], limits=limits if seed % 3 else [])
    formulation, weight = formulate(instance), np.ones(4)
    count = some_count(instance, formulation, weight, seed)
    assert not caps_beyond_walks(formulation.structure).any()
    check_cold(formulation, weight, count, ("rtt", "slo", "shorten")[seed % 3], random)
    walked, cold = most_export(formulation, count), most_export(formulation, count, HiGHS())
    assert walked.unserved_mtok == pytest.approx(cold.unserved_mtok, abs=1e-9 * total)
    assert walked.exported == pytest.approx(cold.exported, abs=STRAY * total)


def check_cold(formulation, weight, count, by, random):
    """Check a curve at some corners and between them."""
    curve = trace(formulation, weight, count, by)
    assert curve.table["exact"].all()
    enter = np.unique(entering(formulation, by))
    enter = enter[np.isfinite(enter)]
    points = np.concatenate([curve.limits, enter, (enter[1:] + enter[:-1]) / 2, [1e4]])
    for limit in random.choice(np.unique(points), 6):
        cold, row = most_export(within(formulation, limit, by), count, HiGHS()), curve.at(limit)
        assert row["unserved_mtok"] == pytest.approx(cold.unserved_mtok, abs=1e-9 * curve.total_mtok)
        assert row["displaced_hours"] == pytest.approx(cold.displaced_hours, abs=1e-8 * curve.total_mtok)
        assert row["exported"] == pytest.approx(cold.exported, abs=STRAY * total_weight(formulation, weight))


@pytest.mark.parametrize("seed", range(6))
def test_end_and_shape(make_random_instance, seed: int) -> None:
    """Tests that unserved demand never rises, exports rise once all is served, and the end is the plain ceiling.

    Neither depends on the order of the hubs.
    """
    instance = some_instance(make_random_instance, seed)
    formulation = formulate(instance)
    curve, count = ceiling_curve(formulation, np.ones(4)), swapping(formulation, np.ones(4))
    plain = most_export(formulation, count, HiGHS())
    last = curve.table.iloc[-1]
    assert last["unserved_mtok"] == pytest.approx(plain.unserved_mtok, abs=1e-7)
    assert last["exported"] == pytest.approx(plain.exported, abs=STRAY * curve.total_mtok)
    assert (np.diff(curve.table["unserved_mtok"]) <= 1e-9).all()
    after = curve.table["rtt_limit_ms"] >= curve.served_from
    assert (np.diff(curve.table.loc[after, "exported"]) >= -1e-9).all()
    assert curve.at(1.0)["share"] <= 1
    turned = instance.replace(hubs=instance.hubs.iloc[::-1].reset_index(drop=True))
    pd.testing.assert_frame_equal(ceiling_curve(formulate(turned), np.ones(4)).table, curve.table, atol=1e-7)


#: Parts stay apart, one way enters at a time, the program starts afresh at every limit, one arc is looked at first.
SMALL_STEPS = SweepParameters(together=1, entering=1, chunk=1, program_growth=0.0, program_spare=0)
#: The walk by levels has no weights.
BY_LEVELS = SweepParameters(largest_weight=0.0)
#: Served demand does not come first, which the walk notices and mends.
SMALL_WEIGHT = SweepParameters(first_weight=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["rtt", "slo", "shorten"])
@pytest.mark.parametrize("seed", range(tries(4, 10)))
def test_size_of_steps_and_weights(make_random_instance, seed: int, by: str) -> None:
    """Tests that neither the curve nor the ceiling depends on how much is taken in a step, nor on weights."""
    instance = some_instance(make_random_instance, seed)
    formulation, weight = formulate(instance), np.array([[1.0, 0.5, 3.0, 1.0], np.ones(4)][seed % 2])
    count = some_count(instance, formulation, weight, seed)
    proper, ceiling = trace(formulation, weight, count, by), most_export(formulation, count)
    for parameters in (SMALL_STEPS, BY_LEVELS, SMALL_WEIGHT):
        other = trace(formulation, weight, count, by, parameters=parameters).table
        pd.testing.assert_frame_equal(other, proper.table, atol=1e-7)
    assert proper.table["exact"].all()
    for parameters in (SMALL_STEPS, BY_LEVELS):
        found = most_export(formulation, count, parameters=parameters)
        figures = found.exported, found.unserved_mtok
        assert figures == pytest.approx((ceiling.exported, ceiling.unserved_mtok), abs=1e-7)
        assert all(certificate.proven for certificate in found.certificates)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 12)))
def test_effort_spent(make_random_instance, seed: int) -> None:
    """Tests that without iterations allowed every figure is exact or lies within its bounds."""
    formulation = formulate(some_instance(make_random_instance, seed))
    for by in ("rtt", "slo", "shorten"):
        exact = ceiling_curve(formulation, np.ones(4), by)
        rough = ceiling_curve(formulation, np.ones(4), by, iterations=0)
        for limit in np.union1d(exact.limits, rough.limits):
            true, row = exact.at(limit), rough.at(limit)
            assert row["share_low"] - 1e-8 <= true["share"] <= row["share_high"] + 1e-8
            assert row["unserved_low"] - 1e-8 <= true["unserved_mtok"] <= row["unserved_mtok"] + 1e-8
            if row["exact"]:
                assert row["share"] == pytest.approx(true["share"], abs=1e-8)


def test_effort_spent_leaves_intervals(make_random_instance) -> None:
    """Tests that leaps over corners come back as intervals that are labelled so."""
    formulation = formulate(some_instance(make_random_instance, 3))
    rough = ceiling_curve(formulation, np.ones(4), iterations=0, parameters=SweepParameters(leaps=1)).table
    inexact = rough[~rough["exact"]]
    assert len(inexact)
    assert (inexact["share_low"] <= inexact["share"]).all()
    assert (inexact["share"] <= inexact["share_high"]).all()


@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_corrupted_answers(monkeypatch: pytest.MonkeyPatch, make_random_instance, seed: int) -> None:
    """Tests that what is called exact is right where a solver answers badly: some flows are those of the last run."""
    formulation = formulate(some_instance(make_random_instance, seed))
    proper = ceiling_curve(formulation, np.ones(4))
    random, point, last = np.random.default_rng(seed), IncrementalLP.point, [np.zeros(0)]

    def corrupted(lp: IncrementalLP):
        proper_point = point(lp)
        values = proper_point.values
        if len(last[0]) <= len(values) and random.random() < 0.5:
            values = np.append(last[0], np.zeros(len(values) - len(last[0])))
        last[0] = values
        return replace(proper_point, values=values)

    monkeypatch.setattr(IncrementalLP, "point", corrupted)
    for _ in range(tries(3, 6)):
        try:
            table = ceiling_curve(formulation, np.ones(4))
        except placer.NoSolutionError:
            continue
        for limit in np.union1d(proper.limits, table.limits):
            true, row = proper.at(limit), table.at(limit)
            assert row["unserved_low"] - 1e-8 <= true["unserved_mtok"] <= row["unserved_mtok"] + 1e-8
            assert row["share_low"] - 1e-8 <= true["share"] <= row["share_high"] + 1e-8
            if row["exact"]:
                assert row["share"] == pytest.approx(true["share"], abs=1e-8)


def test_wrong_prices_are_noticed(monkeypatch: pytest.MonkeyPatch, make_random_instance) -> None:
    """Tests that figures whose prices prove nothing are not called exact, and their bounds hold."""
    formulation = formulate(some_instance(make_random_instance, 1))
    proper = ceiling_curve(formulation, np.ones(4))
    point = IncrementalLP.point
    monkeypatch.setattr(IncrementalLP, "point", lambda lp: replace(point(lp), duals=point(lp).duals * 0.9))
    wrong = ceiling_curve(formulation, np.ones(4))
    assert not wrong.table["exact"].all()
    for limit in np.union1d(proper.limits, wrong.limits):
        true, row = proper.at(limit), wrong.at(limit)
        assert row["unserved_low"] - 1e-8 <= true["unserved_mtok"] <= row["unserved_mtok"] + 1e-8


def test_infeasible_answer_is_refused(monkeypatch: pytest.MonkeyPatch, make_random_instance) -> None:
    """Tests that a flow that exceeds its rows is refused."""
    formulation = formulate(some_instance(make_random_instance, 1))
    point = IncrementalLP.point
    monkeypatch.setattr(IncrementalLP, "point", lambda lp: replace(point(lp), values=point(lp).values + 0.5))
    with pytest.raises(placer.NoSolutionError, match="primal infeasibility"):
        ceiling_curve(formulation, np.ones(4))
