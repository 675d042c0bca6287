"""Wide points of the path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.deadline import Deadline
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.early_point import (
    WIDTHS,
    EarlyPoint,
    duals_there,
    early_answer,
    early_point,
    starting_early,
)
from placer.column_generation.generation import generate
from placer.column_generation.solver import ColumnGeneration
from placer.proof.answer_certificate import certify_answer
from placer.running import running


def test_the_point_is_at_the_second_width(make_random_structure):
    """Tests the width of the start, and that no steps are left at the same limits."""
    structure = make_random_structure(100)
    point, start = early_point(structure, None, ColumnGeneration())
    assert start.width == pytest.approx(WIDTHS[1] * cost_spread(start.market))
    assert start.steps > 0
    assert early_point(structure, point, ColumnGeneration())[1].steps <= 1


@pytest.mark.parametrize("seed", [100, 101, 102, 103])
def test_the_bound_there_is_near_the_optimum(make_random_structure, solve_whole, seed):
    """Tests the bound at other limits too, from the known point, and the path that goes on from there."""
    structure, point = make_random_structure(seed), None
    for factor in (1.0, 1.1, 0.8):
        moved = replace(structure, capacity=factor * structure.capacity)
        point, start = early_point(moved, point, ColumnGeneration())
        duals, bound = duals_there(moved, start)
        solver = starting_early(ColumnGeneration())
        best = generate(moved, 1e-8, Deadline(), start, solver.parameters).best
        assert best.point.objective == pytest.approx(solve_whole(moved)[1], rel=1e-6)
        assert 0.9 * best.point.objective <= bound <= best.point.objective * (1 + 1e-9)
        assert (duals.capacity >= 0).all()


def test_prices_of_another_shape_are_not_known(make_random_structure):
    """Tests that the path starts from zero then."""
    structure, nothing = make_random_structure(100), np.zeros((1, 1))
    first, again = (
        early_point(structure, known, ColumnGeneration()) for known in (None, EarlyPoint((nothing, nothing)))
    )
    assert first[1].prices == pytest.approx(again[1].prices)


def test_a_path_that_is_given_up_has_no_point(make_random_structure):
    """Tests a time limit that is over, and a solver without patience."""
    structure = make_random_structure(100)
    assert early_point(structure, None, ColumnGeneration(patience=1e-12)) is None
    with running(time_limit_seconds=1e-9):
        assert early_point(structure, None, ColumnGeneration()) is None


@pytest.mark.parametrize("seed", [100, 101, 102, 103, 104, 105])
def test_the_flows_there_cost_little_more_than_the_optimum(make_random_structure, solve_whole, seed):
    """Tests that flows and prices enclose the optimum, from zero and from the point at other limits."""
    structure, point = make_random_structure(seed), None
    for factor in (1.0, 1.1, 0.8):
        moved = replace(structure, capacity=factor * structure.capacity)
        point, answer = early_answer(moved, point, ColumnGeneration())
        certificate, cost = certify_answer(moved, answer, gap=1e-6), solve_whole(moved)[1]
        assert certificate.feasible
        assert answer.bound <= cost * (1 + 1e-9)
        assert cost * (1 - 1e-9) <= certificate.objective <= 1.1 * cost


def test_a_path_that_is_given_up_has_no_flows(make_random_structure):
    """Tests a solver without patience."""
    assert early_answer(make_random_structure(100), None, ColumnGeneration(patience=1e-12)) is None
