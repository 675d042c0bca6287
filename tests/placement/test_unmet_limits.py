"""Tests for limits that no placement can meet: they are named with the least change that would."""

import pytest

import placer
from placer.model.formulation import formulate
from placer.placement.unmet_limits import may_be_impossible, unmet_limits

LEAST = {"limit": "use X", "kind": "tokens", "sense": ">=", "amount": 40.0, "data_centre": "X"}


def _error(instance, solver=None):
    with pytest.raises(placer.NoSolutionError) as caught:
        placer.solve(instance, solver)
    assert str(caught.value.reason) == "infeasible"
    return str(caught.value)


@pytest.mark.parametrize("solver", [None, placer.ColumnGeneration()])
def test_a_limit_beyond_all_demand(make_instance, solver):
    """Tests that 40 of 16 Mtok cannot run at X, and that 16 can."""
    instance = make_instance(limits=[LEAST])
    assert "limit 'use X' (tokens >= 40) could be met with amount 16" in _error(instance, solver)
    assert placer.solve(instance.replace(limits=[LEAST | {"amount": 16.0}])).cost_usd == pytest.approx(16 * 50)


def test_limits_that_exclude_each_other(make_instance):
    """Tests that at least 10 and at most 4 at X are told apart, by the smaller change for its size."""
    most = {"limit": "spare X", "kind": "tokens", "sense": "<=", "amount": 4.0, "data_centre": "X"}
    told = _error(make_instance(limits=[LEAST | {"amount": 10.0}, most]))
    assert "this limit" in told
    assert "could be met with amount" in told


def test_a_green_share_that_supplies_cannot_give(make_instance):
    """Tests that half of the power green is impossible where work must run and none is; serving nothing is no use."""
    rows = [
        {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 0.5},
        LEAST | {"amount": 5.0},
    ]
    supplies = [{"power_zone": "zx", "data_centre": "X"}, {"power_zone": "zy", "data_centre": "Y", "green": 0.9}]
    instance = make_instance(limits=rows, supplies=supplies)
    assert placer.solve(instance).certificate.proven
    dark = instance.replace(supplies=[{"power_zone": "zx", "data_centre": "X"}])
    assert "no placement can meet" in _error(dark)


def test_limits_of_at_most_are_always_possible(make_instance):
    """Tests that demand stays unserved under limits of at most an amount, and nothing is relaxed."""
    limited = formulate(make_instance(limits=[LEAST | {"sense": "<=", "amount": 0.0}]))
    assert not may_be_impossible(limited)
    assert unmet_limits(limited) == []
    assert may_be_impossible(formulate(make_instance(limits=[LEAST])))


def test_a_limit_that_blocks_cannot_meet_together(make_instance):
    """Tests that the limit is named likewise where blocks are solved apart: 10 Mtok an hour, of weights 3 and 2."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0} for hour in range(2)]
    periods = [{"hour": 0, "weight": 3.0, "block": "a"}, {"hour": 1, "weight": 2.0, "block": "b"}]
    instance = make_instance(demand=demand, periods=periods, limits=[LEAST | {"amount": 60.0}])
    assert "limit 'use X' (tokens >= 60) could be met with amount 50" in _error(instance, placer.ColumnGeneration())
