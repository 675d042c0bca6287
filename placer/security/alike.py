"""Merging of demands that are alike in the placement and in contingencies.

Two demands of a class and an hour are alike if ``placer.model.aggregation`` finds them alike in the structure of the
instance and if, arc by arc, they have the same marks in every contingency of the program:

    whether it hits the arc             which demand of recourse they are part of
    which of its links the arc takes    how much of them strands for certain, over all contingencies together

Work strands *for certain* in a contingency that hits its arc and leaves its demand no arc to a data centre with
accelerators and power. This needs no price, and a contingency in which no other work strands need not keep demands
apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from placer.model.aggregation import Merged, merge_apart
from placer.model.structure import Structure
from placer.proof.bound import never_served
from placer.security.coupling import RecourseStructure, merged_recourse
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Alike:
    """A structure with merged demands.

    Attributes
    ----------
    arcs : (arcs of the merged structure,) int array
        Its arcs, by their numbers in the whole structure.
    """

    merged: Merged
    arcs: IntArray

    @property
    def structure(self) -> Structure:
        """The merged structure."""
        return self.merged.structure

    def recourse(self, whole: RecourseStructure) -> RecourseStructure:
        """Return the recourse of the merged structure in a contingency, for all protected demands.

        Parameters
        ----------
        whole : RecourseStructure
            Of the whole structure. A link that has no limit there could carry all protected demand. It has none here
            either: merged demands have the route of one of them, over whose links the others need not go.
        """
        small, outage = self.structure, whole.outage
        left = replace(
            outage.structure,
            link_capacity=whole.structure.link_capacity,
            demand_class=small.demand_class,
            demand_origin=small.demand_origin,
            demand_period=small.demand_period,
            demand_amount=small.demand_amount,
        )
        return merged_recourse(small, replace(outage, hit=outage.hit[self.arcs], structure=left), whole.share)


def certain_per_unit(recourse: RecourseStructure) -> FloatArray:
    """Return the part of a unit on every arc of the instance that strands for certain in a contingency (arcs,)."""
    whole, left = recourse.whole, recourse.structure
    leader = _leader(recourse)
    never = np.all(never_served(left), axis=2)
    dead = np.asarray(never)[left.arc_class, left.arc_site]
    placed = np.bincount(left.arc_pair[~dead], minlength=whole.classes * whole.origins) > 0
    nowhere = (leader >= 0) & ~placed[leader]
    return np.where(recourse.outage.hit & nowhere[whole.arc_pair], recourse.share[whole.arc_class], 0.0)


def alike_in(whole: Structure, certain: FloatArray, told_apart: Sequence[RecourseStructure]) -> Alike:
    """Merge the demands of a structure that are alike.

    Parameters
    ----------
    whole : Structure
        With the demands and arcs of the instance, at any costs.
    certain : (arcs,) array
        Part of a unit that strands for certain, summed over all contingencies.
    told_apart : sequence of RecourseStructure
        Of the contingencies whose marks keep demands separate.
    """
    merged = merge_apart(whole, np.hstack([certain[:, None], *(_marks(recourse) for recourse in told_apart)]))
    return Alike(merged, np.flatnonzero(np.isin(whole.arc_pair, merged.structure.arc_pair)))


def _leader(recourse: RecourseStructure) -> IntArray:
    """Return the representative of every (class, origin) in the contingency; -1 if no demand is protected."""
    whole, left = recourse.whole, recourse.structure
    leader = np.full(whole.classes * whole.origins, -1)
    demands = recourse.demands
    leader[whole.demand_pair[demands]] = left.demand_pair[recourse.place[demands]]
    return leader


def _marks(recourse: RecourseStructure) -> FloatArray:
    """Return the marks of every arc of the instance in a contingency (arcs, marks)."""
    whole, left = recourse.whole, recourse.structure
    limited = np.flatnonzero((left.rows.link >= 0).any(axis=1))
    passed = csr_array(whole.route_links[:, limited]).toarray()[whole.arc_route]
    uses = passed * (left.link_use[whole.arc_class] > 0)[:, None]
    return np.column_stack([recourse.outage.hit, _leader(recourse)[whole.arc_pair], uses])
