"""Properties of column generation over random structures: units, order, more room, higher caps, more demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from tests.column_generation.costs import cost, few

seeds = st.integers(0, 10_000)


@pytest.mark.slow
@few
@given(seed=seeds, power=st.integers(-12, 12))
def test_unit_of_money_scales_the_cost(make_random_structure, seed, power):
    """Tests that all costs times a power of two make the cost that many times as much."""
    structure, factor = make_random_structure(seed), 2.0**power
    money = ("unserved_cost", "arc_cost", "work_cost", "tier_cost")
    scaled = replace(structure, **{name: getattr(structure, name) * factor for name in money})
    assert cost(scaled) / factor == pytest.approx(cost(structure), rel=1e-6, abs=1e-6)


@pytest.mark.slow
@few
@given(seed=seeds, power=st.integers(-12, 12))
def test_unit_of_amounts_scales_the_cost(make_random_structure, seed, power):
    """Tests that all amounts and limits times a power of two make the cost that many times as much."""
    structure, factor = make_random_structure(seed), 2.0**power
    amounts = ("demand_amount", "capacity", "intake", "tier_limit", "link_capacity")
    scaled = replace(structure, **{name: getattr(structure, name) * factor for name in amounts})
    assert cost(scaled) / factor == pytest.approx(cost(structure), rel=1e-6, abs=1e-6)


@pytest.mark.slow
@few
@given(seed=seeds, cyclic=st.booleans())
def test_order_of_the_sites_does_not_matter(make_random_structure, seed, cyclic):
    """Tests that sites under other numbers leave the cost."""
    structure = make_random_structure(seed, cyclic=cyclic)
    order = np.random.default_rng(seed).permutation(structure.sites)
    assert cost(_relabelled(structure, order)) == pytest.approx(cost(structure), rel=1e-6, abs=1e-6)


def _relabelled(structure, order):
    """Return the structure with site ``order[j]`` as site j."""
    number = np.argsort(order)
    arc_site = number[structure.arc_site]
    arcs = np.lexsort((arc_site, structure.arc_origin, structure.arc_class))
    routes = (np.arange(structure.origins)[:, None] * structure.sites + order).ravel()
    return replace(
        structure,
        arc_class=structure.arc_class[arcs],
        arc_origin=structure.arc_origin[arcs],
        arc_site=arc_site[arcs],
        arc_cost=structure.arc_cost[arcs],
        tier_site=number[structure.tier_site],
        route_links=csr_array(structure.route_links[routes]),
        **{name: getattr(structure, name)[:, order] for name in ("work_cost", "use", "draw")},
        **{name: getattr(structure, name)[order] for name in ("capacity", "intake", "overhead")},
        cap_work=structure.cap_work.array[:, :, order],
    )


@pytest.mark.slow
@few
@given(seed=seeds, name=st.sampled_from(["capacity", "intake", "tier_limit", "link_capacity"]))
def test_more_room_never_costs_more(make_random_structure, seed, name):
    """Tests that a limit half as large again on anything does not raise the cost."""
    structure = make_random_structure(seed, zeros=True)
    wider = replace(structure, **{name: getattr(structure, name) * 1.5})
    before = cost(structure)
    assert cost(wider) <= before + 1e-6 * abs(before)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_higher_caps_never_cost_more(make_random_structure, seed):
    """Tests that half as much again under the caps does not raise the cost."""
    structure = make_random_structure(seed, capped=True)
    assert cost(replace(structure, cap_limit=structure.cap_limit * 1.5)) <= cost(structure) * (1 + 1e-6)


@pytest.mark.slow
@few
@given(seed=seeds)
def test_more_demand_never_costs_less(make_random_structure, seed):
    """Tests that where nothing earns by being served, more demand does not lower the cost."""
    structure = make_random_structure(seed)
    structure = replace(structure, tier_cost=np.abs(structure.tier_cost))
    more = replace(structure, demand_amount=structure.demand_amount * 1.25)
    before = cost(structure)
    assert cost(more) >= before - 1e-6 * abs(before)
