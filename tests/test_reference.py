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

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.solve import solve
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.pools_at_random import with_random_pools


class Reference:
    """A linear program collected term by term, with names for columns and rows."""

    def __init__(self):
        self.cost, self.upper, self.rtt_ms = {}, {}, {}
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


def reference_cost(instance):
    """Return the least cost and penalty of an instance."""
    return reference_program(instance).solve()


def reference_ceiling(instance, exporting, weights, limit_ms=math.inf):
    """Return the least unserved, least displaced and most exported demand under a limit on round trips, in order.

    The limit is on workloads that cannot wait; a Mtok of workload k weighs ``weights[k]``.
    """
    program, length = reference_program(instance), instance.settings.hour_length
    hours, waits, access = (
        dict(zip(table[name], table[column], strict=True))
        for table, name, column in (
            (instance.workloads, "workload", "accelerator_hours_per_mtok"),
            (instance.workloads, "workload", "deadline_hours"),
            (instance.hubs, "hub", "access_ms"),
        )
    )
    hub, site = (
        dict(zip(table.iloc[:, 0], table["region"].isin(exporting), strict=True))
        for table in (instance.hubs, instance.data_centres)
    )
    columns, parts = [name for name in program.cost if name[0] == "x"], [{}, {}, {}]
    for name in program.cost:
        if name[0] == "u":
            parts[0][name] = 1.0
    for name in columns:
        _, _, workload, h, _, centre, _ = name
        if waits[workload] < length and access[h] + program.rtt_ms[name] > limit_ms:
            program.upper[name] = 0.0
        if hub[h] and not site[centre]:
            parts[2][name] = -weights[workload]
        elif site[centre] and not hub[h]:
            parts[1][name] = hours[workload]
    found = []
    for place, part in enumerate(parts):
        program.cost = dict.fromkeys(program.cost, 0.0) | part
        found.append(program.solve())
        program.row(("least", place), "<=", found[-1] + 1e-10)
        program.terms["least", place].update(part)
    return found


def reference_program(instance):  # noqa: C901, PLR0912, PLR0915 - in one piece it reads as the mathematics
    """Return the program of least cost and penalty of an instance."""
    program, settings = Reference(), instance.settings
    hours, length = list(instance.hours), settings.hour_length
    graph = nx.Graph()
    for place, link in enumerate(instance.links.to_dict("records")):
        graph.add_edge(link["from"], link["to"], rtt=link["rtt_ms"], usd=link["usd_per_gb"], place=place)
    hubs, centres, workloads, zones = (
        frame.set_index(frame.columns[0], drop=False).to_dict("index")
        for frame in (instance.hubs, instance.data_centres, instance.workloads, instance.power_zones)
    )

    def pools(j):
        """The accelerators of a data centre: its own, or each of its pools in their place."""
        own = [
            pool for pool in instance.accelerator_pools.to_dict("records") if pool["data_centre"] == j["data_centre"]
        ]
        for pool in own:
            usd = pool["accelerator_usd_per_hour"]
            yield (
                j
                | pool
                | {
                    "accelerator_usd_per_hour": j["accelerator_usd_per_hour"] if math.isnan(usd) else usd,
                    "max_utilisation": j["max_utilisation"] * pool["max_utilisation"],
                }
            )
        if not own:
            yield j

    def ways(k, site):
        """Each mode of a workload in each pool of a data centre, as figures of both."""
        own = [mode for mode in instance.modes.to_dict("records") if mode["workload"] == k["workload"]]
        for mode, j in itertools.product(own, pools(site)):
            figures = {name: mode[name] for name in ("server_ms", "accelerator_hours_per_mtok", "kwh_per_mtok")}
            is_typed = mode["accelerator_type"] is not None
            if not is_typed or mode["accelerator_type"] == j["accelerator_type"]:
                label = mode["mode"], j["accelerator_type"]
                yield label, k | figures, j | ({"speed": 1.0, "energy_factor": 1.0} if is_typed else {})
        for j in pools(site) if not own else ():
            yield ("", j["accelerator_type"]), k, j

    def at(value, hour):
        return value[hour - hours[0]] if isinstance(value, tuple) else value

    def serve(name, k, j, t):
        """What one Mtok of k served at j in t takes."""
        energy = k["kwh_per_mtok"] * j["energy_factor"] / 1000
        litres = j["water_litres_per_kwh"] * k["kwh_per_mtok"] * j["energy_factor"]
        work = k["accelerator_hours_per_mtok"] / j["speed"]
        peak = k["peak_accelerator_hours_per_mtok"]
        busy = work if peak is None or math.isnan(peak) else peak / j["speed"]
        program.terms["accelerators", j["data_centre"], j["accelerator_type"], t][name] += busy
        program.terms["power", j["data_centre"], t][name] += at(j["pue"], t) * energy
        program.terms["site", j["data_centre"], t][name] += at(j["pue"], t) * energy
        program.terms["water"][name] += litres
        return (
            work * (at(j["accelerator_usd_per_hour"], t) + j["operations_usd_per_hour"])
            + litres * j["water_usd_per_litre"]
        )

    queues = {}
    for demand in instance.demand.to_dict("records"):
        asked, h, t = workloads[demand["workload"]], hubs[demand["hub"]], demand["hour"]
        row = ("demand", asked["workload"], h["hub"], t)
        program.row(row, "==", demand["mtok"])
        program.terms[row][program.column(("u", *row), asked["unserved_usd_per_mtok"])] = 1
        trips = asked["user_round_trips"] + (1 - asked["tools_colocated"]) * asked["tool_round_trips"]
        for centre, mode, k, j in ((name, *way) for name, site in centres.items() for way in ways(asked, site)):
            path = nx.shortest_path(graph, h["hub"], centre, weight="rtt")
            steps = [graph.edges[pair] for pair in itertools.pairwise(path)]
            if k["server_ms"] + trips * (h["access_ms"] + sum(step["rtt"] for step in steps)) > k["latency_slo_ms"]:
                continue
            if k["jurisdictions"] is not None and j["jurisdiction"] not in k["jurisdictions"]:
                continue
            transit = k["gb_per_mtok"] * sum(step["usd"] for step in steps)
            name = program.column(("x", *row, centre, mode), transit)
            program.terms[row][name] = 1
            program.rtt_ms[name] = sum(step["rtt"] for step in steps)
            for step in steps:
                program.terms["link", step["place"], t][name] += k["gb_per_mtok"]
            if k["deadline_hours"] // length < 1:
                program.cost[name] += serve(name, k, j, t)
            else:
                program.terms["queue", k["workload"], centre, t, mode][name] = 1
                queues[k["workload"], centre, t, mode] = k, j
    for (workload, centre, t, mode), (k, j) in sorted(queues.items(), key=lambda item: str(item[0])):
        program.row(("queue", workload, centre, t, mode), "==", 0)
        for delay in range(min(int(k["deadline_hours"] // length), len(hours) - 1) + 1):
            if t + delay > hours[-1] and not settings.cyclic:
                continue
            served = hours[(t - hours[0] + delay) % len(hours)]
            name = program.column(("f", workload, centre, t, served, mode), 0)
            program.cost[name] = serve(name, k, j, served)
            program.terms["queue", workload, centre, t, mode][name] = -1
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
            limits = {("site", j["data_centre"], t): j["power_limit_mw"]}
            for pool in pools(j):
                row = ("accelerators", j["data_centre"], pool["accelerator_type"], t)
                limits[row] = at(pool["accelerators"], t) * pool["max_utilisation"]
            for row, limit in limits.items():
                if math.isfinite(limit):
                    program.row(row, "<=", limit * length)
    for place, link in enumerate(instance.links.to_dict("records")):
        for t in hours:
            if math.isfinite(link["capacity_gbps"]):
                program.row(("link", place, t), "<=", link["capacity_gbps"] / 8 * 3600 * length)
    for row, limit in (("carbon", settings.carbon_limit_kg), ("water", settings.water_limit_litres)):
        if math.isfinite(limit):
            program.row(row, "<=", limit)
    return program


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("with_choices", [with_random_modes, with_random_pools])
@pytest.mark.parametrize("seed", range(tries(12, 300)))
def test_modes_and_pools_are_those_of_the_design(make_random_instance, seed, with_choices):
    """Tests cost, penalty and settlement over modes, or pools, of random instances, and a price that no demand beats.

    A price is a subgradient of the least cost: half a Mtok more or less costs no less than it says.
    """
    plain = make_random_instance(seed, cyclic=bool(seed % 2), hour_length=(1.0, 2.0)[seed % 2])
    instance = with_choices(plain, seed)
    placement = solve(instance)
    least = placement.cost_and_penalty_usd
    assert least == pytest.approx(reference_cost(instance), rel=1e-9)
    assert solve(instance, ColumnGeneration()).cost_and_penalty_usd == pytest.approx(least, rel=1e-7)
    demand, row = instance.demand, seed % len(instance.demand)
    price = placement.prices["usd_per_mtok"].iloc[row]
    for change in (0.5, -0.5):
        mtok = demand["mtok"].to_numpy() + change * (np.arange(len(demand)) == row)
        assert (
            reference_cost(instance.replace(demand=demand.assign(mtok=mtok))) >= least + change * price - 1e-6 * least
        )
    assert placement.settlement["difference"] == pytest.approx(0, abs=1e-6 * least)
    assert placement.limits.empty


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(12, 300)))
def test_ceilings_over_modes_are_those_of_the_design(make_random_instance, seed):
    """Tests ceiling and curve over all modes of random instances, every other with pools: tokens, work or energy."""
    plain = make_random_instance(seed, cyclic=bool(seed % 2), carbon_limit_kg=(math.inf, 30000.0)[seed % 3 == 0])
    instance = with_random_pools(plain, seed) if seed // 3 % 2 else with_random_modes(plain, seed)
    weight = ("tokens", "work", "energy")[seed % 3]
    column = {"tokens": "tokens", "work": "accelerator_hours_per_mtok", "energy": "kwh_per_mtok"}[weight]
    values = instance.workloads.assign(tokens=1.0).set_index("workload")[column]
    demand = instance.demand["mtok"].sum()
    total = float(instance.demand["mtok"] @ instance.demand["workload"].map(values))
    ceiling = placer.export_ceiling(instance, weight, exporting="e")
    for limit in (math.inf, *np.random.default_rng(seed).choice(ceiling.curve.limits, 2)):
        unserved, displaced, exported = reference_ceiling(instance, ("e",), values, limit + 1e-6)
        row = ceiling.curve.at(min(limit, 1e6))
        assert row["unserved_mtok"] == pytest.approx(unserved, abs=1e-7 * demand)
        assert row["displaced_hours"] == pytest.approx(displaced, abs=1e-6 * demand)
        assert row["share"] == pytest.approx(-exported / total, abs=1e-5)
    assert ceiling.share == pytest.approx(ceiling.curve.table["share"].iloc[-1], abs=1e-6)
