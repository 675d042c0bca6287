"""Units at which a state has no placement."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import placer
from placer.decomposition.risk import NEUTRAL
from placer.errors import InfeasibleBuildLimitsError, NoSolutionError
from placer.planning.costs.evaluation import Here, StateJob, solve_state
from placer.planning.costs.unmet_states import UnmetStateError, without_unmet
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem

DAY = 365


def _unmet(problem, units):
    with pytest.raises(UnmetStateError) as raised:
        solve_state(Here(StateJob(problem.states)), 0, np.array(units), (), np.inf)
    return raised.value


def test_a_cut_by_hand(served_at_any_cost):
    """Tests that 40 of the 100 units needed raise an error of the state, and a cut that only 100 units and more keep.

    The error keeps its figures when it is copied, as between processes.
    """
    problem = program_of(planning_problem(*served_at_any_cost), NEUTRAL)
    error = _unmet(problem, [40.0])
    copied = copy.copy(error)
    assert (copied.state, copied.units.tolist(), str(copied)) == ("all year", [40.0], str(error))
    cut = without_unmet(problem, copied)
    assert cut.amount / cut.takes[:, 0] == pytest.approx([100])
    assert cut.keeps_limits(np.array([100.0 + 1e-6]))
    assert not cut.keeps_limits(np.array([99.9]))
    assert without_unmet(problem, UnmetStateError(error.reason, "", "all year", np.array([100.0]))) is problem


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_search_avoids_units_without_a_placement(served_at_any_cost, share):
    """Tests a state of 140 units of work that may never occur, so that there is no program of all states.

    Its 140 units are built, at their cost: the limit, not the unserved work, pays for them.
    """
    instance, rows = served_at_any_cost
    states = placer.States({"usual": (instance, share), "peak": (instance.scaled_demand(1.4), 1 - share)})
    plan = placer.plan(instance, rows, states, risk=placer.CVaR(level=0.5, weight=0.2), gap=1e-9)
    assert plan.certificate.proven
    assert plan.units == pytest.approx([140])
    builds = plan.builds.iloc[0]
    assert builds["value_usd_per_unit_year"] - builds["limits_rent_usd_per_unit_year"] == pytest.approx(30 * DAY)
    assert plan.ranges(most_solves=20)["least"].tolist() == pytest.approx([140])
    assert plan.break_even("hall") == np.inf


def test_limits_that_builds_cannot_meet_are_named(served_at_any_cost):
    """Tests 60 units at most, by a maximum or by a build limit: the limit of the work, or the change, is named."""
    instance, rows = served_at_any_cost
    with pytest.raises(NoSolutionError, match=r"most units .* limit 'serve all' .* could be met with amount 0.6"):
        placer.plan(instance, [rows[0] | {"max_units": 60.0}])
    with pytest.raises(InfeasibleBuildLimitsError, match="halls") as raised:
        placer.plan(instance, [rows[0] | {"halls": 1.0}], build_limits={"halls": 60.0})
    assert raised.value.changes[0].needed == pytest.approx(100)
