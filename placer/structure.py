"""The structure of a placement in words free of the domain, and its expansion to a linear program.

Demands, each of a class and an origin in a period, are assigned to sites. At a site, work of a class with a window
waits in a queue and is served within the window; other work is served at once. Serving takes capacity of the site and
draws on a supply that comes in tiers. Assignments pass through links. Caps bound totals over all periods.

    x_ij   amount of demand i assigned to site j              for the admissible sites of i's class and origin
    u_i    amount of demand i left unserved
    f_kjtt' amount of class k queued at j in t, served in t'   for classes with a window, t' within it
    y_st   amount taken from supply tier s in t

    s_kjt  what class k has served at j in t: sum of its x arriving then, or of the f served then (no column of its own)

    minimise  sum_ij arc_cost x_ij + sum_kjt work_cost_kj s_kjt + sum_st tier_cost_st y_st + sum_i unserved_cost_k u_i

    demand    sum_j x_ij + u_i = amount_i                                  every i
    queue     sum_i x_ij - sum_t' f_kjtt' = 0                              every j, t and k with a window
    capacity  sum_k use_kj s_kjt <= capacity_jt                            where finite
    balance   sum_k overhead_jt draw_kj s_kjt - sum_s tier_yield_s y_st = 0   where anything draws or supplies
    intake    sum_k overhead_jt draw_kj s_kjt <= intake_jt                 where finite
    link      sum over assignments through l of link_use_k x_ij <= link_capacity_l    every period, where finite
    cap       sum_kjt cap_work_ckj s_kjt + sum_st cap_tier_cst y_st <= cap_limit_c    where finite

    0 <= x, u, f;   0 <= y_st <= tier_limit_st

The code below builds columns and rows in this order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array

from placer.program import LinearProgram, blocks


@dataclass(frozen=True)
class Structure:
    """The data of a placement problem, as arrays.

    Axes: i demands, k classes, h origins, j sites, t periods, s tiers, l links, c caps, r routes (origin h to site j,
    numbered ``h * sites + j``), a arcs (class, origin, site), sorted in that order.

    Attributes
    ----------
    demand_class, demand_origin, demand_period : (i,) int arrays
    demand_amount, unserved_cost : (i,), (k,) arrays
    window : (k,) int array
        Periods a class may wait beyond the one it arrives in; 0 is served at once.
    cyclic : bool
        Whether the window runs past the last period into the first ones.
    arc_class, arc_origin, arc_site : (a,) int arrays
        The admissible arcs.
    arc_cost : (a,) array
    work_cost, use, draw : (k, j) arrays
    capacity, intake, overhead : (j, t) arrays
    tier_site, tier_yield : (s,) arrays
    tier_cost, tier_limit : (s, t) arrays
    link_use : (k,) array
    link_capacity : (l,) array
        Per period.
    route_links : (r, l) sparse array
        1 where a route uses a link.
    cap_limit, cap_work, cap_tier : (c,), (c, k, j), (c, s, t) arrays
    """

    demand_class: np.ndarray
    demand_origin: np.ndarray
    demand_period: np.ndarray
    demand_amount: np.ndarray
    unserved_cost: np.ndarray
    window: np.ndarray
    cyclic: bool
    arc_class: np.ndarray
    arc_origin: np.ndarray
    arc_site: np.ndarray
    arc_cost: np.ndarray
    work_cost: np.ndarray
    use: np.ndarray
    draw: np.ndarray
    capacity: np.ndarray
    intake: np.ndarray
    overhead: np.ndarray
    tier_site: np.ndarray
    tier_yield: np.ndarray
    tier_cost: np.ndarray
    tier_limit: np.ndarray
    link_use: np.ndarray
    link_capacity: np.ndarray
    route_links: csr_array
    cap_limit: np.ndarray
    cap_work: np.ndarray
    cap_tier: np.ndarray

    @property
    def sites(self) -> int:
        """Number of sites."""
        return self.capacity.shape[0]

    @property
    def periods(self) -> int:
        """Number of periods."""
        return self.capacity.shape[1]

    @cached_property
    def columns(self) -> Columns:
        """What every column of the whole program stands for."""
        return _lay_columns(self)

    @cached_property
    def rows(self) -> Rows:
        """Where every row of the program stands."""
        return _lay_rows(self)


@dataclass(frozen=True)
class Columns:
    """What the columns stand for: assignments x, then queue flows f, then tiers y (unserved u is one per demand).

    Attributes
    ----------
    x_demand, x_arc : (x columns,) int arrays
    f_class, f_site, f_arrival, f_service : (f columns,) int arrays
    f_queue : (f columns,) int array
        Position among the queue rows.
    """

    x_demand: np.ndarray
    x_arc: np.ndarray
    f_class: np.ndarray
    f_site: np.ndarray
    f_arrival: np.ndarray
    f_service: np.ndarray
    f_queue: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Position of every row within its block; -1 where there is none.

    Attributes
    ----------
    queue : (k, j, t) int array
    capacity, balance, intake : (j, t) int arrays
    link : (l, t) int array
    cap : (c,) int array
    sizes : dict of str to int
        Rows of each block, in order.
    """

    queue: np.ndarray
    capacity: np.ndarray
    balance: np.ndarray
    intake: np.ndarray
    link: np.ndarray
    cap: np.ndarray
    sizes: dict[str, int]


def expand(structure: Structure, assignments: np.ndarray | None = None) -> LinearProgram:
    """Expand a structure to a linear program.

    Parameters
    ----------
    structure : Structure
    assignments : int array, optional
        Positions of the assignment columns to include, as in ``structure.columns``; all if not given. Rows and all
        other columns are the same whichever are included, so a restricted master is the same mathematics.
    """
    columns, rows = structure.columns, structure.rows
    chosen = slice(None) if assignments is None else assignments
    demand, arc = columns.x_demand[chosen], columns.x_arc[chosen]
    tiers, periods = structure.tier_cost.shape
    col_blocks = blocks(
        {"x": len(demand), "u": len(structure.demand_amount), "f": len(columns.f_class), "y": tiers * periods}
    )
    entries = _Entries(blocks(rows.sizes), col_blocks)
    _add_assignments(entries, structure, demand, arc)
    _add_unserved(entries, structure)
    _add_queue_flows(entries, structure)
    _add_tiers(entries, structure)
    row_lower, row_upper = _row_bounds(structure, entries.row_blocks)
    total = sum(part.stop - part.start for part in col_blocks.values())
    col_upper = np.full(total, np.inf)
    col_upper[col_blocks["y"]] = structure.tier_limit.ravel()
    cost = np.concatenate(
        [
            _assignment_cost(structure, demand, arc),
            _unserved_cost(structure),
            _queue_cost(structure),
            structure.tier_cost.ravel(),
        ]
    )
    return LinearProgram(
        cost=cost,
        matrix=entries.matrix((len(row_lower), total)),
        row_lower=row_lower,
        row_upper=row_upper,
        col_lower=np.zeros(total),
        col_upper=col_upper,
        implied_upper=_implied_upper(structure, demand),
        row_blocks=entries.row_blocks,
        col_blocks=col_blocks,
    )


class _Entries:
    """Collects matrix entries block by block."""

    def __init__(self, row_blocks: dict[str, slice], col_blocks: dict[str, slice]) -> None:
        self.row_blocks = row_blocks
        self.col_blocks = col_blocks
        self._rows: list[np.ndarray] = []
        self._columns: list[np.ndarray] = []
        self._values: list[np.ndarray] = []

    def add(
        self, row_block: str, rows: np.ndarray, col_block: str, columns: np.ndarray, values: np.ndarray | float
    ) -> None:
        """Add entries at positions within two blocks; rows at -1 and zero values are left out."""
        each = np.broadcast_to(np.asarray(values, dtype=float), rows.shape)
        kept = (rows >= 0) & (each != 0)
        if not kept.all():
            rows, columns, each = rows[kept], columns[kept], each[kept]
        self._rows.append((rows + self.row_blocks[row_block].start).astype(np.int32))
        self._columns.append((columns + self.col_blocks[col_block].start).astype(np.int32))
        self._values.append(each)

    def matrix(self, shape: tuple[int, int]) -> csc_array:
        """Return the sparse matrix, by column, rows in order."""
        rows, columns, values = (np.concatenate(parts) for parts in (self._rows, self._columns, self._values))
        return csc_array(coo_array((values, (rows, columns)), shape=shape))


def _lay_columns(structure: Structure) -> Columns:
    """Number the assignments demand by demand, site by site, and the queue flows queue by queue."""
    classes = len(structure.window)
    pair_of_arc = structure.arc_class * _origins(structure) + structure.arc_origin
    pair_of_demand = structure.demand_class * _origins(structure) + structure.demand_origin
    starts = np.searchsorted(pair_of_arc, np.arange(classes * _origins(structure) + 1))
    counts = np.diff(starts)[pair_of_demand]
    x_demand = np.repeat(np.arange(len(pair_of_demand)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    x_arc = np.repeat(starts[pair_of_demand], counts) + np.arange(len(x_demand)) - first
    return Columns(x_demand, x_arc, *_lay_queue_flows(structure))


def _lay_queue_flows(structure: Structure) -> tuple[np.ndarray, ...]:
    klass, site, arrival = np.nonzero(structure.rows.queue >= 0)
    periods = structure.periods
    longest = periods - 1 if structure.cyclic else periods - 1 - arrival
    counts = np.minimum(structure.window[klass], longest) + 1
    which = np.repeat(np.arange(len(counts)), counts)
    delay = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    service = (arrival[which] + delay) % periods
    return klass[which], site[which], arrival[which], service, structure.rows.queue[klass, site, arrival][which]


def _lay_rows(structure: Structure) -> Rows:
    def number(present: np.ndarray) -> np.ndarray:
        return np.where(present, np.cumsum(present).reshape(present.shape) - 1, -1)

    classes, shape = len(structure.window), structure.capacity.shape
    reached = np.zeros((classes, structure.sites), dtype=bool)
    reached[structure.arc_class, structure.arc_site] = True
    waits = reached & (structure.window > 0)[:, None]
    draws = np.any((structure.draw > 0) & reached, axis=0)
    draws[structure.tier_site] = True
    binding_link = np.isfinite(structure.link_capacity)
    rows = Rows(
        queue=number(np.broadcast_to(waits[:, :, None], (classes, *shape))),
        capacity=number(np.isfinite(structure.capacity)),
        balance=number(np.broadcast_to(draws[:, None], shape)),
        intake=number(np.isfinite(structure.intake)),
        link=number(np.broadcast_to(binding_link[:, None], (len(binding_link), structure.periods))),
        cap=number(np.isfinite(structure.cap_limit)),
        sizes={},
    )
    rows.sizes["demand"] = len(structure.demand_amount)
    for name in ("queue", "capacity", "balance", "intake", "link", "cap"):
        rows.sizes[name] = int((getattr(rows, name) >= 0).sum())
    return rows


def _origins(structure: Structure) -> int:
    return structure.route_links.shape[0] // structure.sites


def _add_assignments(entries: _Entries, structure: Structure, demand: np.ndarray, arc: np.ndarray) -> None:
    column = np.arange(len(demand))
    klass, site, period = structure.arc_class[arc], structure.arc_site[arc], structure.demand_period[demand]
    entries.add("demand", demand, "x", column, 1.0)
    entries.add("queue", structure.rows.queue[klass, site, period], "x", column, 1.0)
    at_once = np.flatnonzero(structure.window[klass] == 0)
    _add_work(entries, structure, "x", column[at_once], klass[at_once], site[at_once], period[at_once])
    if (structure.rows.link >= 0).any():
        route = structure.arc_origin[arc] * structure.sites + site
        _add_links(entries, structure, column, route, klass, period)


def _add_links(
    entries: _Entries,
    structure: Structure,
    column: np.ndarray,
    route: np.ndarray,
    klass: np.ndarray,
    period: np.ndarray,
) -> None:
    limited = np.isfinite(structure.link_capacity)
    incidence = csr_array(structure.route_links[:, np.flatnonzero(limited)])
    counts = np.diff(incidence.indptr)[route]
    which = np.repeat(np.arange(len(route)), counts)
    within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    link = np.flatnonzero(limited)[incidence.indices[np.repeat(incidence.indptr[route], counts) + within]]
    rows = structure.rows.link[link, period[which]]
    entries.add("link", rows, "x", column[which], structure.link_use[klass[which]])


def _add_unserved(entries: _Entries, structure: Structure) -> None:
    demand = np.arange(len(structure.demand_amount))
    entries.add("demand", demand, "u", demand, 1.0)


def _add_queue_flows(entries: _Entries, structure: Structure) -> None:
    flows = structure.columns
    column = np.arange(len(flows.f_class))
    entries.add("queue", flows.f_queue, "f", column, -1.0)
    _add_work(entries, structure, "f", column, flows.f_class, flows.f_site, flows.f_service)


def _add_work(
    entries: _Entries,
    structure: Structure,
    block: str,
    column: np.ndarray,
    klass: np.ndarray,
    site: np.ndarray,
    period: np.ndarray,
) -> None:
    """Add what serving one unit of a class at a site in a period takes: the terms in s of every row."""
    rows = structure.rows
    entries.add("capacity", rows.capacity[site, period], block, column, structure.use[klass, site])
    drawn = structure.overhead[site, period] * structure.draw[klass, site]
    entries.add("balance", rows.balance[site, period], block, column, drawn)
    entries.add("intake", rows.intake[site, period], block, column, drawn)
    for cap, row in enumerate(rows.cap):
        if row >= 0:
            entries.add("cap", np.full(len(column), row), block, column, structure.cap_work[cap, klass, site])


def _add_tiers(entries: _Entries, structure: Structure) -> None:
    tiers, periods = structure.tier_cost.shape
    tier, period = np.repeat(np.arange(tiers), periods), np.tile(np.arange(periods), tiers)
    column = np.arange(tiers * periods)
    balance = structure.rows.balance[structure.tier_site[tier], period]
    entries.add("balance", balance, "y", column, -structure.tier_yield[tier])
    for cap, row in enumerate(structure.rows.cap):
        if row >= 0:
            entries.add("cap", np.full(len(column), row), "y", column, structure.cap_tier[cap].ravel())


def _assignment_cost(structure: Structure, demand: np.ndarray, arc: np.ndarray) -> np.ndarray:
    klass, site = structure.arc_class[arc], structure.arc_site[arc]
    at_once = structure.window[structure.demand_class[demand]] == 0
    return structure.arc_cost[arc] + np.where(at_once, structure.work_cost[klass, site], 0.0)


def _unserved_cost(structure: Structure) -> np.ndarray:
    return structure.unserved_cost[structure.demand_class]


def _queue_cost(structure: Structure) -> np.ndarray:
    return structure.work_cost[structure.columns.f_class, structure.columns.f_site]


def _row_bounds(structure: Structure, row_blocks: dict[str, slice]) -> tuple[np.ndarray, np.ndarray]:
    rows = structure.rows
    total = sum(rows.sizes.values())
    lower, upper = np.full(total, -np.inf), np.zeros(total)
    lower[row_blocks["demand"]] = upper[row_blocks["demand"]] = structure.demand_amount
    lower[row_blocks["queue"]] = lower[row_blocks["balance"]] = 0.0
    upper[row_blocks["capacity"]] = structure.capacity[rows.capacity >= 0]
    upper[row_blocks["intake"]] = structure.intake[rows.intake >= 0]
    upper[row_blocks["link"]] = np.broadcast_to(structure.link_capacity[:, None], rows.link.shape)[rows.link >= 0]
    upper[row_blocks["cap"]] = structure.cap_limit[rows.cap >= 0]
    return lower, upper


def _implied_upper(structure: Structure, demand: np.ndarray) -> np.ndarray:
    """Bounds that follow from the demands: what is assigned, waits or is drawn cannot exceed what is asked."""
    columns, amount = structure.columns, structure.demand_amount
    asked = np.zeros((len(structure.window), structure.periods))
    np.add.at(asked, (structure.demand_class, structure.demand_period), amount)
    waiting = asked[columns.f_class, columns.f_arrival]
    whole_class = asked.sum(axis=1)
    drawn = structure.overhead * (structure.draw * whole_class[:, None]).sum(axis=0)[:, None]
    taken = drawn[structure.tier_site] / structure.tier_yield[:, None]
    return np.concatenate([amount[demand], amount, waiting, np.minimum(taken, structure.tier_limit).ravel()])
