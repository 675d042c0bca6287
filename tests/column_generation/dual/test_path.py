"""The path of the smoothed dual's maximiser."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.deadline import OutOfTimeError
from placer.column_generation.dual.hessian import Hessian
from placer.column_generation.dual.parameters import PathParameters
from placer.column_generation.dual.path import PathPoint, PricePath, _Centred, cost_spread, first_width
from placer.column_generation.dual.smoothed_dual import CurvedEvaluation, SmoothedDual
from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import bound, price
from placer.column_generation.parameters import DEFAULTS
from tests.effort import tries

#: Ten units at each origin, and only the second, cheap site short of room: 12 units of 20.
SCARCE = {
    "demand_amount": [10.0, 10.0, 10.0, 10.0],
    "capacity": [[np.inf, np.inf], [12.0, 12.0]],
}


@pytest.fixture(scope="module")
def markets(make_random_structure):
    """Return markets of random structures, some cyclic, some with closed sites."""
    return [
        market(make_random_structure(seed, cyclic=bool(seed % 2), zeros=bool(seed // 2 % 2)))
        for seed in range(tries(12, 24))
    ]


def _start(whole):
    return PathPoint(np.zeros(whole.price_shape), first_width(whole))


def _projected(whole, point):
    """Return how far resources are off their limits, where prices may move, as a part of what there is of each."""
    dual = SmoothedDual(whole)
    dual.choose_precision(point.width)
    gradient = dual.evaluate(point.prices, point.width).gradient
    there = whole.limit.copy()
    if whole.supplied:
        there[:, whole.sites : 2 * whole.sites] += sum(amount for amount, _ in whole.tiers)
    off = np.divide(gradient, there, out=np.zeros_like(gradient), where=there > 0)
    # A price within a twentieth of the width of zero counts as zero: it can still fall a little.
    return np.where(point.prices > 0.05 * point.width * whole.unit, np.abs(off), np.maximum(off, 0.0))


def test_spread_of_costs(make_structure):
    """Tests the deviation of 51 and 23, and of 53 and 21, from their means: 14 and 16, in the mean 15."""
    assert cost_spread(market(make_structure())) == pytest.approx(15.0)


def test_spread_is_over_periods_that_serve(make_structure):
    """Tests that a site closed in one period of two counts with its cost in the other, and one closed in all not."""
    closed = {"capacity": [[0.0, np.inf], [np.inf, np.inf]]}
    assert cost_spread(market(make_structure(**closed))) == pytest.approx(15.0)
    alone = {"capacity": [[0.0, 0.0], [np.inf, 0.0]]}
    assert cost_spread(market(make_structure(**alone))) == pytest.approx(22.0)


def test_no_spread(make_structure):
    """Tests that sites that cost the same are measured by what they cost, and at 0 by 1."""
    same = {"arc_cost": np.full(4, 1.0), "tier_cost": np.full((2, 2), 20.0)}
    assert cost_spread(market(make_structure(**same))) == pytest.approx(21.0)
    free = {"arc_cost": np.zeros(4), "tier_cost": np.zeros((2, 2))}
    assert cost_spread(market(make_structure(**free))) == 1.0


def test_first_width(make_structure):
    """Tests a sixteenth of the penalty, and ten thousand spreads where that is less."""
    assert first_width(market(make_structure())) == pytest.approx(1000.0 / 16)
    assert first_width(market(make_structure(unserved_cost=[1e9]))) == pytest.approx(150_000.0)
    tenth = PathParameters(first_width_in_penalties=0.1)
    assert first_width(market(make_structure()), tenth) == pytest.approx(100.0)


def test_price_by_hand(make_structure):
    """Tests that the cheap site's room is worth what the dear one costs more to the first origin.

    Of 20 units 12 find room there: all of the second origin, and 2 of the first, so that the first decides: 51 - 23.
    """
    whole = market(make_structure(**SCARCE))
    point = PricePath(whole).follow(_start(whole), 0.01)
    assert point.width == pytest.approx(0.01)
    assert point.prices == pytest.approx(np.array([[0.0, 28.0], [0.0, 28.0]]), abs=0.05)


@pytest.mark.slow
def test_ends_where_the_projected_gradient_is_small(markets):
    """Tests, from wide to narrow, that no resource is off its limit by more than the path allows."""
    for whole in markets:
        point = _start(whole)
        follow = PricePath(whole).follow
        for part in (1.0, 0.1, 0.01):
            point = follow(point, part * cost_spread(whole))
            assert point.width <= part * cost_spread(whole) * (1 + 1e-12)
            assert (point.prices >= 0).all()
            assert _projected(whole, point).max(initial=0.0) < DEFAULTS.path.imbalance_tolerance


@pytest.mark.slow
def test_narrower_is_better(markets):
    """Tests that the bound at the end of a path to 1e-2 of the spread is nearly the best bound known."""
    for whole in markets[:12]:
        spread = cost_spread(whole)
        points, follow = [_start(whole)], PricePath(whole).follow
        for part in (0.1, 1e-2, 1e-4):
            points.append(follow(points[-1], part * spread))
        wide, narrow, best = (bound(whole, point.prices, price(whole, point.prices)) for point in points[1:])
        size = sum(float(group.amount.sum()) * group.weight for group in whole.groups)
        assert wide <= best + 1e-6 * spread * size
        assert best - narrow <= 10 * 1e-2 * spread * size


def test_nothing_scarce(make_structure):
    """Tests that without limits no step is taken and no price rises."""
    whole = market(make_structure())
    point = PricePath(whole).follow(_start(whole), 0.01)
    assert point.steps == 0
    assert not point.prices.any()


def test_goes_on_from_where_it_stands(make_structure):
    """Tests that a path taken in two parts ends where one taken at once does, and counts all steps."""
    whole = market(make_structure(**SCARCE))
    at_once = PricePath(whole).follow(_start(whole), 0.1)
    half = PricePath(whole).follow(_start(whole), 1.0)
    parts = PricePath(whole).follow(half, 0.1)
    assert parts.steps > half.steps
    assert parts.prices == pytest.approx(at_once.prices, abs=0.1)


def test_same_path_goes_on_without_a_step(make_structure):
    """Tests that a path asked to go on from where it ended takes no step there, keeps its shortlists, and ends well."""
    whole, told = market(make_structure(**SCARCE)), []
    path = PricePath(whole, told.append)
    half = path.follow(_start(whole), 1.0)
    told.clear()
    there = path.follow(half, 0.1)
    assert all(one.width < half.width for one in told)
    assert there.prices == pytest.approx(PricePath(whole).follow(_start(whole), 0.1).prices, abs=0.1)
    assert path.follow(there, 0.1) is there


def test_last_widths_are_evenly_spaced(make_structure):
    """Tests that from 1 to 1/3, at a factor of at most 2.5, two widths of ratio sqrt 3 follow, not 2.5 and 1.2."""
    whole, told = market(make_structure(**SCARCE)), []
    path = PricePath(whole, told.append, PathParameters(shrink=2.5))
    point = path.follow(_start(whole), 1.0)
    told.clear()
    path.follow(point, 1 / 3)
    assert sorted({one.width for one in told}) == pytest.approx([1 / 3, 3**-0.5])


def test_settles_near_the_path_only(make_structure):
    """Tests that the maximiser at a width is found again from nearby, and that zero prices at a small width are lost.

    The price at the scarce site is 28 in the first period; a thousandth of that is nearly no price beside the width.
    """
    whole = market(make_structure(**SCARCE))
    width = 0.01 * cost_spread(whole)
    found = PricePath(whole).follow(_start(whole), width)
    nearby = PricePath(whole).settle(PathPoint(1.001 * found.prices, width))
    assert nearby is not None
    assert nearby.prices == pytest.approx(found.prices, abs=width)
    assert PricePath(whole).settle(PathPoint(0 * found.prices, 1e-4 * width)) is None


def test_steps_are_told_and_can_be_stopped(make_structure):
    """Tests that every step is announced with its width, and that what is raised there ends the path."""
    whole, told = market(make_structure(**SCARCE)), []
    PricePath(whole, told.append).follow(_start(whole), 1.0)
    assert told[0].steps == 0
    assert told[0].width == first_width(whole)
    assert all(one.width >= other.width for one, other in itertools.pairwise(told))

    def stop(_):
        raise OutOfTimeError

    with pytest.raises(OutOfTimeError):
        PricePath(whole, stop).follow(_start(whole), 1.0)


def test_steps_are_limited(make_structure):
    """Tests that after one step at a width, where no more are allowed, the path moves on."""
    whole, told = market(make_structure(**SCARCE)), []
    point = PricePath(whole, told.append, PathParameters(most_steps_at_width=1)).follow(_start(whole), 1e-6)
    assert point.width == pytest.approx(1e-6)
    assert max(Counter(one.width for one in told).values()) == 2  # the step, and the end


class _Misled(SmoothedDual):
    """A dual that says it is a thousand times flatter than it is."""

    def evaluate_curved(self, prices, width, free):
        """Evaluate with a curvature that is a thousandth of the right one."""
        here = super().evaluate_curved(prices, width, free)
        flat = Hessian(here.curvature.blocks / 1000, here.curvature.resources)
        return CurvedEvaluation(here.value, here.gradient, flat)


def test_steps_too_long_are_refused_and_shortened(make_structure):
    """Tests that with a curvature far too small the shift is raised until steps gain, and the path ends well."""
    whole = market(make_structure(**SCARCE))
    misled = PricePath(whole)
    misled.dual = _Misled(whole)
    refused = []
    gain_ratio = misled._gain_ratio
    misled._gain_ratio = lambda *given: refused.append(gain_ratio(*given)) or refused[-1]
    point = misled.follow(_start(whole), 1.0)
    assert any(part <= DEFAULTS.path.refused_ratio for part in refused)
    assert misled._shift > DEFAULTS.path.least_shift
    assert point.width == pytest.approx(1.0)
    assert point.prices[:, 1] == pytest.approx([28.0, 28.0], abs=5.0)


def test_steps_that_never_gain_end_a_width(make_structure, monkeypatch):
    """Tests that where every step is refused the path narrows without moving at any width, and ends."""
    whole = market(make_structure(**SCARCE))
    monkeypatch.setattr(PricePath, "_gain_ratio", lambda *_: -1.0)
    point = PricePath(whole).follow(_start(whole), 1.0)
    assert point.steps == 0
    assert point.width == pytest.approx(1.0)


def test_part_of_a_refused_step_is_tried_first(make_structure, monkeypatch):
    """Tests that where the first trial of a step is refused and a part of it gains, the shift does not rise."""
    whole, tried = market(make_structure(**SCARCE)), []
    gain_ratio = PricePath._gain_ratio

    def refuse_first(path, here, there, step):
        tried.append(step)
        return -1.0 if len(tried) == 1 else gain_ratio(path, here, there, step)

    monkeypatch.setattr(PricePath, "_gain_ratio", refuse_first)
    path = PricePath(whole)
    path.follow(_start(whole), 0.9 * first_width(whole))
    assert tried[1] == pytest.approx(tried[0] / 2)
    assert path._shift <= DEFAULTS.path.least_shift


def test_shift_is_bounded(make_structure, monkeypatch):
    """Tests that refused steps raise the shift to its upper bound and no further."""
    whole = market(make_structure(**SCARCE))
    monkeypatch.setattr(PricePath, "_gain_ratio", lambda *_: -1.0)
    path = PricePath(whole, parameters=PathParameters(least_shift=0.1))
    path.follow(_start(whole), 1.0)
    assert path._shift == 10.0


def test_tangent_that_overshoots_is_drawn_back(make_structure):
    """Tests that a tangent a hundred times too long is shortened to where the value is no less than without it."""
    whole = market(make_structure(**SCARCE))
    path = PricePath(whole)
    point = path.follow(_start(whole), 2.0)
    dual, free = path.dual, np.ones(whole.price_shape, dtype=bool)
    here = dual.evaluate_curved(point.prices, point.width, free)
    too_long = _Fixed(np.array([[0.0, 50.0], [0.0, 50.0]]))
    there, _ = path._predict(_Centred(point, here, too_long, is_lost=False), 1.0)
    assert there.width == 1.0
    assert dual.evaluate(there.prices, 1.0).value >= dual.evaluate(point.prices, 1.0).value


class _Fixed:
    """A factor that answers with one step."""

    def __init__(self, step):
        self._step = step

    def step(self, *_):
        """Return it."""
        return self._step


def test_weights_of_the_classes_do_not_matter(make_structure):
    """Tests that a class counted in units half as large has the same price per unit of capacity."""
    structure = make_structure(**SCARCE)
    halved = replace(
        structure,
        demand_amount=structure.demand_amount * 2,
        unserved_cost=structure.unserved_cost / 2,
        arc_cost=structure.arc_cost / 2,
        use=structure.use / 2,
        draw=structure.draw / 2,
    )
    one, other = (
        PricePath(whole).follow(_start(whole), 0.01 * cost_spread(whole)).prices
        for whole in (market(structure), market(halved))
    )
    assert other == pytest.approx(one, abs=0.5)
