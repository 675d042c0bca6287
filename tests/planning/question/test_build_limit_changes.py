"""The least change of build limits."""

from __future__ import annotations

import pickle

import pytest

from placer.errors import InfeasibleBuildLimitsError
from placer.planning.question.build_limit_changes import check_build_limits


@pytest.mark.slow
def test_the_least_change_by_hand(make_program_of_plan):
    """Tests that a budget of less than nothing must be raised to 0, and limits that can be kept pass."""
    check_build_limits(make_program_of_plan(0))
    check_build_limits(make_program_of_plan(0, limits={"budget_usd_year": 0.0}))
    with pytest.raises(InfeasibleBuildLimitsError, match="upper of 'budget_usd_year': 0 in place of -5") as raised:
        check_build_limits(make_program_of_plan(0, limits={"budget_usd_year": -5.0}))
    assert raised.value.changes[0].needed == pytest.approx(0, abs=1e-9)
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - from this test
    assert str(again) == str(raised.value)


def test_a_limit_of_at_least_more_than_can_be_built(make_program_of_plan):
    """Tests the lower side: all candidates at their most units cost what the limit must be lowered to."""
    problem = make_program_of_plan(0, limits=[{"limit": "budget_usd_year", "sense": ">=", "amount": 1e15}])
    with pytest.raises(InfeasibleBuildLimitsError) as raised:
        check_build_limits(problem)
    (change,) = raised.value.changes
    assert change.side == "lower"
    assert change.needed == pytest.approx(float(problem.cost @ problem.most), rel=1e-6)


@pytest.mark.slow
def test_both_sides_of_a_range_are_rows_of_their_own(make_program_of_plan):
    """Tests that a range beyond all that can be built is told by its lower side, and one below nothing by its upper."""
    for least, most, side in ((1e15, 2e15, "lower"), (-9.0, -5.0, "upper")):
        rows = [
            {"limit": "budget_usd_year", "sense": sense, "amount": amount}
            for sense, amount in ((">=", least), ("<=", most))
        ]
        with pytest.raises(InfeasibleBuildLimitsError) as raised:
            check_build_limits(make_program_of_plan(0, limits=rows))
        assert [change.side for change in raised.value.changes] == [side]
