"""Newton steps by conjugate gradients, against dense systems."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.hessian import Hessian
from placer.column_generation.dual.iterated import IteratedFactor
from placer.column_generation.dual.parameters import NewtonParameters
from tests.column_generation.dual.hessians import matrix_of, random_hessian
from tests.effort import tries

PERIODS, SIZE = 6, 3
CLOSE = NewtonParameters(residual=1e-10)


@pytest.mark.parametrize("waits", [False, True])
def test_step_solves_the_dense_system(waits):
    """Tests that far from zero the step is that of the whole matrix with the shift, and so are solutions."""
    hessian, free = random_hessian(1, PERIODS, SIZE, waits=waits), np.ones((PERIODS, SIZE), dtype=bool)
    shift = np.random.default_rng(1).uniform(0.1, 1.0, (PERIODS, SIZE))
    gradient = np.random.default_rng(2).standard_normal((PERIODS, SIZE))
    factor = IteratedFactor(hessian, free, shift, CLOSE)
    matrix = matrix_of(hessian) + np.diag(shift.ravel())
    expected = np.linalg.solve(matrix, gradient.ravel())
    assert factor.step(gradient, np.full(free.shape, 1e6)).ravel() == pytest.approx(expected)
    right = np.random.default_rng(3).standard_normal((factor.size, 2))
    assert factor.solve(right) == pytest.approx(np.linalg.solve(matrix, right))
    assert factor.solve(right[:, 0]) == pytest.approx(np.linalg.solve(matrix, right[:, 0]))


def test_residual_decides_on_the_end():
    """Tests that a loose residual leaves an error, which a close one does not."""
    hessian, free = random_hessian(2, PERIODS, SIZE, waits=True), np.ones((PERIODS, SIZE), dtype=bool)
    gradient = np.random.default_rng(2).standard_normal((PERIODS, SIZE))
    expected = np.linalg.solve(matrix_of(hessian), gradient.ravel())
    loose, close = (
        np.abs(IteratedFactor(hessian, free, 0.0 * gradient, each).step(gradient, 0 * gradient + 99).ravel() - expected)
        for each in (NewtonParameters(residual=0.5), CLOSE)
    )
    assert loose.max() > 1e-3
    assert close.max() < 1e-8


def test_step_is_over_free_prices():
    """Tests that what is not free stays, and the rest solves its part of the system; a period may have none free."""
    hessian, random = random_hessian(5, PERIODS, SIZE, waits=True), np.random.default_rng(3)
    free, gradient = random.random((PERIODS, SIZE)) < 0.6, random.standard_normal((PERIODS, SIZE))
    free[2] = False
    factor = IteratedFactor(hessian, free, np.zeros(free.shape), CLOSE)
    step, chosen = factor.step(gradient, np.full(free.shape, 1e6)), np.flatnonzero(free)
    expected = np.linalg.solve(matrix_of(hessian)[np.ix_(chosen, chosen)], gradient.ravel()[chosen])
    assert step.ravel()[chosen] == pytest.approx(expected)
    assert not step[~free].any()
    laid = np.zeros(free.shape)
    factor.spread(factor.part(gradient), laid)
    assert (laid == np.where(free, gradient, 0.0)).all()


@pytest.mark.parametrize("seed", range(tries(4, 10)))
def test_step_maximises_the_model_over_prices_above_zero(seed):
    """Tests the optimality conditions: no slope where a price moves, a slope downwards where it is held at zero."""
    hessian, random = random_hessian(seed, PERIODS, SIZE, waits=True), np.random.default_rng(seed)
    prices, gradient = random.uniform(0.1, 1, (PERIODS, SIZE)), 4 * random.random((PERIODS, SIZE))
    gradient[::3] = -20.0  # a third of the prices would fall below zero
    free = np.ones((PERIODS, SIZE), dtype=bool)
    step = IteratedFactor(hessian, free, np.zeros(free.shape), CLOSE).step(gradient, prices)
    slope = gradient - (matrix_of(hessian) @ step.ravel()).reshape(step.shape)
    held = step + prices < 1e-12
    assert held[::3].all()
    assert (step >= -prices).all()
    assert slope[~held] == pytest.approx(0.0, abs=1e-6)
    assert (slope[held] <= 1e-9).all()


def test_held_by_hand():
    """Tests that one price held at zero lets the other rise by 1, where the clipped step would raise it by 2."""
    hessian = Hessian(np.array([[[2.0, 1.0], [1.0, 2.0]]]), np.arange(2))
    factor = IteratedFactor(hessian, np.ones((1, 2), dtype=bool), np.zeros((1, 2)))
    assert factor.step(np.array([[-4.0, 1.0]]), np.array([[9.0, 9.0]]))[0] == pytest.approx([-3.0, 2.0])
    assert factor.step(np.array([[-4.0, 1.0]]), np.array([[1.0, 9.0]]))[0] == pytest.approx([-1.0, 1.0])
    assert factor.step(np.array([[-9.0, -9.0]]), np.array([[1.0, 2.0]])).tolist() == [[-1.0, -2.0]]


def test_no_price_is_free():
    """Tests that nothing moves where nothing may."""
    hessian = Hessian(np.ones((2, 1, 1)), np.array([1]))
    held = IteratedFactor(hessian, np.zeros((2, 2), dtype=bool), np.ones((2, 2)))
    assert held.size == 0
    assert not held.step(np.ones((2, 2)), np.ones((2, 2))).any()


def test_shift_is_raised_until_the_factor_exists():
    """Tests that a Hessian of -1 with a shift of 0.1 is factorised at a shift of 3, and one without a shift never."""
    hessian, free = Hessian(np.full((1, 1, 1), -1.0), np.arange(1)), np.ones((1, 1), dtype=bool)
    factor = IteratedFactor(hessian, free, np.full((1, 1), 0.1))
    assert factor.step(np.ones((1, 1)), np.ones((1, 1)))[0, 0] == pytest.approx(0.5)
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        IteratedFactor(hessian, free, np.zeros((1, 1)))


def test_single_precision():
    """Tests that blocks of single precision give a double step near that of double ones."""
    double, free = random_hessian(2, PERIODS, SIZE, waits=False), np.ones((PERIODS, SIZE), dtype=bool)
    single = Hessian(double.blocks.astype(np.float32), double.resources)
    gradient, prices = np.random.default_rng(2).standard_normal((PERIODS, SIZE)), np.full((PERIODS, SIZE), 0.05)
    one, other = (IteratedFactor(each, free, np.ones(free.shape)).step(gradient, prices) for each in (double, single))
    assert other.dtype == np.float64
    assert other == pytest.approx(one, abs=1e-5)
