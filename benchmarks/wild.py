"""Small random instances over the whole schema, which stress solvers; they are not realistic.

Every instance draws its own parameters: the frequency of zero, tight and absent limits, rounding of numbers (which
makes ties), negative prices, and the units of money and tokens.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

import placer

from .wild_draws import Draws, Tastes, tastes_of

#: Smallest and largest numbers of sites, hubs, workloads and hours.
SITES, HUBS, WORKLOADS, HOURS = (2, 12), (3, 25), (1, 6), (1, 24)
GB_PER_GBPS_HOUR, KWH_PER_MWH = 450.0, 1000.0

Rows = list[dict[str, Any]]


def draw_size(random: np.random.Generator) -> tuple[int, int, int, int]:
    """Return random numbers of sites, hubs, workloads and hours, more often few than many."""

    def between(low: int, high: int) -> int:
        return low + int((high - low + 1) * random.random() ** 1.5)

    return between(*SITES), between(*HUBS), between(*WORKLOADS), between(*HOURS)


def wild(random: np.random.Generator, size: tuple[int, int, int, int] | None = None) -> placer.Instance:
    """Return a random instance, of a random size if none is given."""
    size = size or draw_size(random)
    tastes = tastes_of(random)
    work = _Work(random, tastes, size)
    tables = work.tables() | _Network(random, tastes, size, work).tables()
    settings = _settings(random, tastes, work)
    # A single hop of a directed network leads one way only, so every link is laid both ways there.
    if settings["directed"]:
        tables["links"] += [row | {"from": row["to"], "to": row["from"]} for row in tables["links"]]
    return placer.Instance.from_tables(tables, **settings)


class _Work(Draws):
    """Workloads, demand, and the resources that demand needs."""

    def __init__(self, random: np.random.Generator, tastes: Tastes, size: tuple[int, int, int, int]) -> None:
        super().__init__(random, tastes)
        _, hubs, workloads, self.hours = size
        self.hubs = [f"h{place}" for place in range(hubs)]
        self.workloads = [self._workload(place) for place in range(workloads)]
        self.demand = self._demand()
        asked = {row["workload"]: 0.0 for row in self.workloads}
        for row in self.demand:
            asked[row["workload"]] += row["mtok"]
        self.accelerator_hours, self.mwh, self.gb = (
            sum(asked[row["workload"]] * row[name] for row in self.workloads) / per
            for name, per in (("accelerator_hours_per_mtok", 1), ("kwh_per_mtok", KWH_PER_MWH), ("gb_per_mtok", 1))
        )

    def tables(self) -> dict[str, Rows]:
        return {"workloads": self.workloads, "demand": self.demand}

    def _workload(self, place: int) -> dict[str, Any]:
        row: dict[str, Any] = {
            "workload": f"w{place}",
            "accelerator_hours_per_mtok": self.some(0.0, 1.0, 1.0, 2.0) * self.number(0.5, 3),
            "kwh_per_mtok": self.some(0.0, 1.0, 1.0, 20.0) * self.number(100, 1500),
            "gb_per_mtok": self.some(0.0, 1.0, 1.0) * self.number(0.5, 4),
            "latency_slo_ms": self.some(math.inf, math.inf, self.number(10, 120)),
            "server_ms": self.some(0.0, 5.0),
            "user_round_trips": self.some(1.0, 1.0, 0.0, 2.0),
            "tool_round_trips": self.some(0.0, 0.0, 2.0),
            "tools_colocated": self.some(0.0, 0.5, 1.0),
        }
        if self.chance(self.tastes.waits):
            beyond = self.hours * self.tastes.hour_length
            row["deadline_hours"] = self.some(0.0, 1.0, 2.0, 2.5, 8.0, beyond / 2, 2.0 * beyond)
        if self.chance(self.tastes.bound):
            row["jurisdictions"] = self.some(("CN",), ("CN", "EU"), ("nowhere",), ("EU", "US"))
        if self.chance(0.5):
            row["unserved_usd_per_mtok"] = self.tastes.usd * self.some(0.01, 1.0, 1.0, 10.0) * self.number(100, 900)
        return row

    def _demand(self) -> Rows:
        """Return demand of unequal hubs, some of it zero, some rows missing."""
        tastes, missing, zero = self.tastes, self.some(0.0, 0.0, 0.3), self.some(0.0, 0.0, 0.2)
        weight = {hub: self.some(1.0, self.random.pareto(1.5) + 0.1) for hub in self.hubs}
        rows = [
            {
                "workload": row["workload"],
                "hub": hub,
                "hour": hour,
                "mtok": 0.0 if self.chance(zero) else tastes.mtok * weight[hub] * self.number(0.5, 8),
            }
            for row in self.workloads
            for hub in self.hubs
            for hour in range(self.hours)
            if not self.chance(missing)
        ]
        # The horizon may have no gap, and demand must be above 0.
        absent = sorted(set(range(self.hours)) - {row["hour"] for row in rows})
        rows += [{"workload": "w0", "hub": self.hubs[0], "hour": hour, "mtok": 0.0} for hour in absent]
        if not any(row["mtok"] > 0 for row in rows):
            rows[0]["mtok"] = tastes.mtok
        return rows


class _Network(Draws):
    """Everything but the work: places, power, links."""

    def __init__(
        self, random: np.random.Generator, tastes: Tastes, size: tuple[int, int, int, int], work: _Work
    ) -> None:
        super().__init__(random, tastes)
        self.work = work
        self.sites = [f"d{place}" for place in range(size[0])]
        self.zones = [f"z{place}" for place in range(self.some(1, 2, 4))]
        self.exchanges = [f"e{place}" for place in range(self.some(1, 2, 4))]
        # The hourly work of a site if all sites have the same share.
        self.share = 1 / (len(self.sites) * work.hours * tastes.hour_length)

    def tables(self) -> dict[str, Rows]:
        return {
            "hubs": [{"hub": hub, "access_ms": self.some(0.0, 0.0, 3.0)} for hub in self.work.hubs],
            "data_centres": [self._site(site) for site in self.sites],
            "power_zones": [self._zone(zone) for zone in self.zones],
            "exchanges": [{"exchange": exchange} for exchange in self.exchanges],
            "links": self._links(),
            "supplies": [row for site in self.sites for row in self._supplies(site)],
        }

    def _site(self, site: str) -> dict[str, Any]:
        usd, work = self.tastes.usd, self.work
        return {
            "data_centre": site,
            "accelerators": self.limit(work.accelerator_hours * self.share),
            "accelerator_usd_per_hour": self.some(0.0, usd * self.number(0.5, 4)),
            "pue": self.hourly(self.number(1, 2, work.hours)),
            "power_limit_mw": self.some(math.inf, math.inf, self.limit(1.5 * work.mwh * self.share)),
            "water_litres_per_kwh": self.some(0.0, self.number(0.5, 3)),
            "water_usd_per_litre": self.some(0.0, usd * 0.004),
            "speed": self.some(1.0, 1.0, self.number(0.5, 2)),
            "energy_factor": self.some(1.0, 1.0, self.number(0.5, 2)),
            "jurisdiction": self.some("CN", "EU", "EU"),
        }

    def _zone(self, zone: str) -> dict[str, Any]:
        hours = self.work.hours
        price = self.number(10, 120, hours)
        price = np.where(self.random.random(hours) < self.tastes.below, -0.3 * price, price)
        return {
            "power_zone": zone,
            "usd_per_mwh": self.hourly(self.tastes.usd * price),
            "carbon_kg_per_mwh": self.hourly(self.some(0.0, 1.0) * self.number(50, 800, hours)),
        }

    def _supplies(self, site: str) -> Rows:
        """Return the supplies of a site: sometimes none, one, or several."""
        if self.chance(0.08):
            return []
        count = 1 + (self.some(1, 2, 3) if self.chance(self.tastes.tiers) else 0)
        return [
            {
                "power_zone": self.some(*self.zones),
                "data_centre": site,
                "limit_mw": self.limit(1.5 * self.work.mwh * self.share / count),
                "loss": self.some(0.0, 0.0, 0.08, 0.5),
                "usd_per_mwh_adder": self.tastes.usd * self.some(0.0, 0.0, 15.0, -10.0),
            }
            for _ in range(count)
        ]

    def _links(self) -> Rows:
        """Return a chain of exchanges with hubs and sites on it, a few direct links, and parallel links."""
        chain = self.exchanges
        rows = [self._link(one, other) for one, other in pairwise(chain)]
        rows += [self._link(one, other) for one, other in pairwise(chain) if self.chance(0.2)]
        rows += [self._link(node, self.some(*chain)) for node in (*self.work.hubs, *self.sites)]
        direct = self.some(0.0, 0.0, 0.1, 0.6)
        rows += [self._link(hub, site) for hub in self.work.hubs for site in self.sites if self.chance(direct)]
        return rows

    def _link(self, one: str, other: str) -> dict[str, Any]:
        row = {"from": one, "to": other, "rtt_ms": self.number(0, 30)}
        row["usd_per_gb"] = self.some(0.0, self.tastes.usd * self.number(0.01, 2))
        if self.chance(self.tastes.links):
            passing = self.work.gb / (self.work.hours * self.tastes.hour_length)
            ends = len(self.work.hubs) if one in self.work.hubs else 2
            row["capacity_gbps"] = self.limit(passing / GB_PER_GBPS_HOUR / ends)
        return row


def _settings(random: np.random.Generator, tastes: Tastes, work: _Work) -> dict[str, Any]:
    some = Draws(random, tastes)

    def cap(typical: float) -> float:
        if not some.chance(tastes.caps) or typical <= 0:
            return math.inf
        return typical * some.some(0.0, 0.3, 0.6, 1.0, 1.5) * some.number(0.5, 1.5)

    return {
        "carbon_usd_per_kg": some.some(0.0, 0.0, tastes.usd * 0.05),
        "carbon_limit_kg": cap(work.mwh * 425),
        "water_limit_litres": cap(work.mwh * KWH_PER_MWH),
        "accelerators": some.some("by_use", "by_use", "sunk"),
        "cyclic": some.chance(0.5),
        "hour_length": tastes.hour_length,
        "directed": some.chance(0.3),
    }
