"""The rows of a template."""

from __future__ import annotations

from placer.datasets.example import ASSUMPTIONS, CANDIDATES, ROWS
from placer.instance.attributes.schema import INPUT_TABLES
from placer.planning.question import candidates


def test_rows_are_of_columns_that_exist():
    """Tests that every row holds columns of its table, and that assumptions are about those of the example."""
    for name, rows in ROWS.items():
        assert {column for row in rows for column in row} <= set(INPUT_TABLES[name].names)
    assert {column for row in CANDIDATES for column in row} <= set(candidates.CANDIDATES.names)
    for column in ("power_zones.usd_per_mwh", "demand.mtok", "workloads.latency_slo_ms"):
        table, _, name = column.partition(".")
        assert f'"{column}" = ' in ASSUMPTIONS
        assert any(name in row for row in (*ROWS[table], *ROWS["power_zone_hours"]))
