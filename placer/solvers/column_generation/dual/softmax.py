"""How the demands of a group divide over the sites: a softmax over all of them, in chunks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from placer.utils.arrays import period_chunks

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Group, Market

#: Cells worked on at once, so that they stay in the cache.
CELLS = 250_000

#: This is taken off every share. Products of shares far below it would fall below the normal numbers of single
#: precision, with which processors take a hundred times as long.
_LEAST = 1e-13


@dataclass(frozen=True, eq=False)
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
    above : float
        How far the dearest least price of a demand lies above the cheapest service of its period: what is rounded.
    """

    value: float
    arriving: np.ndarray
    passing: np.ndarray
    over: np.ndarray
    above: float = 0.0


class Dense:
    """A group with all its routes, in single or double precision.

    Attributes
    ----------
    cost : (s + 1, 1, h) array
        Of the arcs, and of nothing for what is left unserved, which stands as a last site.
    amount : (t, h) array
    incidence : (l, s, h) array
        Which routes use which links; no links where the group sends nothing that counts on them.
    flat_incidence : (l, s * h) array
        The same.
    """

    def __init__(self, market: Market, group: Group, precision: type[np.floating]) -> None:
        self.group, self.precision = group, precision
        self.cost = np.concatenate([group.arc_cost, np.zeros((1, len(group.origins)))]).astype(precision)[:, None]
        self.amount = group.amount.astype(precision)
        self.incidence = route_incidence(market, group).astype(precision)
        self.flat_incidence = self.incidence.reshape(len(self.incidence), group.arc_cost.size)
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
        return np.ascontiguousarray(both.reshape(len(one), self.group.arc_cost.size).T)


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
    for t in period_chunks(len(arrival), dense.cost.size, CELLS):
        walk.through(t)
    return Division(walk.value, walk.arriving, walk.passing, walk.over, walk.above)


class _Walk:
    """Sums over the chunks of periods."""

    def __init__(
        self, dense: Dense, arrival: np.ndarray, link_prices: np.ndarray, mu: float, sites: np.ndarray
    ) -> None:
        self.dense, self.mu, self.sites = dense, mu, sites
        periods, places = arrival.shape
        links = len(dense.incidence)
        size = len(sites) + links if len(sites) else 0
        self.above, self.arriving = 0.0, np.empty((periods, places))
        self.passing, self.over = np.zeros((periods, links)), np.empty((periods, size, size))
        paid = np.concatenate([arrival, np.full((periods, 1), dense.group.unserved)], axis=1)
        # What precision there is is spent on what lies above the cheapest service of each period.
        cheapest = paid.min(axis=1)
        self.value = float(dense.group.amount.sum(axis=1) @ cheapest)
        self.paid = np.ascontiguousarray((paid - cheapest[:, None]).T[:, :, None].astype(dense.precision))
        self.link_prices = link_prices

    def through(self, t: slice) -> None:
        """Divide the demands of some periods; sites come first, since sums over the first axis are the fastest."""
        dense, inverse = self.dense, self.dense.precision(1 / self.mu)
        share = self.paid[:, t] + dense.cost
        if self.link_prices[t].any():
            routes = (self.link_prices[t] @ dense.flat_incidence).astype(dense.precision)
            share[:-1] += routes.reshape(len(routes), len(share) - 1, -1).swapaxes(0, 1)
        least = share.min(axis=0)
        self.above = max(self.above, float(least.max()))
        np.subtract(least, share, out=share)
        share *= inverse
        np.exp(share, out=share)
        share -= dense.precision(_LEAST)
        total = share.sum(axis=0)
        self.value += float((dense.group.amount[t] * (least - self.mu * np.log(total))).sum())
        each, share = dense.amount[t] / total, share[:-1]
        if len(self.sites):
            self._curve(t, share, np.sqrt(each / total))
        if len(dense.incidence):
            self._pass(t, share.swapaxes(0, 1) * each[:, None])
        else:
            self.arriving[t] = np.matmul(share.swapaxes(0, 1), each[:, :, None])[:, :, 0]
        if len(self.sites):
            own = np.arange(len(self.sites))
            self.over[t, own, own] += self.arriving[t][:, self.sites]

    def _curve(self, t: slice, share: np.ndarray, root: np.ndarray) -> None:
        """Subtract the products of the shares, of sites and of links."""
        dense, sites = self.dense, self.sites
        chosen = (share if len(sites) == len(share) else share[sites]).swapaxes(0, 1)
        if len(dense.incidence):
            through = np.matmul(share.transpose(2, 1, 0), dense.by_origin).transpose(1, 2, 0)
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
