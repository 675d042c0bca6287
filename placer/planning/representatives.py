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

    The states in order of cost are cut into parts, and the middle one of each part has the weight of all of it. Half of
    the parts share the weights evenly, half the costs above the cheapest state: a rare state in which much stays
    unserved decides about what is built, and stands for itself.

    Parameters
    ----------
    problem : PlanProgram
    count : int
        Number of parts; of some no state may be the middle.
    costs : (states,) array
        What is known of the costs.

    Returns
    -------
    numbers, part : (chosen,) int array, PlanProgram
        Positions of the chosen states, and the problem over them, without risk.
    """
    weight = problem.weights
    if not weight.any():
        return np.arange(len(weight)), problem
    above = weight * (costs - costs[weight > 0].min()).clip(min=0.0)
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
