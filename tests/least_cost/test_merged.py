"""Answers of about the least cost at a price, from merged demands, beside those of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.least_cost.merged import MergedSlopes, merged_slopes
from placer.least_cost.second_objective import Objective
from placer.least_cost.slopes import Slopes
from placer.model.aggregation import near_pairs
from placer.model.loads import cost_of
from placer.proof.answer_certificate import cost_interval
from tests.effort import tries


def at_first_site(structure):
    return Objective((structure.arc_site == 0).astype(float))


@pytest.mark.parametrize("seed", range(tries(4, 60)))
def test_touches_are_answers_with_lines_below_the_curve(make_random_instance, seed):
    placement = placer.solve(make_random_instance(seed))
    structure, objective = placement.formulation.structure, at_first_site(placement.formulation.structure)
    merged = MergedSlopes(structure, near_pairs(structure, 1.0))
    exact = Slopes(structure, placement.answer, objective, 1e-9)
    for slope in (-3.0, -0.1, 2.0):
        touch, best = merged.at(objective, slope), exact.at(slope)
        size = 1e-7 * (abs(best.value) + abs(slope) * structure.total_demand + 1)
        assert (touch.at, touch.value) == (objective.of(touch.detail), cost_of(structure, touch.detail))
        assert touch.value - slope * touch.at >= best.value - slope * best.at - size
        assert touch.line(best.at) <= best.value + size
        answer = replace(placement.answer, flows=touch.detail)
        assert cost_interval(structure, answer) is not None


def test_the_whole_is_solved_where_the_merged_answer_breaks_a_limit(make_instance, monkeypatch):
    placement = placer.solve(make_instance())
    structure, objective = placement.formulation.structure, at_first_site(placement.formulation.structure)
    monkeypatch.setattr("placer.least_cost.merged.cost_interval", lambda *_: None)
    touch = MergedSlopes(structure, near_pairs(structure, 1.0)).at(objective, 31.0)
    assert (touch.value, touch.at) == pytest.approx((800, 16))


def test_small_structures_are_not_merged(make_instance, monkeypatch):
    """Tests that a structure counts as large from 3 columns: two demands over two arcs each have 4, and merged 2."""
    structure = placer.solve(make_instance()).formulation.structure
    marks = np.zeros((len(structure.arc_site), 0))
    assert merged_slopes(structure, 1e9, marks) is None
    monkeypatch.setattr("placer.least_cost.merged.is_large", lambda each: each.assignment_count > 3)
    assert merged_slopes(structure, 1e9, marks) is not None
    monkeypatch.setattr("placer.least_cost.merged.is_large", lambda _: True)
    assert merged_slopes(structure, 1e9, marks) is None
