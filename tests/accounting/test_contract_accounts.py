"""Tests contracts in the accounts: who pays whom, and that the last cent adds up."""

import itertools

import numpy as np
import pytest

import placer
from placer.accounting.tables import contract_costs
from placer.errors import InstanceError
from tests.effort import tries
from tests.model.contracts_at_random import drawn, instance_of
from tests.model.contracts_by_hand import contract, contracted

pytestmark = pytest.mark.filterwarnings("ignore::placer.InputWarning")


def test_by_hand():
    """Tests that the west pays the farm 360 USD and earns 285: of these 225 are paid in any case, and 135 in prices."""
    accounts = placer.accounts(placer.solve(contracted(contract(output_share=0.5, sale_usd_per_mwh=15.0))))
    row = accounts.contracts.loc["farm"]
    assert (row["paid_by"], row["paid_to"]) == ("west", "wind")
    assert row[["payments_usd", "sales_usd", "cost_usd"]].tolist() == [360.0, 0.0, 360.0]
    regions = accounts.regions
    assert regions["contracts_usd"].tolist() == [0.0, 225.0, 0.0, 0.0]
    assert regions.loc["west", ["energy_usd", "power_rent_usd"]].tolist() == pytest.approx([915.0, 285.0])
    assert regions["net_cost_usd"].tolist() == pytest.approx([1200.0, -60.0, 0.0, 0.0])
    assert "contracts" in accounts.tables


def test_the_energy_of_a_contract_over_the_horizon_belongs_to_its_region():
    """Tests that the authority earns nothing by it."""
    accounts = placer.accounts(placer.solve(contracted(contract(take_or_pay_mwh=5.0))))
    assert accounts.regions["net_cost_usd"].tolist() == pytest.approx([1200.0, -300.0, 0.0, 0.0])
    assert accounts.regions.loc["west", "power_rent_usd"] == pytest.approx(500.0)
    assert accounts.stability.rounding_usd <= 1e-6


def test_without_contracts_there_is_no_column():
    accounts = placer.accounts(placer.solve(contracted()))
    assert "contracts_usd" not in accounts.regions
    assert "contracts" not in accounts.tables


@pytest.mark.parametrize("seed", range(tries(8, 30)))
def test_net_costs_and_gains_add_up(seed):
    """Tests that no region alone does better, contracts of its own kept, and that gains are at least 0."""
    tables = drawn(seed)
    tables["contracts"] = [row for row in tables["contracts"] if "take_or_pay_mwh" not in row]
    placement = placer.solve(instance_of(tables))
    accounts, cost = placer.accounts(placement), placement.cost_and_penalty_usd
    assert accounts.regions["net_cost_usd"].sum() == pytest.approx(cost)
    assert accounts.stability.rounding_usd <= 1e-6 * cost
    gains = accounts.gains.table
    assert (gains["gain_usd"] >= -1e-6 * cost).all()
    assert gains["shapley_net_cost_usd"].sum() == pytest.approx(gains["net_cost_usd"].sum())
    assert (gains["least_net_cost_usd"] <= gains["net_cost_usd"] + 1e-6 * cost).all()
    assert (gains["most_net_cost_usd"] >= gains["net_cost_usd"] - 1e-6 * cost).all()
    own = contract_costs(placement.formulation, accounts.groups)
    assert own.sum() == pytest.approx(placement.cost_parts_usd.get("contracts", 0.0))


@pytest.mark.slow
def test_a_region_alone_keeps_its_contracts():
    """Tests the cost of each region alone against an instance of it alone."""
    tables, row = drawn(5), {"output_share": 0.5, "sale_usd_per_mwh": 10.0}
    pairs = [(f"{kind} {site}", site) for kind in ("grid", "farm") for site in "ab"]
    tables["supplies"] = [{"power_zone": zone, "data_centre": site} for zone, site in pairs]
    tables["contracts"] = [
        {"contract": site, "power_zone": zone, "data_centre": site} | row for zone, site in pairs[2:]
    ]
    gains = placer.accounts(placer.solve(instance_of(tables))).gains.table
    for place, (region, hub, centre) in enumerate((("east", "h0", "a"), ("west", "h1", "b"))):
        alone = instance_of(tables).without(*(name for name in ("h0", "h1", "a", "b") if name not in (hub, centre)))
        assert gains["alone_usd"].iloc[place] == pytest.approx(placer.solve(alone).cost_and_penalty_usd), region


def test_gains_refuse_contracts_over_the_horizon():
    accounts = placer.accounts(placer.solve(contracted(contract(take_or_pay_mwh=5.0))))
    with pytest.raises(InstanceError, match="the gains from trade takes contracts by the hour"):
        _ = accounts.gains


def test_trade_counts_contracts():
    """Tests that welfare and costs of a trade add up with contracts."""
    found = placer.trade(placer.solve(contracted(contract(output_share=0.5, sale_usd_per_mwh=15.0))))
    assert found.summary()["cost_usd"] == pytest.approx(1140.0)
    assert np.isclose(found.table["net_cost_usd"].sum(), 1140.0)
    assert not list(itertools.filterfalse(np.isfinite, found.table["net_cost_usd"]))
