"""From an optimum of the restricted master to an answer in the words of the structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placer.column_generation.market.definition import Market
from placer.column_generation.market.groups import Group
from placer.column_generation.market.merit_order import at_meter, has_stores, taken_of_tiers
from placer.column_generation.market.pricing import Near, Priced
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.prices import marginal_cost, supply_prices
from placer.column_generation.master.program import MasterPoint
from placer.column_generation.master.rows import MasterRows
from placer.column_generation.master.store_prices import StorePrices, duals_of_resources
from placer.model.answer import STORE_COLUMNS, Duals, Flows
from placer.model.parts import part_of
from placer.model.structure import Structure
from placer.proof.bound import arrival_prices, bound_prices, cheapest_arcs
from placer.utils.arrays import BoolArray, FloatArray, IntArray


def recover_flows(structure: Structure, maker: ColumnMaker, point: MasterPoint) -> Flows:
    """Return the flows of an optimum; rounding of the solver is removed demand by demand and queue by queue.

    Parameters
    ----------
    structure : Structure
    maker : ColumnMaker
        What made the columns of the master.
    point : MasterPoint
    """
    columns, unserved = point.columns, np.zeros(len(structure.demand_amount))
    demand, arc = _demands_and_arcs(maker.market, columns)
    amount = _matched_to_demand(structure.demand_amount, demand, point.amount)
    left = np.flatnonzero((demand >= 0) & (arc < 0))
    np.add.at(unserved, demand[left], amount[left])
    without_column = np.ones(len(unserved), dtype=bool)
    without_column[demand[demand >= 0]] = False
    unserved[without_column] = structure.demand_amount[without_column]
    used = np.flatnonzero((arc >= 0) & (amount > 0))
    used = used[np.lexsort((arc[used], demand[used]))]
    waiting, drawn = _serve(structure, maker, columns, amount)
    stored = dict(zip(STORE_COLUMNS, point.stored, strict=True))
    if structure.stores is not None:
        charged = structure.stores.at_sites(stored["charged"] - stored["discharged"], structure.sites)
        drawn = np.maximum(drawn + (charged / structure.overhead).T, 0.0)
    taken = _take_from_tiers(structure, maker.market, maker.rows, point.drawn, drawn)
    return Flows(demand[used], arc[used], amount[used], unserved, waiting, taken, **stored)


def recover_duals(
    structure: Structure,
    market: Market,
    prices: FloatArray,
    caps: FloatArray,
    priced: list[Priced],
    stores: StorePrices,
) -> Duals:
    """Return the duals at prices of the market, with every demand priced exactly, those of zero amount too.

    Parameters
    ----------
    structure : Structure
    market : Market
        The market at the cap prices.
    prices : (t, r) array
        Prices of the market's resources.
    caps : (c,) array
        Prices of the caps.
    priced : list of Priced
        All groups at these prices.
    stores : StorePrices
    """
    power = supply_prices(market, prices)
    balance = np.where(has_stores(structure), power - stores.intake, np.minimum(power, marginal_cost(market)))
    demand, queue = _demand_and_queue_duals(structure, market, priced)
    duals = replace(
        duals_of_resources(structure, market, prices, caps, stores),
        demand=demand,
        queue=queue,
        balance=_at_meter(structure, balance),
        intake=_at_meter(structure, power - balance),
    )
    idle, absent = np.flatnonzero(structure.demand_amount == 0), structure.window > 0
    absent &= ~np.isin(structure.served_class, [group.klass for group in market.groups])
    return _with_idle(structure, market, duals, idle, absent) if idle.size or absent.any() else duals


def _demand_and_queue_duals(
    structure: Structure, market: Market, priced: list[Priced]
) -> tuple[FloatArray, FloatArray]:
    """Return the duals of demands (i,), the penalty where no group holds them, and of queues (k, s, t)."""
    demand = structure.unserved_cost[structure.demand_class].copy()
    queue = np.zeros((structure.classes, *structure.capacity.shape))
    for part in priced:
        there = part.group.demand >= 0
        demand[part.group.demand[there]] = part.least[there]
        if structure.window[part.group.klass] > 0:
            lanes = part.group.lanes
            queue[lanes.klass, lanes.site] = np.minimum(part.arrival, market.never).T
    return demand, queue


def _with_idle(structure: Structure, market: Market, duals: Duals, idle: IntArray, absent: BoolArray) -> Duals:
    """Price the rows that no group holds: demands of zero amount, ``idle``, and queues of the classes ``absent``."""
    part = part_of(structure, demands=idle)
    prices = bound_prices(part, duals)
    arriving = arrival_prices(part, prices.service)
    demand, queue = duals.demand.copy(), duals.queue.copy()
    demand[idle] = np.minimum(demand[idle], cheapest_arcs(part, prices, arriving))
    queue[absent] = np.minimum(arriving[absent], market.never)
    return replace(duals, demand=demand, queue=queue)


def _at_meter(structure: Structure, per_drawn: FloatArray) -> FloatArray:
    """Return a price per unit after the overhead (s, t) for one per unit before (t, s)."""
    return per_drawn.T / structure.overhead


def _demands_and_arcs(market: Market, columns: Near) -> tuple[IntArray, IntArray]:
    """Return the demand of each column, -1 for delays, and its arc, -1 for delays and unserved demand."""
    demand, arc = np.full(len(columns), -1), np.full(len(columns), -1)
    for number, group in enumerate(market.groups):
        mine = np.flatnonzero((columns.number == number) & (columns.h >= 0))
        demand[mine] = group.demand[columns.t[mine], columns.h[mine]]
        served = mine[columns.s[mine] >= 0]
        arc[served] = group.arc[columns.s[served], columns.h[served]]
    return demand, arc


def _matched_to_demand(asked: FloatArray, demand: IntArray, amount: FloatArray) -> FloatArray:
    """Return the amounts scaled so that those of each demand sum to the demand."""
    mine = np.flatnonzero(demand >= 0)
    total = np.bincount(demand[mine], amount[mine], len(asked))
    factor = np.divide(asked, total, out=np.ones_like(asked), where=total > 0)
    matched = amount.copy()
    matched[mine] *= factor[demand[mine]]
    return matched


def _serve(
    structure: Structure, maker: ColumnMaker, columns: Near, amount: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the waiting amounts by queue flow, and the draw (t, s)."""
    market, queue_flows, queues = maker.market, structure.queue_flows, structure.rows.queue
    waiting = np.zeros(len(queue_flows.klass))
    first = np.searchsorted(queue_flows.queue, np.arange(structure.rows.sizes["queue"]))
    drawn = np.zeros((market.periods, market.sites))
    for number, group in enumerate(market.groups):
        mine = (columns.number == number) & (columns.s >= 0)
        sent = np.flatnonzero(mine & (columns.h >= 0))
        lanes = group.lanes
        arriving = np.zeros((market.periods, len(lanes)))
        np.add.at(arriving, (columns.t[sent], columns.s[sent]), amount[sent])
        if not structure.window[group.klass]:
            drawn += lanes.to_sites(arriving * group.draw)
            continue
        moved = np.flatnonzero(mine & (columns.h < 0))
        by_delay = _by_delay(group, maker.delays[number], arriving, columns.take(moved), amount[moved])
        delay, t, s = np.nonzero(by_delay)
        waiting[first[queues[lanes.klass[s], lanes.site[s], t]] + delay] = by_delay[delay, t, s]
        np.add.at(drawn, (market.after(t, delay), lanes.site[s]), by_delay[delay, t, s] * group.draw[s])
    return waiting, drawn


def _by_delay(group: Group, default: IntArray, arriving: FloatArray, moves: Near, amount: FloatArray) -> FloatArray:
    """Return the amounts served after each delay (delay, t, s); moves beyond the arriving amounts are scaled down."""
    by_delay = np.zeros((group.window + 1, *arriving.shape))
    np.add.at(by_delay, (moves.delay, moves.t, moves.s), amount)
    moved = by_delay.sum(axis=0)
    by_delay *= np.minimum(np.divide(arriving, moved, out=np.ones_like(moved), where=moved > 0), 1.0)
    t, s = np.indices(arriving.shape)
    by_delay[default, t, s] += np.maximum(arriving - by_delay.sum(axis=0), 0.0)
    return by_delay


def _take_from_tiers(
    structure: Structure, market: Market, rows: MasterRows, of_columns: FloatArray, drawn: FloatArray
) -> FloatArray:
    """Return the draw on every tier: that of the master if there are caps or stores, else the cheapest tiers first."""
    if not (rows.cap >= 0).any() and structure.stores is None:
        return taken_of_tiers(structure, market.order, drawn)
    taken = np.zeros_like(structure.tier_limit)
    site, t = structure.tier_site[rows.tier], rows.tier_period
    taken[rows.tier, t] = _matched_to_drawn(of_columns, t * market.sites + site, drawn.ravel())
    single_t, single_s = np.nonzero(rows.single >= 0)
    taken[rows.single[single_t, single_s], single_t] = drawn[single_t, single_s]
    return at_meter(structure, taken)


def _matched_to_drawn(of_columns: FloatArray, place: IntArray, drawn: FloatArray) -> FloatArray:
    """Return the amounts of tiers scaled so that those of each place sum to the draw there."""
    total = np.bincount(place, of_columns, len(drawn))
    return of_columns * np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0)[place]
