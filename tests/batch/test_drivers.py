"""What moves the figures of a batch: features of the drawn demand, and rank correlations with them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.batch.drivers import FEWEST_SETS, demand_features, drivers


@pytest.fixture(scope="module")
def sets():
    return placer.DemandSets(placer.load("tiny"), count=20, seed=7)


def _rows(sets, cost):
    return pd.DataFrame({"number": range(len(sets)), "status": "optimal", "cost_usd": cost, "same": 1.0, "detail": ""})


def test_features_are_those_of_the_demand(sets):
    found, demand = demand_features(sets, [3]).loc[3], sets.demand(3)
    by_work, by_hour = demand.groupby("workload")["mtok"].sum(), demand.groupby("hour")["mtok"].sum()
    assert found["demand, Mtok"] == pytest.approx(demand["mtok"].sum())
    assert found["share of voice"] == pytest.approx(by_work["voice"] / by_work.sum())
    region = demand["hub"].map(sets.instance.hubs.set_index("hub")["region"])
    assert found["share of region east"] == pytest.approx(demand["mtok"][region == "east"].sum() / by_work.sum())
    assert found["fullest hour over the mean"] == pytest.approx(by_hour.max() / by_hour.mean())


def test_what_rises_with_the_demand_is_told(sets):
    total = np.array([sets.demand(number)["mtok"].sum() for number in range(len(sets))])
    found = drivers(_rows(sets, total**3), sets, ["cost_usd", "same"])
    assert found.columns.tolist() == ["cost_usd"]
    assert found["cost_usd"].abs().idxmax() == "demand, Mtok"
    assert found.loc["demand, Mtok", "cost_usd"] == pytest.approx(1.0)
    assert found["cost_usd"].between(-1, 1).all()


def test_rows_are_matched_by_number(sets):
    total = np.array([sets.demand(number)["mtok"].sum() for number in range(len(sets))])
    rows = _rows(sets, -total).iloc[::-1].drop(index=5)
    assert drivers(rows, sets, ["cost_usd"]).loc["demand, Mtok", "cost_usd"] == pytest.approx(-1.0)


def test_few_sets_say_nothing(sets):
    rows = _rows(sets, np.arange(20.0)).head(FEWEST_SETS - 1)
    assert drivers(rows, sets, ["cost_usd"]).empty
