"""Columns: the numbers that they admit, and their range in words."""

from __future__ import annotations

import math

import pytest

from placer.instance.attributes.columns import REQUIRED, Column, Kind, Table


@pytest.mark.parametrize(
    ("column", "value", "admitted"),
    [
        (Column("x", low=0, high=1), 0, True),
        (Column("x", low=0, high=1), 1, True),
        (Column("x", low=0, high=1, low_open=True), 0, False),
        (Column("x", low=0, high=1, high_open=True), 1, False),
        (Column("x"), -5, True),
        (Column("x"), math.inf, False),
        (Column("x", unlimited=True), math.inf, True),
    ],
)
def test_bounds(column, value, admitted):
    """Tests that bounds belong to the range unless they are open."""
    assert column.admits(value) is admitted


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("x", low=0, high=1, high_open=True), "number, >= 0, < 1, finite"),
        (Column("x", low=0, low_open=True, unlimited=True), "number, > 0, finite or inf"),
        (Column("x", Kind.HOURLY), "number, or one per hour, finite"),
        (Column("x", Kind.WHOLE, low=0, high=9), "whole number, >= 0, <= 9, finite"),
        (Column("x", Kind.TEXT), "text"),
        (Column("x", Kind.NAMES), "names"),
    ],
)
def test_ranges_in_words(column, text):
    """Tests that messages give the range as a person would."""
    assert column.allowed == text


def test_tables_find_their_columns_by_name():
    """Tests that a table returns a column by its name, and lists all names in their order."""
    table = Table("cities", ("city",), (Column("city", Kind.TEXT), Column("people", low=0, default=0.0)))
    assert table.names == ("city", "people")
    assert table.column("people").default == 0.0
    assert table.column("city").default is REQUIRED
