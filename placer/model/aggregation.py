"""Aggregation of like demands: a smaller structure with the same optimum.

Demands of a class and period are alike where their arcs lead to the same sites at the same cost, through the same links
of those whose capacity could be exceeded at all, and count the same towards every cap. The flow of the merged demand
can be split arbitrarily; it is split in proportion to demand. So one origin with the sum of their demand stands for
all. Aggregation pays where cost does not distinguish origins, as in ``placer.ceiling.maximum``.

Demands are *nearly* alike where the costs of their arcs, relative to their mean over the sites, differ by no more than
a limit. Merged, they pay the mean cost of their arcs, weighted by demand. A split answer is feasible for the whole and
costs what it cost, unless the mix of origins of a demand changes from period to period. Its duals bound the cost of the
whole too, a little below its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placer.model.answer import Answer, Flows
from placer.model.caps import caps_of_arcs
from placer.model.links import link_sets, scarce_links
from placer.model.parts import part_of
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray, expand_counts, numbered, sums_by


@dataclass(frozen=True, eq=False)
class Merged:
    """A structure in which demands that are alike are one.

    Attributes
    ----------
    whole : Structure
        As it was.
    structure : Structure
        With the arcs and demands of one origin of those that are alike, and without limits on slack links; all is
        numbered as in ``whole``, except arcs and demands.
    demand : (demands of whole,) int array
        The demand of ``structure`` that each is part of.
    share : (demands of whole,) array
        Which part of that it is.
    """

    whole: Structure
    structure: Structure
    demand: IntArray
    share: FloatArray

    def spread(self, answer: Answer) -> Answer:
        """Return an answer to ``structure`` as one to ``whole``."""
        flows = None if answer.flows is None else self._spread_flows(answer.flows)
        duals = None if answer.duals is None else replace(answer.duals, demand=answer.duals.demand[self.demand])
        return replace(answer, flows=flows, duals=duals)

    def _spread_flows(self, flows: Flows) -> Flows:
        """Split every flow among the demands that it is for, by amount."""
        count = len(self.structure.demand_amount)
        members = np.argsort(self.demand, kind="stable")
        starts = np.searchsorted(self.demand[members], np.arange(count + 1))
        flow, rank = expand_counts(np.diff(starts)[flows.demand])
        demand = members[starts[flows.demand][flow] + rank]
        beyond = flows.arc - self.structure.arc_starts[self.structure.demand_pair[flows.demand]]
        arc = self.whole.arc_starts[self.whole.demand_pair[demand]] + beyond[flow]
        order = np.lexsort((arc, demand))
        return replace(
            flows,
            demand=demand[order],
            arc=arc[order],
            amount=(flows.amount[flow] * self.share[demand])[order],
            unserved=flows.unserved[self.demand] * self.share,
        )


def merge(whole: Structure) -> Merged:
    """Take demands that are alike as one."""
    return merge_apart(whole, np.zeros((len(whole.arc_site), 0)))


def merge_apart(whole: Structure, marks: FloatArray) -> Merged:
    """Take demands that are alike as one, where their arcs have equal marks too.

    Parameters
    ----------
    marks : (arcs, marks) array
        Whatever else tells arcs apart.
    """
    structure = without_slack_links(whole)
    return _merge_led(whole, structure, _leaders(structure, marks))


def _merge_led(whole: Structure, changed: Structure, leader: IntArray) -> Merged:
    """Take demands as one that have one leader.

    Parameters
    ----------
    changed : Structure
        The same for all else: limits of links and costs of arcs are those of the merged structure.
    leader : (classes * origins,) int array
        For every (class, origin), the one whose arcs stand for its own.
    """
    keys, demand = numbered(leader[whole.demand_pair] * whole.periods + whole.demand_period)
    pair, period = np.divmod(keys, whole.periods)
    klass, origin = np.divmod(pair, whole.origins)
    amount = sums_by(demand, whole.demand_amount, len(keys))
    merged = part_of(
        changed,
        arcs=leader[whole.arc_pair] == whole.arc_pair,
        demand_class=klass,
        demand_origin=origin,
        demand_period=period,
        demand_amount=amount,
    )
    asked = amount[demand]
    share = np.divide(whole.demand_amount, asked, out=np.zeros_like(asked), where=asked > 0)
    return Merged(whole, merged, demand, share)


def without_slack_links(structure: Structure) -> Structure:
    """Return the structure without limits on links that hold even if everything that may pass does."""
    capacity = np.where(
        (structure.link_capacity == 0).all(axis=1, keepdims=True), 0.0, np.full_like(structure.link_capacity, np.inf)
    )
    scarce = scarce_links(structure)
    capacity[scarce] = structure.link_capacity[scarce]
    return replace(structure, link_capacity=capacity)


def _told_apart(structure: Structure, marks: FloatArray) -> FloatArray:
    """Return what tells the arcs of a demand apart beside their costs (arcs, marks).

    That is sites, modes, links, caps, and given marks.
    """
    _, links = link_sets(structure)
    passes = structure.link_use[structure.arc_class] > 0
    passed = np.where(passes, links[structure.arc_origin, structure.arc_way], 0)
    caps = caps_of_arcs(structure)
    counted = structure.cap_send[caps][:, structure.arc_class] * structure.cap_route[caps].array[:, structure.arc_route]
    modes = [] if structure.serves is None else [structure.arc_class]
    return np.column_stack([structure.arc_site, *modes, passed, *counted, marks])


def _leaders(structure: Structure, marks: FloatArray) -> IntArray:
    """Return, for every (class, origin), the first one that is like it; arcs with other marks are unlike."""
    told_by = np.column_stack([structure.arc_cost, _told_apart(structure, marks)])
    starts, origins = structure.arc_starts.tolist(), structure.origins
    first: dict[tuple[int, bytes], int] = {}
    return np.array(
        [
            first.setdefault((pair // origins, told_by[starts[pair] : starts[pair + 1]].tobytes()), pair)
            for pair in range(len(starts) - 1)
        ]
    )


def near_pairs(structure: Structure, most_apart: float, marks: FloatArray | None = None) -> IntArray:
    """Return, for every (class, origin), the pair that stands for it: itself, or one with nearly the same arcs.

    A class that serves the demand of another has the pairs of that one.

    Parameters
    ----------
    most_apart : float
        Largest difference between the costs of their arcs, each relative to the mean over the sites, USD per unit.
    marks : (arcs, marks) array, optional
        Whatever else tells arcs apart.

    Returns
    -------
    (classes * origins,) int array
    """
    marks = np.zeros((len(structure.arc_site), 0)) if marks is None else marks
    marks = _told_apart(without_slack_links(structure), marks)
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
    return np.asarray(leader.reshape(-1, structure.origins)[structure.served_class].ravel())


def merge_near(whole: Structure, leader: IntArray) -> Merged:
    """Take demands as one that have one leader.

    Parameters
    ----------
    whole : Structure
        With the arcs of the structure of ``near_pairs``, and any amounts.
    leader : (classes * origins,) int array
        As of ``near_pairs``.
    """
    return _merge_led(whole, replace(whole, arc_cost=_mean_costs(whole, leader)), leader)


def _mean_costs(whole: Structure, leader: IntArray) -> FloatArray:
    """Return the mean cost of every leader's arcs over its pairs, weighted by demand (arcs,); others' are of no use."""
    volume = sums_by(whole.demand_pair, whole.demand_amount, len(leader))
    total = sums_by(leader, volume, len(leader))
    pair = whole.arc_pair
    of_leader = whole.arc_starts[leader[pair]] + np.arange(len(pair)) - whole.arc_starts[pair]
    weighted = sums_by(of_leader, volume[pair] * whole.arc_cost, len(pair))
    return np.divide(weighted, total[pair], out=whole.arc_cost.copy(), where=total[pair] > 0)
