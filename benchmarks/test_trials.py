"""Tests of the count of trials."""

from benchmarks.trials import Trials


def test_failures_are_counted_and_listed():
    """Tests the line of trials, and a line for each failure."""
    assert str(Trials("a", 3)) == "a: 3 tries, 0 failed"
    assert str(Trials("a", 1, said="an answer")) == "a: 1 tries, 0 failed: an answer"
    failed = Trials("a", 3, ("lost", "hung"))
    assert str(failed) == "a: 3 tries, 2 failed\nlost\nhung"
    assert not failed.survived
    assert Trials("a", 3).survived
