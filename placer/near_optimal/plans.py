"""Alternatives to a plan: least and most units of groups of candidates over all plans within a budget.

``placer.planning.answer.ranges`` has the mathematics of an end. The answers shown are mixes of plans that the
search for the plan, or for its ends, has evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.near_optimal.groups import Groups
from placer.near_optimal.hops import hops
from placer.near_optimal.result import Alternatives
from placer.near_optimal.tables import amounts_table, answers_table, spanned
from placer.near_optimal.words import Tie
from placer.planning.answer.group_ranges import GroupRanges, group_ranges
from placer.planning.search.extensive import is_small
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray
from placer.utils.convex_curve import best_mix

if TYPE_CHECKING:
    from placer.planning.answer.result import Plan

#: Plans that are solved for each end of a range of a large problem.
_PLANS_AN_END = 3
#: Groups are tied if each has nearly none in some plan, and nearly the most of any in another, and if all groups
#: together vary little: as parts of the most.
_NONE, _TIED = 0.01, 0.8


def alternatives_to_plan(plan: Plan, within: float, groups: Groups, count: int) -> Alternatives:
    """Return the ranges of groups over all plans within a budget, and at most ``count`` plans beside this one.

    Raises
    ------
    NoSolutionError
        If a state has no proven placement.
    """
    counts = groups.counts.toarray()
    found = _ranges_of(plan, counts, within)
    least, most = found.least_found, found.most_found
    at = np.array([counts @ units for units, _ in found.plans])
    costs = [plan.cost_usd_per_year]

    def hop(weights: FloatArray) -> FloatArray:
        cost = np.array([usd for _, usd in found.plans])
        mix = best_mix(at @ weights, cost, found.most_usd)
        costs.append(float((1 - mix.part) * cost[mix.low] + mix.part * cost[mix.high]))
        return np.asarray((1 - mix.part) * at[mix.low] + mix.part * at[mix.high])

    shown = hops(counts @ plan.units, least, most, count, hop)
    return Alternatives(
        within,
        plan.cost_usd_per_year,
        found.most_usd,
        _ranges(counts @ plan.units, found, groups).assign(spanned_share=spanned(shown, least, most)),
        _answers(costs[: len(shown)]),
        amounts_table(shown, least, most, groups.index),
        (),
        plan.currency,
        tie=_tie(plan, counts, found, within, groups),
    )


def _ranges_of(plan: Plan, counts: FloatArray, within: float) -> GroupRanges:
    """Return the ranges of groups; of a large problem each end is solved for too, so that plans near it are found."""
    solves = 2 * len(counts) * _PLANS_AN_END * len(plan.problem.states)
    return group_ranges(plan, counts, within, None if is_small(plan.problem) else solves)


def _tie(plan: Plan, counts: FloatArray, found: GroupRanges, within: float, groups: Groups) -> Tie | None:
    """Return the groups that stand for each other, with the proven range of all groups; None if there are none."""
    most = found.most_found.max(initial=0.0)
    tied = np.flatnonzero((found.least_found <= _NONE * most) & (found.most_found >= _TIED * most))
    counts_once = (np.count_nonzero(counts, axis=0) <= 1).all()
    if len(tied) < 2 or not counts_once:
        return None
    together = _ranges_of(plan, counts.sum(axis=0)[None, :], within)
    least, most = float(together.least[0]), float(together.most[0])
    names = tuple(groups.index.get_level_values("group")[tied])
    return Tie(names, least, most, groups.unit) if least >= _TIED * most > 0 else None


def _ranges(cheapest: FloatArray, found: GroupRanges, groups: Groups) -> pd.DataFrame:
    apart = np.maximum(np.abs(found.least - found.least_found), np.abs(found.most - found.most_found))
    return pd.DataFrame(
        {
            "unit": groups.unit,
            "at_least_cost": cheapest,
            "least": found.least,
            "most": found.most,
            "least_found": found.least_found,
            "most_found": found.most_found,
            "least_share": np.nan,
            "most_share": np.nan,
            "proven": apart <= PROOF * np.maximum(np.abs(found.most), 1e-300),
        },
        index=groups.index,
    )


def _answers(costs: list[float]) -> pd.DataFrame:
    least = costs[0]
    above = [(usd - least) / abs(least) if least else 0.0 for usd in costs]
    return answers_table({"cost_usd_per_year": costs, "above_share": above})
