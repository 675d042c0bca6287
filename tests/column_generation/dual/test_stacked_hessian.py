"""The Hessian of blocks against one dense matrix."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.hessian import Hessian
from placer.column_generation.dual.parameters import NEWTON
from placer.column_generation.dual.stacked_hessian import StackedHessian
from placer.utils.shared_work import shared_among

#: Blocks of two periods and of three, over two of three resources and over all of them.
PERIODS = (slice(0, 2), slice(2, 5))
RESOURCES = (np.array([0, 2]), np.array([0, 1, 2]))


@pytest.fixture
def stacked():
    """Return the Hessian, and the same as a matrix over all prices (t, r)."""
    random, dense, parts = np.random.default_rng(0), np.zeros((5, 3, 5, 3)), []
    for periods, resources in zip(PERIODS, RESOURCES, strict=True):
        count, length = len(resources), periods.stop - periods.start
        root = random.standard_normal((length, count, length, count)).reshape(length * count, -1)
        whole = (root @ root.T).reshape(length, count, length, count)
        whole[0, :, 2:] = whole[2:, :, 0] = 0.0
        whole += 20 * np.eye(length * count).reshape(whole.shape)
        lags = {0: [whole[t, :, t] for t in range(length)]}
        lags[1] = [whole[t, :, t + 1] if t + 1 < length else np.zeros((count, count)) for t in range(length)]
        parts.append(Hessian({lag: np.array(blocks) for lag, blocks in lags.items()}, resources))
        every = np.arange(periods.start, periods.stop)
        dense[np.ix_(every, resources, every, resources)] = whole
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
        factor = hessian.factor(free, np.full((5, 3), 0.5), cyclic=False, parameters=NEWTON)
        matrix = dense[np.ix_(free.ravel(), free.ravel())] + 0.5 * np.eye(factor.size)
        right = np.random.default_rng(2).standard_normal((factor.size, 2))
        assert factor.solve(right) == pytest.approx(np.linalg.solve(matrix, right))
        assert factor.solve(right[:, 0]) == pytest.approx(np.linalg.solve(matrix, right[:, 0]))
        gradient = np.zeros((5, 3))
        factor.spread(right[:, 0], gradient)
        assert factor.part(gradient) == pytest.approx(right[:, 0])
        step = factor.step(gradient, np.full((5, 3), 100.0))
        assert step[free] == pytest.approx(np.linalg.solve(matrix, right[:, 0]))
        assert (factor.step(gradient, np.zeros((5, 3))) >= 0).all()
