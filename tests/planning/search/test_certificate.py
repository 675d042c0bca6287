"""Certificates of plans: bounds hold for any multipliers, and figures are recomputed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.decomposition.bound import Multiplied, bound_by_cuts, prove_bound
from placer.decomposition.cuts import cuts_of
from placer.decomposition.risk import CVaR
from placer.ladder.proven import solve_structure
from placer.planning.search.certificate import PlanCertificate, certify_plan, infeasibility
from placer.solvers.highs import HiGHS
from tests.decomposition.families import ByHand, bound_of, vectors_of


def _costs(problem, units):
    return np.array([solve_structure(state.at(units), HiGHS())[1].objective for state in problem.states])


@pytest.mark.slow
@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 1000), averse=st.booleans())
def test_any_multipliers_prove_a_bound(make_program_of_plan, seed, averse):
    """Tests that random multipliers and rents prove no more than any plan that keeps the limits costs, and the terms.

    Zero profit and the rents of build limits are parts of the gap.
    """
    random = np.random.default_rng(seed)
    risk = {"risk": CVaR(level=0.5, weight=0.6)} if averse else {}
    problem = make_program_of_plan(seed, limits={"budget_usd_year": 1e5}, **risk)
    vectors = vectors_of(problem, random)
    vector, state = (each.ravel() for each in np.meshgrid(np.arange(3), np.arange(3)))
    multiplied = Multiplied(vector, state, random.uniform(0, 2, 9), random.uniform(0, 2, 1), random.uniform(0, 500, 3))
    bound = prove_bound(problem, vectors, multiplied)
    cuts = [cuts_of(vectors[each], [problem.states[of]])[0] for each, of in zip(vector, state, strict=True)]
    constant, slope = np.array([each.constant for each in cuts]), np.array([each.slope for each in cuts])
    assert bound.amount == pytest.approx(bound_by_cuts(problem, multiplied, constant, slope).amount)
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


@pytest.mark.slow
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


def test_certificate_by_hand():
    """Tests each part of zero profit: a unit at a loss of 4, one left out at a profit of 14, and 1 left of the limit.

    The cost of the state exceeds its cut by 5. Nothing else is in the gap.
    """
    problem, bound = bound_of([2.0], [5.0], constant=(70.0,), slope=((2.0, 17.0),), member=(0,))
    assert (bound.value - problem.cost - 5.0 * problem.takes[0]).tolist() == [-4.0, 14.0]
    units = np.array([1.0, 3.0])
    costs = np.array([70.0 - 2.0 * 1 - 17.0 * 3 + 5.0])
    found = certify_plan(problem, units, costs, bound, states_proven=True, tolerance=1e-4)
    assert found.profit_usd_per_unit_year.tolist() == [-4.0, 14.0]
    assert found.zero_profit_usd_per_year == 4 * 1 + 14 * 1 + 5 * 1
    assert found.cost_usd_per_year == 3 + 30 + 2 * 22
    assert found.bound_usd_per_year == 140 - 40 - 56
    assert found.cost_usd_per_year - found.bound_usd_per_year == 23 + 2 * 5
    assert found.size_usd_per_year == 77
    assert found.gap == 33 / 77
    assert found.infeasibility == 0
    beyond = certify_plan(problem, units + 1.0, costs, bound, states_proven=True, tolerance=1e-4)
    assert beyond.zero_profit_usd_per_year == 4 * 2 + 14 * 0  # nothing is left of the limit, nor of the second


def test_size_of_costs_that_cancel():
    """Tests costs of 0: the gap is relative to a thousandth of the parts, and to 1 if there are none."""
    problem, bound = bound_of([1.0, 1.0], [0.0], weights=np.array([1.0, 1.0]), member=(0, 1))
    nothing = np.zeros(2)
    found = certify_plan(problem, nothing, np.array([1e3, -1e3]), bound, states_proven=True, tolerance=1e-4)
    assert found.size_usd_per_year == pytest.approx(2.0)
    found = certify_plan(
        problem, np.array([0.0, 1.0]), np.array([10.0, -20.0]), bound, states_proven=True, tolerance=1e-4
    )
    assert found.size_usd_per_year == pytest.approx(0.04)
    found = certify_plan(problem, nothing, nothing, bound, states_proven=True, tolerance=1e-4)
    assert found.size_usd_per_year == 1.0
    found = certify_plan(problem, nothing, np.array([-30.0, -10.0]), bound, states_proven=True, tolerance=1e-4)
    assert found.size_usd_per_year == 40.0


@pytest.mark.parametrize(
    ("units", "share"),
    [
        ((4.0, 2.0), 0.0),
        ((5.0, 2.0), 1 / 9),
        ((4.0 + 8e-8, 2.0), 1e-8),
        ((5.5, 0.0), 0.1),
        ((0.0, 5.0), 0.25),
        ((-0.25, 0.0), 0.25),
        ((0.0, -0.5), 0.5),
    ],
)
def test_infeasibility_by_hand(units, share):
    """Tests the limit of 8, the maximum of 5 and of 4, and units below 0; each alone."""
    assert infeasibility(ByHand(), np.array(units)) == pytest.approx(share, rel=1e-6)


def test_infeasibility_of_small_amounts():
    """Tests that a limit of 0.01 is exceeded by a tenth of it, one of 0 by a share of its terms, and a maximum of 0."""
    small = ByHand(amount=np.array([0.01]))
    assert infeasibility(small, np.array([0.011, 0.0])) == pytest.approx(0.001 / 0.011)
    small = ByHand(most=np.array([0.01, 4.0]))
    assert infeasibility(small, np.array([0.011, 0.0])) == pytest.approx(0.1)
    balance = ByHand(takes=np.array([[1.0, -1.0]]), amount=np.array([0.0]))
    assert infeasibility(balance, np.array([3.0, 1.0])) == pytest.approx(0.5)
    least = ByHand(takes=np.array([[-1.0, 0.0]]), amount=np.array([-2.0]))  # at least 2 of the first
    assert infeasibility(least, np.array([1.0, 0.0])) == pytest.approx(0.5)
    heavy = ByHand(takes=np.array([[1.0, 1000.0]]), amount=np.array([1.0]))
    assert infeasibility(heavy, np.array([2.0, -0.0005])) == pytest.approx(0.5 / 2.5)
    assert infeasibility(balance, np.array([1.0, 3.0])) == 0
    assert infeasibility(ByHand(amount=np.zeros(1), most=np.zeros(2)), np.zeros(2)) == 0
    assert infeasibility(ByHand(most=np.array([0.0, 4.0])), np.array([1e-6, 0.0])) > 1


def _certificate(cost, bound, tolerance=1e-4, **figures):
    none = np.zeros(0)
    given = {"infeasibility": 0.0, "states_proven": True, "size_usd_per_year": 100.0} | figures
    return PlanCertificate(
        cost_usd_per_year=cost,
        bound_usd_per_year=bound,
        tolerance=tolerance,
        value_usd_per_unit_year=none,
        profit_usd_per_unit_year=none,
        limit_rents=none,
        state_weights=none,
        zero_profit_usd_per_year=0.0,
        **given,
    )


def test_a_cost_below_its_bound_is_refused():
    """Tests that a negative gap beyond rounding proves nothing, at any tolerance, and that its sign is shown."""
    wrong = _certificate(90.0, 100.0)
    assert wrong.gap == -0.1
    assert not wrong.proven
    assert wrong.verdict == "not proven: gap -10%, the cost is below the bound"
    assert not _certificate(99.0, 100.0, tolerance=0.05).proven
    assert not _certificate(100.0 - 2e-4, 100.0, tolerance=0.05).proven
    rounded = _certificate(100.0 - 0.5e-4, 100.0, tolerance=0.05)
    assert rounded.proven
    assert rounded.verdict == "proven to a gap of -0.00005%"
    assert not _certificate(100.0 - 0.5e-4, 100.0, tolerance=1e-7).proven
    assert _certificate(100.0 - 0.5**20, 100.0, tolerance=0.5**20 / 100).proven  # at the edge


@pytest.mark.parametrize(
    ("figures", "proven"),
    [
        ({"cost": 100.0, "bound": 100.0}, True),
        ({"cost": 100.01, "bound": 100.0, "tolerance": 1.0001e-4}, True),
        ({"cost": 100.0 + 0.5**7, "bound": 100.0, "tolerance": 0.5**7 / 100}, True),
        ({"cost": 100.02, "bound": 100.0}, False),
        ({"cost": np.nan, "bound": 100.0}, False),
        ({"cost": 100.0, "bound": -np.inf}, False),
        ({"cost": 100.0, "bound": 100.0, "infeasibility": 1e-9}, True),
        ({"cost": 100.0, "bound": 100.0, "infeasibility": 2e-9}, False),
        ({"cost": 100.0, "bound": 100.0, "states_proven": False}, False),
    ],
)
def test_tolerances(figures, proven):
    """Tests each tolerance at its edge."""
    assert _certificate(**figures).proven is proven
