"""What a unit of one class counts towards the caps, and a typical coefficient of every cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array, diags_array

from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.lanes import Lanes
from placer.model.cap_rows import CapRows
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ClassCaps:
    """What a unit of one class counts towards the caps that count it, in typical coefficients of each.

    Attributes
    ----------
    caps : (c,) int array
        These caps, among those with a limit.
    served : (c, t * s) sparse array
        By period of service and lane; a single tier of supply included.
    arc : (c,) int array
        Position of each cap in ``sent``; -1 where it does not count arcs.
    sent : (a, s, h) array
        What a unit sent over an arc counts.
    floor : (t, s) array
        What a unit served saves while the price of supply counts from its floor.
    """

    caps: IntArray
    served: csr_array
    arc: IntArray
    sent: FloatArray
    floor: FloatArray

    @cached_property
    def sending(self) -> IntArray:
        """The caps that count arcs, in the order of ``sent`` (a,)."""
        return self.caps[self.arc >= 0]

    def by_period(self, chosen: IntArray) -> FloatArray:
        """Return what some of these caps count of service, period by period (t, c, s)."""
        return self._by_period[:, chosen]

    @cached_property
    def _by_period(self) -> FloatArray:
        dense = self.served.toarray().reshape(len(self.caps), *self.floor.shape)
        return np.ascontiguousarray(dense.swapaxes(0, 1))

    def part(self, chosen: BoolArray) -> ClassCaps:
        """Return what is counted of some of these caps (c,), among them all that count arcs."""
        return replace(self, caps=self.caps[chosen], served=csr_array(self.served[chosen]), arc=self.arc[chosen])

    def entries(self) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        """Return the cap, the period, the lane and the value of all that is counted of service."""
        t, lane = np.divmod(self.served.indices, self.floor.shape[1])
        return np.repeat(self.caps, np.diff(self.served.indptr)), t, lane, self.served.data

    def counted(self, caps: int) -> csr_array:
        """Return ``served`` with a row for every cap, of which there are ``caps`` (caps, t * s)."""
        cap, *_, value = self.entries()
        return csr_array((value, (cap, self.served.indices)), shape=(caps, self.floor.size))

    def scaled(self, scale: FloatArray) -> ClassCaps:
        """Return the counts divided by the scale of each cap."""
        own = scale[self.caps]
        value = self.served.data / np.repeat(own, np.diff(self.served.indptr))
        served = csr_array((value, self.served.indices, self.served.indptr), shape=self.served.shape)
        return replace(self, served=served, sent=self.sent / own[self.arc >= 0, None, None])


def class_caps(
    structure: Structure,
    whole: Market,
    group: Group,
    caps: IntArray,
    work: CapRows,
    single: csr_array,
    floor: FloatArray,
) -> ClassCaps:
    """Return what a class counts, in the units of the caps.

    ``work`` is ``cap_work`` of the caps, and ``single`` (c, t * s) what a unit drawn counts where tiers are not soft.
    """
    lanes = group.lanes
    served = _counted_of_work(work, lanes) + _counted_of_supply(single, group)
    counting, routes, _ = structure.caps_along
    sends = np.isin(caps, counting) & (structure.cap_send[caps][:, lanes.klass] != 0).any(axis=1)
    counts = np.flatnonzero((np.diff(served.indptr) > 0) | sends)
    sending = np.flatnonzero(sends)
    route = structure.route(group.origins[None], lanes.site[:, None])
    along = routes[np.searchsorted(counting, caps[sending])][:, route]
    sent = structure.cap_send[caps[sending]][:, lanes.klass, None] * along
    return ClassCaps(
        caps=counts,
        served=csr_array(served[counts]),
        arc=np.where(sends[counts], np.searchsorted(sending, counts), -1),
        sent=np.where(group.arc >= 0, sent, 0.0),
        floor=np.where(group.base < whole.never, lanes.of_sites(floor) * group.draw, 0.0),
    )


def _counted_of_work(work: CapRows, lanes: Lanes) -> csr_array:
    """Return what caps count of serving a unit in each period and lane (c, t * n)."""
    period = np.repeat(np.arange(work.axes[-1]), len(lanes))
    places = (np.tile(each, work.axes[-1]) for each in (lanes.klass, lanes.site))
    return csr_array(work.at(*places, period).T)


def _counted_of_supply(single: csr_array, group: Group) -> csr_array:
    """Return what caps count of the supply that a unit draws in each period and lane (c, t * n)."""
    lanes, periods = group.lanes, len(group.base)
    drawn = csr_array(single[:, (np.arange(periods)[:, None] * lanes.sites + lanes.site).ravel()])
    return csr_array(drawn @ diags_array(np.tile(group.draw, periods)))


def typical_coefficients(
    whole: Market, classes: Sequence[ClassCaps], counted: Sequence[csr_array], draw: float
) -> FloatArray:
    """Return a typical coefficient of each cap per unit of the median class (c,).

    It is the largest of those of service, of arcs and of supply. Counts of arcs are many, and may be small beside those
    of service. ``counted`` says what a unit drawn of each tier counts; ``draw`` is typical of the classes.
    """
    service, arcs = ([(np.zeros(0, dtype=int), np.zeros(0))] for _ in range(2))
    for group, each in zip(whole.groups, classes, strict=True):
        cap, *_, value = each.entries()
        service.append((cap, np.abs(value) / group.weight))
        arcs.append((np.repeat(each.sending, group.arc.size), np.abs(each.sent).ravel() / group.weight))
    caps = counted[0].shape[0]
    drawn = [(np.repeat(np.arange(caps), np.diff(each.indptr)), draw * np.abs(each.data)) for each in counted]
    largest = np.max([_medians(kind, caps) for kind in (service, arcs, drawn)], axis=0)
    return np.where(largest > 0, largest, 1.0)


def _medians(parts: Sequence[tuple[IntArray, FloatArray]], caps: int) -> FloatArray:
    """Return the median of the positive values of each cap (caps,), given pairs of both; 0 if there are none."""
    cap, value = (np.concatenate(each) for each in zip(*parts, strict=True))
    some = value > 0
    cap, value = cap[some], value[some]
    ordered, count = value[np.lexsort((value, cap))], np.bincount(cap, minlength=caps)
    medians, has = np.zeros(caps), count > 0
    first = (np.cumsum(count) - count)[has]
    low, high = first + (count[has] - 1) // 2, first + count[has] // 2
    medians[has] = (ordered[low] + ordered[high]) / 2
    return medians
