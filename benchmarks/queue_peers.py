"""Libraries of discrete events on the same queue as ``placer.simulate``: M/M/10 at a load of 8, mean service time 1 s.

Each is written as its own documentation has it. ``pip install ciw simpy`` installs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import placer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Servers and offered load.
SERVERS, LOAD = 10, 8.0


def ours(count: int) -> float:
    """Return the mean wait as ``placer.simulate`` has it."""
    draw = np.random.default_rng(1)
    table = pd.DataFrame({"time": draw.exponential(1 / LOAD, count).cumsum()})
    found = placer.simulate(table.assign(service_seconds=draw.exponential(1, count)), SERVERS)
    return float(found.summary()["mean_wait_seconds"])


def by_simpy(count: int) -> float:
    """Return the mean wait as SimPy has it: a process for each request, and a resource of ten."""
    simpy = importlib.import_module("simpy")
    environment, draw, waits = simpy.Environment(), np.random.default_rng(1), []
    pool = simpy.Resource(environment, capacity=SERVERS)

    def request(service: float) -> Iterator[object]:
        arrived = environment.now
        with pool.request() as turn:
            yield turn
            waits.append(environment.now - arrived)
            yield environment.timeout(service)

    def source() -> Iterator[object]:
        services = draw.exponential(1, count).tolist()
        for gap, service in zip(draw.exponential(1 / LOAD, count).tolist(), services, strict=True):
            yield environment.timeout(gap)
            environment.process(request(service))

    environment.process(source())
    environment.run()
    return float(np.mean(waits))


def by_ciw(count: int) -> float:
    """Return the mean wait as Ciw has it: a network of one node."""
    ciw = importlib.import_module("ciw")
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(LOAD)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[SERVERS],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(count, method="Finish")
    return float(np.mean([record.waiting_time for record in simulation.get_all_records()]))


#: Requests of each side: as many as take a second or a few.
SIDES: dict[str, tuple[Callable[[int], float], int]] = {
    "placer": (ours, 1_000_000),
    "simpy": (by_simpy, 100_000),
    "ciw": (by_ciw, 100_000),
}
