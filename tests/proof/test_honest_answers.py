"""Every answer of an exact method is proven, in any units."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.model.answer import Duals, Flows
from tests.proof.answers import (
    FIGURES,
    certify,
    solved,
)


def test_honest_answers_are_proven(honest):
    """Tests that answers of an exact method pass with room to spare, and that the bound is the optimum."""
    for structure, answer, objective in honest:
        certificate = certify(structure, answer)
        assert certificate.proven
        assert abs(certificate.gap) <= 1e-12
        assert certificate.objective == pytest.approx(objective, rel=1e-12)
        assert certificate.bound == pytest.approx(objective, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"accelerators": "sunk"}, {"hour_length": 0.5}, {"carbon_usd_per_kg": 0.0}])
def test_honest_answers_in_other_settings_are_proven(make_random_instance, settings):
    """Tests that nothing hangs on what costs are charged or how long a period is."""
    for seed in range(5):
        structure, answer, _ = solved(make_random_instance(seed, **settings))
        assert certify(structure, answer).proven


def test_all_assignments_are_never_laid_out(honest):
    """Tests that a proof does without the list of every assignment there could be, and without the rows."""
    for structure, answer, _ in honest[:3]:
        fresh = replace(structure)
        certify(fresh, answer)
        assert "assignments" not in vars(fresh)


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
        cap_work=_power(s.cap_work.array, cap - work),
        cap_tier=_power(s.cap_tier.array, cap - supply),
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
        before, after = certify(structure, wrong), certify(*_in_other_units(structure, wrong, *units))
        for figure in FIGURES:
            assert getattr(before, figure) > 1e-6
            assert getattr(after, figure) == getattr(before, figure)
        assert after.bound == _power(before.bound, units[0])
        assert after.objective == _power(before.objective, units[0])


def test_tiny_prices_are_proven(small, small_answer):
    """Tests that duals of 0 are no larger than 1e15 of a price of 35 / 2**80."""
    assert certify(*_in_other_units(small, small_answer, -80, 0, 0, 0, 0, 0)).proven
