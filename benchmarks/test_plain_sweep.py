"""Ceiling curves by the walk and by the plain sweep: their corners are equal; the time differs.

python -m benchmarks.test_plain_sweep                    # the table of benchmarks/README.md
python -m benchmarks.test_plain_sweep 3 "china rtt" ...  # pairs of runs, and some of its lines
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

import placer
from placer.ceiling.curve import LIMIT, By, CeilingCurve, trace
from placer.ceiling.directions import largest_cut
from placer.instance.cut import cut_of
from placer.model.counts import Count, export_weights, net
from placer.model.formulation import Formulation, formulate

from .agreement import make
from .families import FAMILIES, build
from .plain_sweep import plain_sweep
from .report import markdown
from .test_curve import exports

#: Datasets by every axis, and families at a size by round trip.
CASES = (
    *(f"china {by}" for by in LIMIT),
    "world rtt",
    *(f"fleet {size} rtt" for size in ("small", "medium", "large")),
    *(f"{family} medium rtt" for family in ("online", "tiers", "capped", "short")),
)


def problem(name: str, size: str = "") -> tuple[Formulation, Count]:
    """Return a family at a size, where every export counts, or a dataset with the net exports over its largest cut."""
    if name in FAMILIES:
        formulation = formulate(build(name, size))
        return formulation, exports(formulation)
    instance = placer.load(name)
    formulation = formulate(instance)
    weights = export_weights(instance, formulation.distance, "tokens")
    cut = cut_of(instance, None) or largest_cut(instance, formulation, weights)[0]
    return formulation, net(instance, weights, cut)


def curve(formulation: Formulation, count: Count, by: By) -> CeilingCurve:
    """Return the curve of tokens."""
    return trace(formulation, np.ones(len(formulation.workloads)), count, by)


def plain_curve(formulation: Formulation, count: Count, by: By) -> CeilingCurve:
    """Return the same by the plain sweep."""
    with patch("placer.ceiling.curve.sweep", plain_sweep):
        return curve(formulation, count, by)


def check_equal(walk: CeilingCurve, plain: CeilingCurve) -> None:
    """Check every corner: limits and shares to 1e-9, amounts to 1e-9 of all demand."""
    shares = [LIMIT[walk.by], "share", "share_low", "share_high"]
    for names, size in ((shares, 1.0), (walk.table.columns.difference(shares), walk.total_mtok)):
        pd.testing.assert_frame_equal(walk.table[names], plain.table[names], rtol=0, atol=1e-9 * size)


@pytest.mark.parametrize("by", LIMIT)
def test_tiny(by: By) -> None:
    """Tests every corner of the smallest dataset."""
    formulation, count = problem("tiny")
    check_equal(curve(formulation, count, by), plain_curve(formulation, count, by))


@pytest.mark.parametrize("number", [3, 4, 6, 7, 10, 11, 15, 19])
@pytest.mark.filterwarnings("ignore")  # of magnitudes and of sites without power, which wild instances are full of
def test_random_curves(number: int) -> None:
    """Tests every corner on some instances of ``benchmarks.agreement``, wild ones and of families."""
    formulation, by = formulate(make(0, number)), list(LIMIT)[number % 3]
    count = exports(formulation)
    check_equal(curve(formulation, count, by), plain_curve(formulation, count, by))


def main(pairs: str = "3", *cases: str) -> None:
    """Print the line of each case: medians of processor time, and of the ratio of pairs."""
    print(markdown(("curve", "corners", "runs, walk", "moved whole", "runs, plain", "walk s", "plain s", "ratio"), ()))
    for case in cases or CASES:
        *name, by = case.split()
        formulation, count = problem(*name)
        seconds = []
        for _ in range(int(pairs)):
            times, found = zip(*(_timed(each, formulation, count, by) for each in (curve, plain_curve)), strict=True)
            seconds.append((*times, times[1] / times[0]))
            check_equal(*found)
        walk, plain = found
        ours, theirs, ratio = (statistics.median(column) for column in zip(*seconds, strict=True))
        effort = f"{walk.runs} | {walk.moves:,} | {plain.runs}"
        print(f"| {case} | {len(walk.table)} | {effort} | {ours:.2f} | {theirs:.2f} | {ratio:.1f} |", flush=True)


def _timed(
    trace_by: Callable[[Formulation, Count, By], CeilingCurve], formulation: Formulation, count: Count, by: By
) -> tuple[float, CeilingCurve]:
    gc.collect()
    started = time.process_time()
    found = trace_by(formulation, count, by)
    return time.process_time() - started, found


if __name__ == "__main__":
    main(*sys.argv[1:])
