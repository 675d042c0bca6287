"""Proof of an answer without its linear program: feasibility, prices, gaps, and input that cannot be read."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.model.answer import Answer, Duals, Flows
from placer.model.formulation import formulate
from placer.model.loads import loads
from placer.model.scaling import IN_USE
from placer.proof import answer_certificate
from placer.proof.answer_certificate import CostInterval, _dearest_used, certify_answer, cost_interval
from placer.proof.bound import bound_prices
from placer.proof.certificate import Tolerances
from placer.proof.complementarity import Sides, column_products
from placer.proof.magnitudes import magnitudes
from tests.proof.answers import (
    FIGURES,
    OPTIMAL,
    certify,
    duals_of,
    solved,
    with_duals,
    with_flows,
    workload,
)


def _sides(structure, answer):
    duals = answer.duals
    return Sides(
        structure,
        answer.flows,
        duals,
        loads(structure, answer.flows),
        bound_prices(structure, duals),
        magnitudes(structure),
    )


def test_proof_of_a_known_optimum(small, small_answer):
    """Tests the figures of an answer worked out by hand."""
    certificate = certify(small, small_answer)
    assert certificate.proven
    assert certificate.objective == certificate.bound == 620
    assert not any(getattr(certificate, figure) for figure in FIGURES)
    assert not any(np.signbit(getattr(certificate, figure)) for figure in FIGURES), "a 0 is not shown as -0"


def test_interval_of_a_known_optimum(small, small_answer):
    """Tests that feasible flows and optimal duals leave no gap, and that duals of 0 prove a bound of 0."""
    assert cost_interval(small, small_answer) == CostInterval(620, 620, 0)
    duals = small_answer.duals
    nothing = {each.name: np.zeros_like(getattr(duals, each.name)) for each in fields(duals)}
    found = cost_interval(small, with_duals(small_answer, **nothing))
    certificate = certify(small, with_duals(small_answer, **nothing))
    assert (found.bound, found.gap) == (certificate.bound, certificate.gap)
    assert found.gap > 0


def test_interval_of_a_cost_below_0(make_instance):
    """Tests that the gap is relative to its size: prices too low by 0.5 for 16 Mtok that earn 60."""
    zones = [{"power_zone": "zx", "usd_per_mwh": -3.0}, {"power_zone": "zy", "usd_per_mwh": -5.0}]
    structure, answer, objective = solved(make_instance(workloads=[workload(latency_slo_ms=15.0)], power_zones=zones))
    assert objective == pytest.approx(-60)
    found = cost_interval(structure, with_duals(answer, balance=answer.duals.balance - 0.5))
    assert found.gap == pytest.approx(8 / 60)


def test_no_interval_of_flows_that_are_not_feasible_or_cannot_be_read(small, small_answer):
    short = with_flows(small_answer, amount=np.array([9.0, 6.0]), taken=np.array([[9.0], [6.0]]))
    assert cost_interval(small, short) is None
    assert cost_interval(small, with_flows(small_answer, amount=np.array([np.nan, 6.0]))) is None


@pytest.mark.parametrize(("primal", "found"), [(1 / 18, True), (np.nextafter(1 / 18, 0), False)])
def test_interval_of_flows_that_are_short_by_what_is_tolerated(small, small_answer, monkeypatch, primal, found):
    """Tests a demand short by 1 / 18, where as much is tolerated, and a little less."""
    monkeypatch.setattr(answer_certificate, "Tolerances", lambda: Tolerances(primal=primal))
    short = with_flows(small_answer, amount=np.array([9.0, 6.0]), taken=np.array([[9.0], [6.0]]))
    assert (cost_interval(small, short) is not None) is found


def test_demand_that_is_short_is_measured_against_demand(small, small_answer):
    """Tests that a demand short by 1 of 10, where 8 is typical, is infeasible by 1 / 18."""
    certificate = certify(small, with_flows(small_answer, amount=np.array([9.0, 6.0]), taken=np.array([[9.0], [6.0]])))
    assert certificate.primal_infeasibility == 1 / 18
    assert certificate.complementarity == 50 / 570


def test_limit_that_is_passed_is_measured_against_the_limit(small, small_answer):
    """Tests that 10 where there is room for 4, and 4 is typical of the limits, is infeasible by 6 / 8."""
    for limit in ("capacity", "intake", "tier_limit"):
        changed = replace(small, **{limit: np.array([[4.0], [np.inf]])})
        assert certify(changed, small_answer).primal_infeasibility == 6 / 8


ROW_OF_A = np.array([[[[1.0], [0.0]]], [[[0.0], [0.0]]]])

VIOLATED = {
    "demand": ({}, {"unserved": np.array([1.0, 0.0])}, 1 / 18),
    "supply balance": ({}, {"taken": np.array([[9.0], [6.0]])}, 1 / 18),
    "capacity": ({"capacity": np.array([[4.0], [np.inf]])}, {}, 6 / 8),
    "intake": ({"intake": np.array([[4.0], [np.inf]])}, {}, 6 / 8),
    "tier": ({"tier_limit": np.array([[4.0], [np.inf]])}, {}, 6 / 8),
    "link": ({"link_use": np.ones(1), "link_capacity": np.array([[4.0], [np.inf], [np.inf]])}, {}, 6 / 8),
    "cap": ({"cap_limit": np.array([4.0, np.inf]), "cap_work": ROW_OF_A}, {}, 6 / 8),
    "assignment below 0": (
        {"draw": np.zeros((1, 2))},
        {"amount": np.array([-2.0, 6.0]), "unserved": np.array([12.0, 0.0]), "taken": np.zeros((2, 1))},
        2 / 8,
    ),
    "nothing taken where less than nothing is drawn": (
        {},
        {"amount": np.array([-2.0, 6.0]), "unserved": np.array([12.0, 0.0]), "taken": np.array([[0.0], [6.0]])},
        2 / 8,
    ),
    "unserved below 0": (
        {},
        {"amount": np.array([12.0, 6.0]), "unserved": np.array([-2.0, 0.0]), "taken": np.array([[12.0], [6.0]])},
        2 / 8,
    ),
}


@pytest.mark.parametrize(("change", "flows", "expected"), VIOLATED.values(), ids=VIOLATED)
def test_every_row_and_bound_is_looked_at(small, small_answer, change, flows, expected):
    """Tests that flows that violate one kind of row or bound only are infeasible by what they violate it by.

    Typical are 8 of demand, supply and tiers, and 4 of a limit of 4.
    """
    certificate = certify(replace(small, **change), with_flows(small_answer, **flows))
    assert certificate.primal_infeasibility == expected


def test_price_too_high_is_measured_against_a_typical_price(small, small_answer):
    """Tests that a demand priced 5 too high at 55 is dual infeasible by 5 over 55 and the typical 35."""
    certificate = certify(small, with_duals(small_answer, demand=np.array([55.0, 20.0])))
    assert certificate.dual_infeasibility == 5 / 90
    assert certificate.complementarity == 5 * 10 / 620
    assert certificate.bound == 620, "prices of demands do not enter the bound"


def test_supply_that_is_missing_is_measured_at_its_price(small, small_answer):
    """Tests that 1 drawn but not taken at 50 is a product of 50 over the cost of 570."""
    certificate = certify(small, with_flows(small_answer, taken=np.array([[9.0], [6.0]])))
    assert certificate.complementarity == 50 / 570


@pytest.mark.slow
@pytest.mark.parametrize(("left", "price"), [(-2.0, 55.0), (-1.0, 45.0)], ids=["above its limit", "below 0"])
def test_tier_out_of_its_bounds_is_measured_at_its_reduced_cost(small, small_answer, left, price):
    """Tests that 10 taken of 8 at 5 below its worth, or -1 of a tier 5 above it, count by their size."""
    limit = np.array([[8.0 if left == -2 else np.inf], [np.inf]])
    flows = {} if left == -2 else {"taken": np.array([[-1.0], [6.0]])}
    duals = {"balance": np.array([[price], [20.0]]), "demand": np.array([price, 20.0])}
    structure = replace(small, tier_limit=limit)
    answer = with_duals(with_flows(small_answer, **flows), **duals)
    products = column_products(_sides(structure, answer))
    assert max(float(product.max(initial=0.0)) for product in products) == 5 * -left


def test_prices_below_0_are_measured_by_their_size(small, small_answer):
    """Tests that where power earns 50 and 20 prices 5 or 7 too high are measured over their size and the typical 35."""
    earning = replace(small, tier_cost=-small.tier_cost)
    right = {"demand": np.array([-50.0, -20.0]), "balance": np.array([[-50.0], [-20.0]])}
    assert certify(earning, with_duals(small_answer, **right)).proven
    dear = certify(earning, with_duals(small_answer, **(right | {"demand": np.array([-45.0, -20.0])})))
    assert dear.dual_infeasibility == 5 / (35 + 45)
    dear = certify(earning, with_duals(small_answer, **(right | {"balance": np.array([[-43.0], [-20.0]])})))
    assert dear.dual_infeasibility == 7 / (35 + 43)
    cheap = certify(earning, with_duals(small_answer, **(right | {"balance": np.array([[-55.0], [-20.0]])})))
    assert cheap.gap == cheap.serving_gap == 50 / 620


def test_price_above_the_penalty_is_too_high(small, small_answer):
    """Tests that no demand may be priced above what leaving it unserved costs."""
    dear = replace(small, unserved_cost=np.array([40.0]))
    assert certify(dear, small_answer).dual_infeasibility == 10 / 85


def test_supply_above_a_tier_without_limit_is_too_high(small, small_answer):
    """Tests that supply priced 7 above a tier without limit is infeasible by 7 over 57 and the typical 35."""
    certificate = certify(small, with_duals(small_answer, balance=np.array([[57.0], [20.0]])))
    assert certificate.dual_infeasibility == 7 / 92
    assert certificate.bound == 620


def test_cheaper_duals_prove_less(small, small_answer):
    """Tests that supply priced 5 too low proves 50 less, and the gap is relative to the cost."""
    certificate = certify(small, with_duals(small_answer, balance=np.array([[45.0], [20.0]])))
    assert certificate.bound == 570
    assert certificate.gap == 50 / 620


def test_unserved_below_its_penalty_is_measured(small, small_answer):
    """Tests that 1 left unserved at 1000 where it is worth 50 is 950 over the 570 that serving costs."""
    flows = {"amount": np.array([9.0, 6.0]), "unserved": np.array([1.0, 0.0]), "taken": np.array([[9.0], [6.0]])}
    certificate = certify(small, with_flows(small_answer, **flows))
    assert certificate.primal_infeasibility == 0
    assert certificate.complementarity == 950 / 570


def test_tier_that_gives_less_than_nothing_is_found(small, small_answer):
    """Tests that 11 from one tier and -1 from another balance, but are infeasible by 1 of a typical 8."""
    tiers = replace(
        small,
        tier_site=np.array([0, 0, 1]),
        tier_yield=np.ones(3),
        tier_cost=np.array([[50.0], [50.0], [20.0]]),
        tier_limit=np.full((3, 1), np.inf),
        cap_tier=np.zeros((2, 3, 1)),
    )
    certificate = certify(tiers, with_flows(small_answer, taken=np.array([[11.0], [-1.0], [6.0]])))
    assert certificate.primal_infeasibility == 1 / 8


def test_gap_asked_for_is_what_is_held_against(small, small_answer):
    """Tests that the tolerance of the gap is the one given, and the others are the usual ones."""
    wrong = with_duals(small_answer, balance=np.array([[45.0], [20.0]]), demand=np.array([45.0, 20.0]))
    for gap in (1e-9, 0.1):
        certificate = certify_answer(small, wrong, gap=gap)
        assert certificate.tolerances == Tolerances(gap=gap)
        assert any(failure.startswith("gap") for failure in certificate.failures) == (gap < 50 / 620)


@pytest.mark.parametrize("usd_per_mwh", [(3.0, -5.0), (0.0, 0.0)], ids=["crosses 0", "is 0"])
def test_cost_of_0_has_a_gap_nonetheless(make_instance, usd_per_mwh):
    """Tests that where costs cancel or vanish the gap is relative to what serving typically costs."""
    zones = [{"power_zone": zone, "usd_per_mwh": usd} for zone, usd in zip(("zx", "zy"), usd_per_mwh, strict=True)]
    structure, answer, objective = solved(make_instance(workloads=[workload(latency_slo_ms=15.0)], power_zones=zones))
    assert objective == pytest.approx(0, abs=1e-9)
    certificate = certify(structure, answer)
    assert certificate.proven
    serving = 16 * (4.0 if any(usd_per_mwh) else 1000.0)
    cheap = certify(structure, with_duals(answer, balance=answer.duals.balance - 0.5))
    assert cheap.gap == pytest.approx(0.5 * 16 / (1e-3 * serving), rel=1e-9)


def test_dear_ways_that_nobody_takes_hide_no_gap(make_instance):
    """Tests that the gap is relative to the cost of the flows where a typical way is far dearer."""
    structure, answer, objective = solved(make_instance(workloads=[workload()]))
    cost = structure.arc_cost.copy()
    cost[np.setdiff1d(np.arange(len(cost)), answer.flows.arc)] = 1e15
    cheap = with_duals(answer, balance=answer.duals.balance / 2, demand=answer.duals.demand / 2)
    certificate = certify(replace(structure, arc_cost=cost), cheap)
    assert certificate.objective == pytest.approx(objective)
    assert certificate.gap == pytest.approx(0.5)


def test_the_dearest_cost_is_that_of_supply_by_what_an_mtok_takes(small, small_answer):
    """Tests 50 USD/MWh, at a yield of a half, for a quarter of an MWh."""
    assert _dearest_used(_sides(small, small_answer)) == 50
    sides = _sides(replace(small, tier_yield=np.array([0.5, 0.5])), small_answer)
    assert _dearest_used(replace(sides, typical=replace(sides.typical, take_supply=0.25))) == 25


def test_the_dearest_cost_is_the_penalty_of_what_is_unserved(small, small_answer):
    """Tests 2 Mtok at 1,000 USD each."""
    assert _dearest_used(_sides(small, with_flows(small_answer, unserved=np.array([2.0, 0.0])))) == 1000


def test_amounts_of_rounding_are_not_in_use(small, small_answer):
    """Tests a route and a supply with just what counts as rounding beside a typical demand, and tier, of 8."""
    dear = replace(small, arc_cost=np.array([0.0, 400.0]))
    assert _dearest_used(_sides(dear, small_answer)) == 400
    assert _dearest_used(_sides(dear, with_flows(small_answer, amount=np.array([16.0, 8 * IN_USE])))) == 50
    assert _dearest_used(_sides(small, with_flows(small_answer, taken=np.array([[8 * IN_USE], [16.0]])))) == 20


def test_demand_of_nothing_is_proven(small, small_answer):
    """Tests that where nothing is asked the answer of nothing passes, at a cost of 0."""
    nothing = replace(small, demand_amount=np.zeros(2))
    certificate = certify(nothing, with_flows(small_answer, amount=np.zeros(2), taken=np.zeros((2, 1))))
    assert certificate.proven
    assert certificate.objective == certificate.bound == 0
    assert not np.signbit(certificate.primal_infeasibility), "a 0 is not shown as -0"


def test_gap_of_nothing_is_in_the_unit_of_costs(small, small_answer):
    """Tests a rent of 1 for each of 4 units where nothing is asked: the bound is -4, and the gap 4 of 1."""
    nothing = replace(small, demand_amount=np.zeros(2), capacity=np.array([[4.0], [np.inf]]))
    dear = with_duals(small_answer, capacity=np.array([[1.0], [0.0]]))
    answer = with_flows(dear, amount=np.zeros(2), taken=np.zeros((2, 1)))
    assert cost_interval(nothing, answer) == CostInterval(0, -4, 4)


def test_prices_of_many_demands_that_give_little_away_each_are_refused(make_instance):
    """Tests that what prices are too low by counts in sum: here 10,000 of them give away half a millionth each."""
    hours = 10_000
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(hours)]
    structure = formulate(make_instance(demand=demand)).structure
    taken = np.zeros((2, hours))
    taken[1] = 1.0
    arcs = np.full(hours, int(structure.arc_starts[0]) + 1)
    flows = Flows(np.arange(hours), arcs, np.ones(hours), np.zeros(hours), np.zeros(0), taken)
    right = duals_of(structure, demand=np.full(hours, 20.0), balance=np.repeat([[50.0], [20.0]], hours, axis=1))
    assert certify(structure, Answer(OPTIMAL, flows, right)).proven
    low = Answer(OPTIMAL, flows, replace(right, demand=np.full(hours, 20.0 - 0.1)))
    certificate = certify(structure, low)
    assert certificate.bound == certificate.objective
    assert certificate.complementarity == pytest.approx(0.1 / 20)
    assert certificate.failures == ("complementarity 0.005 > 1e-06",)


@pytest.mark.parametrize(("missing", "problem"), [("flows", "no point"), ("duals", "no duals")])
def test_nothing_to_certify_is_an_error(small, small_answer, missing, problem):
    """Tests that a proof is not made from half an answer."""
    with pytest.raises(ValueError, match=problem):
        certify(small, replace(small_answer, **{missing: None}))


@pytest.mark.slow
@pytest.mark.parametrize("side", [Flows, Duals])
def test_shapes_that_do_not_fit_are_an_error(honest, side):
    """Tests that arrays of another structure are named, each of them."""
    structure, answer, _ = honest[0]
    which = "flows" if side is Flows else "duals"
    for field in fields(side):
        given = getattr(answer, which)
        each = getattr(given, field.name)
        longer = np.pad(each, [(0, 1), *[(0, 0)] * (each.ndim - 1)])
        with pytest.raises(ValueError, match="shapes do not fit the structure: "):
            certify(structure, replace(answer, **{which: replace(given, **{field.name: longer})}))


def test_a_limit_of_at_least_an_amount_is_measured_by_its_size(small, small_answer):
    """Tests that 16 served where 20 must be, as -16 <= -20, is infeasible by 4 / (20 + 20)."""
    least = replace(small, cap_limit=np.array([-20.0, np.inf]), cap_work=-np.ones((2, 1, 2, 1)))
    assert certify(least, small_answer).primal_infeasibility == 4 / 40
