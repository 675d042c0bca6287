"""Every corrupted answer is refused."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from placer.model.answer import Duals
from placer.model.loads import loads
from tests.proof.answers import (
    OF_STORES,
    certify,
    changed_at,
    solved,
    with_duals,
    with_flows,
)


def _somewhere(random, there):
    """Return one position of many, or None."""
    places = np.argwhere(there)
    return tuple(random.choice(places)) if len(places) else None


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
            assert not certify(structure, with_flows(answer, **{family: changed_at(flows, place, change)})).proven
    assert tried > 5


@pytest.mark.parametrize("family", ["unserved", "waiting", "taken"])
def test_a_flow_from_nothing_is_refused(honest, family):
    """Tests that no answer passes with a flow added where there was none."""
    random = np.random.default_rng(2)
    for structure, answer, _ in honest:
        flows = getattr(answer.flows, family)
        place = _somewhere(random, flows == 0)
        wrong = changed_at(flows, place, lambda _: 1e-2)
        assert not certify(structure, with_flows(answer, **{family: wrong})).proven


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
@pytest.mark.parametrize("family", [field.name for field in fields(Duals) if field.name not in OF_STORES])
def test_a_changed_dual_is_refused(honest, family, change):
    """Tests that no answer passes with one dual of any kind changed, and none makes the bound exceed the optimum."""
    random, tried = np.random.default_rng(3), 0
    for structure, answer, objective in honest:
        place = _somewhere(random, _where_it_matters(structure, answer, family, objective))
        if place is not None:
            tried += 1
            wrong = changed_at(getattr(answer.duals, family), place, change)
            certificate = certify(structure, with_duals(answer, **{family: wrong}))
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
            wrong = changed_at(getattr(answer.duals, family), place, lambda _: 0.1)
            assert not certify(structure, with_duals(answer, **{family: wrong})).proven


def test_queue_priced_below_what_it_serves_for_is_refused(honest):
    """Tests that a queue nobody uses may not be so cheap that the arcs to it would undercut a demand's price."""
    tried = 0
    for structure, answer, _ in honest:
        there = structure.rows.queue >= 0
        place = _somewhere(np.random.default_rng(6), there & (loads(structure, answer.flows).arriving == 0))
        if place is not None:
            tried += 1
            wrong = changed_at(answer.duals.queue, place, lambda value: value - 1e4)
            assert certify(structure, with_duals(answer, queue=wrong)).dual_infeasibility > 1e-3
    assert tried > 5


@pytest.mark.slow
def test_answer_to_another_question_is_refused(make_random_instance):
    """Tests that the answer to the same placement with 1 % more demand, or at other prices, does not pass."""
    for seed in range(10):
        structure, _, _ = solved(instance := make_random_instance(seed))
        more = instance.replace(demand=instance.demand.assign(mtok=1.01 * instance.demand["mtok"]))
        dearer = instance.replace(supplies=instance.supplies.assign(usd_per_mwh_adder=30.0))
        for other in (more, dearer):
            assert not certify(structure, solved(other)[1]).proven


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
    certificate = certify(small, with_flows(small_answer, **_unreadable(small_answer)[name]))
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
    certificate = certify(structure, with_flows(answer, arc=changed_at(answer.flows.arc, 0, lambda _: other)))
    assert certificate.primal_infeasibility == np.inf


@pytest.mark.parametrize("family", [field.name for field in fields(Duals) if field.name not in OF_STORES])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_duals_that_are_not_finite_are_refused(honest, family, value):
    """Tests that one NaN or infinite dual of any kind makes the proof fail and not pass every comparison."""
    structure, answer, _ = honest[1]
    duals = getattr(answer.duals, family)
    wrong = changed_at(duals, (0,) * duals.ndim, lambda _: value)
    certificate = certify(structure, with_duals(answer, **{family: wrong}))
    assert not certificate.proven
    assert certificate.bound == -np.inf
