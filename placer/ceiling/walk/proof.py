"""The proof of a sweep's flow: prices that test the weights, and bounds on all three figures.

``placer.ceiling.walk.sweep`` derives the bounds.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np

from placer.ceiling.walk.objectives import DISPLACED, EXPORTED, SERVED, Counts
from placer.ceiling.walk.prices import SweepPrices
from placer.ceiling.walk.state import SweepState, SweepTask
from placer.ceiling.walk.steps import Step
from placer.errors import NoSolutionError
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import IntArray


def optimise(task: SweepTask, state: SweepState, ways: IntArray) -> SweepState:
    """Run the program with more ways and prove its answer; run it again from no basis if either fails.

    Raises
    ------
    NoSolutionError
        If HiGHS does not answer, or its flow exceeds a row or a demand.
    """
    program, levels = state.program, state.weighting.levels
    if state.position.risen or (len(levels) == 1 and program.has_gained(levels[0])):
        program.rebuild(np.sum([np.abs(one) for one in state.prices.prices], axis=0), levels[-1])
        state = replace(state, position=replace(state.position, risen=False))
    program.add(ways, levels[-1])
    with contextlib.suppress(NoSolutionError):
        program.run(levels)
        found = _priced(task, state)
        if _is_proven(task, found):
            return found
    program.forget_basis()
    program.run(levels)
    found = _priced(task, state)
    if program.infeasible > SOLVER:
        raise NoSolutionError(Reason.FAILED, f"HiGHS, walk: primal infeasibility {program.infeasible:.2g}")
    return found


def weights_tested(task: SweepTask, state: SweepState) -> tuple[SweepState, bool]:
    """Return whether the weights keep the order of objectives at the present limit; if not, enlarge them."""
    state = with_tests(task, state)
    same = task.parameters.gap * task.demand
    for counts, prices in state.tests.items():
        inside = task.gaining(prices, 0, state.position.top)
        short = prices.bounds[0] - state.program.counted(counts)
        if (inside.size or short > same * max(counts[1], 1.0)) and not state.weighting.by_levels:
            return state.grown(task), False
        for arc in inside.tolist():
            prices.raise_to(arc, int(task.block.node[arc]))
    return state, True


def with_tests(task: SweepTask, state: SweepState) -> SweepState:
    """Return the state with the prices, in the basis of the last run, that test whether the weights are large enough.

    No test is needed where all demand is served, or no demand is displaced.
    """
    program, weighting, same = state.program, state.weighting, task.parameters.gap * task.demand
    wanted: list[Counts] = []
    if not weighting.by_levels:
        wanted += [SERVED] * (task.demand - program.served > same)
        wanted += [weighting.without_exports] * (program.displaced > same)
    return replace(state, tests={counts: state.tests.get(counts) or _test(task, state, counts) for counts in wanted})


def step_at(task: SweepTask, state: SweepState) -> tuple[SweepState, Step]:
    """Return the present flow with its bounds."""
    program, unit, slack = state.program, task.block.unit, task.tolerance * task.demand
    state, (served_high, displaced_low, exported_high) = _bounds(task, state, slack)
    same = task.parameters.gap * task.demand + slack
    in_order = served_high - program.served <= 2 * same and program.displaced - displaced_low <= 2 * same
    exported_low = program.exported if in_order else 0.0
    exported_high = min(task.most_exported, exported_high) if in_order else task.most_exported
    return state, Step(
        limit=state.position.limit,
        served=program.served * unit,
        served_high=max(served_high, program.served) * unit,
        displaced=program.displaced * unit,
        displaced_low=min(displaced_low, program.displaced) * unit,
        exported=program.exported * unit,
        exported_low=exported_low * unit,
        exported_high=max(exported_high, program.exported) * unit,
    )


def _bounds(task: SweepTask, state: SweepState, slack: float) -> tuple[SweepState, tuple[float, float, float]]:
    """Return an upper bound on served, a lower bound on displaced and an upper bound on exported demand."""
    program, weighting, prices = state.program, state.weighting, state.prices
    if weighting.by_levels:
        bound = dict(zip(weighting.levels, prices.bounds, strict=True))
        displaced_low = -bound[DISPLACED] - slack if DISPLACED in bound else 0.0
        return state, (min(task.demand, bound[SERVED] + slack), displaced_low, bound[EXPORTED] + slack)
    state = with_tests(task, state)
    served_high, displaced_low, both = task.demand, 0.0, weighting.without_exports
    if SERVED in state.tests:
        served_high = min(served_high, state.tests[SERVED].bounds[0] + slack)
    if both in state.tests:
        least = weighting.served * program.served - state.tests[both].bounds[0] - slack
        displaced_low = max(least / weighting.displaced, 0.0)
    return state, (served_high, displaced_low, prices.bounds[0] + slack - program.counted(both))


def _priced(task: SweepTask, state: SweepState) -> SweepState:
    """Return the state with the flow and the prices of the last run."""
    program, levels = state.program, state.weighting.levels
    duals = [program.read()]
    if len(levels) > 1:
        duals = [program.duals_of(counts) for counts in levels]
    prices = task.prices(levels, duals)
    prices.prove(program.known)
    return replace(state, prices=prices, tests={})


def _is_proven(task: SweepTask, state: SweepState) -> bool:
    """Return whether flow and prices prove each other."""
    program, levels = state.program, state.weighting.levels
    if program.infeasible > SOLVER:
        return False
    allowed = task.parameters.gap * task.demand * max(1.0, levels[0][0] * 1e-5)
    reached = zip(levels, state.prices.reached, strict=True)
    return all(most - program.counted(counts) <= allowed for counts, most in reached)


def _test(task: SweepTask, state: SweepState, counts: Counts) -> SweepPrices:
    prices = task.prices([counts], [state.program.duals_of(counts)])
    prices.prove(state.program.known)
    return prices
