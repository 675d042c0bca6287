"""Lists of the columns near their demand's least price."""

from __future__ import annotations

import itertools
from dataclasses import astuple, dataclass

import numpy as np
import pytest

from placer.solvers.column_generation.dual import shortlist
from placer.solvers.column_generation.dual.path import cost_spread
from placer.solvers.column_generation.dual.shortlist import REACH, list_all, pair_count, pairs_of, prices_of, shorten
from placer.solvers.column_generation.dual.softmax import Dense, divide
from placer.solvers.column_generation.dual.softmax_listed import divide_listed
from placer.solvers.column_generation.market.definition import Group, Market, market
from placer.solvers.column_generation.market.service_costs import link_prices, service_costs


@dataclass(frozen=True)
class Case:
    """A group, what service costs (t, s) and links (t, l), and which links its routes use (l, s * h)."""

    whole: Market
    group: Group
    arrival: np.ndarray
    paid: np.ndarray
    incidence: np.ndarray

    @property
    def routes(self):
        """What links cost on every route (t, s * h)."""
        return self.paid @ self.incidence

    def listed(self, width):
        """Return the list at a width, in spreads of cost."""
        return list_all(self.group, self.arrival, self.routes, width * cost_spread(self.whole))


@pytest.fixture(scope="module")
def cases(make_random_structure, some_prices):
    """Return the groups of random structures, at some prices."""
    found = []
    for seed in range(24):
        whole = market(make_random_structure(seed, cyclic=bool(seed % 2), zeros=bool(seed // 2 % 2)))
        prices = some_prices(whole, seed)
        for group in whole.groups:
            incidence = whole.links[:, :, group.origins].reshape(len(whole.link), group.arc.size)
            paid = link_prices(whole, group, prices)
            found.append(Case(whole, group, service_costs(whole, group, prices), paid, incidence))
    return found


def _columns(group, listed):
    """Return the listed columns as (t, s, h), in order."""
    sites, origins = group.arc_cost.shape
    return [
        (place // sites, place % sites, route % origins)
        for place, route in zip(listed.place.tolist(), listed.route.tolist(), strict=True)
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
        assert set(columns) == _near(case.group, case.arrival, case.routes, REACH * part * cost_spread(case.whole))
        assert [(t, h) for t, _, h in columns] == sorted((t, h) for t, _, h in columns)


def test_parts_of_a_list_fit(cases):
    """Tests demand, period, amount, cost and price of every column, and the worth of demands without any."""
    for case in cases:
        group, routes, listed = case.group, case.routes, case.listed(0.03)
        asked, prices = group.amount.copy(), []
        for place, (t, s, h) in enumerate(_columns(group, listed)):
            demand = listed.demand[place]
            assert (listed.t[demand], listed.amount[demand]) == (t, group.amount[t, h])
            assert listed.cost[place] == group.arc_cost[s, h]
            assert listed.start[demand] <= place
            prices.append(case.arrival[t, s] + group.arc_cost[s, h] + routes[t, s * len(group.origins) + h])
            asked[t, h] = 0.0
        assert listed.beside == pytest.approx(asked.sum() * group.unserved, abs=1e-9 * group.unserved)
        assert prices_of(listed, case.arrival, routes) == pytest.approx(prices)


def test_no_routes_are_routes_that_cost_nothing(cases):
    """Tests that None for the routes stands for zeros."""
    for case in cases[:10]:
        free = np.zeros_like(case.routes)
        one, other = (list_all(case.group, case.arrival, routes, cost_spread(case.whole)) for routes in (None, free))
        assert _columns(case.group, one) == _columns(case.group, other)
        assert prices_of(one, case.arrival, None).tolist() == prices_of(other, case.arrival, free).tolist()


def test_shorter_list_is_that_of_its_width(cases):
    """Tests that a list cut down from a wider one is the one made from all columns."""
    for case in cases:
        width = 0.005 * cost_spread(case.whole)
        shorter = shorten(case.group, case.listed(0.1), case.arrival, case.routes, width)
        again = case.listed(0.005)
        assert all(np.array_equal(one, other) for one, other in zip(astuple(shorter), astuple(again), strict=True))


def test_pairs(cases):
    """Tests that every two columns of one demand are a pair, once, and meet at their sites."""
    for case in cases:
        listed, sites = case.listed(0.1), case.whole.sites
        pairs, columns = pairs_of(listed, sites), _columns(case.group, listed)
        found = list(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True))
        every = itertools.combinations(range(len(columns)), 2)
        assert len(found) == len(set(found)) == pair_count(listed)
        assert set(found) == {(one, other) for one, other in every if listed.demand[one] == listed.demand[other]}
        assert pairs.place.tolist() == [
            (columns[one][0] * sites + columns[one][1]) * sites + columns[other][1] for one, other in found
        ]


def test_division_is_that_over_all_columns(cases):
    """Tests value, flows and curvature over lists against all columns in single precision."""
    for case in cases:
        whole, group = case.whole, case.group
        mu, sites = 0.1 * cost_spread(whole) * group.weight, np.arange(0, whole.sites, 2)
        dense = Dense(whole, group, np.float32)
        links = len(dense.incidence)
        listed = list_all(group, case.arrival, case.routes, mu)
        pairs, incidence = pairs_of(listed, whole.sites), case.incidence[:links]
        found = divide_listed(group, listed, pairs, case.arrival, case.routes, mu, incidence, sites)
        expected, size = divide(dense, case.arrival, case.paid[:, :links], mu, sites), float(group.amount.sum())
        assert found.value == pytest.approx(expected.value, abs=1e-6 * size * group.unserved)
        for name in ("arriving", "passing", "over"):
            assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-4 * size)


def test_one_column_a_demand_bends_against_the_penalty_alone(make_structure):
    """Tests that where every demand has one column the curvature keeps its fractions: ``amount p (1 - p)``."""
    one_arc = {"arc_class": [0, 0], "arc_origin": [0, 1], "arc_site": [0, 1], "arc_cost": [1.0, 1.0]}
    group = market(make_structure(**one_arc, unserved_cost=[52.0])).groups[0]
    listed = list_all(group, group.base, None, 1.0)
    found = divide_listed(group, listed, pairs_of(listed, 2), group.base, None, 1.0, np.zeros((0, 4)), np.arange(2))
    part = 1 / (1 + np.exp(51.0 - 52.0))
    assert found.over[:, 0, 0] == pytest.approx(np.array([10.0, 4.0]) * part * (1 - part))


def test_empty_list_is_in_floats(make_structure):
    """Tests that where the penalty is below any price nothing arrives, in numbers that delays can be added to."""
    group = market(make_structure(unserved_cost=[1.0])).groups[0]
    listed = list_all(group, group.base, None, 1e-3)
    found = divide_listed(group, listed, pairs_of(listed, 2), group.base, None, 1e-3, np.zeros((0, 4)), np.arange(2))
    assert len(listed) == 0
    assert found.value == listed.beside == 22.0
    for values in (found.arriving, found.over):
        assert values.dtype == float
        assert not values.any()


def test_chunks_change_nothing(cases, monkeypatch):
    """Tests that listing period by period comes to the same as all at once."""
    at_once = [_columns(case.group, case.listed(0.03)) for case in cases[:10]]
    monkeypatch.setattr(shortlist, "CELLS", 1)
    assert [_columns(case.group, case.listed(0.03)) for case in cases[:10]] == at_once
