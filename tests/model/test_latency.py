"""Latency: the time of tasks over ways, and the arcs that it admits."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.formulation import formulate

#: Two hours of an accelerator per Mtok and no energy.
WORK = {
    "workload": "w",
    "accelerator_hours_per_mtok": 2.0,
    "kwh_per_mtok": 0.0,
    "unserved_usd_per_mtok": 1000.0,
}


def test_round_trips_and_server_time_make_the_latency(make_instance):
    """Tests that a task takes server_ms + (user + (1 - colocated) * tool round trips) * (access + route)."""
    workload = WORK | {"server_ms": 100.0, "user_round_trips": 2.0, "tool_round_trips": 8.0, "tools_colocated": 0.25}
    instance = make_instance(hubs=[{"hub": "A", "access_ms": 5.0}, {"hub": "B"}], workloads=[workload])
    formulation = formulate(instance)
    np.testing.assert_allclose(formulation.rtt_ms, [[15, 45], [40, 10]])
    np.testing.assert_allclose(formulation.latency_ms[0], [[100 + 8 * 15, 100 + 8 * 45], [420, 180]])


@pytest.mark.parametrize(("slo", "arcs"), [(40.0, 3), (40.0 - 1e-12, 3), (40.0 - 1e-6, 2), (45.0, 4), (9.0, 0)])
def test_arc_at_exactly_its_limit_is_admissible(make_instance, slo, arcs):
    """Tests that an arc is admissible up to its limit, that limit included, whatever rounding does to the sum."""
    instance = make_instance(
        hubs=[{"hub": "A", "access_ms": 5.0}, {"hub": "B"}], workloads=[WORK | {"latency_slo_ms": slo}]
    )
    assert len(formulate(instance).structure.arc_site) == arcs


def test_no_round_trip_needs_a_route_all_the_same(make_instance):
    """Tests that work that makes no round trip is as fast everywhere, but only where a route leads."""
    instance = make_instance(
        workloads=[WORK | {"user_round_trips": 0.0, "latency_slo_ms": 1.0}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "B", "to": "Y", "rtt_ms": 10.0}],
    )
    formulation = formulate(instance)
    assert formulation.structure.arc_site.tolist() == [0, 1]
    assert np.isinf(formulation.latency_ms[0, 0, 1])


def test_data_centre_without_jurisdiction_is_in_none(make_instance):
    """Tests that a workload bound to jurisdictions does not run where none is named."""
    instance = make_instance(
        workloads=[WORK | {"jurisdictions": ("CN", "EU")}],
        data_centres=[{"data_centre": "X", "jurisdiction": "EU"}, {"data_centre": "Y"}],
    )
    assert formulate(instance).allowed.tolist() == [[True, False]]
