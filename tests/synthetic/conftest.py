"""An instance of four hubs that shocks act on."""

from __future__ import annotations

import pytest

HUBS = [{"hub": "A", "region": "e"}, {"hub": "B", "region": "e"}, {"hub": "C", "region": "w"}, {"hub": "D"}]


LINKS = [{"from": each["hub"], "to": "X", "rtt_ms": 10} for each in HUBS] + [{"from": "X", "to": "Y", "rtt_ms": 5}]


WORKLOADS = [
    {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0},
    {"workload": "agent", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "tool_round_trips": 3},
]


#: Four steps of six hours: what each workload asks for at every hub, the second hub twice as much and so on.
PROFILES = {"chat": (1.0, 2.0, 4.0, 1.0), "agent": (3.0, 3.0, 3.0, 3.0)}


DEMAND = [
    {"workload": workload, "hub": hub, "hour": hour, "mtok": mtok * size}
    for size, hub in enumerate("ABCD", start=1)
    for workload, profile in PROFILES.items()
    for hour, mtok in enumerate(profile)
]


@pytest.fixture
def instance(make_instance):
    """Return four hubs, two of one region, one of another and one of none, and an agent workload beside chat."""
    return make_instance(hubs=HUBS, links=LINKS, workloads=WORKLOADS, demand=DEMAND, hour_length=6.0)
