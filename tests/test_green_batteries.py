"""Limits on green shares beside batteries: by hand, at random beside explicit programs, and where they are refused."""

import warnings

import numpy as np
import pytest

import placer
from tests.batteries_at_random import explicit
from tests.effort import tries
from tests.green_batteries import add_green, random_green, wind_by_day
from tests.test_batteries import assert_as_explicit


def test_wind_by_day_lights_the_night():
    """Tests that 10 MWh at night take 15.625 of wind by day, at 60 USD: 93.75 each, where the grid sells at 50."""
    placement = placer.solve(wind_by_day())
    assert placement.cost_usd == pytest.approx(10 * 60 + 10 / 0.64 * 60)
    assert placement.limits["use"].tolist() == pytest.approx([1, 1])
    assert placement.limits["rent_usd_per_unit"].tolist() == pytest.approx([60 - 50, 93.75 - 50])
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([60, 93.75])
    table = placement.batteries.loc["B"]
    assert table["green_content_mwh"].tolist() == pytest.approx([12.5, 0])
    assert table["green_discharged_mwh"].tolist() == pytest.approx([0, 10])
    assert table["green_usd_per_mwh"].tolist() == pytest.approx([60, 93.75])


def test_green_that_is_lost_does_not_count():
    """Tests a share of 0.9 of the day: 10 MWh of wind by day and 8 at night, so that losses are not used."""
    placement = placer.solve(wind_by_day(0.9, hours=None))
    assert placement.cost_usd == pytest.approx(10 * 60 + 8 / 0.64 * 60 + 2 * 50)
    assert placement.limits["use"].tolist() == pytest.approx([0.9])


def test_grey_power_stays_grey():
    """Tests that a battery that buys the grid's cheap day for the night does not make it green."""
    cheap = [{"power_zone": "wind", "usd_per_mwh": 60.0}, {"power_zone": "grid", "usd_per_mwh": [10.0, 50.0]}]
    placement = placer.solve(wind_by_day(0.5, power_zones=cheap))
    day, night = 5 * 60 + 5 * 10, 5 / 0.64 * (60 + 10)
    assert placement.cost_usd == pytest.approx(day + night)
    assert placement.batteries["green_discharged_mwh"].sum() == pytest.approx(5)
    assert placement.batteries["discharged_mwh"].sum() == pytest.approx(10)


def test_contents_share_power_and_energy():
    """Tests that both contents together hold 10 MWh: 8 MWh at night are green or grey, and work is left unserved."""
    dark = [
        {"power_zone": "wind", "data_centre": "D", "limit_mw": [30, 0], "green": 1},
        {"power_zone": "grid", "data_centre": "D", "limit_mw": [30, 0]},
    ]
    placement = placer.solve(wind_by_day(0.5, battery={"energy_mwh": 10.0}, supplies=dark))
    assert placement.unserved_mtok == pytest.approx(2)
    assert placement.batteries["content_mwh"].max() == pytest.approx(10)
    assert placement.batteries["energy_rent_usd_per_mwh"].max() > 0
    assert placement.settlement["difference"] == pytest.approx(0, abs=1e-6)


def test_the_rent_is_what_the_share_costs():
    """Tests that a share that is higher by a step costs the rent per MWh times what is used, times the step."""
    step = 1e-4
    costs = [placer.solve(wind_by_day(0.7 + more, hours="1")).cost_usd for more in (0.0, step)]
    limit = placer.solve(wind_by_day(0.7, hours="1")).limits.iloc[0]
    assert (costs[1] - costs[0]) / (10 * step) == pytest.approx(limit["rent_usd_per_unit"], rel=1e-6)


def test_a_battery_at_a_zone_of_wind_is_green():
    """Tests that what a zone of wind stores stays green, and that its losses are bought."""
    battery = [{"battery": "B", "power_zone": "wind", "power_mw": 20.0, "energy_mwh": 100.0, "efficiency": 0.8}]
    zones = [{"power_zone": "wind", "usd_per_mwh": [60.0, 500.0]}, {"power_zone": "grid", "usd_per_mwh": 50.0}]
    supplies = [
        {"power_zone": "wind", "data_centre": "D", "green": 1},
        {"power_zone": "grid", "data_centre": "D"},
    ]
    placement = placer.solve(wind_by_day(batteries=battery, power_zones=zones, supplies=supplies))
    assert placement.cost_usd == pytest.approx(10 * 60 + 10 / 0.64 * 60)
    assert placement.batteries["green_charged_mwh"].isna().all()


@pytest.mark.parametrize("seed", range(tries(5, 30)))
def test_random_green_shares_as_explicit_programs(seed):
    """Tests small random instances beside their explicit programs, with duals and tables that add up."""
    assert_as_explicit(random_green(np.random.default_rng(seed)), add_green)


@pytest.mark.parametrize("seed", range(tries(5, 30)))
def test_random_green_shares_at_prices_below_zero(seed):
    """Tests the least cost where power below 0 USD may be burnt, also where no work runs to carry what that earns."""
    instance = random_green(np.random.default_rng(500 + seed), negative=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", placer.InputWarning)
        placement = placer.solve(instance)
    least = explicit(instance, add_green).fun
    assert placement.cost_and_penalty_usd == pytest.approx(least, abs=1e-7 * max(1.0, abs(least)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(1, 6)))
def test_many_random_green_shares_as_explicit_programs(seed):
    """Tests 50 random instances beside their explicit programs; 300 where all cases are asked for."""
    for number in range(50):
        assert_as_explicit(random_green(np.random.default_rng(2000 + 50 * seed + number)), add_green)


def test_a_share_that_cannot_be_met_is_named():
    """Tests that 10 MWh in the battery are 8 at night, so that at most 8 / 0.9 Mtok are served there at 0.9."""
    limits = [
        {"limit": "green night", "kind": "green_share", "sense": ">=", "amount": 0.9, "hours": "1"},
        {"limit": "all", "kind": "tokens", "sense": ">=", "amount": 20.0},
    ]
    with pytest.raises(placer.NoSolutionError, match=r"'all' \(tokens >= 20\) could be met with amount 18\.888"):
        placer.solve(wind_by_day(battery={"energy_mwh": 10.0}, limits=limits))


@pytest.mark.slow
def test_names_of_contents():
    """Tests that a program names green contents, what they share, and the rows of green and grey power."""
    program = placer.to_program(wind_by_day())
    assert len(set(program.row_names)) == len(program.row_names)
    assert len(set(program.col_names)) == len(program.col_names)
    assert any("green" in name and name.startswith("c_") for name in program.col_names)
    assert any(name.startswith("energy_") for name in program.row_names)


def test_unclear_shares_are_refused():
    """Tests a share of one of two zones that supply a battery, and a zone whose supplies are not equally green."""
    one = [{"limit": "g", "kind": "green_share", "sense": ">=", "amount": 0.5, "power_zone": "wind"}]
    with pytest.raises(placer.InstanceError, match="only some of its supplies are in the scope"):
        placer.solve(wind_by_day(limits=one))
    battery = [{"battery": "B", "power_zone": "wind", "power_mw": 20.0, "energy_mwh": 100.0}]
    supplies = [{"power_zone": "wind", "data_centre": "D", "green": green} for green in (1.0, 0.5)]
    with pytest.raises(placer.InstanceError, match="supplies of several green parts"):
        placer.solve(wind_by_day(batteries=battery, supplies=supplies))


def test_a_plan_builds_a_battery_for_a_share():
    """Tests 15.625 MW and 12.5 MWh for the night: they cost 1 USD each in two hours, beside 1,537.50 for wind."""
    sizes = {"power_mw": 0.0, "energy_mwh": 0.0}
    rows = [
        {"candidate": adds, "adds": adds, "target": "B", "usd_per_unit_year": 4380.0, "max_units": 50.0}
        for adds in sizes
    ]
    plan = placer.plan(wind_by_day(battery=sizes), rows, gap=1e-9)
    assert plan.certificate.proven
    assert plan.units == pytest.approx([15.625, 12.5])
    assert plan.cost_usd_per_year == pytest.approx(4380 * (1537.5 + 15.625 + 12.5))
    assert plan.placement().limits["use"].tolist() == pytest.approx([1, 1])


@pytest.mark.slow
def test_column_generation_carries_contents():
    """Tests the night of wind by day, its proof and its tie-break."""
    placement = placer.solve(wind_by_day(), solver="columns")
    assert placement.cost_usd == pytest.approx(1537.5)
    assert placement.termination.detail.startswith("column generation: optimal")
    assert placement.tie_break.proven


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 200)))
def test_column_generation_and_blocks_as_the_whole_program(seed):
    """Tests random shares by the hour, over some hours and over all blocks, at the cost of the whole program."""
    instance = random_green(np.random.default_rng(100 + seed))
    whole, columns = (placer.solve(instance, solver=solver) for solver in ("simplex", "columns"))
    assert columns.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-7)
    assert columns.termination.detail.startswith(("2 blocks", "column generation: optimal"))
