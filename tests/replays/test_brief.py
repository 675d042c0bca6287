"""Tests of what a rule knows before a day."""

from __future__ import annotations

import pytest


def test_the_forecast_of_substeps_is_even(one_queue, make_brief):
    """Tests 18 Mtok of the first hour in two parts of 9, and the sum."""
    brief = make_brief(one_queue, parts=2)
    assert brief.expected.tolist() == [[9.0, 9.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0]]
    assert brief.expected.sum() == pytest.approx(brief.forecast.sum())
