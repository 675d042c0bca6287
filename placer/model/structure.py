"""The structure of a placement in words free of the domain, and its expansion to a linear program.

Demands, each of a class and an origin in a period, are assigned to sites. At a site, work of a class with a window
waits in a queue and is served within the window; other work is served at once. Serving takes capacity of the site and
draws on a supply that comes in tiers. Assignments pass through links. Caps bound totals over all periods.

    x_ij     amount of demand i assigned to site j              for the admissible sites of i's class and origin
    u_i      amount of demand i left unserved
    f_kjtt'  amount of class k queued at j in t, served in t'   for classes with a window, t' within it
    y_st     amount taken from supply tier s in t

    s_kjt  work of class k served at j in t: the sum of its x that arrive in t, or of its f served in t (no column)

    minimise  sum_ij arc_cost x_ij + sum_kjt work_cost_kjt s_kjt + sum_st tier_cost_st y_st + sum_i unserved_cost_k u_i

    demand    sum_j x_ij + u_i = amount_i                                  every i (in steps: ``model.unserved``)
    queue     sum_i x_ij - sum_t' f_kjtt' = 0                              every j, t and k with a window
    capacity  sum_k use_kj s_kjt <= capacity_jt                            where finite
    balance   sum_k overhead_jt draw_kj s_kjt - sum_s tier_yield_s y_st = 0   where anything draws or supplies
    intake    sum_k overhead_jt draw_kj s_kjt <= intake_jt                 where finite
    link      sum over assignments through l of link_use_k x_ij <= link_capacity_lt   where finite
    cap       sum_kjt cap_work_ckjt s_kjt + sum_st cap_tier_cst y_st
                  + sum_ij cap_send_ck cap_route_cr cap_arrival_ct x_ij <= cap_limit_c    where finite; r: route of ij

    0 <= x, u, f;   0 <= y_st <= tier_limit_st

Stores of supply add columns and rows (``placer.model.stores``). Coefficients and limits of caps may be negative: ``-row
<= -amount`` means that a total is at least an amount.

``placer.model.expansion`` builds columns and rows in this order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from scipy.sparse import csr_array

from placer.model.cap_rows import CapRows
from placer.model.positions import Assignments, QueueFlows, RowPositions, lay_assignments, number_rows
from placer.model.steps import Steps
from placer.model.stores import Stores
from placer.utils.arrays import AnyArray, BoolArray, FloatArray, IntArray, expand_counts

#: Attributes of a structure that are rows of caps.
ROWS_OF_CAPS = ("cap_work", "cap_tier", "cap_route", "cap_arrival")
#: Attributes of a structure that are limits, in the order in which they are laid end to end.
LIMITS = ("capacity", "intake", "tier_limit", "link_capacity", "cap_limit")


@dataclass(frozen=True, eq=False, repr=False)
class Structure:
    """The data of a placement problem, as arrays.

    Axes: i demands, k classes, h origins, j sites, t periods, s tiers, l links, c caps, w ways (site j over the n-th of
    the ``routes`` from an origin to it, numbered ``j * routes + n``), r routes (origin h by way w, numbered
    ``h * ways + w``), a arcs (class, origin, way), sorted by the class they serve, origin, class, way.

    Classes are classes of service. Where a class serves the demand of another, ``serves`` says so: the arcs of a demand
    are then those of all classes that serve it, which differ in work and draw and are alike in all else.

    Attributes
    ----------
    demand_class, demand_origin, demand_period : (i,) int arrays
    demand_amount, unserved_cost : (i,), (k,) arrays
    window : (k,) int array
        Number of periods that a class may wait; work with 0 is served on arrival.
    cyclic : bool
        Whether the window runs past the last period of a block into its first ones.
    routes : int
        Most routes from an origin to a site, at least 1.
    arc_class, arc_origin, arc_site, arc_rank : (a,) int arrays
        The admissible arcs; the rank, from 0 on, numbers the routes from the origin to the site.
    arc_cost : (a,) array
    work_cost : (k, j, t) array
        Per unit served, by period of service.
    use, draw : (k, j) arrays
    capacity, intake, overhead : (j, t) arrays
    tier_site, tier_yield : (s,) arrays
    tier_cost, tier_limit : (s, t) arrays
    link_use : (k,) array
    link_capacity : (l, t) array
    route_links : (r, l) sparse array
        1 where a route uses a link.
    cap_limit : (c,) array
    cap_work, cap_tier : (c, k, j, t), (c, s, t) CapRows
        Positive or negative, as all coefficients of caps. Arrays are taken as rows, here and below.
    cap_send, cap_route, cap_arrival : (c, k) array, (c, r), (c, t) CapRows
        An assignment adds their product to a cap, by its class, its route and its period of arrival.
    block : (t,) int array
        Block of every period, in ascending order: work waits within its block only.
    serves : (k,) int array, optional
        The class whose demand each class serves, itself for the first of those that do; each its own if not given.
    steps : Steps, optional
        Steps of the demands with values of their own (``placer.model.steps``), in place of ``unserved_cost``.
    stores : Stores, optional
        Stores of supply (``placer.model.stores``).
    """

    demand_class: IntArray
    demand_origin: IntArray
    demand_period: IntArray
    demand_amount: FloatArray
    unserved_cost: FloatArray
    window: IntArray
    cyclic: bool
    routes: int
    arc_class: IntArray
    arc_origin: IntArray
    arc_site: IntArray
    arc_rank: IntArray
    arc_cost: FloatArray
    work_cost: FloatArray
    use: FloatArray
    draw: FloatArray
    capacity: FloatArray
    intake: FloatArray
    overhead: FloatArray
    tier_site: IntArray
    tier_yield: FloatArray
    tier_cost: FloatArray
    tier_limit: FloatArray
    link_use: FloatArray
    link_capacity: FloatArray
    route_links: csr_array
    cap_limit: FloatArray
    cap_work: CapRows
    cap_tier: CapRows
    cap_send: FloatArray
    cap_route: CapRows
    cap_arrival: CapRows
    block: IntArray
    serves: IntArray | None = None
    steps: Steps | None = None
    stores: Stores | None = None

    def __post_init__(self) -> None:
        """Take arrays as rows of caps, and refuse steps of other demands and modes of other classes."""
        if self.serves is not None and len(self.serves) != self.classes:
            raise ValueError(f"modes of {len(self.serves)} classes, not of {self.classes}")
        if self.steps is not None and len(self.steps.count) != len(self.demand_amount):
            raise ValueError(f"steps of {len(self.steps.count)} demands, not of {len(self.demand_amount)}")
        for name in ROWS_OF_CAPS:
            if not isinstance(rows := getattr(self, name), CapRows):
                object.__setattr__(self, name, CapRows.of(np.asarray(rows)))

    @cached_property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.window)

    @cached_property
    def sites(self) -> int:
        """Number of sites."""
        return self.capacity.shape[0]

    @cached_property
    def periods(self) -> int:
        """Number of periods."""
        return self.capacity.shape[1]

    @cached_property
    def origins(self) -> int:
        """Number of origins."""
        return self.route_links.shape[0] // self.ways

    @cached_property
    def ways(self) -> int:
        """Number of ways: ``sites * routes``."""
        return self.sites * self.routes

    @property
    def way_site(self) -> IntArray:
        """The site of every way (ways,)."""
        return np.repeat(np.arange(self.sites), self.routes)

    @cached_property
    def arc_way(self) -> IntArray:
        """The way of every arc (arcs,)."""
        return self.arc_site * self.routes + self.arc_rank

    @property
    def arc_choice(self) -> IntArray:
        """The choice of a demand that every arc is (arcs,): the number of its mode times ways, plus its way."""
        klass, rank = np.nonzero(self.modes >= 0)
        of_class = np.zeros(self.classes, dtype=int)
        of_class[self.modes[klass, rank]] = rank
        return of_class[self.arc_class] * self.ways + self.arc_way

    @property
    def total_demand(self) -> float:
        """Sum of all demands, ``sum_i amount_i``."""
        return float(self.demand_amount.sum())

    @property
    def admitted(self) -> BoolArray:
        """Whether a class and origin may be served by a way (classes, origins, ways). A new array at every call."""
        admitted = np.zeros((self.classes, self.origins, self.ways), dtype=bool)
        admitted[self.arc_class, self.arc_origin, self.arc_way] = True
        return admitted

    @property
    def reached(self) -> BoolArray:
        """Whether a class has an arc to a site, from any origin (classes, sites). A new array at every call."""
        reached = np.zeros((self.classes, self.sites), dtype=bool)
        reached[self.arc_class, self.arc_site] = True
        return reached

    def __repr__(self) -> str:
        """Return the size in one line."""
        sizes = {"demands": len(self.demand_amount), "data centres": self.sites, "hours": self.periods}
        return f"<Structure: {', '.join(f'{size:,} {name}' for name, size in sizes.items())}>"

    def at_sites(self, of_tiers: FloatArray) -> FloatArray:
        """Return a figure of tiers (tiers, periods), summed over the tiers of every site (sites, periods)."""
        total = np.zeros(self.capacity.shape)
        np.add.at(total, self.tier_site, of_tiers)
        return total

    @cached_property
    def dark(self) -> BoolArray:
        """Where no supply can be had: the site has no tier or no intake, and no store (sites, periods)."""
        supplied = np.minimum(self.at_sites(self.tier_limit), self.intake)
        if self.stores is not None:
            supplied = supplied + self.stores.at_sites(self.stores.power, self.sites)
        return np.asarray(supplied == 0)

    @overload
    def route(self, origin: int, way: int) -> int: ...
    @overload
    def route(self, origin: IntArray, way: IntArray | int) -> IntArray: ...
    def route(self, origin: IntArray | int, way: IntArray | int) -> IntArray | int:
        """Return the number of the route from an origin by a way, a row of ``route_links``; arrays broadcast."""
        return origin * self.ways + way

    @cached_property
    def arc_route(self) -> IntArray:
        """The route of every arc, a row of ``route_links`` (arcs,)."""
        return self.route(self.arc_origin, self.arc_way)

    @property
    def served_class(self) -> IntArray:
        """The class whose demand each class serves (classes,)."""
        return np.arange(self.classes) if self.serves is None else self.serves

    @property
    def modes(self) -> IntArray:
        """The classes that serve the demand of each (classes, most of them), filled up with -1. A new array."""
        order = np.argsort(self.served_class, kind="stable")
        klass, rank = expand_counts(np.bincount(self.served_class, minlength=self.classes))
        modes = np.full((self.classes, int(rank.max(initial=0)) + 1), -1)
        modes[klass, rank] = order
        return modes

    def over_modes(self, figure: AnyArray) -> AnyArray:
        """Return the most of a figure >= 0 of classes (classes, ...) over those that serve the demand of each."""
        if self.serves is None:
            return figure
        most = np.zeros_like(figure)
        np.maximum.at(most, self.serves, figure)
        return most

    @property
    def arc_serves(self) -> IntArray:
        """The class whose demand every arc serves (arcs,); ascending."""
        return self.arc_class if self.serves is None else self.serves[self.arc_class]

    @cached_property
    def arc_pair(self) -> IntArray:
        """The (class, origin) whose demand an arc serves, numbered ``class * origins + origin`` (arcs,); ascending."""
        return self.arc_serves * self.origins + self.arc_origin

    @cached_property
    def demand_pair(self) -> IntArray:
        """The (class, origin) of every demand, numbered as ``arc_pair`` (demands,)."""
        return self.demand_class * self.origins + self.demand_origin

    @cached_property
    def arc_starts(self) -> IntArray:
        """First arc of every (class, origin), numbered as ``arc_pair``, then the number of arcs."""
        return np.searchsorted(self.arc_pair, np.arange(self.classes * self.origins + 1))

    @cached_property
    def assignment_starts(self) -> IntArray:
        """First assignment of every demand, then the number of assignments."""
        counts = np.diff(self.arc_starts)[self.demand_pair]
        return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

    @property
    def assignment_count(self) -> int:
        """Number of admissible assignments; does not lay them out."""
        return int(self.assignment_starts[-1])

    @property
    def queue_flow_counts(self) -> IntArray:
        """Number of queue flows of every class, site and period of arrival (k, j, t); does not lay them out."""
        waits = self.reached & (self.window > 0)[:, None]
        delays = self.delays(np.arange(self.classes)[:, None], np.arange(self.periods)[None, :])
        return np.where(waits[:, :, None], delays[:, None, :], 0)

    @property
    def column_count(self) -> int:
        """Number of columns of the whole program, with one for each unserved demand; does not lay them out."""
        flows = int(self.queue_flow_counts.sum())
        stored = 0 if self.stores is None else 3 * self.stores.power.size
        return self.assignment_count + len(self.demand_amount) + flows + self.tier_limit.size + stored

    @cached_property
    def caps_along(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """The limited caps that count assignments (n,), and their ``cap_route`` and ``cap_arrival`` (n, r), (n, t)."""
        counts = np.isfinite(self.cap_limit) & (self.cap_send != 0).any(axis=1) & self.cap_route.counts
        caps = np.flatnonzero(counts)
        return caps, self.cap_route[caps].array, self.cap_arrival[caps].array

    @cached_property
    def cap_period(self) -> IntArray:
        """The first period in which each cap counts work or supply (caps,); 0 if it counts neither."""
        return np.maximum(np.maximum(self.cap_tier.first_and_last[0], self.cap_work.first_and_last[0]), 0)

    @cached_property
    def block_span(self) -> tuple[IntArray, IntArray]:
        """First period of the block of every period, and the number of periods in that block (t,), (t,)."""
        first = np.searchsorted(self.block, self.block)
        return first, np.searchsorted(self.block, self.block, side="right") - first

    def delays(self, klass: IntArray, arrival: IntArray) -> IntArray:
        """Return the number of periods in which work of a class may be served, by arrival; arrays broadcast."""
        first, length = self.block_span
        last = length - 1 if self.cyclic else first + length - 1 - np.arange(self.periods)
        return np.minimum(self.window[klass], last[arrival]) + 1

    def after(self, period: IntArray, delay: IntArray | int) -> IntArray:
        """Return the period a delay after another one, in the same block; the first period follows the last."""
        first, length = self.block_span
        return first[period] + (period - first[period] + delay) % length[period]

    def delay(self, arrival: IntArray, service: IntArray) -> IntArray:
        """Return the periods that work waits between two periods of the same block."""
        return (service - arrival) % self.block_span[1][arrival]

    @cached_property
    def assignments(self) -> Assignments:
        """All admissible assignments. Large: only functions on the whole linear program ask for them."""
        return lay_assignments(self.assignment_starts, self.arc_starts[self.demand_pair])

    @cached_property
    def queue_flows(self) -> QueueFlows:
        """The meaning of every queue flow."""
        return _lay_queue_flows(self)

    @cached_property
    def rows(self) -> RowPositions:
        """The position of every row of the program."""
        return _lay_rows(self)


def at_costs(structure: Structure, **costs: Any) -> Structure:
    """Return the structure at other costs, given as attributes by name; what is laid out of its other data stays."""
    priced = replace(structure, **costs)
    vars(priced).update({name: laid for name, laid in vars(structure).items() if name not in vars(priced)})
    return priced


def assignment_positions(structure: Structure, demand: IntArray, arc: IntArray) -> IntArray:
    """Return the positions of some assignments among all."""
    return structure.assignment_starts[demand] + arc - structure.arc_starts[structure.demand_pair[demand]]


def _lay_queue_flows(structure: Structure) -> QueueFlows:
    klass, site, arrival = np.nonzero(structure.rows.queue >= 0)
    which, delay = expand_counts(structure.delays(klass, arrival))
    service = structure.after(arrival[which], delay)
    queue = structure.rows.queue[klass, site, arrival][which]
    return QueueFlows(klass[which], site[which], arrival[which], service, queue)


def _lay_rows(structure: Structure) -> RowPositions:
    shape, reached = structure.capacity.shape, structure.reached
    waits = reached & (structure.window > 0)[:, None]
    draws = np.any((structure.draw > 0) & reached, axis=0)
    draws[structure.tier_site] = True
    more: dict[str, BoolArray] = {}
    if (stores := structure.stores) is not None:
        draws[stores.site[stores.site >= 0]] = True
        each = np.ones(stores.power.shape, dtype=bool)
        leads = np.broadcast_to(stores.leads[:, None], each.shape)
        more = {"stored": each, "power": leads, "source": np.ones(stores.source_cost.shape, dtype=bool)}
        if stores.bank is not None:
            more["energy"] = stores.over_banks(each.astype(float)) > 1
    return number_rows(
        demands=len(structure.demand_amount),
        queue=np.broadcast_to(waits[:, :, None], (structure.classes, *shape)),
        capacity=np.isfinite(structure.capacity),
        balance=np.broadcast_to(draws[:, None], shape),
        intake=np.isfinite(structure.intake),
        link=np.isfinite(structure.link_capacity),
        cap=np.isfinite(structure.cap_limit),
        **more,
    )
