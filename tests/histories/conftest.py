"""An instance of one day of two hours of twelve, and histories around it that can be checked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import placer

HUBS = [{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}]
WORKLOADS = [
    {"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
    for name in ("chat", "agent", "batch")
]
#: Mtok of each workload at hub and hour: chat at both hubs, agent at A, batch at B.
DEMAND = [
    ("chat", "A", (6.0, 12.0)),
    ("chat", "B", (2.0, 4.0)),
    ("agent", "A", (10.0, 10.0)),
    ("batch", "B", (5.0, 5.0)),
]


@pytest.fixture
def instance(make_instance):
    """Return the instance: 24 Mtok of chat, 20 of agent and 10 of batch a day."""
    demand = [
        {"workload": workload, "hub": hub, "hour": hour, "mtok": value}
        for workload, hub, values in DEMAND
        for hour, value in enumerate(values)
    ]
    return make_instance(hubs=HUBS, workloads=WORKLOADS, demand=demand, hour_length=12.0)


@pytest.fixture
def make_history():
    """Return a function that makes a history of steps of six hours from the requests and Mtok of its classes."""

    def make(missing="error", days=None, step_minutes=360, **classes):
        rows = [
            {"class": name, "step": step, "requests": value, "mtok": None if value is None else value / 10}
            for name, values in classes.items()
            for step, value in enumerate(values)
        ]
        frame = pd.DataFrame(rows).astype({"requests": float, "mtok": float})
        return placer.History.of_table(frame, step_minutes, missing=missing, days=days)

    return make


@pytest.fixture
def history(make_history):
    """Return two days of two classes."""
    return make_history(live=[10, 30, 20, 20, 20, 60, 40, 40], steps=[8, 8, 4, 4, 4, 4, 8, 8])


#: The class of each workload; batch stays as it is.
CLASSES = {"chat": "live", "agent": "steps", "batch": None}
