"""Smoke test of the year: two days, with and without a cap, in this process."""

from __future__ import annotations

from benchmarks.year import measure


def test_two_days_are_proven():
    """Tests the rows of two days."""
    build, free, capped = measure(days=2, workers=1, cap=0.97)
    assert build["what"] == "build"
    assert free["columns"] == capped["columns"] > 800_000
    assert free["verdict"] == capped["verdict"] == "proven"
    assert free["ties"] == "proven"
    assert capped["cost_usd"] > free["cost_usd"]
