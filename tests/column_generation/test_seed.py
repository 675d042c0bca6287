"""Tests of the columns that known flows use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.column_generation.deadline import Deadline
from placer.column_generation.generation import solve_masters
from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import near, price
from placer.column_generation.seed import columns_at, columns_of, union, union_of_used, used_columns
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import best_start, record_prices
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from tests.model.modes_at_random import with_random_modes


def _solved(instance):
    structure = formulate(instance).structure
    return structure, solve_structure(structure, ColumnGeneration())[0]


def test_columns_by_hand(make_instance):
    """Tests that A's 10 Mtok to Y and B's 6 to Y are one column each, and nothing else is."""
    structure, answer = _solved(make_instance())
    found = columns_of(structure, market(structure), answer.point)
    assert found.h.tolist() == [0, 1]
    assert found.s.tolist() == [1, 1]
    assert found.t.tolist() == [0, 0]


def test_unserved_demand_is_a_column(make_instance):
    """Tests that what stays unserved has its column: 6 of 16 Mtok where the sites have 5 accelerators each."""
    centres = [{"data_centre": name, "region": "east", "accelerators": 5.0} for name in "XY"]
    structure, answer = _solved(make_instance(data_centres=centres))
    assert (columns_of(structure, market(structure), answer.point).s == -1).any()


@pytest.mark.parametrize("in_modes", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_columns_of_a_placement_make_a_program_feasible(make_random_instance, seed, in_modes):
    """Tests that from prices of nothing the first master misses nothing if it holds a placement's columns."""
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    structure, answer = _solved(with_random_modes(instance, seed) if in_modes else instance)
    start = best_start(structure, [record_prices(structure, answer.prices)])
    start = replace(start, prices=np.zeros_like(start.prices), width=0.0)
    start = replace(start, columns=(columns_of(structure, start.market, answer.point),))
    first = solve_masters(structure, start, 1e-8, Deadline(), goes_on=lambda _: False)
    assert first.best is not None
    cost = answer.bound
    assert first.best.point.objective == pytest.approx(cost, rel=1e-6)


def test_union_takes_each_column_once(make_random_instance):
    """Tests that columns alike are taken once, whatever their price."""
    structure = formulate(make_random_instance(0)).structure
    whole = market(structure)
    prices = np.zeros(whole.price_shape)
    _, found = near(whole, prices, np.inf)
    assert price(whole, prices)
    twice = union([found, replace(found, price=found.price + 1)])
    assert len(twice) == len(found)
    assert twice.price == pytest.approx(found.price)


@pytest.mark.slow
def test_used_columns_serve_a_structure_without_some_demand(make_instance):
    """Tests that B's column is left out where B asks for nothing, and A's where no site is A's."""
    structure, answer = _solved(make_instance())
    used = used_columns(structure, answer.point)
    fewer = replace(structure, demand_amount=np.where(structure.demand_origin == 1, 0.0, structure.demand_amount))
    assert columns_at(market(fewer), used).h.tolist() == [0]
    kept = structure.arc_origin == 1
    arcs = ("arc_class", "arc_origin", "arc_site", "arc_rank", "arc_cost")
    closed = replace(structure, **{name: getattr(structure, name)[kept] for name in arcs})
    assert columns_at(market(closed), used).h.tolist() == [1]


def test_used_columns_of_other_origins_are_those_of_their_leader(make_instance):
    """Tests that with A for both, the columns of A and B to the same site are one."""
    structure, answer = _solved(make_instance())
    used = used_columns(structure, answer.point)
    leader = np.arange(structure.classes * structure.origins) // structure.origins * structure.origins
    found = union_of_used([used.led_by(leader, structure.origins), used.led_by(leader, structure.origins)])
    assert found.origin.tolist() == [0]
    assert found.site.tolist() == [1]


def test_used_delays_keep_no_origin(make_random_instance):
    """Tests that leaders change assignments alone."""
    structure, answer = _solved(make_random_instance(0))
    used = used_columns(structure, answer.point)
    leader = np.arange(structure.classes * structure.origins)
    assert used.led_by(leader, structure.origins).origin.tolist() == used.origin.tolist()
    assert (used.origin < 0).any()
