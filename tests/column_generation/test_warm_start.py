"""Tests of ``placer.column_generation.warm_start`` with structures whose prices can be read off."""

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.deadline import Deadline
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.generation import generate
from placer.column_generation.market.definition import market
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters, WarmStartParameters
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import (
    KnownPrices,
    best_start,
    interpolate,
    joint_start,
    record_prices,
    start_at,
)
from placer.proof.answer_certificate import certify_answer
from placer.termination import Reason
from tests.effort import tries

GAP = 1e-8
WIDTH, LEAST_WIDTH = DEFAULTS.warm_start.first_width_spreads, DEFAULTS.descent.least_width_spreads


def learnt(structure):
    """What is known after a structure was solved."""
    return record_prices(structure, ColumnGeneration().answer(structure).prices)


def test_prices_are_kept_by_what_they_price(make_structure):
    """Tests the small structure with 8 of capacity at the cheap site: its price is what the other one costs more.

    The first hour asks for 10 at origin 0 and 6 at origin 1. Moving a unit of origin 0 to site 0 costs 51 - 23 = 28;
    the second hour asks for 6 in all, and no capacity is scarce.
    """
    known = learnt(make_structure(capacity=[[np.inf, np.inf], [8.0, 8.0]]))
    assert known.capacity == pytest.approx(np.array([[0.0, 28.0], [0.0, 0.0]]))
    assert known.supply == pytest.approx(np.zeros((2, 2)))
    assert known.link.shape == (0, 2)
    assert known.cap.shape == (0,)


def test_start_has_the_prices_and_costs_no_steps(make_structure):
    """Tests that the same structure starts from its own prices, which prove it at once."""
    structure = make_structure(capacity=[[np.inf, np.inf], [8.0, 8.0]])
    start = best_start(structure, [learnt(structure)])
    assert start.prices[0, 1] == pytest.approx(28.0)
    found = generate(structure, GAP, Deadline(), start)
    assert (found.reason, found.start.steps, found.best.number) == (Reason.OPTIMAL, 0, 1)
    assert found.best.point.objective == pytest.approx(generate(structure, GAP, Deadline()).best.point.objective)


def test_nearest_are_those_that_prove_most(make_structure):
    """Tests that of two, the prices of the same structure are taken, whichever comes first."""
    tight = make_structure(capacity=[[np.inf, np.inf], [8.0, 8.0]])
    tighter = make_structure(capacity=[[9.0, 9.0], [2.0, 2.0]])
    choice = [learnt(tighter), learnt(tight)]
    for order in (choice, choice[::-1]):
        assert best_start(tight, order).prices[0, 1] == pytest.approx(28.0)


def test_prices_of_limits_that_cannot_be_reached_are_left_out(make_structure):
    """Tests that a capacity above all demand of an hour has no price, whatever it had before."""
    known = learnt(make_structure(capacity=[[np.inf, np.inf], [8.0, 8.0]]))
    start = best_start(make_structure(capacity=[[np.inf, np.inf], [17.0, 17.0]]), [known])
    assert not start.prices.any()


def test_nothing_fits(make_structure):
    """Tests that prices for other shapes, no prices, and a structure without demand give no start."""
    structure = make_structure()
    known = learnt(structure)
    assert known.suit(structure)
    shorter = replace(known, capacity=known.capacity[:1], supply=known.supply[:1])
    assert not shorter.suit(structure)
    assert best_start(structure, [shorter]) is None
    assert best_start(structure, []) is None
    assert best_start(replace(structure, demand_amount=np.zeros(4)), [known]) is None


def test_change_is_the_part_of_what_is_asked_for(make_structure):
    """Tests that 13 instead of 10 units of the 22 there were before, and 3 fewer of another hour, are 6 of 22."""
    before, after = make_structure(), make_structure(demand_amount=[13.0, 6.0, 1.0, 2.0])
    assert best_start(before, [learnt(before)]).changed == 0.0
    assert best_start(after, [learnt(before)]).changed == pytest.approx(6 / 22)


def test_no_change_of_demand_that_uses_no_site(make_structure):
    """Tests that prices of sites hold for any demand that takes neither capacity nor power."""
    structure = make_structure()
    idle = replace(structure, use=np.zeros_like(structure.use), draw=np.zeros_like(structure.draw))
    assert best_start(idle, [learnt(structure)]).changed == 0.0


def test_width_is_less_where_much_is_near(make_structure):
    """Tests that the width shrinks where it would take in more columns than a few for each demand.

    Site 1 costs 20 for the work and site 0 costs 50, so that only one is near; six sites alike are all near.
    """
    structure = make_structure()
    assert best_start(structure, [learnt(structure)]).width == pytest.approx(WIDTH * cost_spread(market(structure)))
    alike = many_alike(make_structure)
    assert best_start(alike, [learnt(alike)]).width <= LEAST_WIDTH * cost_spread(market(alike))


def many_alike(make_structure):
    """Six sites that cost the same, and one far off, by which the spread is measured."""
    sites = 7
    every = np.ones((sites, 2))
    return make_structure(
        arc_class=[0] * 2 * sites,
        arc_origin=[0] * sites + [1] * sites,
        arc_site=[*range(sites)] * 2,
        arc_cost=[*[1.0] * (sites - 1), 500.0] * 2,
        work_cost=np.zeros((1, sites)),
        use=every[:, :1].T,
        draw=every[:, :1].T,
        capacity=np.inf * every,
        intake=np.inf * every,
        overhead=every,
        tier_site=[*range(sites)],
        tier_yield=every[:, 0],
        tier_cost=50 * every,
        tier_limit=np.inf * every,
        route_links=np.zeros((2 * sites, 0)),
        cap_work=np.zeros((0, 1, sites)),
        cap_tier=np.zeros((0, sites, 2)),
    )


@pytest.mark.parametrize("seed", range(tries(4, 12)))
def test_any_prices_lead_to_the_optimum(make_random_structure, solve_whole, some_prices, seed):
    """Tests that from prices of nothing to do with a structure its least cost is found all the same."""
    structure = make_random_structure(seed, capped=seed % 2 == 1)
    sites, periods = structure.capacity.shape
    random = np.random.default_rng(seed)
    known = KnownPrices(
        capacity=100 * random.random((periods, sites)),
        supply=100 * random.random((periods, sites)),
        link=100 * random.random((len(structure.link_capacity), periods)),
        cap=random.random(2) / 10,
        asked=random.choice([0.1, 10.0]) * np.ones((len(structure.window), periods)),
    )
    answer = ColumnGeneration().answer(structure, best_start(structure, [known]))
    certificate = certify_answer(structure, answer, gap=1e-6)
    assert certificate.proven
    assert certificate.objective == pytest.approx(solve_whole(structure)[1], rel=1e-7)


def test_prices_are_interpolated(make_structure):
    """Tests that a quarter of the way from prices to their double is 5/4 of them, and that equal prices stay."""
    known = learnt(make_structure(capacity=[[np.inf, np.inf], [8.0, 8.0]]))
    quarter = interpolate(known, replace(known, capacity=2 * known.capacity), 0.25)
    assert quarter.capacity == pytest.approx(np.array([[0.0, 35.0], [0.0, 0.0]]))
    assert quarter.supply == pytest.approx(known.supply)


def test_widths_are_parameters(make_structure):
    """Tests that the width starts where the parameters say, and that it does not shrink below its lower bound."""
    structure = make_structure()
    spread = cost_spread(market(structure))
    wide = ColumnGenerationParameters(warm_start=WarmStartParameters(first_width_spreads=1e-2))
    assert best_start(structure, [learnt(structure)], wide).width == pytest.approx(1e-2 * spread)
    none = ColumnGenerationParameters(warm_start=WarmStartParameters(most_near_per_demand=0.0))
    assert 1e-6 < best_start(structure, [learnt(structure)], none).width / spread <= 1e-5


def test_a_joint_start_holds_columns_near_all_prices(make_structure):
    """Tests that the first prices are those to start from, and that each further set brings its columns."""
    structure = make_structure(capacity=[[np.inf, np.inf], [8.0, 8.0]])
    known = learnt(structure)
    free = replace(known, capacity=np.zeros_like(known.capacity))
    start = joint_start(structure, [known, free])
    alone = best_start(structure, [known])
    assert start.prices == pytest.approx(alone.prices)
    (columns,) = start.columns
    assert len(columns) > 0
    found = generate(structure, GAP, Deadline(), start)
    assert found.reason is Reason.OPTIMAL
    assert joint_start(structure, []) is None


def test_a_start_at_a_width_counts_it_in_cost_spreads(make_structure):
    structure = make_structure()
    known = learnt(structure)
    start = start_at(structure, known, 0.5)
    assert start.width == 0.5 * cost_spread(start.market)
    assert start_at(structure, replace(known, capacity=known.capacity[:, :1]), 0.5) is None
