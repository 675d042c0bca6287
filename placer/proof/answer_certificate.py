"""Proof that an answer is optimal, from the structure alone: no linear program is built and no solver is believed.

What ``placer.proof.certificate`` states of a program, this states of an ``Answer``, over every arc and period whether
it is used or not. Where that module scales the program until its numbers are near 1, this one measures against what is
typical (``placer.proof.magnitudes``), so that figures have no unit here either:

    primal infeasibility   the largest |violation| / (typical + |side|) over all rows and bounds. Typical is the limit
                           of the kind of row (of each cap itself); of demands, queues and what flows >= 0, an amount
                           of demand; of balances, a limit on what a site draws. The side of a queue is what arrives in
                           it, of a balance what is drawn. An answer that cannot be read (numbers not finite, flows on
                           arcs that are not their demand's, assignments unsorted or repeated) has inf.
    dual infeasibility     the largest of
        demand             (price - unserved_cost, or less any arc's cost at the duals) / (typical price + |price|)
        queue              (price of what waits less that of serving it at its best period) / (typical price + |price|)
        tier               (balance price less the cost of a unit from a tier without limit) / (typical + |price|)
        rents              what is below 0, or of a limit that is not there, times what a unit of work typically takes
                           of it, / typical price (of intake, / typical price of supply); inf for a rent of what no
                           work takes any of
    complementarity        the largest product of a dual and the slack of its row, or of a column and its reduced cost,
                           / part; or |bound - what the duals as they stand are worth| / part, if that is more. The
                           bound does without the prices of demands and queues, and looks only at the sum of those of
                           balance and intake, so that many small errors of theirs would else go unseen
    gap                    (cost - bound) / size;   the bound holds for any duals (``placer.proof.bound``)
    serving gap            (cost - bound) / part

The size is |cost|, and where that is small, a thousandth of what serving all demand typically costs: where prices of
power are negative the cost may be 0 or cross it, while the terms it is the sum of do not vanish. The part is the same
of the cost without the penalty for unserved demand, and at least 1e-4 of the penalty (``placer.proof.certificate`` says
why).

An answer also counts as one that cannot be read if a dual is more than 1e15 of the typical prices above, or of a demand
or queue, of the dearest typical price or penalty.

Arcs that can carry nothing (no supply for work that draws, no capacity for work that uses it, a link of capacity 0) are
left out of the dual side. Their limits of 0 may be worth anything at no cost, so a price that makes them dear enough
always exists, and no solver needs to have named it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.model.answer import check_shapes, is_readable
from placer.model.loads import cost_of, loads
from placer.proof.bound import arrival_prices, bound_of, bound_prices, cheapest_arcs
from placer.proof.certificate import LARGEST_DUAL, LEAST_SHARE, Certificate, Tolerances
from placer.proof.complementarity import column_products, given_away, row_products
from placer.proof.magnitudes import Magnitudes, magnitudes
from placer.proof.sides import Sides, arriving_prices

if TYPE_CHECKING:
    from placer.model.answer import Answer, Duals
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray

#: The least share of what serving all demand typically costs that costs are measured against.
_SMALL = 1e-3


def certify_answer(structure: Structure, answer: Answer, *, gap: float) -> Certificate:
    """Check an answer that has flows and duals against its structure.

    Parameters
    ----------
    structure : Structure
    answer : Answer
    gap : float
        The most that the relative gap may be, for the answer to count as proven.

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
    flows, duals = answer.point, answer.prices
    check_shapes(structure, flows, duals)
    typical = magnitudes(structure)
    if not (is_readable(structure, flows, duals) and _are_prices(structure, duals, typical)):
        return Certificate(np.nan, -np.inf, np.inf, np.inf, np.inf, np.inf, np.inf, Tolerances(gap=gap))
    with np.errstate(over="ignore", invalid="ignore"):  # inf and NaN fail the certificate
        sides = Sides(structure, flows, duals, loads(structure, flows), bound_prices(structure, duals), typical)
        return _certificate(sides, Tolerances(gap=gap))


def _certificate(sides: Sides, tolerances: Tolerances) -> Certificate:
    structure = sides.structure
    exact = arrival_prices(structure, sides.prices.service)
    cheapest = cheapest_arcs(structure, sides.prices, exact)
    bound = bound_of(structure, sides.prices, cheapest)
    objective = cost_of(structure, sides.flows)
    penalty = float(structure.unserved_cost[structure.demand_class] @ sides.flows.unserved)
    part = max(_size(sides, objective - penalty), LEAST_SHARE * penalty)
    return Certificate(
        objective=objective,
        bound=bound,
        primal_infeasibility=_primal_infeasibility(sides),
        dual_infeasibility=_dual_infeasibility(sides, exact, cheapest),
        complementarity=_largest([*row_products(sides), *column_products(sides), given_away(sides, bound)]) / part,
        gap=(objective - bound) / _size(sides, objective),
        serving_gap=(objective - bound) / part,
        tolerances=tolerances,
    )


def _size(sides: Sides, objective: float) -> float:
    """Return the size that costs are measured against."""
    structure = sides.structure
    serving = structure.demand_amount @ sides.typical.price[structure.demand_class]
    return max(abs(objective), _SMALL * float(serving)) or 1.0


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
        ]
    )


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
        ]
    )


def _demand_excess(sides: Sides, exact: FloatArray, cheapest: FloatArray) -> FloatArray:
    """Return ``price - min(unserved_cost, min_j z)`` of every demand, relative, at the duals' own queue prices."""
    structure, price = sides.structure, sides.duals.demand
    # What is closed stays so, whatever its queue is priced.
    given = np.where(np.isposinf(exact), exact, arriving_prices(sides))
    if not np.array_equal(given, exact):
        cheapest = cheapest_arcs(structure, sides.prices, given)
    klass = structure.demand_class
    excess = price - np.minimum(structure.unserved_cost[klass], cheapest)
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
    endless = np.isinf(structure.tier_limit) & ~sides.prices.dark[site]
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
    """Return how far rents are below 0, or above it without a limit; inf where no work takes of what has a rent."""
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
    dearest = float(max(typical.price.max(), structure.unserved_cost.max()))
    units = [(duals.demand, dearest), (duals.queue, dearest), (duals.balance, typical.supply_price)]
    units += [(rent, unit) for rent, _, unit in _rents(structure, duals, typical) if unit]
    return all(
        max(np.max(dual, initial=0.0), -np.min(dual, initial=0.0)) <= LARGEST_DUAL * unit for dual, unit in units
    )


def _largest(figures: list[FloatArray]) -> float:
    """Return the largest figure and at least 0; NaN if there is one."""
    return float(np.max([np.max(figure, initial=0.0) for figure in figures])) + 0.0  # never -0
