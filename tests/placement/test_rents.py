"""What limits are worth, and what the marginal MWh is made of."""

from __future__ import annotations

import numpy as np
import pytest

from placer.solve import solve
from tests.effort import tries

W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


@pytest.fixture(scope="module")
def one_site(make_instance):
    """Return a function that solves one hub and one data centre with supplies from zx (at 60) and zy (at 100)."""

    def make(supplies, mtok, **changes):
        tables = {
            "hubs": [{"hub": "A"}],
            "data_centres": [{"data_centre": "X"}],
            "links": [{"from": "A", "to": "X", "rtt_ms": 10.0}],
            "power_zones": [{"power_zone": "zx", "usd_per_mwh": 60.0}, {"power_zone": "zy", "usd_per_mwh": 100.0}],
            "supplies": [{"data_centre": "X"} | supply for supply in supplies],
            "demand": [{"workload": "w", "hub": "A", "mtok": mtok}],
        }
        return solve(make_instance(**(tables | changes)))

    return make


CHEAP = {"power_zone": "zx", "limit_mw": 500.0}
DEAR = {"power_zone": "zy", "limit_mw": 1000.0}


def test_textbook_dispatch(one_site):
    """Tests that the dear plant sets the price of 100, all of it energy, and the cheap plant earns 40 a MWh.

    1000 MWh are needed: 500 from the cheap plant at 60, 500 from the dear one at 100, which has 500 MW idle. Cost
    500 * 60 + 500 * 100 = 80,000; payments 1000 * 100 = 100,000; the rest is the cheap plant's 500 * 40.
    """
    placement = one_site([CHEAP, DEAR], 1000.0)
    price = placement.prices.iloc[0]
    assert price["usd_per_mtok"] == pytest.approx(100)
    assert price["energy_usd_per_mtok"] == pytest.approx(100)
    assert price["power_rent_usd_per_mtok"] == 0
    supplies = placement.supplies
    assert supplies["rent_usd_per_mwh"].tolist() == pytest.approx([40, 0])
    assert supplies["inframarginal_rent_usd_per_mwh"].tolist() == pytest.approx([40, 0])
    assert supplies["power_rent_usd_per_mwh"].tolist() == [0, 0]
    settlement = placement.settlement
    lines = ["payments", "cost", "inframarginal_rent", "power_rent", "difference"]
    assert settlement[lines].tolist() == pytest.approx([100_000, 80_000, 20_000, 0, 0])
    assert placement.scarcities.empty


def test_all_supplies_used_up(one_site):
    """Tests that power is scarce once both plants run at their limits and 100 Mtok stay unserved at 1000 USD.

    The energy part is the dear plant's 100 and the power rent 900, which both plants earn; the cheap one 40 besides.
    """
    placement = one_site([CHEAP, DEAR], 1600.0)
    price = placement.prices.iloc[0]
    assert price["energy_usd_per_mtok"] == pytest.approx(100)
    assert price["power_rent_usd_per_mtok"] == pytest.approx(900)
    assert placement.supplies["power_rent_usd_per_mwh"].tolist() == pytest.approx([900, 900])
    assert placement.supplies["inframarginal_rent_usd_per_mwh"].tolist() == pytest.approx([40, 0])
    settlement = placement.settlement
    assert settlement["power_rent"] == pytest.approx(1500 * 900)
    assert settlement["inframarginal_rent"] == pytest.approx(500 * 40)
    assert settlement["difference"] == pytest.approx(0, abs=1e-6)
    assert placement.scarcities["rent_usd"].tolist() == pytest.approx([1000 * 900, 500 * 900])
    assert placement.scarcities.index.get_level_values("limit").tolist() == ["supply", "supply"]


def test_site_limit_is_a_power_rent(one_site):
    """Tests that the limit of the site binds with the dear plant idle in part: energy 100, power rent 900."""
    placement = one_site([CHEAP, DEAR], 1200.0, data_centres=[{"data_centre": "X", "power_limit_mw": 1000.0}])
    price = placement.prices.iloc[0]
    assert price["energy_usd_per_mtok"] == pytest.approx(100)
    assert price["power_rent_usd_per_mtok"] == pytest.approx(900)
    assert placement.settlement["power_rent"] == pytest.approx(1000 * 900)
    assert placement.settlement["inframarginal_rent"] == pytest.approx(500 * 40)


def test_carbon_counts_at_the_marginal_supply(one_site):
    """Tests that with carbon at 0.1 USD a kg the dear plant's 100 kg are the carbon part: 100 + 10, not the mean."""
    zones = [
        {"power_zone": "zx", "usd_per_mwh": 60.0, "carbon_kg_per_mwh": 400.0},
        {"power_zone": "zy", "usd_per_mwh": 100.0, "carbon_kg_per_mwh": 100.0},
    ]
    placement = one_site([CHEAP, DEAR], 1000.0, power_zones=zones, carbon_usd_per_kg=0.1)
    price = placement.prices.iloc[0]
    assert price["energy_usd_per_mtok"] == pytest.approx(100)
    assert price["carbon_usd_per_mtok"] == pytest.approx(10)
    assert placement.supplies["inframarginal_rent_usd_per_mwh"].tolist() == pytest.approx([10, 0])


def test_loss_on_the_way(one_site):
    """Tests that rents are per MWh bought: half of the cheap plant's MWh arrives, and saves 0.75 * 100 - 60 = 15."""
    placement = one_site([CHEAP | {"loss": 0.25}, DEAR], 1000.0)
    assert placement.prices["energy_usd_per_mtok"].tolist() == pytest.approx([100])
    assert placement.supplies["inframarginal_rent_usd_per_mwh"].tolist() == pytest.approx([15, 0])
    assert placement.settlement["difference"] == pytest.approx(0, abs=1e-6)


def test_limit_that_is_just_reached_is_not_scarce(make_instance):
    """Tests that power is not scarce at a site that uses up its cheap supply while other power stands idle there.

    X has 10 MWh at 20 and any amount at 100; Y has any amount at 50. A's 16 Mtok take X's 10 MWh and 6 at Y: a MWh more
    at X is worth 50, which is energy, and the cheap supply earns 30.
    """
    placement = solve(
        make_instance(
            power_zones=[{"power_zone": "zx", "usd_per_mwh": 20.0}, {"power_zone": "zy", "usd_per_mwh": 50.0}],
            supplies=[
                {"power_zone": "zx", "data_centre": "X", "limit_mw": 10.0},
                {"power_zone": "zx", "data_centre": "X", "usd_per_mwh_adder": 80.0},
                {"power_zone": "zy", "data_centre": "Y"},
            ],
        )
    )
    prices = placement.prices
    assert prices["energy_usd_per_mtok"].tolist() == pytest.approx([50, 50])
    assert prices["power_rent_usd_per_mtok"].tolist() == [0, 0]
    assert placement.supplies["inframarginal_rent_usd_per_mwh"].tolist() == pytest.approx([30, 0, 0])


@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_rents_of_supplies_are_split_without_rest(make_random_instance, seed):
    """Tests that power rents stand only where every supply of a site is full, and that prices pay for both rents."""
    placement = solve(make_random_instance(seed, cyclic=bool(seed % 2)))
    structure, rents, accounts = placement.formulation.structure, placement.rents, placement.accounts
    scarce = rents.scarcity[structure.tier_site] > 0
    assert (accounts.bought[scarce] >= structure.tier_limit[scarce] - 1e-6).all()
    assert (rents.inframarginal >= 0).all()
    assert (rents.supply >= rents.inframarginal - 1e-9).all()
    limit = np.where(np.isfinite(structure.tier_limit), structure.tier_limit, 0.0)
    earned = ((rents.supply - rents.inframarginal) * limit).sum()
    assert earned == pytest.approx((rents.scarcity * accounts.drawn).sum(), rel=1e-7, abs=1e-6)
