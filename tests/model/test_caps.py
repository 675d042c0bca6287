"""Tests for what assignments count towards caps."""

from dataclasses import replace

import numpy as np
import pytest

from placer.model.caps import (
    arc_coefficients,
    arc_rents,
    arc_rents_of_all_periods,
    caps_of_arcs,
    counts_by_arrival,
    route_rents,
)
from placer.model.formulation import formulate


@pytest.fixture
def counting(make_instance):
    """Return the small structure with a cap on what is sent from A to Y, twice for each unit."""
    structure = formulate(make_instance()).structure
    send, route = structure.cap_send.copy(), structure.cap_route.array
    send[1, 0] = 2.0
    route[1, structure.route(0, 1)] = 1.0
    limits = np.array([np.inf, 5.0])
    return replace(structure, cap_send=send, cap_route=route, cap_limit=limits)


def test_coefficients_by_hand(counting):
    """Tests that the arc from A to Y counts 2 and the other arcs nothing, and what they pay at a price of 3."""
    arcs = np.arange(4)
    period = np.zeros(4, dtype=int)
    assert caps_of_arcs(counting).tolist() == [1]
    assert arc_coefficients(counting, 1, arcs, period).tolist() == [0, 2, 0, 0]
    prices = np.array([7.0, 3.0])
    assert arc_rents(counting, prices, arcs, period).tolist() == [0, 6, 0, 0]
    assert arc_rents_of_all_periods(counting, -prices).tolist() == [0, -6, 0, 0]
    assert route_rents(counting, prices, 0, np.array([0, 1])).tolist() == [[0.0], [6.0]]


def test_a_cap_without_a_limit_counts_nothing(counting):
    """Tests that coefficients of a cap that is no limit are left out."""
    unlimited = replace(counting, cap_limit=np.full(2, np.inf))
    assert not caps_of_arcs(unlimited).size
    assert not arc_rents_of_all_periods(unlimited, np.array([7.0, 3.0])).any()


def test_counting_by_arrival_is_told(make_instance):
    """Tests that a limit on some hours of work that waits counts by arrival, and the same on all hours does not."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 4.0} for hour in range(3)]
    work = [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "deadline_hours": 2}]
    limit = {"limit": "l", "kind": "tokens", "sense": "<=", "amount": 5.0, "hub": "A"}
    whole = make_instance(demand=demand, workloads=work, limits=[limit])
    some = whole.replace(limits=[limit | {"hours": "0-1"}])
    assert not counts_by_arrival(formulate(whole).structure)
    assert counts_by_arrival(formulate(some).structure)
