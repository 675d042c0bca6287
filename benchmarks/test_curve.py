"""The exact ceiling curve, beside one solve of the whole program and one solve for every round trip.

    python -m benchmarks.test_curve

prints both ratios at full size, and with ``small`` after it at that size; under pytest only the smallest size runs
unless benchmarks are enabled.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import placer
from placer.ceiling.curve import CeilingCurve, trace, within
from placer.ceiling.maximum import most_export
from placer.model.counts import Count
from placer.model.expansion import expand
from placer.model.formulation import Formulation, formulate
from placer.model.scaling import scale

from .families import build
from .report import markdown

Result = TypeVar("Result")

#: Largest time of a curve, as a multiple of one solve of the whole program.
TARGETS = {"without windows": 2.0, "with windows": 10.0}
#: Round trips at which the lexicographic optimum is solved, to extrapolate to all of them.
SAMPLED = 3


def without_windows(instance: placer.Instance) -> placer.Instance:
    """Return the instance with no deferrable workload."""
    return instance.replace(workloads=instance.workloads.assign(deadline_hours=0.0))


def curve(formulation: Formulation) -> CeilingCurve:
    """Return the curve by round trip, every Mtok counting the same."""
    return trace(formulation, np.ones(len(formulation.workloads)), exports(formulation))


def exports(formulation: Formulation) -> Count:
    """Return every export, one for every Mtok, with swaps."""
    exported = np.broadcast_to(formulation.exported.astype(float), formulation.latency_ms.shape)
    return Count(exported, np.zeros_like(exported))


@pytest.mark.benchmark(group="curve")
@pytest.mark.parametrize("case", TARGETS)
def test_curve(benchmark: BenchmarkFixture, fleet: placer.Instance, case: str) -> None:
    """Tests that the curve is exact throughout and ends at the plain ceiling, and times it."""
    formulation = formulate(fleet if case == "with windows" else without_windows(fleet))
    found = benchmark.pedantic(curve, [formulation], rounds=1)
    plain = most_export(formulation, exports(formulation), placer.HiGHS())
    assert found.table["exact"].all()
    assert found.table["exported"].iloc[-1] == pytest.approx(plain.exported, rel=1e-6)


def main(size: str = "medium", rounds: int = 3) -> None:
    """Time the curve and its peers in turn, and print the ratios of the medians."""
    print(markdown(("curve", "corners", "curve s", "whole LP s", "ratio", "target", "one solve a round trip"), ()))
    for case, target in TARGETS.items():
        instance = build("fleet", size)
        formulation = formulate(instance if case == "with windows" else without_windows(instance))
        program, _ = scale(expand(formulation.structure))
        ours, theirs = [], []
        for _ in range(rounds):
            seconds, found = _timed(lambda: curve(formulation))  # noqa: B023 - called at once
            ours.append(seconds)
            theirs.append(_timed(lambda: placer.HiGHS().solve(program))[0])  # noqa: B023 - called at once
        whole, one = statistics.median(theirs), statistics.median(ours)
        round_trips = np.unique(formulation.rtt_ms)
        chosen = round_trips[np.linspace(0, len(round_trips) - 1, SAMPLED + 2).astype(int)[1:-1]]
        each = statistics.mean(_timed(lambda: _cold(formulation, limit))[0] for limit in chosen)  # noqa: B023
        assert found.table["exact"].all()
        print(
            f"| fleet {size} {case} | {len(found.table)} | {one:.2f} | {whole:.2f} | {one / whole:.2f} | <= {target:g} "
            f"| {each * len(round_trips) / one:.0f}x as long, {len(round_trips):,} extrapolated |",
            flush=True,
        )


def _cold(formulation: Formulation, limit: float) -> float:
    """Return the maximum export at a limit, solved from scratch."""
    return most_export(within(formulation, limit), exports(formulation)).exported


def _timed(call: Callable[[], Result]) -> tuple[float, Result]:
    gc.collect()
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main(*sys.argv[1:])
