"""Ends over the answers within a budget, and mixes of answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

import placer
from placer.least_cost.within import Within, mixed_flows
from placer.proof.answer_certificate import certify_answer
from tests.effort import tries


def at_each_site(structure):
    arcs = len(structure.arc_site)
    return csr_array((np.ones(arcs), (structure.arc_site, np.arange(arcs))), shape=(structure.sites, arcs))


@pytest.mark.parametrize("within", [0.0, 0.1])
def test_combinations_by_hand(make_instance, within):
    """Tests 16 Mtok at Y for 20 USD each: 320 * within more moves some to X for 30 a Mtok, or leaves it for 980."""
    placement = placer.solve(make_instance())
    structure = placement.formulation.structure
    search = Within(structure, placement.answer, at_each_site(structure), within)
    moved, left = 320 * within / 30, 320 * within / 980
    assert search.cheapest.counts.tolist() == [0, 16]
    assert search.most == pytest.approx(320 * (1 + within))
    for weights, value in (([1, 0], 0), ([-1, 0], -moved), ([2, 1], 16 - left), ([-2, -1], -16 - moved)):
        end = search.least(np.array(weights, dtype=float))
        assert (end.value, end.bound) == pytest.approx((value, value), abs=1e-6)
        assert end.proven


def test_an_answer_has_flows_within_the_budget(make_instance):
    placement = placer.solve(make_instance())
    structure = placement.formulation.structure
    found = Within(structure, placement.answer, at_each_site(structure), 0.1).answer(np.array([-1.0, 0.0]))
    assert found.flows is not None
    assert found.cost == pytest.approx(352)
    assert found.flows.amount.sum() == pytest.approx(16)


@pytest.mark.parametrize("seed", range(tries(3, 40)))
def test_mixes_keep_all_limits_and_mix_the_cost(make_random_instance, seed):
    placement = placer.solve(make_random_instance(seed))
    structure, answer = placement.formulation.structure, placement.answer
    search = Within(structure, answer, at_each_site(structure), 0.05)
    weights = np.random.default_rng(seed).normal(size=structure.sites)
    other = search.answer(weights)
    flows = mixed_flows(structure, answer.point, other.flows, 0.25)
    proof = certify_answer(structure, type(answer)(answer.termination, flows, answer.duals), gap=1e-9)
    assert proof.feasible
    assert proof.objective == pytest.approx(0.75 * search.cheapest.cost + 0.25 * other.cost)


@pytest.mark.slow
def test_a_saving_that_is_rounding_is_no_chord(make_random_instance):
    """Tests an instance in which a dearer answer of the same count seems to save 1e-13: its chord was no price."""
    placement = placer.solve(make_random_instance(183))
    found = placer.alternatives(placement, 0.3, ["region", "exports"], answers=0)
    assert found.ranges["proven"].all()
