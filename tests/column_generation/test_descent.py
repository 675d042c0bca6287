"""Tests of the descent: where the path starts and ends, and what it tells on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation import descent
from placer.column_generation.deadline import Deadline, OutOfPatienceError, OutOfTimeError
from placer.column_generation.descent import descend, shortlist_size
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import near
from placer.column_generation.parameters import (
    DEFAULTS,
    ColumnGenerationParameters,
    DescentParameters,
    EffortParameters,
    ShortlistParameters,
)
from placer.column_generation.start import demand_count, dual_bound

#: The cheap site has room for 12 of 16 units, then for 3 of 6.
SCARCE = {"capacity": [[np.inf, np.inf], [12.0, 3.0]]}


def test_prices_by_hand(make_structure):
    """Tests that the room of the cheap site is worth 28 in both periods, to a thousandth of the spread of 15."""
    start = descend(make_structure(**SCARCE), Deadline())
    assert start.prices == pytest.approx(np.array([[0.0, 28.0], [0.0, 28.0]]), abs=0.1)
    assert start.width <= DEFAULTS.descent.counting_width_spreads * 15.0
    assert start.steps > 0


def test_path_narrows_while_columns_are_many(make_random_structure):
    """Tests that with room for no column beside one for each demand the path narrows until as many stay near."""
    structure = make_random_structure(3)
    none = ColumnGenerationParameters(shortlist=ShortlistParameters(most_in_all=0, most_per_price=0))
    assert descend(structure, Deadline(), parameters=none).width < descend(structure, Deadline()).width


def test_path_ends_at_the_least_width(make_random_structure):
    """Tests that the path of ties that are never few ends at its least width, not half of it further on."""
    structure = make_random_structure(3)
    bound = ColumnGenerationParameters(
        shortlist=ShortlistParameters(most_in_all=0, most_per_price=0),
        descent=DescentParameters(least_width_spreads=1e-4),
    )
    width = descend(structure, Deadline(), parameters=bound).width / cost_spread(market(structure))
    assert 1e-4 / 2 < width <= 1e-4


@pytest.mark.slow
def test_bound_is_nearly_the_optimum(make_random_structure, solve_whole):
    """Tests that the bound at the prices where the path ends is within 5 % of the optimum."""
    for seed in range(100, 110):
        structure = make_random_structure(seed)
        start = descend(structure, Deadline())
        bound = dual_bound(structure, start.market, start.caps, start.prices)
        assert bound == pytest.approx(solve_whole(structure)[1], rel=5e-2)


def test_dear_steps_are_foreseen(make_structure, monkeypatch):
    """Tests that a path whose first step is dear is given up before any work on it."""
    monkeypatch.setattr(descent, "PricePath", None)
    with pytest.raises(OutOfPatienceError):
        descend(make_structure(**SCARCE), Deadline(patience_seconds=1e-9))


def test_set_up_of_many_links_is_foreseen(make_structure, monkeypatch):
    """Tests that a path is given up before pairs of links are set up, if they take more than the patience."""
    structure = make_structure(link_capacity=[8.0], route_links=[[1.0], [0.0], [0.0], [1.0]])
    effort = EffortParameters(seconds_per_step=0.0, seconds_per_cell=0.0, seconds_per_operation=0.0)
    parameters = ColumnGenerationParameters(effort=replace(effort, seconds_per_pair=1.0))
    pairs = 2 * 2 * 1
    descend(structure, Deadline(patience_seconds=pairs), parameters=parameters)
    monkeypatch.setattr(descent, "PricePath", None)
    with pytest.raises(OutOfPatienceError):
        descend(structure, Deadline(patience_seconds=0.9 * pairs), parameters=parameters)


def test_caps_are_priced(make_random_structure, solve_whole):
    """Tests that a cap that binds has a price at the end of the path, and the bound is still near the optimum."""
    structure = make_random_structure(1, capped=True)
    start = descend(structure, Deadline())
    assert (start.caps > 0).any()
    bound = dual_bound(structure, start.market, start.caps, start.prices)
    assert bound == pytest.approx(solve_whole(structure)[1], rel=5e-2)


def test_known_prices_save_steps(make_structure):
    """Tests that from prices of the structure itself the path takes fewer steps and ends at the same prices."""
    structure = make_structure(**SCARCE)
    cold = descend(structure, Deadline())
    warm = descend(structure, Deadline(), replace(cold, steps=0))
    assert warm.steps < cold.steps
    assert warm.prices == pytest.approx(cold.prices, abs=0.1)


def test_shortlist_by_hand(make_structure):
    """Tests 3 for each of 4 demands, 50 for each price above zero where that is more, and the bound on the former."""
    whole = market(make_structure(**SCARCE))
    free, priced = np.zeros(whole.price_shape), np.ones(whole.price_shape)
    assert demand_count(whole) == 4
    assert shortlist_size(whole, free, ShortlistParameters()) == 12
    assert shortlist_size(whole, priced, ShortlistParameters()) == 50 * priced.size
    assert shortlist_size(whole, free, ShortlistParameters(most_in_all=5)) == 5


def test_few_columns_are_near_at_the_end(make_random_structure):
    """Tests that no more columns are near than the shortlist holds, unless they are tied."""
    structure = make_random_structure(3)
    start = descend(structure, Deadline())
    count = len(near(start.market, start.prices, DEFAULTS.shortlist.reach_widths * start.width)[1])
    assert count - demand_count(start.market) < shortlist_size(start.market, start.prices, DEFAULTS.shortlist)


def test_every_step_is_recorded_told_and_counted(make_structure):
    """Tests that each step passes its point on, tells its width, and counts its work; the first is at zero prices."""
    told, points = [], []
    deadline = Deadline(tell=told.append)
    descend(make_structure(**SCARCE), deadline, on_point=lambda _, point: points.append(point))
    assert len(told) == len(points) == len(deadline.spent)
    assert not points[0].prices.any()
    assert all(text.startswith("nearing the prices, step ") for text in told)


def test_time_is_up(make_structure):
    """Tests that no time left ends the path with an error."""
    with pytest.raises(OutOfTimeError):
        descend(make_structure(**SCARCE), Deadline(1e-9))


@pytest.mark.parametrize("capped", [False, True])
def test_patience_is_over(make_random_structure, capped):
    """Tests that the steps of the path, and those that price caps, use up the patience."""
    with pytest.raises(OutOfPatienceError):
        descend(make_random_structure(1, capped=capped), Deadline(patience_seconds=1e-6))
