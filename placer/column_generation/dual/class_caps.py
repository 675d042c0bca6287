"""What a unit of one class counts towards the caps, and a typical coefficient of every cap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from placer.column_generation.market.definition import typical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.column_generation.market.definition import Market
    from placer.column_generation.market.groups import Group
    from placer.column_generation.market.lanes import Lanes
    from placer.model.cap_rows import CapRows
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ClassCaps:
    """What a unit of one class counts towards the caps that count it, in typical coefficients of each.

    Attributes
    ----------
    caps : (c,) int array
        These caps, among those with a limit.
    served : (c, t, s) array
        By period of service; a single tier of supply included.
    arc : (c,) int array
        Position of each cap in ``sent``; -1 where it does not count arcs.
    sent : (a, s, h) array
        What a unit sent over an arc counts.
    floor : (t, s) array
        What a unit served saves while the price of supply counts from its floor.
    """

    caps: IntArray
    served: FloatArray
    arc: IntArray
    sent: FloatArray
    floor: FloatArray

    @cached_property
    def sending(self) -> IntArray:
        """The caps that count arcs, in the order of ``sent`` (a,)."""
        return self.caps[self.arc >= 0]

    @cached_property
    def by_period(self) -> FloatArray:
        """``served`` period by period (t, c, s)."""
        return np.ascontiguousarray(self.served.swapaxes(0, 1))

    def counted(self, caps: int) -> csr_array:
        """Return ``served`` with a row for every cap, of which there are ``caps`` (caps, t * s)."""
        cap, t, s = np.nonzero(self.served)
        place = t * self.served.shape[2] + s
        return csr_array((self.served[cap, t, s], (self.caps[cap], place)), shape=(caps, self.floor.size))

    def scaled(self, scale: FloatArray) -> ClassCaps:
        """Return the counts divided by the scale of each cap."""
        own = scale[self.caps, None, None]
        return replace(self, served=self.served / own, sent=self.sent / own[self.arc >= 0])


def class_caps(
    structure: Structure,
    whole: Market,
    group: Group,
    caps: IntArray,
    work: CapRows,
    single: FloatArray,
    floor: FloatArray,
) -> ClassCaps:
    """Return what a class counts, in the units of the caps.

    ``work`` is ``cap_work`` of the caps, and ``single`` (c, t, s) what a unit drawn counts where tiers are not soft.
    """
    lanes = group.lanes
    served = _counted_of_work(work, lanes) + lanes.of_sites(single) * group.draw
    counting, routes, _ = structure.caps_along
    sends = np.isin(caps, counting) & (structure.cap_send[caps][:, lanes.klass] != 0).any(axis=1)
    counts = np.flatnonzero(served.any(axis=(1, 2)) | sends)
    sending = np.flatnonzero(sends)
    route = structure.route(group.origins[None], lanes.site[:, None])
    along = routes[np.searchsorted(counting, caps[sending])][:, route]
    sent = structure.cap_send[caps[sending]][:, lanes.klass, None] * along
    return ClassCaps(
        caps=counts,
        served=served[counts],
        arc=np.where(sends[counts], np.searchsorted(sending, counts), -1),
        sent=np.where(group.arc >= 0, sent, 0.0),
        floor=np.where(group.base < whole.never, lanes.of_sites(floor) * group.draw, 0.0),
    )


def _counted_of_work(work: CapRows, lanes: Lanes) -> FloatArray:
    """Return what caps count of serving a unit in each lane (c, t, n)."""
    if lanes.are_sites:
        return work.of_first(int(lanes.klass[0])).swapaxes(1, 2)
    counted = np.zeros((len(work), work.axes[-1], len(lanes)))
    for klass in np.unique(lanes.klass).tolist():
        mine = lanes.klass == klass
        counted[:, :, mine] = work.of_first(klass).swapaxes(1, 2)[:, :, lanes.site[mine]]
    return counted


def typical_coefficients(whole: Market, classes: Sequence[ClassCaps], counted: FloatArray, draw: float) -> FloatArray:
    """Return a typical coefficient of each cap per unit of the median class (c,).

    It is the largest of those of service, of arcs and of supply. Counts of arcs are many, and may be small beside those
    of service. ``draw`` is typical of the classes.
    """
    service, arcs = ([[np.zeros(0)] for _ in counted] for _ in range(2))
    for group, each in zip(whole.groups, classes, strict=True):
        for cap, served, arc in zip(each.caps.tolist(), each.served, each.arc.tolist(), strict=True):
            service[cap].append(np.abs(served).ravel() / group.weight)
            if arc >= 0:
                arcs[cap].append(np.abs(each.sent[arc]).ravel() / group.weight)
    supply = [[draw * np.abs(of_cap).ravel()] for of_cap in counted]
    kinds = [[_median(np.concatenate(parts)) for parts in kind] for kind in (service, arcs, supply)]
    largest = np.max(kinds, axis=0)
    return np.where(largest > 0, largest, 1.0)


def _median(values: FloatArray) -> float:
    """Return the median of the positive values; 0 if there are none."""
    return typical(values) if values.any() else 0.0
