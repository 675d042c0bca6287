"""The numeric limits are those of the solver that is used."""

from __future__ import annotations

import highspy
import pytest

from placer.utils.solver_limits import LARGEST, SMALLEST, WIDE_RANGE, WIDEST_RANGE


@pytest.mark.parametrize(("option", "limit"), [("small_matrix_value", SMALLEST), ("large_matrix_value", LARGEST)])
def test_highs_ships_with_them(option, limit):
    """Tests that no release of HiGHS has moved its limits unnoticed."""
    assert highspy.Highs().getOptionValue(option)[1] == limit


def test_warnings_come_before_refusals():
    """Tests that a range that is refused was warned of."""
    assert WIDE_RANGE < WIDEST_RANGE
