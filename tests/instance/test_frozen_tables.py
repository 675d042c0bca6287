"""Tables of an instance: copies that cost nothing until they are written to."""

from __future__ import annotations

import numpy as np
import pytest

import placer


@pytest.fixture(scope="module")
def tiny():
    """The shipped instance of three hubs and three data centres."""
    return placer.load("tiny")


def test_tables_are_copies(tiny):
    """Tests that changing a table read from an instance changes nothing in it."""
    before = tiny.demand
    for demand in (tiny.demand, tiny.tables["demand"], dict(tiny.tables)["demand"]):
        demand.loc[:, "mtok"] = 0.0
        demand["hour"] = 7
    assert tiny.demand.equals(before)


def test_reading_a_table_copies_nothing(make_instance):
    """Tests that a table that is read shares its memory, and that writing into it leaves the instance alone."""
    instance = make_instance()
    first, second = instance.demand, instance.demand
    assert np.shares_memory(first["mtok"].to_numpy(), second["mtok"].to_numpy())
    first.loc[0, "mtok"] = 99.0
    assert instance.demand["mtok"].tolist() == second["mtok"].tolist() == [10.0, 6.0]
