"""From an answer of HiGHS to a proven placement with all its tables."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import placer
from placer.placement.result import TABLE_NAMES

from .peers.whole import make_tables
from .phases import stages


@pytest.mark.benchmark(group="interpret")
def test_tables(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that all tables of a placement without limits of its own have rows, and times making them."""
    placement = placer.solve(fleet)
    made = benchmark(make_tables, placement)
    assert all(len(made[name]) for name in TABLE_NAMES if name != "limits")


@pytest.mark.benchmark(group="interpret")
def test_stages(benchmark: BenchmarkFixture, fleet: placer.Instance) -> None:
    """Tests that the first answer is proven, and times solving and making all tables, with the share of each stage."""
    times, placement = benchmark.pedantic(stages, [fleet], rounds=1)
    benchmark.extra_info.update(vars(times))
    assert placement.certificate.proven
