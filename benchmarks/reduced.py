"""A network with merged places, carried back, beside the whole: gap, and processor seconds.

    python -m benchmarks.reduced            # fleet, a week: 10 million columns, a tenth of the hubs
    python -m benchmarks.reduced --hubs 90 --data-centres 10
    python -m benchmarks.reduced --family tiers --start   # and the whole from the prices of the merged network

``laid`` is the gap of the bound that the prices of the merged network prove by themselves, below the least cost;
``above`` is how far the placement that is carried back costs more than the least. Both and ``gap`` are relative.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeVar

import placer
from placer.column_generation.warm_start import best_start, record_prices
from placer.model.formulation import formulate
from placer.reduced.laid import laid_duals, places_of

from .families import build

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


@dataclass(frozen=True)
class Compared:
    """A merged network beside the whole.

    Attributes
    ----------
    columns, merged_columns : int
    merging, carrying, whole, from_prices : float
        Processor seconds: of merging places; of ``placer.carry_back``, the merged network included; of the whole, and
        of the whole from the prices of the merged network, NaN if not asked for, those seconds alone.
    gap, laid, above : float
    """

    columns: int
    merged_columns: int
    merging: float
    carrying: float
    whole: float
    from_prices: float
    gap: float
    laid: float
    above: float

    def __str__(self) -> str:
        """Return all of it in two lines."""
        return (
            f"{self.columns:,} columns, merged to {self.merged_columns:,}: gap {self.gap:.1e}, "
            f"{self.above:.1e} above the least cost, laid bound {self.laid:.1e} below\n"
            f"processor seconds: merging {self.merging:.2f}, carry_back {self.carrying:.2f}, "
            f"the whole {self.whole:.2f}, the whole from prices {self.from_prices:.2f}"
        )


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call returns, and its processor seconds."""
    started = time.process_time()
    found = call()
    return found, time.process_time() - started


def compare(
    instance: placer.Instance, hubs: int, data_centres: int, gap: float, *, with_start: bool = False
) -> Compared:
    """Merge an instance, carry its answer back, and solve the whole."""
    small, merging = timed(lambda: instance.merge_hubs(hubs).merge_data_centres(data_centres))
    found, carrying = timed(lambda: placer.carry_back(small, gap=gap))
    solver = placer.ColumnGeneration()
    whole, seconds = timed(lambda: placer.solve(instance, solver, tie_break=None))
    least = whole.certificate.objective
    return Compared(
        columns=whole.formulation.structure.assignment_count,
        merged_columns=found.reduced_placement.formulation.structure.assignment_count,
        merging=merging,
        carrying=carrying,
        whole=seconds,
        from_prices=_seconds_from_prices(found, solver) if with_start else float("nan"),
        gap=found.gap,
        laid=(least - found.laid_usd) / abs(least),
        above=(found.upper_usd - least) / abs(least),
    )


def _seconds_from_prices(found: placer.CarriedBack, solver: placer.ColumnGeneration) -> float:
    """Return the processor seconds of an answer of the whole from the prices of the merged network."""
    formulation, small = formulate(found.reduced.whole), found.reduced_placement
    structure, places = formulation.structure, places_of(found.reduced, formulation, small.formulation)
    known = record_prices(structure, laid_duals(places, structure, small.answer.prices))
    return timed(lambda: solver.answer(structure, best_start(structure, [known])))[1]


def main(arguments: Sequence[str]) -> None:
    """Print one comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reduced", description="Merged places, carried back.")
    parser.add_argument("--family", default="fleet")
    parser.add_argument("--size", default="week")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hubs", type=int, default=30)
    parser.add_argument("--data-centres", type=int, default=0, help="0 for all of them")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--start", action="store_true", help="also the whole from the prices of the merged network")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    instance = build(given.family, given.size, given.seed)
    sites = given.data_centres or len(instance.data_centres)
    found = compare(instance, given.hubs, sites, given.gap, with_start=given.start)
    print(json.dumps(asdict(found)) if given.json else found)


if __name__ == "__main__":
    main(sys.argv[1:])
