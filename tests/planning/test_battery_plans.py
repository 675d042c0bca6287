"""Candidates of batteries: by hand at several prices, and at random beside explicit programs of all states."""

import math

import numpy as np
import pytest

import placer
from placer.decomposition.cuts import PriceVector
from placer.decomposition.risk import NEUTRAL
from placer.planning.costs import evaluation
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem
from placer.planning.search.proven_plan import prove_plan
from tests.batteries_at_random import random_instance
from tests.batteries_by_hand import powered
from tests.effort import tries
from tests.green_batteries import add_green, random_green
from tests.planning.battery_plans import explicit_cost, random_question

NONE = {"power_mw": 0.0, "energy_mwh": 0.0}


def candidates(usd_per_mw, usd_per_mwh, **columns):
    """Return candidates of both, at costs in USD a horizon of two hours."""
    prices = {"power_mw": usd_per_mw, "energy_mwh": usd_per_mwh}
    row = {"target": "B", "max_units": 50.0, **columns}
    return [{"candidate": adds, "adds": adds, "usd_per_unit_year": 4380.0 * usd, **row} for adds, usd in prices.items()]


@pytest.mark.slow
@pytest.mark.parametrize("at", ["D", "Z"])
@pytest.mark.parametrize(
    ("usd_per_mw", "usd_per_mwh", "units", "cost"),
    [(10.0, 20.0, 10.0, 700.0), (40.0, 39.0, 10.0, 1190.0), (50.0, 31.0, 0.0, 1200.0)],
)
def test_three_prices(at, usd_per_mw, usd_per_mwh, units, cost):
    """Tests that 10 MW and 10 MWh are built where both together cost less than the 80 USD that they save."""
    plan = placer.plan(powered(battery=NONE, at=at), candidates(usd_per_mw, usd_per_mwh), gap=1e-9)
    assert plan.certificate.proven
    assert plan.units == pytest.approx([units, units])
    assert plan.cost_usd_per_year == pytest.approx(4380 * cost)
    assert plan.builds["value_usd_per_unit_year"].sum() <= 4380 * 80 * (1 + 1e-9)
    placement = plan.placement()
    assert placement.cost_usd + units * (usd_per_mw + usd_per_mwh) == pytest.approx(cost)
    assert placement.instance.batteries[["power_mw", "energy_mwh"]].iloc[0].tolist() == pytest.approx([units, units])


def test_lossy_power_beside_energy():
    """Tests 4 MWh that stand and power of 0.5 a MW: 0.8 of what is charged is held, 0.8 of that comes out."""
    battery = {"power_mw": 1.0, "energy_mwh": 4.0, "efficiency": 0.8}
    plan = placer.plan(powered((10.0, 100.0), battery), candidates(0.5, 1e3)[:1], gap=1e-9)
    assert plan.units == pytest.approx([4.0])  # 5 MW charge the 4 MWh in an hour
    assert plan.cost_usd_per_year == pytest.approx(4380 * (1100 + 50 - 320 + 2))


@pytest.mark.slow
def test_tables_of_a_plan():
    """Tests builds, ranges, states and sites; the break-even of energy is 80 less the cost of a MW."""
    plan = placer.plan(powered(battery=NONE), candidates(10.0, 20.0), gap=1e-9)
    assert plan.builds["units"].tolist() == pytest.approx([10, 10])
    assert (plan.builds["least"] <= plan.units + 1e-6).all()
    assert plan.break_even("energy_mwh", gap=1e-9) == pytest.approx(4380 * 70)
    assert plan.parts["operating_usd"].tolist() == pytest.approx([400])
    assert plan.stranded["power_rents_usd_per_year"].tolist() == pytest.approx([0])
    with pytest.raises(placer.InstanceError, match=r"plan.accounts carries no batteries yet"):
        plan.accounts(by="data_centre")


@pytest.mark.slow
def test_an_outage_loses_the_battery():
    """Tests that a battery at a lost data centre gives nothing: 4 Mtok an hour stay at the other one."""
    tables = {
        "data_centres": [{"data_centre": name, "accelerators": math.inf} for name in "DE"],
        "links": [{"from": "H", "to": name, "rtt_ms": 1} for name in "DE"],
        "supplies": [
            {"power_zone": "Z", "data_centre": "D", "limit_mw": [10.0, 0.0]},
            {"power_zone": "Z", "data_centre": "E", "limit_mw": [10.0, 0.0]},
        ],
    }
    instance = powered(battery=NONE, demand=4.0, **tables)
    plan = placer.plan(instance, candidates(10.0, 20.0), gap=1e-9)
    assert plan.units == pytest.approx([4, 4])
    with pytest.raises(placer.NoSolutionError):
        placer.plan(instance, candidates(10.0, 20.0), security="data_centres", gap=1e-9)
    safe = placer.Security("data_centres", most_stranded=0.5)
    kept = placer.plan(instance, candidates(10.0, 20.0), security=safe, gap=1e-9)
    assert kept.units == pytest.approx([4, 4])


@pytest.mark.slow
def test_a_stored_search_goes_on(tmp_path):
    """Tests that a journal holds what batteries do, and that a plan starts from another one."""
    modules = candidates(10.0, 20.0, module_units=4.0)
    first = placer.plan(powered(battery=NONE), modules, gap=1e-9, store=tmp_path / "plan.db")
    assert first.units == pytest.approx([12, 12])  # the last 4 of each save 160 and cost 120
    again = placer.plan(powered(battery=NONE), modules, gap=1e-9, store=tmp_path / "plan.db")
    assert again.solves.sum() == 0
    started = placer.plan(powered(battery=NONE), candidates(40.0, 39.0), gap=1e-9, start=first)
    assert started.units == pytest.approx([10, 10])


def test_bad_candidates():
    """Tests all at once: no maximum, a share by the hour, an unknown battery."""
    rows = candidates(1.0, 1.0)
    rows = [
        {**rows[0], "max_units": math.inf},
        {**rows[1], "usable_share": [1.0, 0.5]},
        {**rows[1], "candidate": "other", "target": "C"},
    ]
    with pytest.raises(placer.InstanceError) as caught:
        placer.plan(powered(battery=NONE), rows)
    found = {(each.row, each.column) for each in caught.value.violations}
    assert found == {("power_mw", "max_units"), ("energy_mwh", "usable_share"), ("other", "target")}


def assert_as_explicit(seed, made=random_instance, more=lambda *_: None):
    """Assert that the plan costs what the explicit program says, by one program and by a search from prices of 0."""
    question = random_question(np.random.default_rng(seed), made)
    least = explicit_cost(*question, more)
    plan = placer.plan(*question, gap=1e-9)
    problem = program_of(planning_problem(*question), NEUTRAL)
    searched = prove_plan(problem, 1e-9, vectors=[PriceVector.zero(each.structure) for each in problem.states])
    for found in (plan, searched):
        assert found.certificate.proven, found.certificate.verdict
        assert found.cost_usd_per_year == pytest.approx(least, rel=1e-8)
        assert found.bound_usd_per_year == pytest.approx(least, rel=1e-8)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(3, 30)))
def test_random_plans_as_explicit_programs(seed):
    """Tests small random plans beside their explicit programs."""
    assert_as_explicit(seed)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(2, 30)))
def test_plans_beside_green_shares_as_explicit_programs(seed):
    """Tests plans that keep green shares, beside batteries with contents of sizes that are built."""
    assert_as_explicit(seed, random_green, add_green)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(1, 10)))
def test_many_random_plans_as_explicit_programs(seed):
    """Tests more of them, ten at a time."""
    for number in range(10):
        assert_as_explicit(100 + 10 * seed + number)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(3, 30)))
def test_states_by_column_generation(monkeypatch, seed):
    """Tests plans whose states start column generation from the prices of the states before them."""
    starts, start_of = [], evaluation._start
    monkeypatch.setattr(evaluation, "_SMALL", 0)
    monkeypatch.setattr(evaluation, "_start", lambda *of: starts.append(start_of(*of)) or starts[-1])
    question = random_question(np.random.default_rng(seed))
    problem = program_of(planning_problem(*question), NEUTRAL)
    vectors = [PriceVector.zero(each.structure) for each in problem.states]
    found = prove_plan(problem, 1e-6, vectors=vectors)
    assert any(start is not None for start in starts)
    assert found.certificate.proven, found.certificate.verdict
    assert found.cost_usd_per_year == pytest.approx(explicit_cost(*question), rel=2e-6)
