"""Tests of the steps a horizon is shown in."""

from __future__ import annotations

import numpy as np

from placer.model.formulation import formulate
from placer.report.content.time_steps import MOST_STEPS, steps_of


def test_short_horizons_are_shown_hour_by_hour(make_random_instance):
    """Tests that every hour is a step of its own."""
    steps = steps_of(formulate(make_random_instance(1)))
    assert steps.labels == ("0", "1", "2", "3", "4")
    assert steps.hours_each == 1


def test_long_horizons_are_shown_by_several_hours(make_instance):
    """Tests that sums are kept and means are of the hours there are, the shorter last step included."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(100, 265)]
    steps = steps_of(formulate(make_instance(demand=demand)))
    assert len(steps) <= MOST_STEPS
    assert steps.labels[0] == "100-103"
    assert steps.labels[-1] == "264"
    hourly = np.arange(165.0)
    assert steps.total(hourly).sum() == hourly.sum()
    assert steps.mean(hourly)[-1] == hourly[-1]
    assert steps.mean(hourly)[0] == 1.5
