"""The first plan of a search over all states: from a sketch, over a few states, then over inexact costs of all states.

With many states the search first takes one state in place of all, then a few, then more: the price vectors of these
solves are cuts for all states, and the plan is a good first plan. A state of these samples need not be solved at the
last plan if the pool is exact for it. With price vectors of an earlier run no sketch and no sample is needed.

Large states are priced inexactly in these searches, and in a first search over all (``placer.planning.costs.inexact``).
Under a time limit every state then gets a placement at the best plan by all prices so far, so that the search from
there can be stopped with a plan. Inexact pricing takes at most a part of the time, so that there is time for these
placements. Ctrl-C during inexact pricing ends it, and the states get their placements if these take less than a second.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.decomposition.bound import Multiplied
from placer.decomposition.closing import after_ctrl_c, close, gap_of_centre
from placer.decomposition.cost_model import CostModel
from placer.decomposition.cuts import PriceVector
from placer.decomposition.oracle import Oracle
from placer.decomposition.price_pool import PricePool
from placer.decomposition.trust_region import TrustRegion
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import Evaluator
from placer.planning.costs.inexact import InexactEvaluator, can_be_priced
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.search_parameters import SearchParameters
from placer.planning.search.sketch import solve_sketch, some_states
from placer.running import check_time, running, seconds_left, tell
from placer.termination import Reason
from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class PlacedPlan:
    """A plan with a placement of every state.

    Attributes
    ----------
    units : (candidates,) array
    costs : (states,) array
        Cost of the placements, each checked by the certificate of placements.
    multiplied : Multiplied
        Multipliers of the model there, which prove a bound.
    """

    units: FloatArray
    costs: FloatArray
    multiplied: Multiplied


@dataclass(frozen=True, eq=False)
class FirstPlan:
    """Where the search over proven costs of all states begins.

    Attributes
    ----------
    model : CostModel
        Over the prices so far.
    units : (candidates,) array, or None
        None: the optimum of the model.
    parameters : SearchParameters
        Of the search from there.
    placed : PlacedPlan, or None
        At these units; None without a time limit, if states are few or small, or if some state has no placement.
    stopped : bool
        Whether Ctrl-C ended it: there is no search from there.
    """

    model: CostModel[PricePool]
    units: FloatArray | None
    parameters: SearchParameters
    placed: PlacedPlan | None = None
    stopped: bool = False


def first_plan(
    problem: PlanProgram,
    evaluator: Evaluator,
    gap: float,
    units: FloatArray | None,
    pool: PricePool,
    parameters: SearchParameters,
) -> FirstPlan:
    """Return the first plan; parameters as of ``find_plan``, the pool with its vectors.

    Raises
    ------
    NoSolutionError
        If no plan keeps the build limits, a state cannot be priced, or the time is over.
    KeyboardInterrupt
        At Ctrl-C before any prices are known, or while states are placed.
    """
    if not can_be_priced(problem):
        found = _over_few(problem, evaluator, gap, _Begun(problem, units, CostModel(problem, pool)), parameters)
        return FirstPlan(found.model, found.units, parameters)
    inexact, begun = InexactEvaluator(evaluator), _Begun(problem, units, CostModel(problem, pool))
    check_time("the time is over")
    try:
        with running(time_limit_seconds=parameters.rough_time_part * seconds_left()):
            _over_all(problem, inexact, gap, _over_few(problem, inexact, gap, begun, parameters), parameters)
    except NoSolutionError as error:
        if error.reason is not Reason.TIME_LIMIT or not begun.model.pool.proven:
            raise
        check_time("the time is over")
    except KeyboardInterrupt:
        if not begun.model.pool.proven:
            raise
        with after_ctrl_c():
            placed = placed_plan(inexact, begun.model, begun.units)
        if placed is None:
            raise
        return FirstPlan(begun.model, placed.units, parameters, placed, stopped=True)
    else:
        begun.units = None
    # The best plan of the model is a vertex; the centre may lie between vertices that cost about as much. If the time
    # ended the search, states are nearer to their points at the centre.
    units = begun.model.optimum()[0].z if begun.units is None else begun.units
    columns = sum(state.structure.assignment_count for state in problem.states)
    is_placed = math.isfinite(seconds_left()) and columns >= parameters.placed_from
    placed = placed_plan(inexact, begun.model, units) if is_placed else None
    return FirstPlan(begun.model, units, replace(parameters, first_radius=parameters.sure_radius), placed)


def placed_plan(inexact: InexactEvaluator, model: CostModel[PricePool], units: FloatArray | None) -> PlacedPlan | None:
    """Return a plan with placements, by default the optimum of a model; None if a state has no placement."""
    tell(_log, f"placing {len(inexact.solves):,} states")
    best, multiplied = model.optimum()
    there = best.z if units is None else units
    costs = inexact.place(there)
    return PlacedPlan(there, costs, multiplied) if np.isfinite(costs).all() else None


@dataclass(eq=False)
class _Begun:
    """How far the searches for the first plan are.

    Attributes
    ----------
    units : (candidates,) array, or None
        The best plan so far; None before there is one.
    model : CostModel
        Over the prices so far, of all states.
    """

    problem: PlanProgram
    units: FloatArray | None
    model: CostModel[PricePool]

    def take(self, vectors: Sequence[PriceVector]) -> None:
        """Take price vectors in place of those so far."""
        self.model = CostModel(self.problem, PricePool(self.problem.states, vectors))


def _over_few(
    problem: PlanProgram, evaluator: Oracle, gap: float, begun: _Begun, parameters: SearchParameters
) -> _Begun:
    """Search over one state, then a few, then more, from a sketch; nothing if units or price vectors are known."""
    if begun.units is not None or begun.model.pool.proven:
        return begun
    begun.units, vectors = _sketched(problem)
    begun.take(vectors)
    few_gap = max(gap, parameters.few_gap)
    if len(problem.allotments) and problem.unmet_cuts:
        return begun  # a state that stands for others would have to keep its cuts with the allotments of all of them
    for count in _counts(len(problem.states), parameters):
        if count <= len(vectors):
            continue
        at = np.zeros(len(problem.cost)) if begun.units is None else begun.units
        numbers, part = some_states(problem, count, begun.model.costs(at))
        model = CostModel(part, PricePool(part.states, vectors))
        first = _shared_out(part, begun.units, problem)
        search = TrustRegion(part, model, evaluator, numbers, parameters, few_gap, first)
        close(search, few_gap, gap_of_centre)
        begun.units = _shared_out(problem, search.centre.z, part)
        vectors = model.pool.choice(search.centre.z, part.weights)
        begun.take(vectors)
    return begun


def _over_all(
    problem: PlanProgram, inexact: InexactEvaluator, gap: float, begun: _Begun, parameters: SearchParameters
) -> None:
    """Search over inexact costs of all states."""
    everything = np.arange(len(problem.states))
    search = TrustRegion(problem, begun.model, inexact, everything, parameters, 0.0, begun.units)
    try:
        close(search, max(parameters.inexact_part * gap, parameters.inexact_gap), gap_of_centre)
    finally:
        begun.units = search.centre.z


def _sketched(problem: PlanProgram) -> tuple[FloatArray | None, Sequence[PriceVector]]:
    """Return the plan of a sketch and its price vectors; none if the sketch fails: the search has no warm start.

    Annual limits are then shared out evenly: with prices of 0 alone no state would get anything of them.
    """
    if not problem.weights.any():
        return _even_start(problem), ()
    try:
        sketch = solve_sketch(problem)
    except NoSolutionError as error:
        check_time("the time is over")
        _log.debug("no sketch of the plan: %s", error.reason)  # own limits may require demand that the sketch lacks
        return _even_start(problem), ()
    return (sketch.units if problem.keeps_limits(sketch.units) else _even_start(problem)), sketch.vectors


def _even_start(problem: PlanProgram) -> FloatArray | None:
    """Return no units, and of annual limits the same share of what is useful for every state; None without limits."""
    if not len(problem.allotments):
        return None
    return _shared_out(problem, np.append(np.zeros(problem.built.stop), problem.allotments.useful), problem)


def _shared_out(problem: PlanProgram, units: FloatArray | None, of: PlanProgram) -> FloatArray | None:
    """Return units of a problem over other states, with annual limits shared out; None if these break another limit."""
    if units is None or not len(problem.allotments):
        return units
    shared = problem.shared_out(units, of)
    return shared if problem.keeps_limits(shared) else None


def _counts(states: int, parameters: SearchParameters) -> list[int]:
    """Return the numbers of states of the searches before the search over all."""
    counts = dict.fromkeys(round(states**share) for share in parameters.few_shares)
    return [count for count in counts if 2 * count <= states]
