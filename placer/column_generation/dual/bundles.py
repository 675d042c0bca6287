"""Bundles: lanes of one site between which the soft minimum may be taken before origins choose.

Lanes m of a site that are open to the same origins, where the cost of their arcs differs by the same a_m for every such
origin, are one bundle b. Origins choose among bundles, since a soft minimum may be taken in parts:

    V_b       = min_mu of V_m + a_m over its lanes         the cost of service by period of arrival
    psi_bm    = share of lane m in what arrives at b, a softmax of -(V_m + a_m) / mu
    X_m       = sum_b X_b psi_bm

An origin has at most one bundle at a site. A lane that reaches further than another one is in several bundles. Where
the cost of arcs differs otherwise, or caps count lanes apart, each lane is a bundle of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from placer.column_generation.market.groups import Group
from placer.column_generation.market.lanes import Lanes
from placer.utils.arrays import FloatArray, IntArray

#: Differences between costs of arcs count as equal if they agree to this part of the largest cost.
_RESOLUTION = 1e-12


@dataclass(frozen=True, eq=False)
class Bundles:
    """The bundles of a class, site by site.

    Attributes
    ----------
    group : Group
        The class with bundles in place of its lanes; of a bundle, class of service, work and draw are those of its
        first lane.
    lanes : Lanes
        Of the class.
    lane : (ranks, b) int array
        Lanes of every bundle; the first one again where a bundle has fewer.
    above : (ranks, b) array
        ``a``, 0 or more; inf where a bundle has fewer lanes.
    """

    group: Group
    lanes: Lanes
    lane: IntArray
    above: FloatArray

    @cached_property
    def member(self) -> FloatArray:
        """1 where a rank of a bundle is a lane (ranks * b, lanes)."""
        return (self.lane.reshape(-1, 1) == np.arange(len(self.lanes))).astype(float)

    @property
    def are_lanes(self) -> bool:
        """Whether the bundles are the lanes in their order."""
        return len(self.lane) == 1

    def choose(self, arrival: FloatArray, mu: float) -> tuple[FloatArray, LaneChoice]:
        """Return ``V`` of the bundles (t, b), and ``psi``, given ``V`` of the lanes (t, lanes)."""
        if self.are_lanes:
            return arrival, LaneChoice(self, np.ones((len(arrival), *self.lane.shape)))
        cost = arrival.take(self.lane, 1) + self.above
        lowest = cost.min(axis=1)
        share = np.exp((lowest[:, None] - cost) / mu)
        total = share.sum(axis=1)
        share /= total[:, None]
        return lowest - mu * np.log(total), LaneChoice(self, share)


@dataclass(frozen=True, eq=False)
class LaneChoice:
    """How the work that arrives at bundles divides over their lanes: ``psi`` (t, ranks, b)."""

    bundles: Bundles
    share: FloatArray

    def at_lanes(self, arriving: FloatArray) -> FloatArray:
        """Return the work that arrives at each lane (t, lanes), given that at bundles (t, b)."""
        if self.bundles.are_lanes:
            return arriving
        return np.asarray((arriving[:, None] * self.share).reshape(len(arriving), -1) @ self.bundles.member)

    def mean(self, of_lanes: FloatArray) -> FloatArray:
        """Return the means over the work of each bundle (..., t, b) of figures of lanes (..., t, lanes)."""
        if self.bundles.are_lanes:
            return of_lanes
        return np.asarray((of_lanes.take(self.bundles.lane, -1) * self.share).sum(axis=-2))

    def spread(self) -> FloatArray:
        """Return ``psi`` of every bundle and lane (t, b, lanes)."""
        bundles, own = self.bundles, np.arange(self.bundles.lane.shape[1])
        spread = np.zeros((len(self.share), len(own), len(bundles.lanes)))
        for lane, share in zip(bundles.lane, self.share.swapaxes(0, 1), strict=True):
            spread[:, own, lane] += share
        return spread


def lane_by_lane(group: Group) -> Bundles:
    """Return the lanes of a class as bundles of their own."""
    lanes = np.arange(len(group.lanes))
    return Bundles(group, group.lanes, lanes[None], np.zeros((1, len(lanes))))


def bundles_of(group: Group, never: float) -> Bundles:
    """Return the bundles of a class; lane by lane unless they are fewer.

    Parameters
    ----------
    group : Group
    never : float
        Cost that stands for an impossible assignment.
    """
    at_site = _at_site(group.lanes)
    is_open = (group.arc >= 0)[at_site] & (at_site >= 0)[:, :, None]
    cost = np.where(is_open, group.arc_cost[at_site], np.inf)
    least = cost.min(axis=0)
    site, origin = np.nonzero(np.isfinite(least))
    above = cost[:, site, origin] - least[site, origin]
    scale = _RESOLUTION * max(float(np.abs(group.arc_cost[group.arc >= 0]).max(initial=0.0)), 1e-300)
    bundle, first = _numbered(site, np.where(np.isfinite(above), np.rint(above / scale), -1.0))
    if len(at_site) == 1 or not 0 < len(first) < len(group.lanes):
        return lane_by_lane(group)
    above = above[:, first]
    lane = np.where(np.isfinite(above), at_site[:, site[first]], -1)
    leading = lane[above.argmin(axis=0), np.arange(len(first))]
    arc_cost, arc = np.full((len(first), len(group.origins)), never), np.full((len(first), len(group.origins)), -1)
    arc_cost[bundle, origin] = least[site, origin]
    arc[bundle, origin] = group.arc[leading[bundle], origin]
    of_bundles = replace(
        group,
        lanes=Lanes(group.lanes.klass[leading], site[first], group.lanes.sites, are_sites=False),
        arc_cost=arc_cost,
        arc=arc,
        base=group.base[:, leading],
        use=group.use[leading],
        draw=group.draw[leading],
    )
    return Bundles(of_bundles, group.lanes, np.where(lane < 0, leading, lane), above)


def _at_site(lanes: Lanes) -> IntArray:
    """Return the lanes of every site (ranks, sites); -1 where a site has fewer."""
    lane, site = np.nonzero(lanes.member)
    rank = (lanes.member.cumsum(axis=0)[lane, site] - 1).astype(int)
    at_site = np.full((int(rank.max(initial=0)) + 1, lanes.sites), -1)
    at_site[rank, site] = lane
    return at_site


def _numbered(site: IntArray, above: FloatArray) -> tuple[IntArray, IntArray]:
    """Number equal columns of (site, above), site by site; return the number of each, and the first of each number."""
    number, first = site, np.zeros(0, dtype=int)
    for each in (*above, np.zeros(len(site))):
        values, place = np.unique(each, return_inverse=True)
        _, first, number = np.unique(number * len(values) + place, return_index=True, return_inverse=True)
    return number, first
