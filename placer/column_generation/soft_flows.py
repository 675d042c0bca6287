"""Feasible flows from a point of the path: every demand divided over sites and delays as in the smoothed dual.

At the maximiser of the smoothed dual these flows keep every limit, and cost more than the optimum by about the width
times their entropy. Near it some limits are exceeded by a little. What exceeds a limit is left unserved: the flows over
a full link are cut to its capacity first, then the work at a site to its capacity and its supply, and last all flows to
the caps. A cap that asks for at least an amount cannot be kept so: the certificate of an answer tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.column_generation.dual.softmax import route_incidence
from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.merit_order import taken_of_tiers
from placer.column_generation.market.service_costs import (
    ahead_costs,
    link_prices,
    served_later,
    service_costs,
)
from placer.model.answer import STORE_COLUMNS, Flows
from placer.model.loads import loads
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray

#: Shares of a demand below this are given to its other sites, so that an answer stays small.
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, eq=False)
class _Placed:
    """The work of a class.

    Attributes
    ----------
    group : Group
    sent : (t, s, h) array
        Amounts by period of arrival, site and origin.
    delay_share : (delay, t, s) array
        The part of the work that arrives in a period that is served after each delay.
    """

    group: Group
    sent: FloatArray
    delay_share: FloatArray

    @property
    def served(self) -> FloatArray:
        """The work served by period (t, s)."""
        return served_later(self.sent.sum(axis=2) * self.delay_share)

    def cut_to(self, part: FloatArray) -> _Placed:
        """Return the work with a part (t, s) of what is served in each period at each site."""
        delays, periods = self.delay_share.shape[:2]
        later = (np.arange(periods) + np.arange(delays)[:, None]) % periods
        kept = self.delay_share * part[later]
        total = kept.sum(axis=0)
        share = np.divide(kept, total, out=np.zeros_like(kept), where=total > 0)
        return _Placed(self.group, self.sent * total[:, :, None], share)


def soft_flows(structure: Structure, market: Market, prices: FloatArray, width: float) -> Flows:
    """Return flows that keep all limits, except caps of at least an amount.

    Parameters
    ----------
    structure : Structure
    market : Market
        Of the structure, at prices of its caps.
    prices : (t, r) array
        Prices of the market's resources at a point of the path.
    width : float
        Of that point.
    """
    placed = [_placed(market, group, prices, width) for group in market.groups]
    placed = _within_sites(structure, market, _within_links(structure, market, placed))
    demand, arc, amount = (np.concatenate(each) for each in zip(*map(_assignments, placed), strict=True))
    order = np.argsort(demand * len(structure.arc_cost) + arc, kind="stable")
    demand, arc, amount = demand[order], arc[order], amount[order]
    served = np.bincount(demand, amount, len(structure.demand_amount))
    drawn = sum(each.group.lanes.to_sites(each.served * each.group.draw) for each in placed)
    flows = Flows(
        demand=demand,
        arc=arc,
        amount=amount,
        unserved=np.maximum(structure.demand_amount - served, 0.0),
        waiting=_waiting(structure, placed),
        taken=taken_of_tiers(structure, market.order, np.asarray(drawn)),
        **{} if (stores := structure.stores) is None else dict.fromkeys(STORE_COLUMNS, np.zeros(stores.power.shape)),
    )
    return _within_caps(structure, flows)


def _placed(market: Market, group: Group, prices: FloatArray, width: float) -> _Placed:
    """Return the work of a class as its softmax divides it; less than a least share goes to other sites."""
    mu = width * group.weight
    ahead = ahead_costs(market, group, service_costs(market, group, prices))
    lowest = ahead.min(axis=0)
    delay_share = np.exp((lowest - ahead) / mu)
    total = delay_share.sum(axis=0)
    cost = group.arc_cost + (lowest - mu * np.log(total))[:, :, None]
    if group.link_use > 0 and len(market.link):
        cost += np.tensordot(link_prices(market, group, prices), route_incidence(market, group), 1)
    least = np.minimum(cost.min(axis=1, initial=np.inf), group.unserved)
    share = np.exp((least[:, None] - cost) / mu)
    share[:, group.arc < 0] = 0.0
    unserved = np.exp((least - group.unserved) / mu)
    share[share < _LEAST_SHARE] = 0.0
    sent = share * (group.amount / (share.sum(axis=1) + unserved))[:, None]
    return _Placed(group, sent, delay_share / total)


def _within_links(structure: Structure, market: Market, placed: Sequence[_Placed]) -> list[_Placed]:
    """Return the work that links can carry: a flow keeps the part of it that its fullest link can."""
    if not len(market.link):
        return list(placed)
    incidence = [route_incidence(market, each.group) for each in placed]
    carried = sum(
        each.group.link_use * np.tensordot(each.sent, links, ((1, 2), (1, 2)))
        for each, links in zip(placed, incidence, strict=True)
        if len(links)
    )
    part = _part_within(structure.link_capacity[market.link].T, np.asarray(carried))
    return [
        _Placed(each.group, each.sent * _least_part(part, links), each.delay_share)
        for each, links in zip(placed, incidence, strict=True)
    ]


def _least_part(part: FloatArray, incidence: FloatArray) -> FloatArray:
    """Return the least part (t, s, h) over the links of each route; 1 where it uses none."""
    least = np.ones((len(part), *incidence.shape[1:]))
    for of_link, routes in zip(part.T, incidence, strict=False):
        np.minimum(least, np.where(routes > 0, of_link[:, None, None], 1.0), out=least)
    return least


def _within_sites(structure: Structure, market: Market, placed: Sequence[_Placed]) -> list[_Placed]:
    """Return the work that the capacity and the supply of every site allow, class by class in the same part."""
    used = sum(each.group.lanes.to_sites(each.served * each.group.use) for each in placed)
    drawn = sum(each.group.lanes.to_sites(each.served * each.group.draw) for each in placed)
    part = np.minimum(
        _part_within(structure.capacity.T, np.asarray(used)),
        _part_within(market.order.within.sum(axis=0), np.asarray(drawn)),
    )
    return [each.cut_to(each.group.lanes.of_sites(part)) for each in placed]


def _within_caps(structure: Structure, flows: Flows) -> Flows:
    """Return all flows in the part of them that keeps the fullest cap."""
    capped, limit = loads(structure, flows).capped, structure.cap_limit
    part = float(_part_within(limit, capped)[limit > 0].min(initial=1.0))
    if part == 1.0:
        return flows
    served = np.bincount(flows.demand, part * flows.amount, len(structure.demand_amount))
    return replace(
        flows,
        amount=part * flows.amount,
        unserved=np.maximum(structure.demand_amount - served, 0.0),
        waiting=part * flows.waiting,
        taken=part * flows.taken,
    )


def _part_within(limit: FloatArray, taken: FloatArray) -> FloatArray:
    """Return the part of what is taken that keeps a limit; 1 where all of it does."""
    return np.where(taken > limit, limit / np.where(taken > limit, taken, 1.0), 1.0)


def _assignments(placed: _Placed) -> tuple[IntArray, IntArray, FloatArray]:
    """Return demand, arc and amount of every assignment that carries anything."""
    t, h, s = np.nonzero(placed.sent.transpose(0, 2, 1))
    return placed.group.demand[t, h], placed.group.arc[s, h], placed.sent[t, s, h]


def _waiting(structure: Structure, placed: Sequence[_Placed]) -> FloatArray:
    """Return the waiting amounts by queue flow."""
    flows, queues = structure.queue_flows, structure.rows.queue
    waiting = np.zeros(len(flows.klass))
    first = np.searchsorted(flows.queue, np.arange(structure.rows.sizes["queue"]))
    for each in placed:
        if structure.window[each.group.klass]:
            by_delay = each.sent.sum(axis=2) * each.delay_share
            delay, t, s = np.nonzero(by_delay)
            lanes = each.group.lanes
            waiting[first[queues[lanes.klass[s], lanes.site[s], t]] + delay] = by_delay[delay, t, s]
    return waiting
