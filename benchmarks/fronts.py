"""Fronts of cost against green shares, carbon and water of ``china``, and the value of each flexibility.

python -m benchmarks.fronts                 # ten points each
python -m benchmarks.fronts --points 20 --only hour
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import placer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Name -> a front of an instance, given the number of points.
FRONTS: dict[str, Callable[[placer.Instance, int], placer.Front]] = {
    "horizon": lambda instance, points: placer.green_front(instance, points=points),
    "hour": lambda instance, points: placer.green_front(instance, "hour", points=points),
    "carbon": lambda instance, points: placer.abatement_front(instance, "carbon_kg", points=points),
    "water": lambda instance, points: placer.abatement_front(instance, "water_litres", points=points),
}


#: The name of the values of flexibilities.
VALUES = "values"


def china() -> placer.Instance:
    """Return ``china`` with four zones of green power, and without limits of one's own."""
    return placer.load("china", ["own_limits"]).replace(limits=[])


def measured(name: str, points: int) -> tuple[placer.Front, float]:
    """Return a front and its processor seconds."""
    instance = china()
    begun = time.process_time()
    front = FRONTS[name](instance, points)
    return front, time.process_time() - begun


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--only", choices=[*FRONTS, VALUES], nargs="*", default=[*FRONTS, VALUES])
    given = parser.parse_args(arguments)
    for name in given.only:
        if name == VALUES:
            _print_values()
            continue
        front, seconds = measured(name, given.points)
        print(f"\n{name}: {front!r}; {seconds:.1f} processor seconds")
        print(front.table.drop(columns=["transfers_usd", "error_usd"]).round(4).to_string(index=False))


def _print_values() -> None:
    """Print the value of each flexibility at 80 % of every hour."""
    begun = time.process_time()
    found = placer.flexibility_values(china(), 0.8, "hour", missing_usd_per_mwh=100)
    print(f"\n{found!r}; {time.process_time() - begun:.1f} processor seconds")
    print(found.table.round(3).to_string())
    print(found.coalitions.round(1).to_string(index=False))


if __name__ == "__main__":
    main()
