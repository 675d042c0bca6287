"""The loops of a queue: when each request is served, first come first served or by class.

Servers are alike, serve one request at a time and finish what they begin. ``free`` is a heap of the times at which each
becomes free. First come first served, the next request begins at the later of its arrival and the earliest such time.
By class, the server that becomes free takes the waiting request of the first class, and within it the earliest.
"""

from __future__ import annotations

import math
from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def first_come_first_served(arrival: Sequence[float], service: Sequence[float], servers: int) -> list[float]:
    """Return when the service of each request begins; arrivals are in ascending order.

    Examples
    --------
    >>> first_come_first_served([0, 1, 2], [5, 1, 1], 2), first_come_first_served([0, 1, 2], [5, 1, 1], 1)
    ([0, 1, 2], [0, 5, 6])
    """
    free, begins = [-math.inf] * min(servers, len(arrival)), []
    for arrived, takes in zip(arrival, service, strict=True):
        begin = max(free[0], arrived)
        heapreplace(free, begin + takes)
        begins.append(begin)
    return begins


def by_class(arrival: Sequence[float], service: Sequence[float], rank: Sequence[int], servers: int) -> list[float]:
    """Return the same where requests of a class of lower rank, from 0, are served first.

    Examples
    --------
    >>> by_class([0, 1, 2], [5, 1, 1], [0, 1, 0], 1)
    [0, 6, 5]
    """
    count = len(arrival)
    free, begins = [-math.inf] * min(servers, count), [0.0] * count
    waiting: list[int] = []  # rank times count plus number: one comparison of integers orders both
    now, arrived = -math.inf, 0
    for _ in range(count):
        now = max(free[0], now if waiting else arrival[arrived])
        while arrived < count and arrival[arrived] <= now:
            heappush(waiting, rank[arrived] * count + arrived)
            arrived += 1
        number = heappop(waiting) % count
        begins[number] = now
        heapreplace(free, now + service[number])
    return begins
