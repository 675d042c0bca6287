"""The bound of duals as a linear function of demand."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.proof.answer_certificate import cost_interval
from placer.proof.linear_bound import payments_and_rents


@pytest.mark.parametrize("factor", [1.0, 1.3])
def test_bound_is_that_of_the_duals_at_any_amounts(factor):
    structure = formulate(placer.load("tiny")).structure
    answer, _ = solve_structure(structure, placer.HiGHS())
    paid, rents = payments_and_rents(structure, answer.prices)
    more = replace(structure, demand_amount=factor * structure.demand_amount)
    unserved = (factor - 1) * structure.demand_amount
    interval = cost_interval(
        more, replace(answer, flows=replace(answer.point, unserved=answer.point.unserved + unserved))
    )
    assert more.demand_amount @ paid - rents == pytest.approx(interval.bound, rel=1e-12)
