"""How often requests wait where a pool carries the load at which a stated part of them should.

    python -m benchmarks.queue_promises                    # pools of 4, 30 and 300 servers; a minute
    python -m benchmarks.queue_promises --runs 5 --wait-probability 0.01

Each row has a pool, its peakedness, the utilisation that ``placer.queue_margin`` gives it, and the part of its requests
that waits: the mean over runs and its standard error. *Poisson*: service times are exponential. *Hours*: requests of
real hours (``benchmarks.queues``), copies of each begun at random moments of it and thinned to the load. The peakedness
is that of the requests so joined; beside it stands what waits if it is taken for 1. Thinned requests are nearer to
Poisson: a part f of them has a peakedness of 1 + f (D - 1).
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import placer

from .queues import RATES, TRACES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    #: Requests of some load, by a seed.
    Stream = Callable[[float, int], pd.DataFrame]

POOLS = (4, 30, 300)
#: Rounds in which the peakedness of joined hours and the load that it admits are made to agree, and seeds of each.
_ROUNDS, _SEEDS = 8, 5
#: Fewest requests of a run with Poisson arrivals; a larger pool takes more to fill.
_COUNT = 20_000


@dataclass(frozen=True)
class Promise:
    """What waits at the load of a margin.

    Attributes
    ----------
    margin : QueueMargin
    waits, standard_error : float
        Part of the requests that waits: mean over runs, and its standard error.
    """

    margin: placer.QueueMargin
    waits: float
    standard_error: float

    def __str__(self) -> str:
        """Return peakedness, utilisation and what waits, as cells of a table."""
        margin = self.margin
        return f"{margin.peakedness:.2f} | {margin.utilisation:.1%} | {self.waits:.2%} ± {self.standard_error:.2%}"


def kept(stream: Stream, margin: placer.QueueMargin, runs: int) -> Promise:
    """Return what waits of a stream at the load of a margin."""
    tables = (stream(margin.load, seed) for seed in range(runs))
    parts = [placer.simulate(table, margin.servers).summary()["wait_probability"] for table in tables]
    error = float(np.std(parts, ddof=1)) / math.sqrt(runs) if runs > 1 else math.nan
    return Promise(margin, float(np.mean(parts)), error)


def margin_of(stream: Stream, servers: int, wait_probability: float) -> placer.QueueMargin:
    """Return the margin of a pool with the peakedness that a stream has at the load of that margin."""
    margin = placer.queue_margin(servers, wait_probability=wait_probability)
    load = margin.load
    for _ in range(_ROUNDS):
        found = [placer.simulate(stream(load, seed), servers).peakedness for seed in range(_SEEDS)]
        margin = placer.queue_margin(servers, peakedness=float(np.mean(found)), wait_probability=wait_probability)
        load = math.sqrt(load * margin.load)  # more load is more peaked and admits less: whole steps would swing
    return margin


def poisson(load: float, seed: int, for_each: int = 1_000) -> pd.DataFrame:
    """Return requests with Poisson arrivals and exponential service times of mean 1 s, so many for each erlang."""
    draw, count = np.random.default_rng(seed), max(_COUNT, round(for_each * load))
    times = draw.exponential(1 / load, count).cumsum()
    return pd.DataFrame({"time": times, "service_seconds": draw.exponential(1, count)})


def hour_of(trace: str) -> Stream:
    """Return the requests of an hour at any load: copies begun at random moments of it, thinned."""
    hour = placer.simulate(placer.read_requests(trace), 1, **RATES)
    arrival, service = (hour.requests[f"{name}_seconds"].to_numpy() for name in ("arrival", "service"))

    def at(load: float, seed: int) -> pd.DataFrame:
        draw, copies = np.random.default_rng(seed), math.ceil(load / hour.offered_load)
        shifts = draw.uniform(0, hour.span_seconds, copies)
        times = np.concatenate([(arrival + shift) % hour.span_seconds for shift in shifts])
        table = pd.DataFrame({"time": times, "service_seconds": np.tile(service, copies)})
        chosen = draw.random(len(table)) < load / (copies * hour.offered_load)
        return table[chosen].sort_values("time", ignore_index=True)

    return at


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for every pool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--wait-probability", type=float, default=0.05)
    parser.add_argument("--servers", type=int, nargs="*", default=list(POOLS))
    asked = parser.parse_args(arguments)
    print(
        "| requests | servers | D | utilisation | waits | utilisation at D = 1 | waits |\n|---|---|---|---|---|---|---|"
    )
    for servers in asked.servers:
        plain = placer.queue_margin(servers, wait_probability=asked.wait_probability)
        print(f"| Poisson | {servers} | {kept(poisson, plain, asked.runs)} | | |")
    for words, name in TRACES.items():
        stream = hour_of(name)
        for servers in asked.servers:
            own = kept(stream, margin_of(stream, servers, asked.wait_probability), asked.runs)
            plain = kept(stream, placer.queue_margin(servers, wait_probability=asked.wait_probability), asked.runs)
            print(f"| {words} | {servers} | {own} | {str(plain).partition(' | ')[2]} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
