"""Fronts of cost against green shares, carbon and water of ``china``, and values of flexibilities there and at a hub.

python -m benchmarks.fronts                 # ten points each
python -m benchmarks.fronts --points 20 --only hour
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import placer

from .report import markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Name -> a front of an instance, given the number of points.
FRONTS: dict[str, Callable[[placer.Instance, int], placer.Front]] = {
    "horizon": lambda instance, points: placer.green_front(instance, points=points),
    "hour": lambda instance, points: placer.green_front(instance, "hour", points=points),
    "carbon": lambda instance, points: placer.abatement_front(instance, "carbon_kg", points=points),
    "water": lambda instance, points: placer.abatement_front(instance, "water_litres", points=points),
}

#: A battery of the western hub, at the efficiency and the wear of ``western_hub_batteries``.
BATTERY = {
    "battery": "Zhongwei battery",
    "data_centre": "Zhongwei",
    "power_mw": 50,
    "energy_mwh": 200,
    "efficiency": 0.9566,
    "usd_per_mwh_throughput": 2.76,
}
#: Name -> values of flexibilities.
VALUES: dict[str, Callable[[], placer.FlexibilityValues]] = {
    "values": lambda: placer.flexibility_values(china(), 0.8, "hour", missing_usd_per_mwh=100),
    "hub values": lambda: placer.flexibility_values(
        hub(), 1.0, "hour", missing_usd_per_mwh=100, data_centre="Zhongwei"
    ),
}


def china() -> placer.Instance:
    """Return ``china`` with four zones of green power, and without limits of one's own."""
    return placer.load("china", ["own_limits"]).replace(limits=[])


def hub() -> placer.Instance:
    """Return a year of ``china`` with the farms of its western hub and a battery."""
    return placer.load("china", ["western_hub_built", "dispatch"]).replace(batteries=[BATTERY])


def measured(name: str, points: int) -> tuple[placer.Front, float]:
    """Return a front and its processor seconds."""
    instance = china()
    begun = time.process_time()
    front = FRONTS[name](instance, points)
    return front, time.process_time() - begun


def main(arguments: Sequence[str] | None = None) -> None:
    """Print every point and coalition, then a line for each front and each sum of values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--only", choices=[*FRONTS, *VALUES], nargs="*", default=[*FRONTS, *VALUES])
    given = parser.parse_args(arguments)
    lines = [_of_values(name) if name in VALUES else _of_front(name, given.points) for name in given.only]
    print("\n" + markdown(("what", "processor seconds", "answer"), lines))


def _of_front(name: str, points: int) -> tuple[str, str, str]:
    """Print the points of a front, and return its line of the table."""
    front, seconds = measured(name, points)
    print(f"\n{name}")
    print(front.table.drop(columns=["transfers_usd", "error_usd"]).round(4).to_string(index=False))
    return f"`{name}`, {len(front.points)} points", f"{seconds:.1f}", repr(front)


def _of_values(name: str) -> tuple[str, str, str]:
    """Print what each flexibility is worth and what every coalition costs, and return the line of the table."""
    begun = time.process_time()
    found = VALUES[name]()
    seconds = time.process_time() - begun
    print(f"\n{name}")
    print(found.table.round(3).to_string())
    print(found.coalitions.round(1).to_string(index=False))
    return f"`{name}`", f"{seconds:.1f}", repr(found)


if __name__ == "__main__":
    main()
