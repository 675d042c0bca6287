"""Limits of one's own in words."""

import math

import pandas as pd

import placer
from placer.report.content.own_limits import limit_lines, limit_rows


def _table(*rows):
    columns = ["limit", "hours", "kind", "sense", "use", "amount", "unit", "rent_usd_per_unit"]
    return pd.DataFrame(rows, columns=columns).set_index(["limit", "hours"])


def test_each_kind_of_amount_has_its_unit():
    """Tests amounts in their units, shares in per cent, rents per unit, and the hours of a limit on some."""
    table = _table(
        ("a", "", "tokens", "<=", 40.0, 50.0, "Mtok", 0.0),
        ("b", "0-7|9", "water_litres", ">=", 1234.5, 1234.5, "litre", 0.25),
        ("c", "", "share", "<=", 0.4, 0.4, "Mtok", 2.0),
    )
    lines = limit_lines(table)
    assert lines.index.tolist() == ["a", "b [0-7|9]", "c"]
    assert lines.loc["a"].tolist() == ["tokens", "<= 50.00 Mtok", "40.00", "0 USD per Mtok"]
    assert lines.loc["b [0-7|9]"].tolist() == ["water litres", ">= 1,234 litres", "1,234", "0.2500 USD per litre"]
    assert lines.loc["c"].tolist() == ["share", "<= 40.0%", "40.0%", "2.000 USD per Mtok"]
    assert limit_rows(table).equals(lines)


def test_a_limit_on_each_hour_is_one_line_and_many_rows():
    """Tests the least and the most over its hours, that rounding is 0, and that a share of nothing is a dash."""
    table = _table(
        ("green", "0", "green_share", ">=", 0.75, 0.75, "MWh", 65.6),
        ("green", "1", "green_share", ">=", 1.0, 0.75, "MWh", 1e-14),
        ("green", "2", "green_share", ">=", math.nan, 0.75, "MWh", 0.0),
    )
    lines, rows = limit_lines(table), limit_rows(table)
    assert lines.loc["green [3 hours]", ["use", "rent"]].tolist() == ["75.0 to 100.0%", "0 to 65.60 USD per MWh"]
    assert rows.index.tolist() == ["green [0]", "green [1]", "green [2]"]
    assert rows["use"].tolist() == ["75.0%", "100.0%", "\u2013"]


def test_without_limits_there_are_no_lines(make_instance):
    """Tests that an instance without limits of one's own has no rows."""
    limits = placer.solve(make_instance()).limits
    assert limit_lines(limits).empty
    assert limit_rows(limits).empty
