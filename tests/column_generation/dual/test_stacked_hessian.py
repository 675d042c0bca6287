"""The Hessian of blocks against one dense matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.dual.parameters import NEWTON
from placer.column_generation.dual.stacked_hessian import StackedHessian
from placer.utils.shared_work import shared_among
from tests.column_generation.dual.hessians import matrix_of, random_hessian

#: Blocks of two periods and of three, over two of three resources and over all of them.
PERIODS = (slice(0, 2), slice(2, 5))
RESOURCES = (np.array([0, 2]), np.array([0, 1, 2]))


@pytest.fixture
def stacked():
    """Return the Hessian, and the same as a matrix over all prices (t, r)."""
    dense, parts = np.zeros((5, 3, 5, 3)), []
    for periods, resources in zip(PERIODS, RESOURCES, strict=True):
        count, every = len(resources), np.arange(periods.start, periods.stop)
        length = len(every)
        parts.append(replace(random_hessian(length, length, count, waits=True), resources=resources))
        dense[np.ix_(every, resources, every, resources)] = matrix_of(parts[-1]).reshape(length, count, length, count)
    return StackedHessian(PERIODS, parts), dense.reshape(15, 15)


def test_product(stacked):
    """Tests the product with a step."""
    hessian, dense = stacked
    step = np.random.default_rng(1).standard_normal((5, 3))
    assert hessian.times(step).ravel() == pytest.approx(dense @ step.ravel())


@pytest.mark.parametrize("threads", [1, 2])
def test_factor(stacked, threads):
    """Tests solving over the free prices, with one right-hand side and several, and a step that stays above zero."""
    hessian, dense = stacked
    free = np.ones((5, 3), dtype=bool)
    free[0, 2] = free[:2, 1] = False
    with shared_among(threads):
        factor = hessian.factor(free, np.full((5, 3), 0.5), NEWTON)
        matrix = dense[np.ix_(free.ravel(), free.ravel())] + 0.5 * np.eye(factor.size)
        gradients = np.where(free, np.random.default_rng(2).standard_normal((2, 5, 3)), 0.0)
        right = np.stack([factor.part(each) for each in gradients], axis=1)
        for number, (gradient, solved) in enumerate(zip(gradients, factor.solve(right).T, strict=True)):
            expected, spread = np.linalg.solve(matrix, gradient[free]), np.zeros((5, 3))
            factor.spread(solved, spread)
            assert spread[free] == pytest.approx(expected)
            assert factor.solve(right[:, number]) == pytest.approx(solved)
            assert factor.step(gradient, np.full((5, 3), 100.0))[free] == pytest.approx(expected)
            assert (factor.step(gradient, np.zeros((5, 3))) >= 0).all()
