"""Draws of one to three sites, hubs, workloads and hours, with numbers that a person can read.

They are full of corners: sites without power, hubs without demand, free work, values far above every cost, limits of at
least an amount, and amounts of 1e-8 and of 1e9 Mtok.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .readable import Draw, Row

#: Units of tokens, with all that is drawn or built in proportion, and of money.
TOKENS = (1.0, 1.0, 1.0, 1.0, 1e-8, 1e-4, 1e4, 1e9)
MONEY = (1.0, 1.0, 1.0, 1e-4, 1e4)
#: GB that a link of 1 Gbps carries in an hour.
GB = 450.0


def readable(random: np.random.Generator) -> Draw:
    """Return a random problem."""
    drawn = _Drawn(random)
    tables = {
        "hubs": drawn.hubs(),
        "data_centres": drawn.data_centres(),
        "exchanges": [{"exchange": "x"}] if drawn.through_exchange else [],
        "power_zones": [drawn.zone(name) for name in drawn.zones],
        "supplies": drawn.supplies(),
        "links": drawn.links(),
        "workloads": [drawn.workload(name) for name in drawn.workloads],
        "demand": drawn.demand(),
    }
    tables |= {"limits": drawn.limits(tables), "candidates": drawn.candidates(tables)}
    tables["build_limits"] = drawn.build_limits(tables["candidates"])
    tables |= drawn.rare(tables)
    draw, tokens = Draw(tables, drawn.settings(tables)), drawn.some(*TOKENS)
    if tokens < 1:  # a capacity of less than 1e-9 Gbps is refused
        links = [_without(row, "capacity_gbps") for row in tables["links"]]
        others = [row for row in tables["candidates"] if row["adds"] != "capacity_gbps"]
        draw = Draw(tables | {"links": links, "candidates": others}, draw.settings)
    return draw.with_tokens(tokens).with_money(drawn.some(*MONEY))


def _without(row: Row, column: str) -> Row:
    return {name: value for name, value in row.items() if name != column}


class _Drawn:
    """The parts of a random problem."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.sites = [f"d{place}" for place in range(self.some(1, 2, 2, 3))]
        self.places = [f"h{place}" for place in range(self.some(1, 2, 2, 3))]
        self.workloads = [f"w{place}" for place in range(self.some(1, 1, 2, 3))]
        self.zones = [f"z{place}" for place in range(self.some(0, 1, 1, 2))]
        self.hours = self.some(1, 1, 2, 3)
        self.through_exchange = self.chance(0.3)
        self.waits = self.chance(0.4)
        self.kwh: tuple[float, ...] = ()

    def chance(self, part: float) -> bool:
        """Return True with a probability."""
        return bool(self.random.random() < part)

    def some(self, *values: Any) -> Any:
        """Return one of the values, each as probable."""
        return values[int(self.random.integers(len(values)))]

    def maybe(self, chances: float, **cells: Any) -> Row:
        """Return the cells with a probability, or none."""
        return cells if self.chance(chances) else {}

    def hourly(self, *values: float) -> Any:
        """Return one value, or one for each hour."""
        if self.hours == 1 or self.chance(0.6):
            return self.some(*values)
        return [self.some(*values) for _ in range(self.hours)]

    def hubs(self) -> list[Row]:
        return [
            {"hub": hub, "region": self.some("e", "e", "w", None)} | self.maybe(0.2, access_ms=3.0)
            for hub in self.places
        ]

    def data_centres(self) -> list[Row]:
        return [
            {"data_centre": site, "region": self.some("e", "w", "w", None)}
            | self.maybe(0.7, accelerators=self.hourly(0.0, 1.0, 1.0, 2.0, 4.0))
            | self.maybe(0.5, accelerator_usd_per_hour=self.some(0.0, 1.0, 2.0))
            | self.maybe(0.15, operations_usd_per_hour=0.5)
            | self.maybe(0.3, pue=self.hourly(1.0, 1.5))
            | self.maybe(0.3, power_limit_mw=self.hourly(0.0, 1.0, 2.0))
            | self.maybe(0.15, water_litres_per_kwh=1.0, water_usd_per_litre=self.some(0.0, 0.001))
            | self.maybe(0.2, speed=self.some(0.5, 2.0))
            | self.maybe(0.1, max_utilisation=0.8)
            | self.maybe(0.3, jurisdiction=self.some("CN", "EU"))
            for site in self.sites
        ]

    def zone(self, name: str) -> Row:
        return (
            {"power_zone": name, "usd_per_mwh": self.hourly(0.0, 20.0, 50.0, 50.0, -10.0)}
            | self.maybe(0.4, carbon_kg_per_mwh=self.hourly(0.0, 500.0))
            | self.maybe(0.2, limit_mw=self.hourly(0.0, 1.0, 2.0))
        )

    def supplies(self) -> list[Row]:
        """Return up to two supplies of each site; a site may have no power. Where there are any, more work takes it."""
        pairs = [(zone, site) for site in self.sites for zone in self.zones if self.chance(0.7)]
        pairs += [pair for pair in pairs if self.chance(0.15)]
        self.kwh = (0.0, 500.0, 500.0, 1000.0) if pairs else (0.0, 0.0, 500.0, 1000.0)
        return [
            {"power_zone": zone, "data_centre": site}
            | self.maybe(0.5, limit_mw=self.hourly(0.0, 1.0, 2.0))
            | self.maybe(0.2, loss=0.25)
            | self.maybe(0.2, usd_per_mwh_adder=self.some(-20.0, 5.0))
            | self.maybe(0.3, green=self.some(0.5, 1.0))
            for zone, site in pairs
        ]

    def links(self) -> list[Row]:
        """Return links of every hub to some sites, directly or over an exchange."""
        if self.through_exchange:
            pairs = [*((hub, "x") for hub in self.places), *(("x", site) for site in self.sites)]
        else:
            pairs = [pair for pair in itertools.product(self.places, self.sites) if self.chance(0.8)]
            lonely = [hub for hub in self.places if hub not in {one for one, _ in pairs}]
            pairs += [(hub, self.some(*self.sites)) for hub in lonely]
        return [
            {"from": one, "to": other, "rtt_ms": self.some(0.0, 1.0, 1.0, 5.0, 30.0)}
            | self.maybe(0.3, usd_per_gb=self.some(0.0, 0.5))
            | self.maybe(0.25, capacity_gbps=self.hourly(0.0, 1 / GB, 2 / GB))
            for one, other in pairs
        ]

    def workload(self, name: str) -> Row:
        row = (
            {
                "workload": name,
                "accelerator_hours_per_mtok": self.some(0.0, 1.0, 1.0, 2.0),
                "kwh_per_mtok": self.some(*self.kwh) if self.zones else 0.0,
            }
            | self.maybe(0.5, gb_per_mtok=1.0)
            | self.maybe(0.4, latency_slo_ms=self.some(0.5, 10.0, 20.0, 50.0))
            | self.maybe(0.2, server_ms=5.0)
            | self.maybe(0.1, peak_accelerator_hours_per_mtok=self.some(0.0, 0.5))
            | self.maybe(0.2, tool_round_trips=2.0, tools_colocated=0.5)
            | self.maybe(0.15, jurisdictions=self.some(("CN",), ("CN", "EU")))
            | self.maybe(0.2, value_usd_per_mtok=self.some(0.5, 10.0, 1e5))
        )
        if self.waits and self.chance(0.6):
            row["deadline_hours"] = self.some(1.0, 2.0, 9.0)
        if "value_usd_per_mtok" not in row and self.chance(0.85):
            row["unserved_usd_per_mtok"] = self.some(0.1, 1.0, 10.0, 100.0, 100.0, 1e5)
        return row

    def demand(self) -> list[Row]:
        rows = [
            {"workload": workload, "hub": hub, "hour": hour, "mtok": self.some(0.0, 1.0, 1.0, 2.0, 3.0)}
            for workload in self.workloads
            for hub in self.places
            if self.chance(0.85)
            for hour in range(self.hours)
        ]
        absent = set(range(self.hours)) - {row["hour"] for row in rows}
        rows += [{"workload": "w0", "hub": "h0", "hour": hour, "mtok": 1.0} for hour in sorted(absent)]
        if not any(row["mtok"] for row in rows):
            rows[0]["mtok"] = 1.0
        return rows

    def limits(self, tables: dict[str, list[Row]]) -> list[Row]:
        """Return up to two limits of at most or at least an amount."""
        count = self.some(0, 0, 0, 1, 1, 2)
        return [self._limit(f"l{place}", tables) for place in range(count)]

    def _limit(self, name: str, tables: dict[str, list[Row]]) -> Row:
        kind = self.some("tokens", "share", "share", "accelerator_hours", "energy_mwh", "carbon_kg", "cost_usd")
        if kind in ("energy_mwh", "carbon_kg") and not tables["supplies"]:
            kind = "tokens"
        row: Row = {"limit": name, "kind": kind, "sense": self.some("<=", ">=")}
        row["amount"] = self.some(0.0, 0.4, 1.0) if kind == "share" else self.some(0.0, 0.5, 1.0, 2.0)
        row["amount"] *= 500.0 if kind == "carbon_kg" else 1.0
        scopes: list[Callable[[], Row]] = [lambda: {"data_centre": self.some(*self.sites)}]
        if kind in ("tokens", "share"):
            scopes += [lambda: {"hub": self.some(*self.places)}]
        if kind in ("tokens", "share", "accelerator_hours"):
            scopes += [lambda: {"workload": self.some(*self.workloads)}]
        if kind in ("energy_mwh", "carbon_kg", "cost_usd") and self.zones:
            scopes += [lambda: {"power_zone": self.some(*self.zones)}]
        chosen = [scope for scope in scopes if self.chance(0.5)]
        for scope in chosen or (scopes[:1] if kind == "share" else []):
            row |= scope()
        if kind == "share" and "data_centre" in row and self.chance(0.3):
            row["of"] = "served"
        return row | self.maybe(0.2, hours="each")

    def candidates(self, tables: dict[str, list[Row]]) -> list[Row]:
        """Return up to three candidates for limits of the tables that are finite."""
        places: list[tuple[str, str]] = []
        for adds, table, key in (
            ("accelerators", "data_centres", ("data_centre",)),
            ("power_limit_mw", "data_centres", ("data_centre",)),
            ("limit_mw", "supplies", ("power_zone", "data_centre")),
            ("limit_mw", "power_zones", ("power_zone",)),
            ("capacity_gbps", "links", ("from", "to")),
        ):
            labels = ["|".join(row[name] for name in key) for row in tables[table]]
            finite = [label for label, row in zip(labels, tables[table], strict=True) if adds in row]
            places += [(adds, label) for label in finite if labels.count(label) == 1]
        chosen = [place for place in places if self.chance(0.5)][:3]
        return [self._candidate(f"c{place}", *each) for place, each in enumerate(chosen)]

    def _candidate(self, name: str, adds: str, target: str) -> Row:
        usd = self.some(0.0, 0.1, 1.0, 10.0, 10.0) * 8760 * (GB if adds == "capacity_gbps" else 1)
        row = (
            {"candidate": name, "adds": adds, "target": target, "usd_per_unit_year": usd}
            | self.maybe(0.07, module_units=0.5)
            | self.maybe(0.07, opening_usd_per_year=1000.0)
            | self.maybe(0.2, land=self.some(0.0, 1.0, 2.0))
        )
        needed = {"module_units", "opening_usd_per_year", "land"} & set(row)  # these ask for a finite maximum
        return row | self.maybe(1.0 if needed else 0.5, max_units=self.some(0.0, 1.0, 5.0))

    def build_limits(self, candidates: list[Row]) -> list[Row]:
        rows = [{"limit": "budget_usd_year", "sense": "<=", "amount": self.some(0.0, 1e3, 1e4, 1e5)}]
        if any("land" in row for row in candidates):
            rows += [{"limit": "land", "sense": self.some("<=", ">="), "amount": self.some(0.0, 1.0, 3.0)}]
        return [row for row in rows if candidates and self.chance(0.4)]

    def rare(self, tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
        """Return tables that few instances have."""
        found: dict[str, list[Row]] = {}
        if self.chance(0.15):
            found["periods"] = [
                {"hour": hour, "weight": self.some(1.0, 2.0, 100.0), "block": f"b{hour}"} for hour in range(self.hours)
            ]
        valued = [row["workload"] for row in tables["workloads"] if "value_usd_per_mtok" in row]
        if valued and self.chance(0.4):
            points = [(1.0, 0.1), (20.0, 0.5)]
            found["latency_value"] = [{"workload": valued[0], "ms": ms, "share_lost": share} for ms, share in points]
        ends = [tables["hubs"][0]["region"], tables["data_centres"][0]["region"]]
        if all(ends) and self.chance(0.15):
            found["surcharges"] = [{"hub_region": ends[0], "region": ends[1], "usd_per_mtok": 0.5}]
        return found

    def settings(self, tables: dict[str, list[Row]]) -> dict[str, Any]:
        return (
            self.maybe(0.2, carbon_usd_per_kg=0.1)
            | self.maybe(0.1, carbon_limit_kg=self.some(0.0, 500.0))
            | self.maybe(0.1, water_limit_litres=self.some(0.0, 1000.0))
            | self.maybe(0.4, accelerators="sunk")
            | self.maybe(0.0 if "periods" in tables else 0.2, cyclic=True)
            | self.maybe(0.1, hour_length=self.some(0.5, 2.0))
            | self.maybe(0.15, routes=2)
            | self.maybe(0.1, directed=True)
        )
