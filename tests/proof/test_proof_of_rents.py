"""Proof of rents: their sign, their size, limits of 0, and limits with some left."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.model.answer import Answer, Duals, Flows
from placer.model.formulation import formulate
from placer.proof.answer_certificate import certify_answer
from tests.proof.answers import (
    OF_STORES,
    OPTIMAL,
    certify,
    duals_of,
    solved,
    with_duals,
    with_flows,
    workload,
)


@pytest.mark.parametrize(
    ("family", "limited"),
    [("capacity", "capacity"), ("intake", "intake"), ("link", "link_capacity"), ("cap", "cap_limit")],
)
def test_rents_of_the_wrong_sign_are_found(small, small_answer, family, limited):
    """Tests that a rent below 0, or of a limit that is not there, is measured as a share of the typical price of 35."""
    small = replace(small, link_use=np.ones(1), cap_work=np.ones((2, 1, 2, 1)))
    rent = getattr(small_answer.duals, family).copy()
    rent[0] = 0.7
    assert certify(small, with_duals(small_answer, **{family: rent})).dual_infeasibility == 0.7 / 35
    ample = replace(small, **{limited: np.full_like(getattr(small, limited), 1e6)})
    assert certify(ample, with_duals(small_answer, **{family: rent})).dual_infeasibility == 0
    assert certify(ample, with_duals(small_answer, **{family: -rent})).dual_infeasibility == 0.7 / 35


@pytest.mark.parametrize(
    ("family", "taken"),
    [
        ("capacity", {"use": np.full((1, 2), 4.0)}),
        ("link", {"link_use": np.full(1, 4.0)}),
        ("cap", {"cap_work": np.full((2, 1, 2, 1), 4.0)}),
    ],
)
def test_rents_are_measured_by_what_a_unit_of_work_takes(small, small_answer, family, taken):
    """Tests a rent of 0.7 below 0 where a unit of work, at a typical price of 35, takes 4 units of the limit."""
    rent = getattr(small_answer.duals, family).copy()
    rent[0] = -0.7
    certificate = certify(replace(small, **taken), with_duals(small_answer, **{family: rent}))
    assert certificate.dual_infeasibility == pytest.approx(4 * 0.7 / 35)


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
    certificate = certify(replace(small, **change), with_duals(small_answer, **{family: rents}))
    assert certificate.dual_infeasibility == np.inf
    assert not certificate.proven


@pytest.mark.parametrize("family", [field.name for field in fields(Duals) if field.name not in OF_STORES])
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
        certificate = certify(closed, with_duals(small_answer, **{family: duals}))
        assert np.isfinite(certificate.primal_infeasibility) == readable


@pytest.mark.parametrize(
    ("penalties", "asked", "dearest"),
    [((1000.0, 10.0), "wv", 1000.0), ((1.0, 1.0), "wv", 35.0), ((1000.0, 10.0), "v", 1000.0)],
)
def test_the_dearest_class_limits_duals_of_demand(make_instance, penalties, asked, dearest):
    """Tests that 1e15 of the largest penalty, or of the larger of the typical prices 35 and 3.5, can be read."""
    workloads = [workload(), workload(workload="v", kwh_per_mtok=100.0)]
    demand = [{"workload": name, "hub": "A", "hour": 0, "mtok": 10.0} for name in asked]
    structure = formulate(make_instance(workloads=workloads, demand=demand)).structure
    structure = replace(structure, unserved_cost=np.array(penalties))
    none = np.zeros(0, dtype=int)
    flows = Flows(none, none, np.zeros(0), structure.demand_amount, np.zeros(0), np.zeros((2, 1)))
    duals = duals_of(structure, demand=np.full(len(asked), 1e15 * dearest))
    assert certify(structure, Answer(OPTIMAL, flows, duals)).primal_infeasibility == 0


@pytest.fixture
def short(small):
    """The same with room for 5 at X and a penalty of 10,000: 370 for serving and 50,000 for 5 left unserved."""
    return replace(small, unserved_cost=np.array([1e4]), capacity=np.array([[5.0], [np.inf]]))


def _short_answer(short, rent, penalty=1e4):
    flows = Flows(np.arange(2), np.arange(2), np.array([5.0, 6.0]), np.array([5.0, 0.0]), np.zeros(0), np.zeros((2, 1)))
    flows = replace(flows, taken=np.array([[5.0], [6.0]]))
    duals = duals_of(short, demand=np.array([penalty, 20.0]), balance=np.array([[50.0], [20.0]]))
    return Answer(OPTIMAL, flows, replace(duals, capacity=np.array([[rent], [0.0]])))


def test_rents_that_a_penalty_hides_are_refused(short):
    """Tests that a rent too low by 0.1 % of what serving costs is held against the 370, not the 50,370 in all.

    It proves 5 * 0.05 less, and the duals as they stand are worth as much more: they pay 10 and take rent for 5.
    """
    assert certify(short, _short_answer(short, 9950.0)).proven
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
    certificate = certify(dear, _short_answer(dear, 1e9 - 50.0 - 100.0, 1e9))
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
    certificate = certify(replace(small, **change), with_duals(small_answer, **duals))
    assert certificate.complementarity == 50 / 620
    assert certificate.primal_infeasibility == certificate.dual_infeasibility == 0


def test_gap_of_nothing_is_measured_by_1(small, small_answer):
    """Tests that where nothing is asked a rent of 1 on room for 20 proves -20, a gap of 20."""
    nothing = replace(small, demand_amount=np.zeros(2), capacity=UP_TO_20)
    answer = with_flows(small_answer, amount=np.zeros(2), taken=np.zeros((2, 1)))
    certificate = certify(nothing, with_duals(answer, capacity=np.array([[1.0], [0.0]])))
    assert certificate.gap == certificate.serving_gap == 20


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
            "workloads": [workload(gb_per_mtok=1.0)],
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
    workloads = [row | {"deadline_hours": deadline} for row in changes.get("workloads", [workload()])]
    demand = [{"workload": "w", "hub": hub, "hour": hour, "mtok": 5.0} for hub in "AB" for hour in range(3)]
    structure, answer, objective = solved(make_instance(**(changes | {"workloads": workloads, "demand": demand})))
    assert objective == pytest.approx(30 * 50)
    honest = certify(structure, answer)
    assert honest.proven
    low = -1e5 if family == "balance" else 0.0
    place = structure.link_capacity == 0 if family == "link" else [False, True]
    for worth in (low, 3.0, 1e5):
        duals = getattr(answer.duals, family).copy()
        duals[place] = worth
        queue = answer.duals.queue.copy()
        if family != "link":
            queue[:, 1] = -worth
        certificate = certify(structure, with_duals(answer, **{family: duals, "queue": queue}))
        assert certificate.proven, (worth, certificate.failures)
        assert certificate.bound == honest.bound


def test_use_of_what_is_closed_is_refused(make_instance):
    """Tests that work at a site without capacity is found, although no price is held against it."""
    changes, _ = ZERO_LIMITS["no capacity"]
    structure, answer, _ = solved(make_instance(**changes))
    elsewhere = np.flatnonzero(structure.arc_site == 1)
    wrong = with_flows(answer, arc=elsewhere, taken=np.array([[0.0], [16.0]]))
    assert certify(structure, wrong).primal_infeasibility == 16 / 8
