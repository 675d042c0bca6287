"""The tables of a placement: labelled, complete, and in agreement with each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.instance.problem import Instance
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
    assert list(flows) == ["mtok", "rtt_ms", "latency_ms", "exported", *COSTS, "cost_usd", "policy_usd"]
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


#: GB that a link of 1 Gbps carries in an hour.
GB = 450.0


@pytest.fixture
def flows():
    """Return a function from a number of routes to the flows of two hubs that reach D over X or Y, and E over X."""

    def make(routes):
        instance = Instance.from_tables(
            {
                "hubs": [{"hub": "A"}, {"hub": "B"}],
                "data_centres": [{"data_centre": "D"}, {"data_centre": "E", "accelerator_usd_per_hour": 50.0}],
                "exchanges": [{"exchange": "X"}, {"exchange": "Y"}],
                "links": [
                    {"from": "D", "to": "X", "rtt_ms": 1.0, "capacity_gbps": 3 / GB},
                    {"from": "A", "to": "X", "rtt_ms": 1.0},
                    {"from": "X", "to": "E", "rtt_ms": 1.0},
                    {"from": "X", "to": "B", "rtt_ms": 2.0, "usd_per_gb": 1.0},
                    {"from": "Y", "to": "B", "rtt_ms": 9.0},
                    {"from": "Y", "to": "D", "rtt_ms": 9.0, "usd_per_gb": 8.0},
                ],
                "workloads": [
                    {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0}
                    | {"unserved_usd_per_mtok": 100.0}
                ],
                "demand": [{"workload": "w", "hub": hub, "mtok": 2.0} for hub in "AB"],
            },
            routes=routes,
        )
        return solve(instance).flows

    return make


def test_every_flow_names_its_path(flows):
    """Tests that A fills X with 2 Mtok, and that B sends 1 Mtok beside it and 1 Mtok over Y, which leads round to D."""
    table = flows(2).reset_index()
    columns = ["hub", "data_centre", "route", "path", "mtok", "rtt_ms"]
    assert table[columns].to_numpy().tolist() == [
        ["A", "D", 1, "A - X - D", pytest.approx(2.0), 2.0],
        ["B", "D", 1, "B - X - D", pytest.approx(1.0), 3.0],
        ["B", "D", 2, "B - Y - D", pytest.approx(1.0), 18.0],
    ]


@pytest.mark.slow
def test_the_number_of_routes_asked_for_decides_on_the_labels(flows):
    """Tests that flows with one route have no route, and the same labels however many more are asked for."""
    assert "route" not in flows(1).index.names
    assert flows(2).index.names == flows(5).index.names == ["workload", "hub", "data_centre", "route", "hour"]
    assert list(flows(2).columns) == [*flows(1).columns, "path"]


#: 10 Mtok at A, 6 at B; a Mtok takes 1 MWh, for 50 USD at X and 20 at Y.
MOST = {"limit": "most at Y", "kind": "share", "sense": "<=", "amount": 0.5, "workload": "w", "data_centre": "Y"}


def test_a_share_at_one_site(make_instance):
    """Tests that at most half of 16 Mtok runs at Y: 8 x 20 + 8 x 50, and that a Mtok more there saves 30."""
    placement = placer.solve(make_instance(limits=[MOST]))
    assert placement.cost_usd == pytest.approx(8 * 20 + 8 * 50)
    row = placement.limits.loc[("most at Y", "")]
    assert row[["kind", "sense", "unit"]].tolist() == ["share", "<=", "Mtok"]
    assert row[["use", "amount", "rent_usd_per_unit", "rent_usd"]].tolist() == pytest.approx([0.5, 0.5, 30, 240])
    assert placement.settlement["limits_rent"] == pytest.approx(240)
    assert placement.settlement["difference"] == 0
    assert placement.scarcities.loc[("limit", "most at Y"), "rent_usd"] == pytest.approx(240)


def test_a_minimum_use_is_subsidised_by_what_it_is_worth(make_instance):
    """Tests that 4 Mtok must run at X: it costs 4 x 30 more, and the rent, -120 of the settlement, is paid to them."""
    least = {"limit": "use X", "kind": "tokens", "sense": ">=", "amount": 4.0, "data_centre": "X"}
    placement = placer.solve(make_instance(limits=[least]))
    assert placement.cost_usd == pytest.approx(12 * 20 + 4 * 50)
    row = placement.limits.loc[("use X", "")]
    assert row[["use", "rent_usd_per_unit", "rent_usd"]].tolist() == pytest.approx([4, 30, -120])
    assert placement.settlement["limits_rent"] == pytest.approx(-120)
    assert placement.settlement["payments"] == pytest.approx(16 * 20)


def test_a_green_share_is_priced_as_a_certificate(make_instance):
    """Tests 80 % of X's dear power: green from Z at 90 USD, where zx is grey; each certificate is worth 40 USD."""
    zones = [{"power_zone": name, "usd_per_mwh": usd} for name, usd in (("zx", 50.0), ("zy", 20.0), ("zg", 90.0))]
    supplies = [
        {"power_zone": "zx", "data_centre": "X"},
        {"power_zone": "zg", "data_centre": "X", "green": 1.0},
        {"power_zone": "zy", "data_centre": "Y", "green": 1.0},
    ]
    work = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 15.0}]
    limit = {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 0.8, "region": "east"}
    tables = {"power_zones": zones, "supplies": supplies, "workloads": work}
    placement = placer.solve(make_instance(**tables, limits=[limit]))
    assert placement.cost_usd == pytest.approx(2 * 50 + 8 * 90 + 6 * 20)
    row = placement.limits.loc[("green", "")]
    assert row[["use", "rent_usd_per_unit", "rent_usd"]].tolist() == pytest.approx([0.8, 40, 0])
    price = placement.prices.loc[("w", "A", 0)]
    assert price["usd_per_mtok"] == pytest.approx(0.2 * 50 + 0.8 * 90)
    assert placement.settlement["difference"] == 0


def test_limits_hour_by_hour_have_a_row_each(make_instance):
    """Tests that a limit on each hour binds in the hours it binds in, and is listed by hour."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((10.0, 2.0))]
    each = {"limit": "y", "kind": "tokens", "sense": "<=", "amount": 4.0, "data_centre": "Y", "hours": "each"}
    placement = placer.solve(make_instance(demand=demand, limits=[each]))
    assert placement.cost_usd == pytest.approx(6 * 50 + 4 * 20 + 2 * 20)
    assert placement.limits.index.tolist() == [("y", "0"), ("y", "1")]
    assert placement.limits["use"].tolist() == pytest.approx([4, 2])
    assert placement.limits["rent_usd_per_unit"].tolist() == pytest.approx([30, 0])


def test_without_limits_the_table_is_empty(make_instance):
    """Tests that the table has its columns and no rows."""
    table = placer.solve(make_instance()).limits
    assert table.empty
    assert list(table.columns) == ["kind", "sense", "use", "amount", "unit", "rent_usd_per_unit", "rent_usd"]


def test_a_limit_is_a_reason_why_demand_is_unserved(make_instance):
    """Tests that of 16 Mtok 9 may be served, and that the limit is named for the 7 others."""
    limit = {"limit": "all", "kind": "tokens", "sense": "<=", "amount": 9.0}
    placement = placer.solve(make_instance(limits=[limit]))
    assert placement.unserved_mtok == pytest.approx(7)
    assert placement.unserved_reasons["unserved_mtok"].to_dict() == pytest.approx({("limit", "all"): 7})
    assert "the limit all is reached" in repr(placement)
