"""Keys: one column of every demand, substituted out of the restricted master.

The key of a demand is its column of lowest reduced cost at the starting prices y, ``cost + takes . y``. The demand is
met by ``x_key = amount - sum of its other columns``, so that the key needs no column and the demand no row, and

    another column      has the reduced cost and the entries of itself less those of the key of its demand: >= 0 in cost
    a shared row        has the right-hand side ``limit - sum of key entries x amount``
    the objective       has the constant ``sum of key costs x amount``
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from placer.column_generation.market.pricing import Near
from placer.column_generation.master.columns import ColumnMaker
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys, in the order of their demands.

    Attributes
    ----------
    columns : Near
    demand : (keys,) int array
        The demand of each key.
    amount : (keys,) array
        The amount of that demand.
    of_demand : (demands,) int array
        The key of each demand; -1 where it has none.
    cost, reduced_cost : (keys,) arrays
    takes : (keys, shared rows then queues) sparse array
    """

    columns: Near
    demand: IntArray
    amount: FloatArray
    of_demand: IntArray
    cost: FloatArray
    reduced_cost: FloatArray
    takes: csr_array

    def room(self, limit: FloatArray) -> FloatArray:
        """Return the slack of limits (shared rows then queues) if the keys carry all demand."""
        return limit - self.takes.T @ self.amount


@dataclass(frozen=True, eq=False)
class ReducedColumns:
    """Columns that are not keys, less the key of their demand.

    Attributes
    ----------
    columns : Near
    demand : (columns,) int array
        The demand of each; -1 for delays.
    identity : (columns,) int array
        A number that no other column has.
    reduced_cost : (columns,) array
    takes : (columns, shared rows then queues) sparse array
    """

    columns: Near
    demand: IntArray
    identity: IntArray
    reduced_cost: FloatArray
    takes: csr_array


@dataclass(frozen=True)
class MasterScale:
    """Units of the linear program.

    Attributes
    ----------
    amount : float
        Unit of amounts: the median demand above zero.
    cost : float
        Unit of costs: the median of the keys' reduced costs, by size and without zeros.
    """

    amount: float
    cost: float


def choose_keys(maker: ColumnMaker, columns: Near, prices: FloatArray) -> tuple[Keys, Near]:
    """Return the keys among columns, one for each demand they hold, and the columns that remain.

    Parameters
    ----------
    maker : ColumnMaker
    columns : Near
    prices : (rows,) array
        Starting prices of the scaled rows.
    """
    cost, takes = maker.make(columns)
    demand = maker.demand(columns)
    reduced_cost = cost + takes[:, : len(prices)] @ prices
    assigned = np.flatnonzero(demand >= 0)
    order = assigned[np.lexsort((reduced_cost[assigned], demand[assigned]))]
    held, first = np.unique(demand[order], return_index=True)
    key = order[first]
    of_demand = np.full(len(maker.amount), -1)
    of_demand[held] = np.arange(len(key))
    keys = Keys(columns.take(key), held, maker.amount[held], of_demand, cost[key], reduced_cost[key], takes[key])
    return keys, columns.take(np.delete(np.arange(len(columns)), key))


def reduce_columns(maker: ColumnMaker, keys: Keys, columns: Near, prices: FloatArray) -> ReducedColumns:
    """Substitute the keys out of columns; the prices are those that the keys were chosen at."""
    cost, takes = maker.make(columns)
    demand = maker.demand(columns)
    reduced_cost = cost + takes[:, : len(prices)] @ prices
    assigned = np.flatnonzero(demand >= 0)
    key = keys.of_demand[demand[assigned]]
    reduced_cost[assigned] -= keys.reduced_cost[key]
    chooser = csr_array((np.ones(len(key)), (assigned, key)), shape=(len(columns), len(keys.demand)))
    takes = csr_array(takes - chooser @ keys.takes)
    takes.eliminate_zeros()
    return ReducedColumns(columns, demand, maker.identity(columns), reduced_cost, takes)


def master_scale(amount: FloatArray, keys: Keys) -> MasterScale:
    """Return the units of the linear program of demands (demands,) and their keys."""
    size = np.abs(keys.reduced_cost)
    return MasterScale(
        amount=float(np.median(amount[amount > 0])),
        cost=float(np.median(size[size > 0])) if size.any() else 1.0,
    )
