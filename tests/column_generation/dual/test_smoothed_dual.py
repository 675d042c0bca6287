"""Value, gradient and curvature of the smoothed dual."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.parameters import SMOOTHED_DUAL, SmoothedDualParameters
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.dual.smoothed_dual import SmoothedDual
from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import bound, price
from tests.column_generation.structures_with_modes import with_modes, with_parallel_modes

#: Widths in spreads of cost.
WIDTHS = (1.0, 0.1, 0.01)
SEEDS = range(24)
#: Arrays of double precision, where prices differ at all, or of single precision.
DOUBLE = SmoothedDualParameters(single_precision_part=1e30)
SINGLE = SmoothedDualParameters(single_precision_part=0.0)


@pytest.fixture(scope="module")
def markets(make_random_structure):
    """Return markets of random structures: some cyclic, with closed sites, at prices of caps, or in several modes."""
    structures = [make_random_structure(seed, cyclic=bool(seed % 2), zeros=bool(seed // 2 % 2)) for seed in SEEDS]
    plain = structures[:12]
    structures += [with_modes(structure, seed) for seed, structure in enumerate(plain)]
    structures += [with_parallel_modes(structure, seed) for seed, structure in enumerate(plain[:8])]
    return [market(structure, np.array([0.05, 1.0]) * (seed % 3)) for seed, structure in enumerate(structures)]


def _cases(markets, some_prices):
    for seed, whole in enumerate(markets):
        for part in WIDTHS:
            yield whole, some_prices(whole, seed), part * cost_spread(whole)


def _dual(whole, prices, width, parameters=DOUBLE):
    dual = SmoothedDual(whole, parameters)
    dual.evaluate(prices, width)  # the range of prices decides on the precision
    dual.choose_precision(width)
    return dual


def _all_free(whole):
    return np.ones(whole.price_shape, dtype=bool)


def _size(whole):
    return sum(float(group.amount.sum()) * group.unserved for group in whole.groups)


def _weighed(whole):
    return sum(float(group.amount.sum()) * group.weight for group in whole.groups)


def _flow(whole):
    """What a resource gives or takes at most, to measure gradients against."""
    return sum(float(group.amount.sum()) * _needs(whole, group) for group in whole.groups) / float(whole.unit[0])


def _bend(whole, width):
    """What the curvature can come to at most in the directions taken, to measure curvatures against."""
    return sum(
        float(group.amount.sum()) * _needs(whole, group) ** 2 / (group.weight * width) for group in whole.groups
    ) / float(whole.unit[0])


def _needs(whole, group):
    drawn = float(group.draw.max()) * float(whole.unit[whole.sites]) if whole.supplied else 0.0
    return float(group.use.max()) * float(whole.unit[0]) + drawn + group.link_use * float(whole.unit[-1]) + 1e-3


@pytest.mark.slow
def test_value_over_all_columns_is_that_of_plain_loops(markets, some_prices, plain_dual):
    """Tests the value over all columns against plain loops, to single precision."""
    for whole, prices, width in _cases(markets, some_prices):
        expected = plain_dual(whole, prices, width)
        assert _dual(whole, prices, width, SINGLE).evaluate(prices, width).value == pytest.approx(
            expected, abs=1e-6 * _size(whole)
        )


@pytest.mark.slow
def test_small_widths_are_in_double_precision(markets, some_prices, plain_dual):
    """Tests that the value at a width below what single precision tells apart is exact to 1e-9.

    Where no demand pays more than the cheapest service, only the width itself is rounded.
    """
    for whole, prices, width in _cases(markets, some_prices):
        expected, rounded = plain_dual(whole, prices, width), 1e-6 * width * _weighed(whole)
        assert _dual(whole, prices, width).evaluate(prices, width).value == pytest.approx(
            expected, abs=1e-9 * _size(whole) + rounded
        )


@pytest.mark.slow
def test_gradient_is_the_slope_of_the_value(markets, some_prices, plain_dual):
    """Tests the gradient along random directions against central differences of the value by plain loops."""
    random = np.random.default_rng(1)
    for whole, prices, width in _cases(markets, some_prices):
        if width < 0.05 * cost_spread(whole):
            continue
        direction = random.standard_normal(whole.price_shape) * whole.unit
        step = 1e-4 * width
        ahead, behind = (plain_dual(whole, prices + sign * step * direction, width) for sign in (1, -1))
        slope = float((_dual(whole, prices, width).evaluate(prices, width).gradient * direction).sum())
        assert slope == pytest.approx((ahead - behind) / (2 * step), abs=1e-6 * _size(whole) / width)


@pytest.mark.slow
def test_curvature_is_the_slope_of_the_gradient(markets, some_prices):
    """Tests minus the curvature along random directions against central differences of the gradient."""
    random = np.random.default_rng(2)
    for whole, prices, width in _cases(markets, some_prices):
        direction = random.standard_normal(whole.price_shape) * whole.unit
        dual, step = _dual(whole, prices, width), 1e-6 * width
        for of_class in dual._classes:  # those whose prices do not differ too: rounding would hide the slope
            of_class._needs_double = True
        ahead, behind = (dual.evaluate(prices + sign * step * direction, width).gradient for sign in (1, -1))
        curved = dual.evaluate_curved(prices, width, _all_free(whole)).curvature.times(direction)
        assert -curved == pytest.approx((ahead - behind) / (2 * step), abs=1e-6 * _bend(whole, width))


def test_precision_of_the_curvature(markets, some_prices):
    """Tests single precision at usual widths, and double where the diagonal could leave the range of single."""
    whole = markets[0]
    dual, prices, free = SmoothedDual(whole), some_prices(whole, 0), _all_free(whole)
    usual = cost_spread(whole)
    for width, precision in ((usual, np.float32), (1e-20 * usual, np.float64), (1e20 * usual, np.float64)):
        curvature = dual.evaluate_curved(prices, width, free).curvature
        assert curvature.blocks.dtype == curvature.within_periods.dtype == precision


@pytest.mark.slow
def test_precisions_agree(markets, some_prices):
    """Tests that value, gradient and curvature are the same in double and in single precision, to the latter."""
    for whole, prices, width in _cases(markets, some_prices):
        duals = (_dual(whole, prices, width, parameters) for parameters in (DOUBLE, SINGLE))
        double, single = (dual.evaluate_curved(prices, width, _all_free(whole)) for dual in duals)
        assert double.value == pytest.approx(single.value, abs=1e-6 * _size(whole))
        assert double.gradient == pytest.approx(single.gradient, abs=1e-5 * _flow(whole))
        one, other = (found.curvature.times(np.ones(whole.price_shape) * whole.unit) for found in (double, single))
        assert one == pytest.approx(other, abs=2e-6 * _bend(whole, width))


@pytest.mark.slow
def test_curved_evaluation_has_the_plain_value_and_gradient(markets, some_prices):
    """Tests that asking for the curvature changes neither value nor gradient."""
    for whole, prices, width in _cases(markets, some_prices):
        dual = _dual(whole, prices, width, SMOOTHED_DUAL)
        plain, curved = dual.evaluate(prices, width), dual.evaluate_curved(prices, width, _all_free(whole))
        assert curved.value == pytest.approx(plain.value, rel=1e-12)
        assert curved.gradient == pytest.approx(plain.gradient, rel=1e-9, abs=1e-9 * _flow(whole))


@pytest.mark.slow
def test_value_tends_to_the_bound(markets, some_prices, plain_dual):
    """Tests that the value never exceeds the dual bound, and comes within its width times the logarithms of it."""
    for whole, prices, width in _cases(markets, some_prices):
        exact = bound(whole, prices, price(whole, prices))
        value = _dual(whole, prices, width).evaluate(prices, width).value
        most = sum(
            float(group.amount.sum()) * group.weight * np.log((len(group.lanes) + 1) * (group.window + 1))
            for group in whole.groups
        )
        most += sum(float(amount.sum()) for amount, _ in whole.tiers) * float(whole.unit[whole.sites]) * np.log(2)
        rounding = 1e-9 * _size(whole)
        assert exact - width * most - rounding <= value <= exact + rounding


@pytest.mark.slow
def test_concave(markets, some_prices):
    """Tests that the value midway between two prices is no less than the mean of theirs."""
    for seed, whole in enumerate(markets):
        one, other = some_prices(whole, seed), some_prices(whole, seed + 100)
        width = 0.1 * cost_spread(whole)
        first, middle, second = (
            _dual(whole, prices, width).evaluate(prices, width).value for prices in (one, (one + other) / 2, other)
        )
        assert middle >= (first + second) / 2 - 1e-9 * _size(whole)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", [DOUBLE, SINGLE], ids=["double", "single"])
def test_curvature_over_some_sites_is_part_of_that_over_all(markets, some_prices, parameters):
    """Tests that the curvature over some sites is that over all, at their resources and the links."""
    for whole, prices, width in _cases(markets, some_prices):
        dual, free = _dual(whole, prices, width, parameters), np.zeros(whole.price_shape, dtype=bool)
        free[0, : whole.sites : 2] = True
        part = dual.evaluate_curved(prices, width, free).curvature
        assert len(part.resources) < whole.price_shape[1] or whole.sites == 1
        direction = np.zeros(whole.price_shape)
        direction[:, part.resources] = np.random.default_rng(3).standard_normal((whole.periods, len(part.resources)))
        all_sites = dual.evaluate_curved(prices, width, _all_free(whole)).curvature.times(direction)
        expected = all_sites[:, part.resources]
        assert part.times(direction)[:, part.resources] == pytest.approx(expected, abs=2e-6 * _bend(whole, width))


def test_nothing_served(make_structure):
    """Tests that where serving anything costs more than the penalty, waiting or not, all is left and prices fall."""
    for window in (0, 1):
        whole = market(make_structure(unserved_cost=[1.0], window=[window], capacity=np.full((2, 2), 3.0)))
        prices, width = np.zeros(whole.price_shape), 1e-3
        here = _dual(whole, prices, width).evaluate_curved(prices, width, _all_free(whole))
        assert here.value == pytest.approx(22.0)
        assert here.gradient == pytest.approx(-whole.limit)
        assert here.curvature.times(np.ones(whole.price_shape)) == pytest.approx(0.0, abs=1e-8)
