"""The last basis by meaning: assignments by demand and way, all else by its place in a block of the same size."""

from __future__ import annotations

import numpy as np
import pytest

from placer.analysis.shortage.bases import Bases
from placer.model.program import blocks
from placer.solvers.started import BASIC, LOWER, Basis


@pytest.fixture
def laid(make_program):
    """Return a function that gives a program of so many columns and rows by block."""

    def make(columns, rows):
        count, height = sum(columns.values()), sum(rows.values())
        program = make_program(np.zeros(count), np.ones((height, count)), np.zeros(height), np.ones(height))
        object.__setattr__(program, "col_blocks", blocks(columns))
        object.__setattr__(program, "row_blocks", blocks(rows))
        return program

    return make


def test_nothing_is_kept_at_first(laid):
    """Tests that the first program starts from nothing."""
    assert Bases(1, 1).start(laid({"x": 1}, {"demand": 1}), np.zeros(1, int), np.zeros(1, int)) is None


def test_a_basis_is_moved_by_hand(laid):
    """Tests an assignment kept, one new, a block of the same size, one of another, and one more."""
    bases, upper = Bases(2, 2), 2
    before = laid({"x": 2, "u": 2}, {"demand": 2, "cap": 2})
    statuses = Basis(np.array([BASIC, upper, LOWER, BASIC]), np.array([LOWER, BASIC, LOWER, BASIC]))
    bases.keep(before, np.array([0, 1]), np.array([1, 0]), statuses)
    after = laid({"x": 2, "u": 2, "raise": 1}, {"demand": 2, "cap": 1})
    found = bases.start(after, np.array([0, 1]), np.array([1, 1]))
    assert found is not None
    assert found.columns.tolist() == [BASIC, LOWER, LOWER, BASIC, LOWER]
    assert found.rows.tolist() == [LOWER, BASIC, BASIC]
