"""Secure programs of one structure: penalties that rise until no more strands than must, and too large programs."""

from __future__ import annotations

import pytest

import placer
from placer.security import solving


def test_the_penalty_rises_until_no_more_strands_than_must(a1, monkeypatch):
    """Tests that a penalty below the price of security is found out, and raised."""
    monkeypatch.setattr(solving, "penalty_usd", lambda _: 0.5)
    placement = placer.solve(a1, security=placer.Security())
    assert (placement.secure.penalty, placement.cost_usd) == pytest.approx((15.0, 555.0))
    monkeypatch.setattr(solving, "penalty_usd", lambda _: 1e-6)
    with pytest.raises(placer.NoSolutionError, match="more than need to"):
        placer.solve(a1, security=placer.Security())


def test_too_large(a1, monkeypatch):
    """Tests that a program that does not fit into memory is an error before it is built."""
    monkeypatch.setattr("placer.solvers.memory.free_bytes", lambda: 9_000.0)
    with pytest.raises(placer.NoSolutionError, match="the secure program of 1 contingencies needs"):
        placer.solve(a1, security=placer.Security())
