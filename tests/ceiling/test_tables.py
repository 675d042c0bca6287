"""Tests of the tables and the HTML of export ceilings."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.ceiling.tables import (
    demand_html,
    exports_by,
    intake_of_data_centres,
    limits_html,
    shares_table,
)


def test_exports_by_hand(make_instance):
    """Tests the tables of one export: A's 10 of all 16 Mtok go to Y, and B's 6 stay."""
    found = placer.export_ceiling(make_instance(exports=(("east", "west"),)))
    flows, count = found.extent.flows, found.count
    hubs = exports_by(found.formulation, flows, count, found.weights.asked, "hub")
    assert hubs.loc[["A", "B"]].to_numpy().tolist() == [pytest.approx([10, 10, 1]), pytest.approx([6, 0, 0])]
    workloads = exports_by(found.formulation, flows, count, found.weights.asked, "workload")
    assert workloads.to_numpy().tolist() == [pytest.approx([16, 10, 10 / 16])]
    taken = intake_of_data_centres(found.formulation, flows, count, found.total)
    assert taken.loc[["X", "Y"]].to_numpy().tolist() == [pytest.approx([0, 0]), pytest.approx([10, 10 / 16])]


def test_work_has_one_column():
    """Tests that shares by work stand once where work is the weight."""
    assert shares_table("work", (0.1, 0.2, 0.3), (0.1, 0.2, 0.3)).columns.tolist() == ["share_of_work"]
    assert shares_table("tokens", (1, 2, 3), (4, 5, 6)).to_numpy().tolist() == [[1, 4], [2, 5], [3, 6]]


def test_html_has_what_is_known():
    """Tests that limits of no share are left out, that no split gives no table, and that most demand comes first."""
    split = pd.DataFrame({"share": [0.25, 0.0]}, index=["latency", "links"])
    assert limits_html(None) == limits_html(split.iloc[1:]) == ""
    assert "25.00%" in limits_html(split)
    assert "links" not in limits_html(split)
    shown = demand_html(pd.DataFrame({"demand": [1.0, 2.0]}, index=pd.Index(["small", "large"], name="hub")))
    assert shown.index("large") < shown.index("small")
