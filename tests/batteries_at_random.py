"""Random instances with batteries, and the explicit program of each, written out row by row for ``linprog``."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

import placer

#: One Mtok takes this much energy at the meter, and this many accelerator-hours.
MWH_PER_MTOK, HOURS_PER_MTOK = 2.0, 200.0


def random_tables(rng, hours, *, negative=True):
    """Return tables of two hubs, two data centres, two power zones and up to three batteries."""
    sites, zones = ["A", "B"], ["Y", "Z"]
    low = -40 if negative and rng.random() < 0.4 else 5
    prices = [[float(each) for each in rng.integers(low, 120, hours)] for _ in zones]
    places = [{"data_centre": "A"}, {"data_centre": "B"}, {"power_zone": "Y"}, {"power_zone": "Z"}]
    return {
        "hubs": [{"hub": "N"}, {"hub": "S"}],
        "data_centres": [
            {"data_centre": name, "power_limit_mw": float(rng.choice([np.inf, 30.0])), "accelerators": 8000.0}
            for name in sites
        ],
        "links": [{"from": hub, "to": site, "rtt_ms": 5} for hub in "NS" for site in sites],
        "power_zones": [
            {
                "power_zone": zone,
                "usd_per_mwh": price,
                "carbon_kg_per_mwh": float(rng.integers(0, 9)) * 50,
                "limit_mw": float(rng.choice([np.inf, 45.0])),
            }
            for zone, price in zip(zones, prices, strict=True)
        ],
        "supplies": [
            {
                "power_zone": zone,
                "data_centre": site,
                "loss": float(rng.choice([0.0, 0.1])),
                "limit_mw": float(rng.choice([np.inf, 25.0])),
                "usd_per_mwh_adder": float(rng.integers(0, 4)),
            }
            for zone, site in (("Y", "A"), ("Z", "B"), ("Y", "B"))
        ],
        "batteries": [
            {
                "battery": f"battery {number}",
                **places[int(place)],
                "power_mw": float(rng.integers(1, 12)),
                "energy_mwh": float(rng.choice([4.0, 15.0, 1e6])),
                "efficiency": float(rng.choice([1.0, 0.95, 0.8])),
                "usd_per_mwh_throughput": float(rng.choice([0.0, 3.0])),
            }
            for number, place in enumerate(rng.choice(4, int(rng.integers(1, 4)), replace=False))
        ],
        "workloads": [
            {
                "workload": name,
                "accelerator_hours_per_mtok": HOURS_PER_MTOK,
                "kwh_per_mtok": 1000 * MWH_PER_MTOK,
                "deadline_hours": waits,
                "unserved_usd_per_mtok": 400.0,
            }
            for name, waits in (("chat", 0), ("batch", 2))
        ],
        "demand": [
            {"workload": name, "hub": hub, "hour": hour, "mtok": float(rng.integers(0, 13))}
            for name in ("chat", "batch")
            for hub in "NS"
            for hour in range(hours)
        ],
    }


def random_instance(rng, hours=6):
    """Return such an instance; some are cyclic, some have a price of carbon, some two blocks of hours with weights."""
    tables = random_tables(rng, hours)
    carbon = {"carbon_usd_per_kg": 0.05} if rng.random() < 0.5 else {}
    if rng.random() < 0.4:
        halves = [("first", 3.0)] * (hours // 2) + [("second", 1.5)] * (hours - hours // 2)
        tables["periods"] = [{"hour": t, "block": name, "weight": each} for t, (name, each) in enumerate(halves)]
    return placer.Instance.from_tables(tables, cyclic=bool(rng.random() < 0.5), **carbon)


class _Rows:
    """Columns by name with their costs and upper bounds, and rows of coefficients by name."""

    def __init__(self):
        self.cost, self.upper, self.place = [], [], {}
        self.equal, self.below = [], []

    def column(self, *name, cost=0.0, upper=np.inf):
        self.place[name] = len(self.cost)
        self.cost.append(cost)
        self.upper.append(upper)
        return name

    def matrix(self, rows):
        found = np.zeros((len(rows), len(self.cost)))
        for row, (terms, _) in enumerate(rows):
            for name, value in terms:
                found[row, self.place[name]] += value
        return found, np.array([side for _, side in rows])

    def solved(self):
        return linprog(self.cost, *self.laid(), method="highs")

    def laid(self):
        """Return the matrices and right-hand sides of rows of at most and of equality, and the bounds of columns."""
        a_eq, b_eq = self.matrix(self.equal)
        a_ub, b_ub = self.matrix(self.below)
        return a_ub, b_ub, a_eq, b_eq, [(0, None if np.isinf(each) else each) for each in self.upper]


def explicit(instance, more=lambda *_: None):
    """Return the solution of the explicit program: what is bought of a zone is a column of its own.

    ``more`` adds columns and rows of other features.
    """
    rows = explicit_rows(instance)
    more(rows, instance)
    return rows.solved()


def explicit_rows(instance):
    """Return the columns and rows of the explicit program."""
    rows = _Rows()
    _add_demand(rows, instance)
    served = _add_service(rows, instance)
    for battery in instance.batteries.itertuples():
        _add_battery(rows, instance, battery)
    for hour in range(len(instance.hours)):
        _add_zones(rows, instance, hour)
        _add_sites(rows, instance, hour, served)
    return rows


def _add_demand(rows, instance):
    for row in instance.demand.itertuples():
        parts = [rows.column("x", row.Index, site) for site in instance.data_centres["data_centre"]]
        parts.append(rows.column("u", row.Index, cost=400.0))
        amount = row.mtok * instance.weights[list(instance.hours).index(row.hour)]
        rows.equal.append(([(part, 1.0) for part in parts], amount))


def _ahead(instance, hour, delays):
    """Yield the delays within which work of an hour may be served, and the hour of each."""
    same = np.flatnonzero(instance.blocks == instance.blocks[hour])
    for delay in range(delays + 1):
        if hour + delay <= same[-1]:
            yield delay, hour + delay
        elif instance.settings.cyclic and delay < len(same):
            yield delay, same[0] + (hour + delay - same[0]) % len(same)


def _add_service(rows, instance):
    """Return the columns of work served at every site in every hour."""
    served = {}
    places = [(work, site) for work in instance.workloads.itertuples() for site in instance.data_centres["data_centre"]]
    for work, site in places:
        for t, hour in enumerate(instance.hours):
            same = (instance.demand["workload"] == work.workload) & (instance.demand["hour"] == hour)
            terms = [(("x", row, site), 1.0) for row in instance.demand.index[same]]
            for delay, later in _ahead(instance, t, int(work.deadline_hours)):
                part = rows.column("f", work.workload, site, t, delay)
                served.setdefault((site, later), []).append(part)
                terms.append((part, -1.0))
            rows.equal.append((terms, 0.0))
    return served


def _add_battery(rows, instance, battery):
    weight, name = instance.weights, battery.battery
    for t in range(len(weight)):
        rows.column("c", name, t)
        rows.column("g", name, t, cost=battery.usd_per_mwh_throughput)
        rows.column("e", name, t, upper=battery.energy_mwh * weight[t])
    for t in range(len(weight)):
        same = np.flatnonzero(instance.blocks == instance.blocks[t])
        last = t - 1 if t > same[0] else same[-1]
        held = [(("e", name, t), 1.0), (("e", name, last), -1.0)]
        moved = [(("c", name, t), -battery.efficiency), (("g", name, t), 1 / battery.efficiency)]
        rows.equal.append((held + moved, 0.0))
        rows.below.append(([(("c", name, t), 1.0), (("g", name, t), 1.0)], battery.power_mw * weight[t]))


def _charged(instance, t, column, place):
    """Return the terms of what the batteries of a place charge less what they discharge."""
    names = instance.batteries["battery"][instance.batteries[column] == place]
    return [term for name in names for term in ((("c", name, t), 1.0), (("g", name, t), -1.0))]


def _add_zones(rows, instance, t):
    price, carbon, limit = (
        instance.hourly("power_zones", name)[:, t] for name in ("usd_per_mwh", "carbon_kg_per_mwh", "limit_mw")
    )
    usd = price + instance.settings.carbon_usd_per_kg * carbon
    most = instance.hourly("supplies", "limit_mw")[:, t] * instance.weights[t]
    for place, zone in enumerate(instance.power_zones["power_zone"]):
        bought = rows.column("n", zone, t, cost=usd[place], upper=limit[place] * instance.weights[t])
        out = [
            rows.column(*("y", each.Index, t), cost=each.usd_per_mwh_adder, upper=most[each.Index])
            for each in instance.supplies.itertuples()
            if each.power_zone == zone
        ]
        stored = [(name, -value) for name, value in _charged(instance, t, "power_zone", zone)]
        rows.equal.append(([(bought, 1.0), *((part, -1.0) for part in out), *stored], 0.0))


def _add_sites(rows, instance, t, served):
    supplies, weight = list(instance.supplies.itertuples()), instance.weights[t]
    for row in instance.data_centres.itertuples():
        site = row.data_centre
        work = served[site, t]
        rows.below.append(([(part, HOURS_PER_MTOK) for part in work], row.accelerators * weight))
        metered = [(("y", each.Index, t), 1 - each.loss) for each in supplies if each.data_centre == site]
        used = [(part, MWH_PER_MTOK) for part in work] + _charged(instance, t, "data_centre", site)
        rows.equal.append((used + [(name, -value) for name, value in metered], 0.0))
        if np.isfinite(row.power_limit_mw):
            rows.below.append((metered, row.power_limit_mw * weight))
