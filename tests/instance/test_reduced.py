"""Reductions of an instance: who stands for whom, and reductions one after the other."""

from __future__ import annotations

import numpy as np
import pytest

import placer


@pytest.fixture(scope="module")
def tiny():
    """Return the small dataset: three hubs, three data centres."""
    return placer.load("tiny")


def test_tables_say_what_stands_for_what(tiny):
    """Tests the three tables, by the names of the whole."""
    small = tiny.merge_hubs(2)
    assert small.hubs["merged_into"].to_dict() == {"Coast": "Coast", "Delta": "Coast", "Inland": "Inland"}
    assert small.data_centres["merged_into"].to_dict() == {name: name for name in ("Metro", "Port", "Plateau")}
    assert small.hours["represented_by"].tolist() == list(tiny.hours)
    assert repr(small) == "<Reduced: 2 of 3 hubs, 3 of 3 data centres, 2 of 2 hours>"


@pytest.mark.slow
def test_reductions_chain(tiny):
    """Tests that both orders lead to the same, and that places of places are places."""
    one = tiny.merge_hubs(2).merge_data_centres(2)
    other = tiny.merge_data_centres(2).merge_hubs(2)
    for small in (one, other):
        assert small.whole is tiny
        assert small.data_centres["merged_into"].to_dict() == {"Metro": "Port", "Port": "Port", "Plateau": "Plateau"}
        assert (len(small.instance.hubs), len(small.instance.data_centres)) == (2, 2)
    assert one.instance.demand.equals(other.instance.demand)
    china = placer.load("china")
    twice = china.merge_hubs(30).merge_hubs(12)
    names = twice.instance.hubs["hub"].to_numpy(object)
    assert (twice.hubs["merged_into"] == names[twice.hub]).all()
    assert np.array_equal(np.unique(twice.hub), np.arange(12))
