"""The call: instances and placements, countries by any column, wrong arguments."""

from __future__ import annotations

import pytest

import placer


def test_instance_and_placement_give_the_same(two):
    """Tests that a placement is not solved again."""
    placement = placer.solve(two)
    found = placer.trade(placement)
    assert found.accounts.placement is placement
    assert found.countries.equals(placer.trade(two).countries)


def test_countries_by_another_column():
    """Tests data centres as parties."""
    tiny = placer.load("tiny")
    tables = {name: tiny.tables[name].assign(bloc="all") for name in ("hubs", "data_centres")}
    countries = placer.trade(tiny.replace(**tables), by="bloc").countries
    assert countries.index.tolist() == ["all", "network", "authority"]
    assert countries["exports_mtok"].sum() == 0


def test_wrong_arguments():
    """Tests what is neither an instance nor a placement, and a column that is not there."""
    with pytest.raises(placer.ArgumentError, match="expected an instance or a placement, not 'globe'"):
        placer.trade("globe")
    with pytest.raises(placer.InstanceError, match="continent"):
        placer.trade(placer.load("tiny"), by="continent")
