"""Networks with several routes."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from placer.instance.problem import Instance

#: GB that a link of 1 Gbps carries in an hour.
GB = 450.0
#: Needs no power and weighs 1 GB per Mtok: its cost is transit alone.
LIGHT = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0, "unserved_usd_per_mtok": 1e4}


def network(seed):
    """Return tables of three hubs and three data centres around a ring of four exchanges, with narrow links."""
    random = np.random.default_rng(seed)

    def some(*values):
        return float(random.choice(values))

    ring = [(f"E{place}", f"E{(place + 1) % 4}") for place in range(4)]
    ends = [(f"H{place}", f"E{place}") for place in range(3)] + [(f"E{place + 1}", f"D{place}") for place in range(3)]
    return {
        "hubs": [{"hub": f"H{place}", "region": region} for place, region in enumerate("eew")],
        "data_centres": [
            {"data_centre": f"D{place}", "region": region, "accelerators": some(2, 4, 8)}
            | {"accelerator_usd_per_hour": some(0, 1, 2), "operations_usd_per_hour": some(0, 1)}
            for place, region in enumerate("eww")
        ],
        "exchanges": [{"exchange": f"E{place}"} for place in range(4)],
        "links": [
            {"from": tail, "to": head, "rtt_ms": some(1, 2, 5), "usd_per_gb": some(0, 1, 3)}
            | {"capacity_gbps": some(1, 2, 4) / GB}
            for tail, head in ring + ends + ring[:1] + ends[:2]
        ],
        "workloads": [
            {"workload": "now", "latency_slo_ms": 25.0, "user_round_trips": 1.0}
            | LIGHT
            | {"unserved_usd_per_mtok": 90.0},
            {"workload": "later", "deadline_hours": 1.0} | LIGHT | {"unserved_usd_per_mtok": 60.0},
        ],
        "demand": [
            {"workload": workload, "hub": f"H{hub}", "hour": hour, "mtok": some(0, 0.5, 1, 2)}
            for workload in ("now", "later")
            for hub in range(3)
            for hour in range(2)
        ]
        + [{"workload": "now", "hub": "H0", "hour": 2, "mtok": 1.0}],
    }


seeds = st.integers(0, 10_000)
few = settings(max_examples=8, deadline=None, derandomize=True)


def build(seed, routes):
    """Return the instance of a seed."""
    return Instance.from_tables(network(seed), routes=routes)


def total(placement):
    """Return cost and penalty of a placement that is proven."""
    assert placement.certificate.proven
    return placement.cost_and_penalty_usd
