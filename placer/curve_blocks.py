"""The programs of a ceiling curve: what may be served where, from which limit on, split into parts that share no row.

Every part is a packing program in columns "node n takes arc m by option o":

    node     demand of a workload in an hour, of all hubs that have the same data centres at the same limits
    arc      a data centre that a node may use from a limit on (``enter``), with the weight its export counts
    service  (workload, data centre, hour of arrival) of an arc
    option   one way to render a service: the hour it is served in, and, where carbon is capped, the supply that powers it
    path     the capped links an arc passes in the hour of arrival

    maximise   sum (big + weight_m) x_nmo                  (``placer.curve_walk`` has what ``big`` is)
    node       sum x_nmo <= demand_n
    row        sum (option_ro + path_rm) x_nmo <= upper_r
    x >= 0, and x = 0 on arcs with enter > limit

The rows are those of ``placer.formulation``. Power is one row for a data centre and hour, since cost plays no part: what
its supplies yield together, and at most its own limit. Queues are folded into the options; that is the same program,
because what reaches a data centre in an hour may be split over the hours of its window in any way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from placer.errors import NoSolutionError
from placer.program import Reason
from placer.schema import WIDEST_RANGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.formulation import Formulation
    from placer.structure import Structure

#: Limits closer than this (ms, or units of the factor) are one: sums of milliseconds round.
TIE = 1e-9


@dataclass(frozen=True)
class Block:
    """A part of the program that shares no row with the others, in numbers near 1.

    Axes: n nodes, m arcs sorted by ``enter``, o options sorted by service, r rows.

    Attributes
    ----------
    unit : float
        Mtok that one unit of demand stands for.
    demand : (n,) array
    node, service, path : (m,) int arrays
    enter, weight : (m,) arrays
        The least limit the arc may be used at (-inf: always), and what a unit exported there counts, at most 1.
    options : (o, r) sparse array
    first_option : (services + 1,) int array
    paths : (paths, r) sparse array
    upper : (r,) array
    """

    unit: float
    demand: np.ndarray
    node: np.ndarray
    service: np.ndarray
    path: np.ndarray
    enter: np.ndarray
    weight: np.ndarray
    options: csr_array
    first_option: np.ndarray
    paths: csr_array
    upper: np.ndarray


@dataclass(frozen=True)
class _Arcs:
    node: np.ndarray
    service: np.ndarray
    path: np.ndarray
    enter: np.ndarray
    weight: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> _Arcs:
        return _Arcs(*(each[chosen] for each in (self.node, self.service, self.path, self.enter, self.weight)))


def entering(formulation: Formulation, by: str) -> np.ndarray:
    """Return the least limit at which every (workload, hub, data centre) may be used; -inf always, inf never.

    By ``rtt`` the round trip limits workloads that cannot wait, on top of what makes an arc admissible; by ``slo`` it
    is the factor on the workload's own limit that its time of a task just meets.
    """
    structure = formulation.structure
    if by == "rtt":
        enter = np.full(formulation.latency_ms.shape, np.inf)
        klass, origin, site = structure.arc_class, structure.arc_origin, structure.arc_site
        at_once = structure.window[klass] == 0
        enter[klass, origin, site] = np.where(at_once, formulation.rtt_ms[origin, site], -np.inf)
        return _tied(enter)
    slo = formulation.latency_slo_ms[:, None, None]
    reachable = formulation.allowed[:, None, :] & np.isfinite(formulation.latency_ms)
    factor = np.where(reachable, formulation.latency_ms, 0.0) / slo
    factor[formulation.in_time] = np.minimum(factor[formulation.in_time], 1.0)
    return _tied(np.where(reachable, np.where(np.isinf(slo), -np.inf, factor), np.inf))


def split(structure: Structure, enter: np.ndarray, weight: np.ndarray) -> Iterator[Block]:
    """Split the program of a curve into blocks.

    Parameters
    ----------
    structure : Structure
    enter : (classes, origins, sites) array
        The least limit of every arc.
    weight : (classes, origins, sites) array
        What one Mtok served there counts as exported, at most 1.
    """
    pattern_axes, pattern_of, linksets = _patterns(structure, enter, weight)
    demand, pattern, period = _nodes(structure, pattern_of)
    klass, origin = (axis[pattern] for axis in pattern_axes)
    node, site = np.nonzero(np.isfinite(enter[klass, origin]) | (enter[klass, origin] == -np.inf))
    k, h, t = klass[node], origin[node], period[node]
    keys, service = np.unique((k * structure.sites + site) * structure.periods + t, return_inverse=True)
    rows = _Rows.of(structure)
    owner, options = rows.options(structure, *np.unravel_index(keys, (len(enter), structure.sites, structure.periods)))
    paths, path = rows.paths(structure, k, linksets[h, site], t)
    arcs = _Arcs(node, service, path, enter[k, h, site], weight[k, h, site])
    arcs, owner, options = _drop_impossible(arcs, owner, options, paths, rows.upper)
    upper = _drop_slack(arcs, demand, owner, options, paths, rows.upper)
    yield from _components(arcs, demand, owner, options, paths, upper)


def _tied(enter: np.ndarray) -> np.ndarray:
    """Bring limits that differ by rounding to the least of them."""
    values = np.unique(enter[np.isfinite(enter)])
    if not values.size:
        return enter
    leads = np.append(True, np.diff(values) > TIE)
    lead = values[leads][np.cumsum(leads) - 1]
    found = np.searchsorted(values, enter).clip(0, len(values) - 1)
    return np.where(np.isfinite(enter), lead[found], enter)


def _patterns(
    structure: Structure, enter: np.ndarray, weight: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
    """Find the (class, origin) pairs that are alike: same class, limits, weights and capped links.

    Returns class and origin of one pair of each pattern, the (class, origin) array of patterns, and the
    (origin, site) array that numbers the sets of capped links (0: none).
    """
    classes, origins, sites = enter.shape
    capped = structure.route_links[:, np.flatnonzero(np.isfinite(structure.link_capacity))]
    linkset = np.zeros(origins * sites, dtype=int)
    used = np.flatnonzero(np.diff(csr_array(capped).indptr))
    if used.size:
        linkset[used] = np.unique(capped[used].toarray() != 0, axis=0, return_inverse=True)[1].ravel() + 1
    linksets = linkset.reshape(origins, sites)
    reached = enter < np.inf
    sets = np.where(reached & (structure.link_use > 0)[:, None, None], linksets[None], 0)
    number = np.broadcast_to(np.arange(classes)[:, None, None], (classes, origins, 1))
    features = np.concatenate([number, enter, np.where(reached, weight, 0.0), sets], axis=2)
    _, first, pattern = np.unique(
        features.reshape(classes * origins, -1), axis=0, return_index=True, return_inverse=True
    )
    axes = np.unravel_index(first, (classes, origins))
    return (axes[0], axes[1]), pattern.reshape(classes, origins), linksets


def _nodes(structure: Structure, pattern_of: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum the demands of a pattern and period; return amount, pattern and period of every node with any."""
    pattern = pattern_of[structure.demand_class, structure.demand_origin]
    key = pattern * structure.periods + structure.demand_period
    amount = np.bincount(key, structure.demand_amount, minlength=0)
    present = np.flatnonzero(amount > 0)
    return amount[present], present // structure.periods, present % structure.periods


@dataclass(frozen=True)
class _Rows:
    """Numbers of the rows, -1 where there is none, and their upper sides.

    ``power`` is what a data centre draws in a period; ``tier`` what one of its supplies gives, which stands alone only
    where a cap counts supplies differently (``by_tier``).
    """

    capacity: np.ndarray
    power: np.ndarray
    tier: np.ndarray
    link: np.ndarray
    cap: np.ndarray
    by_tier: bool
    upper: np.ndarray

    @classmethod
    def of(cls, structure: Structure) -> _Rows:
        capped = np.isfinite(structure.cap_limit)
        by_tier = bool((structure.cap_tier[capped] != 0).any())
        power = structure.intake
        if not by_tier:
            yielded = np.zeros_like(power)
            np.add.at(yielded, structure.tier_site, structure.tier_yield[:, None] * structure.tier_limit)
            power = np.minimum(power, yielded)
        links = np.repeat(structure.link_capacity[:, None], structure.periods, axis=1)
        tier = structure.tier_limit if by_tier else np.full_like(structure.tier_limit, np.inf)
        sides = [structure.capacity, power, tier, links, structure.cap_limit]
        numbers, count = [], 0
        for side in sides:
            present = np.isfinite(side)
            numbers.append(np.where(present, count + np.cumsum(present).reshape(side.shape) - 1, -1))
            count += int(present.sum())
        return cls(*numbers, by_tier=by_tier, upper=np.concatenate([side[np.isfinite(side)] for side in sides]))

    def options(
        self, structure: Structure, klass: np.ndarray, site: np.ndarray, arrival: np.ndarray
    ) -> tuple[np.ndarray, csr_array]:
        """Return the service of every option, in order, and what the options take of the rows."""
        periods = structure.periods
        longest = periods - 1 if structure.cyclic else periods - 1 - arrival
        service, delay = _each(np.minimum(structure.window[klass], longest) + 1)
        period = (arrival[service] + delay) % periods
        drawn = structure.draw[klass[service], site[service]] * structure.overhead[site[service], period]
        tier = np.full(len(service), -1)
        if self.by_tier:
            order = np.argsort(structure.tier_site, kind="stable")
            starts = np.searchsorted(structure.tier_site[order], np.arange(structure.sites + 1))
            counts = np.where(drawn > 0, np.diff(starts)[site[service]], 1)
            which, rank = _each(counts)
            service, period, drawn = service[which], period[which], drawn[which]
            place = np.minimum(starts[site[service]] + rank, len(order) - 1)
            tier = np.where(drawn > 0, order[place], -1)
        klass, site = klass[service], site[service]
        entries = _Collected(len(self.upper))
        entries.add(self.capacity[site, period], structure.use[klass, site])
        entries.add(self.power[site, period], drawn)
        bought = np.zeros(len(service))
        if self.by_tier:
            bought[tier >= 0] = (drawn / structure.tier_yield[tier])[tier >= 0]
            entries.add(np.where(tier >= 0, self.tier[tier, period], -1), bought)
        for cap, row in enumerate(self.cap):
            counted = structure.cap_work[cap, klass, site]
            if self.by_tier:
                counted = counted + structure.cap_tier[cap, tier, period] * bought
            entries.add(np.full(len(service), row), counted)
        return service, entries.matrix(len(service))

    def paths(
        self, structure: Structure, klass: np.ndarray, linkset: np.ndarray, period: np.ndarray
    ) -> tuple[csr_array, np.ndarray]:
        """Return what the paths take of the rows, and the path of every arc (0 passes no capped link)."""
        limited = np.flatnonzero(np.isfinite(structure.link_capacity))
        passes = (linkset > 0) & (structure.link_use[klass] > 0)
        if not passes.any():
            return csr_array((1, len(self.upper))), np.zeros(len(klass), dtype=int)
        incidence = structure.route_links[:, limited]
        incidence = csr_array(incidence[np.flatnonzero(np.diff(csr_array(incidence).indptr))])
        sets = np.unique(incidence.toarray() != 0, axis=0)
        shape = (len(sets) + 1, len(structure.window), structure.periods)
        key = np.where(passes, np.ravel_multi_index((linkset, klass, period), shape), 0)
        keys, path = np.unique(np.append(0, key), return_inverse=True)
        of_set, of_class, of_period = np.unravel_index(keys, shape)
        entries = _Collected(len(self.upper))
        for place, link in enumerate(limited):
            through = (of_set > 0) & sets[of_set - 1, place]
            entries.add(np.where(through, self.link[link, of_period], -1), structure.link_use[of_class])
        return entries.matrix(len(keys)), path[1:]


class _Collected:
    """Collects what vectors take of the rows: one entry of every vector at a time."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, row: np.ndarray, value: np.ndarray) -> None:
        """Add one entry of every vector; none where the row is -1 or the value 0."""
        kept = np.flatnonzero((row >= 0) & (value != 0))
        self._parts.append((value[kept], kept, row[kept]))

    def matrix(self, vectors: int) -> csr_array:
        """Return the vectors as rows of a sparse array."""
        value, vector, row = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        return csr_array(coo_array((value, (vector, row)), shape=(vectors, self._rows)))


def _each(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Repeat every position as often as its count; return position and rank within it."""
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def _drop_impossible(
    arcs: _Arcs, owner: np.ndarray, options: csr_array, paths: csr_array, upper: np.ndarray
) -> tuple[_Arcs, np.ndarray, csr_array]:
    """Leave out options and arcs that take of a row that has nothing."""
    empty = (upper <= 0).astype(float)
    open_option = options @ empty == 0
    owner, options = owner[open_option], csr_array(options[np.flatnonzero(open_option)])
    rendered = np.zeros(int(arcs.service.max(initial=-1)) + 1, dtype=bool)
    rendered[owner] = True
    return arcs[rendered[arcs.service] & ((paths @ empty == 0)[arcs.path])], owner, options


def _drop_slack(
    arcs: _Arcs, demand: np.ndarray, owner: np.ndarray, options: csr_array, paths: csr_array, upper: np.ndarray
) -> np.ndarray:
    """Return the upper sides, inf where the row holds even if everything that can use it does, in full."""
    asked = demand[arcs.node]
    by_service = np.bincount(arcs.service, asked, minlength=int(owner.max(initial=-1)) + 1)
    by_path = np.bincount(arcs.path, asked, minlength=paths.shape[0])
    most = options.T @ by_service[owner] + paths.T @ by_path
    return np.where(most <= upper, np.inf, upper)


def _components(
    arcs: _Arcs, demand: np.ndarray, owner: np.ndarray, options: csr_array, paths: csr_array, upper: np.ndarray
) -> Iterator[Block]:
    """Group arcs that are tied by a row that can bind; nodes with none of these go together."""
    binding = np.flatnonzero(np.isfinite(upper))
    options, paths, upper = csr_array(options[:, binding]), csr_array(paths[:, binding]), upper[binding]
    services = int(owner.max(initial=-1)) + 1
    sizes = np.cumsum([0, len(demand), services, paths.shape[0]])
    by_option, by_path = coo_array(options), coo_array(paths)
    one = np.concatenate([arcs.node, arcs.node, owner[by_option.row] + sizes[1], by_path.row + sizes[2]])
    other = np.concatenate(
        [
            arcs.service + sizes[1],
            np.where(arcs.path > 0, arcs.path + sizes[2], arcs.node),
            by_option.col + sizes[3],
            by_path.col + sizes[3],
        ]
    )
    count = int(sizes[3]) + len(binding)
    _, label = connected_components(coo_array((np.ones(len(one)), (one, other)), shape=(count, count)), directed=False)
    tied = np.zeros(count, dtype=bool)
    tied[label[sizes[3] :]] = True
    label = np.where(tied[label], label, -1)
    order = np.lexsort((arcs.enter, label[arcs.node]))
    stops = np.flatnonzero(np.diff(label[arcs.node[order]])) + 1
    for part in np.split(order, stops):
        if part.size:
            yield _block(arcs[part], demand, owner, options, paths, upper)


def _block(
    arcs: _Arcs, demand: np.ndarray, owner: np.ndarray, options: csr_array, paths: csr_array, upper: np.ndarray
) -> Block:
    """Number what these arcs touch from 0 on, and scale it."""
    nodes, node = np.unique(arcs.node, return_inverse=True)
    services, service = np.unique(arcs.service, return_inverse=True)
    used_paths, path = np.unique(arcs.path, return_inverse=True)
    first, last = np.searchsorted(owner, services), np.searchsorted(owner, services, side="right")
    which, rank = _each(last - first)
    options, paths = options[first[which] + rank], paths[used_paths]
    rows = np.unique(np.concatenate([options.indices, paths.indices]))
    options, paths = csr_array(options[:, rows]), csr_array(paths[:, rows])
    largest = np.zeros(len(rows))
    for matrix in (options, paths):
        np.maximum.at(largest, matrix.indices, matrix.data)
    for matrix in (options, paths):
        matrix.data /= largest[matrix.indices]
        if matrix.data.size and matrix.data.min() * WIDEST_RANGE < 1:
            raise NoSolutionError(Reason.FAILED, f"coefficients of a row range over more than {WIDEST_RANGE:g}")
    unit = float(demand[nodes].mean())
    return Block(
        unit=unit,
        demand=demand[nodes] / unit,
        node=node,
        service=service,
        path=path,
        enter=arcs.enter,
        weight=arcs.weight,
        options=options,
        first_option=np.append(np.cumsum(last - first) - (last - first), len(which)),
        paths=paths,
        upper=upper[rows] / largest / unit,
    )
