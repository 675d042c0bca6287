"""The restricted master: a linear program over the columns near the lowest price of their demand.

One column of every demand, its key, is substituted out (``master.keys``). A demand with one other column becomes the
bound of that column, and one with none disappears. Work that waits is served at the delay that was cheapest at the
starting prices; delay columns move it from there. Beside the shared rows (``master.rows``) there are

    demand    sum of the other columns of a demand <= amount             for two columns or more
    queue     sum of the delay columns of a queue <= what arrives there  for one delay column or more

Costs are reduced costs at the starting prices, so that every column has a cost >= 0: the basis of all rows is dual
feasible, and the dual simplex method starts near its end. Each shared row has two more columns, its slack at the
starting price y and its shortfall at ``price bound - y``, so that the program is always feasible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from placer.column_generation.market.pricing import Near, join
from placer.column_generation.master.columns import ColumnMaker, SupplyColumns, supply_columns
from placer.column_generation.master.contents import MasterContents
from placer.column_generation.master.keys import (
    ReducedColumns,
    master_scale,
    reduce_columns,
)
from placer.solvers.incremental import IncrementalLP
from placer.solvers.simplex import SimplexParameters, Vectors
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray, is_among

#: How HiGHS runs the restricted master: dual at first, since the starting prices are dual feasible. Reduced costs are
#: small beside the largest, which HiGHS measures its perturbation by.
MASTER_SIMPLEX = SimplexParameters("master", scaling=1, perturbation=0.1, first="dual", retries=True)


@dataclass(frozen=True, eq=False)
class MasterPoint:
    """An optimum of the restricted master.

    Attributes
    ----------
    columns : Near
        All columns, keys included.
    amount : (columns,) array
        Amount of each; for a delay, the amount that it moves.
    drawn : (tiers,) array
        Amounts of the columns y of ``MasterRows``, in units drawn.
    stored : (3, b, t) array
        Amounts of the columns c, g and e of stores.
    row_prices : (rows,) array
        Prices of the shared rows.
    objective : float
        Cost and penalty.
    penalty : float
        Penalty for unserved demand.
    shortfall : float
        The largest shortfall of a shared row, in median demands.
    """

    columns: Near
    amount: FloatArray
    drawn: FloatArray
    stored: FloatArray
    row_prices: FloatArray
    objective: float
    penalty: float
    shortfall: float


class Master:
    """The restricted master of one market: a linear program that keeps its basis, and the list of its columns.

    Parameters
    ----------
    maker : ColumnMaker
    contents : MasterContents

    Raises
    ------
    NoSolutionError
        If HiGHS refuses a basis.

    Attributes
    ----------
    lp : IncrementalLP
    """

    def __init__(self, maker: ColumnMaker, contents: MasterContents) -> None:
        rows = maker.rows
        self.lp = IncrementalLP(MASTER_SIMPLEX)
        self._maker, self._rows = maker, rows
        self._prices, self._shortfall_prices = contents.prices, contents.shortfall_prices
        self._keys = contents.keys
        self._scale = master_scale(maker.amount, self._keys)
        #: Right-hand sides (shared rows, then queues) and the constant of the objective.
        self._room = self._keys.room(np.concatenate([rows.limit / rows.scale, np.zeros(maker.queues)]))
        self._constant = float(self._keys.cost @ self._keys.amount - self._room[: rows.count] @ self._prices)
        #: Columns beside the keys, in the order of their addition; their number for each demand.
        self._added: list[ReducedColumns] = []
        self._others = np.zeros(len(maker.amount), dtype=int)
        #: Rows of queues and demands in the linear program; -1 before they are needed.
        self._row_of_queue, self._row_of_demand = np.full(maker.queues, -1), np.full(len(maker.amount), -1)
        self._supply = supply_columns(rows, self._prices)
        self._lay_shared_rows(self._supply)
        for columns in contents.added:
            self._append(columns)
        if contents.basis is None:
            self._start_from_prices()
        else:
            self.lp.set_basis(contents.basis)

    @property
    def contents(self) -> MasterContents:
        """The present contents."""
        added = tuple(each.columns for each in self._added)
        return MasterContents(self._prices, self._shortfall_prices, self._keys, added, self.lp.basis())

    def add(self, columns: Near, most: int) -> int:
        """Add the columns that are new, or if these are more than ``most``, those that improve; return how many."""
        columns, identity = self._maker.useful(columns), self._maker.identity
        there = np.concatenate([identity(self._keys.columns), *(added.identity for added in self._added)])
        is_known = is_among(identity(columns), there)
        fresh = columns.take(~is_known)
        if len(fresh) > most:
            fresh = columns.take(~is_known & self._improves(columns, is_known))
        if len(fresh):
            self._append(fresh)
        return len(fresh)

    def run(self, time_limit_seconds: float = math.inf) -> MasterPoint:
        """Optimise from the basis of the last run.

        Raises
        ------
        NoSolutionError
            If HiGHS does not claim an optimum.
        """
        self.lp.run(time_limit_seconds)
        point = self.lp.point()
        rows, keys, scale, count = self._rows, self._keys, self._scale, self._rows.count
        _, shortfall, supply, others = np.split(point.values, np.cumsum([count, count, len(self._supply.scale)]))
        supply = np.maximum(supply, 0.0) * scale.amount * self._supply.scale
        others = np.maximum(others, 0.0) * scale.amount
        demand = np.concatenate([added.demand for added in self._added])
        is_assigned = demand >= 0
        carried = np.bincount(demand[is_assigned], others[is_assigned], len(self._maker.amount))
        of_keys = np.maximum(keys.amount - carried[keys.demand], 0.0)
        prices = (self._prices - point.duals[:count] * scale.cost) / rows.scale
        columns = join([*(added.columns for added in self._added), keys.columns])
        amount = np.concatenate([others, of_keys])
        return MasterPoint(
            columns=columns,
            amount=amount,
            drawn=supply[: len(rows.tier)],
            stored=supply[len(rows.tier) :].reshape(3, *rows.stored.shape),
            row_prices=np.where(rows.is_equality, prices, np.maximum(prices, 0.0)),
            objective=point.objective * scale.cost * scale.amount + self._constant,
            penalty=self._maker.penalty(columns, amount),
            shortfall=float(shortfall.max(initial=0.0)),
        )

    def move(self, maker: ColumnMaker, most_iterations: int) -> None:
        """Take the limits of other rows; the next run takes the dual simplex method, as the basis stays dual feasible.

        Parameters
        ----------
        maker : ColumnMaker
            Of the same demands and default delays, with rows that differ from the present ones in limits alone.
        most_iterations : int
            Simplex iterations of one run from now on.

        Raises
        ------
        NoSolutionError
            If HiGHS refuses a limit.
        """
        rows, count, scale = maker.rows, maker.rows.count, self._scale
        self._maker, self._rows = maker, rows
        self._room = self._keys.room(np.concatenate([rows.limit / rows.scale, np.zeros(maker.queues)]))
        self._constant = float(self._keys.cost @ self._keys.amount - self._room[:count] @ self._prices)
        self._supply = supply_columns(rows, self._prices)
        self.lp.set_sides(self._room[:count] / scale.amount)
        self.lp.set_bounds(2 * count, self._supply.amount / scale.amount)
        self.lp.most_iterations = most_iterations
        self.lp.take_dual()

    def raise_shortfall_prices(self, factor: float) -> None:
        """Multiply the prices of shortfall."""
        count = self._rows.count
        self._shortfall_prices = self._shortfall_prices * factor
        self.lp.set_costs(self._shortfall_costs(), np.arange(count, 2 * count))

    def _shortfall_costs(self) -> FloatArray:
        """Return the costs of the columns of shortfall: the price of a shortfall less the starting price."""
        return np.maximum(self._shortfall_prices - self._prices, 0.0) / self._scale.cost

    def _improves(self, columns: Near, is_known: BoolArray) -> BoolArray:
        """Return which columns are delays, or cheaper than all known columns of their demand."""
        demand, is_assigned = self._maker.demand(columns), columns.h >= 0
        lowest, known = np.full(len(self._maker.amount), np.inf), is_known & is_assigned
        np.minimum.at(lowest, demand[known], columns.price[known])
        tolerance = SOLVER * np.abs(columns.price).max(initial=0.0)
        return ~is_assigned | (columns.price < lowest[demand] - tolerance)

    def _lay_shared_rows(self, supply: SupplyColumns) -> None:
        """Lay the shared rows as equations, with the columns of slack, of shortfall, of the tiers and of stores."""
        rows, scale, count = self._rows, self._scale, self._rows.count
        room = self._room[:count] / scale.amount
        self.lp.add_rows(room, room)
        own = csr_array((np.ones(count), (np.arange(count), np.arange(count))), shape=(count, count))
        slack = np.where(rows.is_equality, 0.0, np.inf)
        self.lp.add_columns(self._prices / scale.cost, slack, Vectors.of(own))
        self.lp.add_columns(self._shortfall_costs(), np.full(count, np.inf), Vectors.of(-own))
        self.lp.add_columns(supply.reduced_cost / scale.cost, supply.amount / scale.amount, Vectors.of(supply.takes))

    def _start_from_prices(self) -> None:
        """Start from the basis of all rows, but of columns with a reduced cost of 0 for the shared rows that have one.

        They are the slack of limits without a price, which are most near the optimum, and the marginal tiers.
        """
        rows, reduced = self._rows, self._supply.reduced_cost
        free = np.flatnonzero((self._prices <= 0) & ~rows.is_equality)
        is_tier = np.arange(len(reduced)) < len(rows.tier)
        is_marginal = is_tier & (np.abs(reduced) <= SOLVER * np.abs(reduced[is_tier]).max(initial=0.0))
        supplied, first = np.unique(rows.tier_row[is_marginal[is_tier]], return_index=True)
        marginal = 2 * rows.count + np.flatnonzero(is_marginal)[first]
        full = 2 * rows.count + np.flatnonzero((reduced < 0) & ~is_marginal)
        self.lp.start_from_rows(full, np.concatenate([free, marginal]), np.concatenate([free, supplied]))

    def _append(self, columns: Near) -> None:
        """Add columns, after the rows that they make necessary."""
        new = reduce_columns(self._maker, self._keys, columns, self._prices)
        assigned = np.flatnonzero(new.demand >= 0)
        np.add.at(self._others, new.demand[assigned], 1)
        queues = np.unique(self._maker.queue(columns)[new.demand < 0])
        self._add_rows(queues[self._row_of_queue[queues] < 0])
        bound = np.full(len(columns), np.inf)
        bound[assigned] = self._maker.amount[new.demand[assigned]] / self._scale.amount
        entries = self._entries(new.takes, new.demand, self.lp.rows)
        self.lp.add_columns(new.reduced_cost / self._scale.cost, bound, Vectors.of(entries))
        self._added.append(new)

    def _add_rows(self, queues: IntArray) -> None:
        """Add rows of queues, and of the demands that now have two columns beside the key."""
        demands = np.flatnonzero((self._others >= 2) & (self._row_of_demand < 0))
        first, size = self.lp.rows, len(queues) + len(demands)
        if not size:
            return
        self._row_of_queue[queues] = first + np.arange(len(queues))
        self._row_of_demand[demands] = first + len(queues) + np.arange(len(demands))
        upper = np.concatenate([self._room[self._rows.count + queues], self._maker.amount[demands]])
        entries = Vectors.of(self._entries_of_rows(first, size)) if self._added else None
        self.lp.add_rows(np.full(size, -np.inf), upper / self._scale.amount, entries)

    def _entries_of_rows(self, first: int, size: int) -> csr_array:
        """Return the entries that the present columns have in new rows, row by row."""
        takes = csr_array(vstack([added.takes for added in self._added], format="csr"))
        demand = np.concatenate([added.demand for added in self._added])
        of_columns = self._entries(takes, demand, first + size)[:, first:].T
        blank = csr_array((size, self.lp.columns - len(demand)))
        return csr_array(hstack([blank, of_columns], format="csr"))

    def _entries(self, takes: csr_array, demand: IntArray, count: int) -> csr_array:
        """Return the entries of columns in the ``count`` rows of the program, from what they take and their demand."""
        shared, taken = self._rows.count, takes.tocoo()
        row = taken.col.copy()
        is_queue = row >= shared
        row[is_queue] = self._row_of_queue[row[is_queue] - shared]
        kept = row >= 0
        assigned = np.flatnonzero(demand >= 0)
        assigned = assigned[self._row_of_demand[demand[assigned]] >= 0]
        column = np.concatenate([taken.row[kept], assigned])
        place = np.concatenate([row[kept], self._row_of_demand[demand[assigned]]])
        value = np.concatenate([taken.data[kept], np.ones(len(assigned))])
        return csr_array((value, (column, place)), shape=(len(demand), count))
