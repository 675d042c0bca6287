"""The smoothed dual of a market in the prices of its resources and of its caps.

With the market at cap prices of 0 and what the caps count (``dual.capped_market``), the smoothed dual is

    g_mu(y, gamma) = g_mu(y; costs + gamma counted) - gamma . limit

jointly concave, with the gradient ``use - limit`` in gamma. Its curvature has a border for the caps
(``dual.cap_border``), which the Newton step takes by a Schur complement (``dual.bordered``). Prices are flat arrays:
those of resources (t, r) row by row, then those of the caps that have a limit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import LinAlgError
from scipy.sparse import csr_array, hstack

from placer.solvers.column_generation.dual.bordered import BorderedHessian
from placer.solvers.column_generation.dual.cap_border import BorderPart, CapBorder
from placer.solvers.column_generation.dual.class_dual import CapCosts, ClassDual
from placer.solvers.column_generation.dual.hessian import Hessian, class_hessian
from placer.solvers.column_generation.dual.parameters import SMOOTHED_DUAL
from placer.solvers.column_generation.dual.smoothed_dual import (
    NO_SITES,
    CurvedEvaluation,
    Evaluation,
    add_blocks,
    available,
    moving_sites,
    resources_of,
    soft_tiers,
)
from placer.utils.shared_work import each, one_by_one

if TYPE_CHECKING:
    from placer.solvers.column_generation.dual.capped_market import CappedMarket
    from placer.solvers.column_generation.dual.class_caps import ClassCaps
    from placer.solvers.column_generation.dual.class_dual import Shares
    from placer.solvers.column_generation.dual.hessian import ClassHessian
    from placer.solvers.column_generation.dual.hessian_waiting import WaitingHessian
    from placer.solvers.column_generation.dual.parameters import SmoothedDualParameters
    from placer.solvers.column_generation.dual.places import EitherArray
    from placer.solvers.column_generation.dual.smoothed_dual import SoftTier
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


class CappedDual:
    """The smoothed dual of a capped market; keeps shortlists of columns between evaluations.

    Parameters
    ----------
    capped : CappedMarket
    parameters : SmoothedDualParameters
    """

    def __init__(self, capped: CappedMarket, parameters: SmoothedDualParameters = SMOOTHED_DUAL) -> None:
        self.capped, self.market = capped, capped.market
        self._parameters = parameters
        market, caps = self.market, len(capped.caps)
        self._classes = [
            (ClassDual(market, group, parameters, own.sent), own)
            for group, own in zip(market.groups, capped.classes, strict=True)
        ]
        self.unit = np.concatenate([np.broadcast_to(market.unit, market.price_shape).ravel(), np.ones(caps)])
        self.available = np.concatenate([available(market).ravel(), capped.size])
        self._sites = np.arange(market.sites)
        #: What service counts towards the caps, (c, k * t * s) and the other way round: most count few places.
        self._counted = csr_array(hstack([own.counted(caps) for own in capped.classes]))
        self._counting = csr_array(self._counted.T)
        #: What further tiers count (c, rank * t * s), and the other way round.
        self._counted_of_tiers = csr_array(
            np.concatenate([np.zeros((caps, 0)), *(counted.reshape(caps, -1) for counted in capped.tiers)], axis=1)
        )
        self._counting_of_tiers = csr_array(self._counted_of_tiers.T)
        #: No placement costs more, and none less than the smoothed dual.
        self._dearest = _dearest(capped)

    def shorten(self, prices: FloatArray, width: float) -> None:
        """Make shortlists for some prices, where they are faster than all columns; to be called at every new width."""
        own, _ = self.capped.split(prices)
        given = zip(self._classes, self._costs(prices), strict=True)
        each(lambda pair: pair[0][0].refresh_shortlist(own, width, pair[1]), given)

    def evaluate(self, prices: FloatArray, width: float) -> Evaluation:
        """Evaluate at some flat prices."""
        own, _ = self.capped.split(prices)
        given = zip(self._classes, self._costs(prices), strict=True)
        shared = each(lambda pair: pair[0][0].shares(own, width, NO_SITES, pair[1]), given)
        return Evaluation(*self._sums(prices, self._tiers(prices, width), shared))

    def evaluate_curved(self, prices: FloatArray, width: float, free: BoolArray) -> CurvedEvaluation:
        """Evaluate at some flat prices, with the curvature over the sites with a free price, and over the free caps.

        The border of the caps is over all sites.

        Raises
        ------
        LinAlgError
            If the dual proves that no placement keeps the caps.
        """
        market, capped = self.market, self.capped
        (own, _), (of_resources, of_caps) = capped.split(prices), capped.split(free)
        sites, caps = moving_sites(market, of_resources), np.flatnonzero(of_caps)
        border = CapBorder(caps, len(capped.caps), market.price_shape)
        shared: list[Shares] = []
        blocks: dict[int, EitherArray] = {}
        waiting: list[WaitingHessian] = []

        def curved(
            given: tuple[tuple[ClassDual, ClassCaps], CapCosts],
        ) -> tuple[Shares, ClassHessian, BorderPart | None]:
            (of_class, counted), costs = given
            arcs = np.flatnonzero(of_caps[counted.sending])
            shares = of_class.shares(own, width, self._sites, costs, arcs)
            chosen = _over(shares, sites, of_class.links)
            hessian = class_hessian(market, of_class.group, chosen, sites, self._parameters.hessian)
            return shares, hessian, border.part_of(of_class, counted, shares)

        for shares, hessian, part in one_by_one(curved, zip(self._classes, self._costs(prices), strict=True)):
            shared.append(shares)
            add_blocks(blocks, hessian.blocks)
            waiting += hessian.waiting
            border.add(part)
        tiers, supply = self._tiers(prices, width), np.arange(len(sites), 2 * len(sites))
        for tier, counts in zip(tiers, capped.tiers, strict=True):
            blocks[0][:, supply, supply] += tier.curvature[:, sites]
            border.add_tier(tier.curvature, counts)
        value, gradient = self._sums(prices, tiers, shared)
        if value > self._dearest:
            raise LinAlgError("no placement keeps the caps")
        inner = Hessian(blocks, resources_of(market, sites), tuple(waiting))
        return CurvedEvaluation(value, gradient, BorderedHessian(inner, caps, border.border, border.own))

    def _costs(self, prices: FloatArray) -> list[CapCosts]:
        """Return what each class pays to the caps."""
        _, caps = self.capped.split(prices)
        service = (self._counting @ caps).reshape(-1, *self.capped.floor.shape)
        return [
            CapCosts(paid - counted.floor, caps[counted.sending])
            for paid, counted in zip(service, self.capped.classes, strict=True)
        ]

    def _tiers(self, prices: FloatArray, width: float) -> list[SoftTier]:
        """Return the further tiers, with what they pay to the caps."""
        if not self.market.tiers:
            return []
        own, caps = self.capped.split(prices)
        paid = (self._counting_of_tiers @ caps).reshape(-1, *self.capped.floor.shape)
        return soft_tiers(self.market, own, width, list(paid))

    def _sums(self, prices: FloatArray, tiers: list[SoftTier], shared: list[Shares]) -> tuple[float, FloatArray]:
        """Return value and gradient."""
        market, capped = self.market, self.capped
        own, caps = capped.split(prices)
        of_resources, of_caps = -market.limit, -capped.limit
        value = -float((market.limit * own).sum()) - float(capped.limit @ caps)
        for (of_class, counted), shares in zip(self._classes, shared, strict=True):
            value += shares.softmax.value
            of_class.add_gradient(shares, of_resources)
            of_caps[counted.sending] += shares.softmax.link_flow[:, of_class.links :].sum(axis=0)
        for tier in tiers:
            value -= tier.earned
            of_resources[:, market.sites : 2 * market.sites] -= tier.taken
        if tiers:
            of_caps += self._counted_of_tiers @ np.concatenate([tier.taken.ravel() for tier in tiers])
        of_caps += self._counted @ np.concatenate([shares.served.ravel() for shares in shared])
        return value, np.concatenate([of_resources.ravel(), of_caps])


def _dearest(capped: CappedMarket) -> float:
    """Return a cost that no placement exceeds, but for rounding: all demand at its highest price or its penalty."""
    market, total = capped.market, 0.0
    extra = max((float(np.max(extra, initial=0.0)) for _, extra in market.tiers), default=0.0)
    for group in market.groups:
        arc = float(np.max(group.arc_cost, where=group.arc >= 0, initial=0.0))
        served = arc + float(np.max(group.base, where=group.base < market.never, initial=0.0))
        dearest = max(group.unserved, served + float(group.draw.max()) * extra)
        total += dearest * float(group.amount.sum())
    return total * (1 + 1e-3)


def _over(shares: Shares, sites: IntArray, links: int) -> Shares:
    """Return the shares with a covariance over some sites and the links, without what caps count of arcs."""
    softmax, covariance = shares.softmax, shares.softmax.covariance
    count = softmax.arriving.shape[1]
    if len(sites) == count:
        covariance = covariance[:, : count + links, : count + links]
    else:
        chosen = np.concatenate([sites, np.arange(count, count + links)])
        covariance = covariance[:, chosen[:, None], chosen]
    return replace(shares, softmax=replace(softmax, covariance=covariance, link_flow=softmax.link_flow[:, :links]))
