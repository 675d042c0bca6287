"""Proof that an answer is optimal, from the structure alone: it builds no linear program and believes no solver.

``placer.proof.certificate`` certifies a solution of a linear program. This module certifies an ``Answer`` with the same
figures, over every arc and period, used or not. That module scales the program until its numbers are near 1; this one
divides by typical sizes (``placer.proof.magnitudes``), so that its figures have no unit either:

    primal infeasibility   the largest |violation| / (typical + |side|) over all rows and bounds. The typical size is
                           the limit of the kind of row (of a cap, its own limit); for demands, queues and flows >= 0,
                           an amount of demand; for balances and stores, a limit on the draw of a site. The side of a
                           queue is the work that arrives in it, the side of a balance the draw. The figure is inf for
                           an answer that cannot be read (numbers not finite, flows on arcs that are not their demand's,
                           assignments unsorted or repeated).
    dual infeasibility     the largest of
        demand             (price - unserved_cost, or less any arc's cost at the duals) / (typical price + |price|)
        queue              (price of waiting work - price of serving it in its best period) / (typical price + |price|)
        tier               (balance price - cost of a unit from a tier without limit) / (typical price + |price|)
        stores             (what a unit charged or discharged earns at the duals - the rent of the power) / (typical
                           price of supply + |worth of what is stored|), and rents below 0 likewise
        rents              |rent| * typical take / typical price, for a rent below 0 and for a rent of an infinite
                           limit. The typical take is the use of the limit by a unit of work (for intake, the typical
                           price of supply replaces typical price / take). inf if no work uses the limit
    complementarity        the largest of |dual * slack of its row| / part, |flow * its reduced cost| / part, and
                           |bound - dual objective of the duals as given| / part. The bound recomputes the prices of
                           demands and queues and uses only the sum of those of balance and intake; the last term finds
                           many small errors in them
    gap                    (cost - bound) / size;   the bound holds for any duals (``placer.proof.bound``)
    serving gap            (cost - bound) / part

size = max(|cost|, 1e-3 * the typical cost of serving all demand). Prices of power may be negative, so that the cost is
near 0 although its terms are not. The typical cost of a unit is at most the dearest in use: a way, a supply or a
penalty. part is size without the penalty for unserved demand, and at least 1e-4 of the penalty;
``placer.proof.certificate`` says why.

An answer cannot be read either if a dual exceeds 1e15 times its typical price above; for a demand or a queue, 1e15
times the dearest typical price or penalty.

The dual side leaves out arcs that can carry nothing: no supply for work that draws, no capacity for work that uses it,
a link of capacity 0. Any rent of a limit of 0 costs nothing, so a rent that makes such an arc dear enough exists, and
no solver needs to name it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.model.answer import Answer, Duals, check_shapes, is_readable
from placer.model.loads import cost_of, loads
from placer.model.scaling import IN_USE
from placer.model.structure import Structure
from placer.model.unserved import highest_values, penalties
from placer.proof.bound import arrival_prices, bound_of, bound_prices, cheapest_arcs
from placer.proof.certificate import LARGEST_DUAL, LEAST_SHARE, Certificate, Tolerances
from placer.proof.complementarity import arriving_prices, column_products, given_away, row_products
from placer.proof.magnitudes import Magnitudes, magnitudes
from placer.proof.sides import Sides
from placer.proof.stored import excess_of_stores, violated_stores
from placer.utils.arrays import FloatArray

#: Costs are divided by at least this share of the typical cost of serving all demand.
_SMALL = 1e-3


@dataclass(frozen=True)
class CostInterval:
    """What the least cost of a structure lies between, in the units of its costs.

    Attributes
    ----------
    objective : float
        Cost and penalty of feasible flows.
    bound : float
        No flows cost less.
    gap : float
        ``(objective - bound) / size``.
    """

    objective: float
    bound: float
    gap: float


def certify_answer(structure: Structure, answer: Answer, *, gap: float) -> Certificate:
    """Check an answer that has flows and duals against its structure.

    Parameters
    ----------
    gap : float
        Largest relative gap of a proven answer.

    Returns
    -------
    Certificate
        Figures as defined in ``placer.proof.answer_certificate``; objective and bound in the units of the structure's
        costs.

    Raises
    ------
    ValueError
        If the answer has no flows or no duals, or arrays whose shapes are not those of the structure.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # inf and NaN fail the certificate
        sides = _sides(structure, answer)
        if sides is None:
            return Certificate(np.nan, -np.inf, np.inf, np.inf, np.inf, np.inf, np.inf, Tolerances(gap=gap))
        return _certificate(sides, Tolerances(gap=gap))


def cost_interval(structure: Structure, answer: Answer) -> CostInterval | None:
    """Return the interval that an answer proves for the least cost; None if it cannot be read or is not feasible.

    It takes the flows and the bound of the duals as ``certify_answer`` does, and asks neither whether they are optimal.

    Raises
    ------
    ValueError
        As ``certify_answer``.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        sides = _sides(structure, answer)
        if sides is None or not _primal_infeasibility(sides) <= Tolerances().primal:
            return None
        objective = cost_of(structure, sides.flows)
        exact = arrival_prices(structure, sides.prices.service)
        bound = bound_of(structure, sides.prices, cheapest_arcs(structure, sides.prices, exact))
        return CostInterval(objective, bound, (objective - bound) / max(_least_size(sides), abs(objective)))


def _sides(structure: Structure, answer: Answer) -> Sides | None:
    """Return what the figures of an answer follow from; None if it cannot be read."""
    flows, duals = answer.point, answer.prices
    check_shapes(structure, flows, duals)
    typical = magnitudes(structure)
    if not (is_readable(structure, flows, duals) and _are_prices(structure, duals, typical)):
        return None
    return Sides(structure, flows, duals, loads(structure, flows), bound_prices(structure, duals), typical)


def _certificate(sides: Sides, tolerances: Tolerances) -> Certificate:
    structure = sides.structure
    exact = arrival_prices(structure, sides.prices.service)
    cheapest = cheapest_arcs(structure, sides.prices, exact)
    bound = bound_of(structure, sides.prices, cheapest)
    objective = cost_of(structure, sides.flows)
    penalty = float(penalties(structure, sides.flows.unserved).sum())
    least = _least_size(sides)
    part = max(least, abs(objective - penalty), LEAST_SHARE * penalty)
    return Certificate(
        objective=objective,
        bound=bound,
        primal_infeasibility=_primal_infeasibility(sides),
        dual_infeasibility=_dual_infeasibility(sides, exact, cheapest),
        complementarity=_largest([*row_products(sides), *column_products(sides), given_away(sides, bound)]) / part,
        gap=(objective - bound) / max(least, abs(objective)),
        serving_gap=(objective - bound) / part,
        tolerances=tolerances,
    )


def _least_size(sides: Sides) -> float:
    """Return the least size that costs are measured against."""
    structure = sides.structure
    typical = np.minimum(sides.typical.price, _dearest_used(sides) or np.inf)
    return _SMALL * float(structure.demand_amount @ typical[structure.demand_class]) or 1.0


def _dearest_used(sides: Sides) -> float:
    """Return the largest cost of a unit of work that the flows bear: of a way, a supply or a penalty."""
    structure, flows, typical, queue = sides.structure, sides.flows, sides.typical, sides.structure.queue_flows
    sent, waits, missed = (each > IN_USE * typical.demand for each in (flows.amount, flows.waiting, flows.unserved))
    arc, period = flows.arc[sent], structure.demand_period[flows.demand[sent]]
    supply = (structure.tier_cost / structure.tier_yield[:, None])[flows.taken > IN_USE * typical.tier]
    costs = (
        structure.arc_cost[arc],
        structure.work_cost[structure.arc_class[arc], structure.arc_site[arc], period],
        structure.work_cost[queue.klass[waits], queue.site[waits], queue.service[waits]],
        supply * typical.take_supply,
        penalties(structure, flows.unserved)[missed] / flows.unserved[missed],
    )
    return _largest([np.abs(each) for each in costs])


def _primal_infeasibility(sides: Sides) -> float:
    """Return the largest violation of a row or a bound."""
    structure, flows, load, typical = sides.structure, sides.flows, sides.loads, sides.typical
    link_limit = structure.link_capacity[load.links]
    return _largest(
        [
            _apart(load.met, structure.demand_amount, typical.demand),
            _apart(load.released, load.arriving, typical.demand),
            _apart(load.supplied, load.drawn, typical.supply),
            _above(load.used, structure.capacity, typical.capacity),
            _above(load.drawn, structure.intake, typical.supply),
            _above(load.carried, link_limit, typical.link),
            _above(load.capped, structure.cap_limit, typical.cap),
            _above(flows.taken, structure.tier_limit, typical.tier),
            _above(-flows.amount, np.zeros(1), typical.demand),
            _above(-flows.unserved, np.zeros(1), typical.demand),
            _above(-flows.waiting, np.zeros(1), typical.demand),
            _above(-flows.taken, np.zeros(1), typical.tier),
            *_violated_stores(sides),
        ]
    )


def _violated_stores(sides: Sides) -> list[FloatArray]:
    stores, typical = sides.structure.stores, sides.typical.supply
    if stores is None:
        return []
    return [amount / (typical + np.abs(side)) for amount, side in violated_stores(sides, stores)]


def _apart(load: FloatArray, side: FloatArray, typical: float) -> FloatArray:
    return np.abs(load - side) / (typical + np.abs(side))


def _above(load: FloatArray, limit: FloatArray, typical: FloatArray | float) -> FloatArray:
    there = np.isfinite(limit)
    side = np.where(there, limit, 0.0)
    return np.where(there, load - side, 0.0) / (typical + np.abs(side))


def _dual_infeasibility(sides: Sides, exact: FloatArray, cheapest: FloatArray) -> float:
    """Return the largest violation of a sign or of a reduced cost, given exact arrival prices and arcs at those."""
    return _largest(
        [
            _demand_excess(sides, exact, cheapest),
            _queue_excess(sides, exact),
            _tier_excess(sides),
            *_wrong_rents(sides),
            *([] if sides.structure.stores is None else [excess_of_stores(sides, sides.structure.stores)]),
        ]
    )


def _demand_excess(sides: Sides, exact: FloatArray, cheapest: FloatArray) -> FloatArray:
    """Return ``price - min(unserved_cost, min_j z)`` of every demand, relative, at the duals' own queue prices."""
    structure, price = sides.structure, sides.duals.demand
    # A closed site stays closed at any price of its queue.
    given = np.where(np.isposinf(exact), exact, arriving_prices(sides))
    if not np.array_equal(given, exact):
        cheapest = cheapest_arcs(structure, sides.prices, given)
    klass = structure.demand_class
    excess = price - np.minimum(highest_values(structure), cheapest)
    return excess / (sides.typical.price[klass] + np.abs(price))


def _queue_excess(sides: Sides, exact: FloatArray) -> FloatArray:
    """Return the price of waiting work less that of serving it in its best period, relative, where any can wait."""
    structure, price = sides.structure, sides.duals.queue
    waits = structure.reached & (structure.window > 0)[:, None]
    excess = np.where(waits[:, :, None], price - exact, 0.0)
    return excess / (sides.typical.price[:, None, None] + np.abs(price))


def _tier_excess(sides: Sides) -> FloatArray:
    """Return the price of supply less that of the tiers without limit, relative, where they can supply at all."""
    structure, site = sides.structure, sides.structure.tier_site
    price = sides.duals.balance[site]
    endless = np.isinf(structure.tier_limit) & ~structure.dark[site]
    return np.where(endless, price - sides.prices.tier, 0.0) / (sides.typical.supply_price + np.abs(price))


def _rents(structure: Structure, duals: Duals, typical: Magnitudes) -> list[tuple[FloatArray, FloatArray, float]]:
    """Return the rents of every kind of limit, the limits, and the typical rent; 0 where no work takes any."""
    price = float(np.median(typical.price))

    def rent_of(take: float) -> float:
        return price / take if take else 0.0

    caps = zip(duals.cap, structure.cap_limit, typical.take_cap.tolist(), strict=True)
    return [
        (duals.capacity, structure.capacity, rent_of(typical.take_capacity)),
        (duals.intake, structure.intake, typical.supply_price),
        (duals.link, structure.link_capacity, rent_of(typical.take_link)),
        *((rent, limit, rent_of(take)) for rent, limit, take in caps),
    ]


def _wrong_rents(sides: Sides) -> list[FloatArray]:
    """Return how far rents are below 0, or above it without a limit; inf where no work uses a limit that has a rent."""
    return [
        _wrong_rent(rent, limit) / unit if unit else np.where(np.any(rent), np.inf, 0.0)
        for rent, limit, unit in _rents(sides.structure, sides.duals, sides.typical)
    ]


def _wrong_rent(rent: FloatArray, limit: FloatArray) -> FloatArray:
    below = -np.min(rent, initial=0.0)
    # Without a copy, since rents of links may be many.
    without = np.max(rent, initial=0.0, where=np.isinf(limit))
    return np.maximum(below, without)


def _are_prices(structure: Structure, duals: Duals, typical: Magnitudes) -> bool:
    """Return whether no dual is so large that a typical price beside it would be lost in rounding."""
    dearest = float(max(typical.price.max(), highest_values(structure).max(initial=structure.unserved_cost.max())))
    units = [(duals.demand, dearest), (duals.queue, dearest), (duals.balance, typical.supply_price)]
    units += [(dual, typical.supply_price) for dual in (duals.stored, duals.power, duals.source, duals.energy)]
    units += [(rent, unit) for rent, _, unit in _rents(structure, duals, typical) if unit]
    return all(
        max(np.max(dual, initial=0.0), -np.min(dual, initial=0.0)) <= LARGEST_DUAL * unit for dual, unit in units
    )


def _largest(figures: list[FloatArray]) -> float:
    """Return ``max(0, figures)``; NaN if one of the figures is NaN."""
    return float(np.max([np.max(figure, initial=0.0) for figure in figures])) + 0.0  # never -0
