"""Prices of stores that start a master, and the bound that they prove."""

import warnings

import numpy as np
import pytest

import placer
from placer.column_generation.market.definition import market
from placer.column_generation.master.prices import row_prices
from placer.column_generation.master.rows import lay_rows
from placer.column_generation.master.store_prices import first_store_prices, store_prices_of, write_store_prices
from placer.column_generation.start import dual_bound
from placer.model.formulation import formulate_stored
from placer.proof.bound import bound_at
from tests.batteries_at_random import random_instance
from tests.batteries_by_hand import powered
from tests.effort import tries


def test_first_prices_by_hand():
    """Tests that a MWh held is worth the median of 20 and 100, and that the rent of power is what either hour earns."""
    structure = formulate_stored(powered(battery={})).structure
    whole, caps = market(structure), np.zeros(len(structure.cap_limit))
    free, rows = np.zeros(whole.price_shape), lay_rows(structure, whole)
    found = first_store_prices(structure, whole, free, caps)
    assert found.stored.tolist() == [[60.0, 60.0]]
    of_rows = row_prices(rows, whole, free, caps)
    write_store_prices(of_rows, rows, whole, free, caps, found)
    assert of_rows[rows.power].tolist() == [[40.0, 40.0]]
    assert store_prices_of(rows, of_rows).stored.tolist() == [[60.0, 60.0]]
    assert dual_bound(structure, whole, caps, free) == pytest.approx(10 * 20 + 10 * 100 - 4 * 40 - 4 * 40)


@pytest.mark.parametrize("seed", range(tries(8, 60)))
def test_no_prices_prove_too_much(seed):
    """Tests that the bound at random prices is below the least cost, and that first prices of stores are as good."""
    random = np.random.default_rng(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", placer.InputWarning)
        placement = placer.solve(random_instance(random))
    structure, least = placement.formulation.structure, placement.certificate.objective
    limited = np.isfinite(structure.cap_limit)
    for _ in range(5):
        caps = np.where(limited, random.exponential(0.02, len(limited)), 0.0)
        whole = market(structure, caps)
        prices = random.exponential(20.0, whole.price_shape) * (random.random(whole.price_shape) < 0.3)
        assert dual_bound(structure, whole, caps, prices) <= least + 1e-9 * abs(least)
    assert bound_at(structure, placement.answer.duals) == pytest.approx(least, rel=1e-6)
