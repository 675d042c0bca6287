"""Tests of conclusions: the cases in which they hold."""

from __future__ import annotations

import math

import pandas as pd

from placer.sensitivity.conclusions import Conclusion, verdicts


def test_conclusions_hold_or_name_where_they_fail():
    """Tests bounds that are numbers and other figures, a text, a case without an answer, and a figure that is NaN."""
    index = pd.MultiIndex.from_tuples(
        [("as given", ""), ("a", "1"), ("a", "2"), ("b", "1")], names=["assumption", "value"]
    )
    table = pd.DataFrame(
        {
            "status": ["optimal", "optimal", "time limit", "optimal"],
            "low": [1.0, 2.0, math.nan, math.nan],
            "high": [2.0, 2.0, math.nan, 3.0],
            "largest_limit": ["links", "power", "", "links"],
        },
        index,
    )
    found = verdicts(
        table,
        [
            Conclusion("Two.", "high", at_least=2),
            Conclusion("Less.", "low", at_most="high"),
            Conclusion("Links.", "largest_limit", equals="links"),
            Conclusion("Between.", "high", at_least=2, at_most=2.5),
        ],
    )
    assert found["holds"].tolist() == [True, False, False, False]
    assert found["fails_at"].tolist() == ["", "b 1", "a 1", "b 1"]
    assert found["high"].tolist()[:2] == [3, 2]
    assert math.isnan(found["low"][2])


def test_bounds_hold_at_any_scale_of_money():
    """Tests that 2e-10 USD is not at most 1e-10, and that a share may exceed its bound by rounding."""
    index = pd.MultiIndex.from_tuples([("as given", "")], names=["assumption", "value"])
    table = pd.DataFrame({"status": ["optimal"], "cost_usd_per_mtok": [2e-10], "unserved_share": [1e-12]}, index)
    conclusions = [
        Conclusion("Cheap.", "cost_usd_per_mtok", at_most=1e-10),
        Conclusion("Dear.", "cost_usd_per_mtok", at_least=3e-10),
        Conclusion("As it is.", "cost_usd_per_mtok", at_least=2e-10, at_most=2e-10),
        Conclusion("All.", "unserved_share", at_most=0.0),
    ]
    assert verdicts(table, conclusions)["holds"].tolist() == [False, False, True, True]
