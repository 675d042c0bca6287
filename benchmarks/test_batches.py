"""Tests that batches are timed beside loops that agree with them."""

import pytest

import placer
from benchmarks import batches


@pytest.fixture(scope="module")
def sets():
    """Six demand sets."""
    return placer.DemandSets(placer.load("tiny"), count=6, seed=7)


@pytest.mark.slow
def test_sides_of_a_set_are_compared(sets):
    """Tests every available side."""
    lines = batches.each_set(placer.DemandSets(sets.instance, count=2, seed=7), pulp=1)
    assert [line.what.split(" over ")[0] for line in lines[1:]] == [
        "a set, placer without the base's prices",
        *(f"a set, {name}" for name in batches.loops()),
    ]


def test_sides_that_differ_are_refused():
    """Tests that no line is printed for answers that differ."""
    with pytest.raises(ValueError, match="set 3: HiGHS says 2, placer 1"):
        batches.agree(3, {batches.OURS: 1.0, batches.HIGHS: 2.0})


@pytest.mark.slow
def test_batch_is_timed_beside_its_sets(sets):
    """Tests overhead, workers and memory."""
    assert "6 sets" in batches.overhead(sets).what
    assert float(batches.workers(sets).figure) > 0
    assert batches.bounded(sets).figure == "none bounded"
    assert batches.memory(sets).figure.endswith("MB")
