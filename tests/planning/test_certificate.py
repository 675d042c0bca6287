"""Certificates of plans: bounds hold for any multipliers, and figures are recomputed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.planning.certificate import certify_plan, prove_bound
from placer.planning.cost_model import Multiplied
from placer.planning.cuts import PriceVector
from placer.planning.risk import CVaR
from placer.solvers.highs import HiGHS
from placer.solvers.proven import solve_structure


def _vectors(problem, random):
    found = []
    for state in problem.states:
        answer, _ = solve_structure(state.at(random.uniform(0, 4, len(problem.cost))), HiGHS())
        found.append(PriceVector.of(answer.prices))
    return found


def _costs(problem, units):
    return np.array([solve_structure(state.at(units), HiGHS())[1].objective for state in problem.states])


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 1000), averse=st.booleans())
def test_any_multipliers_prove_a_bound(make_program_of_plan, seed, averse):
    """Tests that random multipliers and rents prove no more than any plan that keeps the limits costs, and the terms.

    Zero profit and the rents of build limits are parts of the gap.
    """
    random = np.random.default_rng(seed)
    risk = {"risk": CVaR(level=0.5, weight=0.6)} if averse else {}
    problem = make_program_of_plan(seed, limits={"budget_usd_year": 1e5}, **risk)
    vectors = _vectors(problem, random)
    vector, state = (each.ravel() for each in np.meshgrid(np.arange(3), np.arange(3)))
    multiplied = Multiplied(vector, state, random.uniform(0, 2, 9), random.uniform(0, 2, 1), random.uniform(0, 500, 3))
    bound = prove_bound(problem, vectors, multiplied)
    units = random.uniform(0, 1, len(problem.cost)) * np.minimum(problem.most, 3)
    units *= min(1.0, 1e5 / float(problem.cost @ units))
    certificate = certify_plan(problem, units, _costs(problem, units), bound, states_proven=True, tolerance=1e-4)
    open_usd = certificate.cost_usd_per_year - certificate.bound_usd_per_year
    assert open_usd >= -1e-9 * certificate.size_usd_per_year
    assert certificate.zero_profit_usd_per_year <= open_usd + 1e-9 * certificate.size_usd_per_year
    assert certificate.infeasibility == pytest.approx(0, abs=1e-12)


def test_failures_are_named(make_program_of_plan):
    """Tests that an exceeded limit, an unproven state and an open gap each fail the certificate."""
    problem = make_program_of_plan(0, limits={"budget_usd_year": 1.0})
    zero = np.zeros(len(problem.cost))
    nothing = Multiplied(np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0), np.zeros(1), np.zeros(3))
    bound = prove_bound(problem, [], nothing)
    assert bound.amount == -np.inf
    units = zero + 1.0
    certificate = certify_plan(problem, units, np.ones(3), bound, states_proven=False, tolerance=1e-4)
    assert not certificate.proven
    assert len(certificate.failures) == 3
    assert "not proven" in certificate.verdict
    closed = replace(
        certificate, bound_usd_per_year=certificate.cost_usd_per_year, infeasibility=0.0, states_proven=True
    )
    assert closed.proven
    assert "proven to a gap" in closed._repr_html_()


def test_values_without_a_maximum_by_hand(newsvendor):
    """Tests 80 units that serve all work for 30 a day each: one less loses 100, one more nothing, so each is worth 30.

    With a maximum of 60, each is worth the 100 that it saves. A site that no work reaches is worth nothing.
    """
    sites = [{"data_centre": name, "accelerators": 0.0} for name in ("X", "Y")]
    links = [{"from": "H", "to": "X", "rtt_ms": 1.0}]
    instance = newsvendor[0].replace(data_centres=sites, links=links)
    rows = [
        {"candidate": name, "adds": "accelerators", "target": name, "usd_per_unit_year": 30.0 * 365} for name in "XY"
    ]
    plan = placer.plan(instance, rows, gap=1e-9)
    assert plan.units == pytest.approx([80, 0])
    assert plan.builds["value_usd_per_unit_year"].to_numpy() / 365 == pytest.approx([30, 0])
    assert plan.builds["profit_usd_per_unit_year"].to_numpy() / 365 == pytest.approx([0, -30], abs=1e-9)
    accounts = plan.accounts("data_centre")
    assert accounts.builds["value_usd"].to_numpy() / 365 == pytest.approx([2400, 0])
    assert accounts.regions["spent_usd"].to_numpy()[2] / 365 == pytest.approx(2400)
    few = placer.plan(instance, [rows[0] | {"max_units": 60.0}], gap=1e-9)
    assert few.builds["value_usd_per_unit_year"].tolist() == pytest.approx([100 * 365])


def test_lower_values_prove_the_same_bound(make_program_of_plan):
    """Tests that no candidate without a maximum has a profit at any multipliers, and that others keep their values."""
    random = np.random.default_rng(1)
    problem = make_program_of_plan(1)
    vectors = _vectors(problem, random)
    each = np.arange(3)
    multiplied = Multiplied(each, each, random.uniform(0, 2, 3), np.zeros(0), np.zeros(3))
    capped = replace(problem, candidates=replace(problem.candidates, max_units=problem.most))
    bound, left = prove_bound(problem, vectors, multiplied), prove_bound(capped, vectors, multiplied)
    endless = problem.has_no_maximum
    assert endless.any()
    assert bound.amount == left.amount
    assert (bound.value <= left.value).all()
    assert bound.value[~endless].tolist() == left.value[~endless].tolist()
    assert (bound.value[endless] <= problem.cost[endless] * (1 + 1e-12)).all()
