"""What a model is given: everything that is wrong, in one error."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from placer.errors import ArgumentError, InstanceError
from placer.extended.reading import Positions, read_columns, read_rows

COLUMNS = Positions(4, ("z",))


def _rows(coefficients, name=None, lower=-math.inf, upper=1.0, taken=()):
    return read_rows(coefficients, name, lower=lower, upper=upper, taken=taken, columns=COLUMNS)


def _problems(call, *given, **named):
    with pytest.raises(InstanceError) as found:
        call(*given, **named)
    return [(each.row, each.column, each.problem) for each in found.value.violations]


def test_forms_of_coefficients():
    """Tests that positions, names, tables and matrices say the same; explicit zeros are left out."""
    expected = [[0, 2, 0, -1]]
    table = pd.DataFrame({"row": ["r", "r", "r"], "column": [1, "z", 0], "value": [2, -1, 0.0]})
    for given, name in (
        (pd.Series([2.0, -1.0, 0.0], index=[1, 3, 0]), "r"),
        (pd.Series([2, -1], index=[1, "z"], dtype=object), "r"),
        (table, None),
        (csr_array(np.array(expected)), "r"),
        (np.array(expected, dtype=float), ["r"]),
    ):
        rows = _rows(given, name)
        assert rows.matrix.toarray().tolist() == expected
        assert rows.matrix.nnz == 2
        assert (rows.names, rows.upper.tolist()) == (("r",), [1])


def test_sides_of_a_table_by_name_and_in_order():
    """Tests that rows of a table are numbered as they first come."""
    table = pd.DataFrame({"row": ["s", "r", "s"], "column": [0, 1, 2], "value": 1.0})
    for upper in ({"r": 2.0, "s": 1.0}, [1.0, 2.0], pd.Series({"s": 1.0, "r": 2.0})):
        rows = _rows(table, upper=upper)
        assert (rows.names, rows.upper.tolist()) == (("s", "r"), [1, 2])
        assert rows.matrix.toarray().tolist() == [[1, 0, 1, 0], [0, 1, 0, 0]]


def test_every_violation_of_rows_comes_at_once():
    """Tests that unknown columns, values, repeats, names and sides are told together."""
    table = pd.DataFrame(
        {
            "row": ["r", "r", "r", "s", "s", "old", "empty"],
            "column": [0, 0, 9, "y", -1, 1, 2],
            "value": [1.0, 2.0, 1.0, np.nan, 1e20, 1.0, 0.0],
        }
    )
    problems = _problems(_rows, table, lower=[3, 0, -math.inf, 0], upper=[1, 1, math.inf, "x"], taken=("old",))
    assert problems == [
        ("old", "name", "given twice"),
        ("", "column", "9 is no column of the model"),
        ("", "column", "'y' is no column of the model"),
        ("", "column", "-1 is no column of the model"),
        ("s", "column y", "missing"),
        ("s", "column -1", "1e+20 is taken for nothing or infinity by solvers"),
        ("r", "column 0", "given twice"),
        ("s", "", "no coefficient differs from 0"),
        ("empty", "", "no coefficient differs from 0"),
        ("empty", "upper", "'x' is no number"),
        ("r", "lower, upper", "lower 3 is above upper 1"),
        ("old", "lower, upper", "neither side is finite, so the row limits nothing"),
    ]


@pytest.mark.parametrize("column", [1.0, True, None, "Z", 4])
def test_unknown_columns_of_a_series(column):
    """Tests that only positions and names of own columns are columns."""
    given = pd.Series([1.0, 1.0], index=pd.Index([0, column], dtype=object))
    ((row, place, problem),) = _problems(_rows, given, "r")
    assert (row, place) == ("r", "column")
    assert "is no column of the model" in problem


def test_shapes():
    """Tests that a matrix has a line per name and an entry per column, and a Series one name."""
    assert _problems(_rows, csr_array((2, 4)), "r") == [("", "", "the matrix has shape (2, 4)")]
    assert _problems(_rows, np.ones((1, 3)), "r") == [("", "", "the matrix has shape (1, 3)")]
    assert ("", "name", "a Series is one row, and 2 names are given") in _problems(_rows, pd.Series([1.0]), ["r", "s"])
    assert ("", "name", "no name is given") in _problems(_rows, pd.Series([1.0]), [])
    assert _problems(_rows, pd.DataFrame({"row": ["r"], "value": 1.0})) == [("", "", "columns row, value")]
    assert ("r", "column 1", "nan is not finite") not in _problems(_rows, np.array([[1.0, np.nan, 0, 0]]), "r")
    assert ("r", "column 1", "missing") in _problems(_rows, np.array([[1.0, np.nan, 0, 0]]), "r")


def test_arguments_of_another_kind():
    """Tests that coefficients of another type, and names where they do not belong, are told in one sentence."""
    with pytest.raises(ArgumentError, match=r"expected a Series by column, .* as coefficients, not \[1.0\]"):
        _rows([1.0], "r")
    with pytest.raises(ArgumentError, match="expected a name with a Series"):
        _rows(pd.Series([1.0]))
    with pytest.raises(ArgumentError, match="expected a name with a matrix"):
        _rows(csr_array((1, 4)))
    with pytest.raises(ArgumentError, match="a table names its rows"):
        _rows(pd.DataFrame(), "r")


def test_every_violation_of_columns_comes_at_once():
    """Tests names, numbers, bounds and integers of own columns together."""
    problems = _problems(
        read_columns,
        ["z", "a", "b"],
        cost_usd=[1, math.inf, "x"],
        lower=[0, 2, 0.2],
        upper=[1, 1, 0.8],
        integer=[1, True, True],
        taken=("z",),
    )
    assert problems == [
        ("z", "name", "given twice"),
        ("a", "cost_usd", "inf is not finite"),
        ("b", "cost_usd", "'x' is no number"),
        ("z", "integer", "1 is no truth value"),
        ("a", "lower, upper", "lower 2 is above upper 1"),
        ("b", "integer", "no integer lies between its bounds"),
    ]
