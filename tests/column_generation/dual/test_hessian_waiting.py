"""Hessians kept as products, against their definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.dual.hessian_waiting import WaitingHessian, add_waiting, coordinates
from tests.column_generation.dual.hessians import matrix_of_waiting

#: Two periods, two sites, one link, two kinds of resource: (capacity, supply) of both sites, then the link.
PERIODS, SITES, RESOURCES = 2, 2, 5


def _waiting(seed, of_periods=1):
    random = np.random.default_rng(seed)
    products = random.standard_normal((PERIODS, SITES + 1, SITES + 1))
    share = random.uniform(0, 1, (2, PERIODS, SITES))
    coefficients = random.uniform(0.5, 2.0, (of_periods, 2, SITES + 1))
    return WaitingHessian(products + products.transpose(0, 2, 1), share, coefficients)


def test_part_charged_by_hand():
    """Tests 0.7 at once and 0.3 a period later; a link is charged on arrival."""
    share = np.stack([np.full((2, 1), 0.7), np.full((2, 1), 0.3)])
    waiting = WaitingHessian(np.zeros((2, 2, 2)), share, np.ones((1, 1, 2)))
    assert waiting.charged_part.tolist() == [[[0.7, 1.0], [0.7, 1.0]], [[0.3, 0.0], [0.3, 0.0]]]


@pytest.mark.parametrize("of_periods", [1, PERIODS])
@pytest.mark.parametrize("seed", range(5))
def test_times(seed, of_periods):
    """Tests the product with a step against the matrix, with coefficients of all periods and of each."""
    waiting, step = _waiting(seed, of_periods), np.random.default_rng(seed + 50).standard_normal((PERIODS, RESOURCES))
    assert waiting.times(step).ravel() == pytest.approx(matrix_of_waiting(waiting) @ step.ravel())


@pytest.mark.parametrize("of_periods", [1, PERIODS])
@pytest.mark.parametrize("seed", range(3))
def test_blocks_within_periods(seed, of_periods):
    """Tests the blocks on the diagonal of the matrix, of two kinds and a link, and of one kind."""
    two = _waiting(seed, of_periods)
    for waiting in (two, replace(two, coefficients=two.coefficients[:, :1])):
        whole = matrix_of_waiting(waiting).reshape(PERIODS, -1, PERIODS, 2 * waiting.kinds + 1)
        expected = np.stack([whole[t, :, t] for t in range(PERIODS)])
        assert waiting.within_periods() == pytest.approx(expected)


def test_coordinates():
    """Tests capacity of the second site, supply of the first, and the link, in the second period."""
    kind, place, period = coordinates(_waiting(0), np.array([6, 7, 9]), RESOURCES)
    assert (kind.tolist(), place.tolist(), period.tolist()) == ([0, 1, 0], [1, 0, 2], [1, 1, 1])


@pytest.mark.parametrize("chosen", [np.arange(10), np.array([0, 3, 4, 6, 9])])
def test_lower_triangle_of_several_classes(chosen):
    """Tests that two classes add up, over all resources and over some, sorted by place."""
    classes = (_waiting(1), _waiting(2, PERIODS))
    kind, place, period = coordinates(classes[0], chosen, RESOURCES)
    order = np.lexsort((period, kind, place))
    matrix = np.zeros((len(chosen), len(chosen)))
    add_waiting(matrix, classes, kind[order], place[order], period[order])
    expected = sum(matrix_of_waiting(each) for each in classes)[np.ix_(chosen[order], chosen[order])]
    assert np.tril(matrix) == pytest.approx(np.tril(expected))
