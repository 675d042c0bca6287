"""Token prices, their parts and rents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from placer.placement.accounts import COST_PARTS, assignment_axes
from placer.placement.alternatives import arrival_prices_at
from placer.placement.prices import RENTS, price_pieces
from placer.solve import solve

SEEDS = range(12)
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def placement(request, make_random_instance):
    return solve(make_random_instance(request.param, cyclic=bool(request.param % 2)))


def _part_names():
    return [f"{part}_usd_per_mtok" for part in (*COST_PARTS, *RENTS, "unserved")]


def test_settlement(placement):
    """Tests that prices times demand equal cost, penalty and rents times limits."""
    settlement = placement.settlement
    payments = ["payments", "payments_served", "payments_unserved"]
    parts = settlement.drop([*payments, "difference"])
    assert settlement["payments"] == pytest.approx(parts.sum(), rel=1e-9)
    assert abs(settlement["difference"]) <= 1e-9 * settlement["payments"]
    assert settlement["payments"] == pytest.approx(settlement[payments[1:]].sum(), rel=1e-12)
    assert settlement["payments_unserved"] == pytest.approx(placement.penalty_usd, rel=1e-9, abs=1e-9)
    assert settlement["cost"] == placement.cost_usd
    assert settlement["penalty"] == placement.penalty_usd
    assert (parts.drop("cost") >= -1e-9).all()


def test_parts_add_up_to_the_price(placement):
    """Tests that cost parts and rents, weighted over the arcs used, are the price of every demand there is."""
    prices = placement.prices[placement.formulation.structure.demand_amount > 0]
    np.testing.assert_allclose(prices[_part_names()].sum(axis=1), prices["usd_per_mtok"], rtol=1e-9, atol=1e-7)


def test_parts_add_up_on_every_arc_that_is_used(placement):
    """Tests that price equals own cost plus rents on each used arc by itself, for work that cannot wait."""
    structure, rents = placement.formulation.structure, placement.rents
    every = structure.assignments
    klass, origin, site, period = assignment_axes(structure, every.demand, every.arc)
    service = arrival_prices_at(structure, rents)[klass, site, period]
    links = np.asarray(structure.route_links @ rents.link)[origin * structure.sites + site, period]
    on_arc = structure.arc_cost[every.arc] + service + structure.link_use[klass] * links
    price = rents.price[every.demand]
    used = placement.solution.values[placement.program.col_blocks["x"]] > 1e-7
    np.testing.assert_allclose(on_arc[used], price[used], rtol=1e-9, atol=1e-7)
    assert (on_arc >= price - 1e-7).all()


def test_rents_have_their_signs(placement):
    """Tests that every limit is worth at least nothing, and nothing where it is slack."""
    rents, structure, accounts = placement.rents, placement.formulation.structure, placement.accounts
    for rent in (rents.accelerator, rents.site, rents.supply, rents.link):
        assert (rent >= -1e-9).all()
    assert min(rents.carbon, rents.water) >= -1e-9
    slack = accounts.bought < structure.tier_limit - 1e-6
    np.testing.assert_allclose(rents.supply[slack], 0, atol=1e-9)
    worked = np.einsum("kj,kjt->jt", structure.use, accounts.served)
    np.testing.assert_allclose(rents.accelerator[worked < structure.capacity - 1e-6], 0, atol=1e-9)


def test_rent_of_a_supply_is_its_reduced_cost(placement):
    """Tests that what a supply's limit is worth is what its column of the whole program would lower the cost by."""
    program, structure = placement.program, placement.formulation.structure
    reduced = (program.cost - program.matrix.T @ placement.solution.row_duals)[program.col_blocks["y"]]
    saved = np.maximum(-reduced.reshape(structure.tier_cost.shape), 0)
    saved[np.isinf(structure.tier_limit)] = 0
    np.testing.assert_allclose(placement.rents.supply, saved, rtol=1e-9, atol=1e-9)


def test_no_price_exceeds_the_penalty(placement):
    """Tests that the price is at most what leaving the demand unserved costs, and that where some is unserved."""
    structure = placement.formulation.structure
    penalty = structure.unserved_cost[structure.demand_class]
    price = placement.prices["usd_per_mtok"].to_numpy()
    assert (price <= penalty + 1e-7).all()
    short = placement.accounts.unserved > 1e-6
    np.testing.assert_allclose(price[short], penalty[short], rtol=1e-9)


def test_latency_rent_is_at_least_0(placement):
    """Tests that keeping work from data centres never makes it cheaper at the margin."""
    assert (placement.prices["latency_rent_usd_per_mtok"] >= 0).all()


def test_no_latency_rent_without_limits(placement):
    """Tests that a workload that may run anywhere has no latency rent."""
    rents = placement.prices["latency_rent_usd_per_mtok"]
    np.testing.assert_allclose(rents.xs("night", level="workload"), 0, atol=1e-7)


def test_price_where_accelerators_are_scarce(make_instance):
    """Tests that the tenth Mtok at X sets the price for all, and the cheap data centre earns the difference.

    Y has 10 accelerators and power at 20, X power at 50. One Mtok more runs at X: the price is 50 at both hubs. At Y
    that is 20 of energy and a rent of 30; each hub's parts are means over where its tokens run.
    """
    placement = solve(make_instance(data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 10.0}]))
    prices = placement.prices
    assert prices["usd_per_mtok"].tolist() == pytest.approx([50, 50])
    assert placement.rents.accelerator.tolist() == [[0], [pytest.approx(30)]]
    paid = placement.settlement
    assert paid["payments"] == pytest.approx(16 * 50)
    assert paid["accelerator_rent"] == pytest.approx(10 * 30)


def test_marginal_supply_sets_the_energy_part(make_instance):
    """Tests that with 10 MWh at 20 and 6 at 50 the price is 50 of energy, and no power rent: nothing is scarce."""
    prices = solve(
        make_instance(
            data_centres=[{"data_centre": "X"}],
            links=[{"from": hub, "to": "X", "rtt_ms": 1.0} for hub in "AB"],
            supplies=[
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "X", "limit_mw": 10.0},
            ],
        )
    ).prices
    assert prices["usd_per_mtok"].tolist() == pytest.approx([50, 50])
    assert prices["energy_usd_per_mtok"].tolist() == pytest.approx([50, 50])
    assert prices["power_rent_usd_per_mtok"].tolist() == [0, 0]


def test_power_price_where_nothing_runs(make_instance):
    """Tests that an idle data centre's power costs what its first MWh would: 50 + 4 USD, of which 10 % is lost."""
    supplies = [
        {"power_zone": "zx", "data_centre": "X", "usd_per_mwh_adder": 4.0, "loss": 0.1},
        {"power_zone": "zy", "data_centre": "Y"},
    ]
    placement = solve(make_instance(supplies=supplies))
    assert placement.data_centre_hours["power_usd_per_mwh"].tolist() == pytest.approx([60, 20])


def test_unserved_demand_is_priced_at_its_penalty(make_instance):
    """Tests that where nothing is served the whole price stands under unserved, and under no other part."""
    placement = solve(make_instance(workloads=[W | {"latency_slo_ms": 1.0}]))
    prices = placement.prices
    assert prices["usd_per_mtok"].tolist() == [1000, 1000]
    assert prices["unserved_usd_per_mtok"].tolist() == [1000, 1000]
    assert prices[[f"{part}_usd_per_mtok" for part in (*COST_PARTS, *RENTS)]].to_numpy().sum() == 0


def test_demand_of_0_has_the_price_of_a_first_token(make_instance):
    """Tests that a demand of nothing is priced at what its first token would cost, and has no parts."""
    demand = [{"workload": "w", "hub": "A", "mtok": 0.0}, {"workload": "w", "hub": "B", "mtok": 6.0}]
    prices = solve(make_instance(workloads=[W | {"latency_slo_ms": 15.0}], demand=demand)).prices
    assert prices["usd_per_mtok"].tolist() == pytest.approx([50, 20])
    assert prices.iloc[0][_part_names()].isna().all()
    assert prices["latency_rent_usd_per_mtok"].tolist() == pytest.approx([30, 0])


def test_price_table_is_labelled(placement):
    """Tests that there is one row per demand in the order of the demand table, with the documented columns."""
    prices, demand = placement.prices, placement.instance.demand
    assert prices.index.names == ["workload", "hub", "hour"]
    assert prices.index.tolist() == list(zip(demand["workload"], demand["hub"], demand["hour"], strict=True))
    amounts = ["served_mtok", "unserved_mtok", "at_penalty"]
    assert list(prices) == ["usd_per_mtok", *_part_names(), "latency_rent_usd_per_mtok", *amounts]
    np.testing.assert_allclose(prices["served_mtok"] + prices["unserved_mtok"], demand["mtok"], rtol=1e-9)


@pytest.fixture(scope="module")
def shared(make_instance):
    """X, which A alone may use for its latency, has 4 accelerators for A's 10 Mtok: 6 are unserved at 1000 USD."""
    centres = [{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y"}]
    return solve(make_instance(workloads=[W | {"latency_slo_ms": 15.0}], data_centres=centres))


def test_what_is_left_of_a_rent_by_rounding_is_0(placement):
    """Tests that no price, part or rent is -0.0 or smaller than rounding beside its price."""
    prices = placement.prices[[*_part_names(), "latency_rent_usd_per_mtok"]].to_numpy()
    size = np.abs(placement.prices["usd_per_mtok"].to_numpy())[:, None]
    there = np.isfinite(prices) & (prices != 0)
    assert (np.abs(prices) > 1e-12 * size)[there].all()
    assert not np.signbit(prices[prices == 0]).any()


@pytest.mark.parametrize("rows", [1, 7, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_prices_in_pieces_are_the_table(make_random_instance, seed, rows):
    """Tests that pieces, one after another, are the whole table, and that none is too long."""
    placement = solve(make_random_instance(seed, cyclic=True))
    pieces = list(price_pieces(placement.formulation, placement.accounts, placement.rents, rows))
    pd.testing.assert_frame_equal(pd.concat(pieces), placement.prices)
    assert all(len(piece) <= rows for piece in pieces)
