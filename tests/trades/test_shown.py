"""The trade of the largest countries and of all others together, by hand and on random instances."""

from __future__ import annotations

import pytest

import placer
from placer.trades.shown import has_welfare, mean_prices, sold_abroad, welfare_parts
from tests.effort import tries

SEEDS = range(tries(4, 60))


def test_two_countries_by_hand(two):
    """Tests 45 of 50 Mtok from abroad at 3 USD: 1 USD of chips there, 0.5 of transit, 1.5 of rent; 3 USD at home."""
    found = placer.trade(two)
    assert sold_abroad(found).to_dict() == {"home": {"abroad": pytest.approx(45)}}
    prices = mean_prices(found).loc["home"]
    assert prices[["accelerators", "transit", "accelerator_rent"]].tolist() == pytest.approx([1.2, 0.45, 1.35])
    assert prices.sum() == pytest.approx(3)
    parts = welfare_parts(found)
    assert parts.index.tolist() == ["abroad", "home"]
    assert parts["surplus_of_consumers"].to_dict() == pytest.approx({"home": 50, "abroad": 0})
    assert parts["rents_of_producers"].to_dict() == pytest.approx({"home": 0, "abroad": 67.5})
    assert has_welfare(found)


def test_net_cost_of_demand_without_steps():
    """Tests 330.77 USD of cost in all, of which users in the east spend 303.3."""
    found = placer.trade(placer.load("tiny"))
    parts = welfare_parts(found)
    assert parts["spent"].to_dict() == pytest.approx({"east": 303.3, "west": 44.4})
    assert parts.sum().sum() == pytest.approx(330.77)
    assert not has_welfare(found)


def test_who_earns_the_rent_of_a_quota_is_shown(two):
    """Tests 10 Mtok of quota, worth 2.5 USD each: home pays 4 USD, and the authority is no country."""
    quota = {"policy": "quota", "kind": "quota_mtok", "amount": 10, "to_region": "home"}
    parts = welfare_parts(placer.trade(two.replace(policies=[quota])))
    assert parts.index[-1] == "authority"
    assert parts.loc["authority", "other_rents"] == pytest.approx(25)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_others_add_up(make_random_instance, seed):
    """Tests that one country by itself and the others together hold all tokens, prices and costs."""
    instance = make_random_instance(seed)
    found = placer.trade(instance)
    countries, used = found.countries, found.price_parts["mtok"]
    assert sold_abroad(found, 1).to_numpy().sum() == pytest.approx(countries["exports_mtok"].sum())
    assert welfare_parts(found, 1).to_numpy().sum() == pytest.approx(countries["net_cost_usd"].sum())
    price = found.price_parts["price_usd_per_mtok"]
    assert mean_prices(found, len(used)).sum(axis=1).to_dict() == pytest.approx(price[used > 0].to_dict())
    together = mean_prices(found, 0).sum(axis=1)
    assert together.tolist() == pytest.approx([(price * used).sum() / used.sum()] * len(together))
