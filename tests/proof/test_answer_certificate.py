"""Proof of an answer without its linear program: every honest answer passes, every corrupted one is refused."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.model.answer import Answer, Duals, Flows, answer_of
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.loads import loads
from placer.proof.answer_certificate import certify_answer
from placer.proof.bound import bound_prices
from placer.proof.certificate import Tolerances
from placer.proof.complementarity import column_products
from placer.proof.magnitudes import magnitudes
from placer.proof.sides import Sides
from placer.solvers.highs import HiGHS
from placer.solvers.whole_program import solve_program
from placer.termination import Reason, Termination

SEEDS = range(30)
UNLIMITED = {"carbon_limit_kg": np.inf, "water_limit_litres": np.inf}
OPTIMAL = Termination(Reason.OPTIMAL)
GAP = 1e-9
FIGURES = ("primal_infeasibility", "dual_infeasibility", "complementarity", "gap", "serving_gap")


@pytest.fixture(scope="module")
def honest(make_random_instance):
    """Structures of random instances, with and without caps and a cyclic horizon, their answers and least costs."""
    cases = []
    for seed in SEEDS:
        settings = {"cyclic": bool(seed % 2)} | (UNLIMITED if seed % 3 == 0 else {})
        cases.append(_solved(make_random_instance(seed, **settings)))
    return cases


@pytest.fixture
def small(make_instance):
    """Ten units at X for 50 each and six at Y for 20 each: each hub is near one site only."""
    return formulate(make_instance(workloads=[_workload(latency_slo_ms=15.0)])).structure


@pytest.fixture
def small_answer(small):
    """The optimum of that, worked out by hand: cost 620."""
    flows = Flows(
        np.arange(2), np.arange(2), np.array([10.0, 6.0]), np.zeros(2), np.zeros(0), np.array([[10.0], [6.0]])
    )
    return Answer(OPTIMAL, flows, _duals(small, demand=np.array([50.0, 20.0]), balance=np.array([[50.0], [20.0]])))


def _workload(**changes):
    return {
        "workload": "w",
        "accelerator_hours_per_mtok": 1.0,
        "kwh_per_mtok": 1000.0,
        "unserved_usd_per_mtok": 1000.0,
    } | changes


def _solved(instance):
    structure = formulate(instance).structure
    program = expand(structure)
    solution, certificate = solve_program(program, HiGHS())
    return structure, answer_of(structure, program, solution), certificate.objective


def _duals(structure, **given):
    """Duals of 0 but for those given."""
    shape = structure.capacity.shape
    nothing = Duals(
        demand=np.zeros(len(structure.demand_amount)),
        queue=np.zeros((len(structure.window), *shape)),
        balance=np.zeros(shape),
        capacity=np.zeros(shape),
        intake=np.zeros(shape),
        link=np.zeros(structure.link_capacity.shape),
        cap=np.zeros(len(structure.cap_limit)),
    )
    return replace(nothing, **given)


def _certify(structure, answer):
    return certify_answer(structure, answer, gap=GAP)


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


def _with_flows(answer, **changes):
    return replace(answer, flows=replace(answer.flows, **changes))


def _with_duals(answer, **changes):
    return replace(answer, duals=replace(answer.duals, **changes))


# What is known by hand.


def test_proof_of_a_known_optimum(small, small_answer):
    """Tests the figures of an answer worked out by hand."""
    certificate = _certify(small, small_answer)
    assert certificate.proven
    assert certificate.objective == certificate.bound == 620
    assert not any(getattr(certificate, figure) for figure in FIGURES)
    assert not any(np.signbit(getattr(certificate, figure)) for figure in FIGURES), "a 0 is not shown as -0"


def test_demand_that_is_short_is_measured_against_demand(small, small_answer):
    """Tests that a demand short by 1 of 10, where 8 is typical, is infeasible by 1 / 18."""
    certificate = _certify(
        small, _with_flows(small_answer, amount=np.array([9.0, 6.0]), taken=np.array([[9.0], [6.0]]))
    )
    assert certificate.primal_infeasibility == 1 / 18
    assert certificate.complementarity == 50 / 570


def test_limit_that_is_passed_is_measured_against_the_limit(small, small_answer):
    """Tests that 10 where there is room for 4, and 4 is typical of the limits, is infeasible by 6 / 8."""
    for limit in ("capacity", "intake", "tier_limit"):
        changed = replace(small, **{limit: np.array([[4.0], [np.inf]])})
        assert _certify(changed, small_answer).primal_infeasibility == 6 / 8


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
    certificate = _certify(replace(small, **change), _with_flows(small_answer, **flows))
    assert certificate.primal_infeasibility == expected


def test_price_too_high_is_measured_against_a_typical_price(small, small_answer):
    """Tests that a demand priced 5 too high at 55 is dual infeasible by 5 over 55 and the typical 35."""
    certificate = _certify(small, _with_duals(small_answer, demand=np.array([55.0, 20.0])))
    assert certificate.dual_infeasibility == 5 / 90
    assert certificate.complementarity == 5 * 10 / 620
    assert certificate.bound == 620, "prices of demands do not enter the bound"


def test_supply_that_is_missing_is_measured_at_its_price(small, small_answer):
    """Tests that 1 drawn but not taken at 50 is a product of 50 over the cost of 570."""
    certificate = _certify(small, _with_flows(small_answer, taken=np.array([[9.0], [6.0]])))
    assert certificate.complementarity == 50 / 570


@pytest.mark.parametrize(("left", "price"), [(-2.0, 55.0), (-1.0, 45.0)], ids=["above its limit", "below 0"])
def test_tier_out_of_its_bounds_is_measured_at_its_reduced_cost(small, small_answer, left, price):
    """Tests that 10 taken of 8 at 5 below its worth, or -1 of a tier 5 above it, count by their size."""
    limit = np.array([[8.0 if left == -2 else np.inf], [np.inf]])
    flows = {} if left == -2 else {"taken": np.array([[-1.0], [6.0]])}
    duals = {"balance": np.array([[price], [20.0]]), "demand": np.array([price, 20.0])}
    structure = replace(small, tier_limit=limit)
    answer = _with_duals(_with_flows(small_answer, **flows), **duals)
    products = column_products(_sides(structure, answer))
    assert max(float(product.max(initial=0.0)) for product in products) == 5 * -left


def test_prices_below_0_are_measured_by_their_size(small, small_answer):
    """Tests that where power earns 50 and 20 prices 5 or 7 too high are measured over their size and the typical 35."""
    earning = replace(small, tier_cost=-small.tier_cost)
    right = {"demand": np.array([-50.0, -20.0]), "balance": np.array([[-50.0], [-20.0]])}
    assert _certify(earning, _with_duals(small_answer, **right)).proven
    dear = _certify(earning, _with_duals(small_answer, **(right | {"demand": np.array([-45.0, -20.0])})))
    assert dear.dual_infeasibility == 5 / (35 + 45)
    dear = _certify(earning, _with_duals(small_answer, **(right | {"balance": np.array([[-43.0], [-20.0]])})))
    assert dear.dual_infeasibility == 7 / (35 + 43)
    cheap = _certify(earning, _with_duals(small_answer, **(right | {"balance": np.array([[-55.0], [-20.0]])})))
    assert cheap.gap == cheap.serving_gap == 50 / 620


def test_price_above_the_penalty_is_too_high(small, small_answer):
    """Tests that no demand may be priced above what leaving it unserved costs."""
    dear = replace(small, unserved_cost=np.array([40.0]))
    assert _certify(dear, small_answer).dual_infeasibility == 10 / 85


def test_supply_above_a_tier_without_limit_is_too_high(small, small_answer):
    """Tests that supply priced 7 above a tier without limit is infeasible by 7 over 57 and the typical 35."""
    certificate = _certify(small, _with_duals(small_answer, balance=np.array([[57.0], [20.0]])))
    assert certificate.dual_infeasibility == 7 / 92
    assert certificate.bound == 620


def test_cheaper_duals_prove_less(small, small_answer):
    """Tests that supply priced 5 too low proves 50 less, and the gap is relative to the cost."""
    certificate = _certify(small, _with_duals(small_answer, balance=np.array([[45.0], [20.0]])))
    assert certificate.bound == 570
    assert certificate.gap == 50 / 620


@pytest.mark.parametrize(
    ("family", "limited"),
    [("capacity", "capacity"), ("intake", "intake"), ("link", "link_capacity"), ("cap", "cap_limit")],
)
def test_rents_of_the_wrong_sign_are_found(small, small_answer, family, limited):
    """Tests that a rent below 0, or of a limit that is not there, is measured as a share of the typical price of 35."""
    small = replace(small, link_use=np.ones(1), cap_work=np.ones((2, 1, 2, 1)))
    rent = getattr(small_answer.duals, family).copy()
    rent[0] = 0.7
    assert _certify(small, _with_duals(small_answer, **{family: rent})).dual_infeasibility == 0.7 / 35
    ample = replace(small, **{limited: np.full_like(getattr(small, limited), 1e6)})
    assert _certify(ample, _with_duals(small_answer, **{family: rent})).dual_infeasibility == 0
    assert _certify(ample, _with_duals(small_answer, **{family: -rent})).dual_infeasibility == 0.7 / 35


UNTAKEN = {
    "cap that is not there": ("cap", {}),
    "cap": ("cap", {"cap_limit": np.zeros(2)}),
    "link that is not there": ("link", {}),
    "link": ("link", {"link_capacity": np.zeros((3, 1))}),
    "capacity": ("capacity", {"use": np.zeros((1, 2)), "capacity": np.zeros((2, 1))}),
}


@pytest.mark.parametrize("rent", [1e300, 1e-3, -1e-3])
@pytest.mark.parametrize(("family", "change"), UNTAKEN.values(), ids=UNTAKEN)
def test_what_no_work_takes_has_no_rent(small, small_answer, family, change, rent):
    """Tests that a rent of any size and sign is refused where no work takes of the limit, even if that is 0."""
    rents = getattr(small_answer.duals, family).copy()
    rents[-1] = rent
    certificate = _certify(replace(small, **change), _with_duals(small_answer, **{family: rents}))
    assert certificate.dual_infeasibility == np.inf
    assert not certificate.proven


@pytest.mark.parametrize("family", [field.name for field in fields(Duals)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_dual_too_large_to_be_one_is_refused(small, small_answer, family, sign):
    """Tests that a dual above 1e15 of the dearest price makes the answer one that cannot be read, wherever it is.

    Site Y has no capacity, intake and links, so that whatever is dual there costs nothing. The dearest price is the
    penalty of 1000, that of supply and rents 35 for one of a unit of each.
    """
    closed = replace(
        small,
        capacity=np.array([[np.inf], [0.0]]),
        intake=np.array([[np.inf], [0.0]]),
        link_use=np.ones(1),
        link_capacity=np.zeros((3, 1)),
        cap_work=np.ones((2, 1, 2, 1)),
        cap_limit=np.zeros(2),
    )
    most = 1e15 * (1000 if family in {"demand", "queue"} else 35)
    for dual, readable in ((most, True), (np.nextafter(most, np.inf), False)):
        duals = getattr(small_answer.duals, family).copy()
        duals[..., -1:] = sign * dual
        if duals.ndim > 1:
            duals[..., -1, :] = sign * dual
        certificate = _certify(closed, _with_duals(small_answer, **{family: duals}))
        assert np.isfinite(certificate.primal_infeasibility) == readable


@pytest.mark.parametrize(("penalties", "dearest"), [((1000.0, 10.0), 1000.0), ((1.0, 1.0), 35.0)])
def test_the_dearest_class_limits_duals_of_demand(make_instance, penalties, dearest):
    """Tests that 1e15 of the largest penalty, or of the larger of the typical prices 35 and 3.5, can be read."""
    workloads = [_workload(), _workload(workload="v", kwh_per_mtok=100.0)]
    demand = [{"workload": name, "hub": "A", "hour": 0, "mtok": 10.0} for name in "wv"]
    structure = formulate(make_instance(workloads=workloads, demand=demand)).structure
    structure = replace(structure, unserved_cost=np.array(penalties))
    none = np.zeros(0, dtype=int)
    flows = Flows(none, none, np.zeros(0), structure.demand_amount, np.zeros(0), np.zeros((2, 1)))
    duals = _duals(structure, demand=np.full(2, 1e15 * dearest))
    assert _certify(structure, Answer(OPTIMAL, flows, duals)).primal_infeasibility == 0


@pytest.fixture
def short(small):
    """The same with room for 5 at X and a penalty of 10,000: 370 for serving and 50,000 for 5 left unserved."""
    return replace(small, unserved_cost=np.array([1e4]), capacity=np.array([[5.0], [np.inf]]))


def _short_answer(short, rent, penalty=1e4):
    flows = Flows(np.arange(2), np.arange(2), np.array([5.0, 6.0]), np.array([5.0, 0.0]), np.zeros(0), np.zeros((2, 1)))
    flows = replace(flows, taken=np.array([[5.0], [6.0]]))
    duals = _duals(short, demand=np.array([penalty, 20.0]), balance=np.array([[50.0], [20.0]]))
    return Answer(OPTIMAL, flows, replace(duals, capacity=np.array([[rent], [0.0]])))


def test_rents_that_a_penalty_hides_are_refused(short):
    """Tests that a rent too low by 0.1 % of what serving costs is held against the 370, not the 50,370 in all.

    It proves 5 * 0.05 less, and the duals as they stand are worth as much more: they pay 10 and take rent for 5.
    """
    assert _certify(short, _short_answer(short, 9950.0)).proven
    certificate = certify_answer(short, _short_answer(short, 9950.0 - 0.05), gap=1e-5)
    assert certificate.gap == pytest.approx(5 * 0.05 / 50_370)
    assert certificate.serving_gap == pytest.approx(5 * 0.05 / 370)
    assert certificate.complementarity == pytest.approx(2 * 5 * 0.05 / 370)
    assert [failure.split(" 0")[0] for failure in certificate.failures if "dual" not in failure] == [
        "complementarity",
        "serving gap",
    ]


def test_cost_that_is_rounding_beside_the_penalty_has_a_gap_nonetheless(short):
    """Tests that at a penalty of 1e9 the gap is held against 1e-4 of its 5e9 rather than the 370 of serving."""
    dear = replace(short, unserved_cost=np.array([1e9]))
    certificate = _certify(dear, _short_answer(dear, 1e9 - 50.0 - 100.0, 1e9))
    assert certificate.serving_gap == pytest.approx(5 * 100.0 / 5e5)


def _priced(**changes):
    """Duals of the known answer with one more thing priced at 5, so that the demand at X is worth 55."""
    return {"demand": np.array([55.0, 20.0]), "balance": np.array([[50.0], [20.0]])} | changes


UP_TO_20 = np.array([[20.0], [np.inf]])
SLACK = {
    "capacity": ({"capacity": UP_TO_20}, _priced(capacity=np.array([[5.0], [0.0]]))),
    "intake": ({"intake": UP_TO_20}, _priced(intake=np.array([[5.0], [0.0]]))),
    "link": (
        {"link_capacity": np.array([[20.0], [np.inf], [np.inf]]), "link_use": np.ones(1)},
        _priced(link=np.array([[5.0], [0.0], [0.0]])),
    ),
    "cap": (
        {"cap_limit": np.array([20.0, np.inf]), "cap_work": np.array([[[[1.0], [0.0]]], [[[0.0], [0.0]]]])},
        _priced(cap=np.array([5.0, 0.0])),
    ),
    "tier with a limit": ({"tier_limit": UP_TO_20}, _priced(balance=np.array([[55.0], [20.0]]))),
    "tier in use": ({}, {"demand": np.array([45.0, 20.0]), "balance": np.array([[45.0], [20.0]])}),
    "assignment in use": ({}, _priced(demand=np.array([45.0, 20.0]))),
}


@pytest.mark.parametrize(("change", "duals"), SLACK.values(), ids=SLACK)
def test_what_is_priced_with_some_left_is_measured(small, small_answer, change, duals):
    """Tests that 10 left of a limit worth 5 each, or 10 used at 5 above its worth, is 50 over the cost of 620."""
    certificate = _certify(replace(small, **change), _with_duals(small_answer, **duals))
    assert certificate.complementarity == 50 / 620
    assert certificate.primal_infeasibility == certificate.dual_infeasibility == 0


def test_unserved_below_its_penalty_is_measured(small, small_answer):
    """Tests that 1 left unserved at 1000 where it is worth 50 is 950 over the 570 that serving costs."""
    flows = {"amount": np.array([9.0, 6.0]), "unserved": np.array([1.0, 0.0]), "taken": np.array([[9.0], [6.0]])}
    certificate = _certify(small, _with_flows(small_answer, **flows))
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
    certificate = _certify(tiers, _with_flows(small_answer, taken=np.array([[11.0], [-1.0], [6.0]])))
    assert certificate.primal_infeasibility == 1 / 8


@pytest.fixture
def patient(make_instance):
    """Ten units arrive in either hour at a site whose supply costs 50, then 20; all may wait for an hour."""
    return formulate(
        make_instance(
            workloads=[_workload(deadline_hours=1.0)],
            hubs=[{"hub": "A"}],
            data_centres=[{"data_centre": "X"}],
            power_zones=[{"power_zone": "zx", "usd_per_mwh": [50.0, 20.0]}],
            supplies=[{"power_zone": "zx", "data_centre": "X"}],
            links=[{"from": "A", "to": "X", "rtt_ms": 1.0}],
            demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0} for hour in range(2)],
            cyclic=False,
        )
    ).structure


def _waiting(patient, flows, taken):
    """An answer with flows from hour 0 to 0, from 0 to 1 and from 1 to 1."""
    zeros = np.zeros(2, dtype=int)
    moved = Flows(np.arange(2), zeros, np.full(2, 10.0), np.zeros(2), np.array(flows), np.array([taken]))
    worth = np.full((1, 1, 2), 20.0)
    return Answer(OPTIMAL, moved, _duals(patient, demand=worth[0, 0], queue=worth, balance=np.array([[50.0, 20.0]])))


def test_all_wait_for_the_cheap_hour(patient):
    """Tests the figures of an answer with a queue, worked out by hand: all 20 are served at 20."""
    certificate = _certify(patient, _waiting(patient, [0.0, 10.0, 10.0], [0.0, 20.0]))
    assert certificate.objective == certificate.bound == 400
    assert not any(getattr(certificate, figure) for figure in FIGURES)


def test_service_in_the_dear_hour_is_measured(patient):
    """Tests that 4 served at 50 where serving is worth 20 are 120 over the cost of 520."""
    certificate = _certify(patient, _waiting(patient, [4.0, 6.0, 10.0], [4.0, 16.0]))
    assert certificate.primal_infeasibility == certificate.dual_infeasibility == 0
    assert certificate.complementarity == 120 / 520


def test_work_that_is_forgotten_in_a_queue_is_found(patient):
    """Tests that 9 released of 10 that arrived, where 10 is typical of demand, is infeasible by 1 / 20."""
    certificate = _certify(patient, _waiting(patient, [0.0, 9.0, 10.0], [0.0, 19.0]))
    assert certificate.primal_infeasibility == 1 / 20
    assert certificate.complementarity == 20 / 380


def test_service_of_less_than_nothing_is_found(patient):
    """Tests that 11 served at once and -1 later are 10 released, but infeasible by 1 of a typical 10."""
    certificate = _certify(patient, _waiting(patient, [11.0, -1.0, 10.0], [11.0, 9.0]))
    assert certificate.primal_infeasibility == 1 / 10


def test_queue_priced_above_its_best_hour_is_measured(patient):
    """Tests that a queue priced 5 above its best hour, at 25, is infeasible by 5 over 25 and the typical 35."""
    answer = _waiting(patient, [0.0, 10.0, 10.0], [0.0, 20.0])
    certificate = _certify(patient, _with_duals(answer, queue=np.array([[[25.0, 20.0]]])))
    assert certificate.dual_infeasibility == 5 / 60


def test_gap_asked_for_is_what_is_held_against(small, small_answer):
    """Tests that the tolerance of the gap is the one given, and the others are the usual ones."""
    wrong = _with_duals(small_answer, balance=np.array([[45.0], [20.0]]), demand=np.array([45.0, 20.0]))
    for gap in (1e-9, 0.1):
        certificate = certify_answer(small, wrong, gap=gap)
        assert certificate.tolerances == Tolerances(gap=gap)
        assert any(failure.startswith("gap") for failure in certificate.failures) == (gap < 50 / 620)


@pytest.mark.parametrize("usd_per_mwh", [(3.0, -5.0), (0.0, 0.0)], ids=["crosses 0", "is 0"])
def test_cost_of_0_has_a_gap_nonetheless(make_instance, usd_per_mwh):
    """Tests that where costs cancel or vanish the gap is relative to what serving typically costs."""
    zones = [{"power_zone": zone, "usd_per_mwh": usd} for zone, usd in zip(("zx", "zy"), usd_per_mwh, strict=True)]
    structure, answer, objective = _solved(make_instance(workloads=[_workload(latency_slo_ms=15.0)], power_zones=zones))
    assert objective == pytest.approx(0, abs=1e-9)
    certificate = _certify(structure, answer)
    assert certificate.proven
    serving = 16 * (4.0 if any(usd_per_mwh) else 1000.0)
    cheap = _certify(structure, _with_duals(answer, balance=answer.duals.balance - 0.5))
    assert cheap.gap == pytest.approx(0.5 * 16 / (1e-3 * serving), rel=1e-9)


def test_queue_priced_below_0_is_measured_by_its_size(patient):
    """Tests that a queue priced 5 above its best hour, at -45, is 5 over 45 and the typical 35."""
    earning = replace(patient, tier_cost=-patient.tier_cost)
    answer = _waiting(earning, [10.0, 0.0, 10.0], [10.0, 10.0])
    duals = {"balance": np.array([[-50.0, -20.0]]), "demand": np.array([-50.0, -20.0])}
    right = _with_duals(answer, queue=np.array([[[-50.0, -20.0]]]), **duals)
    assert _certify(earning, right).proven
    wrong = _with_duals(answer, queue=np.array([[[-45.0, -20.0]]]), **duals)
    assert _certify(earning, wrong).dual_infeasibility == 5 / (35 + 45)


def test_gap_of_nothing_is_measured_by_1(small, small_answer):
    """Tests that where nothing is asked a rent of 1 on room for 20 proves -20, a gap of 20."""
    nothing = replace(small, demand_amount=np.zeros(2), capacity=UP_TO_20)
    answer = _with_flows(small_answer, amount=np.zeros(2), taken=np.zeros((2, 1)))
    certificate = _certify(nothing, _with_duals(answer, capacity=np.array([[1.0], [0.0]])))
    assert certificate.gap == certificate.serving_gap == 20


def test_demand_of_nothing_is_proven(small, small_answer):
    """Tests that where nothing is asked the answer of nothing passes, at a cost of 0."""
    nothing = replace(small, demand_amount=np.zeros(2))
    certificate = _certify(nothing, _with_flows(small_answer, amount=np.zeros(2), taken=np.zeros((2, 1))))
    assert certificate.proven
    assert certificate.objective == certificate.bound == 0
    assert not np.signbit(certificate.primal_infeasibility), "a 0 is not shown as -0"


def test_prices_of_many_demands_that_give_little_away_each_are_refused(make_instance):
    """Tests that what prices are too low by counts in sum: here 10,000 of them give away half a millionth each."""
    hours = 10_000
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(hours)]
    structure = formulate(make_instance(demand=demand)).structure
    taken = np.zeros((2, hours))
    taken[1] = 1.0
    arcs = np.full(hours, int(structure.arc_starts[0]) + 1)
    flows = Flows(np.arange(hours), arcs, np.ones(hours), np.zeros(hours), np.zeros(0), taken)
    right = _duals(structure, demand=np.full(hours, 20.0), balance=np.repeat([[50.0], [20.0]], hours, axis=1))
    assert _certify(structure, Answer(OPTIMAL, flows, right)).proven
    low = Answer(OPTIMAL, flows, replace(right, demand=np.full(hours, 20.0 - 0.1)))
    certificate = _certify(structure, low)
    assert certificate.bound == certificate.objective
    assert certificate.complementarity == pytest.approx(0.1 / 20)
    assert certificate.failures == ("complementarity 0.005 > 1e-06",)


# Limits of 0.

ZERO_LIMITS = {
    "no capacity": ({"data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 0.0}]}, "capacity"),
    "no intake": ({"data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "power_limit_mw": 0.0}]}, "intake"),
    "no intake for any supply": (
        {"data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "power_limit_mw": 0.0}]},
        "balance",
    ),
    "no intake for some supply": (
        {
            "data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "power_limit_mw": 0.0}],
            "supplies": [
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "Y", "limit_mw": 50.0},
            ],
        },
        "balance",
    ),
    "no supply": ({"supplies": [{"power_zone": "zx", "data_centre": "X"}]}, "balance"),
    "supply of 0": (
        {
            "supplies": [
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "Y", "limit_mw": 0.0},
            ]
        },
        "balance",
    ),
    "link of 0": (
        {
            "workloads": [_workload(gb_per_mtok=1.0)],
            "links": [
                {"from": "A", "to": "X", "rtt_ms": 10.0},
                {"from": "A", "to": "Y", "rtt_ms": 10.0, "capacity_gbps": 0.0},
                {"from": "B", "to": "X", "rtt_ms": 30.0},
            ],
        },
        "link",
    ),
}


@pytest.mark.parametrize("deadline", [0.0, 2.0], ids=["at once", "waits"])
@pytest.mark.parametrize("name", ZERO_LIMITS)
def test_limit_of_0_may_be_worth_anything(make_instance, name, deadline):
    """Tests that an answer is proven whatever it says of a limit of 0 in the cheap place, and of a queue there."""
    changes, family = ZERO_LIMITS[name]
    workloads = [row | {"deadline_hours": deadline} for row in changes.get("workloads", [_workload()])]
    demand = [{"workload": "w", "hub": hub, "hour": hour, "mtok": 5.0} for hub in "AB" for hour in range(3)]
    structure, answer, objective = _solved(make_instance(**(changes | {"workloads": workloads, "demand": demand})))
    assert objective == pytest.approx(30 * 50)
    honest = _certify(structure, answer)
    assert honest.proven
    low = -1e5 if family == "balance" else 0.0
    place = structure.link_capacity == 0 if family == "link" else [False, True]
    for worth in (low, 3.0, 1e5):
        duals = getattr(answer.duals, family).copy()
        duals[place] = worth
        queue = answer.duals.queue.copy()
        if family != "link":
            queue[:, 1] = -worth
        certificate = _certify(structure, _with_duals(answer, **{family: duals, "queue": queue}))
        assert certificate.proven, (worth, certificate.failures)
        assert certificate.bound == honest.bound


def test_use_of_what_is_closed_is_refused(make_instance):
    """Tests that work at a site without capacity is found, although no price is held against it."""
    changes, _ = ZERO_LIMITS["no capacity"]
    structure, answer, _ = _solved(make_instance(**changes))
    elsewhere = np.flatnonzero(structure.arc_site == 1)
    wrong = _with_flows(answer, arc=elsewhere, taken=np.array([[0.0], [16.0]]))
    assert _certify(structure, wrong).primal_infeasibility == 16 / 8


# Honest answers.


def test_honest_answers_are_proven(honest):
    """Tests that answers of an exact method pass with room to spare, and that the bound is the optimum."""
    for structure, answer, objective in honest:
        certificate = _certify(structure, answer)
        assert certificate.proven
        assert abs(certificate.gap) <= 1e-12
        assert certificate.objective == pytest.approx(objective, rel=1e-12)
        assert certificate.bound == pytest.approx(objective, rel=1e-12)


@pytest.mark.parametrize("settings", [{"accelerators": "sunk"}, {"hour_length": 0.5}, {"carbon_usd_per_kg": 0.0}])
def test_honest_answers_in_other_settings_are_proven(make_random_instance, settings):
    """Tests that nothing hangs on what costs are charged or how long a period is."""
    for seed in range(5):
        structure, answer, _ = _solved(make_random_instance(seed, **settings))
        assert _certify(structure, answer).proven


def test_all_assignments_are_never_laid_out(honest):
    """Tests that a proof does without the list of every assignment there could be, and without the rows."""
    for structure, answer, _ in honest[:3]:
        fresh = replace(structure)
        _certify(fresh, answer)
        assert "assignments" not in vars(fresh)


# Units.


def _power(value, exponent):
    return value * 2.0**exponent


def _in_other_units(structure, answer, money, work, supply, capacity, cap, data):
    """State the same in units smaller by powers of two."""
    s, f, d = structure, answer.flows, answer.duals
    changed = replace(
        s,
        demand_amount=_power(s.demand_amount, work),
        unserved_cost=_power(s.unserved_cost, money - work),
        arc_cost=_power(s.arc_cost, money - work),
        work_cost=_power(s.work_cost, money - work),
        use=_power(s.use, capacity - work),
        capacity=_power(s.capacity, capacity),
        draw=_power(s.draw, supply - work),
        intake=_power(s.intake, supply),
        tier_cost=_power(s.tier_cost, money - supply),
        tier_limit=_power(s.tier_limit, supply),
        link_use=_power(s.link_use, data - work),
        link_capacity=_power(s.link_capacity, data),
        cap_limit=_power(s.cap_limit, cap),
        cap_work=_power(s.cap_work, cap - work),
        cap_tier=_power(s.cap_tier, cap - supply),
    )
    flows = replace(
        f,
        amount=_power(f.amount, work),
        unserved=_power(f.unserved, work),
        waiting=_power(f.waiting, work),
        taken=_power(f.taken, supply),
    )
    duals = Duals(
        demand=_power(d.demand, money - work),
        queue=_power(d.queue, money - work),
        balance=_power(d.balance, money - supply),
        capacity=_power(d.capacity, money - capacity),
        intake=_power(d.intake, money - supply),
        link=_power(d.link, money - data),
        cap=_power(d.cap, money - cap),
    )
    return changed, replace(answer, flows=flows, duals=duals)


UNITS = {
    "money": (20, 0, 0, 0, 0, 0),
    "work": (0, 20, 0, 0, 0, 0),
    "supply": (0, 0, -10, 0, 0, 0),
    "capacity": (0, 0, 0, 7, 0, 0),
    "caps": (0, 0, 0, 0, 15, 0),
    "data": (0, 0, 0, 0, 0, -9),
    "all": (-20, 20, 10, -7, 9, 3),
}


@pytest.mark.parametrize("units", UNITS.values(), ids=UNITS)
def test_no_figure_has_a_unit(honest, units):
    """Tests that figures of wrong answers are the same to the last bit in units of any size."""
    for seed, (structure, answer, _) in enumerate(honest[:6]):
        random = np.random.default_rng(seed)

        def disturbed(array, random=random):
            return array * random.uniform(0.9, 1.1, array.shape) if array.dtype == float else array

        flows = Flows(**{field.name: disturbed(getattr(answer.flows, field.name)) for field in fields(Flows)})
        duals = Duals(**{field.name: disturbed(getattr(answer.duals, field.name)) for field in fields(Duals)})
        wrong = replace(answer, flows=flows, duals=duals)
        before, after = _certify(structure, wrong), _certify(*_in_other_units(structure, wrong, *units))
        for figure in FIGURES:
            assert getattr(before, figure) > 1e-6
            assert getattr(after, figure) == getattr(before, figure)
        assert after.bound == _power(before.bound, units[0])
        assert after.objective == _power(before.objective, units[0])


def test_tiny_prices_are_proven(small, small_answer):
    """Tests that duals of 0 are no larger than 1e15 of a price of 35 / 2**80."""
    assert _certify(*_in_other_units(small, small_answer, -80, 0, 0, 0, 0, 0)).proven


# Corruptions, one family at a time.


def _somewhere(random, there):
    """Return one position of many, or None."""
    places = np.argwhere(there)
    return tuple(random.choice(places)) if len(places) else None


def _changed_at(array, place, change):
    array = array.copy()
    array[place] = change(array[place])
    return array


FLOW_CHANGES = {
    "1e-4 larger": lambda value: value * (1 + 1e-4),
    "1e-4 smaller": lambda value: value * (1 - 1e-4),
    "dropped": lambda value: 0.0 * value,
    "negative": lambda value: -value,
}


@pytest.mark.parametrize("change", FLOW_CHANGES.values(), ids=FLOW_CHANGES)
@pytest.mark.parametrize("family", ["amount", "unserved", "waiting", "taken"])
def test_a_changed_flow_is_refused(honest, family, change):
    """Tests that no answer passes with one flow of any kind changed."""
    random, tried = np.random.default_rng(1), 0
    for structure, answer, _ in honest:
        flows = getattr(answer.flows, family)
        place = _somewhere(random, flows > 1e-2 * flows.max(initial=0.0))
        if place is not None:
            tried += 1
            assert not _certify(structure, _with_flows(answer, **{family: _changed_at(flows, place, change)})).proven
    assert tried > 5


@pytest.mark.parametrize("family", ["unserved", "waiting", "taken"])
def test_a_flow_from_nothing_is_refused(honest, family):
    """Tests that no answer passes with a flow added where there was none."""
    random = np.random.default_rng(2)
    for structure, answer, _ in honest:
        flows = getattr(answer.flows, family)
        place = _somewhere(random, flows == 0)
        wrong = _changed_at(flows, place, lambda _: 1e-2)
        assert not _certify(structure, _with_flows(answer, **{family: wrong})).proven


def _where_it_matters(structure, answer, family, objective):
    """Where a dual times what its row holds is a share of the cost, so that no other dual would do."""
    flows, duals = answer.flows, answer.duals
    load = loads(structure, flows)
    carried = np.zeros_like(duals.link)
    carried[load.links] = load.carried
    quantity = {
        "demand": structure.demand_amount,
        "queue": np.where((structure.window > 0)[:, None, None], load.arriving, 0.0),
        "balance": load.drawn,
        "capacity": load.used,
        "intake": load.drawn,
        "link": carried,
        "cap": load.capped,
    }[family]
    return np.abs(getattr(duals, family) * quantity) > 1e-2 * abs(objective)


DUAL_CHANGES = {
    "1e-3 larger": lambda value: value * (1 + 1e-3),
    "1e-3 smaller": lambda value: value * (1 - 1e-3),
    "dropped": lambda value: 0.0 * value,
    "reversed": lambda value: -value,
}


@pytest.mark.parametrize("change", DUAL_CHANGES.values(), ids=DUAL_CHANGES)
@pytest.mark.parametrize("family", [field.name for field in fields(Duals)])
def test_a_changed_dual_is_refused(honest, family, change):
    """Tests that no answer passes with one dual of any kind changed, and none makes the bound exceed the optimum."""
    random, tried = np.random.default_rng(3), 0
    for structure, answer, objective in honest:
        place = _somewhere(random, _where_it_matters(structure, answer, family, objective))
        if place is not None:
            tried += 1
            wrong = _changed_at(getattr(answer.duals, family), place, change)
            certificate = _certify(structure, _with_duals(answer, **{family: wrong}))
            assert not certificate.proven
            assert certificate.bound <= objective + 1e-12 * abs(objective)
    assert tried > 5


@pytest.mark.parametrize("family", ["capacity", "intake", "link", "cap"])
def test_a_rent_of_what_is_not_scarce_is_refused(honest, family):
    """Tests that a limit that leaves something over may not be worth anything."""
    for structure, answer, _ in honest:
        load = loads(structure, answer.flows)
        carried = np.zeros_like(answer.duals.link)
        carried[load.links] = load.carried
        used = {"capacity": load.used, "intake": load.drawn, "link": carried, "cap": load.capped}[family]
        limit = {"link": structure.link_capacity, "cap": structure.cap_limit}.get(family)
        limit = getattr(structure, family) if limit is None else limit
        place = _somewhere(np.random.default_rng(4), used < 0.9 * limit)
        if place is not None:
            wrong = _changed_at(getattr(answer.duals, family), place, lambda _: 0.1)
            assert not _certify(structure, _with_duals(answer, **{family: wrong})).proven


def test_queue_priced_below_what_it_serves_for_is_refused(honest):
    """Tests that a queue nobody uses may not be so cheap that the arcs to it would undercut a demand's price."""
    tried = 0
    for structure, answer, _ in honest:
        there = structure.rows.queue >= 0
        place = _somewhere(np.random.default_rng(6), there & (loads(structure, answer.flows).arriving == 0))
        if place is not None:
            tried += 1
            wrong = _changed_at(answer.duals.queue, place, lambda value: value - 1e4)
            assert _certify(structure, _with_duals(answer, queue=wrong)).dual_infeasibility > 1e-3
    assert tried > 5


def test_answer_to_another_question_is_refused(make_random_instance):
    """Tests that the answer to the same placement with 1 % more demand, or at other prices, does not pass."""
    for seed in range(10):
        structure, _, _ = _solved(instance := make_random_instance(seed))
        more = instance.replace(demand=instance.demand.assign(mtok=1.01 * instance.demand["mtok"]))
        dearer = instance.replace(supplies=instance.supplies.assign(usd_per_mwh_adder=30.0))
        for other in (more, dearer):
            assert not _certify(structure, _solved(other)[1]).proven


# What cannot be read.


def _unreadable(small_answer):
    amount, demand = small_answer.flows.amount, small_answer.flows.demand
    return {
        "arc of another origin": {"arc": np.array([1, 1])},
        "no such arc": {"arc": np.array([0, 2])},
        "no such demand": {"demand": np.array([-1, 1])},
        "unsorted": {"demand": demand[::-1], "arc": np.array([1, 0]), "amount": amount[::-1]},
        "repeated": {"demand": np.array([0, 0, 1]), "arc": np.array([0, 0, 1]), "amount": np.array([5.0, 5.0, 6.0])},
        "NaN": {"amount": np.array([np.nan, 6.0])},
        "inf": {"taken": np.array([[np.inf], [6.0]])},
    }


@pytest.mark.parametrize(
    "name", ["arc of another origin", "no such arc", "no such demand", "unsorted", "repeated", "NaN", "inf"]
)
def test_flows_that_cannot_be_read_are_refused(small, small_answer, name):
    """Tests that flows on arcs that are not their demand's, out of order or not finite make no proof and no error."""
    certificate = _certify(small, _with_flows(small_answer, **_unreadable(small_answer)[name]))
    assert not certificate.proven
    assert certificate.primal_infeasibility == np.inf


def test_arc_of_another_class_is_refused(honest):
    """Tests that work may not travel over an arc of the same origin that is another class's."""
    structure, answer, _ = honest[0]
    first = answer.flows.arc[0]
    same_origin = (structure.arc_origin == structure.arc_origin[first]) & (
        structure.arc_site == structure.arc_site[first]
    )
    other = np.flatnonzero(same_origin & (structure.arc_class != structure.arc_class[first]))[0]
    certificate = _certify(structure, _with_flows(answer, arc=_changed_at(answer.flows.arc, 0, lambda _: other)))
    assert certificate.primal_infeasibility == np.inf


@pytest.mark.parametrize("family", [field.name for field in fields(Duals)])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_duals_that_are_not_finite_are_refused(honest, family, value):
    """Tests that one NaN or infinite dual of any kind makes the proof fail and not pass every comparison."""
    structure, answer, _ = honest[1]
    duals = getattr(answer.duals, family)
    wrong = _changed_at(duals, (0,) * duals.ndim, lambda _: value)
    certificate = _certify(structure, _with_duals(answer, **{family: wrong}))
    assert not certificate.proven
    assert certificate.bound == -np.inf


@pytest.mark.parametrize(("missing", "problem"), [("flows", "no point"), ("duals", "no duals")])
def test_nothing_to_certify_is_an_error(small, small_answer, missing, problem):
    """Tests that a proof is not made from half an answer."""
    with pytest.raises(ValueError, match=problem):
        _certify(small, replace(small_answer, **{missing: None}))


@pytest.mark.parametrize("side", [Flows, Duals])
def test_shapes_that_do_not_fit_are_an_error(honest, side):
    """Tests that arrays of another structure are named, each of them."""
    structure, answer, _ = honest[0]
    which = "flows" if side is Flows else "duals"
    for field in fields(side):
        given = getattr(answer, which)
        longer = np.concatenate([getattr(given, field.name)] * 2)
        with pytest.raises(ValueError, match="shapes do not fit the structure: "):
            _certify(structure, replace(answer, **{which: replace(given, **{field.name: longer})}))


def test_a_limit_of_at_least_an_amount_is_measured_by_its_size(small, small_answer):
    """Tests that 16 served where 20 must be, as -16 <= -20, is infeasible by 4 / (20 + 20)."""
    least = replace(small, cap_limit=np.array([-20.0, np.inf]), cap_work=-np.ones((2, 1, 2, 1)))
    assert _certify(least, small_answer).primal_infeasibility == 4 / 40
