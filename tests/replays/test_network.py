"""Tests of the network of a day: choices of pairs, late work, and prices."""

from __future__ import annotations

import numpy as np


def test_choices_of_pairs(two_sites, make_day):
    """Tests that the strict pair has one choice, and what a Mtok costs at each site."""
    network, _, amounts = make_day(two_sites)
    assert network.is_arc.tolist() == [[True, True], [True, False]]
    assert amounts.tolist() == [[8.0], [6.0]]
    assert network.service_usd(0)[network.klass[:, None], network.site].tolist() == [[1.0, 3.0], [1.0, 1.0]]
    assert network.power_limit.tolist() == [[np.inf], [np.inf]]


def test_late_work_has_a_class_of_its_own(one_queue, make_day):
    """Tests that what arrives in the last six hours may wait for the next day, at two parts an hour."""
    network, _, _ = make_day(one_queue, parts=2, late_usd=7.0)
    assert network.class_at.tolist() == [[0] * 6 + [1] * 2]
    assert network.structure.window.tolist() == [2, 2]
    assert network.structure.unserved_cost.tolist() == [100.0, 7.0]


def test_amounts_become_demands(one_queue, make_day):
    """Tests the demands of a day in two parts an hour: late ones are of the second class."""
    network, _, amounts = make_day(one_queue, parts=2)
    structure = network.with_amounts(np.repeat(amounts / 2, 2, axis=1))
    assert structure.demand_class.tolist() == [0, 0, 1, 1]
    assert structure.demand_period.tolist() == [0, 1, 6, 7]
    assert structure.demand_amount.tolist() == [9.0, 9.0, 2.0, 2.0]
