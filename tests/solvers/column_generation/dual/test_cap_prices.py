"""Prices of caps on totals."""

from __future__ import annotations

import numpy as np
import pytest

from placer.solvers.column_generation.deadline import OutOfTimeError
from placer.solvers.column_generation.dual.cap_prices import CappedPoint, price_caps
from placer.solvers.column_generation.dual.parameters import CapPriceParameters, PathParameters
from placer.solvers.column_generation.dual.path import Path, PathPoint, first_width
from placer.solvers.column_generation.market.definition import market
from placer.solvers.column_generation.parameters import DEFAULTS
from placer.solvers.column_generation.solver import ColumnGeneration
from placer.solvers.proven import solve_structure

#: Ten units may be served for 10 at the first site, where a unit counts as 1, or for 30 at the second, as 0; 4 may
#: count in all. So the cap is worth 20.
BASE = {
    "demand_class": [0, 0],
    "demand_origin": [0, 0],
    "demand_period": [0, 1],
    "demand_amount": [6.0, 4.0],
    "arc_class": [0, 0],
    "arc_origin": [0, 0],
    "arc_site": [0, 1],
    "arc_cost": [0.0, 0.0],
    "route_links": np.zeros((2, 0)),
}
WATER = BASE | {
    "tier_cost": [[0.0, 0.0], [0.0, 0.0]],
    "work_cost": [[10.0, 30.0]],
    "cap_limit": [4.0],
    "cap_work": [[[1.0, 0.0]]],
    "cap_tier": np.zeros((1, 2, 2)),
}
CARBON = BASE | {
    "tier_cost": [[10.0, 10.0], [30.0, 30.0]],
    "cap_limit": [4.0],
    "cap_work": np.zeros((1, 1, 2)),
    "cap_tier": [[[1.0, 1.0], [0.0, 0.0]]],
}
#: The same choice between two tiers of one site.
TIERS = CARBON | {"tier_site": [0, 0], "arc_class": [0], "arc_origin": [0], "arc_site": [0], "arc_cost": [0.0]}
WIDTH = 1.0


def _priced(structure, start=None, on_step=lambda _: None, parameters=DEFAULTS.path):
    caps = np.zeros(len(structure.cap_limit)) if start is None else np.array(start)
    whole = market(structure, caps)
    point = Path(whole).follow(PathPoint(np.zeros(whole.price_shape), first_width(whole)), WIDTH)
    return price_caps(structure, CappedPoint(caps, whole, point), on_step, parameters)


@pytest.mark.parametrize("kind", [WATER, CARBON], ids=["water", "carbon"])
@pytest.mark.parametrize("start", [0.0, 20.0, 50.0])
def test_price_by_hand(make_structure, kind, start):
    """Tests a price of 20, whether from none, from the right one or from above; smoothed, ``width ln (6 / 4)`` more."""
    here = _priced(make_structure(**kind), [start])
    assert here.caps == pytest.approx([20 + WIDTH * np.log(1.5)], abs=0.01)
    assert here.point.width == WIDTH


@pytest.mark.parametrize("kind", [WATER, CARBON, TIERS], ids=["water", "carbon", "tiers"])
def test_price_of_the_answer(make_structure, kind):
    """Tests that the whole solver ends with 20 for the cap, 30 for a unit, and 4 x 10 + 6 x 30 in all."""
    answer, certificate = solve_structure(make_structure(**kind), ColumnGeneration())
    assert answer.prices.cap == pytest.approx([20.0])
    assert answer.prices.demand == pytest.approx([30.0, 30.0])
    assert certificate.objective == pytest.approx(220.0)


@pytest.mark.parametrize("start", [0.0, 3.0])
def test_cap_that_leaves_room_costs_nothing(make_structure, start):
    """Tests that a cap of 11 over 10 has no price, and loses one it had."""
    assert _priced(make_structure(**WATER | {"cap_limit": [11.0]}), [start]).caps.tolist() == [0.0]


def test_no_cap(make_structure):
    """Tests that a cap without a limit keeps the point as it was."""
    structure = make_structure(**WATER | {"cap_limit": [np.inf]})
    assert _priced(structure).caps.tolist() == [0.0]


def test_cap_of_nothing(make_structure):
    """Tests that a cap of 0 gets a price that drives all work away."""
    here = _priced(make_structure(**WATER | {"cap_limit": [0.0]}))
    assert here.caps[0] > 20.0
    answer, certificate = solve_structure(make_structure(**WATER | {"cap_limit": [0.0]}), ColumnGeneration())
    assert certificate.objective == pytest.approx(300.0)
    assert answer.prices.cap[0] >= 20.0 - 1e-9


def test_two_caps(make_structure):
    """Tests a cap on each period, of 3 of 6 units and 1 of 4: both are worth 20, the second ``width ln 3`` more."""
    by_period = [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]]]
    two = {"cap_limit": [3.0, 1.0], "cap_work": np.zeros((2, 1, 2)), "cap_tier": by_period}
    structure = make_structure(**CARBON | two)
    assert _priced(structure).caps == pytest.approx([20.0, 20 + WIDTH * np.log(3)], abs=0.01)
    answer, _ = solve_structure(structure, ColumnGeneration())
    assert answer.prices.cap == pytest.approx([20.0, 20.0])


def test_caps_that_depend_on_each_other(make_structure):
    """Tests that 4 units at 10, 3 at 30 and the rest at 100 make the caps worth 90 and 70 in the end."""
    shape = (3, 2)
    three = {
        "work_cost": [[10.0, 30.0, 100.0]],
        "use": np.ones((1, 3)),
        "draw": np.ones((1, 3)),
        "arc_class": [0, 0, 0],
        "arc_origin": [0, 0, 0],
        "arc_site": [0, 1, 2],
        "arc_cost": np.zeros(3),
        "capacity": np.full(shape, np.inf),
        "intake": np.full(shape, np.inf),
        "overhead": np.ones(shape),
        "tier_site": [0, 1, 2],
        "tier_yield": np.ones(3),
        "tier_cost": np.zeros(shape),
        "tier_limit": np.full(shape, np.inf),
        "route_links": np.zeros((3, 0)),
        "cap_limit": [4.0, 3.0],
        "cap_work": [[[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]],
        "cap_tier": np.zeros((2, 3, 2)),
    }
    answer, _ = solve_structure(make_structure(**WATER | three), ColumnGeneration())
    assert answer.prices.cap == pytest.approx([90.0, 70.0])


def test_what_counts_for_nothing(make_structure):
    """Tests that a cap nothing counts under has no price."""
    structure = make_structure(**WATER | {"cap_work": np.zeros((1, 1, 2))})
    assert _priced(structure).caps.tolist() == [0.0]


def test_steps_can_be_stopped(make_structure):
    """Tests that what is raised at a step ends the search."""

    def stop(_):
        raise OutOfTimeError

    with pytest.raises(OutOfTimeError):
        _priced(make_structure(**WATER), on_step=stop)


def test_search_ends(make_structure):
    """Tests that a price that one doubling cannot reach is left where that doubling ends."""
    structure = make_structure(**WATER | {"cap_limit": [1e-3]})
    assert 0 < _priced(structure, parameters=PathParameters(caps=CapPriceParameters(most_doublings=1))).caps[0] < 20.0


def test_bracket_alone(make_structure):
    """Tests that without regula falsi the price is an end of its bracket, and not the root of 20 to within 0.01."""
    priced = _priced(
        make_structure(**WATER), parameters=PathParameters(caps=CapPriceParameters(most_refinements=0))
    ).caps[0]
    assert priced > 20.0
    assert abs(priced - 20 - WIDTH * np.log(1.5)) > 0.01
