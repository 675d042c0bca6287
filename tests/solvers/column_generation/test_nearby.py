"""Masters from the prices of structures nearby."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.model.formulation import formulate
from placer.proof.answer_certificate import certify_answer
from placer.solvers.column_generation.deadline import Deadline
from placer.solvers.column_generation.nearby import generate_nearby
from placer.solvers.column_generation.solver import ColumnGeneration
from placer.solvers.column_generation.warm_start import record_prices
from placer.solvers.proven import solve_structure


def test_an_answer_is_feasible_and_its_bound_holds():
    """Tests a demand that is a fifth higher than that of the known prices."""
    structure = formulate(placer.load("tiny")).structure
    answer, _ = solve_structure(structure, placer.HiGHS())
    more = replace(structure, demand_amount=1.2 * structure.demand_amount)
    found = ColumnGeneration().answer_nearby(more, [record_prices(structure, answer.prices)], 1e-4)
    _, exact = solve_structure(more, placer.HiGHS())
    certificate = certify_answer(more, found, gap=1e-4)
    assert certificate.feasible
    assert certificate.bound <= exact.objective * (1 + 1e-9)
    assert certificate.objective == pytest.approx(exact.objective, rel=1e-4)


def test_no_prices_give_nothing():
    structure = formulate(placer.load("tiny")).structure
    assert generate_nearby(structure, [], 1e-4, Deadline()) is None
    assert ColumnGeneration().answer_nearby(structure, [], 1e-4) is None
