"""Rules for the steps that a history lacks, each by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.errors import InstanceError
from placer.histories.gaps import filled_steps

NAN = np.nan


def fill(values, missing, per_day=2):
    """Return the only class of a history once filled, and its list of filled steps."""
    (found,), table = filled_steps([np.array(values, float)[:, None]], ["w"], per_day, missing)
    return found.ravel().tolist(), table


def test_interpolation_is_the_line_between_known_steps():
    found, table = fill([2, 0, NAN, 8], "interpolate")
    assert found == [2, 4, 6, 8]
    assert table.to_numpy().tolist() == [["w", 0, 1, "interpolate"], ["w", 1, 0, "interpolate"]]


def test_profile_is_the_median_day_at_the_level_of_the_day():
    """Tests day 2, whose known step is twice the median of 10: its other step is twice the median of 30."""
    found, _ = fill([10, 30, 10, 30, 20, 0], "profile")
    assert found == [10, 30, 10, 30, 20, 60]


def test_profile_of_an_empty_day_is_the_median_day():
    found, table = fill([10, 30, 20, 50, 0, 0], "profile")
    assert found[4:] == [15, 40]
    assert table["day"].tolist() == [2, 2]


def test_zero_says_that_there_was_no_demand():
    found, table = fill([2, 0, NAN, 8], "zero")
    assert found == [2, 0, 0, 8]
    assert table.to_numpy().tolist() == [["w", 1, 0, "zero"]]  # the step without a figure


def test_every_gap_without_a_rule_is_named_at_once():
    with pytest.raises(InstanceError) as error:
        fill([2, 0, NAN, 8], "error")
    assert [each.row for each in error.value.violations] == ["class w, day 0, step 1", "class w, day 1, step 0"]


def test_many_gaps_are_counted():
    with pytest.raises(InstanceError, match="500 more steps like it") as error:
        fill([0.0] * 1499 + [1.0] + [0.0], "error", per_day=1501)
    assert len(error.value.violations) == 1001


@pytest.mark.parametrize(
    ("values", "missing", "rows"),
    [
        ([0, 2, 3, NAN], "interpolate", ["class w, day 0, step 0", "class w, day 1, step 1"]),
        ([5, 0, 6, 0], "profile", ["class w, day 0, step 1", "class w, day 1, step 1"]),
    ],
)
def test_gaps_that_a_rule_cannot_fill_are_named(values, missing, rows):
    with pytest.raises(InstanceError, match=f"nothing known to fill it by {missing}") as error:
        fill(values, missing)
    assert [each.row for each in error.value.violations] == rows


def test_a_measure_that_is_unknown_throughout_stays_so():
    requests, mtok = np.array([[1.0], [0.0], [3.0], [4.0]]), np.full((4, 1), NAN)
    found, table = filled_steps([requests, mtok], ["w"], 2, "interpolate")
    assert found[0].ravel().tolist() == [1, 2, 3, 4]
    assert np.isnan(found[1]).all()
    assert len(table) == 1


def test_requests_without_tokens_are_no_step_without_demand():
    requests, mtok = np.array([[1.0], [2.0]]), np.array([[1.0], [NAN]])
    with pytest.raises(InstanceError, match="nothing known to fill it by zero"):
        filled_steps([requests, mtok], ["w"], 2, "zero")
