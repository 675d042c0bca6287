"""The programs of a ceiling curve: admissible assignments by limit, split into parts that share no row.

Every part is a packing program in columns "node n takes arc m by option o":

    node     demand of a workload in an hour, of all hubs that have the same data centres at the same limits
    arc      a data centre that a node may use from a limit on (``enter``), in a mode of the workload if it has any,
             with the counts of a unit as exported (``weight``) and as displaced
    service  (workload and mode, data centre, hour of arrival) of an arc
    option   one way to render a service: the hour it is served in and, where carbon is capped, the supply of its power
    path     the capped links an arc passes in the hour of arrival, and the caps that count it, such as quotas

    maximise    sum x_nmo, then - sum displaced_m x_nmo, then sum weight_m x_nmo      (in this order; see ``sweep``)
    node        sum x_nmo                       <=  demand_n
    row         sum (option_ro + path_rm) x_nmo <=  upper_r
                x >= 0, and x = 0 on arcs with enter > limit

The rows are those of ``placer.model.formulation``. Power is one row for a data centre and hour, since cost plays no
part: what its supplies yield together, and at most its own limit. Queues are folded into the options; that is the same
program, because what reaches a data centre in an hour may be split over the hours of its window in any way. Redundant
rows, options that need an exhausted row, and duplicate rows are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from placer.ceiling.walk.block import Block
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.rows import Options, Passages, Rows
from placer.errors import NoSolutionError
from placer.model.structure import Structure
from placer.solvers.memory import check_memory
from placer.termination import Reason
from placer.utils.arrays import BoolArray, FloatArray, IntArray, expand_counts, numbered, sorted_unique
from placer.utils.solver_limits import WIDEST_RANGE


@dataclass(frozen=True, eq=False)
class _Nodes:
    demand: FloatArray
    place: IntArray


@dataclass(frozen=True, eq=False)
class _Arcs:
    node: IntArray
    klass: IntArray
    way: IntArray
    service: IntArray
    path: IntArray
    enter: FloatArray
    counted: FloatArray

    def __getitem__(self, chosen: IntArray | BoolArray) -> _Arcs:
        return _Arcs(*(getattr(self, field.name)[chosen] for field in fields(self)))


def split(
    structure: Structure,
    enter: FloatArray,
    counted: FloatArray,
    together: int = SweepParameters.together,
    bytes_per_arc: int = 0,
) -> Iterator[Block]:
    """Split the program of a curve into blocks.

    Parameters
    ----------
    enter : (classes, origins, ways) array
        The least limit at which an arc is admissible.
    counted : (classes, origins, ways) array
        Count of one Mtok, from -1 to 1: as exported if positive, as displaced if negative.
    together : int
        Parts that share no row form one block up to this number of arcs.
    bytes_per_arc : int
        Estimated memory of the walk for each arc, the blocks included; 0 without an estimate.

    Raises
    ------
    NoSolutionError
        With the reason ``memory limit``, before the first block, if the arcs do not fit into the free memory.
    """
    rows, passages = Rows.of(structure), Passages.of(structure)
    modes = structure.modes
    enter, counted = (_by_demand(figure, modes, none) for figure, none in ((enter, np.inf), (counted, 0.0)))
    pattern_axes, pattern_of = _patterns(enter, counted, passages)
    demand, pattern, period = _nodes(structure, pattern_of)
    klass, origin = (axis[pattern] for axis in pattern_axes)
    nodes = _Nodes(demand, (klass * structure.origins + origin) * structure.periods + period)
    arcs_of = np.count_nonzero(enter < np.inf, axis=2)
    count = int(arcs_of[klass, origin].sum())
    check_memory(bytes_per_arc * count, f"the walk over {count:,} arcs")
    node, place = np.nonzero(enter[klass, origin] < np.inf)
    mode, way = np.divmod(place, structure.ways)
    k, h, t = modes[klass[node], mode], origin[node], period[node]
    keys, service = numbered((k * structure.sites + way // structure.routes) * structure.periods + t)
    route, arrival = np.divmod(keys, structure.periods)
    options = rows.options(structure, *np.divmod(route, structure.sites), arrival)
    paths, path = rows.paths(structure, passages, k, passages.number[h, way], t)
    at = klass[node], h, place
    arcs = _Arcs(node, k, way, service, path, enter[at], counted[at])
    arcs, options = _drop_impossible(arcs, options, paths, rows.upper)
    upper = _drop_slack(arcs, demand, options, paths, rows.upper)
    for part in _parts(arcs, nodes, options, paths, upper, together):
        yield _block(part, nodes, options, paths, upper)


def _by_demand(figure: FloatArray, modes: IntArray, none: float) -> FloatArray:
    """Return a figure of arcs (classes, origins, ways) by the class of the demand (classes, origins, modes * ways)."""
    if modes.shape[1] == 1:
        return figure
    of_modes = np.where(modes[:, :, None, None] >= 0, figure[modes], none)
    return np.moveaxis(of_modes, 1, 2).reshape(*figure.shape[:2], -1)


def _patterns(enter: FloatArray, counted: FloatArray, passages: Passages) -> tuple[tuple[IntArray, IntArray], IntArray]:
    """Group the (class, origin) pairs of equal class, limits, counts and passages.

    Returns class and origin of one pair of each pattern, and the (class, origin) array of patterns.
    """
    classes, origins, ways = enter.shape
    reached = enter < np.inf
    passage = np.tile(passages.number, ways // max(passages.number.shape[1], 1))
    taken = np.where(reached & passages.taken_by[:, None, None], passage, 0)
    number = np.broadcast_to(np.arange(classes)[:, None, None], (classes, origins, 1))
    features = np.concatenate([number, enter, np.where(reached, counted, 0.0), taken], axis=2)
    flat = features.reshape(classes * origins, -1)
    _, first, pattern = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    klass, origin = np.unravel_index(first, (classes, origins))
    return (klass, origin), pattern.reshape(classes, origins)


def _nodes(structure: Structure, pattern_of: IntArray) -> tuple[FloatArray, IntArray, IntArray]:
    """Sum the demands of a pattern and period; return amount, pattern and period of every node with any."""
    pattern = pattern_of[structure.demand_class, structure.demand_origin]
    key = pattern * structure.periods + structure.demand_period
    amount = np.asarray(np.bincount(key, structure.demand_amount, minlength=0), dtype=float)
    present = np.flatnonzero(amount > 0)
    return amount[present], present // structure.periods, present % structure.periods


def _drop_impossible(arcs: _Arcs, options: Options, paths: csr_array, upper: FloatArray) -> tuple[_Arcs, Options]:
    """Drop the options and arcs that use a row with an upper side of 0."""
    empty = (upper <= 0).astype(float)
    options = options[np.flatnonzero(options.takes @ empty == 0)]
    rendered = np.zeros(int(arcs.service.max(initial=-1)) + 1, dtype=bool)
    rendered[options.service] = True
    return arcs[rendered[arcs.service] & ((paths @ empty == 0)[arcs.path])], options


def _drop_slack(arcs: _Arcs, demand: FloatArray, options: Options, paths: csr_array, upper: FloatArray) -> FloatArray:
    """Return the upper sides, inf for redundant rows: those that hold if all demand that can use them does so."""
    asked = demand[arcs.node]
    by_service = np.bincount(arcs.service, asked, minlength=int(options.service.max(initial=-1)) + 1)
    by_path = np.bincount(arcs.path, asked, minlength=paths.shape[0])
    most = options.takes.T @ by_service[options.service] + paths.T @ by_path
    return np.where(most <= upper, np.inf, upper)


def _parts(
    arcs: _Arcs, nodes: _Nodes, options: Options, paths: csr_array, upper: FloatArray, together: int
) -> Iterator[_Arcs]:
    """Group the arcs that share a row that can bind, and join small groups."""
    binding = np.isfinite(upper)
    by_option, by_path = (_where(matrix, binding) for matrix in (options.takes, paths))
    services = int(options.service.max(initial=-1)) + 1
    first = np.cumsum([0, len(nodes.demand), services, paths.shape[0]])
    one = np.concatenate([arcs.node, arcs.node, options.service[by_option[0]] + first[1], by_path[0] + first[2]])
    other = np.concatenate(
        [
            arcs.service + first[1],
            np.where(arcs.path > 0, arcs.path + first[2], arcs.node),
            by_option[1] + first[3],
            by_path[1] + first[3],
        ]
    )
    count = int(first[3]) + len(binding)
    _, label = connected_components(coo_array((np.ones(len(one)), (one, other)), shape=(count, count)), directed=False)
    size = np.bincount(label[arcs.node], minlength=int(label.max(initial=-1)) + 1)
    block = ((np.cumsum(size) - size) // together)[label[arcs.node]]
    order = np.lexsort((arcs.enter, block))
    stops = np.flatnonzero(np.diff(block[order])) + 1
    for part in np.split(order, stops):
        if part.size:
            yield arcs[part]


def _where(matrix: csr_array, columns: BoolArray) -> tuple[IntArray, IntArray]:
    """Return row and column of the entries in some columns, given as a mask."""
    entries = coo_array(matrix)
    kept = columns[entries.col]
    return entries.row[kept], entries.col[kept]


def _block(arcs: _Arcs, nodes: _Nodes, options: Options, paths: csr_array, upper: FloatArray) -> Block:
    """Number the nodes, services, options, paths and rows of some arcs from 0 without redundant rows, and scale."""
    used, node = numbered(arcs.node)
    services, service = numbered(arcs.service)
    used_paths, path = numbered(arcs.path)
    first, last = (np.searchsorted(options.service, services, side=side) for side in ("left", "right"))
    which, rank = expand_counts(last - first)
    options, paths = options[first[which] + rank], paths[used_paths]
    touched = sorted_unique(np.concatenate([options.takes.indices, paths.indices]))
    rows = touched[np.isfinite(upper[touched])]
    takes, paths = csr_array(options.takes[:, rows]), csr_array(paths[:, rows])
    largest = np.zeros(len(rows))
    for matrix in (takes, paths):
        np.maximum.at(largest, matrix.indices, matrix.data)
    for matrix in (takes, paths):
        matrix.data /= largest[matrix.indices]
        if matrix.data.size and matrix.data.min() * WIDEST_RANGE < 1:
            raise NoSolutionError(Reason.FAILED, f"coefficients of a row range over more than {WIDEST_RANGE:g}")
    unit = float(nodes.demand[used].mean())
    return Block(
        unit=unit,
        demand=nodes.demand[used] / unit,
        node=node,
        service=service,
        path=path,
        enter=arcs.enter,
        weight=np.maximum(arcs.counted, 0.0),
        displaced=np.maximum(-arcs.counted, 0.0),
        options=takes,
        first_option=np.append(np.cumsum(last - first) - (last - first), len(which)),
        paths=paths,
        upper=upper[rows] / largest / unit,
        place=nodes.place[used],
        klass=arcs.klass,
        way=arcs.way,
        period=options.period,
        tier=options.tier,
        row=rows,
        scale=largest,
    )
