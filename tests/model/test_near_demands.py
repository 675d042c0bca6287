"""Demands that are nearly alike, taken as one."""

from __future__ import annotations

import pytest

from placer.ladder.proven import solve_structure
from placer.model.aggregation import merge
from placer.model.formulation import formulate
from placer.model.loads import cost_of
from placer.model.near_demands import merge_near, near_pairs
from placer.proof.answer_certificate import certify_answer
from placer.solvers.highs import HiGHS

HUBS = [{"hub": name} for name in "ABC"]
LINKS = [
    *({"from": hub, "to": "E", "rtt_ms": 1.0} for hub in "ABC"),
    {"from": "E", "to": "X", "rtt_ms": 1.0, "usd_per_gb": 1.0},
    {"from": "E", "to": "Y", "rtt_ms": 1.0},
    {"from": "C", "to": "X", "rtt_ms": 0.5, "usd_per_gb": 0.9},
]
DEMAND = [{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in zip("ABC", (1.0, 2.0, 3.0), strict=True)]


@pytest.fixture
def structure(make_instance):
    """Three hubs, of which the third sends to X for a tenth less."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "gb_per_mtok": 1.0}
    instance = make_instance(hubs=HUBS, links=LINKS, demand=DEMAND, exchanges=[{"exchange": "E"}], workloads=[work])
    return formulate(instance).structure


@pytest.mark.parametrize(("most_apart", "amounts"), [(0.0, [3.0, 3.0]), (0.04, [3.0, 3.0]), (0.06, [6.0])])
def test_demands_are_merged_up_to_a_difference_of_costs(structure, most_apart, amounts):
    """Tests that C, whose relative costs differ by half of a tenth, is apart below that."""
    merged = merge_near(structure, near_pairs(structure, most_apart)).structure
    assert sorted(merged.demand_amount.tolist()) == amounts


def test_merged_demands_pay_the_mean_cost(structure):
    """Tests the mean of 1.0 and 0.9, half of the demand each."""
    merged = merge_near(structure, near_pairs(structure, 1.0)).structure
    assert sorted(merged.arc_cost.tolist()) == pytest.approx([0.0, 0.95])


@pytest.mark.parametrize("seed", range(8))
def test_answers_are_placements_of_the_whole(make_random_instance, seed):
    """Tests that an answer is feasible for the whole, and that its duals bound the least cost."""
    whole = formulate(make_random_instance(seed, cyclic=bool(seed % 2))).structure
    near = merge_near(whole, near_pairs(whole, 1.0))
    answer, _ = solve_structure(near.structure, HiGHS())
    spread = near.spread(answer)
    certificate = certify_answer(whole, spread, gap=1.0)
    _, exact = solve_structure(whole, HiGHS())
    size = abs(exact.objective) + 1
    assert certificate.feasible
    assert certificate.bound <= exact.objective + 1e-7 * size
    assert cost_of(whole, spread.point) >= exact.objective - 1e-7 * size


@pytest.mark.parametrize("seed", range(4))
def test_no_difference_loses_nothing(make_random_instance, seed):
    """Tests that demands with equal costs alone become one, so that the least cost stays as it is."""
    whole = formulate(make_random_instance(seed)).structure
    near = merge_near(whole, near_pairs(whole, 0.0)).structure
    assert near.demand_amount.sum() == pytest.approx(whole.demand_amount.sum())
    assert len(near.demand_amount) <= len(merge(whole).structure.demand_amount)
    _, merged = solve_structure(near, HiGHS())
    _, exact = solve_structure(whole, HiGHS())
    assert merged.objective == pytest.approx(exact.objective, rel=1e-7, abs=1e-6)
