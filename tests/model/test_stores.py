"""Stores as arrays: figures of stores summed and spread by hand."""

from dataclasses import replace

import numpy as np

from placer.model.cap_rows import CapRows
from placer.model.stores import Stores

#: Two stores at site 1 and one at source 0, over two periods; tiers 0 and 2 take from the source.
STORES = Stores(
    site=np.array([1, -1, 1]),
    source=np.array([-1, 0, -1]),
    efficiency=np.ones(3),
    cost=np.zeros(3),
    power=np.ones((3, 2)),
    energy=np.ones((3, 2)),
    tier_source=np.array([0, -1, 0]),
    source_cost=np.array([[5.0, 6.0]]),
    cap_source=CapRows.nothing(0, (1, 2)),
)
FIGURES = np.array([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])


def test_figures_of_stores_by_place():
    """Tests the sums over the stores of each site and each source."""
    assert STORES.at_sites(FIGURES, 2).tolist() == [[0.0, 0.0], [101.0, 202.0]]
    assert STORES.at_sources(FIGURES).tolist() == [[10.0, 20.0]]


def test_figures_of_tiers_by_source():
    """Tests the sum over the tiers of the source, and the figure of the source of each tier."""
    assert STORES.tiers_at_sources(FIGURES).tolist() == [[101.0, 202.0]]
    assert STORES.of_tiers(STORES.source_cost).tolist() == [[5.0, 6.0], [0.0, 0.0], [5.0, 6.0]]


def test_prices_where_stores_stand():
    """Tests the price of the site or of the source of each store."""
    found = STORES.prices(np.array([[1.0, 2.0], [3.0, 4.0]]), STORES.source_cost)
    assert found.tolist() == [[3.0, 4.0], [5.0, 6.0], [3.0, 4.0]]


def test_banks():
    """Tests sums and maxima over a bank of the first and the last store, and what each has of its bank."""
    banks = replace(STORES, bank=np.array([0, 1, 0]))
    assert banks.leads.tolist() == [True, True, False]
    assert banks.over_banks(FIGURES).tolist() == [[101.0, 202.0], [10.0, 20.0], [0.0, 0.0]]
    assert banks.most_of_banks(FIGURES).tolist() == [[100.0, 200.0], [10.0, 20.0], [0.0, 0.0]]
    assert banks.of_bank(FIGURES).tolist() == [[1.0, 2.0], [10.0, 20.0], [1.0, 2.0]]
    assert STORES.leads.all()
    for each in (STORES.over_banks, STORES.most_of_banks, STORES.of_bank):
        assert each(FIGURES) is FIGURES


def test_prices_of_single_stores():
    """Tests a cap that counts the last store twice in the first period."""
    counted = np.zeros((1, 3, 2))
    counted[0, 2, 0] = 2.0
    assert STORES.own_prices(np.array([5.0])) == 0.0
    own = replace(STORES, cap_store=CapRows.of(counted)).own_prices(np.array([5.0]))
    assert own.tolist() == [[0.0, 0.0], [0.0, 0.0], [10.0, 0.0]]


def test_lost_stores():
    """Tests that a lost store has neither power nor energy, and the others what they had."""
    left = STORES.without(np.array([False, True, False]))
    assert left.power.sum(axis=1).tolist() == left.energy.sum(axis=1).tolist() == [2.0, 0.0, 2.0]


def test_batteries_without_contents():
    """Tests that the first store of a bank of two has all of its power, and that no cap counts single stores."""
    banked = replace(STORES, bank=np.array([0, 1, 1]), cap_store=CapRows.nothing(1, (3, 2)))
    left = banked.without_contents()
    assert left.site.tolist() == STORES.site[:2].tolist()
    assert left.power.tolist() == STORES.power[:2].tolist()
    assert left.bank is left.cap_store is None
    assert STORES.without_contents() is STORES


def test_caps_of_single_stores_at_prices_and_within_blocks():
    """Tests a cap that counts the last store twice in the first period, at a price of 5 and in the second period."""
    counted = np.zeros((1, 3, 2))
    counted[0, 2, 0] = 2.0
    stores = replace(STORES, cap_source=CapRows.nothing(1, (1, 2)), cap_store=CapRows.of(counted))
    priced = stores.at_cap_prices(np.array([5.0]))
    assert priced.own_cost.tolist() == [[0.0, 0.0], [0.0, 0.0], [10.0, 0.0]]
    assert priced.own_prices(np.array([1.0])).tolist() == [[0.0, 0.0], [0.0, 0.0], [12.0, 0.0]]
    assert priced.without_costs().own_cost is None
    first, second = (priced.within([slice(place, place + 1)], slice(None)) for place in range(2))
    assert first.own_cost.tolist() == [[0.0], [0.0], [10.0]]
    assert second.own_cost.tolist() == [[0.0], [0.0], [0.0]]
    assert first.own_prices(np.array([1.0])).tolist() == [[0.0], [0.0], [12.0]]
