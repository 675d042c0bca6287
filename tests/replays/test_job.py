"""Tests of what days share: pairs, forecasts, the cost of late work, and identities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.replays.asked import Asked, rules_of
from placer.replays.job import ReplayJob, replayed_day


def make_job(instance, history, **changes):
    """Return a job of the cheapest rule."""
    asked = Asked(rules_of("cheapest"), None, None, 2, "together", 0.0, [0], {})
    return ReplayJob.of(instance, history, replace(asked, **changes))


def test_amounts_are_those_of_the_history(make_random_history):
    """Tests the sum of substeps over hours, and the forecast, which is the demand of the instance."""
    instance, history = make_random_history(6)
    job = make_job(instance, history)
    steps = job.amounts(1, 0).reshape(len(history.pairs), -1, 2).sum(axis=2)
    assert steps == pytest.approx(history.mtok(1))
    assert job.forecast.sum() == pytest.approx(instance.demand["mtok"].sum())


def test_a_forecast_of_another_instance(make_random_history):
    """Tests a forecast of twice the demand."""
    instance, history = make_random_history(6)
    twice = make_job(instance, history, forecast=instance.scaled_demand(2.0))
    assert twice.forecast == pytest.approx(2 * make_job(instance, history).forecast)


def test_late_work_costs_the_mean_price_of_its_workload(one_queue):
    """Tests 10 Mtok at 1 USD and 8 at 5 whose price is 5, and 4 at 1: a mean of (18 * 5 + 4) / 22."""
    rows = pd.DataFrame([{"class": "all", "step": step, "requests": 1.0} for step in range(4)])
    history = placer.DemandHistory(
        placer.History.of_table(rows, step_minutes=360), one_queue, {"batch": "all"}, reference_days=1
    )
    assert make_job(one_queue, history).late_usd == pytest.approx([(18 * 5 + 4) / 22])
    assert make_job(one_queue, history, late_usd_per_mtok={"batch": 7.0}).late_usd.tolist() == [7.0]


@pytest.mark.slow
def test_identities_differ_where_rows_may(make_random_history):
    """Tests that demand, options and instances change the identity, and that the same job has the same."""
    instance, history = make_random_history(6)
    one = make_job(instance, history).identity
    assert one == make_job(instance, history).identity
    others = [
        make_job(instance, history, substeps=3),
        make_job(instance, history, seeds=[1]),
        make_job(instance, history, late_usd_per_mtok={"w0": 1.0}),
        make_job(instance.scaled_demand(2.0), history),
        make_job(instance, history, rules=rules_of("nearest")),
    ]
    assert all(one != other.identity for other in others)


def test_a_task_has_rows_of_every_rule(make_random_history):
    """Tests the rows of a day under two rules."""
    instance, history = make_random_history(6)
    days, workloads = replayed_day(make_job(instance, history, rules=rules_of(["nearest", "cheapest"])), np.inf, 1)
    assert [(row["rule"], row["day"]) for row in days] == [("nearest", 1), ("cheapest", 1)]
    assert len(workloads) == 2 * history.instance.demand["workload"].nunique()
