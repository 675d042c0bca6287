"""How the demands of a group divide over the sites: a softmax over all of them, in single precision and in chunks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.large.market import Group, Market

#: Cells worked on at once, so that they stay in the cache.
CELLS = 250_000

#: Shares below this are none. Their products would fall below the normal numbers of single precision, with which
#: processors take a hundred times as long.
_LEAST_LOG = np.float32(-30.0)
_LEAST = np.exp(_LEAST_LOG)


@dataclass(frozen=True)
class Division:
    """What a division of a group comes to.

    Attributes
    ----------
    value : float
    arriving : (t, s) array
        ``X``, what arrives at each site.
    passing : (t, l) array
        What passes through the links, before ``link_use``.
    over : (t, n, n) array
        ``diag(X) - sum_h amount P P'`` over the chosen sites, then the links; empty where none were chosen.
    """

    value: float
    arriving: np.ndarray
    passing: np.ndarray
    over: np.ndarray


class Dense:
    """A group with all its routes, in single precision.

    Attributes
    ----------
    arc_cost, amount : (s, h), (t, h) arrays
    incidence : (l, s, h) array
        Which routes use which links; no links where the group sends nothing that counts on them.
    flat_incidence : (l, s * h) array
        The same.
    """

    def __init__(self, market: Market, group: Group) -> None:
        self.group = group
        self.arc_cost = group.arc_cost.astype(np.float32)
        self.amount = group.amount.astype(np.float32)
        self.incidence = route_incidence(market, group).astype(np.float32)
        self.flat_incidence = self.incidence.reshape(len(self.incidence), self.arc_cost.size)
        self.upper = np.triu_indices(len(self.incidence))

    @cached_property
    def by_site(self) -> np.ndarray:
        """Incidence as (s, h, l)."""
        return np.ascontiguousarray(self.incidence.transpose(1, 2, 0))

    @cached_property
    def by_origin(self) -> np.ndarray:
        """Incidence as (h, s, l)."""
        return np.ascontiguousarray(self.incidence.transpose(2, 1, 0))

    @cached_property
    def pairs(self) -> np.ndarray:
        """Which routes use both links of each pair (s * h, pairs)."""
        one, other = self.upper
        both = self.incidence[one] * self.incidence[other]
        return np.ascontiguousarray(both.reshape(len(one), self.arc_cost.size).T)


def route_incidence(market: Market, group: Group) -> np.ndarray:
    """Return which routes of a group use which links (l, s, h); no links where it sends nothing."""
    links = market.links[:, :, group.origins]
    return links if group.link_use > 0 else links[:0]


def divide(dense: Dense, arrival: np.ndarray, link_prices: np.ndarray, mu: float, sites: np.ndarray) -> Division:
    """Divide the demands of a group.

    Parameters
    ----------
    dense : Dense
    arrival : (t, s) array
        Cost of service by period of arrival.
    link_prices : (t, l) array
        What a unit pays on each link.
    mu : float
        Width of the group.
    sites : int array
        Sites whose curvature is wanted; may be empty.
    """
    walk = _Walk(dense, arrival, link_prices, mu, sites)
    step = max(1, CELLS // max(dense.arc_cost.size, 1))
    periods = len(arrival)
    for start in range(0, periods, step):
        walk.through(slice(start, min(start + step, periods)))
    return Division(walk.value, walk.arriving, walk.passing, walk.over)


class _Walk:
    """Sums over the chunks of periods."""

    def __init__(
        self, dense: Dense, arrival: np.ndarray, link_prices: np.ndarray, mu: float, sites: np.ndarray
    ) -> None:
        self.dense, self.mu, self.sites = dense, mu, sites
        periods, places = arrival.shape
        links = len(dense.incidence)
        size = len(sites) + links if len(sites) else 0
        self.value, self.arriving = 0.0, np.empty((periods, places))
        self.passing, self.over = np.zeros((periods, links)), np.empty((periods, size, size))
        unserved = dense.group.unserved
        # Single precision is spent on what lies above the cheapest service of each period.
        self.base = np.minimum(arrival.min(axis=1, keepdims=True), unserved)
        self.arrival = (arrival - self.base).astype(np.float32)
        self.unserved = (unserved - self.base).astype(np.float32)
        self.link_prices = link_prices

    def through(self, t: slice) -> None:
        """Divide the demands of some periods."""
        dense, inverse = self.dense, np.float32(1 / self.mu)
        share = self.arrival[t, :, None] + dense.arc_cost
        if self.link_prices[t].any():
            routes = self.link_prices[t] @ dense.flat_incidence
            share += routes.astype(np.float32).reshape(share.shape)
        least = np.minimum(share.min(axis=1), self.unserved[t])
        np.subtract(least[:, None], share, out=share)
        share *= inverse
        np.maximum(share, _LEAST_LOG, out=share)
        np.exp(share, out=share)
        share -= _LEAST
        total = share.sum(axis=1) + np.exp((least - self.unserved[t]) * inverse)
        worth = least - self.mu * np.log(total) + self.base[t]
        self.value += float((dense.group.amount[t] * worth).sum())
        each = dense.amount[t] / total
        if len(self.sites):
            self._curve(t, share, np.sqrt(each / total))
        if len(dense.incidence):
            self._pass(t, share * each[:, None])
        else:
            self.arriving[t] = np.matmul(share, each[:, :, None])[:, :, 0]
        if len(self.sites):
            own = np.arange(len(self.sites))
            self.over[t, own, own] += self.arriving[t][:, self.sites]

    def _curve(self, t: slice, share: np.ndarray, root: np.ndarray) -> None:
        """Subtract the products of the shares, of sites and of links."""
        dense, sites = self.dense, self.sites
        chosen = share if len(sites) == share.shape[1] else share[:, sites]
        if len(dense.incidence):
            through = np.matmul(share.transpose(2, 0, 1), dense.by_origin).transpose(1, 2, 0)
            chosen = np.concatenate([chosen, through], axis=1)
        chosen = chosen * root[:, None]
        np.negative(np.matmul(chosen, chosen.transpose(0, 2, 1)), out=self.over[t])

    def _pass(self, t: slice, flow: np.ndarray) -> None:
        """Add what passes through links, and its part of the curvature."""
        dense, count = self.dense, len(self.sites)
        flat = flow.reshape(len(flow), -1)
        self.arriving[t] = flow.sum(axis=2)
        self.passing[t] = flat @ dense.flat_incidence.T
        if not count:
            return
        of_sites = np.matmul(flow.transpose(1, 0, 2), dense.by_site).transpose(1, 0, 2)[:, self.sites]
        self.over[t, :count, count:] += of_sites
        self.over[t, count:, :count] += of_sites.transpose(0, 2, 1)
        one, other = dense.upper
        both = np.zeros((len(flow), len(dense.incidence), len(dense.incidence)))
        both[:, one, other] = both[:, other, one] = flat @ dense.pairs
        self.over[t, count:, count:] += both
