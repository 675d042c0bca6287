"""The smoothed dual of one block of a capped market, without the limits of the caps (``dual.capped_dual``).

Its curvature has a border for the caps (``dual.cap_border``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array, hstack

from placer.column_generation.dual.bordered import BorderedHessian
from placer.column_generation.dual.cap_border import BorderPart, CapBorder
from placer.column_generation.dual.class_dual import CapCosts, ClassDual
from placer.column_generation.dual.hessian import Hessian, class_hessian
from placer.column_generation.dual.parameters import SMOOTHED_DUAL
from placer.column_generation.dual.smoothed_dual import (
    NO_SITES,
    add_blocks,
    moving_sites,
    resources_of,
    soft_tiers,
)
from placer.utils.shared_work import each, one_by_one

if TYPE_CHECKING:
    from placer.column_generation.dual.capped_blocks import CappedBlock
    from placer.column_generation.dual.class_caps import ClassCaps
    from placer.column_generation.dual.class_dual import Shares
    from placer.column_generation.dual.hessian import ClassHessian
    from placer.column_generation.dual.hessian_waiting import WaitingHessian
    from placer.column_generation.dual.parameters import SmoothedDualParameters
    from placer.column_generation.dual.places import EitherArray
    from placer.column_generation.dual.smoothed_dual import SoftTier
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


class Prices(NamedTuple):
    """Prices of the resources of a block (t, r), and of its caps (c,)."""

    own: FloatArray
    caps: FloatArray


@dataclass(frozen=True, eq=False)
class PartEvaluation:
    """What one block adds to the smoothed dual.

    Attributes
    ----------
    value : float
    gradient : (t, r) array
    counted : (c,) array
        What its caps count.
    """

    value: float
    gradient: FloatArray
    counted: FloatArray


@dataclass(frozen=True, eq=False)
class CurvedPartEvaluation(PartEvaluation):
    """The same with the curvature.

    Attributes
    ----------
    curvature : BorderedHessian
        Over the free caps, as positions among those of the block.
    """

    curvature: BorderedHessian


class CappedPart:
    """The part of one block; keeps shortlists of columns between evaluations.

    Parameters
    ----------
    block : CappedBlock
    parameters : SmoothedDualParameters
    """

    def __init__(self, block: CappedBlock, parameters: SmoothedDualParameters = SMOOTHED_DUAL) -> None:
        self.block = block
        self._parameters = parameters
        market, caps = block.market, len(block.caps)
        self._classes = [
            (ClassDual(market, group, parameters, own.sent), own)
            for group, own in zip(market.groups, block.classes, strict=True)
        ]
        self._sites = np.arange(market.sites)
        #: What service counts towards the caps, (c, k * t * s) and the other way round: most count few places.
        self._counted = csr_array(hstack([own.counted(caps) for own in block.classes]))
        self._counting = csr_array(self._counted.T)
        #: What further tiers count (c, rank * t * s), and the other way round.
        tiers = [counted.reshape(caps, block.floor.size) for counted in block.tiers]
        self._counted_of_tiers = csr_array(np.concatenate([np.zeros((caps, 0)), *tiers], axis=1))
        self._counting_of_tiers = csr_array(self._counted_of_tiers.T)

    def shorten(self, prices: Prices, width: float) -> None:
        """Make shortlists for some prices, where they are faster than all columns; to be called at every new width."""
        given = zip(self._classes, self._costs(prices.caps), strict=True)
        each(lambda pair: pair[0][0].refresh_shortlist(prices.own, width, pair[1]), given)

    def evaluate(self, prices: Prices, width: float) -> PartEvaluation:
        """Evaluate at some prices."""
        given = zip(self._classes, self._costs(prices.caps), strict=True)
        shared = each(lambda pair: pair[0][0].shares(prices.own, width, NO_SITES, pair[1]), given)
        return self._sums(prices, self._tiers(prices, width), shared)

    def evaluate_curved(
        self, prices: Prices, width: float, of_resources: BoolArray, of_caps: BoolArray
    ) -> CurvedPartEvaluation:
        """Evaluate with the curvature over the sites with a free price (t, r), and over the free caps (c,).

        The border of the caps is over all sites.
        """
        market, block = self.block.market, self.block
        sites, caps = moving_sites(market, of_resources), np.flatnonzero(of_caps)
        border = CapBorder(caps, len(block.caps), market.price_shape)
        shared: list[Shares] = []
        blocks: dict[int, EitherArray] = {}
        waiting: list[WaitingHessian] = []

        def curved(
            given: tuple[tuple[ClassDual, ClassCaps], CapCosts],
        ) -> tuple[Shares, ClassHessian, BorderPart | None]:
            (of_class, counted), costs = given
            arcs = np.flatnonzero(of_caps[counted.sending])
            shares = of_class.shares(prices.own, width, self._sites, costs, arcs)
            chosen = _over(shares, of_class.group.lanes.at(sites), of_class.links)
            hessian = class_hessian(market, of_class.group, chosen, sites, self._parameters.hessian)
            return shares, hessian, border.part_of(of_class, counted, shares)

        for shares, hessian, part in one_by_one(curved, zip(self._classes, self._costs(prices.caps), strict=True)):
            shared.append(shares)
            add_blocks(blocks, hessian.blocks)
            waiting += hessian.waiting
            border.add(part)
        tiers, supply = self._tiers(prices, width), np.arange(len(sites), 2 * len(sites))
        for tier, counts in zip(tiers, block.tiers, strict=True):
            blocks[0][:, supply, supply] += tier.curvature[:, sites]
            border.add_tier(tier.curvature, counts)
        sums = self._sums(prices, tiers, shared)
        inner = Hessian(blocks, resources_of(market, sites), tuple(waiting))
        curvature = BorderedHessian(inner, caps, border.border, border.own)
        return CurvedPartEvaluation(sums.value, sums.gradient, sums.counted, curvature)

    def _costs(self, caps: FloatArray) -> list[CapCosts]:
        """Return what each class pays to the caps at some prices of them."""
        service, found, first = self._counting @ caps, [], 0
        for counted in self.block.classes:
            paid = service[first : first + counted.floor.size].reshape(counted.floor.shape)
            found.append(CapCosts(paid - counted.floor, caps[counted.sending]))
            first += counted.floor.size
        return found

    def _tiers(self, prices: Prices, width: float) -> list[SoftTier]:
        """Return the further tiers, with what they pay to the caps."""
        if not self.block.market.tiers:
            return []
        paid = (self._counting_of_tiers @ prices.caps).reshape(-1, *self.block.floor.shape)
        return soft_tiers(self.block.market, prices.own, width, list(paid))

    def _sums(self, prices: Prices, tiers: list[SoftTier], shared: list[Shares]) -> PartEvaluation:
        """Return value, gradient and what is counted."""
        market = self.block.market
        of_resources, of_caps = -market.limit, np.zeros(len(self.block.caps))
        value = -float((market.limit * prices.own).sum())
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
        return PartEvaluation(value, of_resources, of_caps)


def _over(shares: Shares, lanes: IntArray, links: int) -> Shares:
    """Return the shares with a covariance over some lanes and the links, without what caps count of arcs."""
    softmax, covariance = shares.softmax, shares.softmax.covariance
    count = softmax.arriving.shape[1]
    if len(lanes) == count:
        covariance = covariance[:, : count + links, : count + links]
    else:
        chosen = np.concatenate([lanes, np.arange(count, count + links)])
        covariance = covariance[:, chosen[:, None], chosen]
    return replace(shares, softmax=replace(softmax, covariance=covariance, link_flow=softmax.link_flow[:, :links]))
