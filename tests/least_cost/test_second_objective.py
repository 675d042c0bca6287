"""Tests of second objectives over the placements of least cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.ceiling.economics import economic_range
from placer.least_cost.second_objective import Objective, Optimal, least_on_face
from placer.model.positions import Assignments
from placer.proof.answer_certificate import certify_answer
from placer.proof.near import surpluses
from tests.effort import tries


@pytest.mark.parametrize("seed", range(6))
def test_surpluses_account_for_the_cost(make_random_instance, seed):
    """Tests that cost = bound + surpluses * columns + rents * slack, so that no used column has a surplus."""
    placement = placer.solve(make_random_instance(seed), tie_break=None)
    structure, flows = placement.formulation.structure, placement.answer.point
    known = surpluses(structure, placement.answer.prices)
    used = known.of_assignments(Assignments(flows.demand, flows.arc))
    assert np.abs(used @ flows.amount) <= 1e-9 * abs(placement.certificate.objective)
    every, surplus = known.near(np.inf)
    assert len(every.demand) == structure.assignment_count
    assert surplus.min() >= -1e-9 * np.abs(known.price).max()
    near, _ = known.near(0.0)
    assert len(near.demand) < len(every.demand)


def test_columns_are_priced_some_at_a_time(make_random_instance, monkeypatch):
    """Tests that pricing in small parts finds the same columns."""
    placement = placer.solve(make_random_instance(1))
    known = surpluses(placement.formulation.structure, placement.answer.prices)
    whole = known.near(1.0)[0]
    monkeypatch.setattr("placer.proof.bound._AT_A_TIME", 5)
    parts = known.near(1.0)[0]
    assert np.array_equal(whole.demand, parts.demand)
    assert np.array_equal(whole.arc, parts.arc)


@pytest.mark.slow
def test_closed_links_and_sites_carry_nothing(make_instance):
    """Tests ranges with a link of capacity 0: nothing can leave A, whatever the prices of the closed link are."""
    base = make_instance()
    links = base.links.assign(capacity_gbps=[np.inf, np.inf, 0.0])
    instance = make_instance(links=links, workloads=base.workloads.assign(gb_per_mtok=1.0))
    for solver in (placer.HiGHS(), placer.ColumnGeneration()):
        found = economic_range(placer.solve(instance, solver))
        assert (tuple(found), found.detail) == ((0.0, 0.0), "")


def test_a_time_that_is_over_is_told(make_instance):
    """Tests that no time leaves the placement as it is, and says so."""
    placement = placer.solve(make_instance(), tie_break=None)
    structure = placement.formulation.structure
    arc = np.arange(len(structure.arc_cost), dtype=float)
    found = least_on_face(structure, placement.answer, Objective(arc), 1e-9)
    assert not found.proven
    assert "time limit" in found.detail


@pytest.mark.parametrize("seed", [0, 2, 4])
@pytest.mark.parametrize("error", [1e-7, 1e-5, 1e-4])
def test_rough_duals_are_made_anew(make_random_instance, seed, error):
    """Tests that duals that are off, and prove no face, are sharpened and give the same optimum.

    From 1e-5 on they move by more than the columns within 1e-5 of the mean cost allow.
    """
    placement = placer.solve(make_random_instance(seed), tie_break=None)
    structure, answer = placement.formulation.structure, placement.answer
    off = replace(answer.prices, capacity=answer.prices.capacity * (1 + error))
    objective = Objective(placement.formulation.rtt_ms[structure.arc_origin, structure.arc_site])
    exact = Optimal(structure, answer).least(objective)
    rough = Optimal(structure, replace(answer, duals=off)).least(objective)
    assert exact.proven
    assert rough.proven
    assert rough.value == pytest.approx(exact.value, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(7, 20)))
def test_ranges_of_column_generation_on_awkward_instances(make_random_instance, ends_by_cost_row, seed):
    """Tests with closed links and sites and near ties that both ends are proven, and those of the whole program."""
    random = np.random.default_rng(seed)
    base = make_random_instance(seed, cyclic=bool(seed % 2))
    links, centres = base.links.copy(), base.data_centres.copy()
    if seed % 3 == 0:
        links.loc[links.index[-1], "capacity_gbps"] = 0.0
    if seed % 3 == 1:
        centres.loc[int(random.integers(4)), "accelerators"] = 0.0
    if seed % 2:
        centres["accelerator_usd_per_hour"] = 2.0 * (1 + 1e-7 * random.integers(0, 2, len(centres)))
    instance = base.replace(links=links, data_centres=centres)
    placement = placer.solve(instance, placer.ColumnGeneration(), tie_break=None)
    found = economic_range(placement)
    assert not found.detail
    assert tuple(found) == pytest.approx(ends_by_cost_row(placement, placement.formulation.exported), abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_optima_cost_no_more(make_random_instance, seed):
    """Tests that the flows of a second optimum pass the certificate of the cost."""
    placement = placer.solve(make_random_instance(seed), tie_break=None)
    structure = placement.formulation.structure
    weight = np.random.default_rng(seed).random(len(structure.arc_cost))
    found = least_on_face(structure, placement.answer, Objective(weight))
    assert found.proven
    assert certify_answer(structure, replace(placement.answer, flows=found.flows), gap=1e-9).proven


def test_flows_a_little_dearer_than_the_least_are_mended(make_instance):
    """Tests by hand that 0.001 of A's Mtok left at X, 30 USD dearer a Mtok, leaves the export proven at 10 of 16.

    All of A's 10 Mtok are cheaper away, all of B's 6 at home.
    """
    placement = placer.solve(make_instance(), tie_break=None)
    structure, flows = placement.formulation.structure, placement.answer.point
    site = structure.arc_site
    at_x = next(arc for arc in range(len(site)) if structure.arc_origin[arc] == 0 and site[arc] == 0)
    away = flows.arc[0]
    dearer = replace(
        flows,
        demand=np.array([0, 0, 1]),
        arc=np.array([at_x, away, flows.arc[1]]),
        amount=np.array([1e-3, 10 - 1e-3, 6.0]),
        taken=flows.taken + np.array([[1e-3], [-1e-3]]),
    )
    answer = replace(placement.answer, flows=dearer)
    exported = placement.formulation.exported[structure.arc_origin, site].astype(float)
    for sign in (1.0, -1.0):
        found = least_on_face(structure, answer, Objective(sign * exported))
        assert found.proven
        assert found.value == pytest.approx(sign * 10.0, rel=1e-9)


def test_without_a_choice_every_placement_is_best(make_instance):
    """Tests demand that is late everywhere, and a hub without demand in time: nothing can make a difference."""
    instance = make_instance(
        hubs=[{"hub": "A"}, {"hub": "B"}],
        data_centres=[{"data_centre": "X"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 50.0}, {"from": "B", "to": "X", "rtt_ms": 5.0}],
        supplies=[],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 20.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 2.0}],
    )
    placement = placer.solve(instance)
    assert placement.unserved_mtok == 2.0
    assert placement.tie_break.proven
    structure = placement.formulation.structure
    objective = Objective(np.array([5.0]), unserved=10.0)
    assert (objective.range, objective.most_apart(structure)) == (5.0, 0.0)
    found = Optimal(structure, placement.answer).least(objective)
    assert (found.value, found.bound, found.gap) == (20.0, 20.0, 0.0)
    assert found.proven


@pytest.mark.slow
def test_a_block_without_demand_needs_no_choice(make_instance):
    """Tests two days of one hour each, the second without demand, answered block by block."""
    demand = [{"workload": "w", "hub": hub, "hour": hour, "mtok": 4.0 * (hour == 0)} for hub in "AB" for hour in (0, 1)]
    periods = [{"hour": hour, "block": str(hour)} for hour in (0, 1)]
    placement = placer.solve(make_instance(demand=demand, periods=periods), placer.ColumnGeneration())
    assert placement.cost_usd == pytest.approx(8 * 20)
    assert placement.tie_break.proven


def test_what_costs_little_is_not_tied_with_what_costs_nothing(make_instance):
    """Tests a free site at 5 ms, and one at 1 ms that costs 1e-12 USD a Mtok: the free one alone costs least."""
    instance = make_instance(
        hubs=[{"hub": "A", "region": "east"}],
        data_centres=[
            {"data_centre": "X", "region": "west"},
            {"data_centre": "Y", "region": "east", "accelerator_usd_per_hour": 1e-9},
        ],
        links=[{"from": "A", "to": "X", "rtt_ms": 5.0}, {"from": "A", "to": "Y", "rtt_ms": 1.0}],
        supplies=[],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1e-3, "kwh_per_mtok": 0.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 2.0}],
    )
    placement = placer.solve(instance)
    assert placement.tie_break.proven
    assert placement.cost_usd == 0.0
    assert tuple(economic_range(placement)) == pytest.approx((1.0, 1.0))


def test_flows_that_break_a_limit_are_not_proven(make_instance, monkeypatch):
    """Tests HiGHS without the rows of the capacity: 12 of 16 Mtok fit at each site, where all cost the same.

    It then puts all at one site, and its bound for that program is just as low.
    """
    zones = [{"power_zone": "zx", "usd_per_mwh": 20.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    sites = [{"data_centre": "X", "accelerators": 12.0}, {"data_centre": "Y", "accelerators": 12.0}]
    placement = placer.solve(make_instance(power_zones=zones, data_centres=sites), tie_break=None)
    structure = placement.formulation.structure
    at_x = Objective((structure.arc_site == 0).astype(float))
    found = least_on_face(structure, placement.answer, at_x)
    assert found.proven
    assert found.value == pytest.approx(4.0)
    solve = placer.HiGHS.solve

    def forget(solver, program):
        equal = program.row_lower == program.row_upper
        return solve(solver, replace(program, row_upper=np.where(equal, program.row_upper, np.inf)))

    monkeypatch.setattr(placer.HiGHS, "solve", forget)
    wrong = least_on_face(structure, placement.answer, at_x)
    assert not wrong.proven
    assert wrong.detail == "the flows break a limit"
