"""The benchmark of plans, on a small network."""

from __future__ import annotations

from benchmarks.plan import by_extensive_form, by_plain_benders, by_search, main, small


def test_all_ways_find_the_same_cost(capsys):
    """Tests that the search, the extensive form and plain Benders agree, and the quick run prints a line for each."""
    problem = small(3)
    costs = [way(problem)[0] for way in (by_search, by_extensive_form, by_plain_benders)]
    assert max(costs) - min(costs) <= 2e-6 * max(costs)
    assert main(["--quick"]) == 0
    assert "plain Benders" in capsys.readouterr().out
