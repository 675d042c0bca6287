"""Rows of demand with values of their own: split off, and their defects."""

from __future__ import annotations

import pytest

import placer
from placer.errors import InstanceError

ROWS = [
    {"workload": "w", "hub": "A", "mtok": 6.0, "value_usd_per_mtok": 1.0},
    {"workload": "w", "hub": "A", "mtok": 2.0, "value_usd_per_mtok": 4.0},
]


def test_rows_with_values_are_one_demand(make_instance):
    """Tests the sum of the rows, and the share of each step."""
    instance = make_instance(demand=ROWS)
    assert instance.demand["mtok"].tolist() == [8.0]
    assert instance.demand_steps[["value_usd_per_mtok", "share"]].to_numpy().tolist() == [[1.0, 0.75], [4.0, 0.25]]


def test_steps_follow_the_demand(make_instance):
    """Tests that a scaled demand keeps its shares, and that what is removed takes its steps along."""
    instance = make_instance(demand=ROWS).scaled("demand.mtok", 2)
    assert instance.demand["mtok"].tolist() == [16.0]
    assert instance.demand_steps["share"].tolist() == [0.75, 0.25]
    hours = placer.load("tiny").with_elastic_demand(1.5, -1, between=(1, 3), steps=2)
    assert set(hours.between(1, 1).demand_steps["hour"]) == {1}
    assert "voice" not in set(hours.without("voice").demand_steps["workload"])


@pytest.mark.parametrize("ending", ["", ".json", ".graphml", ".xlsx"])
def test_steps_are_saved_and_loaded(make_instance, tmp_path, ending):
    """Tests that every form of files keeps the steps."""
    if ending == ".xlsx":
        pytest.importorskip("openpyxl")
    instance = make_instance(demand=ROWS)
    placer.save(instance, tmp_path / f"steps{ending}")
    assert placer.load(tmp_path / f"steps{ending}") == instance


def test_every_defect_is_named_at_once(make_instance):
    """Tests rows without a value beside others, equal values, and a value below 0."""
    bad = [*ROWS, {"workload": "w", "hub": "A", "mtok": 1.0}]
    with pytest.raises(InstanceError, match="missing beside other rows"):
        make_instance(demand=bad)
    with pytest.raises(InstanceError, match="given twice"):
        make_instance(demand=[*ROWS, ROWS[0]])
    with pytest.raises(InstanceError, match="value_usd_per_mtok: -1"):
        make_instance(demand=[ROWS[0] | {"value_usd_per_mtok": -1.0}])


def test_values_beside_a_table_of_steps_are_refused(make_instance):
    """Tests that steps are given in one way only."""
    steps = [{"workload": "w", "hub": "A", "hour": 0, "value_usd_per_mtok": 1.0, "share": 1.0}]
    with pytest.raises(InstanceError, match="given beside demand_steps"):
        make_instance(demand=ROWS, demand_steps=steps)
