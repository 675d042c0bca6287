"""Costs of demand sets within a gap, held against HiGHS on the whole program of every set."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.batch import bounding as module
from placer.batch.bounding import BOUNDED, BOUNDS, PRICES, bounded_rows, solved_figures
from placer.batch.consistency import is_consistent
from placer.batch.identity import settings_of
from placer.batch.job import Job
from placer.batch.runner import solve_many
from placer.batch.store import Store
from placer.errors import BatchError
from placer.model.formulation import formulate
from placer.running import seconds_left
from tests.batch.executors import Inline, rows_of
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad
from tests.model.modes_at_random import with_random_modes
from tests.model.pools_at_random import with_random_pools
from tests.paid_and_unpaid import paid_and_unpaid

GAP = 1e-4


@pytest.fixture
def small_pool(monkeypatch):
    """A pool of three sets, so that few sets suffice."""
    small = replace(BOUNDS, pool=3)
    monkeypatch.setattr(bounded_rows, "__defaults__", (small,))
    return small


def least(instance):
    """Return the least cost, transfers and penalty, from HiGHS on the whole program."""
    placement = placer.solve(instance, placer.HiGHS())
    return placement.cost_usd + placement.transfers_usd + placement.penalty_usd


def check(sets, rows, gap):
    """Check that the interval of every row holds the least cost and is as narrow as asked for."""
    for number, row in rows.items():
        most, exact = row["cost_usd"] + row["transfers_usd"] + row["penalty_usd"], least(sets[number])
        size = abs(most)  # negative prices of power may pay for the rest
        assert row["bound_usd"] - 1e-9 * size <= exact <= most + 1e-9 * size
        assert most - row["bound_usd"] <= gap * size * (1 + 1e-9)
        assert row["gap"] <= gap
        assert PRICES not in row


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
def test_intervals_hold_the_least_cost_of_every_set(sets):
    rows = rows_of(solve_many(sets, executor=Inline(), bounds=GAP))
    assert sorted(rows) == list(range(12))
    assert {row["status"] for number, row in rows.items() if number < 3} == {"optimal"}
    assert BOUNDED in {row["status"] for row in rows.values()}
    check(sets, rows, GAP)


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
@settings(max_examples=tries(2, 40), deadline=None)
@given(seed=st.integers(0, 10_000), gap=st.sampled_from([1e-2, 1e-3, 1e-6]))
def test_intervals_hold_for_any_seed_and_gap(seed, gap):
    sets = placer.DemandSets(placer.load("tiny"), count=6, seed=seed)
    check(sets, rows_of(solve_many(sets, executor=Inline(), bounds=gap)), gap)


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
@pytest.mark.parametrize("seed", range(tries(2, 30)))
def test_intervals_hold_on_random_instances(make_random_instance, seed):
    sets = placer.DemandSets(make_random_instance(seed), count=6, seed=seed)
    check(sets, rows_of(solve_many(sets, executor=Inline(), bounds=GAP)), GAP)


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
def test_rows_are_the_same_in_any_executor(sets):
    with ThreadPoolExecutor(2) as threads:
        found = rows_of(solve_many(sets, executor=threads, workers=2, bounds=GAP))
    assert found == rows_of(solve_many(sets, executor=Inline(), bounds=GAP))


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
def test_a_store_is_resumed_with_the_same_rows(sets, path):
    named = settings_of(sets, ["cost"], bounds=GAP)
    with Store.create(path, named) as store:
        rows = solve_many(sets, executor=Inline(), store=store, bounds=GAP)
        for _ in range(5):
            next(rows)
    with Store.resume(path, named) as store:
        found = rows_of(solve_many(sets, executor=Inline(), store=store, bounds=GAP))
    assert found == rows_of(solve_many(sets, executor=Inline(), bounds=GAP))


@pytest.mark.slow
def test_few_sets_are_all_solved(few):
    assert {row["status"] for row in solve_many(few, executor=Inline(), bounds=GAP)} == {"optimal"}


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
def test_sets_with_other_costs_are_solved(sets):
    """Tests that instances that differ in more than the amounts of demand are not bounded."""
    others = [sets[number].replace(carbon_usd_per_kg=0.01 * number) for number in range(5)]
    rows = rows_of(solve_many(others, executor=Inline(), bounds=GAP))
    assert {row["status"] for row in rows.values()} == {"optimal"}


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
def test_a_set_whose_gap_is_missed_is_solved(sets, monkeypatch):
    monkeypatch.setattr(module, "bounded_figures", lambda *_: None)
    rows = rows_of(solve_many(sets, executor=Inline(), bounds=GAP))
    assert {row["status"] for row in rows.values()} == {"optimal"}


def test_no_set_of_the_pool_solved_leaves_the_others_to_be_solved(sets):
    job = Job(sets, ("cost",), (), 60.0)

    def run(asked, numbers):
        for number in numbers:
            failed = number < 3
            yield {"number": number, "status": "failed"} if failed else {"number": number} | asked.figures(number)

    rows = rows_of(bounded_rows(run, job, sets.instance, GAP, range(4), replace(BOUNDS, pool=3)))
    assert "cost_usd" in rows[3]
    assert "bound_usd" in rows[3]


@pytest.mark.parametrize("axis", ["klass", "origin"])
def test_prices_of_sets_with_more_workloads_or_hubs_do_not_suit(sets, axis):
    """Tests that the pool leaves out a set whose placement uses columns that the base has no place for."""
    found, structure = solved_figures(Job(sets, ("cost",), (), 60.0), 0)[PRICES], formulate(sets.instance).structure
    assert found.suit(structure)
    beyond = {axis: getattr(found.used, axis) + max(structure.classes, structure.origins)}
    assert not replace(found, used=replace(found.used, **beyond)).suit(structure)


@pytest.mark.parametrize("gap", [0.0, 1.0, -1e-4, float("nan"), True, "0.1"])
def test_bounds_that_are_no_gap_are_refused(sets, gap):
    with pytest.raises(BatchError, match="not a relative gap"):
        next(solve_many(sets, executor=Inline(), bounds=gap))


def test_analyses_that_need_the_least_placement_are_refused(sets):
    with pytest.raises(BatchError, match="which ceiling needs"):
        next(solve_many(sets, ["cost", "ceiling"], executor=Inline(), bounds=GAP))


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
def test_all_tries_of_a_set_share_one_time_limit(sets, monkeypatch):
    """Tests that the limit is counted from the first try on, and not anew for each."""
    left = []
    monkeypatch.setattr(module, "_answers", lambda *_: left.append(seconds_left()) or iter(()))
    rows = rows_of(solve_many(sets, executor=Inline(), bounds=GAP, time_limit_seconds=50.0))
    assert {row["status"] for row in rows.values()} == {"optimal"}
    assert all(0.0 < each <= 50.0 for each in left)
    assert len(left) == len(sets) - 3


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_intervals_hold_with_charges_that_a_region_is_paid(seed):
    """Tests that bounded costs leave transfers out, which are in the bound, and that a store would take the rows."""
    paid, _ = paid_and_unpaid(seed)
    sets = placer.DemandSets(paid, count=6, seed=seed)
    rows = rows_of(solve_many(sets, executor=Inline(), bounds=1e-2))
    check(sets, rows, 1e-2)
    assert all(is_consistent(row) for row in rows.values())


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
def test_transfers_by_hand():
    """Tests a tariff of 1.4 on all imports: each Mtok costs 1.5, and 1.4 of transfers, in solved sets and bounded.

    The sets have 60 to 64 Mtok, so that the prices of any prove the costs of all.
    """
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 1.4, "to_region": "home", "paid_to": "importer"}
    workload = {"unserved_usd_per_mtok": 6}
    sets = [home_and_abroad([{"mtok": 60.0 + more}], workload=workload, policies=[tariff]) for more in range(5)]
    rows = rows_of(solve_many(sets, executor=Inline(), bounds=GAP))
    assert [rows[number]["status"] for number in range(5)] == ["optimal"] * 3 + [BOUNDED] * 2
    for number, row in rows.items():
        assert row["cost_usd"] == pytest.approx(1.5 * (60 + number))
        assert row["transfers_usd"] == pytest.approx(1.4 * (60 + number))
        assert row["bound_usd"] == pytest.approx(2.9 * (60 + number))


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
@pytest.mark.parametrize("seed", range(tries(1, 10)))
def test_intervals_hold_over_modes(make_random_instance, seed):
    """Tests the intervals of sets whose workloads have modes."""
    sets = placer.DemandSets(with_random_modes(make_random_instance(seed), seed), count=5, seed=seed)
    check(sets, rows_of(solve_many(sets, executor=Inline(), bounds=GAP)), GAP)


@pytest.mark.slow
@pytest.mark.usefixtures("small_pool")
@pytest.mark.parametrize("seed", range(tries(1, 10)))
def test_intervals_hold_over_pools_of_accelerators(make_random_instance, seed):
    """Tests the intervals of sets whose data centres have pools of accelerators."""
    sets = placer.DemandSets(with_random_pools(make_random_instance(seed), seed), count=5, seed=seed)
    check(sets, rows_of(solve_many(sets, executor=Inline(), bounds=GAP)), GAP)
