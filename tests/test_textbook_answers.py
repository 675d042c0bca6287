"""Problems with published answers: placements, plans, locations, trade, storage, queues and games."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.published import PUBLISHED
from benchmarks.published_figure import Published
from benchmarks.published_games import gloves, houses
from benchmarks.published_generators import two_generators
from benchmarks.published_locations import depots_to_open
from benchmarks.published_markets import horse_market
from benchmarks.published_plans import peak_load
from benchmarks.published_problems import linear_network, sailco
from benchmarks.published_queues import cost_of_tellers
from benchmarks.published_stochastic import farm
from placer.solve import solve


@pytest.mark.parametrize("problem", PUBLISHED, ids=lambda problem: f"{problem.name}: {problem.figure}")
def test_published_answer(problem):
    """Tests that a published problem has its published answer."""
    assert problem.agrees(problem.ours())


def test_problems_of_every_verb():
    """Tests that there are 25 problems or more, at least half of them of other verbs than placements."""
    verbs = {problem.problem: problem.verb for problem in PUBLISHED}
    assert len(verbs) >= 25
    assert sum(verb != "placement" for verb in verbs.values()) >= len(verbs) / 2


def test_rounded_answer():
    """Tests that an answer that is published in whole units may differ by half a unit, and not by more."""
    rounded = Published("", "", "", "", 7016.0, float, last_place=1.0)
    assert rounded.agrees(7015.56)
    assert not rounded.agrees(7015.4)
    assert not Published("", "", "", "", 7016.0, float).agrees(7015.56)


def test_overtime_of_sailboats():
    """Tests that 10 and 35 boats are made in overtime, in the second and third quarter."""
    overtime = solve(sailco().instance).supplies.xs(1, level="supply")["mwh"].to_numpy()[::-1]
    np.testing.assert_allclose(overtime, [0, 10, 35, 0], atol=1e-7)


@pytest.mark.parametrize("links", [2, 3, 5])
def test_long_route_of_a_linear_network(links):
    """Tests that the route over all links is starved by the routes over one of them each."""
    served = solve(linear_network(links)).flows["mtok"]
    assert served.get((f"to {links}", "hub 0", f"site {links}", 0), 0.0) == pytest.approx(0, abs=1e-9)


def test_acres_of_the_farmer():
    """Tests that the plan for three yields is 170 acres of wheat, 80 of corn and 250 of beets."""
    np.testing.assert_allclose(farm().plan.units, [170, 80, 250])


def test_two_generators():
    """Tests the published capacities: 1,800 and 1,571.4."""
    np.testing.assert_allclose(two_generators().units, [1800, 1571.4], atol=0.05)


def test_buyers_of_horses():
    """Tests that the five buyers of highest worth buy a horse, and no other buyer."""
    served = horse_market().workloads["served_mtok"]
    assert served.to_list() == pytest.approx([1] * 5 + [0] * 5, abs=1e-9)


def test_core_of_gloves():
    """Tests that the core gives all to the left glove, and that the Shapley value lies outside."""
    table = gloves()
    assert table["gain_usd"].to_dict() == pytest.approx({"1": 0, "2": 0, "3": 1}, abs=1e-9)
    assert table["shapley_gain_usd"].sum() == pytest.approx(1)


@pytest.mark.parametrize("off_peak", [89.0, 91.0])
def test_a_peak_that_shifts(off_peak):
    """Tests that the peak stays firm, at 90, while off-peak demand at a price of 0 is less than that."""
    assert (peak_load(off_peak) == pytest.approx(90)) == (off_peak < 90)


def test_depots_that_open():
    """Tests that Exeter and Northampton open, Birmingham grows, and Newcastle and Bristol stay closed."""
    built = depots_to_open().builds["units"] > 0
    assert set(built.index[built]) == {"Exeter", "Northampton", "Birmingham"}


def test_core_of_the_houses():
    """Tests the two corners of the core: best for all buyers, and best for all sellers."""
    gains = houses()["alone_usd"].to_numpy()[:, None] - houses()[["most_net_cost_usd", "least_net_cost_usd"]].to_numpy()
    expected = {"buyer 1": (1, 2), "buyer 2": (3, 5), "buyer 3": (0, 1)}
    expected |= {"house 1": (3, 5), "house 2": (5, 6), "house 3": (0, 1)}
    np.testing.assert_allclose(gains, [expected[name] for name in houses().index], atol=1e-9)


def test_cost_of_tellers():
    """Tests the published cost of five tellers, 86 cents a minute."""
    assert cost_of_tellers(5) == pytest.approx(86, abs=0.5)
