"""Tests the program with columns of replicas, on the instance by hand."""

import numpy as np
import pytest

from placer.ladder.whole_program import solve_program
from placer.presence.program import most_replicas, program_size, replica_program
from placer.presence.question import ask
from placer.solvers.branch_and_bound import branch_and_bound
from placer.solvers.highs import HiGHS


@pytest.mark.parametrize(("by_hour", "whole", "relaxed"), [(False, 16.0, 12.5), (True, 12.0, 7.5)])
def test_least_cost_by_hand(by_hand, by_hour, whole, relaxed):
    """Tests the least cost with whole replicas, and with any number of them: 5 Mtok take 6.25 accelerators at X."""
    found = replica_program(ask(by_hand(), by_hour=by_hour))
    answer = branch_and_bound(found.program, found.integer, HiGHS(), 0.0)
    assert found.program.cost @ answer.values == pytest.approx(whole)
    assert found.replicas(answer.values)[0, 0].tolist() == ([2.0, 1.0] if by_hour else [2.0])
    assert solve_program(found.program, HiGHS())[1].objective == pytest.approx(relaxed)


def test_cold_starts_are_paid(by_hand):
    """Tests that a start is dearer than an idle hour or not: 900 s cost 1 USD, an idle hour of a replica 4 USD."""
    for seconds, cost in ((900.0, 13.0), (7200.0, 16.0)):
        models = by_hand().served_models.assign(cold_start_seconds=seconds)
        found = replica_program(ask(by_hand(cyclic=True).replace(served_models=models), by_hour=True))
        answer = branch_and_bound(found.program, found.integer, HiGHS(), 0.0)
        assert found.program.cost @ answer.values == pytest.approx(cost)


def test_no_more_replicas_than_demand_keeps_busy(by_hand):
    """Tests the most replicas: 5 Mtok keep 1.6 busy, so two, and no more fit at Y than 1.5."""
    question = ask(by_hand(), by_hour=False)
    assert most_replicas(question)[:, :, 0].tolist() == [[2.0, 1.5]]
    assert program_size(question) == 6
    endless = by_hand().data_centres.assign(accelerators=np.inf)
    assert most_replicas(ask(by_hand().replace(data_centres=endless), by_hour=False)).max() == 2.0
