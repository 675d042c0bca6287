"""Tests of the dual bound that prices prove."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import price
from placer.column_generation.start import demand_count, dual_bound

NO_CAPS = np.zeros(0)
#: The cheap site has room for 12 of 16 units, then for 3 of 6.
SCARCE = {"capacity": [[np.inf, np.inf], [12.0, 3.0]]}
#: A unit served at either site counts 1 under a cap of 7.
CAPPED = {"cap_limit": [7.0], "cap_work": np.ones((1, 1, 2)), "cap_tier": np.zeros((1, 2, 2))}


def test_bound_at_prices_of_zero(make_structure):
    """Tests that every demand then pays the cheap site alone: 14 units at 23 and 8 at 21."""
    structure = make_structure(**SCARCE)
    whole = market(structure)
    assert dual_bound(structure, whole, NO_CAPS, np.zeros(whole.price_shape)) == pytest.approx(14 * 23 + 8 * 21)


def test_bound_at_the_optimum(make_structure):
    """Tests that a price of 28 for the scarce room proves the optimum: 14 units at 51 and 8 at 49, less 28 x 15."""
    structure = make_structure(**SCARCE)
    whole, prices = market(structure), np.array([[0.0, 28.0], [0.0, 28.0]])
    expected = 14 * 51 + 8 * 49 - 28 * 15
    assert dual_bound(structure, whole, NO_CAPS, prices) == pytest.approx(expected)
    assert dual_bound(structure, whole, NO_CAPS, prices, price(whole, prices)) == pytest.approx(expected)


def test_price_of_a_cap_counts_its_limit(make_structure):
    """Tests that a price of 2 on a cap of 7 raises the cost of each of 22 units by 2 and takes 14 off the bound."""
    structure = make_structure(**CAPPED)
    caps = np.array([2.0])
    whole = market(structure, caps)
    expected = 14 * 25 + 8 * 23 - 2 * 7
    assert dual_bound(structure, whole, caps, np.zeros(whole.price_shape)) == pytest.approx(expected)


def test_price_of_no_cap_counts_nothing(make_structure):
    """Tests that a cap without a limit, whose price must be zero, leaves the bound finite."""
    structure = make_structure(**CAPPED | {"cap_limit": [np.inf]})
    whole = market(structure)
    bound = dual_bound(structure, whole, np.zeros(1), np.zeros(whole.price_shape))
    assert bound == pytest.approx(14 * 23 + 8 * 21)


def test_demands_of_zero_do_not_count(make_structure):
    """Tests that of four demands one of zero is left out."""
    assert demand_count(market(make_structure(demand_amount=[10.0, 0.0, 4.0, 2.0]))) == 3
