"""Several routes from a hub to a data centre: known optima, and what must hold for any number of routes."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.published_problems import american_steel
from placer.analysis.shortage.explanation import cure, explain
from placer.ceiling.curve import trace, within
from placer.ceiling.economics import break_even_gaps, economic_range
from placer.ceiling.exports import ceiling_curve, export_ceiling
from placer.ceiling.maximum import most_export
from placer.column_generation.solver import ColumnGeneration
from placer.datasets.folder import load
from placer.datasets.saving import save
from placer.errors import InstanceError
from placer.extended.model import Model
from placer.instance.cut import cut_of
from placer.instance.problem import Instance
from placer.io.graph_files import load_graph, save_graph
from placer.io.pypsa import to_pypsa
from placer.model.counts import export_weights, net
from placer.model.formulation import formulate
from placer.session import Session
from placer.solve import solve
from placer.solvers.highs import HiGHS
from tests.route_networks import GB, LIGHT, build, few, network, seeds, total


def test_american_steel():
    """Tests that two routes, all there are, give the published optimum of 15,005 USD; one leaves a quarter unserved."""
    assert solve(american_steel(1)).unserved_share == pytest.approx(0.25)
    for routes in (2, 7):
        placement = solve(american_steel(routes))
        assert placement.certificate.proven
        assert placement.unserved_mtok == 0
        assert placement.cost_usd == pytest.approx(15_005.0, rel=1e-9)


def two_paths(**changes):
    """Return a hub that reaches a data centre over X, with room for 1 GB an hour, or over Y, for 2 USD per GB."""
    tables = {
        "hubs": [{"hub": "A", "access_ms": 1.0}],
        "data_centres": [{"data_centre": "D"}],
        "exchanges": [{"exchange": "X"}, {"exchange": "Y"}],
        "links": [
            {"from": "A", "to": "X", "rtt_ms": 2.0, "capacity_gbps": 1 / GB},
            {"from": "X", "to": "D", "rtt_ms": 3.0},
            {"from": "A", "to": "Y", "rtt_ms": 4.0, "usd_per_gb": 2.0},
            {"from": "Y", "to": "D", "rtt_ms": 5.0},
        ],
        "workloads": [{"workload": "w"} | LIGHT | changes.pop("workload", {})],
        "demand": [{"workload": "w", "hub": "A", "mtok": 3.0}],
    }
    return Instance.from_tables(tables, **changes)


def test_what_is_left_takes_the_second_path():
    """Tests 1 Mtok over X for nothing and 2 Mtok over Y for 2 USD each: the price is 2, the rent of X as much."""
    placement = solve(two_paths(routes=2))
    assert placement.cost_usd == pytest.approx(4.0)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([2.0])
    assert placement.links["rent_usd_per_gb"].tolist() == pytest.approx([2.0, 0.0, 0.0, 0.0])
    assert placement.links["gb"].tolist() == pytest.approx([1.0, 1.0, 2.0, 2.0])
    flows = placement.flows
    assert list(flows.index.names) == ["workload", "hub", "data_centre", "route", "hour"]
    assert flows.index.get_level_values("route").tolist() == [1, 2]
    assert flows["path"].tolist() == ["A - X - D", "A - Y - D"]
    assert flows["mtok"].tolist() == pytest.approx([1.0, 2.0])
    assert flows["rtt_ms"].tolist() == pytest.approx([6.0, 10.0])
    assert placement.workloads["rtt_ms"].tolist() == pytest.approx([26 / 3])


def test_one_route_says_nothing_of_routes():
    """Tests that 2 Mtok stay unserved with one route, and that the table of flows is as ever."""
    placement = solve(two_paths())
    assert placement.unserved_mtok == pytest.approx(2.0)
    assert list(placement.flows.index.names) == ["workload", "hub", "data_centre", "hour"]
    assert "path" not in placement.flows
    assert placement.unserved_reasons.index.tolist() == [("link", "A - X")]


def test_a_limit_of_at_least_some_cost_keeps_dear_routes():
    """Tests that 3 Mtok may cost at least 3 USD by sending half of them over the dear path, which none else takes."""
    instance = two_paths(routes=2)
    wide = instance.replace(links=instance.links.assign(capacity_gbps=np.inf))
    assert formulate(wide).structure.routes == 1
    dear = wide.replace(limits=[{"limit": "spend", "kind": "cost_usd", "sense": ">=", "amount": 3.0}])
    placement = solve(dear)
    assert placement.certificate.proven
    assert placement.cost_usd == pytest.approx(3.0)
    assert placement.unserved_mtok == pytest.approx(0.0, abs=1e-9)


def test_a_late_route_carries_nothing():
    """Tests that a limit of 11 ms, between 1 + 6 and 2 + 10, closes the second path, and one of 12 opens it."""
    for limit, left in ((11.0, 2.0), (12.0, 0.0)):
        late = two_paths(routes=2, workload={"latency_slo_ms": limit, "server_ms": 2.0, "user_round_trips": 1.0})
        assert solve(late).unserved_mtok == pytest.approx(left)


def test_a_dear_short_path_is_left():
    """Tests that the cheapest route in time is taken, though it is not the shortest."""
    instance = two_paths(routes=2)
    links = instance.links.assign(usd_per_gb=[5.0, 0.0, 0.0, 0.0], capacity_gbps=np.inf)
    assert solve(instance.replace(links=links)).cost_usd == 0
    assert solve(instance.replace(links=links, routes=1)).cost_usd == pytest.approx(15.0)


@pytest.mark.parametrize("given", [0, -1, 1.5, "2", True, None, float("nan"), float("inf")])
def test_routes_are_a_whole_number(given):
    """Tests that anything but a whole number of at least 1 is named with what is allowed."""
    with pytest.raises(InstanceError, match=r"settings.*routes.*whole number, >= 1") as caught:
        two_paths(routes=given)
    assert len(caught.value.violations) == 1


def test_the_setting_survives_files(tmp_path):
    """Tests that a folder, JSON and GraphML keep the number of routes."""
    instance = two_paths(routes=3)
    save(instance, tmp_path / "folder")
    assert load(tmp_path / "folder") == instance
    for name in ("graph.json", "graph.graphml"):
        save_graph(instance, tmp_path / name)
        assert load_graph(tmp_path / name).settings.routes == 3


@pytest.mark.slow
@few
@given(seeds)
def test_ceilings_with_several_routes(seed):
    """Tests that the walk and HiGHS agree, and that routes leave no more unserved, and no less exported if as much."""
    before = None
    for routes in (1, 3):
        instance = build(seed, routes)
        walked, solved = (export_ceiling(instance, exporting="e", solver=solver) for solver in (None, HiGHS()))
        assert walked.share == pytest.approx(solved.share, abs=1e-7)
        assert walked.unserved_share == pytest.approx(solved.unserved_share, abs=1e-7)
        if before is not None:
            assert walked.unserved_share <= before.unserved_share + 1e-8
            same = walked.unserved_share == pytest.approx(before.unserved_share, abs=1e-9)
            if same and walked.displaced_share == pytest.approx(before.displaced_share, abs=1e-9):
                assert walked.share >= before.share - 1e-8
        before = walked


@pytest.mark.slow
@few
@given(seeds, st.sampled_from(["rtt", "slo", "shorten"]))
def test_curves_with_several_routes(seed, by):
    """Tests every corner of a curve against the ceiling at its limit, solved by HiGHS."""
    instance = build(seed, 3)
    formulation = formulate(instance)
    weights = export_weights(instance, formulation.distance, "tokens")
    count = net(instance, weights, cut_of(instance, "e"))
    curve = trace(formulation, weights.asked, count, by)
    assert curve.table["exact"].all()
    for limit, row in zip(curve.limits[:4], curve.table.to_dict("records"), strict=False):
        found = most_export(within(formulation, limit, by), count, HiGHS())
        assert row["unserved_mtok"] == pytest.approx(found.unserved_mtok, abs=1e-6)
        assert row["exported"] == pytest.approx(found.exported, abs=1e-6)
    assert ceiling_curve(instance, by, exporting="e").table["share"].iloc[-1] == curve.table["share"].iloc[-1]


@pytest.mark.slow
def test_column_generation_hands_over():
    """Tests that column generation and sessions answer by the whole program, and say so."""
    expected = total(solve(build(3, 3)))
    placement = solve(build(3, 3), ColumnGeneration())
    assert total(placement) == pytest.approx(expected, rel=1e-8)
    assert "several routes" in placement.termination.detail
    session = Session()
    for _ in range(2):
        assert total(session.solve(build(3, 3))) == pytest.approx(expected, rel=1e-8)


@pytest.mark.slow
def test_shortages_are_explained():
    """Tests that the cure of two narrow paths restores full service, and that a late second path counts as latency."""
    narrow = two_paths(routes=2)
    instance = narrow.replace(links=narrow.links.assign(capacity_gbps=[1 / GB, np.inf, 1 / GB, np.inf]))
    explained = explain(solve(instance))
    assert {change.limit for change in explained.changes} == {"link"}
    assert solve(cure(instance, explained)).unserved_mtok == pytest.approx(0.0, abs=1e-6)
    late = two_paths(routes=2, workload={"latency_slo_ms": 11.0, "server_ms": 2.0, "user_round_trips": 1.0})
    explained = explain(solve(late))
    cures = [change.cure for change in explained.changes] + explained.alternatives["cure"].tolist()
    assert "1 ms more of latency_slo_ms of w" in cures
    assert solve(cure(late, explained)).unserved_mtok == pytest.approx(0.0, abs=1e-6)


@pytest.mark.slow
@few
@given(seed=seeds)
def test_export_ranges_and_break_even(ends_by_cost_row, seed):
    """Tests the range of exports among optima against a row that holds the cost, and one row a route of exports."""
    placement = solve(build(seed, 3))
    low, high = economic_range(placement)
    assert [low, high] == pytest.approx(ends_by_cost_row(placement, placement.formulation.exported), abs=1e-6)
    gaps = break_even_gaps(placement)
    assert not gaps.index.duplicated().any()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_splits_and_shortening(seed):
    """Tests that the split by limit adds up, and that no arc gains more than its bound where all is served."""
    instance = build(seed, 3)
    ceiling = export_ceiling(instance, exporting="e")
    assert ceiling.limits["share"].sum() == pytest.approx(1 - ceiling.share)
    table = ceiling.shortenings
    if ceiling.unserved_share == 0 and ceiling.displaced_share == 0:
        solved = table[table["share_gained"].notna()]
        assert (solved["share_gained"] <= solved["share_at_most"] + 1e-7).all()


@pytest.mark.slow
def test_pypsa_sees_every_route():
    """Tests that PyPSA's optimum of the exported network with both routes is the published one."""
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyPSA's own libraries
        exported = to_pypsa(american_steel(2))
        exported.optimize(solver_name="highs", output_flag=False)
    assert exported.objective + exported.objective_constant == pytest.approx(15_005.0)


def test_own_rows_name_routes():
    """Tests that a row of one's own keeps half a Mtok off the short route: 2.5 Mtok cost 2 USD each on the other."""
    model = Model(two_paths(routes=2))
    model.add_rows((model.columns["route"] == 1).astype(float), name="half", upper=0.5)
    assert model.solve().cost_usd == pytest.approx(5.0)
    assert "route" not in Model(two_paths()).columns


def test_blocks_take_several_routes():
    """Tests that two days that share nothing cost the same side by side and as one program."""
    tables = network(5)
    hours = [{"hour": hour, "weight": 1.0, "block": "one" if hour < 2 else "two"} for hour in range(3)]
    days = Instance.from_tables(tables | {"periods": hours}, routes=3)
    assert total(solve(days, ColumnGeneration())) == pytest.approx(total(solve(days)), rel=1e-8)


def test_tables_are_those_of_one_route_where_no_second_is_there():
    """Tests on a tree that several routes give the very figures of one."""
    tree = two_paths().replace(links=two_paths().links.iloc[:2])
    one, three = solve(tree), solve(tree.replace(routes=3))
    pd.testing.assert_frame_equal(one.prices, three.prices)
    assert one.cost_usd == three.cost_usd
