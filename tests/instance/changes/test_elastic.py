"""Elastic demand in steps: amounts by hand, order of the error, and arguments."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import placer
from placer.errors import InstanceError


def test_steps_by_hand(make_instance):
    """Tests 8 Mtok at 2 USD with elasticity -1: 16 at 1 USD, 4 at 4 USD; three steps of 1 USD and the base."""
    instance = make_instance(demand=[{"workload": "w", "hub": "A", "mtok": 8.0}])
    elastic = instance.with_elastic_demand(2.0, -1.0, between=(1.0, 4.0), steps=3)
    assert elastic.demand["mtok"].tolist() == pytest.approx([16.0])
    steps = elastic.demand_steps
    assert steps["value_usd_per_mtok"].tolist() == [1.5, 2.5, 3.5, 4.0]
    assert (steps["share"] * 16).tolist() == pytest.approx([8.0, 16 / 2 - 16 / 3, 16 / 3 - 4, 4.0])


def surplus(steps, price):
    """Return the surplus of buyers at a price, up to 4 USD."""
    elastic = placer.load("tiny").with_elastic_demand(2.0, -1.11, between=(1.0, 4.0), steps=steps, where="voice")
    rows = elastic.demand_steps.merge(elastic.demand, on=["workload", "hub", "hour"])
    gain = (rows["value_usd_per_mtok"] - price).clip(lower=0)
    return float((rows["mtok"] * rows["share"] * gain).sum())


@pytest.mark.slow
def test_surplus_is_exact_to_second_order():
    """Tests that half the height of the steps leaves a quarter of the error, at a price between two steps."""
    base = float(placer.load("tiny").demand.query("workload == 'voice'")["mtok"].sum())
    price, power = 1.75, 1 - 1.11
    exact = base * 2.0**1.11 * (4.0**power - price**power) / power
    errors = [abs(surplus(steps, price) - exact) for steps in (4, 8, 16)]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_others_keep_their_demand():
    """Tests that only the chosen rows get steps."""
    tiny = placer.load("tiny")
    elastic = tiny.with_elastic_demand(2.0, -1.0, between=(1.0, 4.0), where={"workload": "chat"})
    assert set(elastic.demand_steps["workload"]) == {"chat"}
    others = elastic.demand["workload"] != "chat"
    assert elastic.demand[others].equals(tiny.demand[others])


def test_every_wrong_argument_is_named():
    """Tests an elasticity of 0, a reference of 0, no steps, and prices in the wrong order."""
    with pytest.raises(InstanceError) as caught:
        placer.load("tiny").with_elastic_demand(0, 0, between=(3, 1), steps=0)
    assert {each.column for each in caught.value.violations} == {
        "reference_usd_per_mtok",
        "elasticity",
        "between",
        "steps",
    }
    with pytest.raises(InstanceError, match="elasticity"):
        placer.load("tiny").with_elastic_demand(1.0, math.nan, between=(1, 3))


def test_hours_with_timestamps(make_instance):
    """Tests demand by the hour of a clock, and that workloads made elastic one after the other keep their steps."""
    hours = pd.date_range("2026-01-01", periods=2, freq="h")
    demand = [{"workload": name, "hub": "A", "hour": hour, "mtok": 8.0} for name in "vw" for hour in hours]
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
    instance = make_instance(demand=demand, workloads=[{"workload": name} | work for name in "vw"])
    first = instance.with_elastic_demand(2.0, -1.0, between=(1.0, 4.0), steps=3, where={"workload": "v"})
    assert len(first.demand_steps) == 2 * 4
    both = first.with_elastic_demand(2.0, -1.0, between=(1.0, 4.0), steps=1, where={"workload": "w"})
    assert both.demand_steps.groupby("workload").size().to_dict() == {"v": 8, "w": 4}
    assert set(both.demand_steps["hour"]) == set(both.demand["hour"])
