"""The tables of a placement: labelled, complete, and in agreement with each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from placer.placement.accounts import COST_PARTS
from placer.placement.price_summary import demand_axis
from placer.placement.resource_tables import link_table
from placer.placement.result import TABLE_NAMES
from placer.placement.tables import demand_quantities, flow_pieces
from placer.solve import solve
from placer.utils.arrays import ratio

COSTS = [f"{part}_usd" for part in COST_PARTS]


@pytest.fixture(scope="module", params=range(6), ids=lambda seed: f"seed {seed}")
def placement(request, make_random_instance):
    return solve(make_random_instance(request.param, cyclic=bool(request.param % 2)))


@pytest.fixture(scope="module")
def small(make_instance):
    """All 16 Mtok run at Y, the 10 of A as exports."""
    return solve(make_instance())


@pytest.mark.parametrize("name", ["flows", "workloads", "hubs", "hours", "data_centres"])
def test_costs_add_up_in_every_table(placement, name):
    """Tests that cost parts add up row by row, and over rows to the cost of the placement."""
    table = getattr(placement, name)
    np.testing.assert_allclose(table[COSTS].sum(axis=1), table["cost_usd"], rtol=1e-9, atol=1e-9)
    assert table["cost_usd"].sum() == pytest.approx(placement.cost_usd, rel=1e-9)
    for part in COST_PARTS:
        assert table[f"{part}_usd"].sum() == pytest.approx(placement.cost_parts_usd[part], rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("name", ["workloads", "hubs", "hours"])
def test_demand_tables_add_up(placement, name):
    """Tests that each summary covers all demand, all that is served and all exports."""
    table = getattr(placement, name)
    np.testing.assert_allclose(table["served_mtok"] + table["unserved_mtok"], table["demand_mtok"], rtol=1e-9)
    for column in ("demand_mtok", "served_mtok", "unserved_mtok", "exported_mtok"):
        assert table[column].sum() == pytest.approx(getattr(placement, column), rel=1e-9, abs=1e-9)
    below = table["served_mtok"] - table["at_penalty_mtok"]
    paid = (table["price_usd_per_mtok"] * below)[below > 0].sum()
    assert paid == pytest.approx(placement.price_summary(name.rstrip("s"))["payments_usd"].sum(), rel=1e-9)
    split = table["not_worth_serving_mtok"] + table["cannot_be_served_mtok"]
    np.testing.assert_allclose(split, table["unserved_mtok"], rtol=1e-9, atol=1e-12)


def test_flows_and_data_centres_agree(placement):
    """Tests that what the flows bring to each data centre is what it serves, energy and water included."""
    arrived = placement.flows["mtok"].groupby(level="data_centre").sum()
    served = placement.data_centres["mtok"]
    np.testing.assert_allclose(arrived.reindex(served.index, fill_value=0.0), served, rtol=1e-7, atol=1e-7)
    assert placement.data_centres["mwh"].sum() == pytest.approx(placement.energy_mwh, rel=1e-9)
    assert placement.data_centres["carbon_kg"].sum() == pytest.approx(placement.carbon_kg, rel=1e-9)
    assert placement.data_centres["water_litres"].sum() == pytest.approx(placement.water_litres, rel=1e-9)


def test_waiting_is_what_arrives(placement):
    """Tests that queued work adds up to the flows of the workloads that may wait, within its window."""
    flows = placement.flows["mtok"].groupby(level="workload").sum()
    waiting = placement.waiting["mtok"].groupby(level="workload").sum()
    for workload in ("night", "soon"):
        assert waiting.get(workload, 0.0) == pytest.approx(flows.get(workload, 0.0), rel=1e-7, abs=1e-7)
    delay = placement.waiting.reset_index().eval("service_hour - arrival_hour") % 5
    assert (delay <= 3).all()


def test_flow_table_of_a_known_placement(small):
    """Tests the rows and columns of two flows worked out by hand."""
    flows = small.flows
    assert flows.index.tolist() == [("w", "A", "Y", 0), ("w", "B", "Y", 0)]
    assert list(flows) == ["mtok", "rtt_ms", "latency_ms", "exported", *COSTS, "cost_usd"]
    assert flows["mtok"].tolist() == pytest.approx([10, 6])
    assert flows["rtt_ms"].tolist() == [40, 10]
    assert flows["exported"].tolist() == [True, False]
    assert flows["energy_usd"].tolist() == pytest.approx([200, 120])


def test_demand_summary_of_a_known_placement(small):
    """Tests exports, mean round trip and price of one workload worked out by hand."""
    row = small.workloads.loc["w"]
    assert row["export_share"] == pytest.approx(10 / 16)
    assert row["rtt_ms"] == pytest.approx((10 * 40 + 6 * 10) / 16)
    assert row["cost_usd_per_mtok"] == pytest.approx(20)
    assert row["price_usd_per_mtok"] == pytest.approx(20)


def test_nothing_to_take_a_mean_of_is_nan(make_instance):
    """Tests that a hub without demand, and a data centre without limit, hold NaN rather than a division by 0."""
    placement = solve(make_instance(demand=[{"workload": "w", "hub": "A", "mtok": 1.0}]))
    hub = placement.hubs.loc["B"]
    assert hub["demand_mtok"] == 0
    assert np.isnan(hub[["export_share", "rtt_ms", "cost_usd_per_mtok", "price_usd_per_mtok"]].to_numpy(float)).all()
    assert np.isnan(placement.data_centres.loc["X", "utilisation"])
    assert np.isnan(placement.data_centres.loc["X", "peak_utilisation"])


def test_hours_are_those_of_the_demand(make_instance):
    """Tests that tables carry the hours' own numbers."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (7, 8)]
    placement = solve(make_instance(demand=demand))
    assert placement.hours.index.tolist() == [7, 8]
    for name in ("flows", "prices", "data_centre_hours", "supplies", "links"):
        assert set(getattr(placement, name).index.get_level_values("hour")) == {7, 8}


def test_index_of_every_table(placement):
    """Tests that every table is labelled by the names it documents."""
    names = {name: list(getattr(placement, name).index.names) for name in TABLE_NAMES}
    assert names == {
        "flows": ["workload", "hub", "data_centre", "hour"],
        "waiting": ["workload", "data_centre", "arrival_hour", "service_hour"],
        "queues": ["workload", "data_centre", "hour", "hours_left"],
        "workloads": ["workload"],
        "hubs": ["hub"],
        "hours": ["hour"],
        "data_centres": ["data_centre"],
        "data_centre_hours": ["data_centre", "hour"],
        "supplies": ["supply", "power_zone", "data_centre", "hour"],
        "power_zones": ["power_zone", "hour"],
        "links": ["link", "from", "to", "hour"],
        "limits": ["limit", "hours"],
        "prices": ["workload", "hub", "hour"],
        "scarcities": ["limit", "name"],
        "unserved_reasons": ["reason", "name"],
    }


def test_rounding_reaches_no_table(make_instance):
    """Tests that a flow of 1e-17 of the demand, and an unserved rest of -1e-18, are in no table and no figure."""
    placement = solve(make_instance())
    flows = placement.answer.point
    arc = np.setdiff1d(np.arange(2), flows.arc[:1])  # the arc of A that carries nothing
    noisy = replace(
        flows,
        demand=np.insert(flows.demand, 0, 0),
        arc=np.insert(flows.arc, 0, arc),
        amount=np.insert(flows.amount, 0, 1e-17),
        unserved=np.array([-1e-18, 1e-18]),
    )
    shown = replace(placement, answer=replace(placement.answer, flows=noisy))
    assert len(shown.flows) == 2
    assert shown.unserved_mtok == 0
    for name in ("workloads", "hubs", "hours", "data_centres", "data_centre_hours", "supplies", "prices"):
        table = getattr(shown, name).select_dtypes(float).to_numpy()
        assert not np.signbit(table[table == 0]).any(), name
        assert (np.abs(table[(table != 0) & np.isfinite(table)]) > 1e-9).all(), name
    assert shown.data_centres.loc["X", "mtok"] == 0


def test_ratio():
    """Tests that a ratio is NaN where the whole is 0 or unknown, silently."""
    result = ratio(np.array([1.0, 0.0, 3.0, 1.0]), np.array([2.0, 0.0, np.nan, np.inf]))
    np.testing.assert_array_equal(result, [0.5, np.nan, np.nan, 0])


@pytest.mark.parametrize("rows", [1, 3, 1000])
@pytest.mark.parametrize("routes", [1, 2])
def test_flows_in_pieces_are_the_table(make_random_instance, rows, routes):
    """Tests that pieces, one after another, are the whole table, that none is too long, and that none is empty."""
    placement = solve(make_random_instance(2, cyclic=True, routes=routes))
    pieces = list(flow_pieces(placement.instance, placement.formulation, placement.accounts, rows))
    pd.testing.assert_frame_equal(pd.concat(pieces), placement.flows)
    assert all(0 < len(piece) <= rows for piece in pieces)


def test_no_flows_are_one_piece(make_instance):
    """Tests that a table without rows has its columns where nothing is worth serving."""
    cheap = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 0.1}]
    placement = solve(make_instance(workloads=cheap))
    (piece,) = flow_pieces(placement.instance, placement.formulation, placement.accounts, 5)
    assert len(piece) == 0
    assert "mtok" in piece


def test_sums_do_not_depend_on_the_assignments_at_a_time(placement, monkeypatch):
    """Tests tables by demand and of links, which add assignments up some at a time."""
    formulation, accounts = placement.formulation, placement.accounts
    monkeypatch.setattr("placer.placement.tables.ROWS", 2)
    monkeypatch.setattr("placer.placement.resource_tables.ROWS", 2)
    hubs = demand_quantities(formulation, accounts, demand_axis(formulation, "hub"))
    pd.testing.assert_frame_equal(hubs, placement.hubs[list(hubs)], rtol=1e-12)
    links = link_table(placement.instance, formulation, accounts, placement.rents)
    pd.testing.assert_frame_equal(links, placement.links, rtol=1e-12)
