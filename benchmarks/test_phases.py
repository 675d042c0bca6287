"""Every phase on every side, as the suite times them."""

from __future__ import annotations

import math

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from .families import build
from .measure import PHASES, lacking, measure, noisy, reference_of

#: Phases that answer with a minimum cost or a sum of round trips.
COMPARED = ("routes", "solve", "end-to-end", "re-solve")
CASES = [(phase, side) for phase in PHASES for side in PHASES[phase].sides]


@pytest.mark.parametrize(("phase", "side"), CASES)
def test_phase(benchmark: BenchmarkFixture, phase: str, side: str) -> None:
    """Tests that a phase runs and returns an answer where one is compared, and times it."""
    instance = build("network" if phase == "routes" else "online", "smoke")
    if words := lacking(instance, side):
        pytest.skip(words)
    benchmark.group = phase
    timed = benchmark.pedantic(measure, [PHASES[phase].ready(instance, side)], rounds=1)
    assert timed.seconds > 0
    assert math.isnan(timed.objective) == (phase not in COMPARED)


@pytest.mark.parametrize("phase", PHASES)
def test_reference(phase: str) -> None:
    """Tests that every phase has its reference side and a description."""
    assert reference_of(PHASES[phase]) in PHASES[phase].sides
    assert PHASES[phase].about


@pytest.mark.parametrize("family", ["online", "tiers"])
def test_solving_again(family: str) -> None:
    """Tests that the instance with noise on demand is solved again, with the same cost on both sides."""
    instance = build(family, "smoke")
    changed = noisy(instance).demand["mtok"] / instance.demand["mtok"]
    assert 0.05 < changed.std() < 0.15
    ours, theirs = (measure(PHASES["re-solve"].ready(instance, side)) for side in ("columns", "highs-simplex"))
    assert ours.objective == pytest.approx(theirs.objective, rel=1e-9)
