"""What a restricted master is built from."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import near
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.contents import first_contents
from placer.column_generation.master.rows import lay_rows
from placer.column_generation.parameters import DEFAULTS


@pytest.fixture
def make_columns(make_structure):
    """Return a function to the maker and all columns of the small structure."""

    def make(**changes):
        structure = make_structure(**changes)
        whole = market(structure)
        priced, columns = near(whole, np.zeros(whole.price_shape), np.inf)
        rows = lay_rows(structure, whole, DEFAULTS.master)
        return ColumnMaker(whole, rows, [part.best_delay for part in priced]), columns

    return make


def test_the_cheapest_column_of_each_demand_is_its_key(make_columns):
    """Tests that both origins are served at site 1, where power costs 20 instead of 50, before capacity has a price."""
    maker, columns = make_columns()
    contents = first_contents(maker, np.zeros(maker.rows.count), columns, 100)
    assert contents.keys.columns.s.tolist() == [1, 1, 1, 1]
    assert contents.basis is None
    assert len(contents.added[0]) == len(columns) - 4


def test_a_sample_serves_where_there_are_many(make_columns):
    """Tests that it has as many columns as are taken, the same each time, and no key."""
    maker, columns = make_columns()
    contents, again = (first_contents(maker, np.zeros(maker.rows.count), columns, 3) for _ in range(2))
    chosen = maker.identity(contents.added[0])
    assert len(set(chosen.tolist())) == 3
    assert chosen.tolist() == maker.identity(again.added[0]).tolist()
    assert not set(chosen.tolist()) & set(maker.identity(contents.keys.columns).tolist())
