"""The next shortest simple paths between two nodes, by Yen's algorithm.

Yen, 'Finding the k shortest loopless paths in a network', Management Science 17 (1971): every path but the first leaves
one of the shorter ones at some node, and is the shortest of those that do. Lawler (1972): a path is left only at or
after the node where it left the one before it, so that none is found twice from the same start. A path is a tuple of
links, so that parallel links make different paths.

The search of the rest of a path knows the distance of every node to the target (A*, Hart, Nilsson and Raphael 1968).
It visits few nodes beside the path. For ``most`` paths of up to ``n`` links it runs at most ``most * n`` times.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

#: Links in their order, each by its position.
LinkSteps = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """Links as steps between nodes.

    Attributes
    ----------
    steps : sequence of sequences
        From every node: the node that a step leads to, the link it takes, and its length, at least 0.
    """

    steps: Sequence[Sequence[tuple[int, int, float]]]


def next_paths(network: Network, first: LinkSteps, source: int, ahead: Sequence[float], most: int) -> list[LinkSteps]:
    """Return the simple paths that come after the shortest one, the shortest first.

    Parameters
    ----------
    first : tuple of int
        The links of a shortest path.
    source : int
        Node that it starts from.
    ahead : sequence of float
        Distance from every node to the end of the path; inf where no path leads there.
    most : int
        Most paths to return.
    """
    found, left_at = [first], [0]
    waiting: list[tuple[float, LinkSteps, int]] = []
    seen = {first}
    while len(found) <= most:
        for length, path, spur in _leaving(network, found, left_at[-1], source, ahead):
            if path not in seen:
                seen.add(path)
                heapq.heappush(waiting, (length, path, spur))
        if not waiting:
            break
        _, path, spur = heapq.heappop(waiting)
        found.append(path)
        left_at.append(spur)
    return found[1:]


def _leaving(
    network: Network, found: Sequence[LinkSteps], spur: int, source: int, ahead: Sequence[float]
) -> list[tuple[float, LinkSteps, int]]:
    """Return the shortest paths that leave the last of some paths, at each of its nodes from number ``spur`` on."""
    last = found[-1]
    nodes, lengths = [source], [0.0]
    for link in last:
        head, _, length = next(step for step in network.steps[nodes[-1]] if step[1] == link)
        nodes.append(head)
        lengths.append(lengths[-1] + length)
    leaving = []
    for place in range(spur, len(last)):
        root = last[:place]
        taken = {path[place] for path in found if path[:place] == root and len(path) > place}
        rest = _shortest(network, nodes[place], nodes[-1], ahead, nodes[:place], taken)
        if rest is not None:
            leaving.append((lengths[place] + rest[0], root + rest[1], place))
    return leaving


def _shortest(
    network: Network,
    source: int,
    target: int,
    ahead: Sequence[float],
    closed: Collection[int],
    taken: Collection[int],
) -> tuple[float, LinkSteps] | None:
    """Return length and links of the shortest path that passes no closed node and starts with no taken link."""
    least, before = {source: 0.0}, dict[int, tuple[int, int]]()
    done = set(closed)
    heap = [(ahead[source], 0.0, source)]
    while heap:
        _, length, node = heapq.heappop(heap)
        if node == target:
            return length, _links_to(target, source, before)
        if node in done:
            continue
        done.add(node)
        for head, link, step in network.steps[node]:
            if head in done or math.isinf(ahead[head]) or (node == source and link in taken):
                continue
            reached = length + step
            if reached < least.get(head, math.inf):
                least[head], before[head] = reached, (node, link)
                heapq.heappush(heap, (reached + ahead[head], reached, head))
    return None


def _links_to(node: int, source: int, before: dict[int, tuple[int, int]]) -> LinkSteps:
    links = []
    while node != source:
        node, link = before[node]
        links.append(link)
    return tuple(reversed(links))
