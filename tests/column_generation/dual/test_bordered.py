"""Newton steps with a border of caps, against dense systems."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import LinAlgError

from placer.column_generation.dual.bordered import BorderedHessian
from placer.column_generation.dual.hessian import Hessian
from placer.column_generation.dual.iterated import IteratedFactor
from placer.column_generation.dual.newton import Factor
from placer.column_generation.dual.parameters import NewtonParameters

PERIODS, RESOURCES, CAPS = 3, 2, 3


def _random(seed=0):
    """Return a bordered Hessian, of the first and last cap only, and the whole matrix over resources and these."""
    random, size = np.random.default_rng(seed), PERIODS * RESOURCES
    inner = np.zeros((size, size))
    blocks = []
    for period in range(PERIODS):
        part = random.standard_normal((RESOURCES, RESOURCES))
        blocks.append(part @ part.T + np.eye(RESOURCES))
        inner[period * RESOURCES : (period + 1) * RESOURCES, period * RESOURCES : (period + 1) * RESOURCES] = blocks[-1]
    border = 0.3 * random.standard_normal((2, size))
    own = border @ np.linalg.solve(inner, border.T) + np.eye(2)
    hessian = BorderedHessian(
        Hessian(np.array(blocks), np.arange(RESOURCES)),
        np.array([0, 2]),
        border.reshape(2, PERIODS, RESOURCES),
        own,
    )
    return hessian, np.block([[inner, border.T], [border, own]])


def _places(free_caps=(0, 2)):
    return [*range(PERIODS * RESOURCES), *(PERIODS * RESOURCES + cap for cap in free_caps)]


def test_product():
    """Tests the product with the whole matrix; a cap outside the border takes no part."""
    hessian, matrix = _random()
    step = np.arange(1.0, 1 + PERIODS * RESOURCES + CAPS)
    product = hessian.times(step)
    assert product[_places()] == pytest.approx(matrix @ step[_places()])
    assert product[PERIODS * RESOURCES + 1] == 0.0


def test_step_solves_the_whole_system():
    """Tests the step far from zero prices: the solution of the dense system; no step for the other cap."""
    hessian, matrix = _random()
    count = PERIODS * RESOURCES + CAPS
    gradient, shift = np.linspace(-1.0, 2.0, count), np.linspace(0.1, 0.2, count)
    factor = hessian.factor(np.ones(count, dtype=bool), shift, NewtonParameters())
    step = factor.step(gradient, np.full(count, 1e6))
    dense = matrix + np.diag(shift[_places()])
    assert step[_places()] == pytest.approx(np.linalg.solve(dense, gradient[_places()]), rel=1e-6)
    assert step[PERIODS * RESOURCES + 1] == 0.0


@pytest.mark.parametrize(("caps", "kind"), [((), IteratedFactor), ((0, 2), Factor)])
def test_many_right_hand_sides_take_a_factor_of_all(caps, kind):
    """Tests that caps raise the size from which conjugate gradients solve: each of them is a right-hand side."""
    hessian, _ = _random()
    count = PERIODS * RESOURCES + CAPS
    free = np.zeros(count, dtype=bool)
    free[_places(caps)] = True
    parameters = NewtonParameters(least_iterated=PERIODS * RESOURCES)
    assert isinstance(hessian.factor(free, np.zeros(count), parameters)._inner, kind)


def test_prices_stay_at_or_above_zero():
    """Tests that a cap whose price would fall below zero stays there, and the others move as without it."""
    hessian, matrix = _random()
    count = PERIODS * RESOURCES + CAPS
    gradient, prices = np.ones(count), np.full(count, 1e6)
    gradient[PERIODS * RESOURCES], prices[PERIODS * RESOURCES] = -50.0, 0.0
    free = np.ones(count, dtype=bool)
    step = hessian.factor(free, np.zeros(count), NewtonParameters()).step(gradient, prices)
    rest = _places(free_caps=[2])
    kept = [*range(PERIODS * RESOURCES), PERIODS * RESOURCES + 1]
    assert step[PERIODS * RESOURCES] == 0.0
    assert step[rest] == pytest.approx(np.linalg.solve(matrix[np.ix_(kept, kept)], gradient[rest]), rel=1e-6)


@pytest.mark.parametrize("caps", [[], [0]])
def test_few_free_prices(caps):
    """Tests steps where no resource is free, and no cap or one."""
    hessian, _ = _random()
    count = PERIODS * RESOURCES + CAPS
    free = np.zeros(count, dtype=bool)
    free[[PERIODS * RESOURCES + cap for cap in caps]] = True
    factor = hessian.factor(free, np.zeros(count), NewtonParameters())
    step = factor.step(np.ones(count), np.ones(count))
    assert step[~free].tolist() == [0.0] * int((~free).sum())
    assert step[free] == pytest.approx([1 / hessian.own[0, 0]] * len(caps))


def test_curvature_of_nothing():
    """Tests that caps without curvature and shift are an error at the last rise."""
    hessian, _ = _random()
    flat = BorderedHessian(hessian.inner, hessian.caps, 0 * hessian.border, 0 * hessian.own)
    count = PERIODS * RESOURCES + CAPS
    with pytest.raises(LinAlgError, match="curvature of the caps"):
        flat.factor(np.ones(count, dtype=bool), np.zeros(count), NewtonParameters())
