"""Prices and columns of a smaller answer at the places of the whole."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.model.formulation import formulate
from placer.model.structure import assignment_positions
from placer.reduced.laid import laid_duals, places_of, used_positions


@pytest.fixture
def merged():
    """Return the small dataset with all hubs and two data centres in one region, and both formulations."""
    small = placer.load("tiny").merge_hubs(2).merge_data_centres(2)
    return small, formulate(small.whole), placer.solve(small.instance, tie_break=None)


def test_prices_stand_at_their_places(merged):
    """Tests that each data centre has the rent of the one that stands for it, and no power below its own cost."""
    small, whole, placement = merged
    places = places_of(small, whole, placement.formulation)
    given, laid = placement.answer.prices, laid_duals(places, whole.structure, placement.answer.prices)
    assert np.array_equal(laid.capacity, given.capacity[[0, 0, 1]])
    assert np.array_equal(laid.link, given.link)
    supply = laid.balance + laid.intake
    assert (supply >= whole.structure.tier_cost[[0, 1, 2]] - 1e-12).all()  # one supply a data centre, without losses


def test_columns_stand_for_those_used(merged):
    """Tests that an assignment of the whole is used where hub, data centre and hour stand for one that is."""
    small, whole, placement = merged
    few, flows, structure = placement.formulation.structure, placement.answer.point, whole.structure
    used = {
        (few.demand_class[demand], few.demand_origin[demand], few.demand_period[demand], few.arc_site[arc])
        for demand, arc in zip(flows.demand, flows.arc, strict=True)
    }
    asked, arcs = structure.assignments.demand, structure.assignments.arc
    named = zip(
        structure.demand_class[asked],
        small.hub[structure.demand_origin[asked]],
        structure.demand_period[asked],
        small.data_centre[structure.arc_site[arcs]],
        strict=True,
    )
    expected = [place for place, key in enumerate(named) if key in used]
    places = places_of(small, whole, placement.formulation)
    assert used_positions(places, structure, few, flows).tolist() == expected


def test_all_places_give_the_answer_itself():
    """Tests that without a reduction prices, columns and caps are those of the answer."""
    limits = [
        {"limit": "each", "kind": "energy_mwh", "sense": "<=", "amount": 0.2, "region": "west", "hours": "each"},
        {"limit": "all", "kind": "tokens", "sense": "<=", "amount": 100.0, "region": "west"},
    ]
    tiny = placer.load("tiny").replace(limits=limits).with_value("power_zones.limit_mw", 0.3)
    placement = placer.solve(tiny, tie_break=None)
    whole, prices = placement.formulation, placement.answer.prices
    places = places_of(tiny.merge_hubs(3), whole, whole)
    assert places.cap.tolist() == list(range(len(prices.cap)))
    laid = laid_duals(places, whole.structure, prices)
    assert np.array_equal(laid.cap, prices.cap)
    assert np.array_equal(laid.capacity, prices.capacity)
    flows = placement.answer.point
    expected = assignment_positions(whole.structure, flows.demand, flows.arc)
    assert np.array_equal(used_positions(places, whole.structure, whole.structure, flows), expected)


def test_pools_stand_for_pools(make_instance):
    """Tests that caps of pools are told apart by data centre, type and hour, whatever the order of their rows."""
    pools = [
        {"data_centre": site, "accelerator_type": kind, "accelerators": count}
        for site, kind, count in (("X", "a", 4.0), ("X", "b", 3.0), ("Y", "b", 5.0), ("Y", "a", 2.0))
    ]
    sites = [{"data_centre": site, "region": "east"} for site in "XY"]
    small = make_instance(data_centres=sites, accelerator_pools=pools).merge_data_centres(1)
    whole, few = formulate(small.whole), formulate(small.instance)
    assert places_of(small, whole, few).cap.tolist() == [0, 1, 2, 3, 3, 2]
