"""Random limits of one's own, and their rows added by hand to the exported program."""

import math

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import vstack

import placer
from placer.model.formulation import formulate
from placer.solve import to_program

#: Scopes of each kind that the random limits draw from.
SCOPES = {
    "tokens": ("workload", "hub", "hub_region", "data_centre", "region", "hours"),
    "share": ("workload", "hub", "hub_region", "data_centre", "hours"),
    "accelerator_hours": ("workload", "data_centre", "region", "hours"),
    "energy_mwh": ("workload", "data_centre", "region", "hours"),
    "carbon_kg": ("data_centre", "region", "power_zone", "hours"),
    "water_litres": ("workload", "data_centre", "region", "hours"),
    "cost_usd": ("data_centre", "region", "power_zone", "hours"),
    "green_share": ("data_centre", "region", "hours"),
}
NAMES = {
    "workload": ("near", "bound", "night", "soon"),
    "hub": ("H0", "H1", "H2"),
    "hub_region": ("e", "w"),
    "data_centre": ("D0", "D1", "D2", "D3"),
    "region": ("e", "w"),
    "power_zone": ("Z0", "Z1"),
}


def random_limit(random, kind):
    limit = {"limit": "one", "kind": kind, "sense": str(random.choice(["<=", ">="])), "amount": 0.0}
    for scope in SCOPES[kind]:
        wider = {"hub_region": "hub", "region": "data_centre"}.get(scope)
        if random.random() < 0.4 and wider not in limit:
            if scope == "hours":
                limit["hours"] = str(random.choice(["0-2", "1|3", "4"]))
            else:
                most = len(NAMES[scope]) - 1
                limit[scope] = tuple(random.choice(NAMES[scope], random.integers(1, most + 1), replace=False).tolist())
    if kind == "share":
        limit["workload"] = limit.get("workload", ("near", "night"))
        limit["of"] = str(random.choice(["asked", "served"]))
        if limit["of"] == "served":
            limit["data_centre"] = limit.get("data_centre", ("D0", "D3"))
    if kind == "energy_mwh" and "workload" not in limit and random.random() < 0.5:
        limit["power_zone"] = ("Z1",)
    return limit


def one(*_):
    return 1.0


def at(value, hour):
    return value[hour] if isinstance(value, tuple) else value


class ByHand:
    """The columns of an exported program, read name by name from the tables of its instance."""

    def __init__(self, instance):
        self.instance, self.program = instance, to_program(instance)
        self.structure = formulate(instance).structure
        self.rows = {name: instance.tables[name].to_dict("records") for name in instance.tables}

    def within(self, limit, **places):
        """Whether a place is in the scope of a limit; places that are not given are not asked about."""
        tables = {
            "workload": ("workloads", "workload", "workload"),
            "hub": ("hubs", "hub", "hub"),
            "hub_region": ("hubs", "hub", "region"),
            "data_centre": ("data_centres", "data_centre", "data_centre"),
            "region": ("data_centres", "data_centre", "region"),
            "power_zone": ("power_zones", "power_zone", "power_zone"),
        }
        for scope, (table, kind, column) in tables.items():
            if kind in places and limit.get(scope) and self.rows[table][places[kind]][column] not in limit[scope]:
                return False
        hours = {"0-2": (0, 1, 2), "1|3": (1, 3), "4": (4,)}.get(limit.get("hours"), range(5))
        return places.get("hour", hours[0]) in hours

    def count(self, limit, work=None, bought=None, sent=None):
        """Return coefficients of all columns: of Mtok served, of MWh bought, of Mtok sent."""
        structure, program = self.structure, self.program
        part, total = program.col_blocks, np.zeros(len(program.cost))
        for column, (demand, arc) in enumerate(
            zip(structure.assignments.demand, structure.assignments.arc, strict=True)
        ):
            k, h, j = (int(axis[arc]) for axis in (structure.arc_class, structure.arc_origin, structure.arc_site))
            t = int(structure.demand_period[demand])
            here = {"workload": k, "hub": h, "data_centre": j, "hour": t}
            if sent and self.within(limit, **here):
                total[part["x"].start + column] += sent(k, h, j)
            if work and structure.window[k] == 0 and self.within(limit, **here):
                total[part["x"].start + column] += work(k, j, t)
        flows = structure.queue_flows
        for column, (k, j, t) in enumerate(zip(flows.klass, flows.site, flows.service, strict=True)):
            if work and self.within(limit, workload=k, data_centre=j, hour=t):
                total[part["f"].start + column] += work(k, j, t)
        names = [row["data_centre"] for row in self.rows["data_centres"]]
        zones = [row["power_zone"] for row in self.rows["power_zones"]]
        for s, supply in enumerate(self.rows["supplies"]):
            site, zone = names.index(supply["data_centre"]), zones.index(supply["power_zone"])
            for t in range(structure.periods):
                if bought and self.within(limit, data_centre=site, power_zone=zone, hour=t):
                    total[part["y"].start + s * structure.periods + t] += bought(s, zone, t)
        return total

    def row(self, limit, amount):
        """Return a row and its right-hand side."""
        return getattr(self, "_" + limit["kind"])(limit, amount)

    def asked(self, limit):
        """Return the demand of a scope."""
        names = [[row[key] for row in self.rows[f"{key}s"]] for key in ("workload", "hub")]
        return sum(
            row["mtok"]
            for row in self.rows["demand"]
            if self.within(
                limit, workload=names[0].index(row["workload"]), hub=names[1].index(row["hub"]), hour=int(row["hour"])
            )
        )

    def energy(self, k, j):
        """Return MWh a Mtok, before the PUE."""
        return self.rows["workloads"][k]["kwh_per_mtok"] * self.rows["data_centres"][j]["energy_factor"] / 1000

    def carbon(self, zone, t):
        """Return kg a MWh."""
        return at(self.rows["power_zones"][zone]["carbon_kg_per_mwh"], t)

    def usd_bought(self, s, zone, t):
        """Return USD a MWh bought, without the price of carbon."""
        return at(self.rows["power_zones"][zone]["usd_per_mwh"], t) + self.rows["supplies"][s]["usd_per_mwh_adder"]

    def usd_served(self, k, j, _):
        """Return USD a Mtok served, without energy."""
        work, site = self.rows["workloads"][k], self.rows["data_centres"][j]
        usd_per_hour = site["accelerator_usd_per_hour"] + site["operations_usd_per_hour"]
        litres = site["water_litres_per_kwh"] * 1000 * self.energy(k, j)
        worked = work["accelerator_hours_per_mtok"] / site["speed"]
        return usd_per_hour * worked + site["water_usd_per_litre"] * litres

    def usd_sent(self, k, h, j):
        """Return USD a Mtok sent."""
        return self.instance.routes.usd_per_gb[h, j] * self.rows["workloads"][k]["gb_per_mtok"]

    def _tokens(self, limit, amount):
        return self.count(limit, sent=one), amount

    def _share(self, limit, amount):
        tokens = self.count(limit, sent=one)
        demand_side = {name: value for name, value in limit.items() if name not in ("data_centre", "region")}
        if limit["of"] == "served":
            return tokens - amount * self.count(demand_side, sent=one), 0.0
        return tokens, amount * self.asked(limit)

    def _accelerator_hours(self, limit, amount):
        def hours(k, j, _):
            work = self.rows["workloads"][k]
            peak, mean = work["peak_accelerator_hours_per_mtok"], work["accelerator_hours_per_mtok"]
            return (mean if math.isnan(peak) else peak) / self.rows["data_centres"][j]["speed"]

        return self.count(limit, work=hours), amount

    def _energy_mwh(self, limit, amount):
        if limit.get("power_zone"):
            return self.count(limit, bought=one), amount
        pue = [row["pue"] for row in self.rows["data_centres"]]
        return self.count(limit, work=lambda k, j, t: self.energy(k, j) * at(pue[j], t)), amount

    def _carbon_kg(self, limit, amount):
        return self.count(limit, bought=lambda _, zone, t: self.carbon(zone, t)), amount

    def _water_litres(self, limit, amount):
        litres = [row["water_litres_per_kwh"] for row in self.rows["data_centres"]]
        return self.count(limit, work=lambda k, j, _: litres[j] * 1000 * self.energy(k, j)), amount

    def _cost_usd(self, limit, amount):
        if limit.get("power_zone"):
            return self.count(limit, bought=self.usd_bought), amount
        return self.count(limit, work=self.usd_served, bought=self.usd_bought, sent=self.usd_sent), amount

    def _green_share(self, limit, amount):
        loss, green = ([row[name] for row in self.rows["supplies"]] for name in ("loss", "green"))
        delivered = self.count(limit, bought=lambda s, *_: 1 - loss[s])
        return self.count(limit, bought=lambda s, *_: green[s] * (1 - loss[s])) - amount * delivered, 0.0

    def least(self, row=None, sense="<=", side=0.0):
        """Return the least cost with a row, by scipy; None if it is infeasible."""
        program = self.program
        sign = 1.0 if sense == "<=" else -1.0
        equal = program.row_lower == program.row_upper
        bounded = np.isfinite(program.row_upper) & ~equal
        upper, right = program.matrix[bounded], program.row_upper[bounded]
        if row is not None:
            upper, right = vstack([upper, sign * row[None]]), np.append(right, sign * side)
        bounds = np.column_stack([program.col_lower, program.col_upper])
        found = linprog(program.cost, upper, right, program.matrix[equal], program.row_lower[equal], bounds)
        return (found.fun, found.x) if found.status == 0 else None


def shared_wind(limit_mw, weight=1.0, loss=0.0, **supply):
    """Two sites that share free wind, each with a grid at 50 USD a MWh, and 4 MWh to draw in each of two hours."""
    hours = range(2)
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "A"}, {"hub": "B"}],
            "data_centres": [{"data_centre": "X"}, {"data_centre": "Y"}],
            "links": [{"from": hub, "to": site, "rtt_ms": 1.0} for hub, site in ("AX", "BY")],
            "power_zones": [
                {"power_zone": "grid", "usd_per_mwh": 50.0},
                {"power_zone": "wind", "usd_per_mwh": 0.0, "limit_mw": limit_mw},
            ],
            "supplies": [
                {"power_zone": zone, "data_centre": site, **({"loss": loss, **supply} if zone == "wind" else {})}
                for zone in ("grid", "wind")
                for site in "XY"
            ],
            "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1000.0}],
            "demand": [{"workload": "w", "hub": hub, "hour": hour, "mtok": 4.0} for hub in "AB" for hour in hours],
            "periods": [{"hour": hour, "weight": weight, "block": str(hour)} for hour in hours],
        }
    )
