"""The margin of a pool: values by hand, Erlang's published ones, and what the rule and the formulas share."""

from __future__ import annotations

import math

import pytest

import placer
from placer.errors import InstanceError
from placer.instance.queue_margin import SAFETY_FACTOR


def recursion(servers, load):
    """Return Erlang's C by the recursion of Erlang's B over whole servers."""
    blocking = 1.0
    for number in range(1, servers + 1):
        blocking = load * blocking / (number + load * blocking)
    return servers * blocking / (servers - load * (1 - blocking))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.3), (2, 1.0), (10, 8.0), (100, 79.3), (1000, 990.0), (5000, 10.0)])
def test_erlang_c_is_the_recursion(servers, load):
    assert placer.erlang_c(servers, load) == pytest.approx(recursion(servers, load), rel=1e-9)


def test_erlang_c_by_hand():
    """Tests one server, two servers (L^2 / (2 + L)), and the ends of the range."""
    assert placer.erlang_c(1, 0.25) == pytest.approx(0.25)
    assert placer.erlang_c(2, 1.2) == pytest.approx(1.2**2 / 3.2)
    assert [placer.erlang_c(3, load) for load in (0, 3, 4)] == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(("servers", "share"), [(10, 0.486), (100, 0.793), (1000, 0.929), (10_000, 0.977)])
def test_rule_by_hand(servers, share):
    margin = placer.queue_margin(servers)
    assert margin.utilisation == pytest.approx(share, abs=5e-4)
    assert margin.load + SAFETY_FACTOR * math.sqrt(margin.load) == pytest.approx(servers)


@pytest.mark.parametrize("peakedness", [0.5, 1.0, 10.0])
@pytest.mark.parametrize("servers", [1, 10, 1000])
def test_rule_and_its_inverse(servers, peakedness):
    """Tests the rule, and that the wait it leads to leads back to its load and safety factor."""
    margin = placer.queue_margin(servers, 1.5, peakedness=peakedness)
    assert margin.load + 1.5 * math.sqrt(peakedness * margin.load) == pytest.approx(servers)
    back = placer.queue_margin(servers, peakedness=peakedness, wait_probability=margin.wait_probability)
    assert (back.load, back.safety_factor) == pytest.approx((margin.load, 1.5))


def test_no_margin_fills_the_pool():
    """Tests that all requests of a full pool wait, and without end."""
    full = placer.queue_margin(7, 0)
    assert full.load == pytest.approx(7)
    assert full.wait_probability == pytest.approx(1)
    assert placer.QueueMargin(7, 1.0, 0.0, 7.0).mean_wait_seconds(1) == math.inf
    assert placer.QueueMargin(7, 1.0, 0.0, 7.0).wait_quantile_seconds(0.5, 1) == math.inf


def test_waits_of_one_server():
    """Tests M/M/1 at half load: the mean wait is one service time, and P75 of waits the median of those that wait."""
    margin = placer.queue_margin(1, wait_probability=0.5)
    assert margin.load == pytest.approx(0.5)
    assert margin.mean_wait_seconds(3) == pytest.approx(3)
    assert margin.wait_quantile_seconds(0.75, 3) == pytest.approx(6 * math.log(2))
    assert margin.wait_quantile_seconds(0.4, 3) == 0.0


@pytest.mark.parametrize("servers", [1, 4, 30])
def test_quantile_by_hand(servers):
    """Tests the part of the time with fewer busy servers as a sum over Poisson's distribution, and its inverse."""
    margin = placer.queue_margin(servers, quantile=0.95)
    chances = [math.exp(-margin.load) * margin.load**busy / math.factorial(busy) for busy in range(servers)]
    assert sum(chances) == pytest.approx(0.95)
    assert margin.quantile == pytest.approx(0.95)
    again = placer.queue_margin(servers, margin.safety_factor)
    assert again.load == pytest.approx(margin.load)


def test_quantile_of_bursts_is_that_of_fewer_servers():
    """Tests Hayward's approximation: 12 servers at a peakedness of 3 are 4 servers with a third of the load."""
    bursts, few = placer.queue_margin(12, peakedness=3, quantile=0.9), placer.queue_margin(4, quantile=0.9)
    assert (bursts.load, bursts.quantile) == pytest.approx((3 * few.load, 0.9))


def test_bursts_may_leave_room_for_nothing():
    """Tests a pool so small beside its bursts that no load keeps the promise."""
    margin = placer.queue_margin(1, peakedness=1e6, quantile=0.99)
    assert (margin.load, margin.safety_factor, margin.wait_probability) == (0.0, math.inf, 0.0)


def test_every_defect_at_once():
    """Tests that one error names all arguments that are wrong, and that there is one way to ask."""
    with pytest.raises(InstanceError) as raised:
        placer.queue_margin(2.5, -1, peakedness=0, wait_probability=1)
    assert [each.column for each in raised.value.violations] == [
        *("servers", "peakedness", "safety_factor", "wait_probability", ""),
    ]
    with pytest.raises(InstanceError, match="quantile and wait_probability are given"):
        placer.queue_margin(2, quantile=0.9, wait_probability=0.1)
    with pytest.raises(InstanceError, match=r"quantile: 0\.4 is out of range"):
        placer.queue_margin(2, quantile=0.4)
    with pytest.raises(InstanceError, match="servers: 'ten' is text"):
        placer.queue_margin("ten")
    with pytest.raises(InstanceError, match="load: NaN"):
        placer.erlang_c(3, math.nan)
    with pytest.raises(InstanceError, match="share: 1 is out of range"):
        placer.queue_margin(3).wait_quantile_seconds(1, 1)
