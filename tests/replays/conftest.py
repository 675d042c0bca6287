"""Small days that can be checked by hand, and random ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.model.formulation import formulate
from placer.replays.day import View
from placer.replays.network import DayNetwork
from placer.replays.outlook import Brief, outlook


def make_pairs(formulation):
    """Return the classes and origins of the pairs with demand, and their demand by hour."""
    structure = formulation.structure
    pairs, row = np.unique(structure.demand_pair, return_inverse=True)
    amounts = np.zeros((len(pairs), structure.periods))
    amounts[row, structure.demand_period] = structure.demand_amount
    return *np.divmod(pairs, structure.origins), amounts


@pytest.fixture
def make_day():
    """Return a function that gives the network of an instance, its hours, and its demand by hour."""

    def make(instance, parts=1, late_usd=0.0):
        formulation = formulate(instance)
        klass, origin, amounts = make_pairs(formulation)
        late = np.full(formulation.structure.classes, late_usd)
        network, hours = (DayNetwork.of(formulation, klass, origin, count, late) for count in (parts, 1))
        return network, hours, amounts

    return make


@pytest.fixture
def make_brief(make_day):
    """Return a function that gives the brief of an instance, with its own demand as the forecast."""

    def make(instance, parts=1, late_usd=0.0):
        network, hours, amounts = make_day(instance, parts, late_usd)
        structure = network.structure
        rtt_ms = network.of_choices(formulate(instance).rtt_ms[structure.arc_origin, structure.arc_way], np.inf)
        return Brief(network, hours, amounts, outlook(hours, amounts), rtt_ms)

    return make


@pytest.fixture
def two_sites(make_instance):
    """Return one hour: A holds 10 Mtok at 1 USD, B plenty at 3; 8 go to either, 6 to A alone; unserved costs 10."""
    workloads = [
        {"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 10.0}
        for name in ("flexible", "strict")
    ]
    workloads[1]["latency_slo_ms"] = 50.0
    return make_instance(
        hubs=[{"hub": "H"}],
        data_centres=[{"data_centre": "A", "accelerators": 10 / 24}, {"data_centre": "B"}],
        power_zones=[{"power_zone": "za", "usd_per_mwh": 1.0}, {"power_zone": "zb", "usd_per_mwh": 3.0}],
        links=[{"from": "H", "to": "A", "rtt_ms": 10.0}, {"from": "H", "to": "B", "rtt_ms": 100.0}],
        supplies=[{"power_zone": "za", "data_centre": "A"}, {"power_zone": "zb", "data_centre": "B"}],
        workloads=workloads,
        demand=[
            {"workload": "flexible", "hub": "H", "mtok": 8.0},
            {"workload": "strict", "hub": "H", "mtok": 6.0},
        ],
        hour_length=24.0,
    )


@pytest.fixture
def one_queue(make_instance):
    """Return four hours of six at one site of 10 Mtok an hour: 20 Mtok of hour 0 may wait an hour; power 1, 5, 1, 1."""
    workload = {"workload": "batch", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    return make_instance(
        hubs=[{"hub": "H"}],
        data_centres=[{"data_centre": "A", "accelerators": 10 / 6}],
        power_zones=[{"power_zone": "za", "usd_per_mwh": (1.0, 5.0, 1.0, 1.0)}],
        links=[{"from": "H", "to": "A", "rtt_ms": 10.0}],
        supplies=[{"power_zone": "za", "data_centre": "A"}],
        workloads=[workload | {"deadline_hours": 6.0, "unserved_usd_per_mtok": 100.0}],
        demand=[
            {"workload": "batch", "hub": "H", "hour": hour, "mtok": mtok} for hour, mtok in enumerate([18, 0, 0, 4])
        ],
        hour_length=6.0,
        cyclic=False,
    )


@pytest.fixture
def make_random_history(make_instance):
    """Return a function that gives a random instance of four hours of six, and two days of history around it."""

    def make(seed, plenty=False):
        rng = np.random.default_rng(seed)
        sites, hubs = (
            [f"s{place}" for place in range(rng.integers(1, 4))],
            [f"h{place}" for place in range(rng.integers(1, 4))],
        )
        kinds = [f"w{place}" for place in range(rng.integers(1, 4))]
        workloads = [
            {
                "workload": name,
                "accelerator_hours_per_mtok": float(rng.uniform(0.5, 2)),
                "kwh_per_mtok": float(rng.choice([0.0, 500.0])),
                "latency_slo_ms": float(rng.choice([60.0, 1000.0])),
                "deadline_hours": float(rng.choice([0.0, 0.0, 6.0, 12.0])),
                "unserved_usd_per_mtok": float(rng.uniform(50, 500)),
            }
            for name in kinds
        ]
        size = 1e6 if plenty else float(rng.uniform(0.3, 2)) * len(hubs) * len(kinds) / len(sites)
        instance = make_instance(
            hubs=[{"hub": name} for name in hubs],
            data_centres=[{"data_centre": name, "accelerators": size * float(rng.uniform(0.5, 1))} for name in sites],
            power_zones=[
                {"power_zone": f"z{name}", "usd_per_mwh": tuple(map(float, rng.uniform(10, 90, 4)))} for name in sites
            ],
            links=[{"from": hub, "to": site, "rtt_ms": float(rng.uniform(5, 80))} for hub in hubs for site in sites],
            supplies=[{"power_zone": f"z{name}", "data_centre": name} for name in sites],
            workloads=workloads,
            demand=[
                {"workload": kind, "hub": hub, "hour": hour, "mtok": float(rng.uniform(1, 10))}
                for kind in kinds
                for hub in hubs
                for hour in range(4)
            ],
            hour_length=6.0,
            cyclic=False,
        )
        rows = pd.DataFrame(
            {"class": "all", "step": np.arange(16), "requests": rng.integers(1, 40, 16), "mtok": rng.uniform(1, 40, 16)}
        )
        history = placer.History.of_table(rows, step_minutes=180)
        return instance, placer.DemandHistory(history, instance, dict.fromkeys(kinds, "all"), reference_days=1)

    return make


@pytest.fixture
def view_of():
    """Return a function that makes a view of a period; nothing has arrived if not given."""

    def make(network, period=0, counts=None, queued=None, gone=None):
        shape = network.structure.classes, network.structure.sites
        return View(
            period,
            np.zeros((len(network.klass), period)) if counts is None else np.array(counts, dtype=float),
            np.zeros((*shape, period)) if queued is None else np.array(queued, dtype=float),
            np.zeros(shape) if gone is None else np.array(gone, dtype=float),
        )

    return make
