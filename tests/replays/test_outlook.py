"""Tests of the outlook of a forecast: splits, worths and planned service, with a backlog and without."""

from __future__ import annotations

import numpy as np
import pytest

from placer.replays.outlook import outlook


def test_splits_and_prices_by_hand(two_sites, make_day):
    """Tests halves of the flexible at A and B, all of the strict at A, and a rent of 2 USD there."""
    _, hours, amounts = make_day(two_sites)
    found = outlook(hours, amounts)
    assert found.split[:, :, 0] == pytest.approx(np.array([[0.5, 0.5], [1.0, 0.0]]))
    assert found.prices[:2, 0] == pytest.approx([2.0, 0.0])
    assert found.demand == pytest.approx(np.array([[3.0], [3.0]]))


def test_worth_of_waiting_work_by_hand(one_queue, make_day):
    """Tests 18 Mtok of which 8 wait to be served at 5 USD: a unit is worth 5 in both hours."""
    _, hours, amounts = make_day(one_queue, late_usd=50.0)
    found = outlook(hours, amounts)
    assert found.served[0] == pytest.approx(np.array([[10.0, 8.0, 0.0, 0.0]]))
    assert found.worth[0, 0, :2] == pytest.approx([5.0, 5.0])
    assert np.isneginf(found.worth[0, 0, 2:]).all()


def test_a_backlog_is_served_in_the_hours_that_are_left(one_queue, make_day):
    """Tests 12 Mtok in the queue in hour 2, with an hour left: 8 in hour 2 and 4 in hour 3, or more at once."""
    _, hours, amounts = make_day(one_queue, late_usd=50.0)
    backlog = np.zeros((2, 1, 5))
    backlog[0, 0, 1] = 12.0
    rest = amounts * np.array([[0, 0, 1, 1]])
    found = outlook(hours, rest, 2, backlog)
    assert found.served[0].sum() == pytest.approx(12.0)
    assert found.served[0, 0, 2] == pytest.approx(10.0, abs=4.0)
    assert found.unserved[0] == pytest.approx(0.0)
    assert found.worth[0, 0, 2:] == pytest.approx([1.0, 1.0])


def test_the_forecast_of_substeps_is_even(one_queue, make_brief):
    """Tests 18 Mtok of the first hour in two parts of 9, and the sum."""
    brief = make_brief(one_queue, parts=2)
    assert brief.expected.tolist() == [[9.0, 9.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0]]
    assert brief.expected.sum() == pytest.approx(brief.forecast.sum())
