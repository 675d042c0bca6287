"""Prove the placement, ceiling and economic range of every scenario of every dataset, alone and in pairs.

    python -m benchmarks.scenarios                       all datasets that ship, scenarios alone and in pairs
    python -m benchmarks.scenarios --dataset china       one of them
    python -m benchmarks.scenarios --alone               no pairs
    python -m benchmarks.scenarios --awkward 23          random networks with closed links, closed sites and near ties,
                                                         of 50,000 to 150,000 columns, by column generation

Each case prints one line; the exit status is 1 if any part of any case failed, and the lines say which and why. Two
scenarios that cannot be combined do not count as failures.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import placer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Sizes of the awkward networks: data centres, hubs, workloads and hours.
AWKWARD = ((14, 40, 5, 24), (18, 60, 5, 24), (20, 70, 6, 24))


@dataclass(frozen=True)
class Case:
    """The results of one instance.

    Attributes
    ----------
    name : str
    cost_usd, unserved_share, share : float
        Of the placement, and of the ceiling; NaN after a failure.
    low, high : float
        The economic range; NaN after a failure.
    seconds : tuple of float
        For the placement, the ceiling and the range.
    failures : tuple of str
        The failed parts and their reasons; empty if none.
    """

    name: str
    cost_usd: float = np.nan
    unserved_share: float = np.nan
    share: float = np.nan
    low: float = np.nan
    high: float = np.nan
    seconds: tuple[float, ...] = ()
    failures: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the case as a line of the table."""
        figures = (
            f"{self.cost_usd:>16,.2f} {self.unserved_share:>9.3%} {self.share:>8.2%} {self.low:>8.2%} {self.high:>8.2%}"
        )
        times = " ".join(f"{seconds:6.1f}" for seconds in self.seconds)
        return f"{self.name:<64}{figures}  {times}  {'; '.join(self.failures) or 'proven'}"


HEADER = f"{'case':<64}{'cost USD':>16} {'unserved':>9} {'ceiling':>8} {'low':>8} {'high':>8}  seconds of each"


def examine(name: str, make: Callable[[], placer.Instance], *, with_ceiling: bool = True) -> Case:
    """Place an instance and find its ceiling and its economic range; a failure of one part does not stop the others."""
    failures: list[str] = []
    seconds: list[float] = []

    def attempt(what: str, call: Callable[[], object]) -> object:
        started = time.perf_counter()
        try:
            return call()
        except placer.PlacerError as error:
            failures.append(f"{what}: {error}")
            return None
        finally:
            seconds.append(time.perf_counter() - started)

    instance = make()
    placement = attempt("placement", lambda: placer.solve(instance))
    ceiling = attempt("ceiling", lambda: placer.export_ceiling(instance)) if with_ceiling else None
    found = Case(name)
    if isinstance(placement, placer.Placement):
        if placement.tie_break is not None and not placement.tie_break.proven:
            failures.append(f"ties: {placement.tie_break.detail}")
        span = attempt("economic range", lambda: placer.economic_range(placement))
        low, high = span if isinstance(span, placer.EconomicRange) else (np.nan, np.nan)
        if isinstance(span, placer.EconomicRange) and span.detail:
            failures.append(f"economic range: {span.detail}")
        found = Case(name, placement.cost_usd, placement.unserved_mtok / placement.demand_mtok, np.nan, low, high)
    share = ceiling.share if isinstance(ceiling, placer.ExportCeiling) else np.nan
    return Case(
        name, found.cost_usd, found.unserved_share, share, found.low, found.high, tuple(seconds), tuple(failures)
    )


def choices(dataset: str, *, alone: bool) -> list[tuple[str, ...]]:
    """Return the scenarios of a dataset to combine: none, each one, and each pair."""
    scenarios = sorted(placer.datasets.describe(dataset).scenarios)
    pairs = [] if alone else list(itertools.combinations(scenarios, 2))
    return [(), *((name,) for name in scenarios), *pairs]


def awkward(seed: int) -> placer.Instance:
    """Return a random network with closed links, closed sites and near ties."""
    random = np.random.default_rng(seed)
    base = placer.synthetic.network(*AWKWARD[seed % len(AWKWARD)], seed=seed)
    links, centres = base.links.copy(), base.data_centres.copy()
    links.loc[random.choice(len(links), max(1, len(links) // 20), replace=False), "capacity_gbps"] = 0.0
    if seed % 2:
        centres.loc[int(random.integers(len(centres))), "accelerators"] = 0.0
    price = float(centres["accelerator_usd_per_hour"].mean())
    centres["accelerator_usd_per_hour"] = price * (1 + 1e-8 * random.integers(0, 3, len(centres)))
    return base.replace(links=links, data_centres=centres)


def cases(datasets: list[str], *, alone: bool, awkward_ones: int) -> Iterator[Case]:
    """Examine the cases in order, and yield each."""
    for seed in range(awkward_ones):
        yield examine(f"awkward network {seed}", lambda seed=seed: awkward(seed), with_ceiling=False)
    for dataset in datasets:
        for chosen in choices(dataset, alone=alone):
            name = " + ".join([dataset, *chosen])
            try:
                yield examine(name, lambda dataset=dataset, chosen=chosen: placer.load(dataset, chosen))
            except placer.InstanceError as error:
                if len(chosen) < 2:
                    yield Case(name, failures=(f"input: {error}",))
                else:
                    print(f"{name:<64}cannot be combined: {str(error).splitlines()[0]}")


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, examine and print; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.scenarios", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", action="append", help="a dataset; all that ship if not given")
    parser.add_argument("--alone", action="store_true", help="no pairs")
    parser.add_argument("--awkward", type=int, default=0, metavar="N", help="so many random networks, and no datasets")
    chosen = parser.parse_args(arguments)
    datasets = [] if chosen.awkward else chosen.dataset or placer.datasets.names()
    print(HEADER)
    failed = 0
    for case in cases(datasets, alone=chosen.alone, awkward_ones=chosen.awkward):
        print(case, flush=True)
        failed += bool(case.failures)
    print("all proven" if not failed else f"{failed} with failures")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
