"""Random instances for hypothesis, with every kind of limit now and then."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from placer.instance.problem import Instance
from placer.solve import solve
from tests.effort import tries

# The same examples in every run: a test that fails once in a while helps nobody.
few = settings(max_examples=tries(10, 40), deadline=None, derandomize=True)


@dataclass(frozen=True)
class Case:
    """Tables and settings of an instance, to change and build."""

    tables: dict
    settings: dict

    def build(self):
        """Return the instance."""
        return Instance.from_tables(self.tables, **self.settings)

    def changed(self, change, **settings_):
        """Return the case with every row of every table passed through a function of table name and row."""
        tables = {name: [change(name, row) for row in rows] for name, rows in self.tables.items()}
        return Case(tables, self.settings | settings_)


def halves(low, high):
    """Numbers on the grid of halves."""
    return st.integers(int(2 * low), int(2 * high)).map(lambda count: count / 2)


def maybe(strategy):
    """A limit, or none."""
    return st.one_of(st.just(math.inf), strategy)


@st.composite
def cases(draw):
    """Instances on one or two exchanges, with every kind of limit now and then."""
    hours = draw(st.integers(1, 3))
    hubs = [f"h{place}" for place in range(draw(st.integers(1, 3)))]
    centres = [f"d{place}" for place in range(draw(st.integers(1, 3)))]
    workloads = [f"w{place}" for place in range(draw(st.integers(1, 2)))]
    hourly = st.lists(halves(-5, 40), min_size=hours, max_size=hours)
    tables = {
        "hubs": [{"hub": hub, "region": draw(st.sampled_from("ew")), "access_ms": draw(halves(0, 2))} for hub in hubs],
        "data_centres": [
            {
                "data_centre": centre,
                "region": draw(st.sampled_from("ew")),
                "accelerators": draw(maybe(halves(0, 6))),
                "accelerator_usd_per_hour": draw(halves(0, 3)),
                "pue": draw(st.lists(halves(1, 2), min_size=hours, max_size=hours)),
                "power_limit_mw": draw(maybe(halves(0, 8))),
                "water_litres_per_kwh": draw(halves(0, 1)),
                "water_usd_per_litre": draw(st.sampled_from([0.0, 0.0, 0.015625])),
                "speed": draw(st.sampled_from([0.5, 1.0, 2.0])),
                "energy_factor": draw(st.sampled_from([0.5, 1.0])),
                "jurisdiction": draw(st.sampled_from(["CN", "EU"])),
            }
            for centre in centres
        ],
        "power_zones": [
            {"power_zone": zone, "usd_per_mwh": draw(hourly), "carbon_kg_per_mwh": draw(st.sampled_from([0, 128, 512]))}
            for zone in ("z0", "z1")
        ],
        "exchanges": [{"exchange": "e0"}, {"exchange": "e1"}],
        "links": [
            *({"from": hub, "to": draw(st.sampled_from(["e0", "e1"])), "rtt_ms": draw(halves(0, 5))} for hub in hubs),
            *({"from": draw(st.sampled_from(["e0", "e1"])), "to": c, "rtt_ms": draw(halves(0, 5))} for c in centres),
            {
                "from": "e0",
                "to": "e1",
                "rtt_ms": draw(halves(1, 20)),
                "capacity_gbps": draw(maybe(st.sampled_from([0.0, 0.00390625, 0.015625]))),
                "usd_per_gb": draw(halves(0, 2)),
            },
        ],
        "supplies": [
            {
                "power_zone": zone,
                "data_centre": centre,
                "limit_mw": draw(maybe(halves(0, 6))),
                "loss": draw(st.sampled_from([0.0, 0.0, 0.25])),
                "usd_per_mwh_adder": draw(halves(0, 5)),
            }
            for centre in centres
            for zone in draw(st.sampled_from([("z0",), ("z0", "z1"), ("z1", "z1")]))
        ],
        "workloads": [
            {
                "workload": workload,
                "accelerator_hours_per_mtok": draw(halves(0.5, 2)),
                "kwh_per_mtok": draw(st.sampled_from([0.0, 500.0, 1000.0])),
                "gb_per_mtok": draw(halves(0, 2)),
                "latency_slo_ms": draw(maybe(halves(1, 40))),
                "user_round_trips": draw(st.sampled_from([1.0, 2.0])),
                "deadline_hours": draw(st.sampled_from([0.0, 0.0, 1.0, 2.0])),
                "jurisdictions": draw(st.sampled_from([None, None, ("CN",)])),
                "unserved_usd_per_mtok": draw(st.sampled_from([20.0, 200.0])),
            }
            for workload in workloads
        ],
        "demand": [
            {"workload": workload, "hub": hub, "hour": hour, "mtok": draw(halves(0.5 if hub == "h0" else 0, 4))}
            for workload in workloads
            for hub in hubs
            for hour in range(hours)
        ],
    }
    given_settings = {
        "cyclic": draw(st.booleans()),
        "carbon_usd_per_kg": draw(st.sampled_from([0.0, 0.03125])),
        "carbon_limit_kg": draw(maybe(halves(0, 2000))),
        "water_limit_litres": draw(maybe(halves(0, 4000))),
        "hour_length": draw(st.sampled_from([1.0, 1.0, 0.5, 4.0])),
    }
    return Case(tables, given_settings)


def total(case):
    """Cost and penalty of the optimum."""
    return solve(case.build(), tie_break=None).cost_and_penalty_usd


def multiplied(columns, factor):
    """A change that multiplies columns of tables."""

    def change(table, row):
        names = [name for name in columns.get(table, ()) if name in row]
        scaled = {name: np.multiply(row[name], factor).tolist() for name in names}
        return row | scaled

    return change
