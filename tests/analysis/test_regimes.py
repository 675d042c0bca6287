"""Regimes: accelerators that are paid for at one end and not at the other."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import placer
from placer.analysis.regimes import break_even_accelerator_price, with_accelerator_prices
from placer.errors import InstanceError
from placer.solve import solve
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes
from tests.model.pools_by_hand import pooled


@pytest.fixture
def home(make_instance):
    """Return the small instance with demand at A only: home site X (8 accelerators, paid for), site Y abroad.

    One Mtok takes one hour and one MWh: 50 USD at X and 20 at Y.
    """
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 8.0},
        {"data_centre": "Y", "region": "west", "accelerator_usd_per_hour": 5.0},
    ]
    return make_instance(data_centres=centres, demand=[{"workload": "w", "hub": "A", "mtok": 10.0}])


def test_prices_by_region(home):
    """Tests that a region's sites take the price, and that the others keep theirs."""
    assert with_accelerator_prices(home, {"west": 7.0}).data_centres["accelerator_usd_per_hour"].tolist() == [0.0, 7.0]
    assert with_accelerator_prices(home, {"east": 1.0}).data_centres["accelerator_usd_per_hour"].tolist() == [1.0, 5.0]
    assert home.data_centres["accelerator_usd_per_hour"].tolist() == [0.0, 5.0]


@pytest.mark.slow
def test_break_even(home):
    """Tests that exports pay up to what power saves, 30 USD an hour, and that what X has no room for leaves anyway."""
    found = break_even_accelerator_price(home, "west", highest=100.0, tolerance=0.01)
    assert found.usd_per_hour == pytest.approx(30, abs=0.01)
    assert found.unavoidable_share == pytest.approx(0.2)
    shares = found.prices["export_share"]
    assert shares[shares.index < 29.9].tolist() == pytest.approx([1.0] * (shares.index < 29.9).sum())
    assert shares[shares.index > 30.1].tolist() == pytest.approx([0.2] * (shares.index > 30.1).sum())
    assert found.prices.loc[0.0, "cost_usd_per_mtok"] == pytest.approx(20)
    assert found.prices.loc[100.0, "cost_usd_per_mtok"] == pytest.approx((8 * 50 + 2 * 120) / 10)


@pytest.mark.slow
def test_home_price_shifts_the_break_even(home):
    """Tests that a price at home of 4 USD an hour lets the destination cost as much more."""
    found = break_even_accelerator_price(with_accelerator_prices(home, {"east": 4.0}), ["west"], 100.0, 0.01)
    assert found.usd_per_hour == pytest.approx(34, abs=0.01)


def test_exports_that_never_pay(home):
    """Tests that the break-even is 0 where power at the destination is no cheaper."""
    zones = home.power_zones.assign(usd_per_mwh=[20.0, 20.0])
    centres = home.data_centres.assign(accelerators=[math.inf, math.inf], operations_usd_per_hour=[0.0, 1.0])
    dear = home.replace(power_zones=zones, data_centres=centres)
    found = break_even_accelerator_price(dear, "west", highest=100.0)
    assert (found.usd_per_hour, found.unavoidable_share) == (0.0, 0.0)
    assert found.prices.index.tolist() == [0.0, 100.0]


@pytest.mark.slow
def test_break_even_lies_between_more_and_less_export(make_random_instance):
    """Tests on a random network that exports are above the unavoidable just below the break-even, and not above it."""
    instance = make_random_instance(2)
    found = break_even_accelerator_price(instance, "w", highest=1000.0, tolerance=0.5)
    if found.usd_per_hour:
        shares = found.prices["export_share"]
        assert shares[found.usd_per_hour] <= found.unavoidable_share + 1e-6
        below = shares[shares.index < found.usd_per_hour]
        assert below.iloc[-1] > found.unavoidable_share + 1e-6


@pytest.mark.slow
def test_demand_worth_less_than_an_hour_does_not_count_as_served_at_home(home):
    """Tests that the break-even is where X becomes cheaper, 30 USD, and not where a Mtok is worth less than Y costs.

    A Mtok is worth 60 USD. The 2 Mtok that X has no room for are turned away above 40 USD an hour; exports then end.
    """
    worth = home.replace(workloads=home.workloads.assign(unserved_usd_per_mtok=60.0))
    assert solve(with_accelerator_prices(worth, {"west": 45.0})).export_share == 0
    found = break_even_accelerator_price(worth, "west", highest=100.0, tolerance=0.01)
    assert found.usd_per_hour == pytest.approx(30, abs=0.01)
    assert found.unavoidable_share == pytest.approx(0.2)
    assert found.unserved_share == 0


def test_nothing_to_serve_at_any_price(home):
    """Tests that exports pay at no price where not even free accelerators are worth their power."""
    worthless = home.replace(workloads=home.workloads.assign(unserved_usd_per_mtok=1.0))
    found = break_even_accelerator_price(worthless, "west", highest=100.0)
    assert (found.usd_per_hour, found.unavoidable_share, found.unserved_share) == (0.0, 0.0, 1.0)
    assert found.prices["cost_usd_per_mtok"].isna().all()


@pytest.mark.slow
def test_demand_turned_away_at_no_price_is_left_out(home):
    """Tests that demand worth less than Y's power is unserved at every price; the rest breaks even as without it."""
    workloads = pd.concat([home.workloads, home.workloads.assign(workload="cheap", unserved_usd_per_mtok=10.0)])
    demand = [{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "cheap", "hub": "A", "mtok": 30.0}]
    both = home.replace(workloads=workloads, demand=pd.DataFrame(demand).assign(hour=0))
    found = break_even_accelerator_price(both, "west", highest=100.0, tolerance=0.01)
    assert found.usd_per_hour == pytest.approx(30, abs=0.01)
    assert found.unserved_share == pytest.approx(0.75)
    assert found.unavoidable_share == pytest.approx(0.05)


@pytest.mark.slow
def test_hours_that_stand_for_others_break_even_alike(home):
    """Tests that 10 Mtok in an hour that stands for 24 break even as in one hour: X has room for 8 in each."""
    day = home.replace(periods=[{"hour": 0, "weight": 24.0}])
    found = break_even_accelerator_price(day, "west", highest=100.0, tolerance=0.01)
    assert found.usd_per_hour == pytest.approx(30, abs=0.01)
    assert found.unavoidable_share == pytest.approx(0.2)
    assert found.prices.loc[100.0, "cost_usd_per_mtok"] == pytest.approx((8 * 50 + 2 * 120) / 10)


@pytest.mark.slow
def test_a_remainder_of_a_demand(home):
    """Tests room for 2e-9 Mtok of a demand beside 10 Mtok of another, amounts that no instance could hold together."""
    workloads = pd.concat([home.workloads, home.workloads.assign(workload="cheap", unserved_usd_per_mtok=100.0)])
    demand = [{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "cheap", "hub": "A", "mtok": 10.0}]
    centres = home.data_centres.assign(accelerators=[0.0, 10.000000002])
    both = home.replace(workloads=workloads, demand=pd.DataFrame(demand).assign(hour=0), data_centres=centres)
    found = break_even_accelerator_price(both, "west", highest=100.0)
    assert (found.usd_per_hour, found.unavoidable_share, found.unserved_share) == pytest.approx((0.0, 0.5, 0.5))


def test_served_demand_below_what_an_instance_may_ask_for(home):
    """Tests that 5e-10 of 2e-9 Mtok at each hub are served, and exported at any price: X has no accelerators."""
    centres = home.data_centres.assign(accelerators=[0.0, 1e-9])
    workloads = home.workloads.assign(accelerator_hours_per_mtok=2.0)
    tiny = home.replace(workloads=workloads, data_centres=centres, demand=home.demand.assign(mtok=2e-9))
    found = break_even_accelerator_price(tiny, "west", highest=100.0)
    assert (found.usd_per_hour, found.unavoidable_share, found.unserved_share) == pytest.approx((0.0, 0.25, 0.75))


def test_a_share_of_all_demand_holds_at_every_price(home):
    """Tests at most 0.4 of the demand at Y where X has room for 1 of 10 Mtok: 4 go to Y at a price of 0.

    Of the 5 Mtok that are served, 4 are more than 0.4: the limit counts all 10, as it does at a price of 0.
    """
    most = {"limit": "Y", "kind": "share", "sense": "<=", "amount": 0.4, "data_centre": "Y"}
    limited = home.replace(data_centres=home.data_centres.assign(accelerators=[1.0, math.inf]), limits=[most])
    found = break_even_accelerator_price(limited, "west", highest=100.0)
    assert (found.usd_per_hour, found.unavoidable_share, found.unserved_share) == pytest.approx((0.0, 0.4, 0.5))


@pytest.mark.parametrize(
    ("change", "arguments", "problem"),
    [
        ({}, {"regions": "north"}, "regions[north]: no data centre lies there (allowed: east, west)"),
        ({}, {"regions": []}, "regions: none is named"),
        ({}, {"regions": "west", "highest": 0.0}, "highest: 0 (allowed: a number, > 0, finite)"),
        ({}, {"regions": "west", "tolerance": math.nan}, "tolerance: nan"),
        ({"accelerators": "sunk"}, {"regions": "west"}, "accelerators are sunk"),
    ],
)
def test_bad_input(home, change, arguments, problem):
    """Tests that regions, prices and sunk accelerators that make no sense are named."""
    instance = home.replace(**change) if change else home
    with pytest.raises(InstanceError) as caught:
        break_even_accelerator_price(instance, **arguments)
    assert problem in str(caught.value)


def test_bad_prices(home):
    """Tests that a negative price is refused."""
    with pytest.raises(InstanceError) as caught:
        with_accelerator_prices(home, {"west": -1.0})
    assert "regions[west].accelerator_usd_per_hour: -1 (allowed: a number, >= 0, finite)" in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(("rtt_ms", "usd_per_hour"), [(500.0, 2.88), (600.0, 1.44)])
def test_distance_halves_the_break_even(rtt_ms, usd_per_hour):
    """Tests that far away a Mtok saves 1 USD of power, for an hour of 2.88 to the USD at 40 a second, 1.44 at 80."""
    zones = [{"power_zone": "grid", "usd_per_mwh": 2880.0}, {"power_zone": "free", "usd_per_mwh": 0.0}]
    supplies = [{"power_zone": zone, "data_centre": site} for zone, site in (("grid", "near"), ("free", "far"))]
    instance = modes([SLOW, MIDDLE, FAST], rtt_ms, power_zones=zones, supplies=supplies)
    home_paid = with_accelerator_prices(instance, {"near": 0.0})
    found = break_even_accelerator_price(home_paid, "far", highest=5.0, tolerance=0.01)
    assert found.usd_per_hour == pytest.approx(usd_per_hour, abs=0.01)
    assert found.unavoidable_share == 0


def test_all_pools_of_a_region_take_one_price():
    """Tests that the price of a region is that of all pools of its data centres: 15 hours at 0.5 USD."""
    assert placer.solve(with_accelerator_prices(pooled(), {"west": 0.5})).cost_usd == pytest.approx(7.5)
