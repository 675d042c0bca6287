"""Tests of build limits."""

from __future__ import annotations

import pandas as pd
import pytest

import placer


def test_a_mapping_is_at_most():
    """Tests that amounts by name are upper limits, and that nothing is no limit."""
    limits = placer.BuildLimits.of({"chips": 5, "land_ha": 2.5})
    assert (limits.names, limits.sense, limits.amount.tolist()) == (("chips", "land_ha"), ("<=", "<="), [5.0, 2.5])
    assert placer.BuildLimits.of(limits) is limits
    assert placer.BuildLimits.of(None).names == ()


def test_a_table_has_senses():
    """Tests a table, whose missing sense is at most, in both forms."""
    rows = [{"limit": "chips", "sense": ">=", "amount": 5.0}, {"limit": "land_ha", "amount": 2.0}]
    for table in (rows, pd.DataFrame(rows)):
        limits = placer.BuildLimits.of(table)
        assert (limits.names, limits.sense, limits.amount.tolist()) == (("chips", "land_ha"), (">=", "<="), [5.0, 2.0])


def test_all_violations_in_one_error():
    """Tests that one error lists the defects of all rows."""
    rows = [
        {"limit": "chips", "sense": "=<", "amount": 5.0},
        {"limit": "chips", "sense": "<=", "amount": float("inf")},
        {"limit": None, "sense": "<=", "amount": "3"},
    ]
    with pytest.raises(placer.InstanceError) as caught:
        placer.BuildLimits.of(rows)
    assert [f"{each.row}.{each.column}: {each.problem}" for each in caught.value.violations] == [
        "row 3.limit: missing: write a name for the limit, such as at most 40 % of chat at Guizhou",
        "chips.amount: inf is out of range",
        "row 3.amount: '3' is text: turn the column into numbers, as pandas.to_numeric does",
        "chips.: given twice",
        "chips.sense: '=<' is unknown",
    ]


@pytest.mark.parametrize("given", [3, "budget", [3]])
def test_what_are_no_limits_is_an_argument_error(given):
    """Tests that a wrong type is one sentence."""
    with pytest.raises(placer.ArgumentError, match="build limits"):
        placer.BuildLimits.of(given)
