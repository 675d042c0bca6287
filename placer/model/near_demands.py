"""Demands that are nearly alike, taken as one: a smaller structure whose answers are placements of the whole.

Demands of a class and period are nearly alike where their arcs lead to the same sites through the same scarce links,
count the same towards every cap, and cost nearly the same: relative to their mean over the sites, the costs of arcs
differ by no more than a limit. Merged demands pay the mean cost of their arcs, weighted by demand. An answer to the
merged structure is split among the demands by amount. It is then feasible for the whole and costs what it cost, unless
the mix of origins of a demand changes from period to period. Its duals bound the cost of the whole too, a little below
its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.model.aggregation import Merged, merge_led, told_apart, without_slack_links
from placer.utils.arrays import sums_by

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray, IntArray


def near_pairs(structure: Structure, most_apart: float) -> IntArray:
    """Return, for every (class, origin), the pair that stands for it: itself, or one with nearly the same arcs.

    Parameters
    ----------
    structure : Structure
    most_apart : float
        Largest difference between the costs of their arcs, each relative to the mean over the sites, USD per unit.

    Returns
    -------
    (classes * origins,) int array
    """
    marks = told_apart(without_slack_links(structure), np.zeros((len(structure.arc_site), 0)))
    volume = sums_by(structure.demand_pair, structure.demand_amount, len(structure.arc_starts) - 1)
    leader, starts = np.arange(len(volume)), structure.arc_starts
    leaders: dict[tuple[int, bytes], list[tuple[int, FloatArray]]] = {}
    for pair in np.argsort(-volume, kind="stable").tolist():
        arcs = slice(starts[pair], starts[pair + 1])
        cost = structure.arc_cost[arcs]
        relative = cost - cost.mean() if len(cost) else cost
        known = leaders.setdefault((pair // structure.origins, marks[arcs].tobytes()), [])
        like = (first for first, other in known if np.abs(relative - other).max(initial=0.0) <= most_apart)
        found = next(like, None)
        if found is None:
            known.append((pair, relative))
        else:
            leader[pair] = found
    return leader


def merge_near(whole: Structure, leader: IntArray) -> Merged:
    """Take demands as one that have one leader.

    Parameters
    ----------
    whole : Structure
        With the arcs of the structure of ``near_pairs``, and any amounts.
    leader : (classes * origins,) int array
        As of ``near_pairs``.
    """
    return merge_led(whole, replace(whole, arc_cost=_mean_costs(whole, leader)), leader)


def _mean_costs(whole: Structure, leader: IntArray) -> FloatArray:
    """Return the mean cost of every leader's arcs over its pairs, weighted by demand (arcs,); others' are of no use."""
    volume = sums_by(whole.demand_pair, whole.demand_amount, len(leader))
    total = sums_by(leader, volume, len(leader))
    pair = whole.arc_pair
    of_leader = whole.arc_starts[leader[pair]] + np.arange(len(pair)) - whole.arc_starts[pair]
    weighted = sums_by(of_leader, volume[pair] * whole.arc_cost, len(pair))
    return np.divide(weighted, total[pair], out=whole.arc_cost.copy(), where=total[pair] > 0)
