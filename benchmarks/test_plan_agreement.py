"""Random plans by two ways."""

from __future__ import annotations

import pytest

from benchmarks.plan_agreement import main, make


@pytest.mark.slow
def test_plans_agree(capsys):
    """Tests a few plans, with and without a budget."""
    assert main(["--count", "3", "--seed", "1"]) == 0
    assert "3 plans, 0 wrong" in capsys.readouterr().out


@pytest.mark.slow
def test_draws_have_steps_and_policies():
    """Tests that some plans have steps of demand, some have policies, and others have neither."""
    drawn = [make(0, number).instance for number in (0, 1, 4)]
    found = [(len(each.demand_steps) > 0, len(each.tables["policies"]) > 0) for each in drawn]
    assert found == [(False, True), (False, False), (True, False)]


def test_demand_that_solvers_take_for_nothing_is_in_no_state():
    """Tests a draw of four factors, of which one makes 7e-10 Mtok of the least demand."""
    states = make(267679, 165).states
    assert len(states.names) == 3
