"""From an optimum of the restricted program to an answer in the words of the structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.deadline import Deadline
from placer.column_generation.generation import generate
from placer.column_generation.recovery import recover_duals, recover_flows
from placer.column_generation.solver import WIDEST_GAP
from placer.model.answer import Answer
from placer.model.loads import cost_of
from placer.proof.answer_certificate import certify_answer
from placer.termination import Reason, Termination

#: The cheap site has room for 12 of 16 units, then for 3 of 6.
SCARCE = {"capacity": [[np.inf, np.inf], [12.0, 3.0]]}


def _best(structure):
    return generate(structure, 1e-8, Deadline()).best


def _flows(structure, best):
    return recover_flows(structure, best.maker, best.point)


def _duals(structure, best):
    return recover_duals(structure, best.market, best.prices, best.caps, best.priced, best.stores)


def _certificate(structure, best):
    answer = Answer(Termination(Reason.OPTIMAL, ""), _flows(structure, best), _duals(structure, best))
    return certify_answer(structure, answer, gap=WIDEST_GAP)


def test_flows_by_hand(make_structure):
    """Tests that 12 units go to the cheap site, the 6 of the near origin first, then 3, and power follows."""
    structure = make_structure(**SCARCE)
    flows = _flows(structure, _best(structure))
    sent = np.zeros((4, 2))
    sent[flows.demand, structure.arc_site[flows.arc]] = flows.amount
    assert sent == pytest.approx(np.array([[4.0, 6.0], [0.0, 6.0], [3.0, 1.0], [0.0, 2.0]]))
    assert flows.taken == pytest.approx(np.array([[4.0, 3.0], [12.0, 3.0]]))
    assert not flows.unserved.any()


def test_duals_by_hand(make_structure):
    """Tests that a unit costs 51 at the first origin and 49 at the second, and the room is worth 28."""
    structure = make_structure(**SCARCE)
    duals = _duals(structure, _best(structure))
    assert duals.demand == pytest.approx([51.0, 49.0, 51.0, 49.0])
    assert duals.capacity == pytest.approx(np.array([[0.0, 0.0], [28.0, 28.0]]))
    assert duals.balance == pytest.approx(np.array([[50.0, 50.0], [20.0, 20.0]]))
    assert not duals.queue.any()


def test_work_that_waits_by_hand(make_structure):
    """Tests that with power at 20 in the first hour and at 5 in the second all but what there is no room for waits."""
    structure = make_structure(window=[1], tier_cost=[[90.0, 90.0], [20.0, 5.0]], capacity=[[0.0, 0.0], [np.inf, 15.0]])
    best = _best(structure)
    flows, queues = _flows(structure, best), structure.queue_flows
    served = np.zeros((2, 2))
    np.add.at(served, (queues.site, queues.service), flows.waiting)
    assert served == pytest.approx(np.array([[0.0, 0.0], [7.0, 15.0]]))
    assert flows.taken[1] == pytest.approx([7.0, 15.0])
    assert _duals(structure, best).queue[0, 1] == pytest.approx([20.0, 20.0])


def test_overhead_and_yield(make_structure):
    """Tests that what is taken of a tier covers overhead and loss: 16 units at 2 and a half take 64."""
    structure = make_structure(
        capacity=[[np.inf, np.inf], [0.0, 0.0]], overhead=np.full((2, 2), 2.0), tier_yield=[0.5, 1.0]
    )
    best = _best(structure)
    assert _flows(structure, best).taken[0] == pytest.approx([64.0, 24.0])
    assert _duals(structure, best).balance[0] == pytest.approx([100.0, 100.0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", [{}, {"cyclic": True, "zeros": True}, {"cyclic": True, "capped": True}], ids=str)
def test_answers_are_proven(make_random_structure, kind):
    """Tests flows and duals of random structures by the project's own certificate."""
    for seed in range(200, 202 if kind.get("capped") else 212):
        structure = make_random_structure(seed, **kind)
        certificate = _certificate(structure, _best(structure))
        assert certificate.proven, certificate.failures


@pytest.mark.slow
def test_demands_of_nothing_are_priced(make_random_structure):
    """Tests that demands of 0, and classes that ask for nothing, have a price that is proven as well."""
    for seed in range(10):
        structure = make_random_structure(seed, cyclic=True)
        amount = structure.demand_amount.copy()
        amount[::2] = 0.0
        if len(structure.window) > 1:
            amount[structure.demand_class == 0] = 0.0
        if not amount.any():
            continue
        structure = replace(structure, demand_amount=amount)
        best = _best(structure)
        certificate = _certificate(structure, best)
        assert certificate.proven, certificate.failures
        assert _flows(structure, best).unserved[amount == 0] == pytest.approx(0.0)


def test_price_of_nothing_by_hand(make_structure):
    """Tests that a demand of 0 at the first origin costs 23 while the cheap site has room."""
    structure = make_structure(demand_amount=[0.0, 6.0, 4.0, 2.0], **SCARCE)
    assert _duals(structure, _best(structure)).demand == pytest.approx([23.0, 21.0, 51.0, 49.0])


def test_rounding_is_evened_out(make_structure):
    """Tests that amounts a millionth off still sum to the demand, and what is taken to what is drawn."""
    structure = make_structure(**SCARCE)
    best = _best(structure)
    off = replace(best.point, amount=best.point.amount * (1 + 1e-6))
    flows = recover_flows(structure, best.maker, off)
    met = np.bincount(flows.demand, flows.amount, 4) + flows.unserved
    assert met == pytest.approx(structure.demand_amount, rel=1e-14)
    assert flows.taken.sum() == pytest.approx(22.0, rel=1e-14)


def test_tiers_as_caps_decide(make_structure):
    """Tests that under a cap the dear clean tier is taken before the cheap one is used up: 4 of 10, and 6."""
    structure = make_structure(
        demand_amount=[10.0, 0.0, 0.0, 0.0],
        arc_class=[0],
        arc_origin=[0],
        arc_site=[0],
        arc_cost=[0.0],
        tier_site=[0, 0],
        tier_cost=[[10.0, 10.0], [30.0, 30.0]],
        cap_limit=[4.0],
        cap_work=np.zeros((1, 1, 2)),
        cap_tier=[[[1.0, 1.0], [0.0, 0.0]]],
    )
    best = _best(structure)
    flows = _flows(structure, best)
    assert flows.taken == pytest.approx(np.array([[4.0, 0.0], [6.0, 0.0]]))
    assert cost_of(structure, flows) == pytest.approx(4 * 10 + 6 * 30)
    assert _duals(structure, best).cap == pytest.approx([20.0])


def test_cheapest_tiers_first(make_structure):
    """Tests that without caps 10 units take the 4 there are at 10 and 6 at 30."""
    structure = make_structure(
        demand_amount=[10.0, 0.0, 0.0, 0.0],
        arc_class=[0],
        arc_origin=[0],
        arc_site=[0],
        arc_cost=[0.0],
        tier_site=[0, 0],
        tier_cost=[[30.0, 30.0], [10.0, 10.0]],
        tier_limit=[[np.inf, np.inf], [4.0, 4.0]],
    )
    best = _best(structure)
    assert _flows(structure, best).taken == pytest.approx(np.array([[6.0, 0.0], [4.0, 0.0]]))
    assert _duals(structure, best).balance[0, 0] == pytest.approx(30.0)


@pytest.mark.slow
def test_order_of_the_flows(make_random_structure):
    """Tests that flows are sorted by demand and arc, none twice, none of nothing."""
    for seed in range(5):
        structure = make_random_structure(seed)
        flows = _flows(structure, _best(structure))
        keys = list(zip(flows.demand.tolist(), flows.arc.tolist(), strict=True))
        assert keys == sorted(set(keys))
        assert (flows.amount > 0).all()
