"""From blocks over the lanes of a class to blocks over resources, where a site has several lanes.

Lanes of a site take its resources, each in coefficients of its own. With F the coefficients (lanes, kinds * sites), 0
where a lane is not at the site, blocks B over lanes and C of links and lanes become ``F' B F / mu`` and ``C F / mu``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.dual.hessian_waiting import WaitingHessian
from placer.column_generation.market.service_costs import served_later

if TYPE_CHECKING:
    from placer.column_generation.dual.class_dual import Shares
    from placer.column_generation.dual.places import EitherArray
    from placer.column_generation.market.definition import Market
    from placer.column_generation.market.groups import Group
    from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LaneResources:
    """Takes blocks over lanes to blocks over the resources of some sites, kind by kind, then the links.

    Attributes
    ----------
    coefficients : (kinds, n) array
        Use of each kind of resource by a unit served in each lane.
    member : (n, sites) array
        1 where a lane is at a site.
    links : int
        Number of links of the market.
    link_use : float
    covariance : (t, n + l, n + l) array
        Over the lanes, then the links; of lanes alone where the class uses no link.
    mu : float
        Width of the class.
    """

    coefficients: FloatArray
    member: FloatArray
    links: int
    link_use: float
    covariance: FloatArray
    mu: float

    @property
    def fold(self) -> FloatArray:
        """``F``."""
        return np.concatenate([self.member * each[:, None] for each in self.coefficients], axis=1)

    def blocks(self, lag: int, service: EitherArray, phi: FloatArray | None) -> EitherArray:
        """Return the blocks of a lag, given those over lanes and ``phi`` (t, n) at that delay.

        ``phi`` is None where all is served on arrival, and where no link is charged at that delay.
        """
        fold, lanes = self.fold, len(self.member)
        count = fold.shape[1]
        result = np.zeros((len(service), count + self.links, count + self.links), service.dtype)
        narrow = fold.astype(service.dtype)
        result[:, :count, :count] = (narrow.T / service.dtype.type(self.mu)) @ service @ narrow
        if self.covariance.shape[1] > lanes and (phi is not None or lag == 0):
            cross = self.covariance[:, lanes:, :lanes]
            charged = (cross if phi is None else cross * phi[:, None]) @ fold * (self.link_use / self.mu)
            result[:, count:, :count] = charged
            if lag == 0:
                result[:, :count, count:] = charged.transpose(0, 2, 1)
                result[:, count:, count:] = self.covariance[:, lanes:, lanes:] * (self.link_use**2 / self.mu)
        return result

    def of_service(self, served: FloatArray) -> FloatArray:
        """Return the blocks of ``diag(X phi)``, given the work served after each delay (delay, t, n)."""
        by_period, fold = served_later(served), self.fold
        count = fold.shape[1]
        result = np.zeros((len(by_period), count + self.links, count + self.links))
        result[:, :count, :count] = fold.T @ (by_period[:, :, None] * (fold / self.mu))
        return result

    def waiting(self, arriving: FloatArray, phi: FloatArray) -> WaitingHessian:
        """Return the rest of the Hessian of a class that may wait for most of the horizon: ``C - diag(X)``."""
        lanes, present = len(self.member), self.covariance.shape[1]
        size, own = lanes + self.links, np.arange(lanes)
        products = np.zeros((len(arriving), size, size))
        products[:, :present, :present] = self.covariance
        products[:, own, own] -= arriving
        coefficients = np.zeros((len(self.coefficients), size))
        coefficients[:, :lanes] = self.coefficients
        coefficients[0, lanes:] = self.link_use
        return WaitingHessian(products / self.mu, phi, coefficients, self._at_place())

    def _at_place(self) -> IntArray:
        """Return the lanes of every site, then the links (ranks, sites + links); -1 where a site has fewer."""
        lanes, sites = self.member.shape
        lane, site = np.nonzero(self.member)
        rank = (self.member.cumsum(axis=0)[lane, site] - 1).astype(int)
        at_place = np.full((int(rank.max(initial=0)) + 1, sites + self.links), -1)
        at_place[rank, site] = lane
        at_place[0, sites:] = lanes + np.arange(self.links)
        return at_place


def lane_resources(market: Market, group: Group, shares: Shares, sites: IntArray) -> LaneResources:
    """Return the resources of some sites; the covariance of the shares is over their lanes, then the links."""
    lanes = group.lanes.at(sites)
    needs = (group.use, *([group.draw] if market.supplied else []))
    return LaneResources(
        coefficients=np.stack([each[lanes] for each in needs]),
        member=group.lanes.member[lanes][:, sites],
        links=len(market.link),
        link_use=group.link_use,
        covariance=shares.softmax.covariance,
        mu=shares.mu,
    )
