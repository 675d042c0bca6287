"""The smoothed dual of resources and caps: its derivatives, and prices of caps by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import LinAlgError

from placer.column_generation.dual.capped_dual import CappedDual
from placer.column_generation.dual.capped_market import capped_market
from placer.column_generation.dual.parameters import PathParameters, SmoothedDualParameters
from placer.column_generation.dual.path import PathPoint, PricePath, cost_spread, first_width
from placer.column_generation.solver import ColumnGeneration
from placer.ladder.proven import solve_structure
from tests.column_generation.structures_with_caps import with_caps_by_period
from tests.column_generation.structures_with_modes import with_modes, with_parallel_modes
from tests.effort import tries

from .test_capped_market import WATER

#: Ten units may be served for 10 at the first site, where a unit counts as 1, or for 30 at the second, as 0; 4 may
#: count in all. So the cap is worth 20.
ONE = WATER | {"cap_limit": [4.0], "cap_work": [[[1.0, 0.0]]], "cap_tier": np.zeros((1, 2, 2))}
CARBON = ONE | {
    "work_cost": np.zeros((1, 2)),
    "tier_cost": [[10.0, 10.0], [30.0, 30.0]],
    "cap_work": np.zeros((1, 1, 2)),
    "cap_tier": [[[1.0, 1.0], [0.0, 0.0]]],
}
#: The same choice between two tiers of one site.
TIERS = CARBON | {"tier_site": [0, 0], "arc_class": [0], "arc_origin": [0], "arc_site": [0], "arc_cost": [0.0]}
#: Both periods have a cap of their own.
TWO = CARBON | {
    "cap_limit": [3.0, 1.0],
    "cap_work": np.zeros((2, 1, 2)),
    "cap_tier": [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]]],
}
WIDTH = 1.0
#: Differences of figures in single precision would be of their rounding where little changes.
DOUBLE = SmoothedDualParameters(single_precision_part=np.inf)


def _priced(structure, width=WIDTH):
    capped = capped_market(structure)
    point = PathPoint(capped.start, first_width(capped.market))
    close = PathParameters(imbalance_tolerance=0.02)
    found = PricePath(capped.market, parameters=close, dual=CappedDual(capped)).follow(point, width)
    return capped.plain(found.prices)[2]


def _followed(structure, part):
    """Return a capped market, and a point of its path."""
    capped = capped_market(structure)
    point = PathPoint(capped.start, first_width(capped.market))
    return capped, PricePath(capped.market, dual=CappedDual(capped)).follow(point, part * cost_spread(capped.market))


@pytest.mark.parametrize("kind", [ONE, CARBON, TIERS], ids=["water", "carbon", "tiers"])
def test_price_by_hand(make_structure, kind):
    """Tests a price of 20; smoothed, ``width ln (6 / 4)`` more."""
    tolerance = 0.3 if kind is TIERS else 0.05  # amounts of tiers enter the smoothed price too
    assert _priced(make_structure(**kind)) == pytest.approx([20 + WIDTH * np.log(1.5)], abs=tolerance)


@pytest.mark.parametrize("kind", [ONE, CARBON, TIERS], ids=["water", "carbon", "tiers"])
def test_price_of_the_answer(make_structure, kind):
    """Tests that the whole solver ends with 20 for the cap, 30 for a unit, and 4 x 10 + 6 x 30 in all."""
    answer, certificate = solve_structure(make_structure(**kind), ColumnGeneration())
    assert answer.prices.cap == pytest.approx([20.0])
    assert answer.prices.demand == pytest.approx([30.0, 30.0])
    assert certificate.objective == pytest.approx(220.0)


def test_cap_that_leaves_room_costs_nothing(make_structure):
    """Tests that a cap of 11 over 10 has no price."""
    assert _priced(make_structure(**ONE | {"cap_limit": [11.0]})).tolist() == [0.0]


def test_cap_of_nothing(make_structure):
    """Tests that a cap of 0 gets a price that drives all work away."""
    structure = make_structure(**ONE | {"cap_limit": [0.0]})
    assert _priced(structure)[0] > 20.0
    answer, certificate = solve_structure(structure, ColumnGeneration())
    assert certificate.objective == pytest.approx(300.0)
    assert answer.prices.cap[0] >= 20.0 - 1e-9


def test_at_least_an_amount(make_structure):
    """Tests that at least 3 units at the dear site cost 20 each, though no cap would send any there."""
    structure = make_structure(**ONE | {"cap_limit": [-3.0], "cap_work": [[[0.0, -1.0]]]})
    assert _priced(structure, 0.01) == pytest.approx([20.0], abs=0.1)
    answer, certificate = solve_structure(structure, ColumnGeneration())
    assert answer.prices.cap == pytest.approx([20.0])
    assert certificate.objective == pytest.approx(7 * 10 + 3 * 30)


def test_two_caps(make_structure):
    """Tests a cap on each period, of 3 of 6 units and 1 of 4: both are worth 20, the second ``width ln 3`` more."""
    structure = make_structure(**TWO)
    assert _priced(structure) == pytest.approx([20.0, 20 + WIDTH * np.log(3)], abs=0.05)
    answer, _ = solve_structure(structure, ColumnGeneration())
    assert answer.prices.cap == pytest.approx([20.0, 20.0])


def test_what_counts_for_nothing(make_structure):
    """Tests that a cap nothing counts under has no price."""
    assert _priced(make_structure(**ONE | {"cap_work": np.zeros((1, 1, 2))})).tolist() == [0.0]


def test_what_no_placement_keeps(make_structure):
    """Tests that at least 11 of 10 units are told from a value above the cost of any placement."""
    with pytest.raises(LinAlgError, match="no placement keeps the caps"):
        _priced(make_structure(**ONE | {"cap_limit": [-11.0], "cap_work": [[[-1.0, -1.0]]]}))


@pytest.mark.slow
@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize(("part", "in_modes"), [(3.0, False), (0.1, False), (3e-3, False), (3.0, True), (0.1, True)])
def test_gradient_and_curvature_are_differences(make_random_structure, in_modes, cyclic, part):
    """Tests slope and curvature along a random direction against central differences, at points of a path."""
    for seed in range(1, 9, 2):
        structure = make_random_structure(seed, cyclic=cyclic, capped=True)
        capped, point = _followed(with_modes(structure, seed) if in_modes else structure, part)
        _check_differences(capped, point, seed)


@pytest.mark.parametrize("cyclic", [False, True])
@pytest.mark.parametrize("modes", [None, with_modes, with_parallel_modes])
@pytest.mark.parametrize(("part", "capped", "sign"), [(3.0, True, 1.0), (0.1, True, -1.0), (0.3, False, 1.0)])
def test_places_of_caps_are_differences(make_random_structure, cyclic, modes, part, capped, sign):
    """Tests the same with caps by site and period, which count upwards or downwards, alone or beside others."""
    for seed in range(tries(4, 40)):
        structure = with_caps_by_period(make_random_structure(seed, cyclic=cyclic, capped=capped), seed, sign=sign)
        market = capped_market(structure if modes is None else modes(structure, seed))
        point = PathPoint(market.start, part * cost_spread(market.market))
        _check_differences(market, point, seed)


def _check_differences(capped, point, seed):
    """Check slope and curvature near a point along a random direction."""
    dual, random = CappedDual(capped, DOUBLE), np.random.default_rng(seed)
    free, width = np.ones(len(point.prices), dtype=bool), point.width
    dual.evaluate(point.prices, width)  # the range of prices decides on the precision
    dual.choose_precision(width)
    prices = point.prices + 0.1 * width * dual.unit
    here = dual.evaluate_curved(prices, width, free)
    step = 1e-3 * width * dual.unit * random.standard_normal(len(prices))
    ahead, back = (dual.evaluate(prices + sign * step, width) for sign in (1, -1))
    assert (ahead.value - back.value) / 2 == pytest.approx(here.gradient @ step, rel=1e-2, abs=1e-4 * width)
    bent, found = (back.gradient - ahead.gradient) / 2, here.curvature.times(step)
    assert found == pytest.approx(bent, rel=2e-2, abs=1e-2 * np.abs(bent).max() + 1e-9)


def test_sites_of_the_curvature(make_random_structure):
    """Tests that the curvature over some sites is the same there as over all of them."""
    capped, point = _followed(make_random_structure(3, capped=True), 0.1)
    dual, prices = CappedDual(capped), point.prices + 0.1 * point.width * CappedDual(capped).unit
    free = np.ones(len(prices), dtype=bool)
    whole = dual.evaluate_curved(prices, point.width, free).curvature.inner
    of_resources, _ = capped.places.split(free)
    of_resources[:, 1 : capped.market.sites] = of_resources[:, capped.market.sites + 1 :] = False
    part = dual.evaluate_curved(prices, point.width, free).curvature.inner
    among = np.searchsorted(whole.resources, part.resources)
    assert part.blocks == pytest.approx(whole.blocks[:, among[:, None], among])
    assert part.within_periods == pytest.approx(whole.within_periods[:, among[:, None], among])
