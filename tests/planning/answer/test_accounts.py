"""Tests who pays for a plan and who earns by it: two sites by hand, demand that is not known, random problems."""

from __future__ import annotations

import pytest

import placer
from tests.results import check_result

DAY = 365
CANDIDATES = [
    {"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY},
    {"candidate": "east", "adds": "accelerators", "target": "East", "usd_per_unit_year": 24.0 * DAY},
]


@pytest.mark.slow
def test_a_build_earns_its_cost_by_hand(east_and_west):
    """Tests 60 units in the West: prices 5 and 3.5, rents 2 and 0.5, a unit earns 12 x 2.5 = 30 a day, its cost.

    Users pay 12 x (130 x 5 + 60 x 3.5) = 10,320 a day. East gets 12 x 70 x 5 = 4,200, its cost. West gets 6,120, of
    which 4,320 are its cost and 1,800 the rent that pays for the 60 units.
    """
    accounts = placer.plan(east_and_west, CANDIDATES, gap=1e-9).accounts("data_centre")
    table = accounts.regions / DAY
    assert list(table.index) == ["East", "West", "other", "network", "authority"]
    assert table["spent_usd"].tolist() == pytest.approx([0, 0, 10_320, 0, 0], abs=1e-5)
    assert table["made_usd"].tolist() == pytest.approx([4_200, 6_120, 0, 0, 0], abs=1e-5)
    assert table["accelerator_rent_usd"].tolist() == pytest.approx([0, 1_800, 0, 0, 0], abs=1e-5)
    assert table["build_cost_usd"].tolist() == pytest.approx([0, 1_800, 0, 0, 0], abs=1e-5)
    assert table["build_value_usd"].tolist() == pytest.approx([0, 1_800, 0, 0, 0], abs=1e-5)
    assert table["net_cost_usd"].tolist() == pytest.approx([0, 0, 10_320, 0, 0], abs=1e-5)
    assert accounts.builds["paid_by"].tolist() == ["West", "East"]
    assert accounts.builds["profit_usd"].tolist() == pytest.approx([0, 0], abs=1e-3)
    assert repr(accounts).startswith("Accounts of the plan: 3 regions by data_centre, 3,766,800.00 USD a year\n")
    assert "West" in repr(accounts)
    check_result(accounts)
    assert accounts.summary()["cost_usd_per_year"] == pytest.approx(3_766_800.0)


def test_a_build_limit_is_paid_to_the_authority(east_and_west):
    """Tests a budget of 900 a day: 30 units earn 24 x 2 x 30 = 1,440, cost 900 and pay 0.6 x 900 = 540 for it.

    Users pay 5 for all 190 x 12 = 11,400 a day; less the 540 of the authority that is 10,860.
    """
    plan = placer.plan(east_and_west, CANDIDATES, build_limits={"budget_usd_year": 900.0 * DAY}, gap=1e-9)
    accounts = plan.accounts("data_centre")
    table = accounts.regions / DAY
    assert table["build_limits_usd"].tolist() == pytest.approx([0, 540, 0, 0, -540], abs=1e-5)
    assert table["build_value_usd"].tolist() == pytest.approx([0, 1_440, 0, 0, 0], abs=1e-5)
    assert table["net_cost_usd"].tolist() == pytest.approx([0, 0, 11_400, 0, -540], abs=1e-5)
    assert accounts.cost_usd_per_year == pytest.approx(10_860 * DAY)


def test_what_stands_keeps_its_rents(east_and_west):
    """Tests 30 units that stand in the West beside 30 new ones: both earn 900 a day, and the new ones cost it."""
    sites = east_and_west.data_centres.assign(accelerators=[100.0, 30.0])
    plan = placer.plan(east_and_west.replace(data_centres=sites), CANDIDATES[:1], gap=1e-9)
    west = plan.accounts("data_centre").regions.loc["West"] / DAY
    assert west[["accelerator_rent_usd", "build_value_usd", "build_cost_usd"]].tolist() == pytest.approx(
        [1800, 900, 900]
    )
    assert west["net_cost_usd"] == pytest.approx(-900)


def test_the_owner_pays_for_new_accelerators(east_and_west):
    """Tests that the East owns the units in the West: it pays for them, and their rents are its own."""
    sites = east_and_west.data_centres.assign(country=["east", "west"], owner=["east", "east"])
    plan = placer.plan(east_and_west.replace(data_centres=sites), CANDIDATES, gap=1e-9)
    table = plan.accounts("country").regions / DAY
    assert table["build_cost_usd"].tolist() == pytest.approx([1_800, 0, 0, 0, 0], abs=1e-5)
    assert table["net_cost_usd"].tolist() == pytest.approx([0, 0, 10_320, 0, 0], abs=1e-5)


@pytest.mark.slow
def test_states_count_as_often_as_they_occur(newsvendor):
    """Tests 120 units over four demands: what they earn in two of the four states pays for them; 4,100 a day."""
    instance, states = newsvendor
    row = {"candidate": "x", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * DAY}
    accounts = placer.plan(instance, [row], states, gap=1e-9).accounts("data_centre")
    table = accounts.regions / DAY
    assert accounts.cost_usd_per_year == pytest.approx(4_100 * DAY)
    assert table.loc["X", ["build_cost_usd", "build_value_usd"]].tolist() == pytest.approx([3_600, 3_600])
    assert table.loc["other", ["spent_usd", "lost_usd"]].tolist() == pytest.approx([3_600, 500])


def test_the_authority_pays_for_power_zones(make_instance):
    """Tests 12 MW for the zone of Y, of 20 USD an hour, which has 4: 16 MWh are bought at 20 and pay a rent of 20.

    Users pay 16 x 40 = 640 an hour. The authority gets 16 x 20 = 320, of which 12 x 20 = 240 pay for what is built.
    """
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 20.0, "limit_mw": 4.0}]
    workloads = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}]
    instance = make_instance(power_zones=zones, workloads=[workloads[0] | {"unserved_usd_per_mtok": 1000.0}])
    row = {"candidate": "grid", "adds": "limit_mw", "target": "zy", "usd_per_unit_year": 20.0 * 8760}
    accounts = placer.plan(instance, [row], gap=1e-9).accounts("data_centre")
    table = accounts.regions / 8760
    assert accounts.builds["paid_by"].tolist() == ["authority"]
    assert table["spent_usd"].sum() == pytest.approx(640)
    assert table.loc["authority", ["build_cost_usd", "build_value_usd"]].tolist() == pytest.approx([240, 240])
    assert table.loc["authority", "net_cost_usd"] == pytest.approx(-80)
    assert accounts.cost_usd_per_year == pytest.approx(560 * 8760)


@pytest.mark.parametrize("seed", [0, 1])
def test_net_costs_add_up_with_power_zones(make_zoned, make_candidates, seed):
    """Tests the sum of random problems in which power zones are limited and grow."""
    instance = make_zoned(seed)
    plan = placer.plan(instance, make_candidates(instance, seed), gap=1e-7)
    accounts = plan.accounts("data_centre")
    assert accounts.cost_usd_per_year == pytest.approx(plan.cost_usd_per_year, rel=1e-6)


@pytest.mark.slow
def test_the_authority_pays_for_what_protected_work_needs():
    """Tests 60 units in the west that serve only without the east: the authority pays what they cost."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 100.0}
    sizes = {"east": 100.0, "west": 0.0}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "coast"}],
            "data_centres": [{"data_centre": name, "accelerators": size} for name, size in sizes.items()],
            "links": [{"from": "coast", "to": name, "rtt_ms": 30.0} for name in sizes],
            "workloads": [{"workload": "chat"} | work],
            "demand": [{"workload": "chat", "hub": "coast", "mtok": 60.0}],
        },
        accelerators="sunk",
    )
    hall = {"candidate": "hall", "adds": "accelerators", "target": "west", "usd_per_unit_year": 100.0}
    table = placer.plan(instance, [hall], security="data_centres").accounts("data_centre").regions
    assert table["build_cost_usd"].tolist() == pytest.approx([0, 6_000, 0, 0, 0])
    assert table["build_limits_usd"].tolist() == pytest.approx([0, -6_000, 0, 0, 6_000])
    assert table["net_cost_usd"].tolist() == pytest.approx([0, 0, 0, 0, 6_000], abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_net_costs_add_up_to_the_cost_of_the_plan(make_random_instance, make_candidates, seed):
    """Tests random problems of two states with builds of every kind: identities of sums, and rents of the builds."""
    instance = make_random_instance(seed, accelerators="sunk")
    states = placer.States({"low": (instance.scaled_demand(0.8), 0.4), "high": (instance.scaled_demand(1.5), 0.6)})
    plan = placer.plan(instance, make_candidates(instance, seed), states, gap=1e-7)
    accounts, size = plan.accounts("data_centre"), 1e-6 * plan.cost_usd_per_year
    table = accounts.regions
    assert accounts.cost_usd_per_year == pytest.approx(plan.cost_usd_per_year, abs=size)
    assert table["made_usd"].sum() == pytest.approx(table["spent_usd"].sum(), abs=size)
    assert accounts.trade.to_numpy().sum() == pytest.approx(table["spent_usd"].sum(), abs=size)
    assert table["build_cost_usd"].sum() == pytest.approx(plan.build_cost_usd_per_year)
    value = plan.certificate.value_usd_per_unit_year * plan.units
    assert accounts.builds["value_usd"].tolist() == pytest.approx(value.tolist(), abs=size)
    rents = table[["accelerator_rent_usd", "power_rent_usd", "link_rent_usd"]].sum(axis=1)
    assert (rents >= table["build_value_usd"] - size).all()


def test_whole_units_have_no_accounts(east_and_west):
    rows = [CANDIDATES[0] | {"module_units": 50.0, "max_units": 100.0}]
    with pytest.raises(placer.PlacerError, match="has no marginal prices, and so no accounts"):
        placer.plan(east_and_west, rows).accounts()


@pytest.mark.slow
def test_a_plan_with_a_risk_has_no_accounts(newsvendor):
    instance, states = newsvendor
    row = {"candidate": "x", "adds": "accelerators", "target": "X", "usd_per_unit_year": 30.0 * DAY}
    plan = placer.plan(instance, [row], states, risk=placer.CVaR(level=0.5, weight=0.5))
    with pytest.raises(placer.PlacerError, match="accounts add up to the mean cost of the states"):
        plan.accounts()
