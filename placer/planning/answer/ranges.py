"""Ranges of the units of each candidate over plans of nearly least cost.

With E the largest cost that a plan may have, the units z_r of every plan of at most E lie

    outer   between the least and the most z_r over  c z + measure(theta) <= E,  theta_o >= its cuts,  the build limits
    inner   and take every value between the least and the most z_r over mixes of evaluated plans that cost at most E

No such plan leaves the outer range, since cuts are lower bounds. Every value of the inner range is attained, since the
cost is convex in z: a mix of plans costs at most the same mix of their costs, and keeps the build limits. The plan at
an outer end may be solved in all states. If it costs at most E the end is exact. If not, its cuts narrow the range, as
does the cut that excludes it if a state has no placement there (``placer.planning.costs.unmet_states``).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csc_array

from placer.model.edits import with_columns, with_rows
from placer.planning.search.master import solve_over
from placer.utils.convex_curve import best_mix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from placer.model.program import LinearProgram
    from placer.planning.question.plan_program import PlanProgram
    from placer.planning.search.cost_model import CostModel
    from placer.utils.arrays import BoolArray, FloatArray

#: Tolerance on the largest cost, as a share: more is above rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class End:
    """The least or the most units of a candidate.

    Attributes
    ----------
    candidate : int
    sign : float
        1 for the least, -1 for the most.
    """

    candidate: int
    sign: float


def outer_ranges(
    model: CostModel, most_usd: float, solved: Callable[[FloatArray], float], most_plans: int
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most units of each candidate over all plans that the cuts admit (candidates,) twice.

    Parameters
    ----------
    model : CostModel
        Its pool grows with every solved plan, and its problem by cuts where a state has no placement.
    most_usd : float
        The largest yearly cost of a plan; at least the cost of one plan.
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
    ends = [End(place, sign) for place in range(len(model.problem.cost)) for sign in (1.0, -1.0)]
    found: dict[End, FloatArray] = {end: _end(model, most_usd, end) for end in ends}
    waiting = deque(ends)
    while waiting and most_plans > 0:
        end = waiting.popleft()
        most_plans -= 1
        if solved(found[end]) > most_usd + _ROUNDING * abs(most_usd):
            model.hold(found[end])
            before, found[end] = found[end], _end(model, most_usd, end)
            if (found[end] != before).any():
                waiting.append(end)
    least, most = (np.array([found[end][end.candidate] for end in ends[first::2]]) for first in (0, 1))
    return least, np.where(_is_free(model.problem) & (most >= model.problem.useful), np.inf, most)


def _is_free(problem: PlanProgram) -> BoolArray:
    """Return which candidates have no maximum and take nothing: neither cost nor any build limit."""
    takes = (problem.cost > 0) | (problem.takes > 0).any(axis=0)
    return problem.has_no_maximum & ~takes


def _end(model: CostModel, most_usd: float, end: End) -> FloatArray:
    """Return the units of a plan at an end, by the cuts of the model.

    Units beyond the useful ones are a column of their own, which saves nothing.
    """
    problem, count, size = model.problem, len(model.problem.cost), abs(most_usd) or 1.0
    place = end.candidate
    upper = np.where(problem.has_no_maximum, problem.useful, problem.most)

    def at_the_end(program: LinearProgram, constant: float) -> LinearProgram:
        columns = len(program.cost)
        if end.sign < 0 and problem.has_no_maximum[place] and not _is_free(problem)[place]:
            takes = np.zeros((program.matrix.shape[0], 1))
            takes[program.row_blocks["limits"], 0] = problem.takes[:, place]
            program = with_columns(program, "beyond", csc_array(takes), problem.cost[[place]], np.array([np.inf]))
        program = within_cost(program, most_usd - constant, size)
        wanted = np.zeros(len(program.cost))
        wanted[[place, *range(columns, len(wanted))]] = end.sign
        return replace(program, cost=wanted)

    program, _, solution, _ = solve_over(problem, model.cuts(), model.floor, np.zeros(count), upper, at_the_end)
    units = np.clip(solution.point[:count], 0.0, upper)
    if "beyond" in program.col_blocks:
        units[place] += float(np.maximum(solution.point[program.col_blocks["beyond"]], 0.0).sum())
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
    room = program.row_upper - least + _ROUNDING * (np.abs(program.row_upper) + np.abs(least))
    implied = np.full(len(program.cost), np.inf)
    np.minimum.at(implied, column[takes], room[row[takes]] / entries.data[takes])
    return implied


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
            ends[end, place] = sign * best_mix(sign * units[:, place], costs, most_usd).value
    return ends[0], ends[1]
