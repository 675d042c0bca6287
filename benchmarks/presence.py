"""Models in whole replicas: the gap that ``placer.place_models`` proves, and its processor time.

    python -m benchmarks.presence              # 20 models, 50 data centres, 24 hours; three seeds
    python -m benchmarks.presence --by-hour    # replicas that change from hour to hour, over 6 hours
    python -m benchmarks.presence --quick      # small instances, as a check

A synthetic network with a workload for each model. The r-th most asked model takes accelerator-hours in proportion to
r ** -1.2, in a random order, so that the rarest takes 1/36 of the first; 20,000 accelerators would be full in the
busiest hour or loaded to 62.72 % in the mean, and there are 1.3 times as many. A replica takes 1, 4, 8, 16 or 32
accelerators, drawn at random, and loads for 60 s. Processor time includes that of solvers in processes of their own.
The exit status is 1 if a gap exceeds the target.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import placer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The gap that is asked for, and the exponent of popularity.
GAP, POPULARITY = 0.01, 1.2
#: Accelerators before the reserve, the reserve, and the sizes of replicas.
ACCELERATORS, RESERVE, SIZES = 20_000.0, 1.3, (1.0, 4.0, 8.0, 16.0, 32.0)
#: Models, data centres, hubs and hours.
SHAPES = {"day": (20, 50, 20, 24), "by hour": (20, 50, 20, 6), "quick": (3, 4, 5, 4)}


@dataclass(frozen=True)
class Line:
    """One instance.

    Attributes
    ----------
    seed, columns : int
        Assignment columns without models.
    found : Presence
    seconds : float
        Of processor time.
    """

    seed: int
    columns: int
    found: placer.Presence
    seconds: float


def with_models(models: int, data_centres: int, hubs: int, hours: int, seed: int) -> placer.Instance:
    """Return a synthetic instance whose workloads are models of random size and popularity."""
    instance = placer.synthetic.network(data_centres, hubs, models, hours, seed)
    random, names = np.random.default_rng(seed), instance.workloads["workload"]
    share = random.permutation((np.arange(models) + 1.0) ** -POPULARITY)
    demand, centres = instance.demand, instance.data_centres
    each = demand["workload"].map(instance.workloads.set_index("workload")["accelerator_hours_per_mtok"])
    hours_of = (demand["mtok"] * each).groupby(demand["workload"]).sum()
    factor = dict(zip(names, share / share.sum() * hours_of.sum() / hours_of[names].to_numpy(), strict=True))
    part = ACCELERATORS / centres["accelerators"].sum()
    table = [
        {"model": f"model of {name}", "workloads": name, "replica_accelerators": size, "cold_start_seconds": 60.0}
        for name, size in zip(names, random.choice(SIZES, models).tolist(), strict=True)
    ]
    return instance.replace(
        demand=demand.assign(mtok=part * demand["mtok"] * demand["workload"].map(factor)),
        data_centres=centres.assign(accelerators=np.floor(RESERVE * part * centres["accelerators"])),
        served_models=table,
    )


def lines(shape: str, seeds: Sequence[int], *, by_hour: bool) -> Iterator[Line]:
    """Yield a line for each seed."""
    for seed in seeds:
        instance = with_models(*SHAPES[shape], seed)
        started = processor_seconds()
        found = placer.place_models(instance, GAP, by_hour=by_hour)
        columns = found.question.structure.assignment_count
        yield Line(seed, columns, found, processor_seconds() - started)


def processor_seconds() -> float:
    """Return the processor time of this process and its finished children: HiGHS solves large programs in a child."""
    taken = os.times()
    return taken.user + taken.system + taken.children_user + taken.children_system


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each seed; return 1 if a gap exceeds the target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.presence", description=__doc__.splitlines()[0])
    parser.add_argument("--by-hour", action="store_true", help="replicas that change from hour to hour")
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds (default 3)")
    parser.add_argument("--quick", action="store_true", help="small instances, to see that all works")
    options = parser.parse_args(arguments)
    shape = "quick" if options.quick else "by hour" if options.by_hour else "day"
    models, centres, hubs, hours = SHAPES[shape]
    print(f"{models} models, {centres} data centres, {hubs} hubs, {hours} hours")
    print(
        f"{'seed':>4}{'columns':>10}{'replicas':>10}{'gap':>8}{'seconds':>9}{'idle':>8}{'rare cost':>11}"
        f"{'rare tokens':>13}{'left out':>18}  bound by"
    )
    worst = 0.0
    for line in lines(shape, range(options.seeds), by_hour=options.by_hour):
        said, cost = line.found.summary(), line.found.cost_and_penalty_usd
        worst = max(worst, line.found.gap)
        left = " to ".join(f"{amount / cost:.2%}" for amount in line.found.left_out_usd)
        print(
            f"{line.seed:>4}{line.columns:>10,}{said['replicas']:>10,.0f}{line.found.gap:>8.2%}{line.seconds:>9.1f}"
            f"{said['idle_usd'] / cost:>8.2%}{said['rare_share_of_cost']:>11.2%}{said['rare_share_of_tokens']:>13.2%}"
            f"{left:>18}  {said['bound_by']}",
            flush=True,
        )
    return int(worst > GAP)


if __name__ == "__main__":
    sys.exit(main())
