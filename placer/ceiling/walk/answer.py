"""Answers of three objectives in order (most served, least displaced, most exported) from sweeps of a single limit.

All arcs enter at that limit. The cost of an arc is the count of a unit on it: negative as exported, positive as
displaced.

A sweep gives the flow by node, arc and option, and a price of every row of ``placer.ceiling.walk.rows``. There,
power is one row for a site and period; a structure has two limits. The price belongs to the site's own limit if that
limit is the lower one, else to the balance of its supplies. Where a cap distinguishes supplies, each supply has a row,
and the price of energy at a site is the lowest price of its supplies, rents of their limits included.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.rows import Rows
from placer.ceiling.walk.sweep import Sweep, sweep
from placer.model.aggregation import merge
from placer.model.answer import Answer, Duals, Flows
from placer.model.structure import Structure
from placer.proof.bound import arrival_prices, bound_prices, cheapest_arcs
from placer.solvers.memory import MEASURED
from placer.termination import Reason, Termination
from placer.tolerances import SOLVER
from placer.utils.arrays import AnyArray, FloatArray, IntArray, sums_by

#: Initial and least final weight of a served unit, in units of the largest weight of an exported unit.
LEAST_PENALTY = 30.0


@dataclass(frozen=True)
class Served:
    """An answer with the most served, then the least displaced, then the most exported demand.

    Attributes
    ----------
    answer : Answer
        Its duals belong to the structure in which an unserved unit costs ``penalty`` and a displaced unit costs
        ``displacement`` times its count.
    duals_alone : Duals
        They prove the most served demand: duals of the structure with a penalty of 1 and no other cost.
    duals_before : Duals or None
        They prove the least displaced demand: duals of the structure in which an unserved unit costs ``penalty /
        displacement`` and a displaced unit costs its count. None if no arc displaces.
    """

    answer: Answer
    duals_alone: Duals
    duals_before: Duals | None
    penalty: float
    displacement: float


def exports_of(structure: Structure) -> FloatArray:
    """Exports per unit on every arc."""
    return np.maximum(-structure.arc_cost, 0.0)


def displaced_of(structure: Structure) -> FloatArray:
    """Displaced demand per unit on every arc."""
    return np.maximum(structure.arc_cost, 0.0)


def weighed(structure: Structure, penalty: float, displacement: float, export: float) -> Structure:
    """Return the structure with prices on demand that is unserved, displaced and, below 0, exported.

    What work costs, it costs beside exports.
    """
    return replace(
        structure,
        arc_cost=displacement * displaced_of(structure) - export * exports_of(structure),
        work_cost=export * structure.work_cost,
        unserved_cost=np.full_like(structure.unserved_cost, penalty),
    )


def served_first(structure: Structure, time_limit_seconds: float, parameters: SweepParameters | None = None) -> Served:
    """Answer a structure whose only costs are those of its arcs; the caller proves the answer.

    Raises
    ------
    NoSolutionError
        If HiGHS does not answer, or the time is over.
    """
    unit = float(exports_of(structure).max(initial=0.0)) or 1.0
    work = float(displaced_of(structure).max(initial=0.0)) or 1.0
    merged = merge(structure)
    small = merged.structure
    walks = _walks(small, unit, work, time.monotonic() + time_limit_seconds, parameters or SweepParameters())
    first, middle = _weights(walks)
    penalty, displacement = unit * first, unit * middle / work

    def duals(served: float, displaced: float, exported: float) -> Duals:
        prices = [np.maximum(served * s + displaced * d + exported * e, 0.0) for s, d, e in (w.prices for w in walks)]
        return duals_of(weighed(small, served, displaced / work, exported / unit), walks, prices)

    answer = Answer(
        termination=Termination(Reason.OPTIMAL, f"walk: {sum(walk.moves for walk in walks)} moves"),
        flows=swept_flows(small, walks),
        duals=duals(penalty, unit * middle, unit),
        iterations=sum(walk.iterations for walk in walks),
    )
    # Where all is served prices of 0 prove that no more can be; where nothing is displaced, those of serving alone do.
    flows, prices = answer.point, answer.prices
    alone = duals(1.0, 0.0, 0.0) if flows.unserved.any() else _times(0.0, prices)
    before = None
    if middle:
        displaces = (displaced_of(small)[flows.arc] * flows.amount).any()
        ahead = first / middle * work
        before = duals(ahead, work, 0.0) if displaces else _times(ahead, alone)
    return Served(
        answer=merged.spread(answer),
        duals_alone=replace(alone, demand=alone.demand[merged.demand]),
        duals_before=None if before is None else replace(before, demand=before.demand[merged.demand]),
        penalty=penalty,
        displacement=displacement,
    )


def _times(factor: float, duals: Duals) -> Duals:
    return Duals(**{field.name: factor * getattr(duals, field.name) for field in fields(Duals)})


def _walks(structure: Structure, unit: float, work: float, deadline: float, parameters: SweepParameters) -> list[Sweep]:
    """Sweep over all parts of a structure. Arcs that displace enter last, since most ceilings need none of them."""
    shape = (structure.classes, structure.origins, structure.ways)
    arcs = structure.arc_class, structure.arc_origin, structure.arc_way
    enter, counted = np.full(shape, np.inf), np.zeros(shape)
    enter[arcs] = np.where(displaced_of(structure) > 0, 1.0, -np.inf)
    counted[arcs] = exports_of(structure) / unit - displaced_of(structure) / work
    chosen = replace(parameters, first_weight=LEAST_PENALTY)
    blocks = split(structure, enter, counted, parameters.together, MEASURED.bytes_per_swept_arc)
    return [sweep(block, chosen, deadline=deadline) for block in blocks]


def _weights(walks: Sequence[Sweep]) -> tuple[float, float]:
    """Return the least weights of a served and a displaced unit, in exports, that are valid for all parts.

    The weights of a part stay valid if both grow and that of served demand grows by at least as large a factor.
    """
    weights = [walk.weights for walk in walks]
    middle = max((second for _, second in weights), default=0.0)
    ahead = max((first / second for first, second in weights if second), default=0.0)
    return max([LEAST_PENALTY, ahead * middle, *(first for first, _ in weights)]), middle


def swept_flows(structure: Structure, walks: Sequence[Sweep]) -> Flows:
    """Return the flows at the end of some sweeps.

    Parameters
    ----------
    structure : Structure
        A result of ``placer.model.aggregation.merge``: demands sorted by class, origin and period, without duplicates.
    walks : sequence of Sweep
        One for each block of the structure.
    """
    demand, klass, way, period, tier, amount = _sent(structure, walks)
    asked, site = structure.demand_amount, way // structure.routes
    sent = np.bincount(demand, amount, minlength=len(asked))
    whole = (sent > 0) & (asked - sent <= SOLVER * asked)
    amount = amount * np.divide(asked, sent, out=np.ones_like(asked), where=whole)[demand]
    drawn = structure.draw[klass, site] * structure.overhead[site, period] * amount
    arcs = (structure.arc_pair * structure.classes + structure.arc_class) * structure.ways + structure.arc_way
    arc = np.searchsorted(arcs, (structure.demand_pair[demand] * structure.classes + klass) * structure.ways + way)
    used, flow = np.unique(demand * len(arcs) + arc, return_inverse=True)
    return Flows(
        demand=used // max(len(arcs), 1),
        arc=used % max(len(arcs), 1),
        amount=sums_by(flow, amount, len(used)),
        unserved=np.where(whole, 0.0, asked - sent),
        waiting=_waiting(structure, klass, site, structure.demand_period[demand], period, amount),
        taken=_taken(structure, site, period, tier, drawn),
    )


def duals_of(structure: Structure, walks: Sequence[Sweep], prices: Sequence[FloatArray]) -> Duals:
    """Return the duals at given prices of the rows of every sweep, with exact prices of demands and queues.

    Parameters
    ----------
    structure : Structure
        The structure of the sweeps, with costs in the unit of the prices.
    prices : sequence of arrays
        By block.
    """
    rows = Rows.of(structure)
    worth = np.zeros(len(rows.upper) + 1)  # the last entry belongs to missing rows, numbered -1
    for walk, price in zip(walks, prices, strict=True):
        worth[walk.block.row] = price / walk.block.scale
    cap = worth[rows.cap]
    for closed in np.flatnonzero(structure.cap_limit == 0).tolist():
        cap[closed] = _closing(structure, closed)
    power = worth[rows.power]
    if rows.by_tier:
        balance, intake = _worth_of_supply(structure, worth[rows.tier], cap), power
    else:
        own = np.append(rows.upper, np.nan)[rows.power] == structure.intake
        balance, intake = np.where(own, 0.0, power), np.where(own, power, 0.0)
    duals = Duals(
        demand=np.zeros(len(structure.demand_amount)),
        queue=np.zeros((structure.classes, *structure.capacity.shape)),
        balance=balance,
        capacity=worth[rows.capacity],
        intake=intake,
        link=worth[rows.link],
        cap=cap,
    )
    return _with_exact_prices(structure, duals)


def _sent(structure: Structure, walks: Sequence[Sweep]) -> list[AnyArray]:
    """Return demand, class of service, way, period of service, tier and amount of every flow."""
    places = structure.demand_pair * structure.periods + structure.demand_period
    parts = [[np.zeros(0, dtype=int) for _ in range(5)] + [np.zeros(0)]]
    for walk in walks:
        block, (ways, amount) = walk.block, walk.flows
        node, arc, option = ways.T
        demand = np.searchsorted(places, block.place[node])
        served = block.klass[arc], block.way[arc], block.period[option], block.tier[option]
        parts.append([demand, *served, amount * block.unit])
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _waiting(
    structure: Structure, klass: IntArray, site: IntArray, arrival: IntArray, period: IntArray, amount: FloatArray
) -> FloatArray:
    """Waiting demand by queue flow."""
    flows = structure.queue_flows
    waits = np.flatnonzero(structure.window[klass] > 0)
    first = np.searchsorted(flows.queue, structure.rows.queue[klass[waits], site[waits], arrival[waits]])
    delay = structure.delay(arrival[waits], period[waits])
    return sums_by(first + delay, amount[waits], len(flows.klass))


def _taken(structure: Structure, site: IntArray, period: IntArray, tier: IntArray, drawn: FloatArray) -> FloatArray:
    """Return the draw on every tier: on the option's own tier if it names one, else on the site's tiers in order."""
    taken = np.zeros_like(structure.tier_limit)
    told = tier >= 0
    np.add.at(taken, (tier[told], period[told]), drawn[told] / structure.tier_yield[tier[told]])
    left = np.zeros(structure.capacity.shape)
    np.add.at(left, (site[~told], period[~told]), drawn[~told])
    for one, (at, per_unit) in enumerate(zip(structure.tier_site, structure.tier_yield, strict=True)):
        given = np.minimum(left[at] / per_unit, structure.tier_limit[one] - taken[one])
        taken[one] += given
        left[at] -= given * per_unit
    return taken


def _worth_of_supply(structure: Structure, rent: FloatArray, cap: FloatArray) -> FloatArray:
    """Return the price of energy at every site (s, t): the lowest price of its open tiers, rents included."""
    price = (rent + structure.cap_tier.priced(cap)) / structure.tier_yield[:, None]
    worth = np.full(structure.capacity.shape, np.inf)
    np.minimum.at(worth, structure.tier_site, np.where(structure.tier_limit > 0, price, np.inf))
    return np.where(np.isinf(worth), 0.0, worth)


def _closing(structure: Structure, cap: int) -> float:
    """Return a price of a cap above the worth of any flow it counts; sweeps give caps of 0 no price."""
    dearest = 2 * (structure.unserved_cost.max(initial=0.0) + np.abs(structure.arc_cost).max(initial=0.0))
    drawn = _least_positive(structure.draw) * _least_positive(structure.overhead)
    of_tiers = _least_positive(structure.cap_tier[cap] / structure.tier_yield[:, None])
    along, arrival = _least_positive(structure.cap_route[cap]), _least_positive(structure.cap_arrival[cap])
    sent = _least_positive(structure.cap_send[cap]) * along * arrival
    return float(dearest / min(_least_positive(structure.cap_work[cap]), drawn * of_tiers, sent))


def _least_positive(values: FloatArray) -> float:
    return float(values[values > 0].min(initial=np.inf))


def _with_exact_prices(structure: Structure, duals: Duals) -> Duals:
    """Return the duals with the highest feasible prices of demands and queues."""
    prices = bound_prices(structure, duals)
    arriving = arrival_prices(structure, prices.service)
    unserved = structure.unserved_cost[structure.demand_class]
    closed = np.isinf(arriving) | (structure.window == 0)[:, None, None]
    return replace(
        duals,
        demand=np.minimum(unserved, cheapest_arcs(structure, prices, arriving)),
        queue=np.where(closed, 0.0, arriving),
    )
