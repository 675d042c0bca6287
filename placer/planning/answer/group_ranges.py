"""Ranges of groups of candidates of a plan, with plans that attain them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from placer.decomposition.cost_model import CostModel
from placer.planning.answer.ranges import inner_ranges, outer_ranges
from placer.planning.costs.evaluation import solve_all
from placer.planning.costs.sent_states import evaluator_of
from placer.planning.costs.unmet_states import UnmetStateError, without_unmet
from placer.planning.search.extensive import is_small
from placer.planning.search.proven_plan import ProvenPlan
from placer.utils.arrays import FloatArray

#: Number of solves of states for the ranges of a small problem.
_SOLVES = 200


@dataclass(frozen=True, eq=False)
class GroupRanges:
    """The ranges of groups over plans within a budget.

    Attributes
    ----------
    most_usd : float
        The budget, a year.
    least, most : (groups,) arrays
        No plan within the budget has fewer or more units.
    least_found, most_found : (groups,) arrays
        There are such plans with these units, and with all units between.
    plans : tuple of (units, USD a year)
        Evaluated plans that these are mixes of, and which mix further: all that were evaluated, or those within the
        budget where units are whole.
    """

    most_usd: float
    least: FloatArray
    most: FloatArray
    least_found: FloatArray
    most_found: FloatArray
    plans: tuple[tuple[FloatArray, float], ...]


def group_ranges(plan: ProvenPlan, counts: FloatArray, within: float, most_solves: int | None) -> GroupRanges:
    """Return the ranges of groups; ``placer.Plan.ranges`` documents the arguments.

    Parameters
    ----------
    counts : (groups, candidates) array
        What a unit of each candidate counts in each group, at least 0; allotments of annual limits count nothing.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    """
    plain = plan.plain
    model = CostModel(plain, plan.pool)  # one of its own: cuts enter its problem
    most_usd = plan.cost_usd_per_year + within * plan.certificate.size_usd_per_year
    counts = np.pad(counts, ((0, 0), (0, len(plan.problem.allotments))))
    evaluated = list(plan.evaluated)
    solves = most_solves if most_solves is not None else _SOLVES if is_small(plain) else 0
    with evaluator_of(plan.problem, 1, masters=plan.masters) as evaluator:

        def solved(units: FloatArray) -> float:
            nonlocal plain
            try:
                total = plain.total(units, solve_all(model.pool, evaluator, units))
            except UnmetStateError as error:
                model.problem = plain = without_unmet(plain, error)
                return math.inf
            if not (plan.problem.is_whole or plan.problem.protected):
                evaluated.append((units, total))
            return total

        least, most = outer_ranges(model, most_usd, counts, solved, solves // len(plain.states))
    plans = [each for each in evaluated if each[1] <= most_usd or not plan.problem.is_whole]
    found = inner_ranges([(counts @ units, cost) for units, cost in plans], most_usd)
    built = plan.problem.built
    return GroupRanges(most_usd, least, most, *found, tuple((units[built], cost) for units, cost in plans))
