"""Routes over a network, beside networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from placer.instance.network.routes import find_routes

from .peers.routes import all_pairs, as_matrix, from_hubs, link_graph, next_lengths

if TYPE_CHECKING:
    import placer

pytestmark = pytest.mark.benchmark(group="routes")


#: Routes of each pair, and hubs and data centres that are joined by several.
ROUTES, ENDS = 3, 5


def _ends(instance: placer.Instance) -> tuple[list[str], list[str]]:
    return instance.hubs["hub"].tolist(), instance.data_centres["data_centre"].tolist()


def test_find_routes(benchmark: BenchmarkFixture, network: placer.Instance) -> None:
    """Tests that the routes equal those of the instance, and times the search."""
    routes = benchmark(find_routes, network.links, *_ends(network), directed=False)
    np.testing.assert_array_equal(routes.rtt_ms, network.routes.rtt_ms)


def test_networkx_from_hubs(benchmark: BenchmarkFixture, network: placer.Instance) -> None:
    """Tests that networkx finds the same round trips, and times it from the hubs only."""
    hubs, centres = _ends(network)
    lengths = benchmark.pedantic(from_hubs, [link_graph(network), hubs], rounds=3)
    np.testing.assert_allclose(as_matrix(lengths, hubs, centres), network.routes.rtt_ms, rtol=1e-12)


def test_networkx_all_pairs(benchmark: BenchmarkFixture, network: placer.Instance) -> None:
    """Tests that networkx finds the same round trips, and times it between all pairs of nodes."""
    lengths = benchmark.pedantic(all_pairs, [link_graph(network)], rounds=1)
    np.testing.assert_allclose(as_matrix(lengths, *_ends(network)), network.routes.rtt_ms, rtol=1e-12)


def test_find_several_routes(benchmark: BenchmarkFixture, network: placer.Instance) -> None:
    """Tests that the first of several routes are those of the instance, and times the search between a few pairs."""
    hubs, centres = (names[:ENDS] for names in _ends(network))
    routes = benchmark(find_routes, network.links, hubs, centres, directed=False, most=ROUTES)
    np.testing.assert_array_equal(routes.rtt_ms[:, :: routes.per_pair], network.routes.rtt_ms[:ENDS, :ENDS])


def test_networkx_several_routes(benchmark: BenchmarkFixture, network: placer.Instance) -> None:
    """Tests that networkx finds the same round trips of several routes, and times it between a few pairs."""
    hubs, centres = (names[:ENDS] for names in _ends(network))
    lengths = benchmark.pedantic(next_lengths, [link_graph(network), hubs, centres, ROUTES], rounds=1)
    ours = find_routes(network.links, hubs, centres, directed=False, most=ROUTES).rtt_ms
    np.testing.assert_allclose(np.sort(lengths), np.sort(ours[np.isfinite(ours)]), rtol=1e-12)
