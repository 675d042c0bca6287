"""Random small instances with models, and their least cost from the text alone: a program for each replica vector."""

import itertools

import numpy as np
from scipy.optimize import linprog

import placer

SITES, HUBS = 3, 2
#: USD per Mtok that is not served, and of the energy of a Mtok.
PENALTY, ENERGY_USD = 30.0, 0.05


def tables(seed, hours=1, models=2):
    """Return the tables of an instance of few accelerators, with a workload for each model."""
    random = np.random.default_rng(seed)
    sites, hubs = [f"D{place}" for place in range(SITES)], [f"H{place}" for place in range(HUBS)]
    names = [f"w{place}" for place in range(models)]
    scale = random.choice([0.3, 1.0, 3.0], models)
    return {
        "hubs": [{"hub": name} for name in hubs],
        "data_centres": [
            {
                "data_centre": name,
                "accelerators": float(random.integers(2, 6)),
                "accelerator_usd_per_hour": float(random.choice([1.0, 1.3, 2.0])),
                "max_utilisation": float(random.choice([0.8, 1.0])),
                "speed": float(random.choice([1.0, 1.25])),
            }
            for name in sites
        ],
        "power_zones": [{"power_zone": "grid", "usd_per_mwh": 1000 * ENERGY_USD}],
        "supplies": [{"power_zone": "grid", "data_centre": name} for name in sites],
        "links": [
            {"from": hub, "to": site, "rtt_ms": float(random.choice([15.0, 40.0])), "usd_per_gb": 0.02}
            for hub in hubs
            for site in sites
        ],
        "workloads": [
            {
                "workload": name,
                "accelerator_hours_per_mtok": 1.0,
                "kwh_per_mtok": 1.0,
                "gb_per_mtok": float(random.choice([0.0, 1.0])),
                "latency_slo_ms": float(random.choice([20.0, 100.0])),
                "unserved_usd_per_mtok": PENALTY,
            }
            for name in names
        ],
        "served_models": [
            {
                "model": name.replace("w", "m"),
                "workloads": name,
                "replica_accelerators": float(random.choice([1.0, 2.0])),
                "cold_start_seconds": 900.0,
            }
            for name in names
        ],
        "demand": [
            {"workload": name, "hub": hub, "hour": hour, "mtok": float(part * random.uniform(0.1, 1.5))}
            for name, part in zip(names, scale, strict=True)
            for hub in hubs
            for hour in range(hours)
        ],
    }


def vectors(given, model):
    """Return all numbers of replicas of a model at the data centres (n, sites)."""
    size = given["served_models"][model]["replica_accelerators"]
    fits = [range(int(site["accelerators"] // size) + 1) for site in given["data_centres"]]
    return np.array(list(itertools.product(*fits)))


def cost_of(given, model, replicas, hour):
    """Return the least cost and penalty of one model in one hour over its replicas (sites,), theirs included."""
    centres, workload = given["data_centres"], given["workloads"][model]
    size = given["served_models"][model]["replica_accelerators"]
    rtt = {(row["from"], row["to"]): row["rtt_ms"] for row in given["links"]}
    rows = [row for row in given["demand"] if row["workload"] == workload["workload"] and row["hour"] == hour]
    price, use, most = [], [], []
    for row in rows:
        for site in centres:
            late = rtt[row["hub"], site["data_centre"]] > workload["latency_slo_ms"]
            price.append(0.02 * workload["gb_per_mtok"] + ENERGY_USD)
            use.append(1.0 / site["speed"])
            most.append(0.0 if late else row["mtok"])
        price, use, most = [*price, PENALTY], [*use, 0.0], [*most, row["mtok"]]
    served = np.kron(np.eye(len(rows)), np.ones(SITES + 1))
    busy = np.zeros((SITES, len(price)))
    for place in range(SITES):
        busy[place, place :: SITES + 1] = use[place]
    room = [count * size * site["max_utilisation"] for count, site in zip(replicas, centres, strict=True)]
    bounds = [(0.0, upper) for upper in most]
    found = linprog(price, busy, room, served, [row["mtok"] for row in rows], bounds)
    own = sum(n * size * site["accelerator_usd_per_hour"] for n, site in zip(replicas, centres, strict=True))
    return found.fun + own


def least_cost(given):
    """Return the least cost and penalty of one hour over all numbers of replicas of two models that fit together."""
    room = np.array([site["accelerators"] for site in given["data_centres"]])
    size = [row["replica_accelerators"] for row in given["served_models"]]
    first, second = (vectors(given, model) for model in (0, 1))
    costs = [np.array([cost_of(given, model, each, 0) for each in some]) for model, some in enumerate((first, second))]
    fits = (size[0] * first[:, None] + size[1] * second <= room).all(axis=2)
    return float((costs[0][:, None] + costs[1])[fits].min())


def least_cost_of_two_hours(given, *, cyclic):
    """Return the least cost and penalty of one model over two hours, with cold starts; every pair of vectors."""
    some, model = vectors(given, 0), given["served_models"][0]
    one, other = (np.array([cost_of(given, 0, each, hour) for each in some]) for hour in (0, 1))
    price = np.array([site["accelerator_usd_per_hour"] for site in given["data_centres"]])
    of_start = model["replica_accelerators"] * price * model["cold_start_seconds"] / 3600
    more = np.maximum(some - some[:, None], 0.0) @ of_start  # the second beyond the first
    return float((one[:, None] + other + more + cyclic * more.T).min())


def instance_of(given, **settings):
    """Return the instance of some tables."""
    return placer.Instance.from_tables(given, **settings)
