"""Tests of the figures of each time step."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import placer
from placer.report.content.time_steps import (
    PRICE_PARTS,
    energy_by_step,
    price_index,
    prices_by_step,
    utilisation_by_step,
)
from placer.report.html.calendar import steps_of


@pytest.fixture(scope="module")
def placement(make_instance):
    """Two hours of 10 and 6 Mtok of A, a MWh each: Y takes 4 of them at 20 USD, X the others at 50."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 10.0), (1, 6.0))]
    sites = [{"data_centre": "X", "water_litres_per_kwh": 2.0}, {"data_centre": "Y", "accelerators": 4.0}]
    return placer.solve(make_instance(demand=demand, data_centres=sites))


def test_prices_of_a_step_are_those_of_its_parts(placement):
    """Tests that X sets the price of both hours, as energy and the rent of Y's accelerators leave it."""
    hours, workloads = prices_by_step(placement, steps_of(placement.formulation.hours))
    assert list(hours.columns) == list(PRICE_PARTS)
    assert hours.sum(axis=1).tolist() == pytest.approx([50.0, 50.0])
    assert workloads.loc["w"].tolist() == pytest.approx([50.0, 50.0])


def test_utilisation_and_energy_by_hand(placement):
    """Tests Y full and X without a limit; 10 and 6 MWh, and 2 litres for each kWh at X."""
    steps = steps_of(placement.formulation.hours)
    use = utilisation_by_step(placement, steps)
    assert use.loc["Y"].tolist() == pytest.approx([1.0, 1.0])
    assert all(math.isnan(value) for value in use.loc["X"])
    energy = energy_by_step(placement, steps)
    assert energy["mwh"].tolist() == pytest.approx([10.0, 6.0])
    assert energy["water_m3"].tolist() == pytest.approx([12.0, 4.0])
    assert energy["carbon_t"].tolist() == [0.0, 0.0]


def _two_workloads(make_instance, cheap_hours):
    """Three hours at the same price: w of 100 USD per Mtok in all, c of 10 in some."""
    works = {"w": 100.0, "c": 10.0}
    times = {"w": (0, 1, 2), "c": cheap_hours}
    return make_instance(
        workloads=[
            {"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 50.0 * usd, "deadline_hours": 0.0}
            for name, usd in works.items()
        ],
        demand=[
            {"workload": name, "hub": "B", "hour": hour, "mtok": 3.0 if name == "c" else 1.0}
            for name, hours in times.items()
            for hour in hours
        ],
    )


def test_an_index_does_not_move_with_the_mix(make_instance):
    """Tests that the mean falls where cheap work joins and the index does not; a quarter of demand is in it by hand."""
    placement = placer.solve(_two_workloads(make_instance, (1,)))
    steps = steps_of(placement.formulation.hours)
    mean = prices_by_step(placement, steps)[0].sum(axis=1)
    assert mean.tolist() == pytest.approx([100.0, (100.0 + 3 * 10.0) / 4, 100.0])
    found = price_index(placement, steps)
    assert found.usd_per_mtok.tolist() == pytest.approx([100.0] * 3)
    assert found.demand_share == pytest.approx(3 / 6)


def test_an_index_weights_by_the_demand_of_the_whole_horizon(make_instance):
    """Tests 3 Mtok of w at 100 USD and 9 of c at 10, in each hour the same."""
    placement = placer.solve(_two_workloads(make_instance, (0, 1, 2)))
    found = price_index(placement, steps_of(placement.formulation.hours))
    assert found.usd_per_mtok.tolist() == pytest.approx([(3 * 100.0 + 9 * 10.0) / 12] * 3)
    assert found.demand_share == pytest.approx(1.0)


def test_nothing_priced_in_every_step_has_no_index(make_instance):
    """Tests that an index of nothing is unknown."""
    demand = [{"workload": "w", "hub": "AB"[hour], "hour": hour, "mtok": 1.0} for hour in (0, 1)]
    placement = placer.solve(make_instance(demand=demand))
    found = price_index(placement, steps_of(placement.formulation.hours))
    assert found.usd_per_mtok.isna().all()
    assert found.demand_share == 0.0


def test_steps_of_timestamps_name_the_figures(make_instance):
    """Tests the labels of a table of prices by quarters of a day."""
    hours = pd.date_range("2026-03-10", periods=72, freq="h", tz="Europe/Berlin")
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in hours]
    placement = placer.solve(make_instance(demand=demand))
    prices, _ = prices_by_step(placement, steps_of(placement.formulation.hours))
    assert (prices.index.name, prices.index[0], len(prices)) == ("quarter-day", "10 Mar 00:00-06:00", 12)
