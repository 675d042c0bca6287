"""Tests the tables of a presence, on the instance by hand."""

import numpy as np
import pytest

from placer.presence.placing import place_over
from placer.presence.question import ask
from placer.presence.tables import model_table, replica_table


def test_replicas_that_stay(by_hand):
    """Tests work and idle hours by hand: two replicas of 4 accelerators for two hours, 6 of their 16 hours busy."""
    question, replicas = ask(by_hand(), by_hour=False), np.array([[[2.0], [0.0]]])
    placement = place_over(question, replicas)
    table = replica_table(question, replicas, placement)
    assert table.index.tolist() == [("large", "X")]
    row = table.iloc[0]
    assert row[["replicas", "loaded_accelerators"]].tolist() == [2.0, 8.0]
    assert row["accelerator_hours"] == pytest.approx(6.0)
    assert row["idle_accelerator_hours"] == pytest.approx(10.0)
    assert row["utilisation"] == pytest.approx(6 / 16)
    model = model_table(question, replicas, placement).loc["large"]
    assert (model["half"], model["demand_mtok"], model["data_centres"]) == ("popular", 6.0, 1)
    assert model["idle_usd"] == pytest.approx(10.0)
    assert model["cost_usd"] == pytest.approx(16.0)
    assert model["cost_usd_per_mtok"] == pytest.approx(16 / 6)


def test_replicas_by_hour(by_hand):
    """Tests a row for each hour, and cold starts of a day that repeats itself: one start of 1 USD."""
    question, replicas = ask(by_hand(cyclic=True), by_hour=True), np.array([[[2.0, 1.0], [0.0, 0.0]]])
    placement = place_over(question, replicas)
    table = replica_table(question, replicas, placement)
    assert table.index.tolist() == [("large", "X", 0), ("large", "X", 1)]
    assert table["accelerator_hours"].tolist() == pytest.approx([5.0, 1.0])
    model = model_table(question, replicas, placement).loc["large"]
    assert model["replicas"] == 1.5
    assert model["cold_starts_usd"] == pytest.approx(1.0)
    assert model["cost_usd"] == pytest.approx(13.0)
