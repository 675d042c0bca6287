"""Answers read off walks, against limits of every kind."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from placer.ceiling.walk.answer import LEAST_PENALTY, served_first
from placer.ceiling.walk.parameters import SweepParameters
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.proof.answer_certificate import certify_answer
from placer.solvers.highs import HiGHS

#: One workload of an hour and a MWh per Mtok; hub A's 10 Mtok may go to X or Y, which are 4 and 3 Mtok large.
WORK = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
CENTRES = [
    {"data_centre": "X", "region": "east", "accelerators": 4.0},
    {"data_centre": "Y", "region": "west", "accelerators": 3.0},
]


def free_of(instance):
    """Return the structure in which only exports count, one unit each."""
    formulation = formulate(instance)
    structure = formulation.structure
    return replace(
        structure,
        arc_cost=-formulation.exported[structure.arc_origin, structure.arc_site].astype(float),
        work_cost=np.zeros_like(structure.work_cost),
        tier_cost=np.zeros_like(structure.tier_cost),
        unserved_cost=np.ones_like(structure.unserved_cost),
    )


def proofs(structure, found):
    """Return the certificates of both sides of what was found."""
    priced = replace(structure, unserved_cost=np.full_like(structure.unserved_cost, found.penalty))
    alone = replace(structure, arc_cost=np.zeros_like(structure.arc_cost))
    return (
        certify_answer(alone, replace(found.answer, duals=found.duals_alone), gap=1e-6),
        certify_answer(priced, found.answer, gap=1e-6),
    )


def check(structure, parameters=None):
    """Answer a structure, prove both sides, and return the answer."""
    found = served_first(structure, math.inf, parameters)
    assert all(proof.proven for proof in proofs(structure, found)), proofs(structure, found)
    return found


def test_by_hand(make_instance):
    """Tests that 7 of 10 Mtok are served, 3 of them abroad, and that a unit unserved costs what it counts."""
    demand = [{"workload": "w", "hub": "A", "mtok": 10.0}]
    found = check(free_of(make_instance(workloads=[WORK], data_centres=CENTRES, demand=demand)))
    assert found.answer.point.unserved.tolist() == pytest.approx([3.0])
    assert sorted(found.answer.point.amount.tolist()) == pytest.approx([3.0, 4.0])
    assert found.answer.prices.demand.tolist() == pytest.approx([LEAST_PENALTY])
    assert found.duals_alone.demand.tolist() == pytest.approx([1.0])
    assert found.duals_alone.capacity.ravel().tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    "settings",
    [
        {"carbon_limit_kg": 0.0},
        {"water_limit_litres": 0.0},
        {"carbon_limit_kg": 2000.0, "water_limit_litres": 3000.0},
        {"carbon_limit_kg": 2000.0, "water_limit_litres": math.inf},
        {"carbon_limit_kg": math.inf, "water_limit_litres": math.inf},
    ],
    ids=["no carbon", "no water", "both scarce", "carbon scarce", "neither"],
)
@pytest.mark.parametrize("seed", range(6))
def test_limits_of_every_kind(make_random_instance, seed, settings):
    """Tests the optimum against HiGHS where tiers, sites, links and caps of any size, 0 included, are in the way."""
    structure = free_of(make_random_instance(seed, cyclic=bool(seed % 2), **settings))
    found = check(structure)
    priced = replace(structure, unserved_cost=np.full_like(structure.unserved_cost, found.penalty))
    least = solve_structure(priced, HiGHS())[1].objective
    asked = structure.demand_amount.sum()
    assert proofs(structure, found)[1].objective == pytest.approx(least, abs=1e-7 * asked)


@pytest.mark.parametrize("seed", range(6))
def test_supplies_of_nothing(make_random_instance, seed):
    """Tests that supplies with a limit of 0 are left alone, where a cap tells supplies apart and where none does."""
    for settings in ({}, {"carbon_limit_kg": math.inf}):
        structure = free_of(make_random_instance(seed, **settings))
        closed = structure.tier_limit.copy()
        closed[::3] = 0.0
        check(replace(structure, tier_limit=closed))


def test_penalty_is_raised_where_served_demand_needs_it(make_instance):
    """Tests that a unit served counts more where it displaces more exports than the least penalty is worth.

    Y holds 40 Mtok of A's light work, as export, or one of B's own, which takes 40 times as much and has nowhere else
    to go; A's may stay at X.
    """
    workloads = [
        WORK | {"workload": "light", "kwh_per_mtok": 0.0},
        WORK | {"workload": "heavy", "accelerator_hours_per_mtok": 40.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 15.0},
    ]
    demand = [
        {"workload": "light", "hub": "A", "mtok": 40.0},
        {"workload": "heavy", "hub": "B", "mtok": 1.0},
    ]
    centres = [CENTRES[0] | {"accelerators": 40.0}, CENTRES[1] | {"accelerators": 40.0}]
    found = check(free_of(make_instance(workloads=workloads, data_centres=centres, demand=demand)))
    assert found.penalty > LEAST_PENALTY
    assert found.answer.point.unserved.sum() == pytest.approx(0.0, abs=1e-9)


def test_parts_that_need_different_penalties(make_instance):
    """Tests that all parts are walked with the penalty of the neediest: an hour without the heavy work needs less.

    As above in hour 0; in hour 1 only A's light work asks, twice what Y holds.
    """
    workloads = [
        WORK | {"workload": "light", "kwh_per_mtok": 0.0},
        WORK | {"workload": "heavy", "accelerator_hours_per_mtok": 40.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 15.0},
    ]
    demand = [
        {"workload": "light", "hub": "A", "hour": 0, "mtok": 40.0},
        {"workload": "heavy", "hub": "B", "hour": 0, "mtok": 1.0},
        {"workload": "light", "hub": "A", "hour": 1, "mtok": 100.0},
    ]
    centres = [centre | {"accelerators": 40.0} for centre in CENTRES]
    structure = free_of(make_instance(workloads=workloads, data_centres=centres, demand=demand))
    found = check(structure, SweepParameters(together=1))
    assert found.penalty > LEAST_PENALTY
    assert found.answer.point.unserved.sum() == pytest.approx(20.0)


def test_nothing_that_may_go_anywhere(make_instance):
    """Tests that demand without an arc is left unserved, and proven so."""
    far = WORK | {"latency_slo_ms": 1.0}
    found = check(free_of(make_instance(workloads=[far])))
    assert found.answer.point.unserved.sum() == pytest.approx(16.0)
