"""What flows take of the rows of a block, in the forms a sweep asks for."""

from __future__ import annotations

import numpy as np
import pytest


def test_loads_by_hand(block):
    """Tests that all demand at X takes one unit of X's row, scaled, and nothing of Y's."""
    x, y = np.argsort(block.way)
    option = block.first_option[block.service[[x]]]
    load = block.load(np.array([x]), option, np.array([1.0]))
    assert load[load > 0].tolist() == pytest.approx([1.0])
    assert (block.load(np.array([y]), block.first_option[block.service[[y]]], np.array([1.0])) * load).sum() == 0


def test_forms_agree(block):
    """Tests that what one unit takes is the same as a list, as padded arrays and as a load; nowhere takes nothing."""
    for arc in range(len(block.node)):
        option = int(block.first_option[block.service[arc]])
        row, value = block.taken(np.array([arc]), np.array([option]))
        listed = block.taken_by(option, int(block.path[arc]))
        assert sorted(listed) == sorted(zip(row[value > 0].tolist(), value[value > 0].tolist(), strict=True))
        load = block.load(np.array([arc]), np.array([option]), np.array([1.0]))
        assert {row: load[row] for row, _ in listed} == pytest.approx(dict(listed))
    assert (block.taken(np.array([-1]), np.array([-1]))[1] == 0).all()


def test_room_by_hand(block):
    """Tests that a service has room for the 8 of 10 Mtok its row leaves, and none by an option with a price."""
    services = block.service[np.argsort(block.way)]
    free, price = block.upper.copy(), np.zeros(block.options.shape[0])
    assert block.room(services, free, price).tolist() == pytest.approx([0.8, 0.8])
    assert block.room(services, free / 2, price).tolist() == pytest.approx([0.4, 0.4])
    assert block.room(services, free, price + 1.0).tolist() == [0.0, 0.0]
