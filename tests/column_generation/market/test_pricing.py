"""Exact pricing of all columns, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market import pricing
from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import bound, join, near, price
from tests.column_generation.structures_with_modes import with_modes

SEEDS = range(30)


@pytest.fixture(params=[False, True], ids=["numpy", "kernels"], autouse=True)
def kernels(request, monkeypatch):
    """Everything with and without compiled kernels."""
    monkeypatch.setattr("placer.kernels.choice.LEAST_COLUMNS", 0 if request.param else np.inf)


@pytest.fixture(scope="module")
def cases(make_random_structure):
    """Return random structures with a market at some prices of the caps each; every fifth in several modes."""
    found = []
    for seed in SEEDS:
        structure = make_random_structure(seed, cyclic=bool(seed % 2), capped=seed % 3 == 0, zeros=bool(seed // 2 % 2))
        structure = structure if seed % 5 else with_modes(structure, seed)
        found.append((structure, market(structure, np.array([0.02, 1.0]) * (seed % 3 == 0))))
    return found


def _service(whole, group, prices, t, s):
    """Return what a unit served there and then, in lane s, costs; inf where it cannot be."""
    if group.base[t, s] == whole.never:
        return np.inf
    site = group.lanes.site[s]
    power = prices[t, whole.sites + site] if whole.supplied else 0.0
    return group.base[t, s] + group.use[s] * prices[t, site] + group.draw[s] * power


def _delays(whole, group, prices, t, s):
    """Return what service costs after each delay; inf where it cannot be."""
    return [
        _service(whole, group, prices, (t + delay) % whole.periods, s)
        if whole.cyclic or t + delay < whole.periods
        else np.inf
        for delay in range(group.window + 1)
    ]


def _offers(whole, group, prices, t, h):
    """Return what a unit of a demand costs in each lane; inf where it cannot go."""
    paid, offers = prices[t, whole.kinds * whole.sites :] * group.link_use, []
    for s, site in enumerate(group.lanes.site):
        links = float(paid @ whole.links[:, site, group.origins[h]])
        there = group.arc[s, h] >= 0
        offers.append(group.arc_cost[s, h] + links + min(_delays(whole, group, prices, t, s)) if there else np.inf)
    return offers


@pytest.mark.slow
def test_least_prices_are_those_of_all_assignments(cases, some_prices):
    """Tests the least price of every demand, the cost of every delay, and which is cheapest."""
    for seed, (_, whole) in enumerate(cases):
        prices = some_prices(whole, seed)
        for part in price(whole, prices):
            for t, s in np.ndindex(whole.periods, len(part.group.lanes)):
                ahead = _delays(whole, part.group, prices, t, s)
                assert part.ahead[:, t, s] == pytest.approx(ahead)
                assert part.arrival[t, s] == pytest.approx(min(ahead))
            for t, h in np.argwhere(part.group.amount > 0).tolist():
                offers = _offers(whole, part.group, prices, t, h)
                assert part.least[t, h] == pytest.approx(min(part.group.unserved, *offers))


def test_bound_is_the_formula(cases, some_prices):
    """Tests that the bound is what demands pay at least, less what limits and further tiers earn."""
    for seed, (_, whole) in enumerate(cases):
        prices = some_prices(whole, seed)
        expected = -sum(
            whole.limit[t, r] * prices[t, r] for t in range(whole.periods) for r in range(whole.limit.shape[1])
        )
        for amount, extra in whole.tiers:
            for t, s in np.ndindex(whole.periods, whole.sites):
                expected -= amount[t, s] * max(0.0, prices[t, whole.sites + s] - extra[t, s])
        for group in whole.groups:
            for t, h in np.argwhere(group.amount > 0).tolist():
                expected += group.amount[t, h] * min(group.unserved, *_offers(whole, group, prices, t, h))
        assert bound(whole, prices, price(whole, prices)) == pytest.approx(expected)


@pytest.mark.slow
def test_bound_never_exceeds_the_optimum(cases, some_prices, solve_whole):
    """Tests that at no prices, zero and random, the bound is above what HiGHS finds for the whole program."""
    for seed, (structure, whole) in enumerate(cases):
        _, least = solve_whole(structure)
        caps = np.array([0.02, 1.0]) * (seed % 3 == 0)
        worth = float(caps @ np.where(np.isfinite(structure.cap_limit), structure.cap_limit, 0.0))
        for prices in (np.zeros(whole.price_shape), *(some_prices(whole, other) / 2 for other in range(4))):
            assert bound(whole, prices, price(whole, prices)) - worth <= least + 1e-9 * abs(least)


@pytest.mark.parametrize("margin", [0.0, 3.0, 1e6])
def test_near_columns_are_all_within_the_margin(cases, some_prices, margin):
    """Tests that assignments, delays and unserved demand within the margin are found, at their prices, none twice."""
    for seed, (_, whole) in enumerate(cases):
        prices = some_prices(whole, seed)
        _, found = near(whole, prices, margin)
        listed = {
            (number, t, s, h, delay): cost
            for number, t, s, h, delay, cost in zip(
                found.number.tolist(),
                found.t.tolist(),
                found.s.tolist(),
                found.h.tolist(),
                found.delay.tolist(),
                found.price.tolist(),
                strict=True,
            )
        }
        assert len(listed) == len(found)
        expected = {}
        for number, group in enumerate(whole.groups):
            expected |= _expected(whole, number, group, prices, margin * group.weight)
        # What lies on the edge of the margin may go either way.
        sure, maybe = ({key for key, (_, beyond) in expected.items() if beyond <= edge} for edge in (-1e-9, 1e-9))
        assert sure <= listed.keys() <= maybe
        for key, cost in listed.items():
            assert cost == pytest.approx(expected[key][0], abs=1e-9)


def _expected(whole, number, group, prices, margin):
    """Return the price of every column of a group, and how far beyond the margin it is."""
    found, near_sites = {}, set()
    for t, h in np.argwhere(group.amount > 0).tolist():
        offers = _offers(whole, group, prices, t, h)
        least = min(group.unserved, *offers)
        found[number, t, -1, h, 0] = (group.unserved, group.unserved - least - margin)
        for s, offer in enumerate(offers):
            if np.isfinite(offer):
                found[number, t, s, h, 0] = (offer, offer - least - margin)
                near_sites |= {(t, s)} if offer - least <= margin else set()
    for t, s in near_sites if group.window else ():
        ahead = _delays(whole, group, prices, t, s)
        for delay, cost in enumerate(ahead):
            if np.isfinite(cost):
                found[number, t, s, -1, delay] = (cost - min(ahead), cost - min(ahead) - margin)
    return found


def test_chunks_change_nothing(cases, some_prices):
    """Tests that pricing period by period gives the same columns as all periods at once."""
    for seed, (_, whole) in enumerate(cases[:8]):
        prices = some_prices(whole, seed)
        one, other = (near(whole, prices, 5.0, cells)[1] for cells in (pricing.CELLS_PER_CHUNK, 1))
        assert len(one) == len(other)
        assert sorted(one.price.tolist()) == pytest.approx(sorted(other.price.tolist()))


def test_take_and_join(cases):
    """Tests that columns taken apart and joined are the same."""
    _, whole = cases[0]
    _, found = near(whole, np.zeros(whole.price_shape), 5.0)
    half = len(found) // 2
    again = join([found.take(np.arange(half)), found.take(np.arange(half, len(found)))])
    assert len(again) == len(found)
    assert again.price.tolist() == found.price.tolist()
    assert again.s.tolist() == found.s.tolist()
