"""Routes and paths of flows, for two hubs that share an exchange, by hand."""

from __future__ import annotations

import pytest

from placer.instance.problem import Instance
from placer.solve import solve

#: GB that a link of 1 Gbps carries in an hour.
GB = 450.0


@pytest.fixture
def flows():
    """Return a function from a number of routes to the flows of two hubs that reach D over X or Y, and E over X."""

    def make(routes):
        instance = Instance.from_tables(
            {
                "hubs": [{"hub": "A"}, {"hub": "B"}],
                "data_centres": [{"data_centre": "D"}, {"data_centre": "E", "accelerator_usd_per_hour": 50.0}],
                "exchanges": [{"exchange": "X"}, {"exchange": "Y"}],
                "links": [
                    {"from": "D", "to": "X", "rtt_ms": 1.0, "capacity_gbps": 3 / GB},
                    {"from": "A", "to": "X", "rtt_ms": 1.0},
                    {"from": "X", "to": "E", "rtt_ms": 1.0},
                    {"from": "X", "to": "B", "rtt_ms": 2.0, "usd_per_gb": 1.0},
                    {"from": "Y", "to": "B", "rtt_ms": 9.0},
                    {"from": "Y", "to": "D", "rtt_ms": 9.0, "usd_per_gb": 8.0},
                ],
                "workloads": [
                    {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0}
                    | {"unserved_usd_per_mtok": 100.0}
                ],
                "demand": [{"workload": "w", "hub": hub, "mtok": 2.0} for hub in "AB"],
            },
            routes=routes,
        )
        return solve(instance).flows

    return make


def test_every_flow_names_its_path(flows):
    """Tests that A fills X with 2 Mtok, and that B sends 1 Mtok beside it and 1 Mtok over Y, which leads round to D."""
    table = flows(2).reset_index()
    columns = ["hub", "data_centre", "route", "path", "mtok", "rtt_ms"]
    assert table[columns].to_numpy().tolist() == [
        ["A", "D", 1, "A - X - D", pytest.approx(2.0), 2.0],
        ["B", "D", 1, "B - X - D", pytest.approx(1.0), 3.0],
        ["B", "D", 2, "B - Y - D", pytest.approx(1.0), 18.0],
    ]


def test_the_number_of_routes_asked_for_decides_on_the_labels(flows):
    """Tests that flows with one route have no route, and the same labels however many more are asked for."""
    assert "route" not in flows(1).index.names
    assert flows(2).index.names == flows(5).index.names == ["workload", "hub", "data_centre", "route", "hour"]
    assert list(flows(2).columns) == [*flows(1).columns, "path"]
