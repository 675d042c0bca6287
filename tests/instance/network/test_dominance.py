"""Routes that no optimum needs, on networks small enough to see them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from placer.instance.network.dominance import without_dominated
from placer.instance.network.routes import find_routes

#: From A to D over X (2 ms), over X and then Y (4 ms), and over Y (6 ms).
ROWS = [("A", "X", 1.0), ("X", "D", 1.0), ("X", "Y", 1.0), ("Y", "D", 2.0), ("A", "Y", 4.0)]
SHORT, ACROSS, LONG = [0, 1], [0, 2, 3], [3, 4]


def kept(usd, limited, most=9):
    """Return the links of the routes that are left, by rank."""
    table = pd.DataFrame(ROWS, columns=["from", "to", "rtt_ms"]).assign(usd_per_gb=usd)
    routes = without_dominated(
        find_routes(table, ["A"], ["D"], directed=True, most=most), np.isin(np.arange(len(ROWS)), limited)
    )
    assert routes.rtt_ms.shape == routes.usd_per_gb.shape == (1, routes.per_pair)
    assert routes.links.shape == (routes.per_pair, len(ROWS))
    there = np.isfinite(routes.rtt_ms[0])
    found = [routes.links[[rank], :].nonzero()[1].tolist() for rank in range(routes.per_pair)]
    assert [bool(links) for links in found] == there.tolist()
    assert routes.rtt_ms[0, there].tolist() == [sum(ROWS[link][2] for link in links) for links in found if links]
    return found


@pytest.mark.parametrize(
    ("usd", "limited", "routes"),
    [
        (0.0, [], [SHORT]),
        (0.0, [1], [SHORT, ACROSS]),
        (0.0, [0], [SHORT, [], LONG]),
        (0.0, [0, 1], [SHORT, ACROSS, LONG]),
        (0.0, [4], [SHORT]),
        ([0.0, 5.0, 0.0, 0.0, 0.0], [], [SHORT, ACROSS]),
        ([5.0, 0.0, 0.0, 0.0, 0.0], [], [SHORT, [], LONG]),
        ([5.0, 0.0, 0.0, 0.0, 5.0], [2], [SHORT]),
    ],
)
def test_what_is_left(usd, limited, routes):
    """Tests by hand which routes pass other scarce links, or cost less, than every shorter one."""
    assert kept(usd, limited) == routes


def test_one_route_is_left_alone():
    """Tests that the only routes there are stay as they are."""
    table = pd.DataFrame(ROWS, columns=["from", "to", "rtt_ms"]).assign(usd_per_gb=0.0)
    routes = find_routes(table, ["A"], ["D"], directed=True)
    assert without_dominated(routes, np.zeros(len(ROWS), dtype=bool)) is routes
