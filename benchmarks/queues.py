"""Simulated queues beside their theory, their speed, and the margin of pools on the hours of real traces.

    python -m benchmarks.queues                        # theory, speed, margins and hours; four minutes
    python -m benchmarks.queues --peers                # and the speed of SimPy and Ciw, where they are installed
    python -m benchmarks.queues --requests 20000 --runs 2

*Theory*: every figure with its standard error. The exit status is 1 if one of runs of a million requests or more is off
by more than 1 %. *Speed*: requests in a second of processor time. *Margins*: servers K that the rule L + 2.33 sqrt(D L)
gives the load L, and beside each other, by Hayward's formula and simulated: the part of requests that waits and the P99
of waits. Loads of Poisson arrivals and exponential service times have D = 1, and their waits are in service times; the
standard error is that of the mean over the runs.

*Hours*: the load is that of the trace, for replicas of Llama 2 70B on eight H100 that serve one request at a time. Each
row joins so many copies of the hour, each begun at a random moment of it; waits are in seconds. D is 1, or the
peakedness of the trace.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import placer
from placer.instance.queue_margin import SAFETY_FACTOR

from .queue_peers import LOAD, SERVERS, SIDES
from .queue_theory import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Requests of a run, and largest relative difference from theory that runs of so many may have.
MILLION, TOLERANCE = 1_000_000, 0.01
#: Seconds for a token of Llama 2 70B on eight H100, one request at a time: 844.9 ms for a prompt of 8,192 tokens and
#: 30.6 ms for a token of the answer (Splitwise, ISCA 2024; medians of its profile as SageServe publishes them).
PER_TOKEN = 0.8449 / 8192
RATES = {
    "seconds_per_input_token": PER_TOKEN,
    "seconds_per_cached_token": PER_TOKEN,  # none are held: without limit they would be an upper bound
    "seconds_per_output_token": 0.0306,
}
#: Names of traces, by the words of the tables.
TRACES = {
    "Azure, conversation": "azure_2023_conversation",
    "Azure, code": "azure_2023_code",
    "Mooncake, conversation": "mooncake_conversation",
}
POOLS = (10, 100, 1000, 10_000)
COPIES = (1, 10, 100)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; return 1 if a figure of a million requests or more is not that of theory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=MILLION, help="requests of each run")
    parser.add_argument("--runs", type=int, default=20, help="runs of each queue with known waits")
    parser.add_argument("--peers", action="store_true", help="time SimPy and Ciw too")
    asked = parser.parse_args(arguments)
    agrees = _print_theory(asked.requests, asked.runs)
    _print_speed(asked.requests)
    if asked.peers:
        _print_peers()
    _print_margins(asked.requests, asked.runs)
    for words, name in TRACES.items():
        _print_hour(words, placer.read_requests(name))
    return 0 if agrees or asked.requests < MILLION else 1


def joined(hour: placer.QueueSimulation, copies: int, seed: int) -> pd.DataFrame:
    """Return the requests of several copies of an hour, each begun at a random moment of it."""
    draw, span = np.random.default_rng(seed), hour.span_seconds
    shifts = [0.0, *draw.uniform(0, span, copies - 1)]
    arrival = hour.requests["arrival_seconds"].to_numpy()
    times = np.concatenate([(arrival + shift) % span for shift in shifts])
    table = pd.DataFrame({"time": times, "service_seconds": np.tile(hour.requests["service_seconds"], copies)})
    return table.sort_values("time", ignore_index=True)


def hour_rows(requests: placer.Requests, copies: int) -> Iterator[tuple[float, ...]]:
    """Yield for D = 1 and for the peakedness: D, load, servers, and P(wait) and P99 of waits, formula and simulated."""
    hour = placer.simulate(requests, 1, **RATES)
    several = joined(hour, copies, seed=copies)
    measured = placer.simulate(several, 1)
    load, mean = measured.offered_load, float(several["service_seconds"].mean())
    for peakedness in (1.0, measured.peakedness):
        servers = math.ceil(load + SAFETY_FACTOR * math.sqrt(peakedness * load))
        margin = placer.QueueMargin(servers, peakedness, (servers - load) / math.sqrt(peakedness * load), load)
        found = placer.simulate(several, servers).summary()
        waits = (margin.wait_probability, found["wait_probability"])
        yield peakedness, load, servers, *waits, margin.wait_quantile_seconds(0.99, mean), found["p99_wait_seconds"]


def _print_theory(count: int, runs: int) -> bool:
    print(f"{runs} runs of {count:,} requests\n")
    print("| queue | figure | theory | simulated | difference | standard error |\n|---|---|---|---|---|---|")
    agrees = True
    for known in KNOWN:
        for figure in known.simulated(count, range(runs)):
            off, error = figure.simulated / figure.theory - 1, figure.standard_error / figure.theory
            agrees &= abs(off) <= TOLERANCE
            values = f"{figure.theory:.5f} | {figure.simulated:.5f} | {off:+.2%} | {error:.2%}"
            print(f"| {figure.queue} | {figure.name} | {values} |")
    return agrees


def _print_speed(count: int) -> None:
    print("\n| servers | order | requests a second |\n|---|---|---|")
    for servers in POOLS:
        table = _poisson(0.9 * servers, count).assign(workload=pd.Categorical(np.arange(count) % 2))
        for order, priority in (("first come first served", None), ("by two classes", ["0", "1"])):
            began = time.process_time()
            placer.simulate(table, servers, priority=priority)
            print(f"| {servers:,} | {order} | {count / (time.process_time() - began):,.0f} |")


def _print_peers() -> None:
    theory = placer.erlang_c(SERVERS, LOAD) / (SERVERS - LOAD)
    print(
        f"\nM/M/10, load 8: mean wait {theory:.3f} s\n\n| library | requests a second | mean wait, s |\n|---|---|---|"
    )
    for name, (simulated, count) in SIDES.items():
        if importlib.util.find_spec(name) is None:
            print(f"| {name} | not installed | |")
            continue
        began = time.process_time()
        wait = simulated(count)
        print(f"| {name} | {count / (time.process_time() - began):,.0f} | {wait:.3f} |")


def _print_margins(count: int, runs: int) -> None:
    heads = "| servers | load | utilisation | P(wait), formula | simulated | P99 of waits, formula | simulated |"
    print(f"\n{heads}\n|---|---|---|---|---|---|---|")
    for servers in POOLS:
        margin = placer.queue_margin(servers)
        tables = (_poisson(margin.load, count, seed) for seed in range(runs))
        waits = np.array([placer.simulate(table, servers).requests["wait_seconds"] for table in tables])
        parts = (waits > 0).mean(axis=1)
        error = parts.std(ddof=1) / math.sqrt(runs) if runs > 1 else math.nan
        print(
            f"| {servers:,} | {margin.load:,.1f} | {margin.utilisation:.1%} | {margin.wait_probability:.2%}"
            f" | {parts.mean():.2%} ± {error:.2%} | {margin.wait_quantile_seconds(0.99, 1.0):.4f}"
            f" | {np.quantile(waits, 0.99):.4f} |"
        )


def _print_hour(name: str, requests: placer.Requests) -> None:
    print(f"\n{name}: {len(requests):,} requests\n")
    heads = "| copies | D | load | servers | utilisation | P(wait), formula | simulated | P99 of waits, formula |"
    print(f"{heads} simulated |\n|---|---|---|---|---|---|---|---|---|")
    for copies in COPIES:
        for peakedness, load, servers, *found in hour_rows(requests, copies):
            waits = f"{found[0]:.2%} | {found[1]:.2%} | {found[2]:.2f} s | {found[3]:.2f} s"
            print(f"| {copies} | {peakedness:.2f} | {load:,.1f} | {servers:,} | {load / servers:.1%} | {waits} |")


def _poisson(load: float, count: int, seed: int = 0) -> pd.DataFrame:
    """Return requests with Poisson arrivals and exponential service times of mean 1 s."""
    draw = np.random.default_rng(seed)
    times = draw.exponential(1 / load, count).cumsum()
    return pd.DataFrame({"time": times, "service_seconds": draw.exponential(1, count)})


if __name__ == "__main__":
    sys.exit(main())
