"""Serve the most, displace the least, export the most, in this order: answered by walks that all arcs enter at once.

What an arc counts is its cost: below 0 what a unit counts as exported, above 0 what it counts as displaced.

A walk knows how much goes where by which option, and a price of every row of ``placer.ceiling.walk.rows``. Power is one
row for a site and period there, two limits here: its price belongs to the site's own limit if that is the lower one,
else to what its supplies yield. Where a cap tells supplies apart each has a row, and a unit of supply is worth what the
cheapest costs with the rent of its limit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.rows import Rows
from placer.ceiling.walk.sweep import Sweep, sweep
from placer.model.aggregation import merge
from placer.model.answer import Answer, Duals, Flows
from placer.proof.bound import arrival_prices, bound_prices, cheapest_arcs
from placer.termination import Reason, Termination
from placer.utils.arrays import sums_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.model.structure import Structure

#: What a unit served counts to begin with, and at least in the end, in units of what a unit exported counts at most.
LEAST_PENALTY = 30.0

#: A demand that is served but for this share of it is served whole: what is missing is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Served:
    """An answer that serves the most, displaces the least then, and exports the most then.

    Attributes
    ----------
    answer : Answer
        Its duals are those of the structure in which a unit unserved costs ``penalty``, and a unit displaced
        ``displacement`` times what it counts.
    duals_alone : Duals
        At which no more can be served: of the structure with a penalty of 1 and nothing else to pay.
    duals_before : Duals or None
        At which no more can be served and no less displaced: of the structure in which a unit unserved costs ``penalty
        / displacement`` and a unit displaced what it counts. None where nothing may be displaced.
    penalty, displacement : float
    """

    answer: Answer
    duals_alone: Duals
    duals_before: Duals | None
    penalty: float
    displacement: float


def exports_of(structure: Structure) -> np.ndarray:
    """Exports per unit on every arc."""
    return np.maximum(-structure.arc_cost, 0.0)


def displaced_of(structure: Structure) -> np.ndarray:
    """Displaced demand per unit on every arc."""
    return np.maximum(structure.arc_cost, 0.0)


def weighed(structure: Structure, penalty: float, displacement: float, export: float) -> Structure:
    """Return the structure with prices on demand that is unserved, displaced and, below 0, exported."""
    return replace(
        structure,
        arc_cost=displacement * displaced_of(structure) - export * exports_of(structure),
        unserved_cost=np.full_like(structure.unserved_cost, penalty),
    )


def served_first(structure: Structure, time_limit_seconds: float, parameters: SweepParameters | None = None) -> Served:
    """Answer a structure in which nothing costs but arcs; nothing is proven yet.

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
        flows=flows_of(small, walks),
        duals=duals(penalty, unit * middle, unit),
        iterations=sum(walk.iterations for walk in walks),
    )
    # Where all is served prices of 0 prove that no more can be; where nothing is displaced, those of serving alone do.
    alone = duals(1.0, 0.0, 0.0) if answer.point.unserved.any() else _times(0.0, answer.prices)
    before = None
    if middle:
        displaces = (displaced_of(small)[answer.point.arc] * answer.point.amount).any()
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
    """Walk over all parts of a structure: arcs that displace enter last, for most ceilings need none of them."""
    shape = (structure.classes, structure.origins, structure.sites)
    arcs = structure.arc_class, structure.arc_origin, structure.arc_site
    enter, counted = np.full(shape, np.inf), np.zeros(shape)
    enter[arcs] = np.where(displaced_of(structure) > 0, 1.0, -np.inf)
    counted[arcs] = exports_of(structure) / unit - displaced_of(structure) / work
    chosen = replace(parameters, first_weight=LEAST_PENALTY)
    return [sweep(block, chosen, deadline=deadline) for block in split(structure, enter, counted, parameters.together)]


def _weights(walks: Sequence[Sweep]) -> tuple[float, float]:
    """Return what a unit served and a unit displaced must count at least, in exports, in all parts at once.

    A part allows both to be larger, as long as served demand grows at least as fast as displaced demand does.
    """
    weights = [walk.weights for walk in walks]
    middle = max((second for _, second in weights), default=0.0)
    ahead = max((first / second for first, second in weights if second), default=0.0)
    return max([LEAST_PENALTY, ahead * middle, *(first for first, _ in weights)]), middle


def flows_of(structure: Structure, walks: Sequence[Sweep]) -> Flows:
    """Return what flows at the end of some walks.

    Parameters
    ----------
    structure : Structure
        One that ``placer.model.aggregation.merge`` made: demands sorted by class, origin and period, none twice.
    walks : sequence of Sweep
        Over all its blocks.
    """
    demand, site, period, tier, amount = _sent(structure, walks)
    asked = structure.demand_amount
    sent = np.bincount(demand, amount, minlength=len(asked))
    whole = (sent > 0) & (asked - sent <= _ROUNDING * asked)
    amount = amount * np.divide(asked, sent, out=np.ones_like(asked), where=whole)[demand]
    drawn = structure.draw[structure.demand_class[demand], site] * structure.overhead[site, period] * amount
    pair = structure.demand_pair[demand]
    arcs = structure.arc_pair * structure.sites + structure.arc_site
    used, flow = np.unique(
        demand * len(arcs) + np.searchsorted(arcs, pair * structure.sites + site), return_inverse=True
    )
    return Flows(
        demand=used // max(len(arcs), 1),
        arc=used % max(len(arcs), 1),
        amount=sums_by(flow, amount, len(used)),
        unserved=np.where(whole, 0.0, asked - sent),
        waiting=_waiting(structure, demand, site, period, amount),
        taken=_taken(structure, site, period, tier, drawn),
    )


def duals_of(structure: Structure, walks: Sequence[Sweep], prices: Sequence[np.ndarray]) -> Duals:
    """Return the duals at some prices of the rows of every walk, with demands and queues priced exactly.

    Parameters
    ----------
    structure : Structure
        The one that was walked over, with costs in the unit of the prices.
    walks : sequence of Sweep
    prices : sequence of arrays
        By block.
    """
    rows = Rows.of(structure)
    worth = np.zeros(len(rows.upper) + 1)  # the last for rows that are not there, numbered -1
    for walk, price in zip(walks, prices, strict=True):
        worth[walk.block.row] = price / walk.block.scale
    cap = np.where(structure.cap_limit == 0, _closing(structure), worth[rows.cap])
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


def _sent(structure: Structure, walks: Sequence[Sweep]) -> list[np.ndarray]:
    """Return demand, site, period of service, tier and amount of everything sent."""
    places = structure.demand_pair * structure.periods + structure.demand_period
    parts = [[np.zeros(0, dtype=int) for _ in range(4)] + [np.zeros(0)]]
    for walk in walks:
        block, (ways, amount) = walk.block, walk.flows
        node, arc, option = ways.T
        demand = np.searchsorted(places, block.place[node])
        parts.append([demand, block.site[arc], block.period[option], block.tier[option], amount * block.unit])
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _waiting(
    structure: Structure, demand: np.ndarray, site: np.ndarray, period: np.ndarray, amount: np.ndarray
) -> np.ndarray:
    """Waiting demand by queue flow."""
    flows = structure.queue_flows
    klass, arrival = structure.demand_class[demand], structure.demand_period[demand]
    waits = np.flatnonzero(structure.window[klass] > 0)
    first = np.searchsorted(flows.queue, structure.rows.queue[klass[waits], site[waits], arrival[waits]])
    delay = structure.delay(arrival[waits], period[waits])
    return np.bincount(first + delay, amount[waits], minlength=len(flows.klass))


def _taken(
    structure: Structure, site: np.ndarray, period: np.ndarray, tier: np.ndarray, drawn: np.ndarray
) -> np.ndarray:
    """Return what is taken of every tier: as the options say where they do, else of one after the other."""
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


def _worth_of_supply(structure: Structure, rent: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """Return what a unit of supply is worth at every site (s, t): the least of its open tiers' prices, with rents."""
    price = (rent + np.einsum("c,cst->st", cap, structure.cap_tier)) / structure.tier_yield[:, None]
    worth = np.full(structure.capacity.shape, np.inf)
    np.minimum.at(worth, structure.tier_site, np.where(structure.tier_limit > 0, price, np.inf))
    return np.where(np.isinf(worth), 0.0, worth)


def _closing(structure: Structure) -> np.ndarray:
    """Return, for every cap, a price at which nothing that counts towards it pays; walks leave caps of 0 without."""
    dearest = 2 * (structure.unserved_cost.max(initial=0.0) + np.abs(structure.arc_cost).max(initial=0.0))
    drawn = _least_positive(structure.draw) * _least_positive(structure.overhead)
    by_tier = structure.cap_tier / structure.tier_yield[:, None]
    least = [
        min(_least_positive(work), drawn * _least_positive(supply))
        for work, supply in zip(structure.cap_work, by_tier, strict=True)
    ]
    return dearest / np.array(least)


def _least_positive(values: np.ndarray) -> float:
    return float(values[values > 0].min(initial=np.inf))


def _with_exact_prices(structure: Structure, duals: Duals) -> Duals:
    """Return the duals with the highest prices of demands and queues that they allow."""
    prices = bound_prices(structure, duals)
    arriving = arrival_prices(structure, prices.service)
    unserved = structure.unserved_cost[structure.demand_class]
    closed = np.isinf(arriving) | (structure.window == 0)[:, None, None]
    return replace(
        duals,
        demand=np.minimum(unserved, cheapest_arcs(structure, prices, arriving)),
        queue=np.where(closed, 0.0, arriving),
    )
