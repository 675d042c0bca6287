"""The search for the plan of least cost: over a few states first, then over all; over rough costs, then proven ones.

Trial plans are made in a trust region (``placer.planning.trust_region``) until the best plan costs no more than the
bound of the whole pool, within the gap. With many states the search first takes one state in place of all, then a few,
then more: the price vectors of these solves are cuts for all states, and the plan is a good first plan. A state of
these samples need not be solved at the last plan if the pool is exact for it.

Large states are priced roughly in these searches, and in a first search over all (``placer.planning.rough``). From the
best plan by all prices so far, a trust region of small radius leads to the proven optimum.

With the price vectors of an earlier plan the search starts from these instead. If the states are large, it goes by
levels (``placer.planning.levels``), since their masters go on from plans nearby only. It solves all states only at a
plan that closes the gap by the model of the pool.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.planning.cost_model import CostModel
from placer.planning.levels import LevelSearch
from placer.planning.pool import Pool, pool_of
from placer.planning.representatives import some_states
from placer.planning.rough import RoughEvaluator, can_be_priced
from placer.planning.search_parameters import DEFAULT, SearchParameters
from placer.planning.sketch import solve_sketch
from placer.planning.trust_region import TrustRegion
from placer.running import check_time, tell
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from placer.planning.certificate import Bound
    from placer.planning.cuts import PriceVector
    from placer.planning.evaluation import Evaluator
    from placer.planning.plan_program import PlanProgram
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FoundPlan:
    """The best plan found, and the best bound.

    Attributes
    ----------
    units : (candidates,) array
    costs : (states,) array
        Cost of each state at these units.
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
    vectors: Sequence[PriceVector] | Pool = (),
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
    vectors : sequence of PriceVector, or Pool
        Of an earlier plan; a pool of the same states is copied with its cuts.
    units : (candidates,) array, optional
        A plan for a warm start that keeps the build limits. Without it the search starts at the optimum of the vectors.
        Without vectors it starts over a few states.
    parameters : SearchParameters

    Raises
    ------
    NoSolutionError
        If no plan keeps the build limits, a state cannot be solved, or the time is over before any plan was solved in
        all states.
    """
    pool = pool_of(problem.states, vectors)
    everything = np.arange(len(problem.states))
    method: type[TrustRegion]
    if pool.proven:
        model, neglected = CostModel(problem, pool), gap
        method = LevelSearch if can_be_priced(problem) else TrustRegion
    else:
        model, units, parameters = _first_plan(problem, evaluator, gap, units, parameters)
        neglected, method = 0.0, TrustRegion
    search = method(problem, model, evaluator, everything, parameters, neglected, units)
    stopped = _close_in_time(search, gap)
    best, bound, plans = search.best, search.proven_bound(), tuple(search.plans)
    return FoundPlan(best.units, best.costs, best.complete, bound, search.rounds, stopped, plans), model.pool


def _first_plan(
    problem: PlanProgram, evaluator: Evaluator, gap: float, units: FloatArray | None, parameters: SearchParameters
) -> tuple[CostModel, FloatArray | None, SearchParameters]:
    """Return a model, a first plan, and the parameters of the search from there; parameters as of ``find_plan``."""
    counts: list[int] = []
    vectors: Sequence[PriceVector] = ()
    few_gap = max(gap, parameters.few_gap)
    if units is None:
        units, vectors = _sketched(problem)
        counts = [count for count in _counts(len(problem.states), parameters) if count > len(vectors)]
    first = RoughEvaluator(evaluator) if can_be_priced(problem) else evaluator
    for count in counts:
        known = Pool(problem.states, vectors).values(np.zeros(len(problem.cost)) if units is None else units)
        numbers, part = some_states(problem, count, known.max(axis=0))
        model = CostModel(part, Pool(part.states, vectors))
        search = TrustRegion(part, model, first, numbers, parameters, few_gap, units)
        _close(search, few_gap, _gap_of_centre)
        units = search.centre.units
        vectors = model.pool.choice(units, part.weights)
    model = CostModel(problem, Pool(problem.states, vectors))
    if first is evaluator:
        return model, units, parameters
    search = TrustRegion(problem, model, first, np.arange(len(problem.states)), parameters, 0.0, units)
    _close(search, max(parameters.rough_part * gap, parameters.rough_gap), _gap_of_centre)
    # The best plan of the model is a vertex; the centre may lie between vertices that cost about as much.
    return model, model.optimum()[0].units, replace(parameters, first_radius=parameters.sure_radius)


def _sketched(problem: PlanProgram) -> tuple[FloatArray | None, Sequence[PriceVector]]:
    """Return the plan of a sketch and its price vectors; none if the sketch fails: the search has no warm start."""
    if not problem.weights.any():
        return None, ()
    try:
        sketch = solve_sketch(problem)
    except NoSolutionError as error:
        check_time("the time is over")
        tell(_log, f"no sketch of the plan: {error.reason}")  # own limits may require demand that the sketch lacks
        return None, ()
    return (sketch.units if problem.keeps_limits(sketch.units) else None), sketch.vectors


def _close_in_time(search: TrustRegion, gap: float) -> str:
    """Try plans until the gap is closed, the time is over or the user stops the search; return why it ended."""
    try:
        return _close(search, gap, _gap_of_best)
    except NoSolutionError as error:
        if error.reason is Reason.INFEASIBLE or not search.best.complete:
            raise
        return f"{error.reason}: {error.detail}"
    except KeyboardInterrupt:
        if not search.best.complete:
            raise
        return str(Reason.INTERRUPTED)


def _gap_of_centre(search: TrustRegion) -> float:
    """Return the gap of the centre, with the model of the pool for the unsolved states."""
    return search.open_gap(search.centre)


def _gap_of_best(search: TrustRegion) -> float:
    """Return the gap of the best plan, infinite until a plan has all states solved."""
    return search.open_gap(search.best) if search.best.complete else math.inf


def _close(search: TrustRegion, gap: float, gap_of: Callable[[TrustRegion], float]) -> str:
    """Try plans until a gap is closed; return the reason if it stays open, else an empty text."""
    stalls, parameters, best = 0, search.parameters, math.inf
    while True:
        search.raise_bound()
        now = gap_of(search)
        done = f"{int(search.evaluator.solves.sum()):,} states {search.evaluator.what}"
        tell(_log, f"round {search.rounds}: {done}, gap {now:.1e}")
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
    """Return the numbers of states of the searches before the search over all."""
    counts = dict.fromkeys(round(states**share) for share in parameters.few_shares)
    return [count for count in counts if 2 * count <= states]
