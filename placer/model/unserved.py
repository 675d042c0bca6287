"""What unserved demand costs, with steps of demand or without.

A demand i is one row of the structure. Its steps s hold shares of it, each at the value v_s that an unserved unit
costs:

    sum_j x_ij + sum_s u_s = amount_i,     0 <= u_s <= amount_i share_s,     cost  sum_s v_s u_s

The steps of least value go unserved first, so the cost of an amount u_i is convex and piecewise linear, and a demand
whose unit costs z pays ``amount_i sum_s share_s min(v_s, z)``. A demand without steps has one without limit, at the
penalty of its class. Takayama and Judge, 'Spatial and Temporal Price and Allocation Models' (1971), maximise the same:
value less cost.
"""

from __future__ import annotations

import numpy as np

from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray, sums_by


def columns_of_unserved(structure: Structure) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the demand, the cost and the upper limit of every column of unserved demand.

    The last step of a demand has no limit: all of it being unserved is the most that its row allows.
    """
    steps = structure.steps
    if steps is None:
        count = len(structure.demand_amount)
        return np.arange(count), structure.unserved_cost[structure.demand_class], np.full(count, np.inf)
    demand = steps.demand
    most = np.where(steps.is_last, np.inf, amounts_of_columns(structure))
    return demand, steps.value, most


def amounts_of_columns(structure: Structure) -> FloatArray:
    """Return the demand of every column of unserved demand: the amount of its step."""
    steps = structure.steps
    return structure.demand_amount if steps is None else structure.demand_amount[steps.demand] * steps.share


def unserved_by_column(structure: Structure, unserved: FloatArray) -> FloatArray:
    """Return the unserved amount of every column, given that of every demand: the lowest values go unserved first."""
    steps = structure.steps
    if steps is None:
        return unserved
    demand, _, most = columns_of_unserved(structure)
    before = np.cumsum(np.where(steps.is_last, 0.0, most)) - np.where(steps.is_last, 0.0, most)
    before -= before[steps.start][demand]
    return np.clip(unserved[demand] - before, np.where(steps.is_last & (steps.count[demand] == 1), -np.inf, 0.0), most)


def unserved_of_demands(structure: Structure, by_column: FloatArray) -> FloatArray:
    """Return the unserved amount of every demand, given that of every column: a copy."""
    if structure.steps is None:
        return by_column.copy()
    return sums_by(structure.steps.demand, by_column, len(structure.demand_amount))


def penalties(structure: Structure, unserved: FloatArray) -> FloatArray:
    """Return what the unserved amount of each demand costs (demands,)."""
    if structure.steps is None:
        return structure.unserved_cost[structure.demand_class] * unserved
    demand, cost, _ = columns_of_unserved(structure)
    return sums_by(demand, cost * unserved_by_column(structure, unserved), len(unserved))


def paid_per_unit(structure: Structure, price: FloatArray) -> FloatArray:
    """Return what a unit of each demand pays if serving it costs a price: ``sum_s share_s min(v_s, price)``.

    Parameters
    ----------
    price : (demands,) array
    """
    steps = structure.steps
    if steps is None:
        return np.minimum(structure.unserved_cost[structure.demand_class], price)
    return sums_by(steps.demand, steps.share * np.minimum(steps.value, price[steps.demand]), len(price))


def dual_payments(structure: Structure, price: FloatArray) -> FloatArray:
    """Return the part of the dual objective that demands at given duals have (demands,).

    It is ``amount price`` less what the limited columns of unserved demand earn below it.
    """
    paid = structure.demand_amount * price
    if structure.steps is None:
        return paid
    demand, cost, most = columns_of_unserved(structure)
    earned = np.where(np.isfinite(most), most, 0.0) * np.maximum(price[demand] - cost, 0.0)
    return paid - sums_by(demand, earned, len(price))


def highest_values(structure: Structure) -> FloatArray:
    """Return what a unit of each demand is worth at most: its highest step, or the penalty of its class (demands,)."""
    steps = structure.steps
    return structure.unserved_cost[structure.demand_class] if steps is None else steps.value[steps.is_last]


def share_above(structure: Structure, price: FloatArray) -> FloatArray:
    """Return which part of each demand is worth a price or more (demands,)."""
    steps = structure.steps
    if steps is None:
        return (structure.unserved_cost[structure.demand_class] >= price).astype(float)
    return sums_by(steps.demand, steps.share * (steps.value >= price[steps.demand]), len(price))
