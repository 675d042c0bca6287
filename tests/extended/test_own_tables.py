"""The tables of own rows and own columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from placer.extended.extension import Extension, OwnColumns, OwnRows, extend
from placer.extended.own_tables import own_column_table, own_row_table, scarce_own_rows
from placer.model.program import LPSolution
from placer.termination import Reason, Termination


@pytest.fixture
def solved(make_program):
    """At least 3 of x at 1 each; own rows x - z <= 2, 3 <= x <= 7, x <= 9 twice: its duals are rounding and wrong."""
    program = make_program([1.0], [[1.0]], [3.0], [np.inf])
    columns = OwnColumns(("z",), np.array([2.0]), np.array([0.0]), np.array([4.0]), np.array([False]))
    matrix = csr_array(np.array([[1.0, -1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]))
    rows = OwnRows(("a", "b", "c", "d"), matrix, np.array([-np.inf, 3, -np.inf, -np.inf]), np.array([2.0, 7, 9, 9]))
    extension = Extension(columns, rows)
    solution = LPSolution(Termination(Reason.OPTIMAL), np.array([3.0, 1.0]), np.array([0.0, -2.0, 3.0, -1e-14, 1e-3]))
    return extend(program, extension), solution, extension


def test_rows(solved):
    """Tests sides, rents and their part of the settlement; rounding and duals on missing sides are no rent."""
    program, solution, extension = solved
    table = own_row_table(program, solution, extension.rows, integers_fixed=True)
    assert table["activity"].tolist() == [2, 3, 3, 3]
    assert table["side"].tolist() == ["upper", "lower", "", ""]
    assert table["rent_usd_per_unit"].tolist() == [2, 3, 0, 0]
    assert table["rent_usd"].tolist() == [4, -9, 0, 0]
    assert table["integers_fixed"].all()


def test_columns(solved):
    """Tests values, costs and the reduced cost 2 - 2 = 0, which rounding does not spoil."""
    table = own_column_table(*solved)
    assert table.loc["z", ["value", "usd_per_unit", "cost_usd", "upper"]].tolist() == [1, 2, 2, 4]
    assert table["reduced_cost_usd_per_unit"].tolist() == [0]
    assert not table["integers_fixed"].any()


def test_scarce_rows():
    """Tests that rows which bind stand among the limits, with their rents and all hours."""
    table = pd.DataFrame({"side": ["upper", ""], "rent_usd": [4.0, 0.0]}, index=["a", "b"])
    scarce = scarce_own_rows(table, 24)
    assert scarce.index.tolist() == [("own row", "a")]
    assert scarce.loc[("own row", "a")].tolist() == [24, 4]
