"""The linear program as data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csc_array

from placer.model.program import blocks, defects
from placer.termination import Reason, Termination


@pytest.fixture
def program(make_program):
    return make_program([1, 2], [[1, 1], [0, 3]], [1, 0], [np.inf, 5])


def test_blocks_lie_end_to_end():
    """Tests that blocks follow each other in the order given, empty ones included."""
    assert blocks({"a": 2, "b": 0, "c": 3}) == {"a": slice(0, 2), "b": slice(2, 2), "c": slice(2, 5)}


def test_blocks_of_nothing():
    """Tests that no sizes give no blocks."""
    assert blocks({}) == {}


def test_names_are_block_and_position(program):
    """Tests that rows and columns are named by block and position within it."""
    named = replace(program, row_blocks=blocks({"r": 1, "s": 1}), col_blocks=blocks({"x": 0, "y": 2}))
    assert named.row_names == ["r_0", "s_0"]
    assert named.col_names == ["y_0", "y_1"]


def test_sound_program_has_no_defects(program):
    """Tests that infinite sides and bounds in their right places are no defect."""
    free = replace(program, col_lower=np.full(2, -np.inf), row_lower=np.full(2, -np.inf), row_upper=np.full(2, np.inf))
    assert defects(program) == []
    assert defects(free) == []


@pytest.mark.parametrize("name", ["cost", "row_lower", "row_upper", "col_lower", "col_upper"])
def test_nan_is_a_defect(program, name):
    """Tests that NaN is found in every array."""
    values = getattr(program, name).copy()
    values[1] = np.nan
    assert defects(replace(program, **{name: values})) == [f"{name} holds NaN"]


@pytest.mark.parametrize("name", ["cost", "row_lower", "row_upper", "col_lower", "col_upper"])
def test_wrong_shape_is_a_defect(program, name):
    """Tests that an array of the wrong length is found."""
    assert "has shape (3,), not (2,)" in defects(replace(program, **{name: np.zeros(3)}))[0]


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_cost_is_a_defect(program, value):
    """Tests that a cost must be finite."""
    assert defects(replace(program, cost=np.array([1.0, value]))) == ["cost holds inf"]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_matrix_must_be_finite(program, value):
    """Tests that every coefficient must be finite."""
    assert defects(replace(program, matrix=csc_array([[1.0, value], [0.0, 3.0]]))) == ["matrix holds NaN or inf"]


@pytest.mark.parametrize(
    ("side", "lower", "upper"), [("row", 2.0, 1.0), ("column", np.inf, np.inf), ("column", -np.inf, -np.inf)]
)
def test_sides_that_leave_no_value_are_a_defect(program, side, lower, upper):
    """Tests that crossed sides, and sides at the wrong infinity, are found for rows and columns."""
    prefix = side[:3]
    changed = replace(
        program, **{f"{prefix}_lower": np.array([0.0, lower]), f"{prefix}_upper": np.array([np.inf, upper])}
    )
    assert defects(changed) == [f"{side} bounds leave no value"]


def test_no_columns_is_a_defect(make_program):
    """Tests that a program without columns is not handed on."""
    assert defects(make_program([], np.zeros((1, 0)), [0], [1])) == ["there are no columns"]


def test_defects_are_listed_together(program):
    """Tests that all defects are named, not only the first."""
    broken = replace(program, cost=np.array([np.inf, 1]), row_lower=np.array([9.0, 9.0]))
    assert defects(broken) == ["cost holds inf", "row bounds leave no value"]


def test_reasons_read_as_text():
    """Tests that a reason is its words, as messages print it."""
    assert f"{Termination(Reason.TIME_LIMIT).reason}" == "time limit"
