"""Ranges of the units of groups of candidates over plans of nearly least cost.

With E the largest cost that a plan may have, the units z_r of a group r in every plan of at most E lie

    outer   between the least and the most z_r over  c z + measure(theta) <= E,  theta_o >= its cuts,  the build limits
    inner   and take every value between the least and the most z_r over mixes of evaluated plans that cost at most E

No such plan leaves the outer range, since cuts are lower bounds. Every value of the inner range is attained, since the
cost is convex in z: a mix of plans costs at most the same mix of their costs, and keeps the build limits. The plan at
an outer end may be solved in all states. If it costs at most E the end is exact. If not, its cuts narrow the range, as
does the cut that excludes it if a state has no placement there (``placer.planning.costs.unmet_states``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csc_array

from placer.decomposition.cost_model import CostModel
from placer.decomposition.family import Problem
from placer.decomposition.master import solve_over
from placer.decomposition.price_pool import PricePool
from placer.model.edits import with_columns, with_rows
from placer.model.program import LinearProgram
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.convex_curve import best_mix


@dataclass(frozen=True, eq=False)
class End:
    """The least or the most units of a group.

    Attributes
    ----------
    sign : float
        1 for the least, -1 for the most.
    """

    group: int
    sign: float


def outer_ranges(
    model: CostModel[PricePool],
    most_usd: float,
    counts: FloatArray,
    solved: Callable[[FloatArray], float],
    most_plans: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most units of each group over all plans that the cuts admit (groups,) twice.

    Parameters
    ----------
    model : CostModel
        Its pool grows with every solved plan, and its problem by cuts where a state has no placement.
    most_usd : float
        The largest yearly cost of a plan; at least the cost of one plan.
    counts : (groups, candidates) array
        What a unit of each candidate counts in each group, at least 0.
    solved : function
        Solves a plan in all states, adds its price vectors to the pool and returns its yearly cost. Where a state has
        no placement, it adds a cut to the problem of the model and returns inf.
    most_plans : int
        Maximum number of plans at the ends that are solved for cuts: an end is exact if its plan costs at most
        ``most_usd``.

    Raises
    ------
    NoSolutionError
        If a program of the range or a state has no proven answer.
    """
    model.optimum()
    ends = [End(place, sign) for place in range(len(counts)) for sign in (1.0, -1.0)]
    found: dict[End, FloatArray] = {end: _end(model, most_usd, counts[end.group], end.sign) for end in ends}
    waiting = deque(ends)
    while waiting and most_plans > 0:
        end = waiting.popleft()
        most_plans -= 1
        if solved(found[end]) > most_usd + SOLVER * abs(most_usd):
            model.hold(found[end])
            before, found[end] = found[end], _end(model, most_usd, counts[end.group], end.sign)
            if (found[end] != before).any():
                waiting.append(end)
    least, most = (np.array([found[end] for end in ends[first::2]]) for first in (0, 1))
    endless = (counts > 0) & _is_free(model.problem) & (most >= model.problem.useful)
    return (counts * least).sum(axis=1), np.where(endless.any(axis=1), np.inf, (counts * most).sum(axis=1))


def _is_free(problem: Problem) -> BoolArray:
    """Return which candidates have no maximum and take nothing: neither cost nor any build limit."""
    takes = (problem.cost > 0) | (problem.takes > 0).any(axis=0)
    return problem.has_no_maximum & ~takes


def _end(model: CostModel[PricePool], most_usd: float, counts: FloatArray, sign: float) -> FloatArray:
    """Return the units of a plan at an end of a group, by the cuts of the model.

    Units beyond the useful ones are a column of their own, which saves nothing.
    """
    problem, count, size = model.problem, len(model.problem.cost), abs(most_usd) or 1.0
    is_endless = (counts > 0) & problem.has_no_maximum & ~_is_free(problem) & (sign < 0)
    places = np.flatnonzero(is_endless)
    upper = np.where(problem.has_no_maximum, problem.useful, problem.most)

    def at_the_end(program: LinearProgram, constant: float) -> LinearProgram:
        if len(places):
            takes = np.zeros((program.matrix.shape[0], len(places)))
            takes[program.row_blocks["limits"]] = problem.takes[:, places]
            endless = np.full(len(places), np.inf)
            program = with_columns(program, "beyond", csc_array(takes), problem.cost[places], endless)
        program = within_cost(program, most_usd - constant, size)
        wanted = np.zeros(len(program.cost))
        wanted[:count] = sign * counts
        wanted[program.col_blocks.get("beyond", slice(0))] = sign * counts[places]
        return replace(program, cost=wanted)

    program, _, solution, _ = solve_over(problem, model.cuts(), model.floor, np.zeros(count), upper, at_the_end)
    units = np.clip(solution.point[:count], 0.0, upper)
    if "beyond" in program.col_blocks:
        units[places] += np.maximum(solution.point[program.col_blocks["beyond"]], 0.0)
    return units


def within_cost(program: LinearProgram, most: float, size: float) -> LinearProgram:
    """Return the program with a row that limits its cost, and with what its rows imply for its columns.

    A column costs at most ``most`` less the least cost of the others, and takes no more of a build limit than is left.
    That is far below the number of useful units, beside which rounding of a reduced cost would be a gap. So a side
    above what rows imply is taken off.

    Parameters
    ----------
    program : LinearProgram
        Whose columns are at least 0.
    most : float
        The largest cost.
    size : float
        The row is divided by it.
    """
    row = csc_array(program.cost[None, :] / size)
    limited = with_rows(program, "cost", row, np.array([-np.inf]), np.array([most / size]))
    implied = _implied_upper(limited)
    side = np.where(implied < program.col_upper, np.inf, program.col_upper)
    return replace(limited, col_upper=side, implied_upper=np.minimum(program.implied_upper, implied))


def _implied_upper(program: LinearProgram) -> FloatArray:
    """Return how large each column can be by every row, where all others take the least of it (columns,)."""
    entries = coo_array(program.matrix)
    row, column = entries.coords
    least = np.zeros(len(program.row_upper))
    takes, gives = entries.data > 0, entries.data < 0
    np.add.at(least, row[gives], entries.data[gives] * program.col_upper[column[gives]])
    room = program.row_upper - least + SOLVER * (np.abs(program.row_upper) + np.abs(least))
    implied = np.full(len(program.cost), np.inf)
    np.minimum.at(implied, column[takes], room[row[takes]] / entries.data[takes])
    return implied


def inner_ranges(evaluated: Sequence[tuple[FloatArray, float]], most_usd: float) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most of each count over mixes of evaluated plans (counts,) twice.

    Parameters
    ----------
    evaluated : sequence of (counts, USD a year)
        Plans that keep the build limits, at least one of which costs at most ``most_usd``.
    """
    units, costs = np.array([units for units, _ in evaluated]), np.array([cost for _, cost in evaluated])
    count = units.shape[1]
    ends = np.zeros((2, count))
    for place in range(count):
        for end, sign in enumerate((1.0, -1.0)):
            ends[end, place] = sign * best_mix(sign * units[:, place], costs, most_usd).value
    return ends[0], ends[1]
