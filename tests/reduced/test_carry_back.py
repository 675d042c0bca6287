"""Answers of merged instances carried back: the interval contains the least cost, and placements keep every limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.ladder.proven import SolverChoice
from placer.reduced import carried as carried_module
from tests.effort import tries
from tests.model.modes_by_hand import FAST, MIDDLE, modes
from tests.route_networks import build

#: Limits, policies and surcharges that name places, for the random instances.
LIMITS = [
    {"limit": "few at D0", "kind": "tokens", "sense": "<=", "amount": 9.0, "data_centre": "D0"},
    {
        "limit": "some in w",
        "kind": "share",
        "sense": ">=",
        "amount": 0.05,
        "of": "asked",
        "hub": "H0|H1",
        "region": "w",
    },
    {"limit": "each hour", "kind": "energy_mwh", "sense": "<=", "amount": 12.0, "region": "e", "hours": "each"},
]
POLICIES = [
    {"policy": "duty", "kind": "tariff_usd_per_mtok", "amount": 1.0, "from_region": "w", "to_region": "e"}
    | {"paid_to": "importer"},
    {"policy": "quota", "kind": "quota_mtok", "amount": 20.0, "from_region": "e"},
]


def kept(instance, places):
    """Return the least number of places that the instance may be merged into."""
    with pytest.raises(placer.InstanceError) as raised:
        getattr(instance, f"merge_{places}")(0)
    return int(raised.value.violations[0].allowed.split()[4])


def assert_contains(small, **given):
    """Assert that the placement is feasible, and that the least cost of the whole lies within the interval."""
    found = placer.carry_back(small, **given)
    least = placer.solve(small.whole, tie_break=None).certificate.objective
    close = 1e-7 * max(abs(least), 1.0)
    certificate = found.placement.certificate
    assert certificate.feasible
    assert found.lower_usd <= least + close
    assert least <= found.upper_usd + close
    assert found.laid_usd <= found.lower_usd + close
    assert found.placement.termination.reason == ("optimal" if certificate.proven else "iteration limit")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(10, 200)))
def test_interval_contains_the_least_cost(make_random_instance, seed):
    """Tests random instances with every kind of limit, merged as far as they may be."""
    instance = make_random_instance(seed)
    random = np.random.default_rng(seed)
    if random.random() < 0.5:
        instance = instance.replace(limits=LIMITS)
    if random.random() < 0.5:
        instance = instance.replace(policies=POLICIES)
    small = instance.merge_hubs(kept(instance, "hubs"))
    assert_contains(small.merge_data_centres(kept(instance, "data_centres")), gap=random.choice([1e-1, 1e-3, 1e-6]))


@pytest.mark.parametrize("seed", range(tries(6, 60)))
def test_all_places_change_nothing(make_random_instance, seed):
    """Tests that merging to all hubs and all data centres gives the least cost, proven."""
    instance = make_random_instance(seed)
    found = assert_contains(instance.merge_hubs(3).merge_data_centres(4), gap=1e-6)
    assert found.placement.certificate.proven
    assert found.upper_usd == pytest.approx(found.reduced_placement.certificate.objective)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 40)))
def test_merged_demands_of_large_structures(make_random_instance, monkeypatch, seed):
    """Tests the same where every structure counts as large, and demands that are nearly alike are merged."""
    monkeypatch.setattr(carried_module, "BY_SIZE", SolverChoice(large_from=0))
    assert_contains(make_random_instance(seed).merge_hubs(2), gap=0.02)


@pytest.mark.parametrize("seed", range(tries(3, 40)))
def test_several_routes(seed):
    """Tests networks with narrow links and up to three routes for each pair."""
    instance = build(seed, routes=3)
    small = instance.merge_hubs(kept(instance, "hubs"))
    assert_contains(small.merge_data_centres(kept(instance, "data_centres")))


@pytest.mark.slow
def test_modes_and_pools(make_instance):
    """Tests workloads in modes, and data centres with pools of two types, merged into one."""
    found = assert_contains(modes([MIDDLE, FAST]).merge_hubs(kept(modes([MIDDLE, FAST]), "hubs")))
    assert found.placement.certificate.proven
    pools = [
        {"data_centre": site, "accelerator_type": kind, "accelerators": count}
        for site, kind, count in (("X", "a", 4.0), ("X", "b", 3.0), ("Y", "b", 5.0), ("Y", "a", 2.0))
    ]
    sites = [{"data_centre": site, "region": "east", "accelerator_usd_per_hour": 4.0} for site in "XY"]
    assert_contains(make_instance(data_centres=sites, accelerator_pools=pools).merge_data_centres(1))


def test_weights_and_blocks(make_random_instance):
    """Tests an instance whose hours count several times and stand in blocks."""
    instance = make_random_instance(3)
    periods = [{"hour": hour, "weight": 1.0 + (hour > 1), "block": "a" if hour < 2 else "b"} for hour in range(5)]
    assert_contains(instance.replace(periods=periods, cyclic=True, carbon_limit_kg=1e6).merge_hubs(2))


def test_what_no_placement_meets(make_random_instance):
    """Tests that limits that the smaller instance cannot meet are an error that says so."""
    limit = {"limit": "much", "kind": "tokens", "sense": ">=", "amount": 1e6, "data_centre": "D0"}
    small = make_random_instance(1).replace(limits=[limit]).merge_hubs(2)
    with pytest.raises(placer.NoSolutionError, match=r"the smaller instance: .*much"):
        placer.carry_back(small)


def test_arguments_are_refused(make_random_instance):
    """Tests what is no reduction, no gap, no number of workers and no solver."""
    small = make_random_instance(1).merge_hubs(2)
    with pytest.raises(placer.ArgumentError, match="expected a smaller instance"):
        placer.carry_back(small.whole)
    for gap in (0.0, 1.0, -1.0, float("nan"), "1e-3", True):
        with pytest.raises(placer.ArgumentError, match="gap"):
            placer.carry_back(small, gap=gap)
    with pytest.raises(placer.SolverError):
        placer.carry_back(small, workers=0)
    with pytest.raises(placer.SolverError):
        placer.carry_back(small, "fastest")


@pytest.mark.slow
def test_time_limit():
    """Tests that no time is an error with the reason."""
    with pytest.raises(placer.NoSolutionError) as raised:
        placer.carry_back(placer.load("china").merge_hubs(20), time_limit_seconds=1e-9)
    assert raised.value.reason is placer.Reason.TIME_LIMIT


def test_demand_with_steps_is_solved_for_first():
    """Tests the error of an instance that got its steps after it was merged."""
    tiny = placer.load("tiny")
    elastic = tiny.with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=3)
    small = tiny.merge_hubs(2)
    with pytest.raises(placer.InstanceError, match="demand with steps is solved for first"):
        placer.carry_back(placer.Reduced(elastic, small.instance, small.hub, small.data_centre, small.hour))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 200)))
def test_days_are_carried_back(make_days, seed):
    """Tests representative days of merged hubs, and of the instance itself, with a cap that all days share."""
    whole = make_days(seed, carbon_limit_kg=float(np.random.default_rng(seed).choice([2e5, np.inf])))
    assert_contains(whole.representative_days(2), gap=1e-6)
    assert_contains(whole.merge_hubs(2).representative_days(3, extremes="peak demand"))
    assert assert_contains(whole.representative_days(4), gap=1e-6).gap < 1e-6


@pytest.mark.slow
def test_work_waits_past_midnight_in_the_whole(make_days):
    """Tests a whole of one block, whose work may wait until the next day, and its days, where it may not."""
    whole = make_days(0)
    hours = pd.date_range("2026-01-01", periods=len(whole.hours), freq="288min")
    stamps = dict(zip(whole.hours, hours, strict=True))
    demand = whole.demand.assign(hour=whole.demand["hour"].map(stamps))
    one = whole.replace(demand=demand, periods=[], hour_length=4.8)
    small = one.representative_days(2)
    assert (one.blocks.max(), small.instance.blocks.max()) == (0, 1)
    assert_contains(small)


def test_weights_that_do_not_sum_are_listed(make_days):
    """Tests a smaller instance made by hand, whose hours do not count as often as those that they stand for."""
    small = make_days(0).representative_days(2)
    periods = small.instance.periods
    wrong = replace(small, instance=small.instance.replace(periods=periods.assign(weight=[5.0] * 5 + [1.0] * 5)))
    with pytest.raises(placer.InstanceError) as raised:
        placer.carry_back(wrong)
    assert {each.row for each in raised.value.violations} >= {"0", "4"}
    assert raised.value.violations[0].problem == "5"
