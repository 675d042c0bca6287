"""What unserved demand costs, with steps of demand or without.

A demand i is one row of the structure. Its steps s hold shares of it, each at the value v_s that an unserved unit
costs:

    sum_j x_ij + sum_s u_s = amount_i,     0 <= u_s <= amount_i share_s,     cost  sum_s v_s u_s

The steps of least value go unserved first, so the cost of an amount u_i is convex and piecewise linear, and a demand
whose unit costs z pays ``amount_i sum_s share_s min(v_s, z)``. A demand without steps has one without limit, at the
penalty of its class. Takayama and Judge, 'Spatial and Temporal Price and Allocation Models' (1971), maximise the same:
value less cost.

The penalty of a class is the given one of its workload, or its value, or a multiple of the dearest way to serve it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placer.instance.attributes.schema import DEMAND, DEMAND_STEPS, VALUE
from placer.utils.arrays import expand_counts, positions_in, sums_by

if TYPE_CHECKING:
    import pandas as pd

    from placer.instance.problem import Instance
    from placer.model.structure import Structure
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


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
    structure : Structure
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


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of all demands, one demand after the other, each from its lowest value up.

    Attributes
    ----------
    count : (demands,) int array
        Steps of each demand, at least 1.
    share : (steps,) array
        Shares of the demand; those of a demand sum to 1.
    value : (steps,) array
        What an unserved unit costs.
    """

    count: IntArray
    share: FloatArray
    value: FloatArray

    @property
    def demand(self) -> IntArray:
        """The demand of each step (steps,)."""
        return np.repeat(np.arange(len(self.count)), self.count)

    @property
    def start(self) -> IntArray:
        """Position of the first step of each demand (demands,)."""
        return np.cumsum(self.count) - self.count

    @property
    def is_last(self) -> BoolArray:
        """Whether a step is the last of its demand, that of highest value (steps,)."""
        return np.append(np.diff(self.demand) > 0, True)

    def part(self, kept: np.ndarray) -> Steps:
        """Return the steps of some demands, by a mask or by position."""
        chosen = np.arange(len(self.count))[kept]
        which, rank = expand_counts(self.count[chosen])
        place = self.start[chosen][which] + rank
        return Steps(self.count[chosen], self.share[place], self.value[place])


#: Unserved demand costs this many times the dearest way to serve it anywhere, where the workload has neither a penalty
#: nor a value. A chain of displacements that lets one more Mtok be served costs a few times the spread of costs at the
#: most, and a hundred leaves prices well within the tolerance of solvers.
UNSERVED_FACTOR = 100.0


def unserved_cost(workloads: pd.DataFrame, structure: Structure, work_usd: FloatArray) -> FloatArray:
    """Return the penalty of one unserved Mtok of each class, that of its workload; a backlog has that of its own.

    It is ``unserved_usd_per_mtok`` where given, else ``value_usd_per_mtok`` where above 0, else ``UNSERVED_FACTOR``
    times the dearest way to serve a Mtok. A workload that costs nothing anywhere takes the dearest way to serve any,
    and 1 where nothing costs anything.

    Parameters
    ----------
    workloads : DataFrame
    structure : Structure
        Its arcs, its tiers and its draw count, not its penalties.
    work_usd : (classes, data centres) array
        Cost of serving one Mtok in the dearest hour, without energy and transit.
    """
    given, value = (workloads[name].to_numpy(float) for name in ("unserved_usd_per_mtok", "value_usd_per_mtok"))
    dearest = np.zeros(len(workloads))
    np.maximum.at(dearest, structure.served_class, _dearest_usd(structure, work_usd))
    of_all = float(dearest.max(initial=0.0)) or 1.0 / UNSERVED_FACTOR
    default = np.where(value > 0, value, UNSERVED_FACTOR * np.where(dearest > 0, dearest, of_all))
    penalty = np.where(np.isnan(given), default, given)
    workload = workloads["backlog_of"].fillna(workloads["workload"])
    return penalty[positions_in(workloads["workload"], workload)][structure.served_class]


def steps_of(instance: Instance, structure: Structure) -> Steps:
    """Return the steps of the demands of an instance, given its structure; a demand without any has its penalty."""
    demand, table = instance.tables["demand"], instance.tables[DEMAND_STEPS.name]
    key = list(DEMAND.key)
    rows = demand[key].assign(demand=np.arange(len(demand))).merge(table, on=key, how="left")
    penalty = structure.unserved_cost[structure.demand_class[rows["demand"]]]
    value = np.where(rows[VALUE].isna(), penalty, rows[VALUE])
    share = rows["share"].fillna(1.0).to_numpy(float)
    order = np.lexsort((value, rows["demand"].to_numpy()))
    count = np.bincount(rows["demand"], minlength=len(demand))
    whole = sums_by(rows["demand"].to_numpy(), share, len(demand))
    return Steps(count, (share / whole[rows["demand"].to_numpy()])[order], value[order])


def _dearest_usd(structure: Structure, work_usd: FloatArray) -> FloatArray:
    """Return the dearest way to serve one Mtok of each class, given its cost of work (classes, data centres)."""
    drawn = structure.draw * structure.overhead.max(axis=1, initial=1.0)
    dearest_mwh = np.zeros(structure.sites)
    tier_mwh = structure.tier_cost.max(axis=1, initial=0.0) / structure.tier_yield
    np.maximum.at(dearest_mwh, structure.tier_site, tier_mwh)
    sending = np.zeros(structure.classes)
    np.maximum.at(sending, structure.arc_class, structure.arc_cost)
    return (work_usd + drawn * dearest_mwh).max(axis=1, initial=0.0) + sending
