"""The programs of secure placements and secure ceilings, written from their text in ``docs/security.md``.

Nothing of placer is used: columns and rows come from the arrays of ``benchmarks.secure_draws``, every contingency has
its block of recourse, every demand stands by itself, and SciPy's HiGHS solves one objective after another, each with
those before it as limits.

    x  Mtok of a workload of a hub in an hour at a data centre     u  Mtok unserved
    y  Mtok at another place in a contingency                      v  Mtok that strands
    f  waiting work by hour of arrival and of service              b  MWh bought of a supply
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from placer.utils.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .secure_draws import Draw, Lost

Figures = TypeVar("Figures", bound=tuple[float, ...])
#: Coefficients of columns.
Terms = list[tuple[IntArray, FloatArray]]
#: A limit from an objective exceeds its optimum by these shares of a size: the first at which HiGHS finds a point.
SLACKS = (1e-11, 1e-10, 1e-9)
OPTIONS = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


class InfeasibleError(Exception):
    """No point keeps all rows."""


class Program:
    """A linear program that grows by columns and rows."""

    def __init__(self) -> None:
        self.upper: list[FloatArray] = []
        self.count = 0
        self._rows: list[tuple[Terms, float, float]] = []

    def columns(self, upper: FloatArray) -> IntArray:
        """Add columns from 0 to some upper bounds, and return their positions."""
        place = self.count + np.arange(upper.size).reshape(upper.shape)
        self.upper.append(upper.ravel())
        self.count += upper.size
        return place

    def row(self, terms: Terms, lower: float, upper: float) -> None:
        """Add a row, unless it has no finite side."""
        if np.isfinite(lower) or np.isfinite(upper):
            self._rows.append((terms, lower, upper))

    def solve(self, cost: FloatArray) -> tuple[float, FloatArray]:
        """Return the least cost, and a point that has it."""
        terms = [(place, *each) for place, (row, _, _) in enumerate(self._rows) for each in row]
        which = np.concatenate([np.full(columns.size, place) for place, columns, _ in terms])
        columns, values = (np.concatenate([each[side] for each in terms]) for side in (1, 2))
        matrix = csr_array((values, (which, columns)), shape=(len(self._rows), self.count))
        lower, upper = (np.array([row[side] for row in self._rows]) for side in (1, 2))
        same = lower == upper
        above, below = np.isfinite(upper) & ~same, np.isfinite(lower) & ~same
        sides = np.concatenate([upper[above], -lower[below]])
        bounds = np.column_stack([np.zeros(self.count), np.concatenate(self.upper)])
        inequal = vstack([matrix[above], -matrix[below]])
        found = linprog(cost, inequal, sides, matrix[same], lower[same], bounds, options=OPTIONS)
        if found.status == 2:
            raise InfeasibleError
        if found.status != 0:
            raise RuntimeError(found.message)
        return float(found.fun), found.x


class SecureProgram:
    """The program of a draw, with a block of recourse for each of some contingencies."""

    def __init__(self, draw: Draw, lost: Iterable[Lost]) -> None:
        self.draw, self.program = draw, Program()
        workloads, hubs, sites, hours = draw.shape
        reached = draw.lawful[:, None, :] & draw.linked
        self.allowed = np.broadcast_to(reached[..., None], (workloads, hubs, sites, hours))
        self.x = self.program.columns(np.where(self.allowed, np.inf, 0.0))
        self.u = self.program.columns(np.full(draw.demand.shape, np.inf))
        self.bought = self._network([(np.ones(workloads), self.x)], draw.supply_limit)
        for k, h, t in np.ndindex(draw.demand.shape):
            asked = float(draw.demand[k, h, t])
            self.program.row([_sum(self.x[k, h, :, t]), _sum(self.u[k, h, t])], asked, asked)
        for k, j, sense, amount in draw.limits:
            served = self.x[k] if k >= 0 else self.x[:, :, j]
            self.program.row([_sum(served)], *((amount, np.inf) if sense == ">=" else (-np.inf, amount)))
        self.v = [self._recourse(each) for each in lost]

    def _recourse(self, lost: Lost) -> IntArray:
        """Add the recourse of a contingency, and return its stranded work."""
        draw, program, share = self.draw, self.program, self.draw.protected
        touched = draw.supplies[lost.supplies, 1]
        sites = lost.sites | np.isin(np.arange(len(lost.sites)), touched)
        hit = np.broadcast_to((sites | lost.links)[None, :, :, None], self.x.shape)
        open_ = self.allowed & ~(lost.sites | lost.links)[None, :, :, None]
        y = program.columns(np.where(open_, np.inf, 0.0))
        v = program.columns(np.full(draw.demand.shape, np.inf))
        for k, h, t in np.ndindex(draw.demand.shape):
            moved = self.x[k, h, hit[k, h, :, t], t]
            program.row([_sum(y[k, h, :, t]), _sum(v[k, h, t]), _sum(moved, -share[k])], 0.0, 0.0)
        left = np.where(lost.supplies, 0.0, draw.supply_limit)
        self._network([(share, np.where(hit, -1, self.x)), (np.ones(len(share)), y)], left)
        return v

    def _network(self, arrivals: list[tuple[FloatArray, IntArray]], supply_limit: FloatArray) -> IntArray:
        """Add queues, accelerators, power and links for work that arrives; -1 is no work. Return the bought power."""
        draw, program = self.draw, self.program
        workloads, hubs, sites, hours = draw.shape

        def arrive(k: int, h: int | slice, j: int, t: int | slice) -> Terms:
            return [_sum(column[k, h, j, t], float(share[k])) for share, column in arrivals]

        wait = np.arange(hours)[None, :] - np.arange(hours)[:, None]
        in_time = (wait >= 0) & (wait <= draw.window[:, None, None])
        f = program.columns(np.where(in_time[:, None], np.inf, np.zeros((workloads, sites, hours, hours))))
        bought = program.columns(np.broadcast_to(supply_limit[:, None], (len(supply_limit), hours)))
        for k, j, t in np.ndindex(workloads, sites, hours):
            program.row([*arrive(k, slice(None), j, t), _sum(f[k, j, t], -1.0)], 0.0, 0.0)
        for j, t in np.ndindex(sites, hours):
            served = [f[k, j, :, t] for k in range(workloads)]
            work = [_sum(each, need / draw.speed[j]) for each, need in zip(served, draw.hours, strict=True)]
            drawn = [_sum(each, mwh) for each, mwh in zip(served, draw.mwh, strict=True)]
            program.row(work, -np.inf, draw.accelerators[j])
            program.row(drawn, -np.inf, draw.power[j])
            program.row([*drawn, _sum(bought[draw.supplies[:, 1] == j, t], -1.0)], -np.inf, 0.0)
        for z, t in np.ndindex(len(draw.zone_limit), hours):
            program.row([_sum(bought[draw.supplies[:, 0] == z, t])], -np.inf, draw.zone_limit[z])
        for h, j, t in np.ndindex(hubs, sites, hours):
            sent = [_times(each, draw.gb[k]) for k in range(workloads) for each in arrive(k, h, j, t)]
            program.row(sent, -np.inf, draw.link_limit[h, j])
        return bought

    def cost(self, *parts: tuple[IntArray, FloatArray | float]) -> FloatArray:
        """Return the costs of columns, 0 for all others."""
        found = np.zeros(self.program.count)
        for column, usd in parts:
            found[column] = usd
        return found

    def limit(self, cost: FloatArray, most: float) -> None:
        """Limit a cost."""
        used = np.flatnonzero(cost)
        self.program.row([(used, cost[used])], -np.inf, most)

    def in_turn(self, objectives: Iterable[tuple[FloatArray, float]], slack: float) -> tuple[float, ...]:
        """Return the optimum of each objective, given with a size, over the optima of those before it."""
        found = []
        for cost, size in objectives:
            least, _ = self.program.solve(cost)
            found.append(least)
            self.limit(cost, least + slack * size)
        return tuple(found)


def least_cost(program: SecureProgram) -> FloatArray:
    """Return the costs of serving, and the penalty of unserved demand."""
    draw = program.draw
    serving = (draw.hours[:, None] / draw.speed) * draw.usd_per_hour
    sending = draw.gb[:, None, None] * draw.usd_per_gb
    each = np.broadcast_to((serving[:, None, :] + sending)[..., None], program.x.shape)
    prices = draw.price[draw.supplies[:, 0]]
    return program.cost(
        (program.x, each), (program.bought, prices), (program.u, draw.unserved[:, None, None] + 0 * draw.demand)
    )


def is_feasible(draw: Draw) -> bool:
    """Return whether a draw has any placement; contingencies and exports need no more."""
    alone = SecureProgram(draw, ())
    try:
        alone.program.solve(least_cost(alone))
    except InfeasibleError:
        return False
    return True


def secure_placement(draw: Draw, most_unserved_usd: float) -> tuple[float, float, float]:
    """Return the least cost without security, the least stranded work, and the least cost with it.

    Parameters
    ----------
    draw : Draw
    most_unserved_usd : float
        The penalty of unserved demand without security.

    Raises
    ------
    InfeasibleError
    """
    return _at_least_slack(lambda slack: _secure_placement(draw, most_unserved_usd, slack))


def _secure_placement(draw: Draw, most_unserved_usd: float, slack: float) -> tuple[float, float, float]:
    """Return the figures of a placement at some slack of the limits."""
    alone = SecureProgram(draw, ())
    without, _ = alone.program.solve(least_cost(alone))
    program = SecureProgram(draw, draw.contingencies)
    usd, demand = least_cost(program), float(draw.demand.sum())
    # In units of the lowest penalty, so that the tolerance of the solver is a part of any workload.
    unit = float(draw.unserved.min())
    program.limit(program.cost((program.u, usd[program.u] / unit)), most_unserved_usd / unit + slack * demand)
    stranded = program.cost(*((v, 1.0) for v in program.v))
    least, secure = program.in_turn([(stranded, demand), (usd, demand)], slack)
    return without, least, secure


def secure_ceiling(draw: Draw, exporting: int) -> tuple[float, ...]:
    """Return the least unserved and displaced demand, the least stranded work, and the most export from a region.

    Raises
    ------
    InfeasibleError
    """
    return _at_least_slack(lambda slack: _secure_ceiling(draw, exporting, slack))


def _secure_ceiling(draw: Draw, exporting: int, slack: float) -> tuple[float, ...]:
    """Return the figures of a ceiling at some slack of the limits."""
    program = SecureProgram(draw, draw.contingencies)
    home, away = draw.hub_region == exporting, draw.site_region != exporting
    leaves = np.broadcast_to(np.outer(home, away)[None, :, :, None], program.x.shape)
    taken = np.broadcast_to(np.outer(~home, ~away)[None, :, :, None], program.x.shape)
    demand = float(draw.demand.sum())
    unserved = program.cost((program.u, 1.0))
    displaced = program.cost((program.x, draw.hours[:, None, None, None] * taken))
    stranded = program.cost(*((v, 1.0) for v in program.v))
    exported = program.cost((program.x, -1.0 * leaves))
    hours = float((draw.hours[:, None, None] * draw.demand).sum())
    objectives = [(unserved, demand), (displaced, hours), (stranded, demand), (exported, demand)]
    *found, most = program.in_turn(objectives, slack)
    return (*found, -most)


def _at_least_slack(solve: Callable[[float], Figures]) -> Figures:
    """Return the figures at the least slack at which HiGHS finds a point."""
    for slack in SLACKS[:-1]:
        try:
            return solve(slack)
        except InfeasibleError:
            continue
    return solve(SLACKS[-1])


def _sum(columns: IntArray, share: float = 1.0) -> tuple[IntArray, FloatArray]:
    """Return the terms of the sum of some columns; -1 is none."""
    kept = np.ravel(columns)
    kept = kept[kept >= 0]
    return kept, np.full(kept.size, share)


def _times(terms: tuple[IntArray, FloatArray], factor: float) -> tuple[IntArray, FloatArray]:
    return terms[0], terms[1] * factor
