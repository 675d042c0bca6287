"""Tests of the program of a period against the whole linear program of HiGHS."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.loads import cost_of
from placer.replays.program import PeriodProgram
from placer.solvers.highs import HiGHS
from tests.effort import tries


def test_two_sites_by_hand(two_sites, make_day):
    """Tests the optimum of 22 USD: 4 of 8 flexible at B, since the strict need 6 of 10 at A, whose rent is 2."""
    network, _, amounts = make_day(two_sites)
    none = np.zeros((2, 2))
    found = PeriodProgram(network).solve(0, amounts[:, 0], np.full((2, 2), -np.inf), none)
    assert found.sent == pytest.approx(np.array([[4.0, 4.0], [6.0, 0.0]]))
    assert found.prices[:2] == pytest.approx([2.0, 0.0])
    assert found.served.tolist() == none.tolist()


def test_queues_are_served_at_their_worth(one_queue, make_day):
    """Tests 4 Mtok of a queue at 1 USD of power: served at a worth above it, not below."""
    network, _, _ = make_day(one_queue)
    program = PeriodProgram(network)
    for worth, served in ((0.5, 0.0), (1.5, 4.0)):
        found = program.solve(0, np.zeros(1), np.array([[worth], [-np.inf]]), np.full((2, 1), 4.0))
        assert found.served.tolist() == [[served], [0.0]]


@pytest.mark.parametrize("seed", range(tries(12, 60)))
def test_periods_cost_what_the_whole_program_does(seed, make_random_history, make_day):
    """Tests the periods of random days whose work does not wait, one after the other and each from the last prices."""
    instance, _ = make_random_history(seed)
    instance = instance.replace(workloads=instance.workloads.assign(deadline_hours=0.0))
    network, _, amounts = make_day(instance)
    structure = network.with_amounts(amounts)
    answer, _ = solve_structure(structure, HiGHS())
    program, cost = PeriodProgram(network), 0.0
    nothing = np.zeros((structure.classes, structure.sites))
    for period in range(structure.periods):
        found = program.solve(period, amounts[:, period], nothing - np.inf, nothing)
        unserved = amounts[:, period] - found.sent.sum(axis=1)
        own = network.sending_usd + network.service_usd(period)[network.klass[:, None], network.site]
        cost += (np.where(network.is_arc, own, 0.0) * found.sent).sum() + network.unserved_usd @ unserved
    assert cost == pytest.approx(cost_of(structure, answer.point), rel=1e-9)
