"""A pool of servers simulated, request by request, first come first served or by class.

Servers are alike, serve one request at a time and finish what they begin. ``free`` is a heap of the times at which each
becomes free. First come first served, the next request begins at the later of its arrival and the earliest such time.
By class, the server that becomes free takes the waiting request of the first class, and within it the earliest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush, heapreplace
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.histories.requests import Requests
from placer.instance.attributes.validation import number_problem
from placer.instance.queue_margin import SERVERS
from placer.io.results import Result
from placer.queues.arrivals import read_arrivals
from placer.utils import notebook
from placer.utils.arrays import FloatArray
from placer.utils.numbers import percent


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


#: Quantiles of waits and of times to the first token.
QUANTILES = (50, 95, 99)


@dataclass(frozen=True, eq=False, repr=False)
class QueueSimulation(Result):
    """How long each request waited at a pool of servers.

    Attributes
    ----------
    servers : int
    requests : DataFrame
        One row per request, in the order of their arrival: ``workload``, ``arrival_seconds`` since the first,
        ``wait_seconds`` until its service begins, ``service_seconds``, and where these follow from lengths
        ``first_token_seconds``, from its arrival to its first token.
    """

    servers: int
    requests: pd.DataFrame

    @property
    def span_seconds(self) -> float:
        """Time over which the requests arrive: the mean time between arrivals for each of them."""
        arrival, count = self.requests["arrival_seconds"].to_numpy(), len(self.requests)
        return float(arrival[-1] - arrival[0]) * count / max(count - 1, 1)

    @property
    def offered_load(self) -> float:
        """Mean busy servers of an infinite pool, in erlangs: arrivals a second times mean service time."""
        return float(self.requests["service_seconds"].sum()) / self.span_seconds if self.span_seconds else np.inf

    @cached_property
    def peakedness(self) -> float:
        """Variance over mean of the busy servers of an infinite pool at which the arrivals repeat over and over.

        It is 1 for Poisson arrivals, and the ``peakedness`` of ``placer.queue_margin``. NaN without load or span.
        """
        span = self.span_seconds
        if not 0 < self.offered_load < np.inf:
            return np.nan
        arrival, service = (self.requests[f"{name}_seconds"].to_numpy() for name in ("arrival", "service"))
        laps, end = np.divmod(arrival + service, span)
        change = np.repeat([1.0, -1.0], len(arrival))
        times = np.concatenate([arrival, end])
        order = np.argsort(times, kind="stable")
        busy = laps.sum() + np.cumsum(change[order])
        share = np.diff(times[order], append=span + times[order[0]]) / span
        mean = float(busy @ share)
        return float((busy - mean) ** 2 @ share) / mean

    @cached_property
    def _all(self) -> dict[str, float]:
        return _figures(self.requests)

    def summary(self) -> dict[str, Any]:
        """Return the figures of all requests together, by the columns of ``classes``, as plain values."""
        return dict(self._all)

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``classes``."""
        return self.classes

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``classes`` and ``requests``."""
        return {"classes": self.classes, "requests": self.requests}

    @cached_property
    def classes(self) -> pd.DataFrame:
        """Figures by class, in the order of the priority if there is one.

        ``requests``; ``wait_probability``, the part of them that waits; ``mean_wait_seconds`` and
        ``mean_service_seconds``; ``p50_wait_seconds``, ``p95_wait_seconds`` and ``p99_wait_seconds``, which that part
        of the requests does not exceed; and the same three of ``first_token_seconds``, where lengths are known.
        """
        groups = self.requests.groupby("workload", observed=True)
        return pd.DataFrame({name: _figures(rows) for name, rows in groups}).T.rename_axis("workload")

    def __repr__(self) -> str:
        """Return the main figures in one line."""
        return (
            f"<{len(self.requests):,} requests at {self.servers:,} servers, load {self.offered_load:z,.2f}: "
            f"{percent(self._all['wait_probability'], 2)} wait, P99 of waits {self._all['p99_wait_seconds']:,.3g} s>"
        )

    def _repr_html_(self) -> str:
        """Return the same and the figures by class as HTML, for notebooks."""
        return notebook.sentence(repr(self).strip("<>")) + notebook.rows(self.classes)


def simulate(
    requests: Requests | pd.DataFrame,
    servers: int,
    *,
    seconds_per_input_token: float | None = None,
    seconds_per_output_token: float | None = None,
    seconds_per_cached_token: float | None = None,
    priority: Sequence[str] | None = None,
) -> QueueSimulation:
    """Simulate requests at one pool of servers, first come first served or by class.

    A server serves one request at a time and finishes what it begins; all servers are alike. The pool begins empty.

    Parameters
    ----------
    requests : Requests or DataFrame
        Of a trace (``placer.read_requests``); or one row per request, by ascending ``time`` (in seconds, or
        timestamps), with ``service_seconds`` or with ``input_tokens``, ``output_tokens`` and ``cached_tokens`` (those
        of the input that need not be read; 0 if absent); ``workload`` is the class.
    servers : int
    seconds_per_input_token, seconds_per_output_token : float, optional
        Time of a server for a token. The first token comes when the input is read.
    seconds_per_cached_token : float, optional
        The same for a cached token; needed if there are any.
    priority : sequence of str, optional
        Every class once, the most urgent first. A server that becomes free takes a waiting request of the most urgent
        class, the earliest of it. First come first served over all classes if not given.

    Raises
    ------
    ArgumentError
        If the requests are not a table.
    InstanceError
        Names every defect of the requests and of the other arguments.

    Examples
    --------
    Three requests of 2 s at one server: the second waits 1 s, and the third 2.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"time": [0.0, 1.0, 2.0], "service_seconds": 2.0, "workload": ["chat", "batch", "chat"]})
    >>> simulate(table, 1).requests["wait_seconds"].tolist()
    [0.0, 1.0, 2.0]
    >>> urgent = simulate(table, 1, priority=["chat", "batch"])
    >>> urgent.requests["wait_seconds"].tolist()
    [0.0, 3.0, 0.0]
    >>> urgent.classes[["requests", "wait_probability", "mean_wait_seconds"]]
              requests  wait_probability  mean_wait_seconds
    workload
    chat           2.0               0.0                0.0
    batch          1.0               1.0                3.0
    """
    rates = {"input": seconds_per_input_token, "output": seconds_per_output_token, "cached": seconds_per_cached_token}
    problem = number_problem(servers, SERVERS)
    found = [Violation("queue", "", "servers", problem, SERVERS.allowed)] if problem else []
    table = requests.table if isinstance(requests, Requests) else requests
    read = read_arrivals(table, rates, priority, found)
    arrival, service = read.seconds.tolist(), read.service_seconds.tolist()
    if priority is None:
        begins = first_come_first_served(arrival, service, servers)
    else:
        begins = by_class(arrival, service, read.number.tolist(), servers)
    wait = np.array(begins) - read.seconds
    columns: dict[str, object] = {
        "workload": pd.Categorical.from_codes(read.number, pd.Index(read.names)),
        "arrival_seconds": read.seconds,
        "wait_seconds": wait,
        "service_seconds": read.service_seconds,
    }
    if read.prompt_seconds is not None:
        columns["first_token_seconds"] = wait + read.prompt_seconds
    return QueueSimulation(servers, pd.DataFrame(columns))


def _figures(rows: pd.DataFrame) -> dict[str, float]:
    """Return the figures of some requests by their names."""
    wait: FloatArray = rows["wait_seconds"].to_numpy()
    found = {
        "requests": float(len(rows)),
        "wait_probability": float((wait > 0).mean()),
        "mean_wait_seconds": float(wait.mean()),
        "mean_service_seconds": float(rows["service_seconds"].mean()),
    }
    for name in ("wait_seconds", "first_token_seconds"):
        if name in rows:
            values = np.quantile(rows[name].to_numpy(), [share / 100 for share in QUANTILES])
            found |= {f"p{share}_{name}": float(value) for share, value in zip(QUANTILES, values, strict=True)}
    return found
