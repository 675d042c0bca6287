"""Sizes to run: only the smallest when benchmarks are disabled, as in an ordinary test run, otherwise up to medium."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

import pytest

from .families import FAMILIES, build

if TYPE_CHECKING:
    from collections.abc import Iterator

    import placer

_cached = functools.cache(build)

TIMED_SIZES = ["smoke", "small", "medium"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every benchmark on the sizes of the family that its fixture names."""
    option = metafunc.config.getoption
    smoke = option("benchmark_disable") and not option("benchmark_enable")
    for family in FAMILIES.values():
        if family.name in metafunc.fixturenames:
            sizes = ["smoke"] if smoke else TIMED_SIZES
            metafunc.parametrize(family.name, sizes, indirect=True)


@pytest.fixture(autouse=True)
def _numba_as_it_was() -> Iterator[None]:
    """Bring numba back: the peer ``columns-numpy`` hides it from its process."""
    before = sys.modules.get("numba")
    yield
    if before is not None:
        sys.modules["numba"] = before
    elif sys.modules.get("numba", before) is None:
        sys.modules.pop("numba", None)


@pytest.fixture
def fleet(request: pytest.FixtureRequest) -> placer.Instance:
    """Return a fleet of the size of the test."""
    return _cached("fleet", request.param)


@pytest.fixture
def network(request: pytest.FixtureRequest) -> placer.Instance:
    """Return a network of the size of the test."""
    return _cached("network", request.param)
