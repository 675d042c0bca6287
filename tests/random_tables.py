"""Tables of random instances with every kind of row, some of them scarce."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Hours of the random instances.
HOURS = 5


def random_tables(random: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a random instance: its network and its work."""
    return _network(random) | _work(random)


def _network(random: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    """Three hubs on an exchange each, four data centres with one or two supplies each."""

    def some(*values: float) -> float:
        return float(random.choice(values))

    hubs, centres, zones = ("H0", "H1", "H2"), ("D0", "D1", "D2", "D3"), ("Z0", "Z1")
    return {
        "hubs": [
            {"hub": hub, "region": region, "access_ms": some(0, 5)} for hub, region in zip(hubs, "eew", strict=True)
        ],
        "data_centres": [
            {
                "data_centre": centre,
                "region": region,
                "accelerators": some(8, 15, 25),
                "max_utilisation": some(0.75, 1),
                "accelerator_usd_per_hour": some(1, 2, 3.5),
                "operations_usd_per_hour": some(0, 0.5),
                "pue": random.choice([1.1, 1.25, 1.5], HOURS).tolist(),
                "power_limit_mw": some(6, 12, np.inf),
                "water_litres_per_kwh": some(0, 1.5),
                "water_usd_per_litre": some(0, 0.004),
                "speed": some(1, 2),
                "energy_factor": some(0.75, 1),
                "jurisdiction": jurisdiction,
            }
            for centre, region, jurisdiction in zip(centres, "eeww", ("CN", None, "CN", "EU"), strict=True)
        ],
        "power_zones": [
            {
                "power_zone": zone,
                "usd_per_mwh": random.choice([-10.0, 20.0, 45.0, 80.0], HOURS).tolist(),
                "carbon_kg_per_mwh": some(50, 300, 800),
            }
            for zone in zones
        ],
        "exchanges": [{"exchange": "E0"}, {"exchange": "E1"}],
        "links": [
            *({"from": hub, "to": to, "rtt_ms": some(2, 5)} for hub, to in zip(hubs, ("E0", "E0", "E1"), strict=True)),
            *(
                {"from": to, "to": centre, "rtt_ms": some(1, 8)}
                for to, centre in zip(("E0", "E0", "E1", "E1"), centres, strict=True)
            ),
            {"from": "E0", "to": "E1", "rtt_ms": 30.0, "capacity_gbps": some(0.02, 0.05), "usd_per_gb": some(0, 0.05)},
        ],
        "supplies": [
            *({"power_zone": "Z0", "data_centre": centre, "limit_mw": some(4, 8)} for centre in centres),
            *(
                {"power_zone": "Z1", "data_centre": centre, "loss": some(0, 0.08), "usd_per_mwh_adder": some(5, 25)}
                for centre in centres
            ),
        ],
    }


def _work(random: np.random.Generator) -> dict[str, list[dict[str, Any]]]:
    """Four workloads: one bound to near data centres, one to a jurisdiction, two that may wait."""

    def some(*values: float) -> float:
        return float(random.choice(values))

    kinds: tuple[dict[str, Any], ...] = (
        {"workload": "near", "latency_slo_ms": 60.0, "server_ms": 10.0, "user_round_trips": 2.0},
        {"workload": "bound", "jurisdictions": ("CN",), "tool_round_trips": 4.0, "tools_colocated": 0.5}
        | {"peak_accelerator_hours_per_mtok": 0.75},
        {"workload": "night", "deadline_hours": 3.0},
        {"workload": "soon", "deadline_hours": 1.0, "latency_slo_ms": 50.0},
    )
    workloads = [
        kind
        | {
            "accelerator_hours_per_mtok": some(0.5, 1, 2),
            "kwh_per_mtok": some(250, 500, 1000),
            "gb_per_mtok": some(0.5, 1, 4),
            "unserved_usd_per_mtok": some(300, 500),
        }
        for kind in kinds
    ]
    return {
        "workloads": workloads,
        "demand": [
            {"workload": kind["workload"], "hub": hub, "hour": hour, "mtok": some(0.5, 1.5, 3, 6)}
            for kind in kinds
            for hub in ("H0", "H1", "H2")
            for hour in range(HOURS)
        ],
    }


def random_days(seed: int, days: int) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a random instance of days that differ much, each a block of five hours."""
    random = np.random.default_rng(seed)
    drawn = [random_tables(np.random.default_rng([seed, day])) for day in range(days)]
    tables = dict(drawn[0])
    level = random.choice([0.3, 0.8, 1.0, 1.4], days)
    tables["demand"] = [
        row | {"hour": row["hour"] + HOURS * day, "mtok": row["mtok"] * level[day]}
        for day in range(days)
        for row in drawn[day]["demand"]
    ]
    for table, column in (("power_zones", "usd_per_mwh"), ("data_centres", "pue")):
        tables[table] = [
            row | {column: [value for each in drawn for value in each[table][place][column]]}
            for place, row in enumerate(tables[table])
        ]
    hours = range(HOURS * days)
    tables["periods"] = [{"hour": hour, "block": f"day {hour // HOURS}"} for hour in hours]
    return tables
