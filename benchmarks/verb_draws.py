"""Tiny random instances as tables of numbers near 1, and the same in other units of work and of money.

An explicit program (``benchmarks.explicit_program``) is built from the numbers near 1, so that its solver needs no
scaling; placer gets the tables in the units of the draw. Least costs then differ by the product of both units alone.

Draws hold sites without power, hubs without demand, free work, penalties and values far above all costs, work that may
wait, prices of power below 0, and units of 1e-8 and 1e9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import placer

Row = dict[str, Any]
Tables = dict[str, list[Row]]

#: Units of work and of money; both stay within the magnitudes that placer takes.
UNITS = ((1.0, 1.0), (1.0, 1.0), (1e-8, 1.0), (1e9, 1.0), (1.0, 1e-8), (1.0, 1e9), (1e-8, 1e9), (1e4, 1e-8))
#: Smaller numbers are 0: in the smallest units they would be too small for placer.
LEAST = 0.2
#: Columns of amounts of work or of limits on it, and of money, by table.
AMOUNTS = {
    "demand": ("mtok",),
    "data_centres": ("accelerators", "power_limit_mw"),
    "power_zones": ("limit_mw",),
    "supplies": ("limit_mw",),
    "links": ("capacity_gbps",),
}
MONEY = {
    "data_centres": ("accelerator_usd_per_hour", "operations_usd_per_hour", "water_usd_per_litre"),
    "power_zones": ("usd_per_mwh",),
    "supplies": ("usd_per_mwh_adder",),
    "links": ("usd_per_gb",),
    "workloads": ("unserved_usd_per_mtok", "value_usd_per_mtok"),
    "surcharges": ("usd_per_mtok",),
}
#: How often penalties are this many times as large, and all else is free.
FAR, FAR_ABOVE, FREE = 0.2, 1e3, 0.15


@dataclass(frozen=True)
class Draw:
    """A random instance.

    Attributes
    ----------
    tables : dict
        In numbers near 1.
    settings : dict
        Likewise.
    mtok, usd : float
        Units of work and of money that placer gets it in.
    """

    tables: Tables
    settings: dict[str, Any]
    mtok: float
    usd: float

    @property
    def hours(self) -> int:
        """Number of hours."""
        return len({row["hour"] for row in self.tables["demand"]})

    @property
    def unit(self) -> float:
        """Unit of costs: that of work times that of money."""
        return self.mtok * self.usd

    def instance(self) -> placer.Instance:
        """Return the instance in its units."""
        tables = {name: [self._scaled(name, row) for row in rows] for name, rows in self.tables.items()}
        units = {"carbon_limit_kg": self.mtok, "water_limit_litres": self.mtok, "carbon_usd_per_kg": self.usd}
        settings = {name: value * units[name] if name in units else value for name, value in self.settings.items()}
        return placer.Instance.from_tables(tables, **settings)

    def with_tables(self, **tables: list[Row]) -> Draw:
        """Return the draw with other tables, in numbers near 1."""
        return replace(self, tables=self.tables | tables)

    def _scaled(self, table: str, row: Row) -> Row:
        scaled = dict(row)
        for columns, unit in ((AMOUNTS, self.mtok), (MONEY, self.usd)):
            for name in columns.get(table, ()):
                if name in row:
                    scaled[name] = np.multiply(row[name], unit).tolist()
        if table == "limits":
            kind = row["kind"]
            unit = 1.0 if "share" in kind else self.mtok * (self.usd if kind == "cost_usd" else 1.0)
            scaled["amount"] = row["amount"] * unit
        return scaled


class Drawing:
    """Random choices of one instance."""

    def __init__(self, random: np.random.Generator, most_hours: int = 1) -> None:
        self.random = random
        self.hubs = [f"h{place}" for place in range(int(random.integers(1, 4)))]
        self.sites = [f"d{place}" for place in range(int(random.integers(1, 4)))]
        self.workloads = [f"k{place}" for place in range(int(random.integers(1, 3)))]
        self.hours = int(random.integers(1, most_hours + 1))
        self.free, self.far = self.chance(FREE), self.chance(FAR)

    def chance(self, part: float) -> bool:
        """Return True with a probability."""
        return bool(self.random.random() < part)

    def some(self, *values: Any) -> Any:
        """Return one of the values, each as probable."""
        return values[int(self.random.integers(len(values)))]

    def number(self, low: float, high: float) -> float:
        """Return a number between two, on a grid of halves or anywhere."""
        drawn = float(self.random.uniform(low, high))
        drawn = min(max(round(2 * drawn) / 2, low), high) if self.chance(0.5) else drawn
        return drawn if abs(drawn) >= LEAST else 0.0

    def usd(self, low: float, high: float) -> float:
        """Return a cost; 0 where work is free."""
        return 0.0 if self.free else self.number(low, high)

    def hourly(self, low: float, high: float) -> list[float]:
        """Return a number for each hour."""
        return [self.number(low, high) for _ in range(self.hours)]


def draw(seed: int, number: int, most_hours: int = 4) -> Draw:
    """Return the instance of a number, independent of all others of the seed."""
    drawing = Drawing(np.random.default_rng([seed, number]), most_hours)
    mtok, usd = UNITS[number % len(UNITS)]
    tables = _work(drawing) | _network(drawing) | _power(drawing)
    if drawing.chance(0.5):
        tables |= _distance(drawing, tables)
    some = drawing.some
    settings = {
        "cyclic": drawing.chance(0.3),
        "carbon_usd_per_kg": drawing.usd(0.25, 1.0) * some(0.0, 1.0),
        "carbon_limit_kg": some(math.inf, math.inf, drawing.number(1, 40)),
        "water_limit_litres": some(math.inf, math.inf, drawing.number(1, 40)),
        "accelerators": some("by_use", "by_use", "sunk"),
        "hour_length": some(1.0, 1.0, 0.5),
    }
    return Draw(tables, settings, mtok, usd)


def in_blocks(given: Draw, drawing: Drawing) -> Draw:
    """Return a draw whose hours are in blocks of one to three hours, each block with a weight."""
    periods: list[Row] = []
    for hour in range(given.hours):
        if (
            not periods
            or drawing.chance(0.5)
            or len([row for row in periods if row["block"] == periods[-1]["block"]]) > 2
        ):
            start = {"block": f"b{hour}", "weight": drawing.some(0.5, 1.0, 3.0, 100.0)}
        periods.append({"hour": hour} | start)
    return given.with_tables(periods=periods)


def _work(drawing: Drawing) -> Tables:
    far = FAR_ABOVE if drawing.far else 1.0
    workloads = [
        {
            "workload": name,
            "accelerator_hours_per_mtok": drawing.some(0.0, 1.0, 1.0, 1.0) * drawing.number(0.5, 2),
            "kwh_per_mtok": drawing.some(0.0, 500.0, 1000.0),
            "gb_per_mtok": drawing.some(0.0, 450.0, 900.0),
            "latency_slo_ms": drawing.some(math.inf, drawing.number(5, 60)),
            "server_ms": drawing.some(0.0, 2.0),
            "user_round_trips": drawing.some(0.0, 1.0, 2.0),
            "deadline_hours": drawing.some(0.0, 0.0, 1.0, 2.0),
            "jurisdictions": drawing.some(None, None, None, ("CN",)),
            "value_usd_per_mtok": drawing.number(10, 200) * far,
        }
        | drawing.some({}, {"unserved_usd_per_mtok": drawing.number(1, 300) * far})
        for name in drawing.workloads
    ]
    idle = {hub for hub in drawing.hubs if drawing.chance(0.25)}
    demand = [
        {"workload": name, "hub": hub, "hour": hour, "mtok": 0.0 if hub in idle else drawing.number(0.5, 4)}
        for name in drawing.workloads
        for hub in drawing.hubs
        for hour in range(drawing.hours)
    ]
    if len(idle) == len(drawing.hubs):
        demand[0]["mtok"] = 1.0
    return {"workloads": workloads, "demand": demand}


def _network(drawing: Drawing) -> Tables:
    """Hubs and sites on one of two exchanges each, so that every pair has one route."""

    def link(one: str, other: str) -> Row:
        rtt_ms = float(drawing.random.uniform(0.5, 15))  # never the same sum, which would leave the route open
        capacity = drawing.some(math.inf, math.inf, math.inf, 0.0, drawing.number(0.5, 6))
        usd = drawing.some(0.0, 0.0 if drawing.free else 0.125)
        return {"from": one, "to": other, "rtt_ms": rtt_ms, "capacity_gbps": capacity, "usd_per_gb": usd}

    ends = [*drawing.hubs, *drawing.sites]
    return {
        "hubs": [
            {"hub": hub, "region": drawing.some("e", "w"), "access_ms": drawing.some(0.0, 3.0)} for hub in drawing.hubs
        ],
        "exchanges": [{"exchange": "e0"}, {"exchange": "e1"}],
        "links": [*(link(end, drawing.some("e0", "e1")) for end in ends), link("e0", "e1")],
    }


def _power(drawing: Drawing) -> Tables:
    """Sites with at most two supplies each, of two zones; some sites have no power."""
    low = drawing.some(0.0, -10.0)
    zones = [
        {
            "power_zone": zone,
            "usd_per_mwh": [drawing.usd(low, 40) for _ in range(drawing.hours)],
            "carbon_kg_per_mwh": drawing.hourly(0, 3),
            "limit_mw": drawing.some(math.inf, math.inf, drawing.number(0.5, 8)),
        }
        for zone in ("z0", "z1")
    ]
    sites = [
        {
            "data_centre": site,
            "region": drawing.some("e", "w"),
            "accelerators": drawing.some(math.inf, 0.0, *(drawing.number(0.5, 8) for _ in range(4))),
            "accelerator_usd_per_hour": drawing.usd(0.5, 5),
            "operations_usd_per_hour": drawing.some(0.0, drawing.usd(0.5, 2)),
            "max_utilisation": drawing.some(1.0, 0.75),
            "speed": drawing.some(0.5, 1.0, 2.0),
            "energy_factor": drawing.some(0.5, 1.0),
            "pue": drawing.hourly(1, 2),
            "power_limit_mw": drawing.some(math.inf, math.inf, drawing.number(0.5, 8)),
            "water_litres_per_kwh": drawing.some(0.0, 2.0**-8),
            "water_usd_per_litre": drawing.some(0.0, drawing.usd(0.5, 2)),
            "jurisdiction": drawing.some("CN", "EU"),
        }
        for site in drawing.sites
    ]
    supplies = [
        {
            "power_zone": zone,
            "data_centre": site,
            "limit_mw": drawing.some(math.inf, drawing.number(0.5, 6)),
            "loss": drawing.some(0.0, 0.25),
            "usd_per_mwh_adder": drawing.usd(0.0, 5),
            "green": drawing.some(0.0, 0.5, 1.0),
        }
        for site in drawing.sites
        for zone in drawing.some((), ("z0",), ("z0", "z1"), ("z1",), ("z0", "z1"))
    ]
    return {"power_zones": zones, "data_centres": sites, "supplies": supplies}


def _distance(drawing: Drawing, tables: Tables) -> Tables:
    """Value that latency loses, and surcharges between the regions of hubs and of data centres."""
    curves = [
        {"workload": row["workload"], "ms": ms, "share_lost": lost}
        for row in tables["workloads"]
        if drawing.chance(0.5)
        for ms, lost in ((2.0, 0.0), (10.0, 0.25), (30.0, 0.5))
    ]
    here, there = (sorted({row["region"] for row in tables[name]}) for name in ("hubs", "data_centres"))
    charged = [
        {"hub_region": one, "region": other, "usd_per_mtok": drawing.usd(0.5, 5)}
        for one in here
        for other in there
        if one != other
    ]
    return {"latency_value": curves, "surcharges": charged}
