"""The recourse in a contingency as a program: displaced work is placed on what the rest leaves of every limit.

With x_ip what the placement sends of demand i over arc p, and r_k the protected share of its class, recourse chooses

    y_ib   amount of demand i that is served over arc b instead,    v_i   amount that strands

    replace   sum_b y_ib + v_i             = r_k sum_{p hit} x_ip                        every i
    queue     sum_i y_ij - sum_t' f_kjtt'  = - r_k sum_{p to j, not hit} x_ip            every k that waits
    secure    use of y, or of f for work that waits,
              + r_k use of the x_ip that are not hit  <= capacity of what is left        power and links alike

``placer.model.expansion`` writes the columns of recourse and ``coupling`` the terms in x. Work that waits keeps its
data centre if it is not hit; its hour may change within its window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.model.links import links_along
from placer.model.program import blocks

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.security.outages import Outage
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Recourse:
    """What is to be placed in a contingency.

    Attributes
    ----------
    outage : Outage
    whole : Structure
        Of the instance.
    share : (classes,) array
        ``r_k``.
    demands : (demands of recourse,) int array
        The demands of ``whole`` that recourse is about.
    structure : Structure
        What is left in the contingency, with these demands only, at an amount of 0.
    """

    outage: Outage
    whole: Structure
    share: FloatArray
    demands: IntArray
    structure: Structure


def recourse_of(whole: Structure, outage: Outage, share: FloatArray, demands: IntArray | None = None) -> Recourse:
    """Return the recourse for some demands; for all that may be hit if none are given."""
    if demands is None:
        hit = np.zeros(whole.classes * whole.origins, dtype=bool)
        hit[whole.arc_pair[outage.hit]] = True
        demands = np.flatnonzero(hit[whole.demand_pair] & (share[whole.demand_class] > 0))
    left = replace(
        outage.structure,
        demand_class=whole.demand_class[demands],
        demand_origin=whole.demand_origin[demands],
        demand_period=whole.demand_period[demands],
        demand_amount=np.zeros(len(demands)),
    )
    return Recourse(outage, whole, share, demands, left)


def coupling(recourse: Recourse, demand: IntArray, arc: IntArray) -> csr_array:
    """Return the terms of some assignments of the placement in the rows of recourse (rows, assignments).

    Parameters
    ----------
    recourse : Recourse
    demand, arc : (assignments,) int arrays
        Demands and arcs of ``recourse.whole``.
    """
    whole, left = recourse.whole, recourse.structure
    share, hit = recourse.share[whole.arc_class[arc]], recourse.outage.hit[arc]
    entries = _Entries(blocks(left.rows.sizes))
    place = np.full(len(whole.demand_amount), -1)
    place[recourse.demands] = np.arange(len(recourse.demands))
    moved = np.flatnonzero(hit)
    entries.add("demand", place[demand[moved]], moved, -share[moved])
    stays = np.flatnonzero(~hit & (share > 0))
    klass, site, period = whole.arc_class[arc[stays]], whole.arc_site[arc[stays]], whole.demand_period[demand[stays]]
    entries.add("queue", left.rows.queue[klass, site, period], stays, share[stays])
    served = whole.window[klass] == 0
    _add_work(entries, recourse, stays[served], share[stays[served]], klass[served], site[served], period[served])
    _add_links(entries, recourse, stays, share[stays], whole.arc_route[arc[stays]], klass, period)
    return entries.matrix((sum(left.rows.sizes.values()), len(demand)))


def _add_work(
    entries: _Entries,
    recourse: Recourse,
    column: IntArray,
    share: FloatArray,
    klass: IntArray,
    site: IntArray,
    period: IntArray,
) -> None:
    """Add what work that stays takes of accelerators and power."""
    rows, left = recourse.structure.rows, recourse.structure
    drawn = share * left.overhead[site, period] * left.draw[klass, site]
    entries.add("capacity", rows.capacity[site, period], column, share * left.use[klass, site])
    entries.add("balance", rows.balance[site, period], column, drawn)
    entries.add("intake", rows.intake[site, period], column, drawn)


def _add_links(
    entries: _Entries,
    recourse: Recourse,
    column: IntArray,
    share: FloatArray,
    route: IntArray,
    klass: IntArray,
    period: IntArray,
) -> None:
    """Add what work that stays takes of links, over the routes of the placement."""
    left = recourse.structure
    limited = np.flatnonzero((left.rows.link >= 0).any(axis=1))
    which, position = links_along(csr_array(recourse.whole.route_links[:, limited]), route)
    rows = left.rows.link[limited[position], period[which]]
    entries.add("link", rows, column[which], share[which] * left.link_use[klass[which]])


class _Entries:
    """Collects matrix entries; rows at -1 and values of 0 are left out."""

    def __init__(self, row_blocks: dict[str, slice]) -> None:
        self._blocks = row_blocks
        self._parts: list[tuple[IntArray, IntArray, FloatArray]] = []

    def add(self, block: str, row: IntArray, column: IntArray, value: FloatArray) -> None:
        """Add entries at positions within a block of rows."""
        kept: BoolArray = (row >= 0) & (value != 0)
        self._parts.append((row[kept] + self._blocks[block].start, column[kept], value[kept]))

    def matrix(self, shape: tuple[int, int]) -> csr_array:
        """Return the sparse matrix."""
        row, column, value = (np.concatenate(parts) for parts in zip(*self._parts, strict=True))
        return csr_array(coo_array((value, (row, column)), shape=shape))
