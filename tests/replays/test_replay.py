"""Tests of replays: regret is at least 0, and 0 where a rule knows the day; sums; processes; rules that are wrong."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.replays.job import replayed_day
from placer.replays.rules import RULES, cheapest_rule
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad

COLUMNS = ["cost_and_penalty_usd", "regret_share", "unserved_share", "expired_share"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(12, 500)))
def test_regret_is_at_least_0(seed, make_random_history):
    """Tests every rule on random days with random counts, in random order."""
    instance, history = make_random_history(seed)
    found = placer.replay(instance, history, list(RULES), days=[1], substeps=3, order="random", dispersion=2.0)
    assert (found.days["regret_share"] >= -1e-9).all()
    total = found.days[["cost_usd", "penalty_usd", "waiting_usd"]].sum(axis=1)
    assert found.days["cost_and_penalty_usd"].to_numpy() == pytest.approx(total.to_numpy())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(5, 50)))
def test_nothing_is_lost_where_the_day_is_known_and_nothing_is_tight(seed, make_random_history):
    """Tests 0 for rules at the prices of the day itself, with room for all."""
    instance, history = make_random_history(seed, plenty=True)
    found = placer.replay(instance, history, ["plan", "rents"], forecast="perfect", substeps=2)
    assert found.days["regret_share"].to_numpy() == pytest.approx(0.0, abs=1e-9)


def test_one_step_equals_the_naive_rules(two_sites):
    """Tests that a day of one step, strict work first, costs what the naive rules of the instance cost."""
    history = placer.History.of_table(pd.DataFrame([{"class": "all", "step": 0, "requests": 1.0}]), step_minutes=1440)
    around = placer.DemandHistory(history, two_sites, {"flexible": "all", "strict": "all"}, reference_days=1)
    found = placer.replay(two_sites, around, ["nearest", "cheapest"], substeps=1, order="strict_first").days
    for name in ("nearest", "cheapest"):
        own = getattr(placer.baselines, name)(two_sites)
        assert found.loc[(name, 0, 0), "cost_and_penalty_usd"] == pytest.approx(own.cost_and_penalty_usd)
        assert found.loc[(name, 0, 0), "least_cost_usd"] == pytest.approx(22.0)


@pytest.mark.slow
def test_work_that_nothing_reaches_is_unserved(make_random_history):
    """Tests that every rule leaves all of it, work that waits too, as the least cost does."""
    instance, history = make_random_history(2)
    far = instance.replace(workloads=instance.workloads.assign(latency_slo_ms=1.0))
    for deadline_hours in (0.0, 6.0):
        cut_off = far.replace(workloads=far.workloads.assign(deadline_hours=deadline_hours))
        found = placer.replay(cut_off, history, list(RULES), days=[0], substeps=1)
        lost_mtok = found.workloads["unserved_mtok"] + found.workloads["waiting_mtok"]
        assert lost_mtok.to_numpy() == pytest.approx(found.workloads["demand_mtok"].to_numpy())
        assert found.days["regret_share"].tolist() == pytest.approx([0.0] * len(RULES), abs=1e-9)


@pytest.mark.slow
def test_demand_is_that_of_the_history(make_random_history):
    """Tests the demand of every workload and day, and that nothing is filled."""
    instance, history = make_random_history(2)
    found = placer.replay(instance, history, "cheapest", substeps=4)
    for day in range(2):
        own = history.demand(day).groupby("workload")["mtok"].sum()
        assert found.workloads.xs((day, 0), level=("day", "seed")).droplevel("rule")["demand_mtok"].to_dict() == (
            pytest.approx(own.to_dict())
        )
    assert found.filled.empty


@pytest.mark.slow
def test_processes_replay_the_same(make_random_history):
    """Tests two days and two seeds in two processes."""
    instance, history = make_random_history(4)
    options = {"rules": ["rents", "online"], "substeps": 2, "dispersion": 3.0, "seeds": (0, 1)}
    one, two = (placer.replay(instance, history, workers=workers, **options) for workers in (1, 2))
    pd.testing.assert_frame_equal(one.days[COLUMNS], two.days[COLUMNS])
    assert one.days.index.names == ["rule", "day", "seed"]
    assert len(one.days) == 8


@pytest.mark.slow
def test_late_work_costs_what_is_stated(one_queue):
    """Tests 4 Mtok of the last hour, which wait where the next day costs less than 1 USD."""
    rows = pd.DataFrame([{"class": "all", "step": step, "requests": 1.0} for step in range(4)])
    history = placer.History.of_table(rows, step_minutes=360)
    around = placer.DemandHistory(history, one_queue, {"batch": "all"}, reference_days=1)
    for usd, waiting in ((0.25, 4.0), (2.0, 0.0)):
        found = placer.replay(one_queue, around, "online", substeps=1, late_usd_per_mtok={"batch": usd})
        assert found.workloads["waiting_mtok"].tolist() == pytest.approx([waiting])
        assert found.days["regret_share"].tolist() == pytest.approx([0.0], abs=1e-9)


def test_regret_over_a_least_cost_of_0_is_no_part_of_it(one_queue):
    """Tests free work, of which 6 of 8 Mtok come in the last half of an hour that serves 5: 1 is late at 2 USD."""
    rows = pd.DataFrame({"class": "all", "step": range(8), "requests": [1.0] * 7 + [3.0]})
    demand = [{"workload": "batch", "hub": "H", "hour": hour, "mtok": 8.0} for hour in range(4)]
    day = one_queue.replace(power_zones=one_queue.power_zones.assign(usd_per_mwh=0.0), demand=demand)
    around = placer.DemandHistory(
        placer.History.of_table(rows, step_minutes=180), day, {"batch": "all"}, reference_days=1
    )
    found = placer.replay(day, around, "cheapest", substeps=1, late_usd_per_mtok={"batch": 2.0}).days
    assert found[["cost_and_penalty_usd", "least_cost_usd"]].to_numpy().tolist() == [[pytest.approx(2.0), 0.0]]
    assert found["regret_share"].tolist() == [np.inf]


@pytest.mark.slow
def test_a_rule_of_ones_own_that_decides_no_numbers(make_random_history):
    """Tests an error for splits of NaN, for shares below 0, and for shares that sum to more than 1."""
    instance, history = make_random_history(0)

    def broken(value):
        def rule(brief):
            decide = cheapest_rule(brief)
            return lambda view: replace(decide(view), split=np.full(brief.network.arc.shape, value))

        return rule

    for value in (np.nan, -1.0, 2.0):
        with pytest.raises(placer.ArgumentError, match="rule mine, substep 0: split "):
            placer.replay(instance, history, {"mine": broken(value)}, days=[0])


def test_a_rule_of_ones_own_that_makes_no_decision(make_random_history):
    """Tests an error with the name of the rule for None as a decision, and for a number in place of a function."""
    instance, history = make_random_history(0)
    for rule, problem in (
        (lambda _: lambda _: None, "rule mine, substep 0: expected a placer.replays.router.Decision, not None"),
        (lambda _: 3, "rule mine: expected a function from a View to a Decision, not 3"),
    ):
        with pytest.raises(placer.ArgumentError, match=re.escape(problem)):
            placer.replay(instance, history, {"mine": rule}, days=[0], substeps=1)


def test_a_time_limit_ends_a_replay(make_random_history):
    """Tests a limit that is over at once."""
    instance, history = make_random_history(0)
    with pytest.raises(placer.NoSolutionError):
        placer.replay(instance, history, "online", time_limit_seconds=1e-6)


@pytest.mark.slow
def test_a_replay_that_is_stopped_goes_on(make_random_history, tmp_path, monkeypatch):
    """Tests a store of three tasks of four: the last one alone is replayed, and another replay is refused."""
    instance, history = make_random_history(4)
    options = {"rules": ["cheapest"], "substeps": 2, "seeds": (0, 1), "store": tmp_path / "days.db"}
    whole = placer.replay(instance, history, **options | {"store": None})
    stopping = replayed_day

    def stop_at_the_last(held, until, number):
        if number == 3:
            raise KeyboardInterrupt
        return stopping(held, until, number)

    monkeypatch.setattr("placer.replays.replay.replayed_day", stop_at_the_last)
    with pytest.raises(KeyboardInterrupt):
        placer.replay(instance, history, **options)
    asked = []
    monkeypatch.setattr("placer.replays.replay.replayed_day", lambda *task: asked.append(task[2]) or stopping(*task))
    found = placer.replay(instance, history, **options, resume=True)
    assert asked == [3]
    pd.testing.assert_frame_equal(found.days[COLUMNS], whole.days[COLUMNS])
    pd.testing.assert_frame_equal(found.workloads, whole.workloads)
    with pytest.raises(placer.StoreError):
        placer.replay(instance, history, **options)
    with pytest.raises(placer.StoreError):
        placer.replay(instance, history, **options | {"rules": ["nearest"]}, resume=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 40)))
def test_charges_that_a_region_is_paid_regret_as_much_as_those_that_nobody_is(seed, make_random_history):
    """Tests every rule on random days with tariffs, and with premia of that size which nobody is paid."""
    instance, history = make_random_history(seed)
    regions = [f"r{place}" for place in range(len(instance.data_centres))]
    apart = instance.replace(data_centres=instance.data_centres.assign(region=regions))
    apart = apart.replace(hubs=apart.hubs.assign(region="r0"))
    rows = [{"policy": f"p{each}", "kind": "premium_usd_per_mtok", "from_region": each} for each in regions[1:]]
    amounts = np.random.default_rng(seed).uniform(0.1, 20.0, len(rows))
    unpaid = [row | {"amount": float(usd)} for row, usd in zip(rows, amounts, strict=True)]
    paid = [row | {"paid_to": "importer"} for row in unpaid]
    found, other = (
        placer.replay(apart.replace(policies=each), history, list(RULES), days=[1], substeps=3).days
        for each in (paid, unpaid)
    )
    for name in ("least_cost_usd", "regret_share", "unserved_share"):
        assert found[name].to_numpy() == pytest.approx(other[name].to_numpy(), abs=1e-9)
    whole = found["cost_and_penalty_usd"] + found["transfers_usd"]
    assert whole.to_numpy() == pytest.approx(other["cost_and_penalty_usd"].to_numpy())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(8, 300)))
def test_regret_over_modes_is_at_least_0(seed, make_random_history):
    """Tests every rule on random days of workloads with modes; each of them breaks no limit, or it would be an error.

    With room for all, rules at the prices of the day itself lose nothing.
    """
    for plenty, rules, forecast in ((False, list(RULES), None), (True, ["plan", "rents"], "perfect")):
        plain, history = make_random_history(seed, plenty)
        instance = with_random_modes(plain, seed)
        found = placer.replay(instance, history, rules, days=[1], substeps=2, forecast=forecast, order="random")
        regret = found.days["regret_share"].to_numpy()
        assert (regret >= -1e-9).all()
        assert not plenty or regret == pytest.approx(0.0, abs=1e-9)
        lost = found.workloads.groupby("rule")[["unserved_mtok", "waiting_mtok"]].sum()
        assert (lost.to_numpy() >= 0).all()


def test_modes_by_hand():
    """Tests that near takes all at 40 a second, and that rules which know costs send away at 80 what far has room for.

    That is half, for 12.5 USD an hour; the other half costs 13.75 near. At the rent of far both are as cheap, so that
    rules of prices alone stay near.
    """
    history = placer.History.of_table(pd.DataFrame([{"class": "all", "step": 0, "requests": 1.0}]), step_minutes=1440)
    instance = modes_abroad([SLOW, MIDDLE, FAST])
    instance = instance.replace(hour_length=24.0, demand=instance.demand.assign(mtok=24 * 36.0))
    around = placer.DemandHistory(history, instance, {"chat": "all"}, reference_days=1)
    found = placer.replay(instance, around, list(RULES), substeps=1).days["cost_usd"].droplevel(["day", "seed"])
    near, half = 24 * 27.5, 24 * (12.5 + 13.75)
    known = {"nearest": near, "cheapest": half, "plan": half, "rolling": half, "online": half}
    assert found.to_dict() == pytest.approx(known | {"rents": near, "protect": near})
