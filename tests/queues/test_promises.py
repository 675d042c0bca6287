"""What margins promise, kept by simulated pools: a band that a twentieth more load leaves."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import placer
from benchmarks.queue_promises import hour_of, kept, poisson
from tests.effort import tries

#: Standard errors of a band.
BAND = 4


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "runs"), [(4, 8), (30, 10), (300, 6)])
def test_poisson_arrivals_wait_as_promised(servers, runs):
    """Tests that one request in twenty waits, and that the band is narrow enough to tell 5 % more load from it."""
    margin, stream = placer.queue_margin(servers, wait_probability=0.05), partial(poisson, for_each=tries(200, 1000))
    found = kept(stream, margin, tries(runs, 20))
    assert abs(found.waits - 0.05) <= BAND * found.standard_error
    fuller = placer.QueueMargin(servers, 1.0, 0.0, 1.05 * margin.load)
    assert kept(stream, fuller, 4).waits - 0.05 > BAND * found.standard_error


@pytest.mark.slow
@pytest.mark.parametrize("servers", [4, 30, 300])
def test_an_infinite_pool_has_the_promised_quantile(servers):
    """Tests the part of the time with fewer busy servers than the pool has, where no request waits."""
    margin, stream = placer.queue_margin(servers, quantile=0.95), partial(poisson, for_each=tries(200, 1000))
    parts = [below(placer.simulate(stream(margin.load, seed), 10**6), servers) for seed in range(tries(6, 20))]
    error = np.std(parts, ddof=1) / np.sqrt(len(parts))
    assert abs(np.mean(parts) - 0.95) <= BAND * error
    assert BAND * error < 0.025


def below(pool, servers):
    """Return the part of the time in which a pool has fewer busy servers, after ten mean service times."""
    arrival, service = (pool.requests[f"{name}_seconds"].to_numpy() for name in ("arrival", "service"))
    times = np.concatenate([arrival, arrival + service])
    order = np.argsort(times, kind="stable")
    busy = np.cumsum(np.repeat([1, -1], len(arrival))[order])
    length = np.diff(np.clip(times[order], 10.0, arrival[-1]), append=arrival[-1])
    return float(length[busy < servers].sum() / length.sum())


@pytest.fixture(scope="module")
def conversations():
    """Return an hour of Azure's conversations at any load."""
    return hour_of("azure_2023_conversation")


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "runs"), [(4, 10), (30, 6), (300, 3)])
def test_bursts_of_conversations_wait_no_more_than_promised(conversations, servers, runs):
    """Tests the margin with the peakedness of the hour, and that one for Poisson arrivals breaks its promise.

    A few of its requests are nearly Poisson: those of four servers keep that promise too.
    """
    margin = placer.queue_margin(servers, peakedness=1.89, wait_probability=0.05)
    assert kept(conversations, margin, runs).waits <= 0.05
    if servers > 4:
        plain = kept(conversations, placer.queue_margin(servers, wait_probability=0.05), runs)
        assert plain.waits - 0.05 > BAND * plain.standard_error
