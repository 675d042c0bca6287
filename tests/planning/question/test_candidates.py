"""Tests of the table of candidates and of annuities."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import placer
from placer.planning.question.candidates import annuity

ROW = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_year": 100.0}


def _messages(rows, limits=None):
    with pytest.raises(placer.InstanceError) as caught:
        placer.Candidates.of(rows, placer.BuildLimits.of(limits))
    return [f"{each.row}.{each.column}: {each.problem}" for each in caught.value.violations]


@pytest.mark.parametrize(
    ("wacc", "years", "factor"),
    [(0.10, 10.0, 0.1627), (0.08, 20.0, 0.1019), (0.05, 30.0, 0.0651), (0.12, 5.0, 0.2774), (0.0, 8.0, 0.125)],
)
def test_annuities_of_textbook_tables(wacc, years, factor):
    """Tests capital recovery factors as interest tables print them, to four decimals."""
    assert annuity(np.array([wacc]), np.array([years])).round(4).tolist() == [factor]


@given(st.floats(0, 1), st.floats(0.5, 100))
def test_payments_of_an_annuity_are_worth_what_was_built(wacc, years):
    """Tests the definition: discounted at the wacc, payments over the lifetime are worth 1."""
    worth = years if wacc < 1e-12 else -math.expm1(-years * math.log1p(wacc)) / wacc
    assert float(annuity(np.array([wacc]), np.array([years]))[0]) * worth == pytest.approx(1, rel=1e-9)


def test_cost_is_annuity_and_fixed_cost():
    """Tests both ways to give a cost: 1,000 USD at 10 % over 10 years are 162.75 a year; 30 are 30."""
    built = placer.Candidates.of(
        pd.DataFrame(
            {
                "candidate": ["a", "b"],
                "adds": ["accelerators", "power_limit_mw"],
                "target": ["X", "X"],
                "usd_per_unit": [1000.0, None],
                "wacc": [0.1, None],
                "lifetime_years": [10, None],
                "usd_per_unit_year": [None, 30.0],
                "fixed_usd_per_unit_year": [5.0, None],
            }
        )
    )
    assert built.cost_usd_per_unit_year == pytest.approx([167.7454, 30.0])
    assert (built.names, built.adds, built.target) == (("a", "b"), ("accelerators", "power_limit_mw"), ("X", "X"))
    assert built.max_units.tolist() == [np.inf, np.inf]
    assert np.isnan(built.module_units).all()
    assert np.isnan(built.opening_usd_per_year).all()
    assert built.takes.shape == (2, 0)
    assert len(built) == 2


def test_takes_are_in_the_order_of_the_limits():
    """Tests that columns are aligned by name, that a missing cell takes nothing, and that other columns are left."""
    rows = [ROW | {"land_ha": 2.0, "chips": 1.0, "note": "x"}, ROW | {"candidate": "yard", "land_ha": 3.0}]
    built = placer.Candidates.of(rows, placer.BuildLimits.of({"chips": 5, "land_ha": 9}))
    assert built.limit_names == ("chips", "land_ha")
    assert built.takes.tolist() == [[1.0, 2.0], [0.0, 3.0]]


def test_a_unit_takes_its_yearly_cost_of_a_budget():
    """Tests that a budget needs no column, and that a column of its name is taken where there is one."""
    budget = placer.BuildLimits.of({"budget_usd_year": 1e6})
    assert placer.Candidates.of([ROW], budget).takes.tolist() == [[100.0]]
    assert placer.Candidates.of([ROW | {"budget_usd_year": 7.0}], budget).takes.tolist() == [[7.0]]


def test_all_violations_in_one_error():
    """Tests that one error lists the defects of all rows."""
    rows = [
        ROW | {"wacc": 0.1},
        {"candidate": "b", "adds": "accelerator", "target": "X", "usd_per_unit": 5.0, "wacc": 0.1},
        {"candidate": "c", "adds": "power_limit_mw", "target": None},
        ROW | {"candidate": "d", "module_units": 4.0},
        ROW | {"candidate": "e", "usd_per_unit_year": -1.0, "opening_usd_per_year": 3.0},
        ROW | {"candidate": "e"},
    ]
    assert _messages(rows, {"land_ha": 4.0}) == [
        "c.target: missing: write text",
        "e.usd_per_unit_year: -1 is out of range",
        "e.: given twice",
        "hall.usd_per_unit_year: the cost is given twice: wacc too",
        "b.adds: 'accelerator' is unknown",
        "b.lifetime_years: missing: the annuity needs it",
        "c.usd_per_unit_year: the cost is not given",
        "d.max_units: inf, with module_units",
        "e.max_units: inf, with opening_usd_per_year",
        "land_ha.limit: no candidate takes anything of it",
    ]


@pytest.mark.parametrize(
    ("rows", "limits", "message"),
    [
        ([ROW | {"land": 4.0}], {"land_ha": 4.0}, "land_ha.limit: no candidate takes anything of it"),
        ([ROW | {"land_ha": 0.0}], {"land_ha": 4.0}, "land_ha.limit: no candidate takes anything of it"),
        ([ROW], {"max_units": 4.0}, "max_units.limit: a build limit cannot have the name of a column"),
        ([ROW | {"usd_per_unit_yr": 4.0, "usd_per_unit_year": None}], None, "hall.usd_per_unit_year: the cost is not"),
        ([{"candidate": "a", "adds": "accelerators", "target": "X"}], None, "a.usd_per_unit_year: the cost is not"),
        ([], None, ".: no rows"),
        (
            [ROW | {"max_units": 3.0, "opening_usd_per_year": 5.0}],
            {"budget_usd_year": 4.0},
            "hall.budget_usd_year: column missing: a yearly cost of a unit leaves the opening out",
        ),
    ],
)
def test_violations(rows, limits, message):
    """Tests single violations, the last of what a row, a limit or the table lacks."""
    assert _messages(rows, limits)[-1].startswith(message)


def test_misspelt_columns_are_violations():
    """Tests that a misspelt column is not left alone, in a DataFrame as in a list of rows."""
    wrong = {"candidate": "hall", "adds": "accelerators", "target": "X", "usd_per_unit_yr": 100.0}
    assert ".usd_per_unit_yr: unknown column" in _messages(pd.DataFrame([wrong]))
    assert ".usd_per_unit_yr: unknown column" in _messages([wrong])
    assert "row 2.usd_per_unit_yr: unknown column" in _messages([ROW, wrong])


@pytest.mark.parametrize("table", [None, 3, "candidates.csv", [3]])
def test_what_is_no_table_is_an_argument_error(table):
    """Tests that a wrong type is one sentence."""
    with pytest.raises(placer.ArgumentError, match="expected a table of candidates"):
        placer.Candidates.of(table)
