"""Trade between three regions under random policies, and its linear program written out from the text alone.

Each region has a hub and a data centre, and one more data centre stands in the first. Prices change by the hour. One
workload is served at once, the other may wait an hour. The columns of the program are

    x k h j t s    Mtok of workload k of hub h, asked for in hour t and served at j in hour s
    u k h t n      Mtok of step n of the demand that are not bought, at most the step; without steps, left unserved
    y j t          MWh bought at j

with rows for demand, accelerators, power and quotas. With ``periods`` an hour counts as often as its weight, in the
objective, in quotas and in the mean of a customs value, and work waits within a block. Nothing of placer is used here.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

REGIONS = ("a", "b", "c")
HOURS = (0, 1, 2)
KINDS = ("tariff_usd_per_mtok", "tariff_share", "premium_usd_per_mtok", "quota_mtok", "ban")


def random_tables(seed):
    """Return the tables of a random instance, without policies."""
    random = np.random.default_rng(seed)

    def numbers(low, high):
        return tuple(random.uniform(low, high, len(HOURS)).round(3).tolist())

    hubs = [f"H{region}" for region in REGIONS]
    sites = [*((f"D{region}", region) for region in REGIONS), ("Da2", "a")]
    work = {"user_round_trips": 1.0, "unserved_usd_per_mtok": 60.0}
    return {
        "hubs": [{"hub": hub, "region": region} for hub, region in zip(hubs, REGIONS, strict=True)],
        "data_centres": [
            {"data_centre": name, "region": region, "accelerators": round(float(random.uniform(8, 40)), 2)}
            | {"accelerator_usd_per_hour": numbers(1, 4), "pue": round(float(random.uniform(1, 1.5)), 2)}
            | {"speed": round(float(random.uniform(0.7, 1.5)), 2), "energy_factor": 1.1}
            for name, region in sites
        ],
        "power_zones": [{"power_zone": f"Z{region}", "usd_per_mwh": numbers(-5, 120)} for region in REGIONS],
        "supplies": [
            {"power_zone": f"Z{region}", "data_centre": name, "loss": 0.04, "usd_per_mwh_adder": 7.0}
            for name, region in sites
        ],
        "links": [
            {"from": hub, "to": name, "rtt_ms": 5.0, "usd_per_gb": round(float(random.uniform(0, 0.4)), 3)}
            for hub, (name, _) in itertools.product(hubs, sites)
        ],
        "workloads": [
            {"workload": "now", "accelerator_hours_per_mtok": 1.2, "kwh_per_mtok": 9.0, "gb_per_mtok": 0.5} | work,
            {"workload": "late", "accelerator_hours_per_mtok": 0.8, "kwh_per_mtok": 21.0, "deadline_hours": 1.0} | work,
        ],
        "demand": [
            {"workload": name, "hub": hub, "hour": hour, "mtok": round(float(random.uniform(1, 12)), 2)}
            for name, hub, hour in itertools.product(("now", "late"), hubs, HOURS)
        ],
    }


def random_policies(seed, kinds=KINDS):
    """Return one to six random policies of some kinds."""
    random, rows = np.random.default_rng(seed + 1000), []
    for number in range(int(random.integers(1, 7))):
        kind = str(random.choice(kinds))
        ends = [str(end) for end in random.permutation(REGIONS)[:2]]
        if random.random() < 0.2 and kind != "ban":
            ends[1] = "|".join(sorted({*REGIONS} - {ends[0]}))
        given = random.random(2) < (1.0 if kind == "ban" else 0.7)
        row = {"policy": f"p{number}", "kind": kind, "from_region": ends[0] if given[0] else None}
        row |= {"to_region": ends[1] if given[1] else None}
        row |= {"workload": str(random.choice(["now", "late"])) if random.random() < 0.4 else None}
        if kind != "ban":
            most = {"tariff_share": 0.6, "quota_mtok": 15.0}.get(kind, 2.5)
            row["amount"] = round(float(random.uniform(0.05, most)), 3)
        if kind.startswith("tariff") or (kind.startswith("premium") and random.random() < 0.5):
            row["paid_to"] = str(random.choice(["importer", "exporter"]))
        rows.append(row)
    return rows


def with_steps(tables, seed):
    """Return tables in which the demand of one workload, or of both, has three steps of value; the highest is 50."""
    random = np.random.default_rng(seed + 2000)
    stepped = ("now", "late")[: int(random.integers(1, 3))]
    rows = []
    for row in tables["demand"]:
        if row["workload"] not in stepped:
            rows.append(row)
            continue
        values = [*np.sort(random.uniform(0.5, 9, 2)).round(3).tolist(), 50.0]
        parts = (row["mtok"] * random.dirichlet(np.ones(3))).round(4).tolist()
        rows += [row | {"mtok": part, "value_usd_per_mtok": value} for part, value in zip(parts, values, strict=True)]
    return tables | {"demand": rows}


def holds(row, name, here, there):
    """Whether a policy holds for a workload between the region of a hub and that of a data centre."""
    to, origin = (set(row[end].split("|")) if row[end] else None for end in ("to_region", "from_region"))
    inside = here in to if to else here not in (origin or ())
    outside = there in origin if origin else there not in (to or ())
    return here != there and inside and outside and row["workload"] in (None, name)


@dataclass(frozen=True)
class Optimum:
    """The least cost, transfers, penalty and value of what is not bought, and the parts of that answer.

    ``cost`` has the penalty of demand without steps, and ``bought`` is the value of what is bought of demand with
    steps.
    """

    least: float
    cost: float
    transfers: float
    bought: float


class ByHand:
    """The program of some tables and policies."""

    def __init__(self, tables, policies):
        self.hub = {row["hub"]: row["region"] for row in tables["hubs"]}
        self.site = {row["data_centre"]: row for row in tables["data_centres"]}
        self.zone = {row["power_zone"]: row["usd_per_mwh"] for row in tables["power_zones"]}
        self.work = {row["workload"]: row for row in tables["workloads"]}
        self.usd_per_gb = {(row["from"], row["to"]): row["usd_per_gb"] for row in tables["links"]}
        self.asked, self.steps = {}, {}
        for row in tables["demand"]:
            key = row["workload"], row["hub"], row["hour"]
            worth = row.get("value_usd_per_mtok", self.work[row["workload"]]["unserved_usd_per_mtok"])
            self.asked[key] = self.asked.get(key, 0.0) + row["mtok"]
            self.steps[*key, len([each for each in self.steps if each[:3] == key])] = worth, row["mtok"]
        self.stepped = {row["workload"] for row in tables["demand"] if "value_usd_per_mtok" in row}
        self.policies = policies
        periods = {row["hour"]: row for row in tables.get("periods", [])}
        self.weight = {hour: periods.get(hour, {}).get("weight", 1.0) for hour in HOURS}
        block = {hour: periods.get(hour, {}).get("block") for hour in HOURS}
        self.sent = [
            (name, hub, site, hour, served)
            for (name, hub, hour), site in itertools.product(self.asked, self.site)
            if not any(row["kind"] == "ban" for row in self._of(name, hub, site))
            for served in range(hour, min(hour + int(self.work[name].get("deadline_hours", 0)), HOURS[-1]) + 1)
            if block[served] == block[hour]
        ]

    def _of(self, name, hub, site):
        return [row for row in self.policies if holds(row, name, self.hub[hub], self.site[site]["region"])]

    def charge(self, name, hub, site, *, paid):
        """Return the charges of a Mtok that somebody is paid, or that nobody is."""
        usd = 0.0
        for row in self._of(name, hub, site):
            if row["kind"] not in ("quota_mtok", "ban") and (row.get("paid_to") is not None) == paid:
                usd += row["amount"] * (self._customs_value(name, site) if row["kind"] == "tariff_share" else 1.0)
        return usd

    def _customs_value(self, name, site):
        """Return the mean over the hours of accelerators at their price and energy at the list price of its zone."""
        weights = [self.weight[hour] for hour in HOURS]
        hour = np.average(self.site[site]["accelerator_usd_per_hour"], weights=weights)
        energy = np.average(np.maximum(self.zone[f"Z{self.site[site]['region']}"], 0.0), weights=weights)
        return self._used(name, site) * hour + self._drawn(name, site) * energy

    def _drawn(self, name, site):
        place = self.site[site]
        return place["pue"] * self.work[name]["kwh_per_mtok"] * place["energy_factor"] / 1000

    def _used(self, name, site):
        return self.work[name]["accelerator_hours_per_mtok"] / self.site[site]["speed"]

    def cost(self, name, hub, site, served):
        """Return what a Mtok costs without its energy and without transfers."""
        price = self.site[site]["accelerator_usd_per_hour"][served]
        transit = self.usd_per_gb[hub, site] * self.work[name].get("gb_per_mtok", 0.0)
        return self._used(name, site) * price + transit + self.charge(name, hub, site, paid=False)

    @property
    def quotas(self):
        """The quotas by name."""
        return {row["policy"]: row for row in self.policies if row["kind"] == "quota_mtok"}

    def optimum(self):
        """Return the optimum of the program."""
        bought = list(itertools.product(self.site, HOURS))
        columns = [*self.sent, *self.steps, *bought]
        place = {key: number for number, key in enumerate(columns)}
        cost, transfers, value = np.zeros((3, len(columns)))
        most_of = np.full(len(columns), np.inf)
        equal = np.zeros((len(self.asked) + len(bought), len(columns)))
        demand = {key: number for number, key in enumerate(self.asked)}
        power = {key: len(demand) + number for number, key in enumerate(bought)}
        used = np.zeros((len(bought), len(columns)))
        counted = np.zeros((len(self.quotas), len(columns)))
        for key in self.sent:
            name, hub, site, hour, served = key
            weight = self.weight[served]
            cost[place[key]] = weight * self.cost(name, hub, site, served)
            transfers[place[key]] = weight * self.charge(name, hub, site, paid=True)
            equal[demand[name, hub, hour], place[key]] = 1.0
            equal[power[site, served], place[key]] = self._drawn(name, site)
            used[power[site, served] - len(demand), place[key]] = self._used(name, site)
            for number, row in enumerate(self.quotas.values()):
                counted[number, place[key]] = weight * holds(row, name, self.hub[hub], self.site[site]["region"])
        for key, (worth, mtok) in self.steps.items():
            equal[demand[key[:3]], place[key]] = 1.0
            (value if key[0] in self.stepped else cost)[place[key]] = self.weight[key[2]] * worth
            most_of[place[key]] = mtok
        for key in bought:
            cost[place[key]] = self.weight[key[1]] * self.energy(*key) * 0.96
            equal[power[key], place[key]] = -0.96
        sides = [self.site[site]["accelerators"] for site, _ in bought]
        most = np.vstack([used, counted])
        limits = [*sides, *(row["amount"] for row in self.quotas.values())]
        amounts = [*self.asked.values(), *np.zeros(len(bought))]
        bounds = np.column_stack([np.zeros(len(columns)), most_of])
        found = linprog(cost + transfers + value, most, limits, equal, amounts, bounds, method="highs")
        assert found.status == 0
        stepped = {key: step for key, step in self.steps.items() if key[0] in self.stepped}
        offered = sum(self.weight[key[2]] * worth * mtok for key, (worth, mtok) in stepped.items())
        parts = (float(of @ found.x) for of in (cost, transfers))
        return Optimum(found.fun, *parts, offered - float(value @ found.x))

    def energy(self, site, hour):
        """Return the price of a MWh at the meter."""
        return (self.zone[f"Z{self.site[site]['region']}"][hour] + 7.0) / 0.96

    def least_reduced_cost(self, placement):
        """Return the least reduced cost of any x at the prices and rents of a placement, and their dual value."""
        price, rent = placement.prices["usd_per_mtok"], placement.data_centre_hours["accelerator_rent_usd_per_hour"]
        quota = {name: placement.limits.loc[(name, ""), "rent_usd_per_unit"] for name in self.quotas}
        reduced = [
            self.cost(name, hub, site, served)
            + self.charge(name, hub, site, paid=True)
            + self._used(name, site) * rent[site, served]
            + self._drawn(name, site) * self.energy(site, served)
            + sum(quota[row["policy"]] for row in self._of(name, hub, site) if row["kind"] == "quota_mtok")
            - price[name, hub, hour]
            for name, hub, site, hour, served in self.sent
        ]
        value = sum(
            self.weight[key[2]] * min(worth, price[key[:3]]) * mtok for key, (worth, mtok) in self.steps.items()
        )
        value -= sum(
            self.weight[hour] * rent[site, hour] * self.site[site]["accelerators"]
            for site, hour in itertools.product(self.site, HOURS)
        )
        return min(reduced), value - sum(quota[name] * row["amount"] for name, row in self.quotas.items())
