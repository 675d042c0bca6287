"""The ends of links on a map."""

from __future__ import annotations

import numpy as np

import placer
from placer.instance.link_ends import link_ends


def test_exchange_stands_at_its_nearest_neighbour():
    """Tests places of hubs and sites, of an exchange at the nearer of two neighbours, and none of one without any."""
    one_hour = {"accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "city", "lat": 1.0, "lon": 2.0}],
            "data_centres": [
                {"data_centre": "near", "accelerators": 1, "lat": 3.0, "lon": 4.0},
                {"data_centre": "nowhere", "accelerators": 1},
            ],
            "exchanges": [{"exchange": "knot"}, {"exchange": "far knot"}],
            "links": [
                {"from": "city", "to": "knot", "rtt_ms": 5},
                {"from": "knot", "to": "near", "rtt_ms": 1},
                {"from": "knot", "to": "far knot", "rtt_ms": 1},
                {"from": "far knot", "to": "nowhere", "rtt_ms": 1},
            ],
            "workloads": [one_hour | {"workload": "chat"}],
            "demand": [{"workload": "chat", "hub": "city", "mtok": 1}],
        }
    )
    nan = np.nan
    expected = [[1, 2, 3, 4], [3, 4, 3, 4], [3, 4, nan, nan], [nan] * 4]
    np.testing.assert_array_equal(link_ends(instance).to_numpy(), expected)
