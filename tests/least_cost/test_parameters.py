"""Tests that the parameters of second objectives reach the program and the proof."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.least_cost import second_objective
from placer.least_cost.face import cost_unit_of
from placer.least_cost.parameters import DEFAULTS, FaceParameters
from placer.least_cost.second_objective import Objective, Optimal
from placer.tolerances import PROOF


@pytest.fixture
def placement(make_random_instance):
    """Return a placement as the solver found it."""
    return placer.solve(make_random_instance(0), tie_break=None)


def test_a_unit_is_the_tied_share_of_the_mean_cost(placement):
    """Tests ``unit = tied * cost / demand``, penalty included, at two shares."""
    structure, flows = placement.formulation.structure, placement.answer.point
    mean = (placement.cost_usd + placement.penalty_usd) / placement.demand_mtok
    for tied in (DEFAULTS.tied, 1e-6):
        assert cost_unit_of(structure, flows, FaceParameters(tied=tied)) == pytest.approx(tied * mean)


@pytest.mark.parametrize("change", [{"reaches": (1e5,)}, {"tied": 1e-9}, {"carries": 1.0}])
def test_parameters_trade_effort_and_not_the_optimum(placement, change):
    """Tests that the optimum of a second objective stays the same to its proven gap."""
    structure = placement.formulation.structure
    objective = Objective(placement.formulation.rtt_ms[structure.arc_origin, structure.arc_site])
    usual = Optimal(structure, placement.answer).least(objective)
    other = Optimal(structure, placement.answer, replace(DEFAULTS, **change)).least(objective)
    assert usual.proven
    assert other.proven
    assert other.value == pytest.approx(usual.value, abs=2 * PROOF * objective.most_apart(structure))


def test_an_optimum_is_proven_by_the_largest_gap(placement, monkeypatch):
    """Tests that an optimum is proven or not by the tolerance of proofs."""
    monkeypatch.setattr(second_objective, "PROOF", -1.0)
    structure = placement.formulation.structure
    objective = Objective(placement.formulation.rtt_ms[structure.arc_origin, structure.arc_site])
    found = Optimal(structure, placement.answer).least(objective)
    assert found.largest_gap == -1.0
    assert not found.proven
