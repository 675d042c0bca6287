"""Random instances with contracts, and the program that states them in payments and sales."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

import placer

CENTRES, UNSERVED = ("a", "b"), 500.0


def drawn(seed, hours=3):
    """Return the tables of a random instance: a grid and a farm at each of two data centres, and their contracts.

    A Mtok takes an accelerator-hour and a MWh. Chat cannot wait, and batch waits up to two hours.
    """
    rng = np.random.default_rng(seed)

    def halves(low, high):
        return float(rng.integers(2 * low, 2 * high + 1)) / 2

    def by_hour(low, high):
        return tuple(halves(low, high) for _ in range(hours))

    zones, supplies, contracts = [], [], []
    for centre in CENTRES:
        zones += [
            {"power_zone": f"grid {centre}", "usd_per_mwh": by_hour(20, 90), "carbon_kg_per_mwh": halves(0, 300)},
            {"power_zone": f"farm {centre}", "usd_per_mwh": halves(20, 60), "limit_mw": by_hour(0, 8)},
        ]
        supplies += [{"power_zone": f"{kind} {centre}", "data_centre": centre} for kind in ("grid", "farm")]
        supplies[-1] |= {"green": 1.0, "loss": rng.choice([0.0, 0.0, 0.25])}
        supplies[-2]["usd_per_mwh_adder"] = halves(0, 5)
        if rng.random() < 0.4:  # beyond the contract, at the price of the contract
            supplies.append({"power_zone": f"farm {centre}", "data_centre": centre})
        if rng.random() < 0.85:
            contracts.append(_terms(rng, centre, zones[-1], zones[-2], supplies, halves))
    workloads = [
        {"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "deadline_hours": wait}
        | {"unserved_usd_per_mtok": UNSERVED}
        for name, wait in (("chat", 0.0), ("batch", 2.0))
    ]
    return {
        "hubs": [{"hub": f"h{place}", "region": region} for place, region in enumerate(("east", "west"))],
        "data_centres": [
            {"data_centre": centre, "region": region, "accelerators": halves(4, 12), "accelerator_usd_per_hour": 1.0}
            for centre, region in zip(CENTRES, ("east", "west"), strict=True)
        ],
        "links": [{"from": f"h{place}", "to": centre, "rtt_ms": 10.0} for place in range(2) for centre in CENTRES],
        "power_zones": zones,
        "supplies": supplies,
        "contracts": contracts,
        "workloads": workloads,
        "demand": [
            {"workload": row["workload"], "hub": f"h{hub}", "hour": hour, "mtok": halves(0, 5)}
            for row in workloads
            for hub in range(2)
            for hour in range(hours)
        ],
    }


def _terms(rng, centre, farm, grid, supplies, halves):
    """Return a contract with a farm: a share by the hour, an amount by the hour, or MWh over the horizon."""
    row = {"contract": f"c {centre}", "power_zone": f"farm {centre}", "data_centre": centre}
    kind = rng.choice(["share", "amount", "total"])
    covered = next(each for each in supplies if each["power_zone"] == row["power_zone"])
    cheapest = min(farm["usd_per_mwh"], *grid["usd_per_mwh"])
    if kind == "total":
        most = sum(farm["limit_mw"])
        return row | {
            "take_or_pay_mwh": rng.choice([0.0, most / 2, most]),
            "sale_usd_per_mwh": halves(0, int(cheapest)),
        }
    if kind == "share":
        row["output_share"] = rng.choice([0.0, 0.5, 1.0])
    else:
        covered["limit_mw"] = tuple(mw / 2 for mw in farm["limit_mw"])
    sale = [halves(0, int(min(farm["usd_per_mwh"], usd))) for usd in grid["usd_per_mwh"]]
    return row | {"sale_usd_per_mwh": tuple(sale) if rng.random() < 0.7 else min(sale)}


def instance_of(tables, **settings):
    """Return the instance of some tables."""
    return placer.Instance.from_tables(tables, carbon_usd_per_kg=0.03, accelerators="by_use", **settings)


def least_cost(tables, hours=3):
    """Return the least cost and penalty by a program of its own, with what is paid for and what is sold as columns."""
    program = _Program(hours)
    sites = {row["data_centre"]: row for row in tables["data_centres"]}
    waits = {row["workload"]: int(row["deadline_hours"]) for row in tables["workloads"]}
    drawn_at = {(site, hour): [] for site in sites for hour in range(hours)}
    for row in tables["demand"]:
        last = min(row["hour"] + waits[row["workload"]], hours - 1)
        served = [(site, hour) for site in sites for hour in range(row["hour"], last + 1)]
        columns = [program.column(sites[site]["accelerator_usd_per_hour"]) for site, _ in served]
        for place, column in zip(served, columns, strict=True):
            drawn_at[place].append(column)
        program.equal(dict.fromkeys([*columns, program.column(UNSERVED)], 1.0), row["mtok"])
    for (site, _), columns in drawn_at.items():
        program.at_most(dict.fromkeys(columns, 1.0), sites[site]["accelerators"])
    _add_power(program, tables, drawn_at, hours)
    return program.solve()


def _add_power(program, tables, drawn_at, hours):
    """Add what is bought, paid for and sold."""
    zones = {row["power_zone"]: row for row in tables["power_zones"]}
    contracts = {(row["power_zone"], row["data_centre"]): row for row in tables["contracts"]}
    delivered = {place: {} for place in drawn_at}
    left = {
        zone: [row.get("limit_mw", (np.inf,) * hours)[hour] for hour in range(hours)] for zone, row in zones.items()
    }
    outside = {(zone, hour): {} for zone in zones for hour in range(hours)}
    for row in tables["supplies"]:
        zone, site = zones[row["power_zone"]], row["data_centre"]
        price = [_at(zone["usd_per_mwh"], hour) + row.get("usd_per_mwh_adder", 0.0) for hour in range(hours)]
        carbon = 0.03 * zone.get("carbon_kg_per_mwh", 0.0)
        terms = contracts.pop((row["power_zone"], site), None)
        total = None if terms is None else terms.get("take_or_pay_mwh")
        used = []
        for hour in range(hours):
            limit = _at(row.get("limit_mw", np.inf), hour)
            if terms is not None and "output_share" in terms:
                limit = terms["output_share"] * zone["limit_mw"][hour]
            column = program.column(carbon if terms is not None else carbon + price[hour], limit)
            used.append(column)
            delivered[site, hour][column] = 1 - row.get("loss", 0.0)
            if terms is None or total is not None:
                outside[row["power_zone"], hour][column] = 1.0
            else:
                sold = program.column(-_at(terms["sale_usd_per_mwh"], hour))
                program.equal({column: 1.0, sold: 1.0}, limit)
                program.paid += price[hour] * limit
                left[row["power_zone"]][hour] -= limit
        if total is not None:
            sold = program.column(-terms["sale_usd_per_mwh"])
            program.equal(dict.fromkeys([*used, sold], 1.0), total)
            program.paid += price[0] * total
    for (zone, hour), columns in outside.items():
        program.at_most(columns, left[zone][hour])
    for place, columns in delivered.items():
        program.equal({**columns, **dict.fromkeys(drawn_at[place], -1.0)}, 0.0)


def _at(value, hour):
    return value[hour] if isinstance(value, tuple) else value


class _Program:
    """A linear program, column by column and row by row."""

    def __init__(self, hours):
        self.hours, self.paid = hours, 0.0
        self._cost, self._upper, self._rows = [], [], {"equal": [], "at_most": []}

    def column(self, cost, upper=np.inf):
        self._cost.append(cost)
        self._upper.append(upper)
        return len(self._cost) - 1

    def equal(self, columns, side):
        self._rows["equal"].append((columns, side))

    def at_most(self, columns, side):
        if np.isfinite(side):
            self._rows["at_most"].append((columns, side))

    def solve(self):
        """Return the least cost, with what is paid in any case."""
        (equal, of_equal), (at_most, of_at_most) = (self._matrix(self._rows[name]) for name in ("equal", "at_most"))
        bounds = [(0, upper) for upper in self._upper]
        found = linprog(self._cost, at_most, of_at_most, equal, of_equal, bounds, method="highs")
        assert found.status == 0, found.message
        return found.fun + self.paid

    def _matrix(self, rows):
        matrix = np.zeros((len(rows), len(self._cost)))
        for place, (columns, _) in enumerate(rows):
            for column, value in columns.items():
                matrix[place, column] = value
        return matrix, np.array([side for _, side in rows])
