"""The schema: defaults, units and keys of all tables, and the settings beside them."""

from __future__ import annotations

import math
import re
from dataclasses import fields

import pytest

from placer.instance.attributes.columns import REQUIRED, Kind
from placer.instance.attributes.schema import EDGE_TABLES, INPUT_TABLES, NODE_TABLES, SETTINGS, TABLES
from placer.instance.attributes.settings import Settings

COLUMNS = [(table, column) for table in TABLES.values() for column in table.columns]
NUMBERS = [column for _, column in COLUMNS if column.kind in (Kind.NUMBER, Kind.WHOLE, Kind.HOURLY)]
UNITS = ("_ms", "_seconds", "_mw", "_gbps", "_hours", "_hour", "_mtok")
UNITS += ("_per_kwh", "_per_mwh", "_per_gb", "_per_litre", "_adder", "_mwh", "_throughput")
#: Numbers that are ratios, counts or degrees, and so have no unit in their name.
PURE = {
    "accelerators",
    "replica_accelerators",
    "max_utilisation",
    "pue",
    "speed",
    "energy_factor",
    "efficiency",
    "lat",
    "lon",
    "loss",
    "user_round_trips",
    "tool_round_trips",
}
PURE |= {"tools_colocated", "share", "output_share", "hour", "weight", "mtok", "ms", "green", "amount", "share_lost"}


@pytest.mark.parametrize("column", NUMBERS, ids=lambda column: column.name)
def test_defaults_lie_in_their_range(column):
    """Tests that every column admits its own default, and that none admits NaN."""
    assert column.default in (REQUIRED, None) or column.admits(float(column.default))
    assert not column.admits(math.nan)
    assert not column.admits(-math.inf)
    assert column.admits(math.inf) == column.unlimited


@pytest.mark.parametrize("column", NUMBERS, ids=lambda column: column.name)
def test_names_carry_their_unit(column):
    """Tests that the unit of every number stands in its name, as the design asks."""
    assert column.name in PURE or column.name.endswith(UNITS)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_keys_are_required_columns(table):
    """Tests that the key stands first, and that only the hour of a demand may be left out of it."""
    assert table.names[: len(table.key)] == table.key
    assert all(table.column(name).default is REQUIRED or name == "hour" for name in table.key)


def test_settings_follow_their_dataclass():
    """Tests that the numbers among the settings have the same defaults in the schema and in ``Settings``."""
    default = {item.name: item.default for item in fields(Settings)}
    assert {column.name: column.default for column in SETTINGS} == {
        name: value
        for name, value in default.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def test_input_tables_list_their_key_first():
    """Tests that every table a folder may hold begins with its key, and what the hourly ones hold."""
    assert INPUT_TABLES.keys() > TABLES.keys()
    assert all(table.names[: len(table.key)] == table.key for table in INPUT_TABLES.values())
    values = ("usd_per_mwh", "carbon_kg_per_mwh", "limit_mw")
    assert INPUT_TABLES["power_zone_hours"].names == ("power_zone", "hour", *values)


def test_every_table_but_the_work_is_a_part_of_the_graph():
    """Tests that node and edge kinds fill all tables but those of work, time, limits, distance and trade."""
    assert {table.name for table in (*NODE_TABLES.values(), *EDGE_TABLES.values())} == TABLES.keys() - {
        "batteries",
        "contracts",
        "accelerator_pools",
        "workloads",
        "modes",
        "served_models",
        "demand",
        "demand_steps",
        "periods",
        "limits",
        "latency_value",
        "surcharges",
        "policies",
    }
    assert all(re.fullmatch("[a-z_]+", kind) for kind in (*NODE_TABLES, *EDGE_TABLES))
