"""A few states that stand for all of a planning problem."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.planning.pool import Pool
from placer.planning.risk import NEUTRAL

if TYPE_CHECKING:
    from placer.planning.plan_program import PlanProgram
    from placer.utils.arrays import IntArray


def some_states(problem: PlanProgram, count: int) -> tuple[IntArray, PlanProgram]:
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
