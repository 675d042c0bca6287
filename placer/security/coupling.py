"""The recourse in a contingency as a program: displaced work is placed within the capacity left by other work.

With x_ip the amount of demand i that the placement sends over arc p, and r_k the protected share of its class, recourse
chooses

    y_ib   amount of demand i that is served over arc b instead,    v_i   amount that strands

    replace   sum_b y_ib + v_i             = r_k sum_{p hit} x_ip                        every i
    queue     sum_i y_ij - sum_t' f_kjtt'  = - r_k sum_{p to j, not hit} x_ip            every k that waits
    secure    use of y, or of f for work that waits,
              + r_k use of the x_ip that are not hit  <= remaining capacity              power and links alike

``placer.model.expansion`` writes the columns of recourse, and ``coupling`` writes the terms in x. Work that waits keeps
its data centre if that is not hit. Its hour may change within its window. Batteries that are left charge and discharge
anew, for all work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from placer.model.aggregation import merge
from placer.model.answer import Flows
from placer.model.expansion import terms_of
from placer.model.parts import part_of
from placer.model.positions import Assignments
from placer.model.structure import Structure, at_costs
from placer.running import in_time
from placer.security.outages import Outage
from placer.utils.arrays import FloatArray, IntArray, sums_by

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class RecourseStructure:
    """Displaced work and the structure in which a contingency places it.

    Attributes
    ----------
    whole : Structure
        Of the instance.
    share : (classes,) array
        ``r_k``.
    place : (demands of whole,) int array
        The demand of ``structure`` that each demand of the instance is part of; -1 where it is none.
    structure : Structure
        The structure of the contingency, with the demands of recourse; their amounts are the largest that may be
        displaced.
    """

    outage: Outage
    whole: Structure
    share: FloatArray
    place: IntArray
    structure: Structure

    @property
    def demands(self) -> IntArray:
        """The demands of the instance in the recourse, in their order."""
        return np.flatnonzero(self.place >= 0)

    @cached_property
    def free(self) -> Structure:
        """``structure`` with a cost of 1 of a stranded Mtok and no other costs."""
        return without_costs(self.structure)

    @cached_property
    def groups(self) -> IntArray:
        """The group of every hour (periods,): its own, or one for all if hours are coupled."""
        periods = self.structure.periods
        return np.zeros(periods, dtype=int) if self.couples_hours else np.arange(periods)

    @cached_property
    def most_by_group(self) -> FloatArray:
        """The largest work that may strand in each group of hours (groups,), Mtok."""
        return self.by_group(self.structure.demand_amount)

    def by_group(self, stranded: FloatArray) -> FloatArray:
        """Return the sums of stranded work (demands of ``structure``,) over groups of hours (groups,)."""
        return sums_by(self.groups[self.structure.demand_period], stranded, int(self.groups.max()) + 1)

    @property
    def couples_hours(self) -> bool:
        """Whether protected work waits, or there are stores."""
        waits = bool((self.share[self.structure.window > 0] > 0).any())
        return waits or self.structure.stores is not None

    @property
    def is_separable(self) -> bool:
        """Whether work that stays can be subtracted from every limit: hours are apart, and no cap is limited."""
        return not self.couples_hours and not np.isfinite(self.structure.cap_limit).any()

    def displaced_mtok(self, flows: Flows) -> float:
        """Return the protected work of some flows of ``whole`` that the contingency displaces, Mtok."""
        hit = self.outage.hit[flows.arc]
        return float((flows.amount * self.share[self.whole.arc_class[flows.arc]])[hit].sum())


def recourse_for(whole: Structure, outage: Outage, share: FloatArray, demands: IntArray) -> RecourseStructure:
    """Return the recourse for some demands of the instance, in ascending order, without merging."""
    left = part_of(
        outage.structure,
        arcs=share[outage.structure.arc_class] > 0,  # no other class has queues
        demands=demands,
        demand_amount=share[whole.demand_class[demands]] * whole.demand_amount[demands],
    )
    place = np.full(len(whole.demand_amount), -1)
    place[demands] = np.arange(len(demands))
    return RecourseStructure(outage, whole, share, place, left)


def merged_recourse(whole: Structure, outage: Outage, share: FloatArray) -> RecourseStructure:
    """Return the recourse for all protected demands, with demands that are alike in the contingency merged.

    Recourse has no cost there, so that demands of a class and an hour are alike if they reach the same data centres
    over the same scarce links. Links that could carry all protected demand have no limit.
    """
    protected = np.flatnonzero(share[whole.demand_class] > 0)
    each = recourse_for(whole, outage, share, protected)
    merged = merge(each.free)
    place = each.place.copy()
    place[protected] = merged.demand
    return RecourseStructure(outage, whole, share, place, merged.structure)


def merged_recourses(whole: Structure, outages: Sequence[Outage], share: FloatArray) -> list[RecourseStructure]:
    """Return ``merged_recourse`` of every contingency; ``NoSolutionError`` if the time is over."""
    return [merged_recourse(whole, outage, share) for outage in in_time(outages, "merging demands of contingencies")]


def without_costs(structure: Structure, unserved_cost: float = 1.0) -> Structure:
    """Return the structure in which only unserved work costs anything, as much for each Mtok."""
    return at_costs(
        structure,
        arc_cost=np.zeros_like(structure.arc_cost),
        work_cost=np.zeros_like(structure.work_cost),
        tier_cost=np.zeros_like(structure.tier_cost),
        unserved_cost=np.full_like(structure.unserved_cost, unserved_cost),
        steps=None,
        stores=None if structure.stores is None else structure.stores.without_costs(),
    )


def coupling(recourse: RecourseStructure, demand: IntArray, arc: IntArray) -> csr_array:
    """Return the terms of some assignments of the placement in the rows of recourse (rows, assignments).

    Parameters
    ----------
    demand, arc : (assignments,) int arrays
        Demands and arcs of ``recourse.whole``.
    """
    whole, hit = recourse.whole, recourse.outage.hit[arc]
    share = recourse.share[whole.arc_class[arc]]
    moved, stays = np.where(hit, share, 0.0), np.where(hit, 0.0, share)
    return terms_of(recourse.structure, whole, Assignments(demand, arc), moved, stays, recourse.place[demand])
