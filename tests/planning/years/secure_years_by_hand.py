"""A secure plan over years, its explicit program written out from the text, with modes, steps of demand and policies.

One hub ``H`` in region ``r0`` and three data centres, each in a region of its own. With z_rd the units of candidate r
decided in year d, and a copy of the placement for every planning year, demand set and contingency,

    x m j      Mtok in mode m at data centre j         v m j     the same of protected work alone, where a site is lost
    u s        Mtok of step s that are unserved        w k       protected Mtok of workload k that are unserved

    minimise   sum_rd annuity_r (share of the years of service) z_rd + sum_o weight_o (cost of x and u)
    subject to accelerators, demand and quotas of every copy, for x and for v;   sum_k w_k <= most sum_k protected_k

Nothing of placer is used, but to build the instance.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

import placer

SITES, WORK = ("A", "B", "C"), ("chat", "code")
YEAR_HOURS = 8760


@dataclass(frozen=True)
class SecureYears:
    """A random question: modes (workload, hours, in time at), steps (workload, Mtok, value), and all else by name."""

    size: np.ndarray
    usd: np.ndarray
    modes: list
    steps: list
    lawful: dict
    tariff: np.ndarray
    quota: float
    candidates: list
    years: tuple
    until: int
    rate: float
    sets: dict
    protected: dict
    most: float
    hours: float

    def instance(self, factor):
        """Return the instance of a demand set in a year."""
        centres = [
            {"data_centre": name, "region": f"r{place}", "jurisdiction": name, "accelerators": self.size[place]}
            for place, name in enumerate(SITES)
        ]
        work = [
            {"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0}
            | {"latency_slo_ms": 100.0, "user_round_trips": 1.0, "jurisdictions": self.lawful[name]}
            | {"unserved_usd_per_mtok": 80.0}
            for name in WORK
        ]
        policies = [
            {"policy": f"t{place}", "kind": "tariff_usd_per_mtok", "from_region": f"r{place}", "to_region": "r0"}
            | {"amount": float(usd), "paid_to": "importer"}
            for place, usd in enumerate(self.tariff)
            if usd
        ]
        if np.isfinite(self.quota):
            policies.append({"policy": "q", "kind": "quota_mtok", "to_region": "r0", "amount": self.quota})
        tables = {
            "hubs": [{"hub": "H", "region": "r0"}],
            "data_centres": centres,
            "links": [
                {"from": "H", "to": name, "rtt_ms": 10.0, "usd_per_gb": float(usd)}
                for name, usd in zip(SITES, self.usd, strict=True)
            ],
            "workloads": work,
            "demand": [
                {"workload": name, "hub": "H", "mtok": factor * mtok}
                | ({} if value is None else {"value_usd_per_mtok": value})
                for name, mtok, value in self.steps
            ],
            "modes": [
                {"workload": name, "mode": f"m{place}", "accelerator_hours_per_mtok": hours, "kwh_per_mtok": 0.0}
                | {"server_ms": ms}
                for place, (name, hours, ms) in enumerate(self.modes)
            ],
        }
        given = {name: rows for name, rows in (tables | {"policies": policies}).items() if rows}
        return placer.Instance.from_tables(given, accelerators="sunk")

    def question(self):
        """Return the planning years, the candidates and the security."""
        states = {
            year: placer.States(
                {name: (self.instance(factor * grown), share) for name, (factor, share) in self.sets.items()}
            )
            for year, grown in self.years
        }
        rows = [
            {
                "candidate": f"c{place}",
                "adds": "accelerators",
                "target": SITES[site],
                "usd_per_unit_year": usd * YEAR_HOURS,
            }
            | {"lead_years": lead, "max_units": most}
            for place, (site, usd, lead, most) in enumerate(self.candidates)
        ]
        security = placer.Security(
            "data_centres", protected=self.protected, most_stranded=self.most, hours_a_year=self.hours
        )
        return placer.Years(states, until=self.until, discount_rate=self.rate), rows, security

    @property
    def shares(self):
        """The share of every planning year in the equivalent annual cost."""
        first, ends = self.years[0][0], [*(year for year, _ in self.years[1:]), self.until]
        worth = [
            sum((1 + self.rate) ** -(t - first) for t in range(year, end))
            for (year, _), end in zip(self.years, ends, strict=True)
        ]
        return np.array(worth) / sum(worth)

    def least(self):
        """Return the least equivalent annual cost; None if no plan survives all losses."""
        decided = [year for year, _ in self.years]
        columns = list(itertools.product(range(len(self.candidates)), decided))
        cost, bounds, equal, right, below, most = [], [], [], [], [], []
        stands = np.array(
            [[year >= begun + self.candidates[r][2] for year in decided] for r, begun in columns], dtype=float
        )
        for (r, _), served in zip(columns, stands, strict=True):
            useful = served.any()
            cost.append(self.candidates[r][1] * YEAR_HOURS * float(served @ self.shares))
            bounds.append((0, None if useful else 0))
        for place, year in itertools.product(range(len(self.candidates)), range(len(decided))):
            if np.isfinite(self.candidates[place][3]):
                below.append({n: stands[n, year] for n, (r, _) in enumerate(columns) if r == place})
                most.append(self.candidates[place][3])
        copies = itertools.product(enumerate(self.years), self.sets.values(), (-1, *range(len(SITES))))
        for (year, (_, grown)), (factor, part), lost in copies:
            rest = YEAR_HOURS - len(SITES) * self.hours
            weight = self.shares[year] * part * (rest if lost < 0 else self.hours)
            served = [(*step[:1], factor * grown * step[1], step[2]) for step in self.steps]
            ways = self._copy(cost, bounds, equal, right, served, weight, lost)
            self._limits(below, most, ways, (columns, stands[:, year]), lost)
            if lost >= 0:
                kept = {name: self.protected.get(name, 1.0) for name in WORK}
                guarded = [(name, kept[name] * mtok, None) for name, mtok, _ in served]
                first = len(cost) + self._ways(lost)
                ways = self._copy(cost, bounds, equal, right, guarded, 0.0, lost)
                self._limits(below, most, ways, (columns, stands[:, year]), lost)
                below.append(dict.fromkeys(range(first, first + len(guarded)), 1.0))
                most.append(self.most * sum(mtok for _, mtok, _ in guarded))
        size = len(cost)
        found = linprog(cost, _dense(below, size), most, _dense(equal, size), right, bounds, method="highs")
        if found.status == 2:
            return None
        assert found.status == 0, found.message
        return found.fun

    def _list(self, lost):
        every = [(name, 1.0, 0.0) for name in WORK if all(mode[0] != name for mode in self.modes)] + self.modes
        return [
            (name, hours, site)
            for (name, hours, ms), site in itertools.product(every, range(len(SITES)))
            if site != lost and SITES[site] in self.lawful[name] and ms + 10.0 <= 100.0
        ]

    def _ways(self, lost):
        return len(self._list(lost))

    def _copy(self, cost, bounds, equal, right, steps, weight, lost):
        """Add the columns and the demand rows of a copy; return the ways with their columns."""
        ways = {len(cost) + place: way for place, way in enumerate(self._list(lost))}
        cost += [weight * (self.usd[site] + self.tariff[site]) for _, _, site in ways.values()]
        bounds += [(0, None)] * len(ways)
        first = len(cost)
        cost += [weight * (80.0 if value is None else value) for _, _, value in steps]
        bounds += [(0, mtok) for _, mtok, _ in steps]
        for name in WORK:
            own = {column: 1.0 for column, way in ways.items() if way[0] == name}
            own |= {first + place: 1.0 for place, step in enumerate(steps) if step[0] == name}
            equal.append(own)
            right.append(sum(mtok for each, mtok, _ in steps if each == name))
        return ways

    def _limits(self, below, most, ways, built, lost):
        """Add the rows of accelerators, with what stands in the year, and of the quota of a copy."""
        columns, stands = built
        for site in range(len(SITES)):
            used = {column: way[1] for column, way in ways.items() if way[2] == site}
            if site != lost:
                adds = {n: -stands[n] for n, (r, _) in enumerate(columns) if self.candidates[r][0] == site}
                below.append(used | adds)
                most.append(self.size[site])
        if np.isfinite(self.quota):
            below.append({column: 1.0 for column, way in ways.items() if way[2] != 0})
            most.append(self.quota)


def _dense(rows, size):
    matrix = np.zeros((len(rows), size))
    for place, row in enumerate(rows):
        for column, value in row.items():
            matrix[place, column] = value
    return matrix


def random_secure_years(seed):
    """Return a random question; of every three seeds one has modes, one steps of demand, and one policies."""
    random = np.random.default_rng(seed)

    def numbers(low, high, size):
        return random.uniform(low, high, size).round(2)

    kind = ("modes", "steps", "policies")[seed % 3]
    amounts = {name: float(numbers(20, 60, 1)[0]) for name in WORK}
    steps = [(name, mtok, None) for name, mtok in amounts.items()]
    protected = {"code": float(random.choice([0.5, 1.0]))}
    if kind == "steps":
        values = numbers(1.0, 12.0, 2).tolist()
        steps = [steps[0], *(("code", amounts["code"] / 2, value) for value in values)]
        protected = {"code": 0.0}
    modes = []
    if kind == "modes":
        modes = [("chat", float(hours), ms) for hours, ms in zip(numbers(0.3, 1.5, 2), (20.0, 60.0), strict=True)]
        modes.append(("chat", 0.1, 95.0))  # never in time
    lawful = {"chat": SITES, "code": tuple(sorted(random.choice(SITES, 2, replace=False).tolist()))}
    sites = random.permutation(len(SITES)).tolist()
    candidates = [
        (site, float(usd), int(random.integers(0, 3)), float(random.choice([40.0, np.inf])))
        for site, usd in zip(sites, numbers(1.0, 8.0, len(SITES)), strict=True)
    ]
    return SecureYears(
        size=numbers(10, 70, len(SITES)),
        usd=numbers(0, 3, len(SITES)),
        modes=modes,
        steps=steps,
        lawful=lawful,
        tariff=np.array([0.0, *numbers(0.5, 6, 2)]) if kind == "policies" else np.zeros(len(SITES)),
        quota=float(numbers(60, 120, 1)[0]) if kind == "policies" else np.inf,
        candidates=candidates,
        years=((2026, 1.0), (2028, float(numbers(1.0, 1.6, 1)[0]))),
        until=2032,
        rate=float(random.choice([0.0, 0.08])),
        sets={"low": (0.8, 0.4), "high": (1.3, 0.6)} if random.random() < 0.5 else {"all": (1.0, 1.0)},
        protected=protected,
        most=float(random.choice([0.0, 0.1, 0.3])),
        hours=float(random.choice([0.0, 200.0])),
    )
