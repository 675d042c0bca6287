"""Every phase on every side, as the suite times them."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from .families import FAMILIES
from .measure import PHASES, lacking, measure, noisy
from .subjects import reference_of

if TYPE_CHECKING:
    import placer

#: Phases that answer with a minimum cost or a sum of round trips.
COMPARED = ("routes", "solve", "end-to-end", "re-solve")
#: A size smaller than any that is timed: data centres, hubs, workloads and hours; or the nodes of a network.
SIZES = {"online": (2, 4, 3, 2), "tiers": (2, 4, 3, 2), "network": (100,)}
CASES = [(phase, side) for phase in PHASES for side in PHASES[phase].sides]


@functools.cache
def small(family: str) -> placer.Instance:
    """Return a small instance of a family."""
    return FAMILIES[family].build(SIZES[family], 0)


@pytest.mark.slow
@pytest.mark.parametrize(("phase", "side"), CASES)
def test_phase(benchmark: BenchmarkFixture, phase: str, side: str) -> None:
    """Tests that a phase runs and returns an answer where one is compared, and times it."""
    instance = small("network" if phase == "routes" else "online")
    if words := lacking(instance, side):
        pytest.skip(words)
    benchmark.group = phase
    timed = benchmark.pedantic(measure, [PHASES[phase].ready(instance, side)], rounds=1)
    assert timed.seconds > 0
    assert math.isnan(timed.answer.objective) == (phase not in COMPARED)


@pytest.mark.parametrize("phase", PHASES)
def test_reference(phase: str) -> None:
    """Tests that every phase has its reference side and a description."""
    assert reference_of("fleet", phase) in PHASES[phase].sides
    assert PHASES[phase].about


@pytest.mark.slow
@pytest.mark.parametrize("family", ["online", "tiers"])
def test_solving_again(family: str) -> None:
    """Tests that the instance with noise on demand is solved again, with the same cost on both sides."""
    instance = small(family)
    changed = noisy(instance).demand["mtok"] / instance.demand["mtok"]
    assert 0.05 < changed.std() < 0.15
    ours, theirs = (measure(PHASES["re-solve"].ready(instance, side)) for side in ("columns", "simplex"))
    assert ours.answer.objective == pytest.approx(theirs.answer.objective, rel=1e-9)
