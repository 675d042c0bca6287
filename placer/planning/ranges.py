"""How much of each candidate plans of nearly least cost may build.

With E the most that a plan may cost, the units z_r of every plan of at most E lie

    outer   between the least and the most z_r over  c z + measure(theta) <= E,  theta_o >= its cuts,  the build limits
    inner   and take every value between the least and the most z_r over mixes of evaluated plans that cost at most E

The outer range cannot be exceeded, since cuts are lower bounds; the inner one is reached, since the cost is convex in
z: a mix of plans costs at most the same mix of their costs, and keeps the build limits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from placer.model.edits import with_rows
from placer.planning.master import master_program
from placer.solvers.highs import HiGHS
from placer.solvers.whole_program import solve_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.planning.master import Cuts
    from placer.planning.plan_program import PlanProgram
    from placer.utils.arrays import FloatArray


def outer_ranges(problem: PlanProgram, cuts: Cuts, floor: FloatArray, most_usd: float) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most units of each candidate over all plans that the cuts admit (candidates,) twice.

    Parameters
    ----------
    problem : PlanProgram
    cuts : Cuts
    floor : (states,) array
        As of ``placer.planning.master.solve_master``.
    most_usd : float
        What a plan may cost a year; at least what some plan costs.

    Raises
    ------
    NoSolutionError
        If a program of the range has no proven answer.
    """
    count = len(problem.cost)
    program, constant = master_program(problem, cuts, floor, np.zeros(count), problem.most)
    size = abs(most_usd) or 1.0
    cost = csc_array(program.cost[None, :] / size)
    program = with_rows(program, "cost", cost, np.array([-np.inf]), np.array([(most_usd - constant) / size]))
    ends = np.zeros((2, count))
    for place in range(count):
        for end, sign in enumerate((1.0, -1.0)):
            wanted = np.zeros(len(program.cost))
            wanted[place] = sign
            solution, _ = solve_program(replace(program, cost=wanted), HiGHS())
            ends[end, place] = solution.point[place]
    return np.clip(ends[0], 0.0, problem.most), np.clip(ends[1], 0.0, problem.most)


def inner_ranges(evaluated: Sequence[tuple[FloatArray, float]], most_usd: float) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most units of each candidate over mixes of evaluated plans (candidates,) twice.

    Parameters
    ----------
    evaluated : sequence of (units, USD a year)
        Plans that keep the build limits, at least one of which costs at most ``most_usd``.
    most_usd : float
    """
    units, costs = np.array([units for units, _ in evaluated]), np.array([cost for _, cost in evaluated])
    count = units.shape[1]
    ends = np.zeros((2, count))
    for place in range(count):
        for end, sign in enumerate((1.0, -1.0)):
            ends[end, place] = sign * _best_mix(sign * units[:, place], costs, most_usd)
    return ends[0], ends[1]


def _best_mix(values: FloatArray, costs: FloatArray, most: float) -> float:
    """Return the least mean of values over weights with a mean cost of at most the most: of two plans at the most."""
    cheap = costs <= most
    best = float(values[cheap].min())
    low, high = np.flatnonzero(cheap), np.flatnonzero(~cheap)
    if len(high):
        part = (most - costs[low][:, None]) / (costs[high][None, :] - costs[low][:, None])
        best = min(best, float((values[low][:, None] * (1 - part) + values[high][None, :] * part).min()))
    return best
