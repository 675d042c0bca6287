"""The mathematics a second time: one loop a sum, written from the design's text and the instance's tables alone."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

from placer.solve import solve
from tests.effort import tries


class Reference:
    """A linear program collected term by term, with names for columns and rows."""

    def __init__(self):
        self.cost, self.upper = {}, {}
        self.terms = defaultdict(lambda: defaultdict(float))
        self.sides = {}

    def column(self, name, cost, upper=math.inf):
        """Add a column that is at least 0."""
        self.cost[name], self.upper[name] = cost, upper
        return name

    def row(self, name, sense, side):
        """Add a row; its terms may come before or after."""
        self.sides[name] = (sense, side)

    def solve(self):
        """Return the least cost; terms of rows that were never added are dropped."""
        columns = {name: place for place, name in enumerate(self.cost)}
        parts = {}
        for sense in ("<=", "=="):
            rows = [name for name, (kind, _) in self.sides.items() if kind == sense]
            entries = [
                (row, columns[column], value)
                for row, name in enumerate(rows)
                for column, value in self.terms[name].items()
            ]
            place, column, value = (np.array(axis) for axis in zip(*entries, strict=True)) if entries else ([], [], [])
            matrix = coo_array((value, (place, column)), shape=(len(rows), len(columns))).tocsr()
            parts[sense] = (matrix, [self.sides[name][1] for name in rows])
        bounds = [(0, None if math.isinf(upper) else upper) for upper in self.upper.values()]
        (a_ub, b_ub), (a_eq, b_eq) = parts["<="], parts["=="]
        return linprog(list(self.cost.values()), A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=bounds).fun


def reference_cost(instance):  # noqa: C901, PLR0912, PLR0915 - in one piece it reads as the mathematics
    """Return the least cost and penalty of an instance."""
    program, settings = Reference(), instance.settings
    hours, length = list(instance.hours), settings.hour_length
    graph = nx.Graph()
    for place, link in enumerate(instance.links.to_dict("records")):
        graph.add_edge(link["from"], link["to"], rtt=link["rtt_ms"], usd=link["usd_per_gb"], place=place)
    hubs, centres, workloads, zones = (
        frame.set_index(frame.columns[0], drop=False).to_dict("index")
        for frame in (instance.hubs, instance.data_centres, instance.workloads, instance.power_zones)
    )

    def at(value, hour):
        return value[hour - hours[0]] if isinstance(value, tuple) else value

    def serve(name, k, j, t):
        """What one Mtok of k served at j in t takes."""
        energy = k["kwh_per_mtok"] * j["energy_factor"] / 1000
        litres = j["water_litres_per_kwh"] * k["kwh_per_mtok"] * j["energy_factor"]
        work = k["accelerator_hours_per_mtok"] / j["speed"]
        peak = k["peak_accelerator_hours_per_mtok"]
        busy = work if peak is None or math.isnan(peak) else peak / j["speed"]
        program.terms["accelerators", j["data_centre"], t][name] += busy
        program.terms["power", j["data_centre"], t][name] += at(j["pue"], t) * energy
        program.terms["site", j["data_centre"], t][name] += at(j["pue"], t) * energy
        program.terms["water"][name] += litres
        return work * (j["accelerator_usd_per_hour"] + j["operations_usd_per_hour"]) + litres * j["water_usd_per_litre"]

    queues = set()
    for demand in instance.demand.to_dict("records"):
        k, h, t = workloads[demand["workload"]], hubs[demand["hub"]], demand["hour"]
        row = ("demand", k["workload"], h["hub"], t)
        program.row(row, "==", demand["mtok"])
        program.terms[row][program.column(("u", *row), k["unserved_usd_per_mtok"])] = 1
        trips = k["user_round_trips"] + (1 - k["tools_colocated"]) * k["tool_round_trips"]
        for j in centres.values():
            path = nx.shortest_path(graph, h["hub"], j["data_centre"], weight="rtt")
            steps = [graph.edges[pair] for pair in itertools.pairwise(path)]
            if k["server_ms"] + trips * (h["access_ms"] + sum(step["rtt"] for step in steps)) > k["latency_slo_ms"]:
                continue
            if k["jurisdictions"] is not None and j["jurisdiction"] not in k["jurisdictions"]:
                continue
            transit = k["gb_per_mtok"] * sum(step["usd"] for step in steps)
            name = program.column(("x", *row, j["data_centre"]), transit)
            program.terms[row][name] = 1
            for step in steps:
                program.terms["link", step["place"], t][name] += k["gb_per_mtok"]
            if k["deadline_hours"] // length < 1:
                program.cost[name] += serve(name, k, j, t)
            else:
                program.terms["queue", k["workload"], j["data_centre"], t][name] = 1
                queues.add((k["workload"], j["data_centre"], t))
    for workload, centre, t in sorted(queues):
        k, j = workloads[workload], centres[centre]
        program.row(("queue", workload, centre, t), "==", 0)
        for delay in range(min(int(k["deadline_hours"] // length), len(hours) - 1) + 1):
            if t + delay > hours[-1] and not settings.cyclic:
                continue
            served = hours[(t - hours[0] + delay) % len(hours)]
            name = program.column(("f", workload, centre, t, served), 0)
            program.cost[name] = serve(name, k, j, served)
            program.terms["queue", workload, centre, t][name] = -1
    for place, supply in enumerate(instance.supplies.to_dict("records")):
        zone = zones[supply["power_zone"]]
        for t in hours:
            carbon = at(zone["carbon_kg_per_mwh"], t)
            price = at(zone["usd_per_mwh"], t) + supply["usd_per_mwh_adder"] + settings.carbon_usd_per_kg * carbon
            name = program.column(("y", place, t), price, supply["limit_mw"] * length)
            program.terms["power", supply["data_centre"], t][name] = -(1 - supply["loss"])
            program.terms["carbon"][name] = carbon
    for j in centres.values():
        for t in hours:
            program.row(("power", j["data_centre"], t), "==", 0)
            for row, limit in (
                ("accelerators", j["accelerators"] * j["max_utilisation"]),
                ("site", j["power_limit_mw"]),
            ):
                if math.isfinite(limit):
                    program.row((row, j["data_centre"], t), "<=", limit * length)
    for place, link in enumerate(instance.links.to_dict("records")):
        for t in hours:
            if math.isfinite(link["capacity_gbps"]):
                program.row(("link", place, t), "<=", link["capacity_gbps"] / 8 * 3600 * length)
    for row, limit in (("carbon", settings.carbon_limit_kg), ("water", settings.water_limit_litres)):
        if math.isfinite(limit):
            program.row(row, "<=", limit)
    return program.solve()


@pytest.mark.parametrize("seed", range(tries(10, 30)))
def test_program_is_the_one_of_the_design(make_random_instance, seed):
    """Tests that cost and penalty equal those of the plain reading of the mathematics, on every kind of limit."""
    settings = {
        "cyclic": bool(seed % 2),
        "hour_length": (1.0, 2.0, 0.5)[seed % 3],
        "carbon_limit_kg": (math.inf, 30000.0, 8000.0)[seed % 3],
        "water_limit_litres": (20000.0, math.inf)[seed % 2],
    }
    instance = make_random_instance(seed, **settings)
    placement = solve(instance)
    assert placement.cost_usd + placement.penalty_usd == pytest.approx(reference_cost(instance), rel=1e-9)
