"""A few states that stand for all of a planning problem."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.planning.risk import NEUTRAL

if TYPE_CHECKING:
    from placer.planning.plan_program import PlanProgram
    from placer.utils.arrays import FloatArray, IntArray


def some_states(problem: PlanProgram, count: int, costs: FloatArray) -> tuple[IntArray, PlanProgram]:
    """Return a few states that stand for all, and the problem over them.

    The states in order of cost are divided into parts, and the middle state of each part has the weight of the part.
    The parts have about equal mass. Half of the mass of a state is its weight, and half is its weighted cost above the
    cheapest state: a rare state with much unserved demand decides the builds, and is a part of its own.

    Parameters
    ----------
    problem : PlanProgram
    count : int
        Number of parts; some parts may have no middle state.
    costs : (states,) array
        The known costs or bounds on them; a state without a bound (-inf) counts as one of the cheapest.

    Returns
    -------
    numbers, part : (chosen,) int array, PlanProgram
        Positions of the chosen states, and the problem over them, without risk.
    """
    weight = problem.weights
    if not weight.any():
        return np.arange(len(weight)), problem
    cheapest = costs[np.isfinite(costs) & (weight > 0)].min(initial=np.inf)
    above = weight * np.where(costs > cheapest, costs - cheapest, 0.0)
    mass = weight / weight.sum() + above / (above.sum() or 1.0)
    order = np.argsort(costs, kind="stable")
    middle = np.cumsum(mass[order]) - mass[order] / 2
    part = np.minimum((middle / mass.sum() * count).astype(int), count - 1)
    chosen, weights = [], []
    for each in range(count):
        members = order[part == each]
        if len(members) and weight[members].any():
            chosen.append(int(members[weight[members] > 0][(weight[members] > 0).sum() // 2]))
            weights.append(float(weight[members].sum()))
    states = tuple(replace(problem.states[place], weight=each) for place, each in zip(chosen, weights, strict=True))
    return np.array(chosen), replace(problem, states=states, risk=NEUTRAL)
