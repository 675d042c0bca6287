"""From an optimum of the restricted program to an answer in the words of the structure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.model.answer import Duals, Flows
from placer.proof.bound import arrival_prices, cheapest_arcs, prices_of
from placer.solvers.column_generation.market.merit_order import cheapest_first
from placer.solvers.column_generation.master.prices import marginal_cost, power_base

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.solvers.column_generation.market.definition import Market
    from placer.solvers.column_generation.market.pricing import Near, Priced
    from placer.solvers.column_generation.master.program import MasterPoint
    from placer.solvers.column_generation.master.rows import Resources


def flows_of(
    structure: Structure, market: Market, resources: Resources, delays: list[np.ndarray], point: MasterPoint
) -> Flows:
    """Return the flows of an optimum; rounding of the solver is evened out demand by demand and queue by queue.

    Parameters
    ----------
    structure : Structure
    market : Market
    resources : Resources
    delays : list of (t, s) int arrays
        At which delay each group is served unless moved.
    point : MasterPoint
    """
    columns, unserved = point.columns, np.zeros(len(structure.demand_amount))
    demand, arc = np.full(len(columns), -1), np.full(len(columns), -1)
    for number, group in enumerate(market.groups):
        mine = np.flatnonzero((columns.number == number) & (columns.h >= 0))
        demand[mine] = group.demand[columns.t[mine], columns.h[mine]]
        served = mine[columns.s[mine] >= 0]
        arc[served] = group.arc[columns.s[served], columns.h[served]]
    amount = _evened(structure.demand_amount, demand, point.amount)
    left = np.flatnonzero((demand >= 0) & (arc < 0))
    np.add.at(unserved, demand[left], amount[left])
    nowhere = np.ones(len(unserved), dtype=bool)
    nowhere[demand[demand >= 0]] = False
    unserved[nowhere] = structure.demand_amount[nowhere]
    used = np.flatnonzero((arc >= 0) & (amount > 0))
    used = used[np.lexsort((arc[used], demand[used]))]
    waiting, drawn = _serve(structure, market, delays, columns, amount)
    taken = _take(structure, market, resources, point.taken, drawn)
    return Flows(demand[used], arc[used], amount[used], unserved, waiting, taken)


def duals_of(
    structure: Structure, market: Market, prices: np.ndarray, cap_prices: np.ndarray, priced: list[Priced]
) -> Duals:
    """Return the duals at some prices of the market, with every demand priced exactly, those of nothing too."""
    sites = market.sites
    power = power_base(market)
    if market.supplied:
        power = power + prices[:, sites : 2 * sites]
    balance = np.minimum(power, marginal_cost(market))
    demand = structure.unserved_cost[structure.demand_class].copy()
    queue = np.zeros((len(structure.window), *structure.capacity.shape))
    for part in priced:
        there = part.group.demand >= 0
        demand[part.group.demand[there]] = part.least[there]
        if structure.window[part.group.klass] > 0:
            queue[part.group.klass] = np.minimum(part.arrival, market.never).T
    link = np.zeros((len(structure.link_capacity), market.periods))
    link[market.link] = prices[:, market.kinds * sites :].T
    duals = Duals(
        demand=demand,
        queue=queue,
        balance=_at_meter(structure, balance),
        capacity=prices[:, :sites].T.copy(),
        intake=_at_meter(structure, power - balance),
        link=link,
        cap=cap_prices,
    )
    idle, absent = np.flatnonzero(structure.demand_amount == 0), structure.window > 0
    absent[[group.klass for group in market.groups]] = False
    return _with_idle(structure, market, duals, idle, absent) if idle.size or absent.any() else duals


def _with_idle(structure: Structure, market: Market, duals: Duals, idle: np.ndarray, absent: np.ndarray) -> Duals:
    """Return the duals with demands of nothing priced, which no group holds, and the queues of classes without any."""
    part = replace(
        structure,
        demand_class=structure.demand_class[idle],
        demand_origin=structure.demand_origin[idle],
        demand_period=structure.demand_period[idle],
        demand_amount=structure.demand_amount[idle],
    )
    prices = prices_of(part, duals)
    arriving = arrival_prices(part, prices.service)
    demand, queue = duals.demand.copy(), duals.queue.copy()
    demand[idle] = np.minimum(demand[idle], cheapest_arcs(part, prices, arriving))
    queue[absent] = np.minimum(arriving[absent], market.never)
    return replace(duals, demand=demand, queue=queue)


def _at_meter(structure: Structure, per_drawn: np.ndarray) -> np.ndarray:
    """Return a price per unit after the overhead (s, t) for one per unit before (t, s)."""
    return per_drawn.T / structure.overhead


def _evened(wanted: np.ndarray, demand: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Return the amounts, those of each demand in sum what is wanted."""
    mine = np.flatnonzero(demand >= 0)
    total = np.bincount(demand[mine], amount[mine], len(wanted))
    factor = np.divide(wanted, total, out=np.ones_like(wanted), where=total > 0)
    evened = amount.copy()
    evened[mine] *= factor[demand[mine]]
    return evened


def _serve(
    structure: Structure, market: Market, delays: list[np.ndarray], columns: Near, amount: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what waits, by queue flow, and what is drawn (t, s)."""
    periods, sites = market.periods, market.sites
    queue_flows, queues = structure.queue_flows, structure.rows.queue
    waiting = np.zeros(len(queue_flows.klass))
    first = np.searchsorted(queue_flows.queue, np.arange(structure.rows.sizes["queue"]))
    drawn = np.zeros((periods, sites))
    for number, group in enumerate(market.groups):
        mine = (columns.number == number) & (columns.s >= 0)
        sent, moved = np.flatnonzero(mine & (columns.h >= 0)), np.flatnonzero(mine & (columns.h < 0))
        arriving = np.zeros((periods, sites))
        np.add.at(arriving, (columns.t[sent], columns.s[sent]), amount[sent])
        if not structure.window[group.klass]:
            drawn += arriving * group.draw
            continue
        by_delay = np.zeros((group.window + 1, periods, sites))
        np.add.at(by_delay, (columns.delay[moved], columns.t[moved], columns.s[moved]), amount[moved])
        out = by_delay.sum(axis=0)
        by_delay *= np.minimum(np.divide(arriving, out, out=np.ones_like(out), where=out > 0), 1.0)
        t, s = np.indices((periods, sites))
        by_delay[delays[number], t, s] += np.maximum(arriving - by_delay.sum(axis=0), 0.0)
        delay, t, s = np.nonzero(by_delay)
        waiting[first[queues[group.klass, s, t]] + delay] = by_delay[delay, t, s]
        np.add.at(drawn, ((t + delay) % periods, s), by_delay[delay, t, s] * group.draw[s])
    return waiting, drawn


def _take(
    structure: Structure, market: Market, resources: Resources, taken: np.ndarray, drawn: np.ndarray
) -> np.ndarray:
    """Return what is taken of every tier: as the program says where caps decide, else the cheapest first."""
    order = market.order
    result = np.zeros_like(structure.tier_limit)
    if (resources.cap >= 0).any():
        site, t = structure.tier_site[resources.tier], resources.tier_t
        result[resources.tier, t] = _matched(taken, t * market.sites + site, drawn.ravel())
        only_t, only_s = np.nonzero(resources.only >= 0)
        result[resources.only[only_t, only_s], only_t] = drawn[only_t, only_s]
    else:
        rank, t, s = np.nonzero(order.tier >= 0)
        result[order.tier[rank, t, s], t] = cheapest_first(order, drawn)[rank, t, s]
    return result * structure.overhead[structure.tier_site] / structure.tier_yield[:, None]


def _matched(taken: np.ndarray, place: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return the amounts scaled so that those of each place sum to what is drawn there."""
    total = np.bincount(place, taken, len(drawn))
    return taken * np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0)[place]
