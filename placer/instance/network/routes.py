"""The routes from hubs to data centres: the simple paths over links of least round trip.

A *way* to a data centre is the data centre over the n-th of its routes, n from 0 on: way ``centre * per_pair + n``.
Each pair has its route of least round trip (Dijkstra's algorithm) and, where more are asked for, the next ones
(``placer.instance.network.next_paths``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, csr_matrix
from scipy.sparse.csgraph import dijkstra

from placer.instance.network.next_paths import Network, next_paths
from placer.utils.arrays import BoolArray, FloatArray, IntArray

Node = TypeVar("Node")

#: Of paths with equal round trips the cheaper one wins. In comparisons the dearest link adds this many ms to its round
#: trip: far below anything measurable, and far above the rounding of a sum of milliseconds (1e-14).
_TIE_MS = 1e-11

_NO_NODE = -9999  # scipy's mark for 'no predecessor'


@dataclass(frozen=True, eq=False)
class Routes:
    """The paths of least round trip from every hub to every data centre.

    Attributes
    ----------
    per_pair : int
        Most paths between a hub and a data centre, at least 1. Ways are ``data centre * per_pair + n`` for the n-th
        path, from 0 on; their round trips never fall with n.
    rtt_ms : (hubs, ways) array
        Round trip over the links of the path, without the hub's access; inf where there is no path.
    usd_per_gb : (hubs, ways) array
        Transit cost of the path; 0 where there is no path.
    links : (hubs * ways, links) sparse array
        1 where path ``hub * ways + way`` uses the link.
    """

    per_pair: int
    rtt_ms: FloatArray
    usd_per_gb: FloatArray
    links: csr_array


def find_routes(
    links: pd.DataFrame, hubs: Iterable[str], data_centres: Iterable[str], *, directed: bool, most: int = 1
) -> Routes:
    """Find the simple paths of least round trip over links from every hub to every data centre.

    Of parallel links the first path takes the one with the shortest round trip; each further one makes a path of its
    own. Links of zero round trip count. Of paths with equal round trips (to 1e-9 ms) the cheaper one comes first.
    Dijkstra's algorithm starts from the hubs or the data centres, whichever are fewer.

    Parameters
    ----------
    links : DataFrame
        Columns ``from``, ``to``, ``rtt_ms``, ``usd_per_gb``.
    hubs, data_centres : iterable of str
        Names, in the order of the result's axes.
    directed : bool
        Whether a link leads from its first to its second node only.
    most : int
        Most paths for each pair, at least 1.
    """
    hub_names, centre_names = list(hubs), list(data_centres)
    names = dict.fromkeys([*hub_names, *centre_names, *links["from"], *links["to"]])
    number = {name: position for position, name in enumerate(names)}
    steps = _steps(links, number, directed=directed)
    least = _least_steps(steps, len(number))
    source = np.array([number[name] for name in hub_names], dtype=np.intp)
    target = np.array([number[name] for name in centre_names], dtype=np.intp)
    if len(target) < len(source):
        used, reached = _search(least.weights.T.tocsr(), target, source, least.link_of.T.tocsr(), links=len(links))
        order = np.arange(len(target) * len(source)).reshape(len(target), len(source)).T.ravel()
        used, reached = used[order], reached.T
    else:
        used, reached = _search(least.weights, source, target, least.link_of, links=len(links))
    per_pair = 1
    if most > 1:
        ahead = np.asarray(dijkstra(least.weights.T.tocsr(), indices=target))
        used, reached = _with_next(steps, used, source, ahead, reached, most)
        per_pair = reached.shape[1] // max(len(target), 1)
    rtt_ms = (used @ links["rtt_ms"].to_numpy(float)).reshape(reached.shape)
    usd_per_gb = (used @ links["usd_per_gb"].to_numpy(float)).reshape(reached.shape)
    return Routes(per_pair, np.where(reached, rtt_ms, math.inf), np.where(reached, usd_per_gb, 0.0), used)


def nodes_along(tail: Sequence[Node], head: Sequence[Node], links: Iterable[int], start: Node) -> list[Node]:
    """Return the nodes of a simple path in their order.

    Parameters
    ----------
    tail, head : sequences
        The ends of every link.
    links : iterable of int
        The links of the path by position, in any order.
    start : node
        Where it starts.

    Examples
    --------
    >>> nodes_along(["Y", "A"], ["B", "Y"], [0, 1], "A")
    ['A', 'Y', 'B']
    """
    at: dict[Node, list[tuple[int, Node]]] = {}
    for link in links:
        at.setdefault(tail[link], []).append((link, head[link]))
        at.setdefault(head[link], []).append((link, tail[link]))
    nodes, last = [start], -1
    while True:
        onward = [(link, node) for link, node in at.get(nodes[-1], ()) if link != last]
        if not onward:
            return nodes
        last, node = onward[0]
        nodes.append(node)


@dataclass(frozen=True, eq=False)
class _Steps:
    """Every link as a step from node to node, in both directions unless links are directed.

    Sorted by tail, head, round trip, cost and link. ``length`` is the round trip plus the tie of the cost.
    """

    tail: IntArray
    head: IntArray
    length: FloatArray
    link: IntArray


@dataclass(frozen=True)
class _LeastSteps:
    """The shortest link of every ordered pair of nodes: as weights for the search, and by number (plus 1)."""

    weights: csr_matrix
    link_of: csr_matrix


def _steps(links: pd.DataFrame, number: Mapping[str, int], *, directed: bool) -> _Steps:
    tail = links["from"].map(number).to_numpy(np.int64)
    head = links["to"].map(number).to_numpy(np.int64)
    rtt, cost = links["rtt_ms"].to_numpy(float), links["usd_per_gb"].to_numpy(float)
    link: IntArray = np.arange(len(links))
    if not directed:
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        rtt, cost, link = np.tile(rtt, 2), np.tile(cost, 2), np.tile(link, 2)
    order = np.lexsort((link, cost, rtt, head, tail))
    tail, head, rtt, cost, link = (values[order] for values in (tail, head, rtt, cost, link))
    dearest = cost.max(initial=0.0) or 1.0
    return _Steps(tail, head, rtt + _TIE_MS * (cost / dearest), link)


def _least_steps(steps: _Steps, nodes: int) -> _LeastSteps:
    tail, head = steps.tail, steps.head
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    start = np.searchsorted(tail[first], np.arange(nodes + 1))
    # Built from its parts to keep links of zero round trip.
    weights = csr_matrix((steps.length[first], head[first], start), shape=(nodes, nodes))
    return _LeastSteps(weights, csr_matrix((steps.link[first] + 1, head[first], start), shape=(nodes, nodes)))


def _with_next(
    steps: _Steps, used: csr_array, source: IntArray, ahead: FloatArray, reached: BoolArray, most: int
) -> tuple[csr_array, BoolArray]:
    """Return the links of up to ``most`` paths of every pair (hubs * ways, links), and where there is one (hubs, ways).

    ``used`` and ``reached`` are those of the shortest paths, and ``ahead`` the distance of every node to every target.
    """
    at: list[list[tuple[int, int, float]]] = [[] for _ in range(ahead.shape[1])]
    ends = steps.tail.tolist(), steps.head.tolist()
    for tail, head, link, length in zip(*ends, steps.link.tolist(), steps.length.tolist(), strict=True):
        at[tail].append((head, link, length))
    network, centres, distance = Network(at), len(ahead), ahead.tolist()
    further = []
    for pair in np.flatnonzero(reached.ravel() & (np.diff(used.indptr) > 0)).tolist():
        hub, centre = divmod(pair, centres)
        start = int(source[hub])
        shortest = _in_order(network, set(used.indices[used.indptr[pair] : used.indptr[pair + 1]].tolist()), start)
        paths = next_paths(network, shortest, start, distance[centre], most - 1)
        further += [(pair, rank, link) for rank, path in enumerate(paths, 1) for link in path]
    of_pair, rank, passed = np.array(further, dtype=np.intp).reshape(-1, 3).T
    per_pair = 1 + int(rank.max(initial=0))
    first = coo_array(used)
    rows = np.concatenate([first.row * per_pair, of_pair * per_pair + rank])
    shape = (used.shape[0] * per_pair, used.shape[1])
    there = np.repeat(reached, per_pair, axis=1)
    there[:, np.arange(there.shape[1]) % per_pair > 0] = False
    there.reshape(-1)[of_pair * per_pair + rank] = True
    return csr_array(coo_array((np.ones(len(rows)), (rows, np.concatenate([first.col, passed]))), shape=shape)), there


def _in_order(network: Network, links: set[int], node: int) -> tuple[int, ...]:
    """Return the links of a simple path in their order."""
    path: list[int] = []
    while links:
        node, link, _ = next(step for step in network.steps[node] if step[1] in links)
        links.remove(link)
        path.append(link)
    return tuple(path)


def _search(
    weights: csr_matrix, source: IntArray, target: IntArray, link_of: csr_matrix, *, links: int
) -> tuple[csr_array, BoolArray]:
    """Return the links of the shortest path of every pair, and whether there is a path."""
    _, before = dijkstra(weights, indices=source, return_predecessors=True)
    reached = (before[:, target] != _NO_NODE) | (source[:, None] == target[None, :])
    return _walk_back(before, source, target, link_of, links=links), reached


def _walk_back(before: IntArray, source: IntArray, target: IntArray, link_of: csr_matrix, *, links: int) -> csr_array:
    """Collect the links of every path: walk all paths back from their targets, one step at a time."""
    pair = np.arange(len(source) * len(target))
    row = np.repeat(np.arange(len(source)), len(target))
    node = np.tile(target, len(source))
    pairs, used = [], []
    while True:
        previous = before[row, node]
        going = previous != _NO_NODE
        pair, row, node, previous = pair[going], row[going], node[going], previous[going]
        if not pair.size:
            break
        pairs.append(pair)
        used.append(np.asarray(link_of[previous, node]).ravel() - 1)
        node = previous
    rows = np.concatenate(pairs) if pairs else np.empty(0, dtype=np.intp)
    columns = np.concatenate(used) if used else np.empty(0, dtype=np.intp)
    shape = (len(source) * len(target), links)
    return csr_array(coo_array((np.ones(len(rows)), (rows, columns)), shape=shape))
