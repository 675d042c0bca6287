"""The instance A1, to check by hand; small random instances, and an implementation of its own that solves them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from placer.instance.problem import Instance


@pytest.fixture(scope="session")
def make_a1():
    """Return a function that builds A1 with some tables and settings replaced.

    One hub in the north. Sites A (north, 45 units, 6 USD), B (south, 85, 5), W (west, 90, 4). Voice 40 at A or B only,
    chat 80 at B or W only; one Mtok takes one unit.
    """

    def make(**changes):
        workloads = [
            {"workload": "voice", "jurisdictions": ("a", "b"), "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0},
            {"workload": "chat", "jurisdictions": ("b", "w"), "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0},
        ]
        sites = {"A": ("north", 45.0, 6.0, "a"), "B": ("south", 85.0, 5.0, "b"), "W": ("west", 90.0, 4.0, "w")}
        columns = ("region", "accelerators", "accelerator_usd_per_hour", "jurisdiction")
        tables = {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name} | dict(zip(columns, values, strict=True)) for name, values in sites.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": workloads,
            "demand": [
                {"workload": "voice", "hub": "H", "mtok": 40.0},
                {"workload": "chat", "hub": "H", "mtok": 80.0},
            ],
        }
        settings = {name: value for name, value in changes.items() if name not in tables and name not in _OPTIONAL}
        optional = {name: value for name, value in changes.items() if name in _OPTIONAL}
        given = {name: changes.get(name, table) for name, table in tables.items()}
        return Instance.from_tables(given | optional, **settings)

    return make


@pytest.fixture(scope="session")
def without_power():
    """Return two hubs that ask for 1 each: the first reaches d1 only, which has no power, the second d0 and d2.

    d2 may draw 1 MW, and a Mtok 1.1 MWh: without d0, of the Mtok of the second hub 1 / 11 strands.
    """
    links = [("h1", "d1"), ("h2", "d0"), ("h2", "d2")]
    return Instance.from_tables(
        {
            "hubs": [{"hub": "h1"}, {"hub": "h2", "region": "w"}],
            "data_centres": [
                {"data_centre": "d0", "region": "e"},
                {"data_centre": "d1"},
                {"data_centre": "d2", "power_limit_mw": 1.0},
            ],
            "power_zones": [{"power_zone": "z", "usd_per_mwh": 0.0}],
            "supplies": [{"power_zone": "z", "data_centre": site} for site in ("d0", "d2")],
            "links": [{"from": hub, "to": site, "rtt_ms": 1.0} for hub, site in links],
            "workloads": [{"workload": "k", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1100.0}],
            "demand": [{"workload": "k", "hub": hub, "mtok": 1.0} for hub in ("h1", "h2")],
        }
    )


@pytest.fixture(scope="session")
def short_of_room():
    """Return a function from a scale and a value to demand of 10 times the scale at A, of which B has room for 4.

    Serving costs nothing at A, which has no limit, and an unserved Mtok the value: 6 times the scale strand without A.
    """

    def make(scale, usd):
        return Instance.from_tables(
            {
                "hubs": [{"hub": "h"}],
                "data_centres": [{"data_centre": "A"}, {"data_centre": "B", "accelerators": 4 * scale}],
                "links": [{"from": "h", "to": "A", "rtt_ms": 1.0}, {"from": "h", "to": "B", "rtt_ms": 2.0}],
                "workloads": [
                    {
                        "workload": "w",
                        "accelerator_hours_per_mtok": 1.0,
                        "kwh_per_mtok": 0.0,
                        "unserved_usd_per_mtok": usd,
                    }
                ],
                "demand": [{"workload": "w", "hub": "h", "mtok": 10 * scale}],
            }
        )

    return make


_OPTIONAL = ("power_zones", "supplies", "exchanges", "limits", "periods")


@pytest.fixture(scope="session")
def a1(make_a1):
    """Return A1 itself."""
    return make_a1()


@pytest.fixture(scope="session")
def make_zoned():
    """Return a function that builds a hub near X and W, both in zone z of 12 MW, and near Y in a zone of its own.

    A Mtok of the 16 of the second hour takes 1 MWh at X, whose supply has 8 MW, and at Y, and 2 MWh at W. V has a
    supply of 0 MW. A Mtok sent to X costs 2 USD of transit, and a MWh of z emits 10 kg of carbon.
    """

    def make(usd=1.0, size=1.0, y_mw=np.inf, asked=(1.0, 16.0), **settings):
        sites = {"X": ("z", 8.0, 1.0, 3.0), "W": ("z", np.inf, 2.0, 3.0), "Y": ("y", y_mw, 1.0, 1.0)}
        sites |= {"V": ("z", 0.0, 1.0, 3.0)}
        return Instance.from_tables(
            {
                "hubs": [{"hub": "H"}],
                "data_centres": [
                    {"data_centre": site, "pue": pue, "operations_usd_per_hour": cost * usd, "accelerators": 100 * size}
                    for site, (_, _, pue, cost) in sites.items()
                ],
                "power_zones": [
                    {"power_zone": "z", "usd_per_mwh": 0.0, "limit_mw": 12.0 * size, "carbon_kg_per_mwh": 10.0},
                    {"power_zone": "y", "usd_per_mwh": 0.0},
                ],
                "supplies": [
                    {"power_zone": zone, "data_centre": site, "limit_mw": limit * size}
                    for site, (zone, limit, _, _) in sites.items()
                ],
                "links": [
                    {"from": "H", "to": site, "rtt_ms": 1.0, "usd_per_gb": 2.0 * usd * (site == "X")} for site in sites
                ],
                "workloads": [
                    {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "gb_per_mtok": 1.0}
                    | {"unserved_usd_per_mtok": 1000.0 * usd}
                ],
                "demand": [
                    {"workload": "w", "hub": "H", "hour": hour, "mtok": mtok * size} for hour, mtok in enumerate(asked)
                ],
            },
            **settings,
        )

    return make


@pytest.fixture(scope="session")
def make_small():
    """Return a function from a seed to a random instance of one hour, with direct links from each hub to each site."""
    return _small


def _small(seed):
    random = np.random.default_rng(seed)
    sites = [f"S{place}" for place in range(int(random.integers(3, 6)))]
    hubs, classes = ("H0", "H1"), ("k0", "k1", "k2")[: int(random.integers(2, 4))]
    places = ("a", "b", "c")
    zone = {site: f"Z{int(random.integers(0, 2))}" for site in sites}
    zone[sites[0]], zone[sites[-1]] = "Z0", "Z1"
    return Instance.from_tables(
        {
            "hubs": [{"hub": hub} for hub in hubs],
            "data_centres": [
                {
                    "data_centre": site,
                    "accelerators": float(random.integers(8, 26)),
                    "accelerator_usd_per_hour": float(random.integers(1, 8)),
                    "speed": float(random.choice([0.5, 1.0])),
                    "jurisdiction": places[place % len(places)],
                }
                for place, site in enumerate(sites)
            ],
            "power_zones": [{"power_zone": name, "usd_per_mwh": float(random.integers(0, 4))} for name in ("Z0", "Z1")],
            "supplies": [{"power_zone": zone[site], "data_centre": site} for site in sites],
            "links": [{"from": hub, "to": site, "rtt_ms": 10.0} for hub in hubs for site in sites],
            "workloads": [
                {
                    "workload": name,
                    "accelerator_hours_per_mtok": float(random.choice([0.5, 1.0, 1.5])),
                    "kwh_per_mtok": 500.0,
                    "latency_slo_ms": 15.0,  # none of the longer ways over another hub or site is in time
                    "user_round_trips": 1.0,
                    "jurisdictions": tuple(sorted(map(str, random.choice(places, 2, replace=False)))),
                    "unserved_usd_per_mtok": float(random.choice([300.0, 500.0])),
                }
                for name in classes
            ],
            "demand": [
                {"workload": name, "hub": hub, "mtok": float(random.integers(1, 8))} for name in classes for hub in hubs
            ],
        }
    )


@pytest.fixture(scope="session")
def contingencies_of_small():
    """Return a function from a small instance and a kind to the arcs (hubs, sites) that each contingency takes out."""
    return _contingencies


@pytest.fixture(scope="session")
def least_secure_cost():
    """Return the secure program written anew: dense, one hour, from the tables, solved by scipy."""
    return _least_cost


def _contingencies(instance, kind):
    """Return the arcs (hub, site) that each contingency takes out, as bool arrays (hubs, sites)."""
    hubs, sites = list(instance.hubs["hub"]), list(instance.data_centres["data_centre"])
    whole = np.zeros((len(hubs), len(sites)), dtype=bool)
    found = []
    if kind == "links":
        for tail, head in zip(instance.links["from"], instance.links["to"], strict=True):
            lost = whole.copy()
            lost[hubs.index(tail), sites.index(head)] = True
            found.append(lost)
    groups = {"data_centres": [[site] for site in sites], "links": []}
    zones = instance.supplies.groupby("power_zone", sort=False)["data_centre"]
    groups["power_zones"] = [list(names) for _, names in zones]
    for names in groups[kind]:
        lost = whole.copy()
        lost[:, [sites.index(name) for name in names]] = True
        found.append(lost)
    return found


def _least_cost(instance, lost, share, penalty):
    """Return least cost, unserved and stranded amounts in order: unserved penalty, stranded, cost.

    Parameters
    ----------
    instance : Instance
        Of one hour, with direct links only.
    lost : list of (hubs, sites) bool arrays
    share : (workloads,) array
        Protected shares.
    penalty : float
        Of stranded work.
    """
    parts = _Parts(instance, lost, share)
    cost = np.concatenate([parts.cost.ravel(), parts.unserved_cost.ravel(), np.zeros(parts.recourse)])
    unserved, stranded = np.zeros(len(cost)), parts.stranded()
    unserved[parts.x : parts.x + parts.u] = parts.unserved_cost.ravel()
    plain = _Parts(instance, [], share)
    alone = linprog(
        np.concatenate([plain.cost.ravel(), plain.unserved_cost.ravel()]), **plain.rows(), bounds=plain.bounds()
    )
    most = float(alone.x[plain.x :] @ plain.unserved_cost.ravel())
    rows = parts.rows()
    rows["A_ub"] = np.vstack([rows["A_ub"], unserved])
    rows["b_ub"] = np.append(rows["b_ub"], most + 1e-9)
    found = linprog(cost + penalty * stranded, **rows, bounds=parts.bounds())
    assert found.status == 0, found.message
    least = linprog(stranded, **rows, bounds=parts.bounds())
    return float(cost @ found.x), float(stranded @ found.x), float(least.fun), alone.fun


def _ways(instance):
    """Return each mode of each workload, or the workload itself: its position, hours, kWh, ms and accelerators."""
    for place, row in enumerate(instance.workloads.to_dict("records")):
        own = [mode for mode in instance.modes.to_dict("records") if mode["workload"] == row["workload"]]
        for each in own or [row | {"accelerator_type": None}]:
            figures = ("accelerator_hours_per_mtok", "kwh_per_mtok", "server_ms", "accelerator_type")
            yield place, *(each[name] for name in figures)


def _pools(instance):
    """Return the data centres, those with pools once for each of them, and the position of the data centre of each."""
    rows, place = [], []
    for number, site in enumerate(instance.data_centres.to_dict("records")):
        pools = instance.accelerator_pools
        own = pools[pools["data_centre"] == site["data_centre"]].to_dict("records")
        for pool in own or [{}]:
            given = {name: value for name, value in pool.items() if not pd.isna(value)}  # else that of the data centre
            rows.append(site | given)
            place.append(number)
    return pd.DataFrame(rows), np.array(place)


class _Parts:
    """Columns x (k, h, j), by mode of a workload and by pool, u (k, h), then y and v of each contingency."""

    def __init__(self, instance, lost, share):
        workloads, (sites, place) = instance.workloads, _pools(instance)
        of, hours, kwh, ms, kind = (np.array(list(column)) for column in zip(*_ways(instance), strict=True))
        m, k, h, j = len(of), len(workloads), len(instance.hubs), len(sites)
        self.lost, self.of, self.share = [each[:, place] for each in lost], of, np.asarray(share)
        self.shape, self.x, self.u = (m, h, j), m * h * j, k * h
        self.recourse = len(lost) * (self.x + self.u)
        own = np.array([[name is not None and name == there for there in sites["accelerator_type"]] for name in kind])
        runs = own | np.array([[name is None] for name in kind])
        need = hours[:, None] / np.where(own, 1.0, sites["speed"].to_numpy())
        self.use = np.broadcast_to(need[:, None, :], self.shape)
        price = instance.power_zones.set_index("power_zone")["usd_per_mwh"]
        zone = instance.supplies.set_index("data_centre")["power_zone"]
        power = np.array([price[zone[name]] for name in sites["data_centre"]])
        energy = kwh[:, None] / 1000 * power
        each = need * sites["accelerator_usd_per_hour"].to_numpy() + energy
        self.cost = np.broadcast_to(each[:, None, :], self.shape)
        self.unserved_cost = np.broadcast_to(workloads["unserved_usd_per_mtok"].to_numpy()[:, None], (k, h))
        self.capacity = np.minimum(sites["accelerators"].to_numpy(), 1e6) * sites["max_utilisation"].to_numpy()
        allowed = [[where in names for where in sites["jurisdiction"]] for names in workloads["jurisdictions"]]
        in_time = ms + 10.0 <= workloads["latency_slo_ms"].to_numpy()[of]
        self.admitted = np.broadcast_to((np.array(allowed)[of] & runs & in_time[:, None])[:, None, :], self.shape)
        amount = instance.demand.set_index(["workload", "hub"])["mtok"]
        self.demand = np.array([[amount[w, hub] for hub in instance.hubs["hub"]] for w in workloads["workload"]])

    @property
    def size(self):
        return self.x + self.u + self.recourse

    def start(self, contingency):
        return self.x + self.u + contingency * (self.x + self.u)

    def stranded(self):
        found = np.zeros(self.size)
        for place in range(len(self.lost)):
            found[self.start(place) + self.x : self.start(place) + self.x + self.u] = 1.0
        return found

    def bounds(self):
        upper = [np.where(self.admitted, np.inf, 0.0).ravel(), np.full(self.u, np.inf)]
        for lost in self.lost:
            upper += [np.where(self.admitted & ~lost, np.inf, 0.0).ravel(), np.full(self.u, np.inf)]
        return [(0, None if np.isinf(most) else most) for most in np.concatenate(upper)]

    def rows(self):
        _, h, j = self.shape
        k, equal, right, below, most = len(self.share), [], [], [], []
        index = np.arange(self.x).reshape(self.shape)
        for klass, hub in np.ndindex(k, h):
            row = np.zeros(self.size)
            row[index[self.of == klass, hub]] = row[self.x + klass * h + hub] = 1.0
            equal.append(row)
            right.append(self.demand[klass, hub])
        for site in range(j):
            row = np.zeros(self.size)
            row[index[:, :, site]] = self.use[:, :, site]
            below.append(row)
            most.append(self.capacity[site])
        for place, lost in enumerate(self.lost):
            first = self.start(place)
            for klass, hub in np.ndindex(k, h):
                row = np.zeros(self.size)
                row[first + index[self.of == klass, hub]] = row[first + self.x + klass * h + hub] = 1.0
                row[index[self.of == klass, hub][:, lost[hub]]] = -self.share[klass]
                equal.append(row)
                right.append(0.0)
            for site in range(j):
                row = np.zeros(self.size)
                row[first + index[:, :, site]] = self.use[:, :, site]
                kept = self.use[:, :, site] * self.share[self.of, None] * ~lost[None, :, site]
                row[index[:, :, site]] = kept
                below.append(row)
                most.append(self.capacity[site])
        return {"A_eq": np.array(equal), "b_eq": np.array(right), "A_ub": np.array(below), "b_ub": np.array(most)}
