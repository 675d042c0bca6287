"""The loops of a queue: small cases by hand, and random ones beside servers that are searched one by one."""

from __future__ import annotations

import numpy as np
import pytest

from placer.queues.loops import by_class, first_come_first_served
from tests.effort import tries


def searched(arrival, service, rank, servers):
    """Serve request by request, in plain words: the first moment at which a server is free and someone waits."""
    free, begins, waiting = [0] * servers, [None] * len(arrival), set(range(len(arrival)))
    while waiting:
        server = min(range(servers), key=free.__getitem__)
        now = max(free[server], min(arrival[number] for number in waiting))
        chosen = min((rank[number], number) for number in waiting if arrival[number] <= now)[1]
        begins[chosen] = now
        free[server] = now + service[chosen]
        waiting.remove(chosen)
    return begins


def test_two_servers_by_hand():
    """Tests five requests of which the third and fifth wait, and the last server to become free does not matter."""
    assert first_come_first_served([0, 0, 1, 9, 9], [4, 2, 3, 1, 8], 2) == [0, 0, 2, 9, 9]
    assert first_come_first_served([0, 0, 1, 2], [4, 2, 3, 1], 1) == [0, 4, 6, 9]


def test_more_servers_than_requests():
    """Tests that nobody waits, and that servers that nobody needs take no time."""
    assert first_come_first_served([3.0, 3.0], [1.0, 1.0], 10**9) == [3.0, 3.0]
    assert by_class([3.0, 3.0], [1.0, 1.0], [1, 0], 10**9) == [3.0, 3.0]


def test_urgent_work_overtakes_and_interrupts_nothing():
    """Tests that urgent requests go first among those that wait, in the order of their arrival."""
    assert by_class([0, 1, 2, 3], [10, 1, 1, 1], [1, 1, 0, 0], 1) == [0, 12, 10, 11]


def test_requests_of_one_moment_go_by_class():
    """Tests that a free server takes the urgent of two requests that arrive together."""
    assert by_class([5, 5], [2, 2], [1, 0], 1) == [7, 5]


@pytest.mark.parametrize("seed", range(tries(60, 600)))
def test_random_queues(seed):
    """Tests whole times, many of them equal, on one to four servers."""
    draw = np.random.default_rng(seed)
    count, servers = int(draw.integers(1, 13)), int(draw.integers(1, 5))
    arrival = sorted(draw.integers(0, 11, count).tolist())
    service, rank = draw.integers(0, 6, count).tolist(), draw.integers(0, 3, count).tolist()
    assert first_come_first_served(arrival, service, servers) == searched(arrival, service, [0] * count, servers)
    assert by_class(arrival, service, rank, servers) == searched(arrival, service, rank, servers)
    assert by_class(arrival, service, [1] * count, servers) == first_come_first_served(arrival, service, servers)
