"""Tests of the count of surviving batches; the tests of batches cover survival itself."""

from benchmarks.survival import by_number, outcome


def row(number, cost=1.0, status="optimal"):
    """Return a row of a batch."""
    return {"number": number, "status": status, "cost_usd": cost, "seconds": cost / 7}


def test_what_nothing_happened_to_has_survived():
    """Tests that order and seconds do not matter."""
    calm, _ = by_number([row(0), row(1)])
    found = outcome("batch", *by_number([row(1), row(0)]), calm, 3)
    assert found.survived
    assert (found.sets, found.kills) == (2, 3)


def test_lost_doubled_changed_and_unsolved_rows_are_counted():
    """Tests one row of each."""
    calm, _ = by_number([row(number) for number in range(4)])
    rows = [row(0), row(0), row(1, cost=2.0), row(2, status="worker died")]
    found = outcome("batch", *by_number(rows), calm, 0)
    assert (found.lost, found.doubled, found.changed, found.unsolved) == (1, 1, 2, 1)
    assert not found.survived
