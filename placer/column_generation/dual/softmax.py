"""Softmax of the demands of a class over all sites, in chunks of periods.

A demand (h, t) may go to any site j at the price z_hjt, or stay unserved at the penalty. At width mu, with its lowest
price ``z*_ht = min(penalty, min_j z_hjt)``,

    E_hjt   = exp((z*_ht - z_hjt) / mu)
    Z_ht    = exp((z*_ht - penalty) / mu) + sum_j E_hjt
    P_hjt   = E_hjt / Z_ht                               the share of site j
    worth   = z*_ht - mu log Z_ht                        the soft minimum of its prices

Over all demands of the class, with u_lhj = 1 where the route from h to j uses link l,

    value         sum_ht amount_ht worth_ht
    arriving      X_jt = sum_h amount_ht P_hjt
    link flow     F_lt = sum_h amount_ht sum_j u_lhj P_hjt
    covariance    C_t  = sum_h amount_ht Cov(e_j, u_lhj)     of sites and links, with j drawn by P_hjt

Over sites alone the covariance is ``diag(X_t) - sum_h amount_ht P_ht P_ht'``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from placer.column_generation.dual.places import EitherArray, Places, places_of, product_of_flows
from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.pricing import CELLS_PER_CHUNK
from placer.utils.arrays import FloatArray, IntArray, period_chunks

#: Subtracted from every share: products of three smaller ones would be subnormal in single precision, which takes
#: processors a hundred times as long.
SHARE_FLOOR = float(np.finfo(np.float32).tiny) ** (1 / 3)


@dataclass(frozen=True, eq=False)
class Softmax:
    """The sums over the demands of a class, as the module's text defines them.

    Attributes
    ----------
    value : float
    arriving : (t, s) array
        ``X``.
    link_flow : (t, l) array
        ``F``, in units of work: before ``link_use``.
    covariance : (t, n, n) array
        ``C`` over the chosen sites, then the chosen links; empty where no site was chosen.
    price_range : float
        The largest ``z*`` above the cheapest service of its period, or somewhat more: the figure that precision must
        resolve.
    """

    value: float
    arriving: FloatArray
    link_flow: FloatArray
    covariance: FloatArray
    price_range: float = 0.0


@dataclass(frozen=True, eq=False)
class DenseClass:
    """All columns of a class, in single or double precision.

    Attributes
    ----------
    group : Group
    cost : (s + 1, 1, h) array
        Costs of the arcs, and zeros for unserved demand, which stands as a last site.
    amount : (t, h) array
    incidence : (l, s, h) array
        ``u``; without links where the class uses none.
    """

    group: Group
    cost: EitherArray
    amount: EitherArray
    incidence: EitherArray

    @property
    def precision(self) -> type[np.floating[Any]]:
        """Type of the numbers."""
        return self.cost.dtype.type

    def with_links(self, links: IntArray) -> DenseClass:
        """Return the same columns with some of the links alone, in their order."""
        return self if len(links) == len(self.incidence) else replace(self, incidence=self.incidence[links])

    @cached_property
    def places(self) -> Places | None:
        """Where routes use links, if that is at few sites."""
        return places_of(self.incidence)

    @cached_property
    def by_route(self) -> EitherArray:
        """Incidence as (l, s * h)."""
        return self.incidence.reshape(len(self.incidence), self.group.arc_cost.size)

    @cached_property
    def by_site(self) -> EitherArray:
        """Incidence as (s, h, l)."""
        return np.ascontiguousarray(self.incidence.transpose(1, 2, 0))

    @cached_property
    def by_origin(self) -> EitherArray:
        """Incidence as (h, s, l)."""
        return np.ascontiguousarray(self.incidence.transpose(2, 1, 0))

    @cached_property
    def link_pairs(self) -> tuple[IntArray, IntArray]:
        """Every two links, and every link with itself, as positions."""
        return np.triu_indices(len(self.incidence))

    @cached_property
    def pair_incidence(self) -> EitherArray:
        """``u_l u_m``: the routes that use both links of a pair (s * h, pairs), in the order of ``link_pairs``."""
        links = np.ascontiguousarray(self.by_route.T)
        return np.concatenate([links[:, [one]] * links[:, one:] for one in range(links.shape[1])], axis=1)


def dense_class(
    market: Market, group: Group, precision: type[np.floating[Any]], sent: FloatArray | None = None
) -> DenseClass:
    """Lay out the columns of a class in a precision; what caps count of its arcs (a, s, h) stands after the links."""
    cost = np.concatenate([group.arc_cost, np.zeros((1, len(group.origins)))]).astype(precision)[:, None]
    incidence = route_incidence(market, group)
    if sent is not None:
        incidence = np.concatenate([incidence, sent])
    return DenseClass(group, cost, group.amount.astype(precision), incidence.astype(precision))


def route_incidence(market: Market, group: Group) -> FloatArray:
    """Return ``u`` (l, s, h) of the routes of a class; without links where it uses none of them."""
    links = group.lanes.of_sites(market.links[:, :, group.origins], 1)
    return links if group.link_use > 0 else links[:0]


def softmax_over_all(
    dense: DenseClass,
    arrival: FloatArray,
    link_prices: FloatArray,
    mu: float,
    sites: IntArray,
    curved: DenseClass | None = None,
) -> Softmax:
    """Compute the softmax of a class over all its columns.

    Parameters
    ----------
    dense : DenseClass
    arrival : (t, s) array
        ``V``, the cost of service by period of arrival.
    link_prices : (t, l) array
        Price of a unit on each link.
    mu : float
        Width of the class.
    sites : int array
        Sites of the covariance; may be empty.
    curved : DenseClass, optional
        The same columns with the links of the covariance; all links if not given.
    """
    group, periods, curved = dense.group, len(arrival), curved or dense
    sums = _new_sums(arrival.shape, len(dense.incidence), len(sites) + len(curved.incidence) if len(sites) else 0)
    offers = np.empty((periods, arrival.shape[1] + 1))
    offers[:, :-1], offers[:, -1] = arrival, group.unserved
    # Only the part of each price above the cheapest service of its period is rounded to the precision of the class.
    cheapest = offers.min(axis=1)
    above = np.ascontiguousarray((offers - cheapest[:, None]).T[:, :, None].astype(dense.precision))
    value, price_range = float(group.amount.sum(axis=1) @ cheapest), 0.0
    for t in period_chunks(periods, dense.cost.size, CELLS_PER_CHUNK):
        lowest, weight = _weights(dense, above[:, t], link_prices[t], mu)
        total = weight.sum(axis=0)
        price_range = max(price_range, float(lowest.max()))
        value += float((group.amount[t] * (lowest - mu * np.log(total))).sum())
        scale = dense.amount[t] / total
        sums.arriving[t] = _arriving(weight[:-1], scale)
        if len(dense.incidence):
            sums.link_flow[t] = _link_flow(dense, weight[:-1], scale)
        if len(sites):
            covariance, own = sums.covariance[t], np.arange(len(sites))
            _set_covariance(curved, weight[:-1], scale, total, sites, covariance)
            covariance[:, own, own] += sums.arriving[t][:, sites]
    return Softmax(value, sums.arriving, sums.link_flow, sums.covariance, price_range)


@dataclass(eq=False)
class _Sums:
    """The arrays of a softmax, filled period by period."""

    arriving: FloatArray
    link_flow: FloatArray
    covariance: FloatArray


def _new_sums(shape: tuple[int, ...], links: int, curved: int) -> _Sums:
    periods = shape[0]
    return _Sums(np.empty(shape), np.zeros((periods, links)), np.empty((periods, curved, curved)))


def _weights(
    dense: DenseClass, above: EitherArray, link_prices: FloatArray, mu: float
) -> tuple[EitherArray, EitherArray]:
    """Return ``z*`` (t, h) and ``E`` less a floor (s + 1, t, h) of some periods; prices are above the cheapest service.

    Sites come first, since sums over the first axis are the fastest.
    """
    precision = dense.precision
    price: EitherArray
    if not link_prices.any():
        price = above + dense.cost
    elif (link_prices == link_prices[0]).all():  # as of caps, whose prices are the same in all periods
        cost = dense.cost.copy()
        cost[:-1] += (link_prices[0].astype(precision) @ dense.by_route).reshape(-1, 1, cost.shape[2])
        price = above + cost
    else:
        price = above + dense.cost
        routes = (link_prices @ dense.by_route).astype(precision)
        price[:-1] += routes.reshape(len(routes), len(price) - 1, -1).swapaxes(0, 1)
    lowest = price.min(axis=0)
    weight = np.subtract(lowest, price, out=price)
    weight *= precision(1 / mu)
    np.exp(weight, out=weight)
    weight -= precision(SHARE_FLOOR)
    return lowest, weight


def _link_flow(dense: DenseClass, weight: EitherArray, scale: EitherArray) -> EitherArray:
    """Return ``F`` (t, l) of some periods, from ``E`` (s, t, h) and ``amount / Z`` (t, h)."""
    if (places := dense.places) is not None:
        return product_of_flows(places.flow(places.shares(weight), scale), places.member)
    flow = weight.swapaxes(0, 1) * scale[:, None]
    return np.asarray(flow.reshape(len(flow), -1) @ dense.by_route.T)


def _set_covariance(
    dense: DenseClass, weight: EitherArray, scale: EitherArray, total: EitherArray, sites: IntArray, out: FloatArray
) -> None:
    """Set ``out`` (t, n, n) to ``C`` less the diagonal of ``X``, from ``E`` (s, t, h), ``amount / Z`` and ``Z``."""
    root, places = np.sqrt(scale / total), dense.places
    if places is not None:
        share = places.shares(weight)
        _subtract_products(dense, weight, root, sites, places.of_links(share), out)
        places.add_products(places.flow(share, scale), share, scale, sites, out)
        return
    _subtract_products(dense, weight, root, sites, None, out)
    if len(dense.incidence):
        _add_links(dense, weight.swapaxes(0, 1) * scale[:, None], sites, out)


def _arriving(weight: EitherArray, scale: EitherArray) -> EitherArray:
    """Return ``sum_h amount P`` (t, s), given ``E`` (s, t, h) and ``amount / Z`` (t, h)."""
    return np.asarray(np.matmul(weight.swapaxes(0, 1), scale[:, :, None])[:, :, 0])


def _subtract_products(
    dense: DenseClass,
    weight: EitherArray,
    root: EitherArray,
    sites: IntArray,
    of_links: EitherArray | None,
    out: FloatArray,
) -> None:
    """Set ``out`` (t, n, n) to ``-sum_h amount Q Q'``, with Q the shares of sites and of links.

    ``root`` (t, h) is ``sqrt(amount) / Z``, so that one product of ``root E`` with itself does. ``of_links`` (t, l, h)
    is ``sum_j u E`` where it is known.
    """
    chosen = (weight if len(sites) == len(weight) else weight[sites]).swapaxes(0, 1)
    if len(dense.incidence):
        if of_links is None:
            of_links = np.matmul(weight.transpose(2, 1, 0), dense.by_origin).transpose(1, 2, 0)
        chosen = np.concatenate([chosen, of_links], axis=1)
    chosen = chosen * root[:, None]
    np.negative(np.matmul(chosen, chosen.transpose(0, 2, 1)), out=out)


def _add_links(dense: DenseClass, flow: EitherArray, sites: IntArray, out: FloatArray) -> None:
    """Add to ``out`` (t, n, n) the flow (t, s, h) of each site over each link, and over every two links."""
    count, links = len(sites), len(dense.incidence)
    of_sites = np.matmul(flow.transpose(1, 0, 2), dense.by_site).transpose(1, 0, 2)[:, sites]
    out[:, :count, count:] += of_sites
    out[:, count:, :count] += of_sites.transpose(0, 2, 1)
    one, other = dense.link_pairs
    both = np.zeros((len(flow), links, links))
    both[:, one, other] = both[:, other, one] = flow.reshape(len(flow), -1) @ dense.pair_incidence
    out[:, count:, count:] += both
