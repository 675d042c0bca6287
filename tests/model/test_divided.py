"""Tests of structures whose periods are divided: limits, costs, late work and backlog."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.divided import divided, with_backlog, with_late_classes, with_pair_demands
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from tests.effort import tries


@pytest.fixture
def waiting(make_instance):
    """Return two hours at two sites; work may wait an hour."""
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "deadline_hours": 1.0}
    sites = [{"data_centre": "X", "accelerators": 6.0}, {"data_centre": "Y", "accelerators": 4.0}]
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 5.0} for hour in range(2)]
    return formulate(make_instance(workloads=[workload], data_centres=sites, demand=demand, cyclic=False)).structure


def test_limits_are_shared_out(waiting):
    """Tests three parts of each hour: a third of each limit, the same costs, three times the window."""
    found = divided(waiting, 3)
    assert found.capacity.tolist() == [[2.0] * 6, [4 / 3] * 6]
    assert found.tier_cost.tolist() == np.repeat(waiting.tier_cost, 3, axis=1).tolist()
    assert found.window.tolist() == [3]
    assert (found.periods, found.cyclic, len(found.demand_amount), len(found.cap_limit)) == (6, False, 0, 0)


@pytest.mark.parametrize("seed", range(tries(5, 40)))
def test_even_demand_costs_the_same(seed, make_random_instance):
    """Tests that random instances cost the same with every hour in three equal parts, if no work waits."""
    structure = formulate(make_random_instance(seed)).structure
    whole = replace(structure, window=0 * structure.window, cap_limit=np.full(len(structure.cap_limit), np.inf))
    amounts = np.repeat(whole.demand_amount[:, None] / 3, 3, axis=1)
    parts = replace(
        divided(whole, 3),
        demand_class=np.repeat(whole.demand_class, 3),
        demand_origin=np.repeat(whole.demand_origin, 3),
        demand_period=(3 * whole.demand_period[:, None] + np.arange(3)).ravel(),
        demand_amount=amounts.ravel(),
    )
    costs = [solve_structure(each, HiGHS())[1].objective for each in (whole, parts)]
    assert costs[0] == pytest.approx(costs[1], rel=1e-9)


def test_late_work_may_be_left_at_its_cost(waiting):
    """Tests 20 Mtok in the last hour where 10 fit: 10 are left at 3 USD each, not at the penalty."""
    late = with_late_classes(divided(waiting, 1), np.array([3.0]))
    assert late.unserved_cost.tolist() == [waiting.unserved_cost[0], 3.0]
    assert late.arc_site.tolist() == [*waiting.arc_site, *waiting.arc_site]
    full = with_pair_demands(late, np.array([1]), waiting.demand_origin[:1], np.array([[0.0, 20.0]]))
    answer, certificate = solve_structure(full, HiGHS())
    assert certificate.proven
    assert answer.point.unserved.sum() == pytest.approx(20.0)  # at 20 USD a MWh serving costs more than 3 USD


def test_backlog_is_served_at_its_site(waiting):
    """Tests 7 Mtok at X that must be served at once, and 3 at Y that have an hour left."""
    backlog = np.zeros((1, 2, 3))
    backlog[0, 0, 0], backlog[0, 1, 1] = 7.0, 3.0
    found, klass = with_backlog(divided(waiting, 1), 0, backlog)
    assert klass.tolist() == [0, 0]
    answer, _ = solve_structure(found, HiGHS())
    served = dict(zip(found.arc_site[answer.point.arc].tolist(), answer.point.amount.tolist(), strict=True))
    assert served == pytest.approx({0: 6.0, 1: 3.0})
    assert answer.point.unserved.sum() == pytest.approx(1.0)
