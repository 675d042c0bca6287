"""Queues whose waits are known in closed form, and their simulation, with the standard error of each figure.

    M/M/K        C(K, L) waits; the mean wait is C / (K - L) service times                               (Erlang, 1917)
    M/G/1        mean wait  = r E[S^2] / (2 (1 - L)),  r arrivals a second                 (Pollaczek, Khinchine, 1930)
    M/D/1        half the wait of M/M/1
    by class     mean wait of class k  = r E[S^2] / (2 (1 - L_1 - ... - L_k-1) (1 - L_1 - ... - L_k))    (Cobham, 1954)

Mean service time is 1 s. Waits of requests that follow each other are alike, so that the mean over a million requests
still has a standard error of 0.5 % in M/M/1 at half load and of 2 % in M/M/10: several runs with seeds of their own are
taken together, and the standard error is that of the means of ``PARTS`` parts of each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import placer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from placer.utils.arrays import FloatArray

#: Parts of a run from whose means the standard error follows.
PARTS = 25


@dataclass(frozen=True)
class Figure:
    """A known figure beside its simulation.

    Attributes
    ----------
    queue, name : str
    theory : float
    parts : list of float
        Means over equal parts of the simulation.
    """

    queue: str
    name: str
    theory: float
    parts: list[float]

    @property
    def simulated(self) -> float:
        """Mean of the parts."""
        return float(np.mean(self.parts))

    @property
    def standard_error(self) -> float:
        """Standard error of the mean."""
        return float(np.std(self.parts, ddof=1)) / math.sqrt(len(self.parts))


@dataclass(frozen=True)
class Known:
    """A queue with known waits.

    Attributes
    ----------
    name : str
    servers : int
    load : float
        Offered load in erlangs.
    service : callable
        Draws service times of mean 1 from a generator and a count.
    second_moment : float
        Mean square of the service time.
    shares : tuple of float
        Parts of the requests by class, the first served first; one class if there is one.
    """

    name: str
    servers: int
    load: float
    service: Callable[[np.random.Generator, int], FloatArray]
    second_moment: float
    shares: tuple[float, ...] = (1.0,)

    def theory(self) -> dict[str, float]:
        """Return the known figures by name."""
        if self.servers > 1:
            waits = placer.erlang_c(self.servers, self.load)
            return {"wait_probability": waits, "mean_wait_seconds": waits / (self.servers - self.load)}
        below = self.load * np.cumsum((0.0, *self.shares))
        means = self.load * self.second_moment / (2 * (1 - below[:-1]) * (1 - below[1:]))
        names = ["mean_wait_seconds", *(f"mean_wait_seconds of class {number}" for number in range(2, len(means) + 1))]
        known = {"wait_probability": self.load} if len(means) == 1 else {}
        return known | dict(zip(names, means.tolist(), strict=True))

    def requests(self, count: int, seed: int) -> pd.DataFrame:
        """Return requests of the queue from a seed."""
        draw = np.random.default_rng(seed)
        table = pd.DataFrame({"time": draw.exponential(1 / self.load, count).cumsum()})
        table["service_seconds"] = self.service(draw, count)
        names = [str(number) for number in range(1, len(self.shares) + 1)]
        table["workload"] = pd.Categorical.from_codes(draw.choice(len(names), count, p=self.shares), names)
        return table

    def simulated(self, count: int, seeds: Sequence[int]) -> list[Figure]:
        """Return each known figure beside the mean over runs of ``count`` requests, one for each seed."""
        parts: dict[str, list[float]] = {figure: [] for figure in self.theory()}
        names = [str(number) for number in range(1, len(self.shares) + 1)]
        priority = names if len(names) > 1 else None
        for seed in seeds:
            found = placer.simulate(self.requests(count, seed), self.servers, priority=priority).requests
            for figure, means in parts.items():
                kind, _, name = figure.partition(" of class ")
                waits = found.loc[found["workload"] == (name or "1"), "wait_seconds"].to_numpy()
                values = (waits > 0).astype(float) if kind == "wait_probability" else waits
                means += [float(part.mean()) for part in np.array_split(values, PARTS)]
        return [Figure(self.name, figure, theory, parts[figure]) for figure, theory in self.theory().items()]


def _exponential(draw: np.random.Generator, count: int) -> FloatArray:
    return draw.exponential(1, count)


def _constant(_: np.random.Generator, count: int) -> FloatArray:
    return np.ones(count)


def _two_kinds(draw: np.random.Generator, count: int) -> FloatArray:
    """Nine short requests of 0.5 s to one of 5.5 s: the mean square is 3.25."""
    return np.where(draw.random(count) < 0.9, 0.5, 5.5)


KNOWN = (
    Known("M/M/1", 1, 0.5, _exponential, 2.0),
    Known("M/M/2", 2, 1.2, _exponential, 2.0),
    Known("M/M/10", 10, 7.0, _exponential, 2.0),
    Known("M/D/1", 1, 0.7, _constant, 1.0),
    Known("M/G/1, short and long requests", 1, 0.5, _two_kinds, 3.25),
    Known("M/M/1 by class", 1, 0.6, _exponential, 2.0, (0.3, 0.7)),
    Known("M/G/1 by class", 1, 0.5, _two_kinds, 3.25, (0.5, 0.5)),
)
