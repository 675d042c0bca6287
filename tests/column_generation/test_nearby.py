"""Masters of the columns that structures nearby use."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.column_generation.deadline import Deadline
from placer.column_generation.nearby import generate_nearby
from placer.column_generation.seed import used_columns
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import record_prices
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.proof.answer_certificate import certify_answer


def _solved_tiny():
    """Return the structure of ``tiny``, its prices, and the columns of its placement."""
    structure = formulate(placer.load("tiny")).structure
    answer, _ = solve_structure(structure, placer.HiGHS())
    return structure, record_prices(structure, answer.prices), used_columns(structure, answer.point)


def test_an_answer_is_feasible_and_its_bound_holds():
    """Tests a demand that is a fifth higher than that of the known prices."""
    structure, known, used = _solved_tiny()
    more = replace(structure, demand_amount=1.2 * structure.demand_amount)
    found = ColumnGeneration().answer_nearby(more, known, used, 1e-4)
    _, exact = solve_structure(more, placer.HiGHS())
    certificate = certify_answer(more, found, gap=1e-4)
    assert certificate.feasible
    assert certificate.bound <= exact.objective * (1 + 1e-9)
    assert certificate.objective == pytest.approx(exact.objective, rel=1e-4)


def test_columns_that_are_missing_are_added():
    """Tests the answer from no used columns at all."""
    structure, known, used = _solved_tiny()
    more = replace(structure, demand_amount=1.2 * structure.demand_amount)
    found = ColumnGeneration().answer_nearby(more, known, used.take(used.klass < 0), 1e-4)
    certificate = certify_answer(more, found, gap=1e-4)
    assert certificate.feasible
    assert certificate.gap <= 1e-4


def test_prices_that_do_not_suit_give_nothing():
    structure, known, used = _solved_tiny()
    others = replace(known, capacity=known.capacity[:, 1:])
    assert generate_nearby(structure, others, used, 1e-4, Deadline()) is None
    assert ColumnGeneration().answer_nearby(structure, others, used, 1e-4) is None
