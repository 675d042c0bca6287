"""Costs of demand sets with steps of value within a gap, held against solving each set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.batch.bounding import BOUNDED, BOUNDS, bounded_rows
from placer.batch.consistency import is_consistent
from placer.batch.runner import solve_many
from placer.batch.stepped_bounds import SteppedSets, stepped_demands, what_is_left
from placer.model.formulation import formulate_offered
from tests.batch.executors import Inline, rows_of
from tests.effort import tries
from tests.home_and_abroad import home_and_abroad
from tests.paid_and_unpaid import paid_and_unpaid


@pytest.fixture(autouse=True)
def small_pool(monkeypatch):
    """A pool of three sets, so that few sets suffice."""
    monkeypatch.setattr(bounded_rows, "__defaults__", (replace(BOUNDS, pool=3),))


def objective(row):
    """Return what the bound is of."""
    return row["cost_usd"] + row["transfers_usd"] + row["penalty_usd"] + row["not_bought_usd"]


def check(sets, rows, gap):
    """Check that the interval of every row holds the least of its set and is as narrow as asked for."""
    for number, row in rows.items():
        most, exact = objective(row), placer.solve(sets[number], placer.HiGHS()).certificate.objective
        size = abs(most)
        assert row["bound_usd"] - 1e-9 * size <= exact <= most + 1e-9 * size
        assert most - row["bound_usd"] <= gap * size * (1 + 1e-9)
        assert is_consistent(row)


@pytest.mark.slow
def test_bounds_by_hand():
    """Tests 50 Mtok worth 6 USD and 50 worth 1 at 1.5 USD from abroad, and sets of more: half of each is bought."""
    steps = [{"mtok": 50.0, "value_usd_per_mtok": 6.0}, {"mtok": 50.0, "value_usd_per_mtok": 1.0}]
    instance = home_and_abroad(steps)
    sets = [instance.replace(demand=instance.demand.assign(mtok=100.0 + 2 * more)) for more in range(5)]
    rows = rows_of(solve_many(sets, executor=Inline(), bounds=1e-6))
    assert [rows[number]["status"] for number in range(5)] == ["optimal"] * 3 + [BOUNDED] * 2
    for number, row in rows.items():
        assert row["demand_mtok"] == row["not_bought_mtok"] == pytest.approx(50 + number)
        assert row["cost_usd"] == pytest.approx(1.5 * (50 + number))
        assert row["not_bought_usd"] == pytest.approx(50 + number)
        assert row["bound_usd"] == pytest.approx(2.5 * (50 + number))
    check(sets, rows, 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_intervals_hold_with_steps_and_charges(seed):
    """Tests sets around a random instance, with paid charges and a quota, of which some at least are bounded."""
    paid, _ = paid_and_unpaid(seed)
    quota = [{"policy": "q", "kind": "quota_mtok", "amount": 5.0, "from_region": "a"}]
    policies = [*paid.tables["policies"].to_dict("records"), *quota]
    elastic = paid.replace(policies=policies).with_elastic_demand(5.0, -1.1, between=(2.0, 40.0), steps=4)
    sets = placer.DemandSets(elastic, count=6, seed=seed)
    rows = rows_of(solve_many(sets, executor=Inline(), bounds=5e-2))
    assert BOUNDED in {row["status"] for row in rows.values()}
    check(sets, rows, 5e-2)


@pytest.mark.slow
def test_one_step_at_the_penalty_is_bounded_as_without():
    """Tests that what is not bought is what would be unserved at the same penalty."""
    plain, _ = paid_and_unpaid(1)
    stepped = plain.replace(demand=plain.demand.assign(value_usd_per_mtok=60.0))
    found, without = (
        rows_of(solve_many(placer.DemandSets(each, count=5, seed=2), executor=Inline(), bounds=1e-3))
        for each in (stepped, plain)
    )
    for number, row in found.items():
        other = without[number]
        assert row["bound_usd"] <= (other["cost_usd"] + other["transfers_usd"] + other["penalty_usd"]) * (1 + 1e-9)
        assert other["bound_usd"] <= objective(row) * (1 + 1e-9)


def test_a_pool_that_does_not_suffice_has_no_answers():
    """Tests a limit of at least 5 Mtok at home where the pool sends all abroad, and the pool that sends to both."""
    asked = [{"limit": "home", "kind": "tokens", "sense": ">=", "amount": 5.0, "data_centre": "own"}]
    steps = [{"mtok": 10.0, "value_usd_per_mtok": 6.0}, {"mtok": 10.0, "value_usd_per_mtok": 5.0}]
    base = formulate_offered(home_and_abroad(steps, limits=asked))
    own, far = (np.flatnonzero(base.structure.arc_site == place) for place in (0, 1))
    assert not list(SteppedSets(base, far).answers(base.structure))
    assert len(list(SteppedSets(base, np.concatenate([own, far])).answers(base.structure))) > 0


def test_parts():
    """Tests which demands have steps, and what is left of them."""
    instance = home_and_abroad([{"mtok": 3.0, "value_usd_per_mtok": 6.0}, {"mtok": 1.0, "value_usd_per_mtok": 1.0}])
    structure = formulate_offered(instance).structure
    assert stepped_demands([instance], 0).tolist() == [True]
    left, penalty = what_is_left(structure, np.array([True]), np.array([2.0]))
    assert (left, penalty) == ({"not_bought_mtok": 2.0, "not_bought_usd": 7.0}, 0.0)
    assert what_is_left(structure, np.array([False]), np.array([2.0])) == ({}, 7.0)
