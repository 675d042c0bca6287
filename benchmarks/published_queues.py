"""Published queues: what waits at a pool of servers, by ``placer.erlang_c`` and ``placer.queue_margin``.

Requests arrive at random and take times of an exponential distribution: M/M/K.
"""

from __future__ import annotations

from functools import partial

import placer

from .published_figure import Published


def pool(servers: int, load: float) -> placer.QueueMargin:
    """Return a pool of servers at an offered load in erlangs."""
    return placer.queue_margin(servers, wait_probability=placer.erlang_c(servers, load))


def mean_waiting(servers: int, load: float) -> float:
    """Return the mean number of requests that wait: those that arrive in a mean wait (Little's law)."""
    return load * pool(servers, load).mean_wait_seconds(1.0)


def answered_within(servers: int, load: float, seconds: float, service_seconds: float) -> float:
    """Return the part of requests that wait no longer than a time: its quantile is that wait, by bisection."""
    margin, low, high = pool(servers, load), 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if margin.wait_quantile_seconds(middle, service_seconds) < seconds:
            low = middle
        else:
            high = middle
    return low


#: Cents a minute of a teller and of a customer in line, customers a minute, and minutes that one takes.
_TELLER, _IN_LINE, _ARRIVALS, _MINUTES = 15.0, 5.0, 2.0, 2.0


def cost_of_tellers(tellers: int) -> float:
    """Return the cents a minute of tellers and of waiting."""
    return _TELLER * tellers + _IN_LINE * mean_waiting(tellers, _ARRIVALS * _MINUTES)


def best_tellers() -> int:
    """Return the number of tellers of least cost: more than the load of 4."""
    return min(range(5, 15), key=cost_of_tellers)


_WINSTON = "W. L. Winston, Operations Research, 4th ed., 2004, section on M/M/s"
_HOSPITAL = "F. S. Hillier, G. J. Lieberman, Introduction to Operations Research, chapter on queueing: County Hospital"
_BRONSON = "R. Bronson, Theory and Problems of Operations Research, 1982, problem 24.6"
_CALLS = "Documentation of pyworkforce 0.1.0, example of ErlangC: 100 calls of 3 minutes in 30, 20 seconds"
_bank = partial(Published, "queue", "Bank with two tellers", _WINSTON)
_staff = partial(Published, "queue", "Tellers on a Friday", _WINSTON)
_hospital = partial(Published, "queue", "Emergency room", _HOSPITAL)
_repairs = partial(Published, "queue", "Three servers, 300 arrivals a year", _BRONSON)
_calls = partial(Published, "queue", "Call centre of 14", _CALLS)
PROBLEMS = (
    _bank("part that waits", 0.71, lambda: placer.erlang_c(2, 1.6), last_place=0.01),
    _bank("customers present", 4.44, lambda: 1.6 + mean_waiting(2, 1.6), last_place=0.01),
    _staff("tellers", 5.0, best_tellers),
    _hospital("mean wait, one doctor, hours", 2 / 3, lambda: pool(1, 2 / 3).mean_wait_seconds(1 / 3)),
    _hospital("mean wait, two doctors, hours", 1 / 24, lambda: pool(2, 2 / 3).mean_wait_seconds(1 / 3)),
    _hospital("patients in line, two doctors", 1 / 12, lambda: mean_waiting(2, 2 / 3)),
    _repairs("waiting", 0.352, lambda: mean_waiting(3, 600 / 365), last_place=0.001),
    _repairs("mean time, days", 2.429, lambda: 2 + pool(3, 600 / 365).mean_wait_seconds(2.0), last_place=0.001),
    _calls("part that waits", 0.1741319335950498, lambda: placer.erlang_c(14, 10.0)),
    _calls("answered in time", 0.8883500191794669, lambda: answered_within(14, 10.0, 20.0, 180.0)),
)
