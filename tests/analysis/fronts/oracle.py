"""Least costs at a green share by an explicit program, written out without any of placer's own code."""

import numpy as np
from scipy.optimize import linprog


def random_case(seed):
    """Return sites, tiers and demand at random: PUE by site; USD a MWh, MW and whether green by tier; Mtok by hour."""
    rng = np.random.default_rng(seed)
    sites, hours = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    tiers = [
        {"site": site, "green": green, "usd": float(rng.integers(1, 40)), "mw": rng.integers(1, 9, hours).astype(float)}
        for site in range(sites)
        for green in (0.0, 1.0)
    ]
    for tier in tiers:
        if not tier["green"]:
            tier["mw"] = np.full(hours, 100.0)
    return {
        "pue": rng.choice([1.0, 1.25, 1.5], sites),
        "usd": rng.integers(0, 20, sites).astype(float),
        "tiers": tiers,
        "mtok": rng.integers(1, 12, hours).astype(float),
        "penalty": 300.0,
    }


def least_cost(case, share, *, by_hour, days=None):
    """Return the least cost at a share of every hour, of every day (hours of each), or of all hours."""
    sites, hours, tiers = len(case["pue"]), len(case["mtok"]), case["tiers"]
    days = [[hour] for hour in range(hours)] if by_hour else (days or [list(range(hours))])
    served, bought = sites * hours, len(tiers) * hours
    columns = served + bought + hours
    cost = np.concatenate(
        [np.repeat(case["usd"], hours), np.repeat([t["usd"] for t in tiers], hours), np.full(hours, case["penalty"])]
    )
    equal, right = [], []
    for hour in range(hours):
        row = np.zeros(columns)
        row[hour:served:hours] = 1
        row[served + bought + hour] = 1
        equal.append(row)
        right.append(case["mtok"][hour])
        for site in range(sites):
            row = np.zeros(columns)
            row[site * hours + hour] = case["pue"][site]
            for place, tier in enumerate(tiers):
                row[served + place * hours + hour] = -float(tier["site"] == site)
            equal.append(row)
            right.append(0.0)
    at_most = []
    for day in days:
        row = np.zeros(columns)
        for place, tier in enumerate(tiers):
            row[[served + place * hours + hour for hour in day]] = share - tier["green"]
        at_most.append(row)
    upper = [None] * served + [float(mw) for tier in tiers for mw in tier["mw"]] + [None] * hours
    found = linprog(
        cost, A_ub=at_most, b_ub=np.zeros(len(days)), A_eq=equal, b_eq=right, bounds=[(0, each) for each in upper]
    )
    assert found.status == 0
    return found.fun


def instance_of(case, powered):
    """Return the instance of a case."""
    supplies = [(f"z{at}", t["usd"], t["green"], None, f"s{t['site']}") for at, t in enumerate(case["tiers"])]
    sites = {
        f"s{at}": {"pue": pue, "accelerator_usd_per_hour": usd}
        for at, (pue, usd) in enumerate(zip(case["pue"], case["usd"], strict=True))
    }
    chat = {"chat": {"unserved_usd_per_mtok": case["penalty"]}}
    instance = powered(supplies, {"chat": case["mtok"]}, sites, chat)
    return instance.replace(power_zones=instance.power_zones.assign(limit_mw=[tuple(t["mw"]) for t in case["tiers"]]))
