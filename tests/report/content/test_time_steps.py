"""Tests of the steps a horizon is shown in."""

from __future__ import annotations

import math

import numpy as np
import pytest

import placer
from placer.model.formulation import formulate
from placer.report.content.time_steps import (
    MOST_STEPS,
    PRICE_PARTS,
    energy_by_step,
    prices_by_step,
    steps_of,
    utilisation_by_step,
)


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


@pytest.fixture(scope="module")
def placement(make_instance):
    """Two hours of 10 and 6 Mtok of A, a MWh each: Y takes 4 of them at 20 USD, X the others at 50."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 10.0), (1, 6.0))]
    sites = [{"data_centre": "X", "water_litres_per_kwh": 2.0}, {"data_centre": "Y", "accelerators": 4.0}]
    return placer.solve(make_instance(demand=demand, data_centres=sites))


def test_prices_of_a_step_are_those_of_its_parts(placement):
    """Tests that X sets the price of both hours, as energy and the rent of Y's accelerators leave it."""
    hours, workloads = prices_by_step(placement, steps_of(placement.formulation))
    assert list(hours.columns) == list(PRICE_PARTS)
    assert hours.sum(axis=1).tolist() == pytest.approx([50.0, 50.0])
    assert workloads.loc["w"].tolist() == pytest.approx([50.0, 50.0])


def test_utilisation_and_energy_by_hand(placement):
    """Tests Y full and X without a limit; 10 and 6 MWh, and 2 litres for each kWh at X."""
    steps = steps_of(placement.formulation)
    use = utilisation_by_step(placement, steps)
    assert use.loc["Y"].tolist() == pytest.approx([1.0, 1.0])
    assert all(math.isnan(value) for value in use.loc["X"])
    energy = energy_by_step(placement, steps)
    assert energy["mwh"].tolist() == pytest.approx([10.0, 6.0])
    assert energy["water_m3"].tolist() == pytest.approx([12.0, 4.0])
    assert energy["carbon_t"].tolist() == [0.0, 0.0]
