"""The tables and texts of a plan."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import placer
from placer.errors import NoSolutionError, Reason
from placer.running import running


@pytest.fixture(scope="module")
def plan(make_random_instance, make_candidates):
    """A plan of a random instance in two states, with a budget."""
    instance = make_random_instance(3, accelerators="sunk")
    states = placer.States({"low": (instance, 0.5), "high": (instance.scaled_demand(1.4), 0.5)})
    candidates = placer.Candidates.of(
        [
            {"candidate": "near", "adds": "accelerators", "target": "D0", "usd_per_unit_year": 20_000.0},
            {"candidate": "far", "adds": "accelerators", "target": "D3", "usd_per_unit_year": 30_000.0},
        ],
        placer.BuildLimits.of({"budget_usd_year": 5e4}),
    )
    return placer.plan(instance, candidates, states, build_limits={"budget_usd_year": 5e4}, gap=1e-8)


@pytest.mark.slow
def test_tables_add_up(plan):
    """Tests that costs of builds and states add up to the cost of the plan, and profit is value less cost and rents."""
    builds = plan.builds
    assert builds["cost_usd_per_year"].sum() == pytest.approx(plan.build_cost_usd_per_year)
    total = plan.build_cost_usd_per_year + plan.states["cost_usd_per_year"].sum()
    assert total == pytest.approx(plan.cost_usd_per_year)
    paid = builds["unit_cost_usd_per_year"] + builds["limits_rent_usd_per_unit_year"]
    assert builds["profit_usd_per_unit_year"].to_numpy() == pytest.approx(
        (builds["value_usd_per_unit_year"] - paid).to_numpy(), abs=1e-6
    )
    assert plan.build_limits.loc["budget_usd_year", "use"] <= 5e4 * (1 + 1e-9)
    assert (plan.states["certificate_weight"] == plan.states["horizons_per_year"]).all()


def test_texts_have_the_headlines(plan):
    """Tests the headline figures as text and as HTML."""
    for text in (repr(plan), plan._repr_html_()):
        assert "proven to a gap" in text
        assert "of 2 candidates" in text


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1e-3])
@pytest.mark.parametrize("name", ["within", "most_solves"])
def test_ranges_within_no_amount_are_refused(plan, name, wrong):
    """Tests that an excess cost or a number of solves that is no finite number of at least 0 is told by its name."""
    with pytest.raises(placer.ArgumentError, match=f"expected a finite number of at least 0 as {name}, not"):
        plan.ranges(**{name: wrong})


def test_ranges_without_time_are_unknown(plan):
    """Tests that a plan has its tables after its time is over, with unknown ends of the ranges."""
    again = replace(plan)
    with running(time_limit_seconds=1e-9):
        builds = again.builds
        with pytest.raises(NoSolutionError, match="no time"):
            again.ranges()
    assert builds[["least", "most"]].isna().all(axis=None)
    assert builds["units"].tolist() == plan.builds["units"].tolist()


def test_ranges_without_proof_are_unknown(plan, monkeypatch):
    """Tests that a plan has its tables where an end has no proven answer, and that ``ranges`` says so."""
    again = replace(plan)
    monkeypatch.setattr("placer.planning.answer.ranges.solve_over", _refuse)
    assert again.builds[["least", "most"]].isna().all(axis=None)
    with pytest.raises(NoSolutionError, match="a gap"):
        again.ranges()


def _refuse(*_):
    raise NoSolutionError(Reason.FAILED, "a gap")


DAY = 365
NEW = [{"candidate": "west", "adds": "accelerators", "target": "West", "usd_per_unit_year": 30.0 * DAY}]


def test_use_and_rents_by_hand(east_and_west):
    """Tests that East, of which 70 of 100 units work in one period and none in the other, earns nothing: 35 %.

    The 60 units in the West work in both periods. They are new, so that no existing limit earns anything.
    """
    plan = placer.plan(east_and_west, NEW, gap=1e-9)
    assert plan.stranded.loc["East", "utilisation"] == pytest.approx(0.35)
    assert plan.stranded.loc["West", "utilisation"] == pytest.approx(1.0)
    assert plan.stranded["accelerator_rents_usd_per_year"].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_existing_sites_earn_rents_where_they_are_scarce(east_and_west):
    """Tests that 30 existing units in the West earn what new ones cost, 30 a day each: 30 * 30 * 365."""
    sites = east_and_west.data_centres.assign(accelerators=[100.0, 30.0])
    plan = placer.plan(east_and_west.replace(data_centres=sites), NEW, gap=1e-9)
    assert plan.units == pytest.approx([30])
    assert plan.stranded["accelerator_rents_usd_per_year"].tolist() == pytest.approx([0, 900 * DAY], abs=1e-3)
