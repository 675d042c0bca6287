"""Simulated pools: by hand, beside queues with known waits, and beside an infinite pool."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import placer
from benchmarks.queue_theory import KNOWN
from placer.errors import InstanceError
from placer.queues.simulation import by_class, first_come_first_served
from placer.result_columns import RESULT_COLUMNS
from tests.effort import tries

#: Two classes; a second for ten tokens of input and for one of output.
TABLE = pd.DataFrame(
    {
        "time": [0.0, 1.0, 2.0],
        "input_tokens": [10, 10, 20],
        "output_tokens": [4, 1, 1],
        "workload": ["batch", "batch", "chat"],
    }
)
RATES = {"seconds_per_input_token": 0.1, "seconds_per_output_token": 1.0}


def test_a_pool_by_hand():
    """Tests waits and first tokens: the first is served from 0 to 5, chat from 5 to 8, the second batch from 8 on."""
    found = placer.simulate(TABLE, 1, priority=["chat", "batch"], **RATES)
    assert found.requests["wait_seconds"].tolist() == [0.0, 7.0, 3.0]
    assert found.requests["first_token_seconds"].tolist() == [1.0, 8.0, 5.0]
    assert found.classes.index.tolist() == ["chat", "batch"]
    assert found.classes.loc["batch"].to_dict() == pytest.approx(
        {
            "requests": 2,
            "wait_probability": 0.5,
            "mean_wait_seconds": 3.5,
            "mean_service_seconds": 3.5,
            "p50_wait_seconds": 3.5,
            "p95_wait_seconds": 6.65,
            "p99_wait_seconds": 6.93,
            "p50_first_token_seconds": 4.5,
            "p95_first_token_seconds": 7.65,
            "p99_first_token_seconds": 7.93,
        }
    )
    assert found.summary()["mean_wait_seconds"] == pytest.approx(10 / 3)
    assert found.offered_load == pytest.approx(10 / 3)


def test_a_trace_is_its_table():
    """Tests that requests of a trace wait as the rows of its table do."""
    trace = placer.Requests(TABLE)
    waits = [placer.simulate(each, 1, **RATES).requests["wait_seconds"].tolist() for each in (trace, TABLE)]
    assert waits[0] == waits[1]


def test_given_service_times_say_nothing_of_first_tokens():
    found = placer.simulate(pd.DataFrame({"time": [0, 1], "service_seconds": 2.0}), 1)
    assert [name for name in (*found.requests, *found.classes) if "first_token" in name] == []
    assert found.classes.index.tolist() == ["all"]


def test_every_column_is_registered():
    found = placer.simulate(TABLE, 1, **RATES)
    assert {*found.requests, *found.classes, found.classes.index.name} - RESULT_COLUMNS.keys() == set()


def test_peakedness_by_hand():
    """Tests two requests of 1 s in 4 s, apart and together: the mean is 0.5, and 1 or 2 are busy for 2 s or 1 s."""
    apart = pd.DataFrame({"time": [0.0, 2.0], "service_seconds": 1.0})
    assert placer.simulate(apart, 1).peakedness == pytest.approx((0.5 - 0.25) / 0.5)
    bunch = pd.DataFrame({"time": [0.0, 0.0, 3.0, 3.0], "service_seconds": 1.0})  # twice in 4 s
    assert placer.simulate(bunch, 1).peakedness == pytest.approx((4 * 0.5 - 1) / 1)


def test_peakedness_counts_service_times_past_the_end():
    """Tests requests a second apart that take 2.5 s: 2 and 3 are busy in turn."""
    found = placer.simulate(pd.DataFrame({"time": np.arange(8.0), "service_seconds": 2.5}), 1)
    assert found.offered_load == pytest.approx(2.5)
    assert found.peakedness == pytest.approx(0.25 / 2.5)


def test_requests_of_one_moment():
    """Tests that a load over no time is infinite, and that the pool still serves."""
    found = placer.simulate(pd.DataFrame({"time": [5.0, 5.0], "service_seconds": 1.0}), 1)
    assert (found.offered_load, found.requests["wait_seconds"].tolist()) == (math.inf, [0.0, 1.0])
    assert math.isnan(found.peakedness)
    assert math.isnan(placer.simulate(pd.DataFrame({"time": [0, 1], "service_seconds": 0.0}), 1).peakedness)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_known_waits(known):
    """Tests every figure within four standard errors of its simulation."""
    count, seeds = tries(20_000, 1_000_000), range(tries(2, 4))
    for figure in known.simulated(count, seeds):
        assert figure.simulated == pytest.approx(figure.theory, abs=4 * figure.standard_error), figure.name


@pytest.mark.parametrize("size", [1, 4])
def test_peakedness_of_groups(size):
    """Tests Poisson arrivals of groups that are served alike: servers come and go by groups, so it is their size."""
    draw, count = np.random.default_rng(1), tries(20_000, 400_000)
    times, service = draw.exponential(1 / 20, count).cumsum(), draw.exponential(1, count)
    table = pd.DataFrame({"time": np.repeat(times, size), "service_seconds": np.repeat(service, size)})
    assert placer.simulate(table, 1).peakedness == pytest.approx(size, rel=10 / math.sqrt(count))


def test_a_simulation_in_one_line():
    found = placer.simulate(TABLE, 2, **RATES)
    assert repr(found) == "<3 requests at 2 servers, load 3.33: 33.33% wait, P99 of waits 0.98 s>"
    assert "first token" in found._repr_html_()


def test_servers_and_requests_are_refused_together():
    with pytest.raises(InstanceError) as raised:
        placer.simulate(TABLE.iloc[::-1], 0, **RATES)
    assert [each.column for each in raised.value.violations] == ["servers", "time"]


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
