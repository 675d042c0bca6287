"""Random plans by two ways."""

from __future__ import annotations

from benchmarks.plan_agreement import difference, main, make


def test_plans_agree(capsys):
    """Tests a few plans with and without a budget."""
    assert main(["--count", "3", "--seed", "1"]) == 0
    assert "3 plans" in capsys.readouterr().out


def test_states_that_may_cost_nothing_are_proven():
    """Tests a plan whose states cost 0 with enough builds, and 1e11 USD a year without any."""
    assert difference(make(0, 208)) < 1e-12
