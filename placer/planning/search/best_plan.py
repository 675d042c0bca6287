"""The search for the plan of least cost: over a few states first, then over all; over inexact costs, then proven ones.

Trial plans are made in a trust region (``placer.decomposition.trust_region``) until the best plan costs no more than
the bound of the whole pool, within the gap. The search begins at a first plan (``placer.planning.search.first_plan``).
If its costs were inexact, a trust region of small radius leads from there to the proven optimum.

With the price vectors and the units of an earlier plan the search starts from these instead. If the states are large,
it goes by levels (``placer.decomposition.level_search``). The search solves all states only at a plan that closes the
gap by the model of the pool. Without the units, since these exceed a new limit,
large states are priced inexactly first, at the optimum of the vectors.

A search that is stopped returns the best plan with all states solved. Before there is one, it returns the first plan
with a placement of every state: large states have them under a time limit, and get them at Ctrl-C if that
takes less than a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from placer.decomposition.bound import Bound, prove_bound
from placer.decomposition.closing import after_ctrl_c, close, gap_of_best
from placer.decomposition.cost_model import CostModel
from placer.decomposition.cuts import PriceVector
from placer.decomposition.level_search import LevelSearch
from placer.decomposition.price_pool import PricePool, pool_of
from placer.decomposition.trust_region import TrustRegion
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import Evaluator
from placer.planning.costs.inexact import InexactEvaluator, can_be_priced
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.first_plan import FirstPlan, PlacedPlan, first_plan, placed_plan
from placer.planning.search.search_parameters import DEFAULT, SearchParameters
from placer.termination import Reason
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class FoundPlan:
    """The best plan found, and the best bound.

    Attributes
    ----------
    units : (candidates,) array
    costs : (states,) array
        Cost of a placement of each state at these units; the least cost if every state was solved there.
    proven : bool
        Whether every state has a proven placement there.
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
    vectors: Sequence[PriceVector] | PricePool = (),
    units: FloatArray | None = None,
    parameters: SearchParameters = DEFAULT,
) -> tuple[FoundPlan, PricePool]:
    """Return the best plan found with the best bound, and the pool of price vectors.

    Parameters
    ----------
    evaluator : Evaluator
        Of the same states.
    gap : float
        Relative gap at which to stop.
    vectors : sequence of PriceVector, or PricePool
        Of an earlier plan; a pool of the same states is copied with its cuts.
    units : (candidates,) array, optional
        A plan for a warm start that keeps the build limits. Without it the search starts at the optimum of the vectors,
        and without vectors over a few states.

    Raises
    ------
    NoSolutionError
        If no plan keeps the build limits, a state cannot be solved, or the time is over before any plan had a placement
        of every state.
    KeyboardInterrupt
        At Ctrl-C, if small states are not all solved, or before any prices of large ones are known.
    """
    pool = pool_of(problem.states, vectors)
    method: type[TrustRegion[PricePool]] = TrustRegion
    if pool.proven and (units is not None or not can_be_priced(problem)):
        first, neglected = FirstPlan(CostModel(problem, pool), units, parameters), gap
        method = LevelSearch if can_be_priced(problem) else TrustRegion
    else:
        priced_at = evaluator.memory.priced_at() if units is None else None
        begin = priced_at if priced_at is not None and problem.keeps_limits(priced_at) else units
        first, neglected = first_plan(problem, evaluator, gap, begin, pool, parameters), 0.0
    everything, search = np.arange(len(problem.states)), None
    if first.stopped and first.placed is not None:
        return _as_found(problem, first.placed, first.model.pool, str(Reason.INTERRUPTED)), first.model.pool
    try:
        search = method(problem, first.model, evaluator, everything, first.parameters, neglected, first.units)
        stopped = close(search, gap, gap_of_best)
    except (NoSolutionError, KeyboardInterrupt) as error:
        stopped = _why_stopped(error)
        if search is None or not search.best.complete:
            placed = first.placed
            if placed is None and isinstance(error, KeyboardInterrupt) and can_be_priced(problem):
                with after_ctrl_c():
                    placed = placed_plan(InexactEvaluator(evaluator), first.model, first.units)
            if placed is None:
                raise
            return _as_found(problem, placed, first.model.pool, stopped), first.model.pool
    best, bound, plans = (
        search.best,
        prove_bound(problem, first.model.pool.vectors, search.multiplied),
        tuple(search.plans),
    )
    return FoundPlan(best.z, best.costs, best.complete, bound, search.rounds, stopped, plans), first.model.pool


def _why_stopped(error: NoSolutionError | KeyboardInterrupt) -> str:
    """Return why a search was stopped; raise the error again if it is more than that."""
    if isinstance(error, KeyboardInterrupt):
        return str(Reason.INTERRUPTED)
    if error.reason is Reason.INFEASIBLE:
        raise error
    return f"{error.reason}: {error.detail}"


def _as_found(problem: PlanProgram, placed: PlacedPlan, pool: PricePool, stopped: str) -> FoundPlan:
    """Return a plan with placements as the best one, with the bound of the prices before any state was solved."""
    bound = prove_bound(problem, pool.vectors, placed.multiplied)
    plans = ((placed.units, problem.total(placed.units, placed.costs)),)
    return FoundPlan(placed.units, placed.costs, proven=True, bound=bound, rounds=0, stopped=stopped, plans=plans)
