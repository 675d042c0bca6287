"""Trial plans within a trust region."""

from __future__ import annotations

import numpy as np
import pytest

from placer.decomposition.bound import prove_bound
from placer.decomposition.cost_model import CostModel
from placer.decomposition.price_pool import PricePool
from placer.decomposition.trust_region import TrustRegion
from placer.planning.costs.evaluation import Evaluator, Here, StateJob
from placer.planning.search.search_parameters import DEFAULT, SearchParameters
from placer.utils.processes import InThisProcess


def _search(problem, parameters=DEFAULT):
    evaluator = Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)
    model = CostModel(problem, PricePool(problem.states))
    return TrustRegion(problem, model, evaluator, np.arange(len(problem.states)), parameters, 0.0, None)


@pytest.mark.slow
def test_the_best_plan_never_gets_dearer_nor_the_bound_lower(make_program_of_plan):
    """Tests that over the rounds costs fall, bounds rise, and neither crosses the other."""
    search = _search(make_program_of_plan(3))
    costs, bounds = [], []
    for _ in range(12):
        search.raise_bound()
        costs.append(search.total(search.best))
        bounds.append(search.bound.amount)
        search.step(1e-9)
    assert (np.diff(costs) <= 0).all()
    assert (np.diff(bounds) >= 0).all()
    assert bounds[-1] <= costs[-1] * (1 + 1e-9)
    assert search.open_gap(search.best) < 0.5 * (costs[0] - bounds[0]) / abs(costs[0])


@pytest.mark.slow
def test_the_bound_by_the_cuts_of_the_pool_is_proven_from_prices_and_data(make_program_of_plan):
    """Tests bound, values and rents after some rounds, where several vectors have multipliers."""
    search = _search(make_program_of_plan(3))
    for _ in range(6):
        search.step(1e-9)
        search.raise_bound()
    proven = prove_bound(search.problem, search.model.pool.vectors, search.multiplied)
    assert len(np.unique(search.multiplied.vector)) > 1
    assert search.bound.amount == pytest.approx(proven.amount, rel=1e-12)
    assert search.bound.value == pytest.approx(proven.value, rel=1e-12)
    assert search.bound.limit_rents.tolist() == proven.limit_rents.tolist()
    assert search.bound.member_weights.tolist() == proven.member_weights.tolist()


@pytest.mark.slow
def test_plans_are_judged_by_some_states_and_proven_by_all(make_program_of_plan):
    """Tests that a centre of many like states is not solved in all of them until it is completed."""
    search = _search(make_program_of_plan(3, factors=tuple(np.linspace(1.0, 1.3, 10))))
    for _ in range(30):
        search.step(1e-9)
        search.raise_bound()
        if not search.centre.complete:
            break
    assert not search.centre.complete
    lower = search.total(search.centre)
    units = search.centre.z
    search.complete()
    plans = {tuple(units): total for units, total in search.plans}
    assert plans[tuple(units)] >= lower - 1e-9 * abs(lower)
    assert search.centre is search.best
    assert search.total(search.best) == pytest.approx(min(plans.values()))


@pytest.mark.parametrize("changes", [[{}], [{}, {"max_units": 0.0}]])
def test_a_candidate_that_cannot_be_built_leaves_the_region(make_paid_for_power, changes):
    """Tests a region that stays, since the best 100 units lie within it, with and without a hall of at most 0 units."""
    search = _search(make_paid_for_power(-40.0, 1e6, changes), SearchParameters(first_radius=1e3))
    search.step(1e-9)
    assert search.centre.z[0] == pytest.approx(50.0)
    assert search.radius == 1e3


def test_the_gap_has_the_size_of_the_certificate(make_paid_for_power):
    """Tests costs that cancel: 100 units at 10 USD an hour, with 100 MWh at -10, are measured by 2 of 2,000 USD."""
    search = _search(make_paid_for_power(-10.0, 1e3))
    search.judge(np.array([100.0]), 1.0)
    assert search.total(search.centre) == pytest.approx(0.0, abs=1e-6)
    assert search.open_usd(search.centre) == pytest.approx(-search.bound.amount)
    assert search.open_gap(search.centre) == pytest.approx(-search.bound.amount / (2.0 * 8760))
