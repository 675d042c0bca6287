"""The part of one class in the smoothed dual: its softmax over all columns, and its gradient.

Where prices are sums of a figure of the site and one of the route, the softmax is one of products of matrices
(``dual.separable``) while few tiles of periods do, and one over near columns where there are few and a compiled kernel
(``dual.near_softmax``). Elsewhere it goes through all columns, in single precision while the width is large, and in
double once single precision could not resolve it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from placer.column_generation.dual.bundles import Bundles, LaneChoice, bundles_of, lane_by_lane
from placer.column_generation.dual.near_softmax import near_class
from placer.column_generation.dual.parameters import SMOOTHED_DUAL, SmoothedDualParameters
from placer.column_generation.dual.separable import softmax_of_sums, tiles_of
from placer.column_generation.dual.softmax import DenseClass, Softmax, dense_class, softmax_over_all
from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.service_costs import (
    ahead_costs,
    link_prices,
    served_later,
    service_costs,
)
from placer.utils.arrays import FloatArray, IntArray

_NO_ARCS = np.zeros(0, dtype=np.int64)


class CapCosts(NamedTuple):
    """What a class pays to caps: per unit served (t, s), and the price of each cap that counts its arcs (a,)."""

    service: FloatArray
    sent: FloatArray


@dataclass(frozen=True, eq=False)
class Shares:
    """How a class divides over sites and delays at some prices.

    Attributes
    ----------
    softmax : Softmax
        Over the sites.
    delay_share : (delay, t, s) array or None
        ``phi``, the part of the work arriving in t that is served after each delay; None if the class cannot wait.
    mu : float
        Width of the class.
    choice : LaneChoice or None
        How the bundles over which the softmax is divide over lanes; None if it is over sites.
    """

    softmax: Softmax
    delay_share: FloatArray | None
    mu: float
    choice: LaneChoice | None = None

    @cached_property
    def served(self) -> FloatArray:
        """The work served by period (t, s)."""
        arriving = self.softmax.arriving
        if self.choice is not None:
            arriving = self.choice.at_lanes(arriving)
        return arriving if self.delay_share is None else served_later(arriving * self.delay_share)


class _Arrival(NamedTuple):
    """The soft minimum ``V`` (t, s) of the costs of service, over sites or bundles, and what it comes from."""

    cost: FloatArray
    delay_share: FloatArray | None
    choice: LaneChoice | None


class _Curved(NamedTuple):
    """Columns with the links of a covariance: whose they are, and the caps that count arcs among the links."""

    of: DenseClass
    arcs: IntArray
    columns: DenseClass


class ClassDual:
    """The part of one class; keeps its precision between evaluations.

    Parameters
    ----------
    market : Market
    group : Group
    parameters : SmoothedDualParameters
    sent : (a, s, h) array, optional
        What caps count over the arcs of the class. Each is a link that such an arc uses by so much.
    """

    def __init__(
        self,
        market: Market,
        group: Group,
        parameters: SmoothedDualParameters = SMOOTHED_DUAL,
        sent: FloatArray | None = None,
    ) -> None:
        self.market, self.group = market, group
        self._parameters = parameters
        self._bundles = _bundles(market, group, sent)
        #: The class by its columns: over bundles, where it has modes.
        self._by_column = group if self._bundles is None else self._bundles.group
        self._sent = np.zeros((0, *self._by_column.arc_cost.shape)) if sent is None else sent
        self._single = dense_class(market, self._by_column, np.float32, self._sent)
        #: Number of links that the class uses, caps of its arcs aside.
        self.links = len(self._single.by_route) - len(self._sent)
        self._near = None if len(self._single.incidence) else near_class(self._by_column, market.columns)
        self._price_range, self._needs_double = 0.0, False
        self._last: _Curved | None = None

    @cached_property
    def _double(self) -> DenseClass:
        return dense_class(self.market, self._by_column, np.float64, self._sent)

    def shares(
        self,
        prices: FloatArray,
        width: float,
        sites: IntArray,
        costs: CapCosts | None = None,
        arcs: IntArray = _NO_ARCS,
    ) -> Shares:
        """Compute the softmax at some prices (t, r) and costs of caps.

        Its covariance is over some sites, or the bundles there (``Lanes.at``), then the links, then some caps that
        count arcs, as positions in ``sent``.
        """
        mu = width * self.group.weight
        chosen = self._by_column.lanes.at(sites)
        arrival, delay_share, choice = self._soft_arrival(prices, mu, costs)
        by_column = self._by_column
        tiles = None if len(self._single.incidence) else tiles_of(by_column, arrival, mu)
        if self._near is not None and self._near.pays(arrival, mu, chosen, len(tiles or ())):
            softmax = self._near.softmax(arrival, mu, chosen)
        elif tiles is not None:
            softmax = softmax_of_sums(by_column, arrival, mu, chosen, tiles)
        else:
            dense = self._double if self._needs_double else self._single
            curved = self._curved(dense, arcs) if len(chosen) else dense
            softmax = softmax_over_all(dense, arrival, self._link_prices(prices, costs), mu, chosen, curved)
        self._price_range = softmax.price_range
        return Shares(softmax, delay_share, mu, choice)

    def add_gradient(self, shares: Shares, gradient: FloatArray) -> None:
        """Add the use of every resource by the class (t, r)."""
        group, market, softmax = self.group, self.market, shares.softmax
        served, to_sites = shares.served, group.lanes.to_sites
        gradient[:, : market.sites] += to_sites(served * group.use)
        if market.supplied:
            gradient[:, market.sites : 2 * market.sites] += to_sites(served * group.draw)
        if self.links:
            gradient[:, market.kinds * market.sites :] += softmax.link_flow[:, : self.links] * group.link_use

    def choose_precision(self, width: float) -> None:
        """Go over to double precision where a width needs it."""
        mu = width * self.group.weight
        self._needs_double = mu < self._parameters.single_precision_part * self._price_range

    def _links_of(self, arcs: IntArray) -> IntArray:
        """Return the positions of the links, and of some caps that count arcs, which stand after them."""
        return np.concatenate([np.arange(self.links), self.links + arcs])

    def _curved(self, dense: DenseClass, arcs: IntArray) -> DenseClass:
        """Return the columns with the links of a covariance; they are kept for the next one over the same."""
        if len(arcs) == len(self._sent):
            return dense
        last = self._last
        if last is None or last.of is not dense or not np.array_equal(last.arcs, arcs):
            self._last = last = _Curved(dense, arcs, dense.with_links(self._links_of(arcs)))
        return last.columns

    def _soft_arrival(self, prices: FloatArray, mu: float, costs: CapCosts | None) -> _Arrival:
        """Return the soft minimum over the window, then over the lanes of each bundle."""
        service, share = service_costs(self.market, self.group, prices), None
        if costs is not None:
            service += costs.service
        if self.group.window:
            service, share = _soft_ahead(ahead_costs(self.market, self.group, service), mu)
        if self._bundles is None:
            return _Arrival(service, share, None)
        cost, choice = self._bundles.choose(service, mu)
        return _Arrival(cost, share, choice)

    def _link_prices(self, prices: FloatArray, costs: CapCosts | None) -> FloatArray:
        """Return the price of every link (t, l), then of every cap that counts arcs."""
        paid = link_prices(self.market, self.group, prices)[:, : self.links]
        if costs is None or not len(self._sent):
            return paid
        every = np.empty((len(paid), self.links + len(costs.sent)))
        every[:, : self.links], every[:, self.links :] = paid, costs.sent
        return every


def _bundles(market: Market, group: Group, sent: FloatArray | None) -> Bundles | None:
    """Return the bundles of a class; None if its lanes are sites.

    They are its lanes where caps may count these apart, or where blocks by lag would be larger over bundles, kind by
    kind, than over lanes.
    """
    if group.lanes.are_sites:
        return None
    found = lane_by_lane(group) if sent is not None else bundles_of(group, market.never)
    is_larger = market.kinds * len(found.group.lanes) > len(group.lanes)
    return lane_by_lane(group) if group.window and is_larger else found


def _soft_ahead(ahead: FloatArray, mu: float) -> tuple[FloatArray, FloatArray]:
    """Return the soft minimum (t, s) of the costs of service after each delay (delay, t, s), and ``phi``."""
    lowest = ahead.min(axis=0)
    share = np.exp((lowest - ahead) / mu)
    total = share.sum(axis=0)
    share /= total
    return lowest - mu * np.log(total), share
