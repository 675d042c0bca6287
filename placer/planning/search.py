"""The search for the plan of least cost: over a few states first, then over all.

Trial plans are made in a trust region (``placer.planning.trust_region``) until the best plan costs no more than the
bound of the whole pool, within the gap. With many states the same is done first for one of them in the place of all,
then for a few: the price vectors of these few solves are cuts for all states, and the plan is a good first one.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.planning.cost_model import CostModel
from placer.planning.pool import Pool
from placer.planning.risk import NEUTRAL
from placer.planning.trust_region import DEFAULT, SearchParameters, TrustRegion
from placer.running import check_time, tell
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.planning.certificate import Bound
    from placer.planning.cuts import PriceVector
    from placer.planning.evaluation import Evaluator
    from placer.planning.plan_program import PlanProgram
    from placer.utils.arrays import FloatArray, IntArray

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FoundPlan:
    """The best plan found, and the best bound.

    Attributes
    ----------
    units : (candidates,) array
    costs : (states,) array
        Costs of the states at these units.
    proven : bool
        Whether every state was solved there, its cost proven.
    bound : Bound
    rounds : int
    stopped : str
        Why the search ended with an open gap; empty if it closed it.
    plans : tuple of (units, total)
        All plans of which every state was solved.
    """

    units: FloatArray
    costs: FloatArray
    proven: bool
    bound: Bound
    rounds: int
    stopped: str
    plans: tuple[tuple[FloatArray, float], ...]


def find_plan(
    problem: PlanProgram,
    evaluator: Evaluator,
    gap: float,
    vectors: Sequence[PriceVector] = (),
    units: FloatArray | None = None,
    parameters: SearchParameters = DEFAULT,
) -> tuple[FoundPlan, Pool]:
    """Return the best plan found with the best bound, and the pool of price vectors.

    Parameters
    ----------
    problem : PlanProgram
    evaluator : Evaluator
        Of the same states.
    gap : float
        Relative gap at which to stop.
    vectors : sequence of PriceVector
        Of an earlier plan.
    units : (candidates,) array, optional
        A plan to start from that keeps the build limits. Without one, and without vectors, the search starts over a few
        states.
    parameters : SearchParameters

    Raises
    ------
    NoSolutionError
        If no plan keeps the build limits, a state cannot be solved, or the time is over before any plan was solved in
        all states.
    """
    counts = [] if units is not None or len(vectors) else _counts(len(problem.states), parameters)
    for count in counts:
        numbers, part = _some_states(problem, count)
        search = TrustRegion(part, CostModel(part, Pool(part.states, vectors)), evaluator, numbers, parameters, units)
        _close(search, max(gap, parameters.few_gap))
        units, vectors = search.best.units, search.model.pool.vectors[search.model.pool.shapes :]
    model, everything = CostModel(problem, Pool(problem.states, vectors)), np.arange(len(problem.states))
    search = TrustRegion(problem, model, evaluator, everything, parameters, units)
    stopped = _close_in_time(search, gap)
    best = search.best
    plans = tuple(search.plans)
    return FoundPlan(best.units, best.costs, best.complete, search.bound, search.rounds, stopped, plans), model.pool


def _close_in_time(search: TrustRegion, gap: float) -> str:
    """Try plans until the gap is closed, the time is over or the user stops the search; return why it ended."""
    try:
        return _close(search, gap)
    except NoSolutionError as error:
        if error.reason is Reason.INFEASIBLE:
            raise
        return f"{error.reason}: {error.detail}"
    except KeyboardInterrupt:
        return str(Reason.INTERRUPTED)


def _close(search: TrustRegion, gap: float) -> str:
    """Try plans until the gap is closed; return why it is not, or nothing."""
    stalls, parameters, best = 0, search.parameters, math.inf
    while True:
        search.raise_bound()
        now = search.open_gap(search.best)
        tell(_log, f"round {search.rounds}: {int(search.evaluator.solves.sum()):,} states solved, gap {now:.1e}")
        if now <= gap:
            return ""
        stalls = 0 if search.open_gap(search.centre) < best * (1 - 1e-6) else stalls + 1
        best = min(best, search.open_gap(search.centre))
        if stalls > parameters.most_stalls and search.radius > parameters.wide:
            return f"neither cost nor bound improved in {stalls} rounds"
        if search.rounds >= parameters.most_rounds:
            return f"{search.rounds} rounds"
        check_time("the time is over")
        if not search.centre.complete and search.open_gap(search.centre) <= gap:
            search.complete()
        else:
            search.step(gap)


def _counts(states: int, parameters: SearchParameters) -> list[int]:
    """Return over how many states to search before the search over all."""
    counts = dict.fromkeys(round(states**share) for share in parameters.few_shares)
    return [count for count in counts if 2 * count <= states]


def _some_states(problem: PlanProgram, count: int) -> tuple[IntArray, PlanProgram]:
    """Return a few states that stand for all, and the problem over them: of each part of those in order of cost, one.

    The order is that of the cost at prices 0, and a state has the weight of the part of which it is the middle.
    """
    least = Pool(problem.states).least(problem.most)
    weight = problem.weights
    if not weight.any():
        return np.arange(len(weight)), problem
    order = np.argsort(least, kind="stable")
    middle = np.cumsum(weight[order]) - weight[order] / 2
    part = np.minimum((middle / weight.sum() * count).astype(int), count - 1)
    chosen, weights = [], []
    for each in range(count):
        members = order[part == each]
        if len(members) and weight[members].any():
            chosen.append(int(members[weight[members] > 0][(weight[members] > 0).sum() // 2]))
            weights.append(float(weight[members].sum()))
    states = tuple(replace(problem.states[place], weight=each) for place, each in zip(chosen, weights, strict=True))
    return np.array(chosen), replace(problem, states=states, risk=NEUTRAL)
