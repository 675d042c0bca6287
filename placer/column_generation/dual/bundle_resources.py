"""From the covariance over bundles of lanes (``dual.bundles``) to the Hessian over resources.

Work that arrives at bundle b in t goes to lane m with share ``psi_bm``. With a_m the coefficient (``use`` or ``draw``)
of a kind of resource, as a part ``a_m / A`` of the largest A, a unit that is served on arrival takes

    u^a_b  = sum_m psi_bm a_m / A                of it on average
    w^ab_b = sum_m psi_bm a_m b_m / (A B)        the mean product of two kinds

so that resources of the kinds a and b are coupled by

    B_t = u^a C_t u^b + diag(X w^ab) - diag(X u^a u^b)

over bundles, times A and B and summed over the bundles of each site by F: ``F' B F / mu``. Links meet bundles by
``C u F``. Where each lane is a bundle, u is 1 for all kinds, and F has the coefficients. Work that may wait is kept by
lane (``dual.hessian_waiting``), and divides over delays there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from placer.column_generation.dual.bundles import LaneChoice
from placer.column_generation.dual.class_dual import Shares
from placer.column_generation.dual.hessian_waiting import WaitingHessian
from placer.column_generation.dual.places import EitherArray
from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.utils.arrays import FloatArray, IntArray, zero_tiny


@dataclass(frozen=True, eq=False)
class BundleResources:
    """Takes blocks over bundles to blocks over the resources of some sites, kind by kind, then the links.

    Attributes
    ----------
    needs : (kinds, 1 or t, lanes) array
        Use of each kind of resource by a unit served in each lane, by period.
    choice : LaneChoice
    delay_share : (delay, t, lanes) array
        ``phi``.
    arriving : (t, b) array
        ``X``.
    covariance : (t, n + l, n + l) array
        Over the bundles of some sites, then the links; of bundles alone where the class uses no link.
    bundles, sites : (n,), (s,) int arrays
        The bundles and the sites of the covariance.
    links : int
        Number of links of the market.
    link_use : float
    mu : float
        Width of the class.
    """

    needs: FloatArray
    choice: LaneChoice
    delay_share: FloatArray
    arriving: FloatArray
    covariance: FloatArray
    bundles: IntArray
    sites: IntArray
    links: int
    link_use: float
    mu: float

    @cached_property
    def _parts(self) -> FloatArray:
        """``a_m / A`` (kinds, 1 or t, lanes); 1 for all where lanes are bundles."""
        if self.choice.bundles.are_lanes:
            return np.ones((1, 1, self.needs.shape[2]))
        return self.needs / self._largest[:, None, None]

    @cached_property
    def _largest(self) -> FloatArray:
        """``A`` (kinds,)."""
        largest = np.abs(self.needs).max(axis=(1, 2))
        return np.where(largest > 0, largest, 1.0)

    @cached_property
    def use(self) -> FloatArray:
        """``u`` by kind, or once for all (kinds, t, n)."""
        return self._mean(self._parts)

    @cached_property
    def spread(self) -> FloatArray:
        """``w``, likewise (kinds, kinds, t, n)."""
        return self._mean(self._parts[:, None] * self._parts)

    def _mean(self, part: FloatArray) -> FloatArray:
        return self.choice.mean(part).take(self.bundles, -1)

    @cached_property
    def work(self) -> FloatArray:
        """``X`` of the bundles of the covariance (t, n)."""
        return self.arriving.take(self.bundles, 1)

    def over_kinds(self, precision: type[np.floating[Any]]) -> EitherArray:
        """Return the covariance over the bundles, for every two kinds of ``u`` (t, kinds * n, kinds * n)."""
        count, kinds = len(self.bundles), len(self._parts)
        of_bundles: EitherArray = self.covariance[:, :count, :count].astype(precision, copy=False)
        return of_bundles if kinds == 1 else np.tile(of_bundles, (1, kinds, kinds))

    @cached_property
    def _fold(self) -> FloatArray:
        """``F`` (1 or t, kinds of ``u`` * n, kinds * sites)."""
        bundles = self.choice.bundles
        member = bundles.group.lanes.member[self.bundles][:, self.sites]
        if not bundles.are_lanes:
            return np.asarray(np.kron(np.diag(self._largest), member), dtype=float)[None]
        of_lanes = self.needs[:, :, bundles.lane[0, self.bundles]]
        return np.concatenate([member * each[:, :, None] for each in of_lanes], axis=2)

    @cached_property
    def _are_places(self) -> bool:
        """Whether each site has one bundle, of several lanes: F is diagonal."""
        bundles = self.choice.bundles
        return not bundles.are_lanes and np.array_equal(bundles.group.lanes.site[self.bundles], self.sites)

    def at_once(self, precision: type[np.floating[Any]]) -> EitherArray:
        """Return the blocks of work that is served on arrival, in a precision."""
        service, kinds = self.over_kinds(precision), len(self._parts)
        use, own = np.concatenate(list(self.use), axis=1), np.arange(len(self.bundles))
        if not self.choice.bundles.are_lanes:  # else u and w are 1
            service = service * use[:, :, None].astype(precision) * use[:, None].astype(precision)
            blocks = service.reshape(len(service), kinds, len(own), kinds, len(own))
            for one, other in np.ndindex(kinds, kinds):
                spread = self.spread[one, other] - self.use[one] * self.use[other]
                blocks[:, one, own, other, own] += self.work * spread
        return self.blocks(service, use)

    def blocks(self, service: EitherArray, use: FloatArray) -> EitherArray:
        """Return the blocks of resources, given those over bundles, and ``u`` of all kinds (t, kinds * n)."""
        fold, bundles = self._fold, len(self.bundles)
        count = fold.shape[2]
        # Without links, the parts below are all of it.
        size = count + self.links
        result = (np.zeros if self.links else np.empty)((len(service), size, size), service.dtype)
        if self._are_places:  # a product with a diagonal matrix on either side, but quicker
            own = fold[0].diagonal()
            np.multiply(service, (own[:, None] * own / self.mu).astype(service.dtype), out=result[:, :count, :count])
        else:
            narrow = (fold / self.mu).astype(service.dtype).swapaxes(1, 2)
            result[:, :count, :count] = narrow @ service @ fold.astype(service.dtype)
        if self.covariance.shape[1] > bundles:
            cross = np.tile(self.covariance[:, bundles:, :bundles], (1, 1, len(self._parts)))
            charged = (cross * use[:, None]) @ fold * (self.link_use / self.mu)
            result[:, count:, :count], result[:, :count, count:] = charged, charged.transpose(0, 2, 1)
            result[:, count:, count:] = self.covariance[:, bundles:, bundles:] * (self.link_use**2 / self.mu)
        return result

    @cached_property
    def _lanes(self) -> IntArray:
        return self.choice.bundles.lanes.at(self.sites)

    @cached_property
    def _member(self) -> FloatArray:
        """1 where a lane is at a site (lanes, sites)."""
        return self.choice.bundles.lanes.member[self._lanes][:, self.sites]

    def of_service(self, served: FloatArray) -> FloatArray:
        """Return the blocks of ``diag(X phi)``, given the work served in each lane (t, lanes)."""
        lanes, count, own = self._lanes, len(self.sites), np.arange(len(self.sites))
        size, needs = len(self.needs) * count + self.links, self.needs[:, :, lanes]
        result = np.zeros((len(served), size, size))
        for row, one in enumerate(needs):
            for column, other in enumerate(needs):
                of_lanes = served[:, lanes] * (one * other / self.mu)
                result[:, row * count + own, column * count + own] = of_lanes @ self._member
        return result

    def waiting(self, precision: type[np.floating[Any]]) -> WaitingHessian:
        """Return the rest of the Hessian of a class that may wait: ``C - diag(X)``, by lane."""
        lanes, count = self._lanes, len(self.bundles)
        products, own, links = self.covariance.copy(), np.arange(count), self.covariance.shape[1] - count
        products[:, own, own] -= self.work
        spread = np.zeros((len(products), count + links, len(lanes) + self.links))
        spread[:, :count, : len(lanes)] = self.choice.spread()[:, self.bundles][:, :, lanes]
        spread[:, np.arange(count, count + links), np.arange(len(lanes), len(lanes) + links)] = 1.0
        coefficients = np.zeros((self.needs.shape[1], len(self.needs), spread.shape[2]))
        coefficients[:, :, : len(lanes)] = self.needs[:, :, lanes].swapaxes(0, 1)
        coefficients[:, 0, len(lanes) :] = self.link_use
        products = spread.swapaxes(1, 2) @ products @ spread / self.mu
        products = products.astype(precision, copy=False)
        zero_tiny(products)
        return WaitingHessian(products, self.delay_share.take(lanes, 2), coefficients, self._at_place())

    def _at_place(self) -> IntArray:
        """Return the lanes of every site, then the links (ranks, sites + links); -1 where a site has fewer."""
        lanes, sites = self._member.shape
        lane, site = np.nonzero(self._member)
        rank = (self._member.cumsum(axis=0)[lane, site] - 1).astype(int)
        at_place = np.full((int(rank.max(initial=0)) + 1, sites + self.links), -1)
        at_place[rank, site] = lane
        at_place[0, sites:] = lanes + np.arange(self.links)
        return at_place


def bundle_resources(
    market: Market, group: Group, shares: Shares, choice: LaneChoice, sites: IntArray, needs: Sequence[FloatArray]
) -> BundleResources:
    """Return the resources of some sites; the covariance of the shares is over their bundles, then the links.

    ``needs`` are those of ``dual.hessian.class_hessian``.
    """
    phi, arriving = shares.delay_share, shares.softmax.arriving
    return BundleResources(
        needs=np.stack(np.broadcast_arrays(*needs)),
        choice=choice,
        delay_share=np.ones((1, len(arriving), len(group.lanes))) if phi is None else phi,
        arriving=arriving,
        covariance=shares.softmax.covariance,
        bundles=choice.bundles.group.lanes.at(sites),
        sites=sites,
        links=len(market.link),
        link_use=group.link_use,
        mu=shares.mu,
    )
