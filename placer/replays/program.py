"""The least cost of one period, where work that waits may be served at a stated worth.

    minimise  sum_e z_e x_e + sum_p U_p u_p + sum_kj (w_kj - F_kj) s_kj + sum_s c_s y_s

    sum_e x_e + u_p = d_p        every pair p that does not wait; e: its arcs
    capacity, supply, intake and links as in ``placer.model.structure``;   s_kj <= most_kj

with F_kj the worth of serving a unit of class k from the queue at site j. Programs of consecutive periods differ
little, and few columns can be optimal. Each pair keeps its columns near the least price of the period before. The
cheapest is substituted out; a pair without others needs no row. Columns with a negative reduced cost at the new prices
are added until there are none. Limits may be exceeded at a price that no optimal price reaches, so that every
restriction has an optimum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from placer.errors import NoSolutionError
from placer.replays.network import DayNetwork
from placer.solvers.incremental import IncrementalLP
from placer.solvers.simplex import SimplexParameters, Vectors
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, IntArray

PERIOD_SIMPLEX = SimplexParameters("period", scaling=1, first="dual", retries=True)
#: Distance from the least price of a pair, as a share of its penalty, within which columns are tried at first.
_NEAR = 1e-4
#: The same in later rounds.
_ADDED = 1e-5
_MOST_ROUNDS = 60


@dataclass(frozen=True, eq=False)
class PeriodAnswer:
    """The optimum of a period.

    Attributes
    ----------
    sent : (pairs, choices) array
        Of pairs that do not wait; 0 for others.
    served : (classes, sites) array
        From queues.
    prices : (limits,) array
        Of the capacity of each site, of supply at each site, and of each limited link.
    intake : (sites,) array
        Of the intake, a part of the price of supply.
    """

    sent: FloatArray
    served: FloatArray
    prices: FloatArray
    intake: FloatArray


class PeriodProgram:
    """The programs of the periods of a network, solved one after the other."""

    def __init__(self, network: DayNetwork) -> None:
        structure = network.structure
        self._network = network
        arcs = (structure.arc_starts[1:] > structure.arc_starts[:-1])[
            network.klass * structure.origins + network.origin
        ]
        self._pairs = np.flatnonzero(~network.waits & arcs)
        self._row, self._choice = np.nonzero(network.is_arc[self._pairs])
        self._first = np.searchsorted(self._row, np.arange(len(self._pairs)))
        self._class, self._site = np.nonzero(structure.reached & (structure.window > 0)[:, None])
        self._penalty = network.unserved_usd[self._pairs]
        self._hour = -1
        self.prices = np.zeros(2 * structure.sites + len(network.links))

    def solve(self, period: int, amounts: FloatArray, worth: FloatArray, most: FloatArray) -> PeriodAnswer:
        """Solve the program of a period.

        Parameters
        ----------
        amounts : (pairs,) array
            Mtok; those of pairs that wait do not count.
        worth, most : (classes, sites) arrays
            ``F`` and the most that may be served; what is not finite is worth nothing.

        Raises
        ------
        NoSolutionError
            If HiGHS has no optimum, or limits are exceeded at the end.
        """
        self._lay(period)
        asked = amounts[self._pairs]
        gain = np.where(np.isfinite(worth), worth, 0.0)[self._class, self._site]
        cost = np.concatenate([self._cost, self._waiting_cost - gain])
        bound = np.where(np.isfinite(worth), most, 0.0)[self._class, self._site]
        return self._priced(period, asked, cost, bound)

    def _lay(self, period: int) -> None:
        """Lay out costs and loads of all columns: arcs, unserved, queues. They are those of an hour."""
        if period // self._network.parts == self._hour:
            return
        network, structure = self._network, self._network.structure
        self._hour = period // network.parts
        sites, pairs = structure.sites, self._pairs[self._row]
        site, klass = (figure[pairs, self._choice] for figure in (network.site, network.service_class))
        work, drawn = structure.work_cost[:, :, period], structure.draw * structure.overhead[:, period]
        self._cost = np.concatenate([network.sending_usd[pairs, self._choice] + work[klass, site], self._penalty])
        self._waiting_cost = work[self._class, self._site]
        choices = network.arc.shape[1]
        of_arcs = _loads(site, network.use[pairs, self._choice], drawn[klass, site], sites)
        of_queues = _loads(self._site, structure.use[self._class, self._site], drawn[self._class, self._site], sites)
        links = len(network.links)
        of_arcs = csr_array(_beside(of_arcs, csr_array(network.passing[pairs * choices + self._choice])))
        none = csr_array((len(self._pairs), 2 * sites + links))
        self._loads = csr_array(vstack([of_arcs, none, _beside(of_queues, csr_array((len(self._site), links)))]))
        self._beyond = self._dearest(drawn)

    def _dearest(self, drawn: FloatArray) -> FloatArray:
        """Return a price of each limit that no optimal price reaches."""
        structure, network = self._network.structure, self._network
        penalty = structure.unserved_cost[:, None]
        parts = [
            np.divide(penalty, each, out=np.zeros(each.shape), where=structure.reached & (each > 0)).max(axis=0)
            for each in (structure.use, drawn)
        ]
        least = structure.link_use[structure.link_use > 0].min(initial=np.inf)
        link = structure.unserved_cost.max() / least if np.isfinite(least) else 0.0
        return 1.01 * np.concatenate([*parts, np.full(len(network.links), link)]) + np.finfo(float).tiny

    def _priced(self, period: int, asked: FloatArray, cost: FloatArray, bound: FloatArray) -> PeriodAnswer:
        arcs, pairs = len(self._row), len(self._pairs)
        row_of = np.concatenate([self._row, np.arange(pairs)])
        reduced = cost + self._loads @ self.prices
        chosen = self._near(reduced, _NEAR)
        chosen[arcs + pairs :] &= bound > 0
        for _ in range(_MOST_ROUNDS):
            part = _Restricted(self._network, period, self._loads, cost, row_of, reduced, chosen)
            point, self.prices, intake = part.solve(asked, bound, self._beyond)
            reduced = cost + self._loads @ self.prices
            least = self._least(reduced)
            held = np.full(pairs, np.inf)
            kept = np.flatnonzero(chosen[: arcs + pairs])
            np.minimum.at(held, row_of[kept], reduced[kept])
            queues = (reduced[arcs + pairs :] < -SOLVER * self._penalty.max(initial=0.0)) & (bound > 0)
            queues &= ~chosen[arcs + pairs :]
            if not ((least < held - SOLVER * self._penalty).any() or queues.any()):
                return self._answer(point, intake)
            chosen |= self._near(reduced, _ADDED)
            chosen[arcs + pairs :] &= bound > 0
        raise NoSolutionError(Reason.ITERATION_LIMIT, f"a period took more than {_MOST_ROUNDS} rounds of columns")

    def _least(self, reduced: FloatArray) -> FloatArray:
        """Return the least price of every pair."""
        arcs, pairs = len(self._row), len(self._pairs)
        if not arcs:
            return reduced[:pairs]
        return np.minimum(np.minimum.reduceat(reduced[:arcs], self._first), reduced[arcs : arcs + pairs])

    def _near(self, reduced: FloatArray, distance: float) -> BoolArray:
        """Return the columns near the least price of their pair, and the queues near a price of 0."""
        arcs, pairs = len(self._row), len(self._pairs)
        most = self._least(reduced) + distance * self._penalty
        of_queues = reduced[arcs + pairs :] <= distance * self._penalty.max(initial=0.0)
        return np.concatenate([reduced[:arcs] <= most[self._row], reduced[arcs : arcs + pairs] <= most, of_queues])

    def _answer(self, point: FloatArray, intake: FloatArray) -> PeriodAnswer:
        network, arcs, pairs = self._network, len(self._row), len(self._pairs)
        sent, served = np.zeros(network.arc.shape), np.zeros((network.structure.classes, network.structure.sites))
        sent[self._pairs[self._row], self._choice] = np.maximum(point[:arcs], 0.0)
        served[self._class, self._site] = np.maximum(point[arcs + pairs :], 0.0)
        return PeriodAnswer(sent, served, self.prices, intake)


class _Restricted:
    """A program of some columns, with the cheapest of each pair substituted out."""

    def __init__(
        self,
        network: DayNetwork,
        period: int,
        loads: csr_array,
        cost: FloatArray,
        row_of: IntArray,
        reduced: FloatArray,
        chosen: BoolArray,
    ) -> None:
        self._network, self._period, self._loads, self._cost = network, period, loads, cost
        demands = len(row_of)
        kept = np.flatnonzero(chosen[:demands])
        kept = kept[np.lexsort((reduced[kept], row_of[kept]))]
        rows = row_of[kept]
        is_key = np.append(True, rows[1:] != rows[:-1])[: len(kept)]
        self._keys, self._others, self._pair = kept[is_key], kept[~is_key], rows[~is_key]
        self._queues = demands + np.flatnonzero(chosen[demands:])
        self._first_queue = demands
        self._several = np.flatnonzero(np.bincount(self._pair, minlength=len(self._keys)) > 1)

    def solve(
        self, asked: FloatArray, bound: FloatArray, beyond: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the flows of all columns, the prices of the limits and those of the intake."""
        structure, period = self._network.structure, self._period
        sites, limits = structure.sites, self._loads.shape[1]
        taken = asked @ self._loads[self._keys]
        free = np.concatenate(
            [structure.capacity[:, period], np.zeros(sites), structure.link_capacity[self._network.links, period]]
        )
        program = IncrementalLP(PERIOD_SIMPLEX)
        upper = np.concatenate([free - taken, structure.intake[:, period], asked[self._several]])
        program.add_rows(np.full(len(upper), -np.inf), upper)
        cost, most, entries = self._columns(asked, bound, beyond)
        program.add_columns(cost, most, Vectors.of(entries))
        program.run()
        point = program.point()
        others, queues = len(self._others), len(self._queues)
        flows = np.zeros(self._loads.shape[0])
        flows[self._keys] = asked
        np.subtract.at(flows, self._keys[self._pair], point.values[:others])
        flows[self._others] = point.values[:others]
        flows[self._queues] = point.values[others : others + queues]
        prices = np.maximum(-point.duals, 0.0)
        return flows, prices[:limits], prices[limits : limits + sites]

    def _columns(
        self, asked: FloatArray, bound: FloatArray, beyond: FloatArray
    ) -> tuple[FloatArray, FloatArray, csr_array]:
        """Return cost, bound and entries of the columns: others, queues, tiers, and what exceeds each limit."""
        structure, loads, period = self._network.structure, self._loads, self._period
        sites, limits = structure.sites, loads.shape[1]
        keys = self._keys[self._pair]
        row_of = np.full(len(self._keys), -1)
        row_of[self._several] = np.arange(len(self._several))
        in_row = np.flatnonzero(row_of[self._pair] >= 0)
        several = csr_array(
            (np.ones(len(in_row)), (in_row, sites + row_of[self._pair[in_row]])),
            shape=(len(self._others), sites + len(self._several)),
        )
        tiers, tail = np.arange(len(structure.tier_site)), sites + len(self._several)
        supplied = csr_array(
            (
                np.concatenate([-structure.tier_yield, structure.tier_yield]),
                (
                    np.concatenate([tiers, tiers]),
                    np.concatenate([sites + structure.tier_site, limits + structure.tier_site]),
                ),
            ),
            shape=(len(tiers), limits + tail),
        )
        exceeded = csr_array((-np.ones(limits), (np.arange(limits), np.arange(limits))), shape=(limits, limits + tail))
        entries = [
            _beside(csr_array(loads[self._others] - loads[keys]), several),
            _beside(csr_array(loads[self._queues]), csr_array((len(self._queues), tail))),
            supplied,
            exceeded,
        ]
        parts = [
            (self._cost[self._others] - self._cost[keys], asked[self._pair]),
            (self._cost[self._queues], bound[self._queues - self._first_queue]),
            (structure.tier_cost[:, period], structure.tier_limit[:, period]),
            (beyond, np.full(limits, np.inf)),
        ]
        cost, most = (np.concatenate(each) for each in zip(*parts, strict=True))
        return cost, most, csr_array(vstack(entries))


def _beside(left: csr_array, right: csr_array) -> csr_array:
    """Return the rows of two sparse arrays side by side."""
    rows = np.concatenate([np.repeat(np.arange(each.shape[0]), np.diff(each.indptr)) for each in (left, right)])
    columns = np.concatenate([left.indices, left.shape[1] + right.indices])
    shape = (left.shape[0], left.shape[1] + right.shape[1])
    return csr_array((np.concatenate([left.data, right.data]), (rows, columns)), shape=shape)


def _loads(site: IntArray, use: FloatArray, drawn: FloatArray, sites: int) -> csr_array:
    """Return the loads of columns on capacity and supply (columns, 2 * sites)."""
    column = np.arange(len(site))
    at = np.concatenate([column, column]), np.concatenate([site, sites + site])
    found = csr_array((np.concatenate([use, drawn]), at), shape=(len(site), 2 * sites))
    found.eliminate_zeros()
    return found
