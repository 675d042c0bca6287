"""Textbook problems with published optima: transport, production over time, networks."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.published import PUBLISHED
from benchmarks.published_problems import linear_network, sailco
from placer.solve import solve


@pytest.mark.parametrize("problem", PUBLISHED, ids=lambda problem: problem.name)
def test_published_optimum(problem):
    """Tests that a published problem has its published optimum."""
    assert problem.ours() == pytest.approx(problem.value, rel=1e-9)


def test_overtime_of_sailboats():
    """Tests that 10 and 35 boats are made in overtime, in the second and third quarter."""
    overtime = solve(sailco().instance).supplies.xs(1, level="supply")["mwh"].to_numpy()[::-1]
    np.testing.assert_allclose(overtime, [0, 10, 35, 0], atol=1e-7)


@pytest.mark.parametrize("links", [2, 3, 5])
def test_long_route_of_a_linear_network(links):
    """Tests that the route over all links is starved by the routes over one of them each."""
    served = solve(linear_network(links)).flows["mtok"]
    assert served.get((f"to {links}", "hub 0", f"site {links}", 0), 0.0) == pytest.approx(0, abs=1e-9)
