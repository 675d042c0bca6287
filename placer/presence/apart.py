"""Models apart: each one's question at prices of what they share, and what the prices prove of all together.

At rents of links nu and caps gamma, a price q of supply and rents mu of the accelerators of a data centre in a period,
all of any size, ``placer.proof.bound`` has what work pays at a data centre and on its way, and no placement costs less
than

    bound = sum over models of the least cost of its question  -  rents of supply, links and caps
            - sum_jp mu_jp accelerators_jp

A question apart pays mu for the accelerators of its replicas, has all of each data centre to itself, and takes the
least rent of the day for its way, since an arc costs the same in all hours.

Rents with which models apart ask for little more accelerators than there are come from a program of one period:

    minimise  sum_khj y_khj (cost_khj + usd_j load_khj) + sum_kh u_kh unserved_kh
    subject to  sum_j y_khj + u_kh = 1,   sum_kh load_khj y_khj <= accelerators_j,   y, u >= 0

    cost_khj   sending and serving all demand of class k from hub h at j, work that waits at the mean price of the day
    load_khj   accelerators that it keeps busy in the busiest hour of its model; in the mean if it waits

The duals of the second rows are the rents. Any rents prove a bound, so nothing here is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array

from placer.model.answer import Duals
from placer.model.caps import caps_of_arcs, route_rents
from placer.model.parts import part_of
from placer.model.program import LinearProgram, blocks
from placer.model.structure import Structure
from placer.presence.question import Question
from placer.proof.bound import BoundPrices, bound_prices, rents_of, worth
from placer.solvers.highs import HiGHS
from placer.utils.arrays import FloatArray, IntArray, sums_by

#: Work that can never be served costs this many times the penalty.
_NEVER = 10.0


@dataclass(frozen=True, eq=False)
class Shared:
    """Prices of what models share.

    Attributes
    ----------
    rents_usd : float
        Rents of supply, links and caps, which the costs of models contain.
    service : (k, j, t) array
        What work pays at a data centre, without accelerators.
    arc : (arcs,) array
        What it pays on its way, in the hour of least rent.
    supply : (j, t) array
        The price of supply.
    """

    rents_usd: float
    service: FloatArray
    arc: FloatArray
    supply: FloatArray


def prices_of(structure: Structure, duals: Duals) -> Shared:
    """Return the prices that some duals are; supply costs no less than its cheapest tier."""
    cap = np.where(np.isfinite(structure.cap_limit), np.maximum(duals.cap, 0.0), 0.0)
    tier = (structure.tier_cost + structure.cap_tier.priced(cap)) / structure.tier_yield[:, None]
    least = np.full(structure.capacity.shape, np.inf)
    np.minimum.at(least, structure.tier_site, np.where(structure.tier_limit > 0, tier, np.inf))
    floor = np.where(np.isfinite(least), least, -np.inf)
    prices = bound_prices(structure, replace(duals, balance=np.maximum(duals.balance, floor)))
    dear = _NEVER * structure.unserved_cost[:, None, None] + 1.0
    service = np.where(np.isfinite(prices.service), prices.service, dear)
    return Shared(rents_of(structure, prices).total, service, _sending(structure, prices), prices.supply)


def all_rents(question: Question, shared: Shared, mu: FloatArray) -> float:
    """Return the rents of all that models share, those of accelerators (j, p) too."""
    return shared.rents_usd + worth(mu, question.accelerators)


def apart(question: Question, shared: Shared, mu: FloatArray, model: int, accelerators: FloatArray) -> Question:
    """Return the question of one model.

    Parameters
    ----------
    mu : (j, p) array
        Rents of accelerators.
    accelerators : (j, p) array
        Those that it may take.
    """
    part = model_part(question.structure, question.model, model, shared.service, shared.arc)
    part = replace(part, cap_limit=np.full_like(part.cap_limit, np.inf))
    rent = question.size[:, None, None] * (mu / np.bincount(question.period))[:, question.period]
    return replace(
        question,
        formulation=replace(question.formulation, structure=part),
        accelerators=accelerators,
        hour_usd=question.hour_usd + rent,
    )


def model_part(
    structure: Structure, model_of: IntArray, model: int, service: FloatArray, arc_cost: FloatArray
) -> Structure:
    """Return the demands and arcs of one model, which pays for supply, links and caps in its costs."""
    own = model_of == model
    kept = own[structure.arc_class]
    part = part_of(structure, arcs=kept, demands=own[structure.demand_class])
    return replace(
        part,
        arc_cost=arc_cost[kept],
        work_cost=service,
        draw=np.zeros_like(part.draw),
        tier_limit=np.zeros_like(part.tier_limit),
        intake=np.full_like(part.intake, np.inf),
        link_capacity=np.full_like(part.link_capacity, np.inf),
    )


def _sending(structure: Structure, prices: BoundPrices) -> FloatArray:
    """Return the least over the hours of what a unit of every arc pays on its way (arcs,)."""
    rent = np.zeros((len(structure.arc_cost), structure.periods))
    if len(prices.links):
        along = csr_array(structure.route_links[:, prices.links])
        used = np.flatnonzero(structure.link_use[structure.arc_class] > 0)
        for hour in range(structure.periods):
            of_route = np.asarray(along @ prices.link[:, hour])
            rent[used, hour] += structure.link_use[structure.arc_class[used]] * of_route[structure.arc_route[used]]
    if prices.cap[caps_of_arcs(structure)].any():
        for klass in range(structure.classes):
            arcs = np.flatnonzero(structure.arc_class == klass)
            rent[arcs] += route_rents(structure, prices.cap, klass, structure.arc_route[arcs])
    return np.asarray(structure.arc_cost + rent.min(axis=1))


def accelerator_rents(question: Question, shared: Shared) -> FloatArray:
    """Return the rents of accelerators of replicas that are the same in all hours (j, 1); 0 if none are found."""
    structure = question.structure
    limit, nothing = question.accelerators[:, 0], np.zeros_like(question.accelerators)
    limited = np.flatnonzero(np.isfinite(limit))
    pairs, pair = np.unique(structure.demand_pair, return_inverse=True)
    arc = np.flatnonzero(np.isin(structure.arc_pair, pairs))
    row = np.searchsorted(pairs, structure.arc_pair[arc])
    cost, load = _of_arcs(question, shared, arc, row, pair)
    per_accelerator = question.usd[:, :, 0] / question.size[:, None]
    klass, site = structure.arc_class[arc], structure.arc_site[arc]
    cost = cost + load * per_accelerator[question.model[klass], site]
    unserved = sums_by(pair, structure.demand_amount, len(pairs)) * structure.unserved_cost[pairs // structure.origins]
    place = np.full(structure.sites, -1)
    place[limited] = np.arange(len(limited))
    counted = place[site] >= 0
    columns, rows = np.arange(len(arc)), len(pairs)
    entries = (
        np.concatenate([np.ones(len(arc)), load[counted], np.ones(rows)]),
        (
            np.concatenate([row, rows + place[site[counted]], np.arange(rows)]),
            np.concatenate([columns, columns[counted], len(arc) + np.arange(rows)]),
        ),
    )
    count = len(arc) + rows
    upper = np.concatenate([np.ones(rows), limit[limited]])
    lower = np.concatenate([np.ones(rows), np.full(len(limited), -np.inf)])
    program = LinearProgram(
        cost=np.concatenate([cost, unserved]),
        matrix=csc_array(coo_array(entries, shape=(len(upper), count))),
        row_lower=lower,
        row_upper=upper,
        col_lower=np.zeros(count),
        col_upper=np.full(count, np.inf),
        implied_upper=np.ones(count),
        row_blocks=blocks({"demand": rows, "site": len(limited)}),
        col_blocks=blocks({"y": len(arc), "u": rows}),
    )
    found = HiGHS().solve(program)
    if found.row_duals is None:
        return nothing
    rents = nothing.copy()
    rents[limited, 0] = np.maximum(-found.row_duals[rows:], 0.0)
    return rents


def _of_arcs(
    question: Question, shared: Shared, arc: IntArray, row: IntArray, pair: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return what all demand of a pair costs over some arcs, and the accelerators that it keeps busy."""
    structure = question.structure
    klass, site = structure.arc_class[arc], structure.arc_site[arc]
    amount = np.zeros((int(pair.max(initial=-1)) + 1, structure.periods))
    np.add.at(amount, (pair, structure.demand_period), structure.demand_amount)
    waits = structure.window > 0
    mean = amount.mean(axis=1, keepdims=True)
    spread = np.where(waits[structure.demand_class[_first_of(pair)]][:, None], mean, amount)
    owner = question.model[structure.demand_class[_first_of(pair)]]
    total = np.zeros((len(question.size), structure.periods))
    np.add.at(total, owner, spread)
    busiest = total.argmax(axis=1)[owner]
    cost = shared.arc[arc] * amount.sum(axis=1)[row] + (spread[row] * shared.service[klass, site]).sum(axis=1)
    hour = busiest[row]
    return cost, spread[row, hour] * structure.use[klass, site] / question.hours[site, hour]


def _first_of(pair: IntArray) -> IntArray:
    """Return the first demand of every pair."""
    return np.unique(pair, return_index=True)[1]
