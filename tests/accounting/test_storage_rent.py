"""Who earns what batteries earn: by hand, and on random instances with two regions."""

import numpy as np
import pytest

import placer
from tests.batteries_at_random import random_instance
from tests.batteries_by_hand import powered
from tests.effort import tries
from tests.green_batteries import random_green, wind_by_day


@pytest.mark.parametrize(("at", "earns"), [("D", "south"), ("Z", "authority")])
def test_who_earns(at, earns):
    """Tests 1,200 USD of payments for 880 of cost: the 320 of a battery at D for its region, at Z for the authority."""
    centres = [{"data_centre": "D", "region": "south"}]
    instance = powered(battery={}, at=at, data_centres=centres, hubs=[{"hub": "H", "region": "north"}])
    accounts = placer.accounts(placer.solve(instance))
    rents = accounts.regions["storage_rent_usd"]
    assert rents[earns] == pytest.approx(320)
    assert rents.sum() == pytest.approx(320)
    assert accounts.regions["power_rent_usd"].tolist() == pytest.approx([0.0] * 4)
    assert accounts.trade.loc[earns, "north"] == pytest.approx(1200 if earns == "south" else 320)
    assert accounts.regions.loc["north", "net_cost_usd"] == pytest.approx(1200)
    assert accounts.stability.rounding_usd == pytest.approx(0, abs=1e-6)


def test_rents_of_a_share_pass_between_supplies_and_batteries():
    """Tests 1,537.50 USD for wind that lights the night: the authority keeps nothing, and a battery of 8 MWh its rent.

    It holds 10 MWh at 0.8 on the way out, so that the night has 8 Mtok at 93.75 USD and 2 at the penalty of 1,000.
    """
    accounts = placer.accounts(placer.solve(wind_by_day()))
    assert accounts.regions["made_usd"].sum() == pytest.approx(1537.5)
    assert accounts.regions.loc["authority", "limits_rent_usd"] == pytest.approx(0, abs=1e-6)
    small = placer.accounts(placer.solve(wind_by_day(battery={"energy_mwh": 10.0}))).regions
    assert small["storage_rent_usd"].sum() == pytest.approx(8 * (1000 - 93.75))
    assert small.loc["authority", "limits_rent_usd"] == pytest.approx(0, abs=1e-6)


def test_trade_of_work_beside_a_battery():
    """Tests what trade saves against a dear site of the north's own, 2,200 USD: 1,320 with the battery of the south."""
    instance = powered(
        battery={},
        hubs=[{"hub": "H", "region": "north"}],
        data_centres=[{"data_centre": "D", "region": "south"}, {"data_centre": "E", "region": "north"}],
        links=[{"from": "H", "to": name, "rtt_ms": 1} for name in "DE"],
        supplies=[
            {"power_zone": "Z", "data_centre": "D"},
            {"power_zone": "Z", "data_centre": "E", "usd_per_mwh_adder": 50.0},
        ],
    )
    trade = placer.trade(instance)
    assert trade.countries["other_rent_usd"].tolist() == pytest.approx([0.0, 320.0, 0.0, 0.0])
    assert trade.countries["net_cost_usd"].tolist() == pytest.approx([1200.0, -320.0, 0.0, 0.0])
    parts = trade.price_parts.loc["north"]
    assert parts.drop(["mtok", "price_usd_per_mtok"]).sum() == pytest.approx(parts["price_usd_per_mtok"])
    assert trade.gains["gain_on_autarky_usd"].sum() == pytest.approx(1320)


def assert_adds_up(placement):
    """Assert that accounts add up to payments, cost and rents, region by region at the proven prices."""
    accounts = placer.accounts(placement)
    table, settlement = accounts.regions, placement.settlement
    size = max(1.0, abs(settlement["payments"]), abs(accounts.cost_usd))
    assert table["net_cost_usd"].sum() == pytest.approx(accounts.cost_usd, abs=1e-7 * size)
    assert table["made_usd"].sum() == pytest.approx(table["spent_usd"].sum(), abs=1e-7 * size)
    assert accounts.trade.sum(axis=1).tolist() == pytest.approx(table["made_usd"].tolist(), abs=1e-7 * size)
    assert table["storage_rent_usd"].sum() == pytest.approx(settlement["storage_rent"], abs=1e-6 * size)
    stores = placement.instance.batteries.set_index("battery")
    earned = placement.batteries["earned_usd"].groupby(level="battery").sum()
    at_zones = earned[stores["power_zone"].notna()[earned.index].to_numpy()].sum()
    assert table.loc["authority", "storage_rent_usd"] == pytest.approx(at_zones, abs=1e-6 * size)
    assert accounts.stability.rounding_usd <= 1e-6 * size
    if not isinstance(placement, placer.SecurePlacement):
        net = table["net_cost_usd"].tolist()[:2]
        assert accounts.stability.proven_usd.tolist() == pytest.approx(net, abs=1e-6 * size)


def regions_of(instance):
    """Return the instance with a region for each hub and data centre, in pairs."""
    hubs = instance.hubs.assign(region=["north", "south"])
    return instance.replace(hubs=hubs, data_centres=instance.data_centres.assign(region=["north", "south"]))


@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(8, 60)))
@pytest.mark.parametrize("security", [None, "data_centres"])
def test_random_accounts_add_up(seed, security):
    """Tests small random instances, with caps on carbon, secure or not."""
    instance = regions_of(random_instance(np.random.default_rng(seed), 4))
    if seed % 2:
        instance = instance.replace(carbon_limit_kg=0.9 * placer.solve(instance).carbon_kg)
    placement = placer.solve(instance, security=security)
    if unpaid(placement):
        with pytest.raises(placer.InstanceError, match="no work pays for them"):
            placer.accounts(placement)
    else:
        assert_adds_up(placement)


@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(4, 60)))
@pytest.mark.parametrize("security", [None, "data_centres"])
def test_random_accounts_beside_green_shares_add_up(seed, security):
    """Tests that the rents of shares pass between supplies and contents of batteries, and trade's prices add up."""
    placement = placer.solve(regions_of(random_green(np.random.default_rng(seed), 4)), security=security)
    if not unpaid(placement):
        assert_adds_up(placement)
        parts = placer.trade(placement).price_parts
        assert parts.drop(columns=["mtok", "price_usd_per_mtok"]).sum(axis=1).tolist() == pytest.approx(
            parts["price_usd_per_mtok"].tolist()
        )


def unpaid(placement):
    """Return whether the tables by flow leave some of the cost out."""
    return abs(placement.flows["cost_usd"].sum() - placement.cost_usd) > 1e-6 * abs(placement.cost_usd)
