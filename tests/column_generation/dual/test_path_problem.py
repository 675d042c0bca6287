"""What a path runs on, with and without caps."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.capped_dual import CappedDual
from placer.column_generation.dual.parameters import SmoothedDualParameters
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.dual.path_problem import StackedDual, path_problem_of
from placer.column_generation.dual.smoothed_dual import SmoothedDual
from placer.column_generation.market.definition import market
from placer.utils.shared_work import shared_among


@pytest.mark.parametrize(("capped", "kind"), [(False, SmoothedDual), (True, CappedDual)])
def test_lane(make_random_structure, capped, kind):
    """Tests the dual of each problem, its start at free resources, and prices there and back."""
    structure = make_random_structure(1, capped=capped)
    problem = path_problem_of(structure)
    assert isinstance(problem.dual(SmoothedDualParameters()), kind)
    there, prices, caps = problem.plain(problem.start)
    assert not prices.any()
    assert not caps.any()
    assert len(caps) == len(structure.cap_limit)
    once = problem.plain(problem.start + 1.0)
    for found, expected in zip(problem.plain(problem.laid(*once))[1:], once[1:], strict=True):
        assert found == pytest.approx(expected)
    assert prices.shape == there.price_shape


@pytest.mark.parametrize(("capped", "kind"), [(False, StackedDual), (True, CappedDual)])
def test_path_problem_of_several_blocks(make_random_blocks, capped, kind):
    """Tests the dual of each problem where work waits within several blocks."""
    assert isinstance(path_problem_of(make_random_blocks(1, capped=capped)).dual(SmoothedDualParameters()), kind)


def test_caps_without_a_limit(make_random_structure):
    """Tests that caps whose limits are endless leave a problem without caps, with zeros for them."""
    problem = path_problem_of(make_random_structure(0))
    assert isinstance(problem.dual(SmoothedDualParameters()), SmoothedDual)
    assert not np.any(problem.plain(problem.start)[2])


@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("width", [3.0, 0.1])
def test_gradient_and_curvature_are_differences(make_random_blocks, some_prices, cyclic, width):
    """Tests slope and curvature along a random direction against central differences."""
    for seed in range(4):
        whole = market(make_random_blocks(seed, cyclic=cyclic))
        dual, random, mu = StackedDual(whole), np.random.default_rng(seed), width * cost_spread(whole)
        prices = some_prices(whole, seed) + 0.1 * mu * dual.unit
        dual.choose_precision(mu)
        here = dual.evaluate_curved(prices, mu, np.ones(prices.shape, dtype=bool))
        step = 1e-3 * mu * dual.unit * random.standard_normal(prices.shape)
        ahead, back = (dual.evaluate(prices + sign * step, mu) for sign in (1, -1))
        assert (ahead.value - back.value) / 2 == pytest.approx((here.gradient * step).sum(), rel=1e-2, abs=1e-4 * mu)
        bent, found = (back.gradient - ahead.gradient) / 2, here.curvature.times(step)
        assert found == pytest.approx(bent, rel=2e-2, abs=1e-2 * np.abs(bent).max() + 1e-9)


def test_without_waiting_it_is_the_dual_of_one_block(make_random_structure, make_random_blocks, some_prices):
    """Tests that where no work waits blocks do not count, and that threads change nothing."""
    structure = make_random_blocks(1)
    structure.window[:] = 0
    whole = market(structure)
    prices, width = some_prices(whole, 1), 0.1 * cost_spread(whole)
    expected, found = SmoothedDual(whole).evaluate(prices, width), StackedDual(whole).evaluate(prices, width)
    assert found.value == pytest.approx(expected.value)
    assert found.gradient == pytest.approx(expected.gradient)
    with shared_among(2):
        again = StackedDual(whole).evaluate(prices, width)
    assert again.value == found.value
    assert (again.gradient == found.gradient).all()
