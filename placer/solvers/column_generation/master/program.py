"""The restricted program: columns near their demand's least price, and only the rows they can disagree about.

Of every demand one column, its *key*, is substituted out: ``x_key = amount - sum of its other columns``. A demand with
one other column becomes a bound on it; with none it is gone. Work that waits is first served at the delay that was
cheapest at the starting prices; *delays* move it from there, and only where there are delays does a queue need its row:

    demand    sum of the other columns of a demand <= amount        where there are two or more
    queue     sum of the delays of a queue <= what arrives at it    where there are any

Costs are reduced by the starting prices, so that every column starts with a cost >= 0 and the basis of all rows is dual
feasible: the dual simplex method starts near its end. Resources have two more columns each: what is left, at the
starting price, and what is missing, at the rest of a price that no optimum exceeds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from placer.solvers.column_generation.market.pricing import Near, Priced, join
from placer.solvers.column_generation.master.columns import ColumnMaker
from placer.solvers.column_generation.parameters import DEFAULTS
from placer.solvers.incremental import IncrementalLP
from placer.solvers.simplex import SimplexParameters, Vectors

if TYPE_CHECKING:
    from placer.solvers.column_generation.market.definition import Market
    from placer.solvers.column_generation.master.rows import Resources
    from placer.solvers.column_generation.parameters import MasterParameters


#: 2^64 over the golden ratio: multiples of it, modulo 2^64, lie evenly (Knuth, The Art of Computer Programming, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

#: How HiGHS runs the restricted program: dual at first, since the starting prices are dual feasible.
MASTER_SIMPLEX = SimplexParameters("master", scaling=1, first="dual", retries=True)


@dataclass(frozen=True)
class MasterPoint:
    """An optimum of the restricted program.

    Attributes
    ----------
    columns : Near
        All columns, keys included.
    amount : (columns,) array
        What they carry; of a delay, what it moves.
    taken : array
        Amounts of the tiers of ``Resources``, in units drawn.
    rows : (resource rows,) array
        Prices of the resources.
    objective : float
    missing : float
        The largest amount of a resource that is missing, in units of a typical demand.
    """

    columns: Near
    amount: np.ndarray
    taken: np.ndarray
    rows: np.ndarray
    objective: float
    missing: float


class Master:
    """The restricted program of one market, kept warm while columns are added.

    Parameters
    ----------
    market : Market
    resources : Resources
    start : (resource rows,) array
        Starting prices.
    priced : list of Priced
        The groups at these prices; fixes the delay at which work is served unless moved.
    first : Near
        The first columns; at least one of every demand.
    most : int
        Columns that are taken beside the keys. Where there are more, prices are tied, and some of those that are
        equally good do as well as all.
    """

    def __init__(
        self,
        market: Market,
        resources: Resources,
        start: np.ndarray,
        priced: list[Priced],
        first: Near,
        most: int,
        parameters: MasterParameters = DEFAULTS.master,
    ) -> None:
        self._parameters = parameters
        self._resources = resources
        self._maker = ColumnMaker(market, resources, [part.best_delay for part in priced])
        self._amount = np.concatenate([group.amount.ravel() for group in market.groups])
        self._unit = float(np.median(self._amount[self._amount > 0]))
        self._start = start * resources.scale
        self.lp = IncrementalLP(MASTER_SIMPLEX)
        self.lp.most_iterations = parameters.most_iterations
        self._columns: list[Near] = []
        self._demand: list[np.ndarray] = []
        self._takes: list[csr_array] = []
        self._known = np.zeros(0, dtype=np.int64)
        self._lay_keys(self._maker.useful(first), most)

    def add(self, near: Near, most: int) -> int:
        """Add those columns that are not there yet, or where they are more, those that improve; return how many."""
        near = self._maker.useful(near)
        known = np.isin(self._maker.identity(near), self._known)
        fresh = near.take(~known)
        if len(fresh) > most:
            fresh = near.take(~known & self._improves(near, known))
        if len(fresh):
            self._append(fresh, *self._maker.make(fresh))
        return len(fresh)

    def _improves(self, near: Near, known: np.ndarray) -> np.ndarray:
        """Return which columns are delays, or cheaper than all there are of their demand."""
        demand, of_demand = self._maker.demand(near), near.h >= 0
        least, own = np.full(len(self._amount), np.inf), known & of_demand
        np.minimum.at(least, demand[own], near.price[own])
        return ~of_demand | (
            near.price < least[demand] - self._parameters.tie_tolerance * np.abs(near.price).max(initial=0.0)
        )

    def run(self, time_limit_seconds: float = math.inf) -> MasterPoint:
        """Solve, from where the last run ended.

        Raises
        ------
        NoSolutionError
            If HiGHS does not claim an optimum.
        """
        self.lp.run(time_limit_seconds)
        point = self.lp.point()
        resources, count = self._resources, self._resources.count
        _, missing, taken, others = np.split(point.values, np.cumsum([count, count, len(resources.tier)]))
        others = np.maximum(others, 0.0) * self._unit
        demand = np.concatenate(self._demand)
        of_demand = demand >= 0
        key = (
            self._amount[self._key_demand]
            - np.bincount(demand[of_demand], others[of_demand], len(self._amount))[self._key_demand]
        )
        rows = (self._start - point.duals[:count] * self._cost_unit) / resources.scale
        return MasterPoint(
            columns=join([*self._columns, self._keys]),
            amount=np.concatenate([others, np.maximum(key, 0.0)]),
            taken=np.maximum(taken, 0.0) * self._unit * self._tier_scale,
            rows=np.where(resources.equal, rows, np.maximum(rows, 0.0)),
            objective=point.objective * self._cost_unit * self._unit + self._constant,
            missing=float(missing.max(initial=0.0)),
        )

    def raise_missing(self, factor: float) -> None:
        """Make what is missing dearer."""
        count = self._resources.count
        self._dearest *= factor
        columns = np.arange(count, 2 * count)
        self.lp.set_costs(np.maximum(self._dearest - self._start, 0.0) / self._cost_unit, columns)

    def _lay_keys(self, first: Near, most: int) -> None:
        """Choose the key of every demand, lay the rows of the resources, and append the other columns."""
        cost, takes = self._maker.make(first)
        demand, count = self._maker.demand(first), self._resources.count
        reduced = cost + takes[:, :count] @ self._start
        of_demand = np.flatnonzero(demand >= 0)
        order = of_demand[np.lexsort((reduced[of_demand], demand[of_demand]))]
        asked, place = np.unique(demand[order], return_index=True)
        key = order[place]
        self._keys, self._key_demand = first.take(key), asked
        self._key_takes, self._key_reduced = takes[key], reduced[key]
        self._key_of = np.full(len(self._amount), -1)
        self._key_of[asked] = np.arange(len(key))
        self._known = self._maker.identity(self._keys)
        amount = self._amount[asked]
        positive = np.abs(self._key_reduced)
        self._cost_unit = float(np.median(positive[positive > 0])) if positive.any() else 1.0
        limit = np.concatenate([self._resources.limit / self._resources.scale, np.zeros(self._maker.queues)])
        self._room = limit - self._key_takes.T @ amount
        self._constant = float(cost[key] @ amount - self._room[:count] @ self._start)
        self._row_of_queue, self._row_of_demand = (
            np.full(size, -1) for size in (self._maker.queues, len(self._amount))
        )
        self._others = np.zeros(len(self._amount), dtype=int)
        self._lay_resources()
        others = self._some(first.take(np.delete(np.arange(len(first)), key)), most)
        self._append(others, *self._maker.make(others))
        self.lp.start_from_rows(self._tiers_at_upper)

    def _some(self, near: Near, most: int) -> Near:
        """Return no more than so many columns, chosen evenly by number: the same on every machine."""
        if len(near) <= most:
            return near
        spread = self._maker.identity(near).astype(np.uint64) * _GOLDEN
        return near.take(np.sort(np.argpartition(spread, most)[:most]))

    def _lay_resources(self) -> None:
        resources, count = self._resources, self._resources.count
        room = self._room[:count] / self._unit
        self.lp.add_rows(room, room)
        self._dearest = resources.dearest * resources.scale
        own = csr_array((np.ones(count), (np.arange(count), np.arange(count))), shape=(count, count))
        self.lp.add_columns(self._start / self._cost_unit, np.where(resources.equal, 0.0, np.inf), Vectors.of(own))
        self.lp.add_columns(
            np.maximum(self._dearest - self._start, 0.0) / self._cost_unit, np.full(count, np.inf), Vectors.of(-own)
        )
        which, row, each = (np.concatenate(parts) for parts in zip(*resources.tier_entries(), strict=True))
        # Tiers are scaled like the row of their supply, so that their coefficient there is -1.
        self._tier_scale = resources.scale[self._supply_rows()]
        gives = csr_array(
            (each / resources.scale[row] * self._tier_scale[which], (which, row)), shape=(len(resources.tier), count)
        )
        cost = resources.tier_cost * self._tier_scale + gives @ self._start
        bound = resources.tier_amount / self._tier_scale / self._unit
        self.lp.add_columns(cost / self._cost_unit, bound, Vectors.of(gives))
        self._tiers_at_upper = 2 * count + np.flatnonzero(cost < 0)

    def _supply_rows(self) -> np.ndarray:
        resources = self._resources
        return resources.supply[resources.tier_t, resources.structure.tier_site[resources.tier]]

    def _append(self, near: Near, cost: np.ndarray, takes: csr_array) -> None:
        """Add columns, first the rows they make necessary."""
        count = self._resources.count
        demand = self._maker.demand(near)
        of_demand = np.flatnonzero(demand >= 0)
        reduced = cost + takes[:, :count] @ self._start
        key = self._key_of[demand[of_demand]]
        reduced[of_demand] -= self._key_reduced[key]
        takes = csr_array(takes - self._spread(key, of_demand, len(near)))
        takes.eliminate_zeros()
        np.add.at(self._others, demand[of_demand], 1)
        queues = np.unique(self._maker.queue(near)[demand < 0])
        self._add_rows(queues[self._row_of_queue[queues] < 0])
        bound = np.full(len(near), np.inf)
        bound[of_demand] = self._amount[demand[of_demand]] / self._unit
        self.lp.add_columns(reduced / self._cost_unit, bound, Vectors.of(self._entries(takes, demand)))
        self._columns.append(near)
        self._demand.append(demand)
        self._takes.append(takes)
        self._known = np.concatenate([self._known, self._maker.identity(near)])

    def _spread(self, key: np.ndarray, columns: np.ndarray, count: int) -> csr_array:
        """Return what the key of each of some columns takes, as rows of an array for all columns."""
        chooser = csr_array((np.ones(len(key)), (columns, key)), shape=(count, self._key_takes.shape[0]))
        return chooser @ self._key_takes

    def _add_rows(self, queues: np.ndarray) -> None:
        demands = np.flatnonzero((self._others >= 2) & (self._row_of_demand < 0))
        size = len(queues) + len(demands)
        if not size:
            return
        first = self.lp.rows
        self._row_of_queue[queues] = first + np.arange(len(queues))
        self._row_of_demand[demands] = first + len(queues) + np.arange(len(demands))
        upper = np.concatenate([self._room[self._resources.count + queues], self._amount[demands]]) / self._unit
        entries = None
        if self._takes:
            entries = Vectors.of(self._columns_in(first, size))
        self.lp.add_rows(np.full(size, -np.inf), upper, entries)

    def _columns_in(self, first: int, size: int) -> csr_array:
        """Return the entries of the columns there are in new rows."""
        takes = vstack(self._takes, format="csr")
        inside = self._entries(csr_array(takes), np.concatenate(self._demand), rows=first + size)
        offset = self.lp.columns - inside.shape[0]
        blank = csr_array((size, offset))
        return csr_array(hstack([blank, inside[:, first:].T], format="csr"))

    def _entries(self, takes: csr_array, demand: np.ndarray, rows: int | None = None) -> csr_array:
        """Return columns over the rows of the program, from what they take of resources and queues."""
        count = self._resources.count
        entries = takes.tocoo()
        row = entries.col.copy()
        inner = row >= count
        row[inner] = self._row_of_queue[row[inner] - count]
        kept = row >= 0
        asked = np.flatnonzero(demand >= 0)
        asked = asked[self._row_of_demand[demand[asked]] >= 0]
        which = np.concatenate([entries.row[kept], asked])
        place = np.concatenate([row[kept], self._row_of_demand[demand[asked]]])
        value = np.concatenate([entries.data[kept], np.ones(len(asked))])
        return csr_array((value, (which, place)), shape=(len(demand), rows or self.lp.rows))
