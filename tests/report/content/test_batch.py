"""What the page of a batch shows."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.errors import BatchError
from placer.report.content.batch import BatchSubject, batch_content

ROWS = pd.DataFrame(
    {
        "number": [0, 1, 2],
        "status": ["optimal", "optimal", "time limit"],
        "detail": ["", "", "too long"],
        "cost_usd_per_mtok": [1.0, 2.0, None],
        "energy_mwh": [5.0, 4.0, None],
    }
)


def test_headlines_are_of_solved_sets():
    found = batch_content(BatchSubject("b", ROWS, below=[("energy_mwh", 4.5)]))
    assert found.headlines == ["cost_usd_per_mtok"]
    assert found.figures["cost_usd_per_mtok"].tolist() == [1.0, 2.0]
    assert found.failed["number"].tolist() == [2]
    assert found.shares["share"].tolist() == [0.5]
    assert found.drivers.empty
    assert (found.identity, found.assumptions) == ({}, None)


def test_sets_give_settings_and_sources():
    sets = placer.DemandSets(placer.load("tiny"), count=3, seed=7)
    found = batch_content(BatchSubject("b", ROWS, sets, placer.datasets.describe("tiny")))
    assert found.identity["seed"] == 7
    assert found.assumptions.description.startswith("Three hubs")


def test_thresholds_are_of_figures():
    with pytest.raises(BatchError, match="no set has the figure"):
        batch_content(BatchSubject("b", ROWS, below=[("x", 1.0)]))
