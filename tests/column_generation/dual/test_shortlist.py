"""Shortlists of the columns near their demand's lowest price."""

from __future__ import annotations

import itertools
from dataclasses import astuple

import numpy as np
import pytest

from placer.column_generation.dual.parameters import SMOOTHED_DUAL, SmoothedDualParameters
from placer.column_generation.dual.path import cost_spread
from placer.column_generation.dual.shortlist import PriceParts, column_prices, list_columns, relist


def _columns(group, listed):
    """Return the listed columns as (t, s, h), in order."""
    sites, origins = group.arc_cost.shape
    return [
        (place // sites, place % sites, route % origins)
        for place, route in zip(listed.cell.tolist(), listed.route.tolist(), strict=True)
    ]


def _near(group, arrival, routes, margin):
    """Return all columns of demands for anything within a margin of their least price, by plain loops."""
    sites, origins = group.arc_cost.shape
    found = set()
    for t, h in np.argwhere(group.amount > 0).tolist():
        offers = [arrival[t, s] + group.arc_cost[s, h] + routes[t, s * origins + h] for s in range(sites)]
        least = min(group.unserved, *offers)
        found |= {(t, s, h) for s, offer in enumerate(offers) if offer <= least + margin}
    return found


@pytest.mark.parametrize("part", [1.0, 0.03, 1e-4])
def test_every_near_column_is_listed_once(cases, part):
    """Tests the list against plain loops: all within its reach, none twice, demand by demand."""
    for case in cases:
        columns = _columns(case.group, case.listed(part))
        assert len(set(columns)) == len(columns)
        margin = SMOOTHED_DUAL.shortlist_reach_widths * part * cost_spread(case.whole)
        assert set(columns) == _near(case.group, case.arrival, case.routes, margin)
        assert [(t, h) for t, _, h in columns] == sorted((t, h) for t, _, h in columns)


def test_fields_fit(cases):
    """Tests demand, period, amount, cost and price of every column, and the value of demands without any."""
    for case in cases:
        group, routes, listed = case.group, case.routes, case.listed(0.03)
        asked, prices = group.amount.copy(), []
        for place, (t, s, h) in enumerate(_columns(group, listed)):
            demand = listed.demand[place]
            assert (listed.t[demand], listed.amount[demand]) == (t, group.amount[t, h])
            assert listed.cost[place] == group.arc_cost[s, h]
            assert listed.first[demand] <= place
            prices.append(case.arrival[t, s] + group.arc_cost[s, h] + routes[t, s * len(group.origins) + h])
            asked[t, h] = 0.0
        assert listed.unlisted_value == pytest.approx(asked.sum() * group.unserved, abs=1e-9 * group.unserved)
        assert column_prices(listed, case.parts) == pytest.approx(prices)


def test_no_routes_are_routes_that_cost_nothing(cases):
    """Tests that None for the routes stands for zeros."""
    for case in cases[:10]:
        free = np.zeros_like(case.routes)
        parts = [PriceParts(case.arrival, routes) for routes in (None, free)]
        one, other = (list_columns(case.group, each, cost_spread(case.whole)) for each in parts)
        assert _columns(case.group, one) == _columns(case.group, other)
        assert column_prices(one, parts[0]).tolist() == column_prices(other, parts[1]).tolist()


def test_shorter_list_is_that_of_its_width(cases):
    """Tests that a list cut down from a wider one is the one made from all columns."""
    for case in cases:
        width = 0.005 * cost_spread(case.whole)
        shorter = relist(case.group, case.listed(0.1), case.parts, width)
        again = case.listed(0.005)
        assert all(np.array_equal(one, other) for one, other in zip(astuple(shorter), astuple(again), strict=True))


def test_pairs(cases):
    """Tests that every two columns of one demand are a pair, once, and meet at their sites."""
    for case in cases:
        listed, sites = case.listed(0.1), case.whole.sites
        pairs, columns = listed.pairs, _columns(case.group, listed)
        found = list(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True))
        every = itertools.combinations(range(len(columns)), 2)
        assert len(found) == len(set(found)) == listed.pair_count
        assert set(found) == {(one, other) for one, other in every if listed.demand[one] == listed.demand[other]}
        assert pairs.cell.tolist() == [
            (columns[one][0] * sites + columns[one][1]) * sites + columns[other][1] for one, other in found
        ]


def test_chunks_change_nothing(cases):
    """Tests that listing period by period gives the same columns as all periods at once."""
    by_period = SmoothedDualParameters(cells_per_chunk=1)
    for case in cases[:10]:
        one, other = case.listed(0.03), case.listed(0.03, by_period)
        assert _columns(case.group, one) == _columns(case.group, other)


def test_reach_is_a_parameter(cases):
    """Tests that a reach of 2.5 widths lists what 25 list at a tenth of the width."""
    narrow = SmoothedDualParameters(shortlist_reach_widths=2.5)
    for case in cases[:10]:
        assert _columns(case.group, case.listed(0.1, narrow)) == _columns(case.group, case.listed(0.01))
