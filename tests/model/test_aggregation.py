"""Demands that are alike, solved for as one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.aggregation import merge, merge_near, near_pairs, without_slack_links
from placer.model.formulation import formulate
from placer.model.loads import cost_of
from placer.proof.answer_certificate import certify_answer
from placer.solvers.highs import HiGHS

#: Three hubs side by side and one apart, all within reach of X and Y.
HUBS = [{"hub": name, "region": "east"} for name in "ABC"] + [{"hub": "D", "region": "west"}]
LINKS = [
    *({"from": hub, "to": "E", "rtt_ms": 1.0 + place} for place, hub in enumerate("ABCD")),
    {"from": "E", "to": "X", "rtt_ms": 1.0},
    {"from": "E", "to": "Y", "rtt_ms": 1.0},
]
DEMAND = [{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in zip("ABCD", (1.0, 2.0, 3.0, 4.0), strict=True)]


@pytest.fixture
def alike(make_instance):
    """Return a function to the structure of the four hubs, links changed."""

    def make(links=LINKS):
        instance = make_instance(hubs=HUBS, links=links, demand=DEMAND, exchanges=[{"exchange": "E"}])
        return formulate(instance).structure

    return make


def some_structure(make_random_instance, seed):
    """Return a random structure in which only export counts, so that hubs of a region are alike."""
    formulation = formulate(make_random_instance(seed, cyclic=bool(seed % 2)))
    structure = formulation.structure
    counted = formulation.exported[structure.arc_origin, structure.arc_site]
    return replace(
        structure,
        arc_cost=-counted.astype(float),
        work_cost=np.zeros_like(structure.work_cost),
        tier_cost=np.zeros_like(structure.tier_cost),
        unserved_cost=np.full_like(structure.unserved_cost, 30.0),
    )


def test_all_alike(alike):
    """Tests that four hubs with the same sites at the same cost are one demand of 10 Mtok, of which A has a tenth."""
    merged = merge(alike())
    assert merged.structure.demand_amount.tolist() == [10.0]
    assert merged.share == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert len(merged.structure.arc_site) == 2


def test_cost_tells_apart(alike):
    """Tests that a hub whose arcs cost something else stands alone."""
    structure = alike()
    cost = np.where(structure.arc_origin == 3, 1.0, 0.0)
    assert sorted(merge(replace(structure, arc_cost=cost)).structure.demand_amount.tolist()) == [4.0, 6.0]


def test_sites_tell_apart(alike):
    """Tests that a hub that reaches other sites stands alone."""
    structure = alike()
    kept = (structure.arc_origin != 0) | (structure.arc_site != 0)
    axes = ("arc_class", "arc_origin", "arc_site", "arc_rank", "arc_cost")
    fewer = replace(structure, **{axis: getattr(structure, axis)[kept] for axis in axes})
    assert sorted(merge(fewer).structure.demand_amount.tolist()) == [1.0, 9.0]


@pytest.mark.parametrize(
    ("capacity", "amounts"),
    [(1000.0, [10.0]), (1e-3, [4.0, 6.0]), (0.0, [4.0, 6.0])],
    ids=["slack", "scarce", "closed"],
)
def test_links_tell_apart_where_they_matter(make_instance, capacity, amounts):
    """Tests that a limited link of D's own keeps it apart only if it could be exceeded, or is closed."""
    links = [link | ({"capacity_gbps": capacity} if link["from"] == "D" else {}) for link in LINKS]
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "gb_per_mtok": 1.0}
    instance = make_instance(hubs=HUBS, links=links, demand=DEMAND, exchanges=[{"exchange": "E"}], workloads=[work])
    structure = formulate(instance).structure
    assert sorted(merge(structure).structure.demand_amount.tolist()) == amounts
    left = without_slack_links(structure).link_capacity
    assert np.isfinite(left).sum() == (len(amounts) > 1)


@pytest.mark.parametrize("seed", range(12))
def test_an_optimum_of_the_merged_is_one_of_the_whole(make_random_instance, seed):
    """Tests that the spread answer is proven over the whole structure, at the cost of its own optimum."""
    structure = some_structure(make_random_instance, seed)
    merged = merge(structure)
    assert len(merged.structure.demand_amount) <= len(structure.demand_amount)
    assert merged.structure.demand_amount.sum() == pytest.approx(structure.demand_amount.sum())
    answer, found = solve_structure(merged.structure, HiGHS())
    whole = certify_answer(structure, merged.spread(answer), gap=1e-6)
    assert whole.proven, whole
    assert whole.objective == pytest.approx(solve_structure(structure, HiGHS())[1].objective, rel=1e-7, abs=1e-7)
    assert whole.objective == pytest.approx(found.objective, rel=1e-9)


def test_demand_of_nothing(alike):
    """Tests that demands of 0 Mtok are merged and spread without a division by 0."""
    structure = alike()
    merged = merge(replace(structure, demand_amount=np.zeros(4)))
    assert merged.share.tolist() == [0.0] * 4


@pytest.fixture
def three(make_instance):
    """Three hubs, of which the third sends to X for a tenth less."""
    links = [
        *({"from": hub, "to": "E", "rtt_ms": 1.0} for hub in "ABC"),
        {"from": "E", "to": "X", "rtt_ms": 1.0, "usd_per_gb": 1.0},
        {"from": "E", "to": "Y", "rtt_ms": 1.0},
        {"from": "C", "to": "X", "rtt_ms": 0.5, "usd_per_gb": 0.9},
    ]
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "gb_per_mtok": 1.0}
    given = {"hubs": HUBS[:3], "links": links, "demand": DEMAND[:3], "exchanges": [{"exchange": "E"}]}
    return formulate(make_instance(**given, workloads=[work])).structure


@pytest.mark.parametrize(("most_apart", "amounts"), [(0.0, [3.0, 3.0]), (0.04, [3.0, 3.0]), (0.06, [6.0])])
def test_demands_are_merged_up_to_a_difference_of_costs(three, most_apart, amounts):
    """Tests that C, whose relative costs differ by half of a tenth, is apart below that."""
    merged = merge_near(three, near_pairs(three, most_apart)).structure
    assert sorted(merged.demand_amount.tolist()) == amounts


def test_marks_keep_demands_apart(three):
    """Tests that B, whose arcs have a mark of their own, stays apart from A and C."""
    marks = (three.arc_origin == 1).astype(float)[:, None]
    merged = merge_near(three, near_pairs(three, 0.06, marks)).structure
    assert sorted(merged.demand_amount.tolist()) == [2.0, 4.0]


def test_merged_demands_pay_the_mean_cost(three):
    """Tests the mean of 1.0 and 0.9, half of the demand each."""
    merged = merge_near(three, near_pairs(three, 1.0)).structure
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
