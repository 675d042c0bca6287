"""Changes made in the tables of an instance."""

from __future__ import annotations

import math

import pytest

from placer.analysis.shortage.changes import Change, edited, made, spare_supplies
from placer.errors import InstanceError


def _accelerators(new, position=0):
    return Change("accelerators", "X", "data_centres", position, "accelerators", 4.0, new)


def test_a_value_is_changed_in_its_place(short):
    """Tests that one value of one column is another, and nothing else."""
    cured = made(short, [_accelerators(10.0)])
    assert cured.data_centres["accelerators"].tolist() == [10.0, 6.0]
    assert cured.replace(data_centres=short.data_centres) == short


def test_settings_and_links_are_changed_too(short):
    """Tests that a cap is a setting, and that a new link comes after the last one."""
    link = {"from": "A", "to": "Y", "rtt_ms": 5.0, "capacity_gbps": math.inf, "usd_per_gb": 0.0}
    changes = [
        Change("carbon cap", "", "settings", 0, "carbon_limit_kg", 1.0, 7.0),
        Change("no route", "A - Y", "links", len(short.links), "", None, link),
    ]
    tables, settings = edited(dict(short.tables), changes)
    assert settings == {"carbon_limit_kg": 7.0}
    assert tables["links"].iloc[-1].to_dict() == link
    assert len(tables["links"]) == len(short.links) + 1


def test_spare_supplies_stand_where_there_are_none(make_instance):
    """Tests that a data centre without supply gets one of 0 MW from the cheapest zone, kept only where it is raised."""
    instance = make_instance(supplies=[{"power_zone": "zx", "data_centre": "X"}])
    spare = spare_supplies(instance)["supplies"]
    assert spare["data_centre"].tolist() == ["X", "Y"]
    assert spare["limit_mw"].iloc[1] == 0.0
    assert made(instance, []) == instance
    raised = Change("no supply", "zy - Y", "supplies", 1, "limit_mw", 0.0, 6.0)
    assert made(instance, [raised]).supplies["limit_mw"].tolist()[1] == 6.0


def test_a_row_that_is_not_there(short):
    """Tests that a change beyond the last row is refused by table, row and column."""
    with pytest.raises(InstanceError, match="no such row"):
        made(short, [_accelerators(10.0, position=2)])
