"""The linear program of an instance, written out from its tables row by row, without any of placer's own code.

The formulas are those of ``placer.model.formulation``. Columns hold the amounts of one period:

    ("x", workload, hub, site, hour)        Mtok sent; of a backlog the hub is ("backlog", number)
    ("u", workload, hub, hour)              Mtok left unserved
    ("f", workload, site, hour, service, hub)   Mtok served, by hour of arrival and of service
    ("y", supply, hour)                     MWh bought

scipy's HiGHS solves it.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

if TYPE_CHECKING:
    from .verb_draws import Draw, Row

Key = tuple[Any, ...]
Terms = dict[Key, float]

GB_PER_GBPS_HOUR = 450.0
#: Place of the hour in the key of a column, by its block.
_HOUR = {"x": 4, "u": 3, "f": 3, "y": 2}
#: Status of scipy for a program without a point.
_INFEASIBLE = 2


@dataclass(frozen=True)
class Route:
    """The shortest route between a hub and a site: its round trip and its links."""

    rtt_ms: float
    links: tuple[int, ...]


@dataclass(frozen=True)
class Solved:
    """An optimum: its cost, the sum of the magnitudes of all terms of the cost, and its columns."""

    cost: float
    size: float
    values: dict[Key, float]


class ExplicitProgram:
    """Columns with costs, and rows over them.

    Parameters
    ----------
    draw : Draw
        In its numbers near 1.
    backlog : sequence of mappings
        As ``Instance.with_backlog`` takes it.
    """

    def __init__(self, draw: Draw, backlog: Iterable[Mapping[str, Any]] = ()) -> None:
        self.tables, self.settings = draw.tables, draw.settings
        self.site, self.zone, self.work = (
            {row[name]: row for row in self.tables[f"{name}s"]} for name in ("data_centre", "power_zone", "workload")
        )
        self.region = {row["hub"]: row["region"] for row in self.tables["hubs"]}
        self.hours = sorted({row["hour"] for row in self.tables["demand"]})
        periods = {row["hour"]: row for row in self.tables.get("periods", [])}
        self.weight = {hour: periods.get(hour, {}).get("weight", 1.0) for hour in self.hours}
        self.block = {hour: periods.get(hour, {}).get("block") for hour in self.hours}
        self.cost: Terms = {}
        self.rows: list[tuple[Terms, float, float]] = []
        self.whole: set[Key] = set()
        self.upper: Terms = {}
        self.served: dict[tuple[str, str, int], list[Key]] = defaultdict(list)
        self.routes = {row["hub"]: self._routes_from(row["hub"]) for row in self.tables["hubs"]}
        self._add_work(list(backlog))
        self._add_power()
        self._add_links()
        self._add_caps()

    def at(self, value: Any, hour: int) -> float:
        """Return an hourly value at an hour."""
        return float(value[self.hours.index(hour)] if isinstance(value, (list, tuple)) else value)

    def solve(self) -> Solved | None:
        """Return the optimum; None if no point meets all rows.

        Raises
        ------
        RuntimeError
            If the solver ends in any other way.
        """
        place = {key: number for number, key in enumerate(self.cost)}
        entries = [
            (row, place[key], value) for row, (terms, *_) in enumerate(self.rows) for key, value in terms.items()
        ]
        row, column, value = (np.array(part) for part in zip(*entries, strict=True))
        matrix = coo_array((value, (row.astype(int), column.astype(int))), (len(self.rows), len(place))).tocsr()
        cost = np.array(list(self.cost.values()))
        upper = np.array([self.upper.get(key, math.inf) for key in self.cost])
        found = milp(
            cost,
            constraints=LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows]),
            bounds=Bounds(0.0, upper),
            integrality=np.array([key in self.whole for key in self.cost], dtype=int),
            options={"mip_rel_gap": 0.0},
        )
        if found.status == _INFEASIBLE:
            return None
        if found.status != 0:
            raise RuntimeError(found.message)
        values = dict(zip(self.cost, found.x.tolist(), strict=True))
        return Solved(float(found.fun), float(np.abs(cost) @ np.abs(found.x)), values)

    def _routes_from(self, hub: str) -> dict[str, Route]:
        """Return the shortest route from a hub to every node it reaches (Dijkstra)."""
        known: dict[str, Route] = {}
        heap: list[tuple[float, str, tuple[int, ...]]] = [(0.0, hub, ())]
        while heap:
            rtt_ms, node, links = heapq.heappop(heap)
            if node in known:
                continue
            known[node] = Route(rtt_ms, links)
            for number, link in enumerate(self.tables["links"]):
                if node in (link["from"], link["to"]):
                    other = link["to"] if node == link["from"] else link["from"]
                    heapq.heappush(heap, (rtt_ms + link["rtt_ms"], other, (*links, number)))
        return known

    def _add_work(self, backlog: list[Mapping[str, Any]]) -> None:
        access = {row["hub"]: row["access_ms"] for row in self.tables["hubs"]}
        for row in self.tables["demand"]:
            name, hub, hour = row["workload"], row["hub"], row["hour"]
            work = self.work[name]
            ways = {}
            for site, centre in self.site.items():
                route = self.routes[hub].get(site)
                allowed = work["jurisdictions"] is None or centre["jurisdiction"] in work["jurisdictions"]
                if route is None or not allowed:
                    continue
                task_ms = work["server_ms"] + work["user_round_trips"] * (access[hub] + route.rtt_ms)
                if task_ms <= work["latency_slo_ms"]:
                    ways[site] = self._usd_sent(work, hub, site, task_ms)
            self._add_demand(name, hub, hour, row["mtok"], ways, self._service(hour, work["deadline_hours"]))
        for number, row in enumerate(backlog):
            hub, hour = ("backlog", number), self.hours[0]
            service = self._service(hour, row["hours_left"])
            self._add_demand(row["workload"], hub, hour, row["mtok"], {row["data_centre"]: 0.0}, service)

    def _service(self, hour: int, deadline_hours: float) -> list[int]:
        """Return the hours in which work of an hour may be served; that hour alone if it cannot wait."""
        steps = math.floor(deadline_hours / self.settings["hour_length"] + 1e-9)
        block = [each for each in self.hours if self.block[each] == self.block[hour]]
        start = block.index(hour)
        if self.settings["cyclic"]:
            return [block[(start + step) % len(block)] for step in range(min(steps, len(block) - 1) + 1)]
        return block[start : start + steps + 1]

    def _usd_sent(self, work: Row, hub: str, site: str, task_ms: float) -> float:
        curve = [row for row in self.tables.get("latency_value", []) if row["workload"] == work["workload"]]
        lost = np.interp(task_ms, [row["ms"] for row in curve], [row["share_lost"] for row in curve]) if curve else 0.0
        ends = (self.region[hub], self.site[site]["region"])
        charged = [row for row in self.tables.get("surcharges", []) if (row["hub_region"], row["region"]) == ends]
        surcharge = sum(row["usd_per_mtok"] for row in charged)
        transit = self.transit_usd(work["workload"], hub, site)
        return transit + float(lost) * work["value_usd_per_mtok"] + surcharge

    def transit_usd(self, name: str, hub: str, site: str) -> float:
        """Return USD of transit of a Mtok."""
        usd_per_gb = sum(self.tables["links"][link]["usd_per_gb"] for link in self.routes[hub][site].links)
        return usd_per_gb * self.work[name]["gb_per_mtok"]

    def _add_demand(
        self, name: str, hub: Any, hour: int, mtok: float, ways: Mapping[str, float], service: list[int]
    ) -> None:
        weight, work = self.weight[hour], self.work[name]
        unserved = ("u", name, hub, hour)
        self.cost[unserved] = weight * work.get("unserved_usd_per_mtok", work["value_usd_per_mtok"])
        terms = {unserved: 1.0}
        for site, usd in ways.items():
            sent = ("x", name, hub, site, hour)
            terms[sent] = 1.0
            self.cost[sent] = weight * usd
            own = {("f", name, site, hour, each, hub): -1.0 for each in service}
            for key in own:
                self.cost[key] = weight * self.usd_served(work, self.site[site], key[4])
                self.served[name, site, key[4]].append(key)
            self.rows.append(({sent: 1.0} | own, 0.0, 0.0))
        self.rows.append((terms, mtok, mtok))

    def usd_served(self, work: Row, site: Row, hour: int) -> float:
        """Return USD of a Mtok served, without energy."""
        usd_per_hour = site["operations_usd_per_hour"]
        if self.settings["accelerators"] == "by_use":
            usd_per_hour += self.at(site["accelerator_usd_per_hour"], hour)
        worked = work["accelerator_hours_per_mtok"] / site["speed"]
        return usd_per_hour * worked + site["water_usd_per_litre"] * self.litres(work, site)

    def litres(self, work: Row, site: Row, _: int = 0) -> float:
        """Return litres of water of a Mtok."""
        return site["water_litres_per_kwh"] * 1000 * work["kwh_per_mtok"] * site["energy_factor"] / 1000

    def of_served(
        self, sites: Iterable[str], hours: Iterable[int], take: Callable[[Row, Row, int], float], names: Any = None
    ) -> Terms:
        """Return what the work served at some sites in some hours takes of something, per Mtok."""
        return {
            key: take(self.work[name], self.site[site], hour)
            for site in sites
            for hour in hours
            for name in names or self.work
            for key in self.served[name, site, hour]
        }

    def drawn(self, work: Row, site: Row, hour: int) -> float:
        """Return MWh at the meter of a Mtok."""
        return self.at(site["pue"], hour) * work["kwh_per_mtok"] * site["energy_factor"] / 1000

    def _add_power(self) -> None:
        length = self.settings["hour_length"]
        supplies = list(enumerate(self.tables["supplies"]))
        for number, supply in supplies:
            for hour in self.hours:
                carbon = self.settings["carbon_usd_per_kg"] * self.carbon(supply, hour)
                self.cost["y", number, hour] = self.weight[hour] * (self.usd_per_mwh(supply, hour) + carbon)
                self.upper["y", number, hour] = supply["limit_mw"] * length
        for name, site in self.site.items():
            for hour in self.hours:
                drawn = self.of_served([name], [hour], self.drawn)
                delivered = {
                    ("y", number, hour): supply["loss"] - 1.0
                    for number, supply in supplies
                    if supply["data_centre"] == name
                }
                self.rows.append((drawn | delivered, 0.0, 0.0))
                self.rows.append((drawn, -math.inf, site["power_limit_mw"] * length))
                most = self.at(site["accelerators"], hour) * site["max_utilisation"] * length
                used = self.of_served([name], [hour], self.used)
                self.rows.append((used, -math.inf, most))
        for name, zone in self.zone.items():
            for hour in self.hours:
                bought = {("y", number, hour): 1.0 for number, supply in supplies if supply["power_zone"] == name}
                self.rows.append((bought, -math.inf, self.at(zone["limit_mw"], hour) * length))

    def used(self, work: Row, site: Row, _: int = 0) -> float:
        """Return accelerator-hours of a Mtok."""
        return work["accelerator_hours_per_mtok"] / site["speed"]

    def carbon(self, supply: Row, hour: int) -> float:
        """Return kg of carbon of a MWh."""
        return self.at(self.zone[supply["power_zone"]]["carbon_kg_per_mwh"], hour)

    def usd_per_mwh(self, supply: Row, hour: int) -> float:
        """Return USD of a MWh without the price of carbon."""
        return self.at(self.zone[supply["power_zone"]]["usd_per_mwh"], hour) + supply["usd_per_mwh_adder"]

    def _add_links(self) -> None:
        for number, link in enumerate(self.tables["links"]):
            for hour in self.hours:
                carried = {key: gb for key, gb in self.carried(number).items() if key[4] == hour}
                most = GB_PER_GBPS_HOUR * link["capacity_gbps"] * self.settings["hour_length"]
                self.rows.append((carried, -math.inf, most))

    def carried(self, link: int) -> Terms:
        """Return the GB over a link, by its number, of every Mtok sent."""
        over = self.sent(lambda key: isinstance(key[2], str) and link in self.routes[key[2]][key[3]].links)
        return {key: self.work[key[1]]["gb_per_mtok"] for key in over}

    def sent(self, chosen: Callable[[Key], bool]) -> list[Key]:
        """Return some columns of work sent, chosen by their keys."""
        return [key for key in self.cost if key[0] == "x" and chosen(key)]

    def _add_caps(self) -> None:
        carbon = self.bought(self.carbon, self.tables["supplies"], self.hours)
        self.rows.append((self.over_horizon(carbon), -math.inf, self.settings["carbon_limit_kg"]))
        water = self.of_served(self.site, self.hours, self.litres)
        self.rows.append((self.over_horizon(water), -math.inf, self.settings["water_limit_litres"]))

    def bought(self, per_mwh: Callable[[Row, int], float], supplies: Iterable[Row], hours: Iterable[int]) -> Terms:
        """Return what some supplies count in some hours, per MWh bought."""
        place = {id(supply): number for number, supply in enumerate(self.tables["supplies"])}
        return {("y", place[id(supply)], hour): per_mwh(supply, hour) for supply in supplies for hour in hours}

    def over_horizon(self, terms: Terms) -> Terms:
        """Return terms times the weights of their periods."""
        return {key: value * self.weight[self.period_of(key)] for key, value in terms.items()}

    @staticmethod
    def period_of(key: Key) -> int:
        """Return the hour of a column: of arrival, or of purchase."""
        return int(key[_HOUR[key[0]]])
