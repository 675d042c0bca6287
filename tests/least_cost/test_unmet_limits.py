"""Tests for limits that no placement can meet: they are named with the least change that would."""

import re

import pytest

import placer
from placer.least_cost.unmet_limits import may_be_impossible, unmet_limits
from placer.model.formulation import formulate
from tests.model.pools_by_hand import NEW, mode, pooled

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


@pytest.mark.slow
@pytest.mark.parametrize("hours", [None, "each"])
def test_a_green_share_is_told_as_high_as_can_be(make_instance, hours):
    """Tests that a green share is possible as told, by hand, and not a little above.

    All 28 Mtok must run, as many limits say. Y can serve 4 Mtok an hour with power that is green to 50 %; at X 6 MWh an
    hour are green. So 8 of 16 Mtok can be green in hour 0 and 8 of 12 in hour 1. Hour 2 has no work, and no share.
    """
    amounts = enumerate((16.0, 12.0, 0.0))
    work = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in amounts]
    all_of_it = {"kind": "share", "sense": ">=", "amount": 1.0, "workload": "w"}
    green = {"limit": "green", "kind": "green_share", "sense": ">=", "amount": 0.9, "hours": hours}
    supplies = [
        {"power_zone": "zx", "data_centre": "X"},
        {"power_zone": "zy", "data_centre": "X", "limit_mw": 6.0, "green": 1.0},
        {"power_zone": "zy", "data_centre": "Y", "green": 0.5},
    ]
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 4.0}]
    rows = [green, *({"limit": f"all {place}"} | all_of_it for place in range(8))]
    instance = make_instance(demand=work, supplies=supplies, data_centres=centres, limits=rows)
    ((limit, possible),) = unmet_limits(formulate(instance))
    assert (limit.title, possible) == ("green", pytest.approx(8 / 16 if hours else 16 / 28, rel=2e-6))
    told = re.search(r"could be met with amount ([\d.]+)$", _error(instance))
    assert placer.solve(instance.replace(limits=[green | {"amount": float(told[1])}, *rows[1:]])).certificate.proven
    _error(instance.replace(limits=[green | {"amount": float(told[1]) + 1e-4}, *rows[1:]]))


def test_limits_of_at_most_are_always_possible(make_instance):
    """Tests that demand stays unserved under limits of at most an amount, and nothing is relaxed."""
    limited = formulate(make_instance(limits=[LEAST | {"sense": "<=", "amount": 0.0}]))
    assert not may_be_impossible(limited)
    assert unmet_limits(limited) == []
    assert may_be_impossible(formulate(make_instance(limits=[LEAST])))


@pytest.mark.slow
def test_a_limit_that_blocks_cannot_meet_together(make_instance):
    """Tests that the limit is named likewise where blocks are solved apart: 10 Mtok an hour, of weights 3 and 2."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0} for hour in range(2)]
    periods = [{"hour": 0, "weight": 3.0, "block": "a"}, {"hour": 1, "weight": 2.0, "block": "b"}]
    instance = make_instance(demand=demand, periods=periods, limits=[LEAST | {"amount": 60.0}])
    assert "limit 'use X' (tokens >= 60) could be met with amount 50" in _error(instance, placer.ColumnGeneration())


def test_a_pool_is_no_limit_to_change():
    """Tests that 105 accelerator-hours where only the hundred new ones may run are possible with 100, at any pool."""
    least = {"limit": "use hall", "kind": "accelerator_hours", "sense": ">=", "amount": 105.0, "data_centre": "hall"}
    demand = [{"workload": "chat", "hub": "users", "mtok": 120.0}]
    instance = pooled(demand=demand, modes=[mode(NEW)]).replace(limits=[least])
    assert "limit 'use hall' (accelerator_hours >= 105) could be met with amount 100" in _error(instance)
    assert placer.solve(instance.replace(limits=[least | {"amount": 100.0}])).served_mtok == pytest.approx(100.0)
