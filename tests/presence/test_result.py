"""Tests the result: its figures, texts and files."""

import numpy as np
import pandas as pd
import pytest

import placer
from placer.presence.models import place_over
from placer.presence.question import ask
from placer.presence.result import model_table, replica_table
from tests.presence.cases import instance_of, tables


@pytest.fixture(scope="module")
def found():
    """Return a presence of two models."""
    return placer.place_models(instance_of(tables(0)), gap=0.0)


def test_costs_add_up(found):
    """Tests that the cost of models is that of the placement and of the replicas."""
    assert found.models["cost_usd"].sum() == pytest.approx(found.cost_usd)
    assert found.cost_usd == pytest.approx(found.placement.cost_usd + found.replicas_usd)
    assert found.cost_and_penalty_usd == pytest.approx(found.cost_usd + found.placement.penalty_usd)
    assert found.models["accelerators_usd"].sum() + found.models["cold_starts_usd"].sum() == found.replicas_usd


def test_what_fractions_leave_out(found):
    """Tests that the range holds the difference between the least costs, which are both known here."""
    least, most = found.left_out_usd
    assert least <= found.cost_and_penalty_usd - found.relaxed_cost_usd + 1e-6 * found.cost_usd
    assert most >= found.cost_and_penalty_usd - found.relaxed_cost_usd - 1e-6 * found.cost_usd
    assert most == pytest.approx(least, rel=1e-6)


def test_the_rare_half(found):
    """Tests the figures of the rare half of the models, and the lines that state them."""
    summary, rare = found.summary(), found.models[found.models["half"] == "rare"]
    assert summary["rare_models"] == len(rare) == 1
    assert summary["rare_cost_usd"] == pytest.approx(float(rare["cost_usd"].sum()))
    assert f"take {summary['rare_share_of_cost']:.2%} of the cost" in repr(found)
    assert "fractions of replicas would leave out" in found._repr_html_()


def test_tables_are_written(found, tmp_path):
    """Tests the files: models and replicas, and the tables of the placement."""
    found.save_tables(tmp_path / "out")
    assert pd.read_csv(tmp_path / "out" / "models.csv")["model"].tolist() == found.models.index.tolist()
    assert len(pd.read_csv(tmp_path / "out" / "replicas.csv")) == len(found.replicas)
    assert (tmp_path / "out" / "flows.csv").exists()
    assert found.table is found.models


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
