"""Which links routes use, as lists, as sets, and those that demand could fill."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.model.links import link_sets, links_along, scarce_links


@pytest.fixture(params=[False, True], ids=["clipped", "cyclic"])
def structure(request, make_random_instance):
    return formulate(make_random_instance(3, cyclic=request.param)).structure


def test_links_along_routes(structure):
    """Tests that the links of every route asked for are those of its row, in the order asked for, repeats included."""
    routes = np.array([5, 0, 11, 5])
    which, link = links_along(structure.route_links, routes)
    dense = structure.route_links.toarray()
    assert (np.diff(which) >= 0).all()
    for place, route in enumerate(routes):
        np.testing.assert_array_equal(np.sort(link[which == place]), np.flatnonzero(dense[route]))


def test_sets_of_limited_links(make_instance):
    """Tests that only limited links count: A to X passes none, A to Y the long one, and B to X that and its own."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0, "capacity_gbps": 1.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0, "capacity_gbps": 2.0},
    ]
    structure = formulate(make_instance(links=links)).structure
    sets, number = link_sets(structure)
    assert not sets[0].any()
    limits = structure.link_capacity[:, 0] / structure.link_capacity[np.isfinite(structure.link_capacity)].min()
    passed = {(hub, site): sorted(limits[sets[number[hub, site]]]) for hub in range(2) for site in range(2)}
    assert passed == {(0, 0): [], (0, 1): [2.0], (1, 0): [1.0, 2.0], (1, 1): [1.0]}


@pytest.mark.parametrize(("gbps", "scarce"), [(1.0, []), (0.9, [1]), (0.0, []), (np.inf, [])])
def test_links_that_demand_could_fill(make_instance, gbps, scarce):
    """Tests that 450 Mtok of 1 GB each fill a link of less than 1 Gbps for an hour; a closed one is not scarce."""
    instance = make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 450.0}],
        data_centres=[{"data_centre": "X"}, {"data_centre": "Y"}],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 1.0},
            {"from": "A", "to": "Y", "rtt_ms": 1.0, "capacity_gbps": gbps},
        ],
        supplies=[],
    )
    assert scarce_links(formulate(instance).structure).tolist() == scarce
