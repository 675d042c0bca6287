"""Tests of the shared rows of the restricted master."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.market.definition import market
from placer.column_generation.master.rows import lay_rows
from placer.column_generation.parameters import MasterParameters

#: The first site has tiers of 5 at 50 and 9 at 80 behind an intake of 12, the second one of 4 at 20; 16 and 6 may be
#: drawn. Capacity is short at the first site in the first period alone. One unit counts as 2 under a cap of 7.
TIERS = {
    "capacity": [[8.0, 6.0], [np.inf, np.inf]],
    "intake": [[12.0, np.inf], [np.inf, np.inf]],
    "tier_site": [0, 0, 1],
    "tier_yield": [1.0, 0.5, 1.0],
    "tier_cost": [[50.0, 50.0], [40.0, 40.0], [20.0, 20.0]],
    "tier_limit": [[5.0, 5.0], [18.0, 18.0], [4.0, 4.0]],
    "cap_tier": np.zeros((0, 3, 2)),
}
CAP = {"cap_limit": [7.0], "cap_work": np.full((1, 1, 2), 2.0), "cap_tier": np.full((1, 3, 2), 3.0)}
LINKED = {"link_capacity": [8.0], "link_use": [2.0], "route_links": [[1.0], [1.0], [0.0], [0.0]]}


def _laid(structure):
    return lay_rows(structure, market(structure))


def _numbered(rows):
    """Return the rows there are by name."""
    return {
        name: getattr(rows, name)[getattr(rows, name) >= 0].tolist()
        for name in ("capacity", "supply", "intake", "link", "cap")
    }


def test_rows_by_hand(make_structure):
    """Tests which limits can be reached, in which order their rows stand, and what they are."""
    rows = _laid(make_structure(**TIERS))
    # Of supply: both periods of the first site (several tiers), both of the second (one tier that falls short).
    assert _numbered(rows) == {"capacity": [0], "supply": [1, 2, 3, 4], "intake": [5], "link": [], "cap": []}
    assert rows.limit.tolist() == [8.0, 0.0, 4.0, 0.0, 4.0, 12.0]
    assert rows.is_equality.tolist() == [False, True, False, True, False, False]
    assert rows.single.tolist() == [[-1, 2], [-1, 2]]
    assert rows.single_cost.tolist() == [[0.0, 20.0], [0.0, 20.0]]


def test_nothing_scarce(make_structure):
    """Tests that without limits there are no rows and no tiers to choose."""
    rows = _laid(make_structure())
    assert rows.count == 0
    assert len(rows.tier) == 0
    assert rows.single.tolist() == [[0, 1], [0, 1]]


def test_tiers_are_columns(make_structure):
    """Tests that every tier of a site with several is there, in units drawn: 18 at a yield of a half give 9 at 80."""
    rows = _laid(make_structure(**TIERS))
    assert rows.tier.tolist() == [0, 0, 1, 1]
    assert rows.tier_period.tolist() == [0, 1, 0, 1]
    assert rows.tier_cost.tolist() == [50.0, 50.0, 80.0, 80.0]
    assert rows.tier_amount.tolist() == [5.0, 5.0, 9.0, 9.0]


def test_first_tier_that_covers_everything_is_single(make_structure):
    """Tests that further tiers do not count, save under a cap, which may make them cheaper."""
    enough = TIERS | {"tier_limit": [[99.0, 99.0], [18.0, 18.0], [99.0, 99.0]], "intake": np.full((2, 2), np.inf)}
    assert _laid(make_structure(**enough)).single.tolist() == [[0, 2], [0, 2]]
    capped = _laid(make_structure(**enough | CAP))
    assert capped.single.tolist() == [[-1, 2], [-1, 2]]
    # A tier beyond all that may be drawn is cut down to twice that, so that no column is unbounded in vain.
    assert capped.tier_amount.tolist() == [32.0, 12.0, 9.0, 9.0]


def test_closed_sites_have_no_rows(make_structure):
    """Tests that a capacity, a single tier and an intake of 0 are no rows: no work is sent there."""
    shut = {
        "capacity": [[0.0, 0.0], [np.inf, np.inf]],
        "tier_limit": [[np.inf, np.inf], [0.0, 0.0]],
        "intake": [[0.0, 0.0], [np.inf, np.inf]],
    }
    assert _laid(make_structure(**shut)).count == 0


def test_overhead_counts(make_structure):
    """Tests that an overhead of 2 halves limits and doubles costs, counted in what is drawn before it."""
    rows = _laid(make_structure(**TIERS | {"overhead": np.full((2, 2), 2.0)}))
    assert rows.tier_cost.tolist() == [100.0, 100.0, 160.0, 160.0]
    assert rows.tier_amount.tolist() == [2.5, 2.5, 4.5, 4.5]
    assert rows.limit[rows.intake[0, 0]] == 6.0
    assert rows.single_cost[0, 1] == 40.0


def _taken(pieces, count):
    taken = np.zeros((2, count))
    for which, row, each in pieces:
        taken[which, row] += each
    return taken


def test_what_work_takes(make_structure):
    """Tests a unit at each site in the first period: capacity, supply, intake, caps with the single tier's part."""
    structure = make_structure(**TIERS | CAP | {"use": [[1.5, 1.5]], "draw": [[3.0, 2.0]], "work_cost": [[7.0, 8.0]]})
    rows = _laid(structure)
    klass, t, s = np.zeros(2, int), np.zeros(2, int), np.array([0, 1])
    taken = _taken(rows.service_entries(klass, t, s), rows.count)
    expected = np.zeros_like(taken)
    expected[0, rows.capacity[0, 0]] = 1.5
    expected[[0, 1], rows.supply[0]] = [3.0, 2.0]
    expected[0, rows.intake[0, 0]] = 3.0
    expected[:, rows.cap[0]] = [2.0, 2.0 + 2.0 * 3.0]
    assert taken.tolist() == expected.tolist()
    assert rows.service_cost(klass, t, s).tolist() == [7.0, 8.0 + 2.0 * 20.0]


def test_what_tiers_give(make_structure):
    """Tests that a unit of a tier gives one of supply and counts 3 under the cap for each unit taken: 6 at a half."""
    rows = _laid(make_structure(**TIERS | CAP))
    (which, row, each), (_, cap_row, counted) = rows.tier_entries()
    assert which.tolist() == [0, 1, 2, 3]
    assert row.tolist() == [rows.supply[0, 0], rows.supply[1, 0]] * 2
    assert each.tolist() == [-1.0] * 4
    assert set(cap_row.tolist()) == {rows.cap[0]}
    assert counted.tolist() == [3.0, 3.0, 6.0, 6.0]


def test_links_and_caps_follow(make_structure):
    """Tests that a scarce link has a row in every period, and a cap one."""
    rows = _laid(make_structure(**TIERS | CAP | LINKED))
    numbered = _numbered(rows)
    assert numbered["link"] == [6, 7]
    assert numbered["cap"] == [8]
    assert rows.limit[[6, 7, 8]].tolist() == [8.0, 8.0, 7.0]


def test_scales(make_structure):
    """Tests that rows are divided by a typical coefficient: 1.5, 2.5, 2.5, 2 and, of 2, 2 and six of 7.5, 7.5."""
    given = TIERS | CAP | LINKED | {"use": [[1.5, 1.5]], "draw": [[3.0, 2.0]], "capacity": np.full((2, 2), 1.0)}
    rows = _laid(make_structure(**given))
    for name, scale in {"capacity": 1.5, "supply": 2.5, "intake": 2.5, "link": 2.0, "cap": 7.5}.items():
        position = getattr(rows, name)
        assert set(rows.scale[position[position >= 0]].tolist()) == {scale}


def test_price_bound_is_above_every_price(make_random_structure, solve_whole):
    """Tests that no price of an optimum of the whole program is above what is said to be the most."""
    for seed in range(20):
        structure = make_random_structure(seed, capped=bool(seed % 2))
        rows = _laid(structure)
        duals = solve_whole(structure)[0].prices
        there = rows.capacity >= 0
        assert (duals.capacity.T[there] <= rows.price_bound[rows.capacity[there]]).all()
        caps = np.flatnonzero(rows.cap >= 0)
        assert (duals.cap[caps] <= rows.price_bound[rows.cap[caps]]).all()


def test_nobody_affords_a_unit_at_the_price_bound(make_structure):
    """Tests 1 % above the penalty less the cheapest cost, for each unit of the least that is taken."""
    rows = _laid(make_structure(**TIERS | {"tier_cost": [[-50.0, 50.0], [40.0, 40.0], [20.0, 20.0]]}))
    assert rows.price_bound[rows.capacity[0, 0]] == pytest.approx(1.01 * 1050.0)


def test_margins_of_the_price_bound_are_parameters(make_structure):
    """Tests that twice the margin is twice the bound, and that a cap has its further margin."""
    structure = make_structure(**TIERS | CAP)
    whole = market(structure)
    once, twice, further = (
        lay_rows(structure, whole, MasterParameters(**margins)).price_bound
        for margins in (
            {},
            {"shortfall_price_margin": 2.02},
            {"shortfall_price_rise": 400.0},
        )
    )
    assert twice == pytest.approx(2 * once)
    assert further[-1] == pytest.approx(4 * once[-1])
    assert further[:-1] == pytest.approx(once[:-1])
