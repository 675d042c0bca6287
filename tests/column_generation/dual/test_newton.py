"""Newton steps with prices that cannot fall below zero."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.hessian import Hessian
from placer.column_generation.dual.newton import Factor
from placer.column_generation.dual.parameters import NewtonParameters
from tests.column_generation.dual.hessians import matrix_of, random_hessian
from tests.effort import tries

PERIODS, SIZE = 6, 3


@pytest.mark.parametrize("waits", [False, True])
def test_step_solves_the_dense_system(waits):
    """Tests that far from zero the step is that of the whole matrix with the shift."""
    hessian = random_hessian(1, PERIODS, SIZE, waits=waits)
    shift = np.random.default_rng(1).uniform(0.1, 1.0, (PERIODS, SIZE))
    gradient = np.random.default_rng(2).standard_normal((PERIODS, SIZE))
    free = np.ones((PERIODS, SIZE), dtype=bool)
    step = Factor(hessian, free, shift).step(gradient, np.full((PERIODS, SIZE), 1e6))
    expected = np.linalg.solve(matrix_of(hessian) + np.diag(shift.ravel()), gradient.ravel())
    assert step.ravel() == pytest.approx(expected, rel=1e-9)


def test_step_is_over_free_prices():
    """Tests that what is not free stays, and the rest solves its part of the system; a period may have none free."""
    hessian = random_hessian(5, PERIODS, SIZE, waits=True)
    random = np.random.default_rng(3)
    free, gradient = random.random((PERIODS, SIZE)) < 0.6, random.standard_normal((PERIODS, SIZE))
    free[2] = False
    factor = Factor(hessian, free, np.zeros((PERIODS, SIZE)))
    step = factor.step(gradient, np.full(free.shape, 1e6))
    chosen = np.flatnonzero(free)
    expected = np.linalg.solve(matrix_of(hessian)[np.ix_(chosen, chosen)], gradient.ravel()[chosen])
    assert step.ravel()[chosen] == pytest.approx(expected, rel=1e-9)
    assert not step[~free].any()


def test_step_in_single_precision():
    """Tests that blocks of single precision give a double step near that of double ones."""
    hessian = random_hessian(2, PERIODS, SIZE, waits=True)
    single = Hessian(hessian.blocks.astype(np.float32), hessian.resources, hessian.waiting)
    gradient, free = np.random.default_rng(2).standard_normal((PERIODS, SIZE)), np.ones((PERIODS, SIZE), dtype=bool)
    prices, shift = np.full((PERIODS, SIZE), 0.05), np.ones((PERIODS, SIZE))
    one, other = (Factor(each, free, shift).step(gradient, prices) for each in (hessian, single))
    assert other.dtype == np.float64
    assert other == pytest.approx(one, abs=1e-5)
    assert (other >= -prices).all()


@pytest.mark.parametrize("seed", range(tries(4, 10)))
def test_step_maximises_the_model_over_prices_above_zero(seed):
    """Tests the optimality conditions: no slope where a price moves, a slope downwards where it is pinned to zero."""
    hessian = random_hessian(seed, PERIODS, SIZE, waits=True)
    random = np.random.default_rng(seed)
    prices, gradient = random.uniform(0.1, 1, (PERIODS, SIZE)), 4 * random.random((PERIODS, SIZE))
    gradient[::3] = -20.0  # a third of the prices would fall below zero
    free = np.ones((PERIODS, SIZE), dtype=bool)
    step = Factor(hessian, free, np.zeros(free.shape)).step(gradient, prices)
    slope = gradient - (matrix_of(hessian) @ step.ravel()).reshape(step.shape)
    pinned = step + prices < 1e-12
    assert pinned[::3].all()
    assert (step >= -prices).all()
    assert slope[~pinned] == pytest.approx(0.0, abs=1e-9)
    assert (slope[pinned] <= 1e-9).all()


def test_pinned_by_hand():
    """Tests that one price held at zero lets the other rise by 1, where the clipped step would raise it by 2."""
    hessian = Hessian(np.array([[[2.0, 1.0], [1.0, 2.0]]]), np.arange(2))
    factor = Factor(hessian, np.ones((1, 2), dtype=bool), np.zeros((1, 2)))
    assert factor.step(np.array([[-4.0, 1.0]]), np.array([[9.0, 9.0]]))[0] == pytest.approx([-3.0, 2.0])
    assert factor.step(np.array([[-4.0, 1.0]]), np.array([[1.0, 9.0]]))[0] == pytest.approx([-1.0, 1.0])


def test_clipped_where_most_would_be_pinned():
    """Tests that a step that takes more than half of the prices below zero is cut off there, and no more is solved."""
    hessian = Hessian(np.array([[[2.0, 1.0], [1.0, 2.0]]]), np.arange(2))
    factor = Factor(hessian, np.ones((1, 2), dtype=bool), np.zeros((1, 2)))
    assert factor.step(np.array([[-9.0, -9.0]]), np.array([[1.0, 2.0]])).tolist() == [[-1.0, -2.0]]


def test_no_price_is_free():
    """Tests that nothing moves where nothing may, or no resource is in the hessian."""
    hessian = Hessian(np.ones((2, 1, 1)), np.array([1]))
    held = Factor(hessian, np.zeros((2, 2), dtype=bool), np.ones((2, 2)))
    assert held.size == 0
    assert not held.step(np.ones((2, 2)), np.ones((2, 2))).any()
    beside = Factor(hessian, np.ones((2, 2), dtype=bool), np.zeros((2, 2)))
    assert beside.step(np.ones((2, 2)), np.ones((2, 2))).tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_shift_is_raised_until_the_factor_exists():
    """Tests that a hessian of -1 with a shift of 0.1 is factorised at a shift of 3: the step is 1 / 2."""
    hessian, free = Hessian(np.full((1, 1, 1), -1.0), np.arange(1)), np.ones((1, 1), dtype=bool)
    factor = Factor(hessian, free, np.full((1, 1), 0.1))
    assert factor.step(np.ones((1, 1)), np.ones((1, 1)))[0, 0] == pytest.approx(0.5)


def test_hopeless_hessian_is_an_error():
    """Tests that where no shift helps an error says so."""
    hessian, free = Hessian(np.full((1, 1, 1), -1.0), np.arange(1)), np.ones((1, 1), dtype=bool)
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        Factor(hessian, free, np.zeros((1, 1)))


def test_pinning_can_be_cut_short():
    """Tests that without a round of pinning the step is clipped: the other price rises by 2 as without a pin."""
    hessian = Hessian(np.array([[[2.0, 1.0], [1.0, 2.0]]]), np.arange(2))
    parameters = NewtonParameters(most_pin_rounds=0)
    factor = Factor(hessian, np.ones((1, 2), dtype=bool), np.zeros((1, 2)), parameters=parameters)
    assert factor.step(np.array([[-4.0, 1.0]]), np.array([[1.0, 9.0]]))[0] == pytest.approx([-1.0, 2.0])
