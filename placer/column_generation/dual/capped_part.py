"""The smoothed dual of one block of a capped market, without the limits of the caps (``dual.capped_dual``).

Caps are further resources of sites (``dual.cap_places``), or a border of the curvature (``dual.cap_border``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, hstack

from placer.column_generation.dual.bordered import BorderedHessian
from placer.column_generation.dual.cap_border import BorderPart, CapBorder
from placer.column_generation.dual.capped_blocks import CappedBlock
from placer.column_generation.dual.class_caps import ClassCaps
from placer.column_generation.dual.class_dual import CapCosts, ClassDual, Shares
from placer.column_generation.dual.hessian import ClassHessian, Hessian, class_hessian, needs_of
from placer.column_generation.dual.hessian_waiting import WaitingHessian
from placer.column_generation.dual.parameters import SMOOTHED_DUAL, SmoothedDualParameters
from placer.column_generation.dual.places import EitherArray
from placer.column_generation.dual.smoothed_dual import (
    NO_SITES,
    SoftTier,
    soft_tiers,
)
from placer.utils.arrays import BoolArray, FloatArray, IntArray
from placer.utils.shared_work import each, one_by_one


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


class _CappedClass(NamedTuple):
    """A class with what the border counts, and what a unit takes of every kind of resource (1 or t, lanes)."""

    dual: ClassDual
    counted: ClassCaps
    needs: list[FloatArray]


class _Moving(NamedTuple):
    """The kinds and the sites of the Hessian."""

    kinds: IntArray
    sites: IntArray

    def add_tier(self, block: EitherArray, curvature: FloatArray, taken: FloatArray) -> None:
        """Add a soft tier of curvature (t, s), of which a unit takes so much of every kind (kinds, t, s)."""
        own, count = np.arange(len(self.sites)), len(self.sites)
        bent, chosen = curvature[:, self.sites], taken[self.kinds][:, :, self.sites]
        for row, one in enumerate(chosen):
            for column, other in enumerate(chosen):
                block[:, row * count + own, column * count + own] += bent * one * other


class CappedPart:
    """The part of one block.

    Parameters
    ----------
    block : CappedBlock
    parameters : SmoothedDualParameters
    """

    def __init__(self, block: CappedBlock, parameters: SmoothedDualParameters = SMOOTHED_DUAL) -> None:
        self.block = block
        self._parameters = parameters
        market, caps, places = block.market, len(block.caps), block.places
        self._classes = [
            _CappedClass(
                # Lanes stay apart where the border needs the covariance of each.
                ClassDual(market, group, parameters, own.sent if is_bordered.any() else None),
                own.part(is_bordered),
                [*needs_of(market, group), *places.counted(own.counted(caps))],
            )
            for group, own in zip(market.groups, block.classes, strict=True)
            for is_bordered in [np.isin(own.caps, places.border)]
        ]
        self._sites = np.arange(market.sites)
        #: Position of the resource of the first site, of every kind.
        starts = [*range(market.kinds), *range(places.kinds)]
        self._first = np.array(starts) * market.sites + np.repeat(
            [0, market.limit.shape[1]], [market.kinds, places.kinds]
        )
        #: What service counts towards the caps, (c, k * t * s) and the other way round: most count few places.
        self._counted = csr_array(hstack([own.counted(caps) for own in block.classes]))
        self._counting = csr_array(self._counted.T)
        #: What further tiers count (c, rank * t * s), and the other way round.
        self._counted_of_tiers = csr_array(hstack([csr_array((caps, 0)), *block.tiers]))
        self._counting_of_tiers = csr_array(self._counted_of_tiers.T)
        #: What further tiers take of every kind (kinds, t, s).
        of_kinds = np.repeat([0.0, -1.0], [1, market.kinds - 1])[:, None, None] * np.ones(block.floor.shape)
        self._taken = [np.concatenate([of_kinds, places.counted(counted)]) for counted in block.tiers]

    def choose_precision(self, width: float) -> None:
        """Choose the precision of arrays; to be called at every new width."""
        for of_class in self._classes:
            of_class.dual.choose_precision(width)

    def evaluate(self, prices: Prices, width: float) -> PartEvaluation:
        """Evaluate at some prices."""
        given = zip(self._classes, self._costs(prices.caps), strict=True)
        shared = each(lambda pair: pair[0].dual.shares(prices.own, width, NO_SITES, pair[1]), given)
        return self._sums(prices, self._tiers(prices, width), shared)

    def evaluate_curved(
        self, prices: Prices, width: float, of_resources: BoolArray, of_caps: BoolArray
    ) -> CurvedPartEvaluation:
        """Evaluate with the curvature over the sites with a free price (t, r), and over the free caps (c,).

        The border of the caps is over all sites.
        """
        block, moving = self.block, self._moving(of_resources, of_caps)
        caps = np.flatnonzero(of_caps[block.places.border])
        shape = len(of_resources), of_resources.shape[1] + block.places.size
        border = CapBorder(block.places.border[caps], len(block.caps), shape)
        shared: list[Shares] = []
        resources = self._resources_of(moving)
        blocks = np.zeros((len(of_resources), len(resources), len(resources)))
        waiting: list[WaitingHessian] = []

        def curved(given: tuple[_CappedClass, CapCosts]) -> tuple[Shares, ClassHessian, BorderPart | None]:
            (of_class, counted, needs), costs = given
            is_bordered = border.moving(counted).size > 0
            arcs = np.flatnonzero(of_caps[counted.sending])
            shares = of_class.shares(prices.own, width, self._sites if is_bordered else moving.sites, costs, arcs)
            own = _over(shares, of_class.group.lanes.at(moving.sites), of_class.links) if is_bordered else shares
            chosen = [needs[kind] for kind in moving.kinds]
            hessian = class_hessian(block.market, of_class.group, own, moving.sites, needs=chosen)
            part = border.part_of(of_class, counted, shares, dict(zip(self._first.tolist(), needs, strict=True)))
            return shares, hessian, part

        for shares, hessian, part in one_by_one(curved, zip(self._classes, self._costs(prices.caps), strict=True)):
            shared.append(shares)
            blocks += hessian.blocks
            waiting += hessian.waiting
            border.add(part)
        tiers = self._tiers(prices, width)
        for tier, taken, counts in zip(tiers, self._taken, block.tiers, strict=True):
            moving.add_tier(blocks, tier.curvature, taken)
            border.add_tier(tier.curvature, counts, dict(zip(self._first.tolist(), taken, strict=True)))
        sums = self._sums(prices, tiers, shared)
        inner = Hessian(blocks, resources, tuple(waiting))
        curvature = BorderedHessian(inner, caps, border.border, border.own)
        return CurvedPartEvaluation(sums.value, sums.gradient, sums.counted, curvature)

    def _moving(self, of_resources: BoolArray, of_caps: BoolArray) -> _Moving:
        """Return the kinds and the sites that have a free price; the first kind or all sites if there is none."""
        market = self.block.market
        own = of_resources[:, : market.kinds * market.sites].reshape(-1, market.kinds, market.sites).swapaxes(0, 1)
        free = np.concatenate([own, self.block.places.of_caps(of_caps)])
        sites, kinds = np.flatnonzero(free.any(axis=(0, 1))), np.flatnonzero(free.any(axis=(1, 2)))
        return _Moving(kinds if kinds.size else np.zeros(1, dtype=int), sites if sites.size else self._sites)

    def _resources_of(self, moving: _Moving) -> IntArray:
        """Return the positions of the resources of the Hessian among those of a period: kind by kind, then links."""
        market = self.block.market
        links = np.arange(market.kinds * market.sites, market.limit.shape[1])
        return np.concatenate([(self._first[moving.kinds, None] + moving.sites).ravel(), links])

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
        for (of_class, counted, _), shares in zip(self._classes, shared, strict=True):
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
