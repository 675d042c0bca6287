"""The maximum export by the sweep, beside the same two programs by other solvers.

    python -m benchmarks.test_ceilings

prints a line for some families at medium and large size, HiGHS up to medium; under pytest the smallest size runs alone
unless benchmarks are enabled.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import placer
from placer.ceiling.maximum import most_export
from placer.model.counts import Count
from placer.model.formulation import Formulation, formulate

from .families import build

if TYPE_CHECKING:
    from placer.ceiling.programs import Extent

#: Families whose export is limited by more than the location of hubs.
CHOSEN = ("fleet", "tiers", "tiers_linked", "tied", "short", "online", "capped")
#: Time limit of each program of a side in seconds, and the largest program for HiGHS, in columns.
LIMIT, LARGEST = 60.0, 300_000
#: Tolerance between the sides, as a share of the export.
AGREE = 1e-6


def ceiling(formulation: Formulation, solver: placer.Solver | placer.ColumnGeneration | None = None) -> Extent:
    """Return the maximum export, every Mtok counting the same."""
    exported = np.broadcast_to(formulation.exported.astype(float), formulation.latency_ms.shape)
    return most_export(formulation, Count(exported, np.zeros_like(exported)), solver)


@pytest.mark.benchmark(group="ceiling")
def test_ceiling(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that the ceiling by the sweep is proven and equals that of the two programs, and times it."""
    formulation = formulate(fleet)
    found = benchmark.pedantic(ceiling, [formulation], rounds=1)
    assert all(certificate.proven for certificate in found.certificates)
    assert found.exported == pytest.approx(ceiling(formulation, placer.HiGHS()).exported, rel=AGREE)


def main(sizes: tuple[str, ...] = ("medium", "large"), seed: int = 0) -> None:
    """Time every side in turn, and print the seconds; raise if sides disagree."""
    for size in sizes:
        for name in CHOSEN:
            formulation = formulate(build(name, size, seed))
            took, exported = _timed(formulation, None)
            line = [f"{name} {size}: {formulation.structure.assignment_count:,} columns, walk {took:.2f} s"]
            sides: dict[str, placer.Solver | placer.ColumnGeneration] = {
                "column generation": placer.ColumnGeneration(time_limit_seconds=LIMIT)
            }
            if formulation.structure.assignment_count <= LARGEST:
                sides["HiGHS"] = placer.HiGHS(time_limit_seconds=LIMIT)
            for side, solver in sides.items():
                try:
                    seconds, other = _timed(formulation, solver)
                except placer.NoSolutionError as error:
                    line.append(f"{side} none in {LIMIT:g} s ({error.reason})")
                    continue
                assert abs(other - exported) <= AGREE * max(exported, 1.0), (name, size, side, exported, other)
                line.append(f"{side} {seconds:.2f} s ({seconds / took:.1f}x)")
            print(", ".join(line), flush=True)


def _timed(formulation: Formulation, solver: placer.Solver | placer.ColumnGeneration | None) -> tuple[float, float]:
    gc.collect()
    started = time.perf_counter()
    exported = ceiling(formulation, solver).exported
    return time.perf_counter() - started, exported


if __name__ == "__main__":
    main()
