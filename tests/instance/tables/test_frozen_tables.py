"""Tables of an instance: copies that cost nothing until they are written to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.attributes.schema import TABLES
from placer.instance.checks import consistency
from placer.instance.problem import Instance
from placer.instance.tables.frozen_tables import RevisedTables
from tests.effort import tries


@pytest.fixture(scope="module")
def tiny():
    """The shipped instance of three hubs and three data centres."""
    return placer.load("tiny")


def test_tables_are_copies(tiny):
    """Tests that changing a table read from an instance changes nothing in it."""
    before = tiny.demand
    for demand in (tiny.demand, tiny.tables["demand"], dict(tiny.tables)["demand"]):
        demand.loc[:, "mtok"] = 0.0
        demand["hour"] = 7
    assert tiny.demand.equals(before)


def test_reading_a_table_copies_nothing(make_instance):
    """Tests that a table that is read shares its memory, and that writing into it leaves the instance alone."""
    instance = make_instance()
    first, second = instance.demand, instance.demand
    assert np.shares_memory(first["mtok"].to_numpy(), second["mtok"].to_numpy())
    first.loc[0, "mtok"] = 99.0
    assert instance.demand["mtok"].tolist() == second["mtok"].tolist() == [10.0, 6.0]


def test_revised_tables_know_which_are_checked(tiny):
    """Tests the tables, their order, and the names of those that are not replaced."""
    demand = tiny.demand.assign(mtok=1.0)
    tables = RevisedTables(tiny.tables, {"demand": demand})
    assert tables["demand"].equals(demand)
    assert tables["hubs"].equals(tiny.hubs)
    assert list(tables) == list(tiny.tables)
    assert len(tables) == len(tiny.tables)
    assert tables.checked == tiny.tables.keys() - {"demand"}


@pytest.mark.parametrize("seed", range(tries(10, 40)))
def test_replacing_a_table_is_building_anew(make_random_instance, seed):
    """Tests that tables that are kept, and so not cleaned again, are those of an instance that cleans every table."""
    instance = make_random_instance(seed)
    name = list(TABLES)[seed % len(TABLES)]
    changes = {name: instance.tables[name], "demand": instance.demand.assign(mtok=2 * instance.demand["mtok"])}
    replaced, anew = instance.replace(**changes), Instance({**instance.tables, **changes}, instance.settings)
    for each in TABLES:
        pd.testing.assert_frame_equal(replaced.tables[each], anew.tables[each])
    assert np.array_equal(replaced.routes.rtt_ms, anew.routes.rtt_ms)


def test_tables_that_are_kept_are_checked_against_the_new_ones(make_instance):
    """Tests that defects between a new table and those that are kept are found: hourly values, references."""
    instance = make_instance(
        power_zones=[{"power_zone": zone, "usd_per_mwh": (50.0, 20.0)} for zone in ("zx", "zy")],
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (0, 1)],
    )
    demand = [{"workload": "v", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (0, 1, 2)]
    with pytest.raises(InstanceError) as replaced:
        instance.replace(demand=demand)
    with pytest.raises(InstanceError) as anew:
        Instance({**instance.tables, "demand": pd.DataFrame(demand)}, instance.settings)
    assert list(map(str, replaced.value.violations)) == list(map(str, anew.value.violations))
    assert any("'v' is unknown" in str(each) for each in replaced.value.violations)
    assert any("2 hourly values for 3 hours" in str(each) for each in replaced.value.violations)


def test_replacing_a_table_cleans_that_table_alone(tiny, monkeypatch):
    """Tests which tables are cleaned."""
    cleaned, clean = [], consistency.clean

    def noted(frame, table):
        cleaned.append(table.name)
        return clean(frame, table)

    monkeypatch.setattr(consistency, "clean", noted)
    tiny.replace(demand=tiny.demand)
    tiny.replace(accelerators="sunk")
    assert cleaned == ["demand"]
