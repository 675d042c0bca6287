"""Prices of the market and of the rows, and back."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.master.prices import (
    cap_prices,
    marginal_cost,
    market_prices,
    power_base,
    row_prices,
)
from placer.column_generation.master.rows import lay_rows

NO_CAPS = np.zeros(0)
#: The first site has tiers of 5 at 50 and of 9 at 80, the second one without limit at 20; 16 and 6 units may be drawn.
TIERS = {
    "tier_site": [0, 0, 1],
    "tier_yield": [1.0, 1.0, 1.0],
    "tier_cost": [[50.0, 50.0], [80.0, 80.0], [20.0, 20.0]],
    "tier_limit": [[5.0, 5.0], [9.0, 9.0], [np.inf, np.inf]],
    "cap_tier": np.zeros((0, 3, 2)),
}


def _laid(structure):
    whole = market(structure)
    return whole, lay_rows(structure, whole)


def _at(whole, price):
    """Return prices of which only the supply of the first site in the first period is above zero."""
    prices = np.zeros(whole.price_shape)
    prices[0, whole.sites] = price
    return prices


def test_base_of_power(make_structure):
    """Tests the cost of the first unit, and none where there is no supply."""
    whole, _ = _laid(make_structure(**TIERS, intake=[[9.0, 9.0], [0.0, 9.0]]))
    assert power_base(whole).tolist() == [[50.0, 0.0], [50.0, 20.0]]


def test_marginal_cost(make_structure):
    """Tests that 14 are not enough for 16 but are for 6 (whose second tier covers them), and for an intake of 12."""
    whole, _ = _laid(make_structure(**TIERS))
    assert marginal_cost(whole).tolist() == [[np.inf, 20.0], [80.0, 20.0]]
    cut, _ = _laid(make_structure(**TIERS, intake=[[12.0, 3.0], [np.inf, np.inf]]))
    assert marginal_cost(cut).tolist() == [[80.0, 20.0], [50.0, 20.0]]


def test_supply_and_intake_share_the_price(make_structure):
    """Tests a unit at 90 where an intake of 12 ends in the tier of 80: 80 for the supply, 10 for the intake."""
    whole, rows = _laid(make_structure(**TIERS, intake=[[12.0, 12.0], [np.inf, np.inf]]))
    of_rows = row_prices(rows, whole, _at(whole, 40.0), NO_CAPS)
    assert of_rows[rows.supply[0, 0]] == 80.0
    assert of_rows[rows.intake[0, 0]] == 10.0
    assert market_prices(rows, whole, of_rows)[0, 2] == 40.0


def test_price_below_the_margin_is_the_supply_alone(make_structure):
    """Tests a unit at 65, between the tiers: all of it is the supply's."""
    whole, rows = _laid(make_structure(**TIERS, intake=[[12.0, 12.0], [np.inf, np.inf]]))
    of_rows = row_prices(rows, whole, _at(whole, 15.0), NO_CAPS)
    assert (of_rows[rows.supply[0, 0]], of_rows[rows.intake[0, 0]]) == (65.0, 0.0)


def test_all_tiers_scarce(make_structure):
    """Tests that where all tiers may fall short power may cost more than the last."""
    whole, rows = _laid(make_structure(**TIERS))
    of_rows = row_prices(rows, whole, _at(whole, 100.0), NO_CAPS)
    assert of_rows[rows.supply[0, 0]] == 150.0
    assert market_prices(rows, whole, of_rows)[0, 2] == 100.0


def test_one_tier_is_priced_beyond_its_cost(make_structure):
    """Tests that the row of a single tier has the price of the market: what it costs is the work's."""
    whole, rows = _laid(make_structure(tier_limit=[[5.0, 5.0], [np.inf, np.inf]]))
    of_rows = row_prices(rows, whole, _at(whole, 7.0), NO_CAPS)
    assert of_rows[rows.supply[0, 0]] == 7.0


def test_no_price_beyond_what_covers_everything(make_structure):
    """Tests that where the second tier covers all that may be drawn no row says more than 80."""
    whole, rows = _laid(make_structure(**TIERS | {"tier_limit": [[5.0, 5.0], [99.0, 9.0], [np.inf, np.inf]]}))
    of_rows = np.full(rows.count, 200.0)
    assert market_prices(rows, whole, of_rows)[0, 2] == 30.0


def test_rows_below_zero_count_as_zero(make_structure):
    """Tests that no price of the market or of a cap is below zero, whatever rounding leaves."""
    caps = {"cap_limit": [1.0], "cap_work": np.ones((1, 1, 2)), "cap_tier": np.zeros((1, 3, 2))}
    whole, rows = _laid(make_structure(**TIERS | caps, capacity=np.ones((2, 2))))
    of_rows = np.full(rows.count, -1.0)
    assert not market_prices(rows, whole, of_rows).any()
    assert cap_prices(rows, of_rows).tolist() == [0.0]
    assert cap_prices(rows, np.full(rows.count, 3.0)).tolist() == [3.0]


@pytest.mark.parametrize("capped", [False, True])
def test_there_and_back(make_random_structure, some_prices, capped):
    """Tests that prices survive the way through the rows wherever a row stands for them, and are 0 elsewhere."""
    for seed in range(30):
        structure = make_random_structure(seed, zeros=bool(seed % 2), capped=capped)
        whole, rows = _laid(structure)
        prices, caps = some_prices(whole, seed), np.array([0.5, 2.0]) * capped
        of_rows = row_prices(rows, whole, prices, caps)
        back = market_prices(rows, whole, of_rows)
        assert (back >= 0).all()
        assert (back <= prices + 1e-9).all()
        there = np.concatenate(
            [rows.capacity >= 0, *([rows.supply >= 0] if whole.supplied else []), rows.link >= 0], axis=1
        )
        sites, margin = whole.sites, np.inf
        if whole.supplied:
            several = (rows.supply >= 0) & (rows.single < 0) & (rows.intake < 0)
            margin = np.where(several, marginal_cost(whole) - power_base(whole), np.inf)
            prices[:, sites : 2 * sites] = np.minimum(prices[:, sites : 2 * sites], margin)
        assert back == pytest.approx(np.where(there, prices, 0.0), rel=1e-9, abs=1e-9)
        if capped:
            assert cap_prices(rows, of_rows) == pytest.approx(caps)
