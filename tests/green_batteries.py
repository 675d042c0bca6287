"""Green shares beside batteries: a day by hand, random instances, and the rows of the explicit program of each.

The explicit program has all that a battery charges, discharges and holds, and its green part as columns that are at
most these. The package has a green and a grey content side by side.
"""

from __future__ import annotations

import numpy as np

import placer
from tests.batteries_at_random import random_tables


def wind_by_day(amount=1.0, hours="each", battery=None, **rest):
    """Return a site that takes 10 MWh by day and by night, wind at 60 USD by day, and a grid at 50 USD.

    Its battery keeps 0.8 on the way in and again on the way out, so that a MWh at night takes 1 / 0.64 by day.
    """
    work = {"workload": "w", "accelerator_hours_per_mtok": 0, "kwh_per_mtok": 1000, "unserved_usd_per_mtok": 1000}
    size = {"power_mw": 20.0, "energy_mwh": 100.0, "efficiency": 0.8} | (battery or {})
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H"}],
            "data_centres": [{"data_centre": "D"}],
            "links": [{"from": "H", "to": "D", "rtt_ms": 1}],
            "power_zones": [{"power_zone": "wind", "usd_per_mwh": 60}, {"power_zone": "grid", "usd_per_mwh": 50}],
            "supplies": [
                {"power_zone": "wind", "data_centre": "D", "limit_mw": [30, 0], "green": 1},
                {"power_zone": "grid", "data_centre": "D"},
            ],
            "batteries": [{"battery": "B", "data_centre": "D", **size}],
            "workloads": [work],
            "demand": [{"workload": "w", "hub": "H", "hour": hour, "mtok": 10} for hour in (0, 1)],
            "limits": [{"limit": "green", "kind": "green_share", "sense": ">=", "amount": amount, "hours": hours}],
        }
    )
    return instance.replace(**rest) if rest else instance


def random_green(rng, hours=6, *, negative=False):
    """Return a random instance with batteries and one to three limits on green shares."""
    tables = random_tables(rng, hours, negative=negative)
    green = {"Y": float(rng.choice([0.0, 0.3])), "Z": float(rng.choice([1.0, 0.9]))}
    supplies = [*tables["supplies"], {"power_zone": "Z", "data_centre": "A", "limit_mw": 20.0}]
    tables["supplies"] = [row | {"green": green[row["power_zone"]]} for row in supplies]
    scopes = [{"data_centre": "A"}, {"data_centre": "B"}, {}]
    spans = ["each", f"0-{hours // 2 - 1}", f"{hours // 2}-{hours - 1}"]
    tables["limits"] = [
        {
            "limit": f"green {number}",
            "kind": "green_share",
            "sense": str(rng.choice([">=", ">=", ">=", "<="])),
            "amount": float(rng.choice([0.4, 0.6, 0.8, 1.0])),
            "hours": str(rng.choice(spans)) if rng.random() < 0.7 else None,
            **scopes[int(rng.integers(3))],
        }
        for number in range(int(rng.integers(1, 4)))
    ]
    if rng.random() < 0.4:
        halves = [("first", 3.0)] * (hours // 2) + [("second", 1.5)] * (hours - hours // 2)
        tables["periods"] = [{"hour": t, "block": name, "weight": each} for t, (name, each) in enumerate(halves)]
    return placer.Instance.from_tables(tables, cyclic=bool(rng.random() < 0.5))


def add_green(rows, instance):
    """Add the green part of every battery at a data centre, and the rows of limits on green shares."""
    for battery in instance.batteries[instance.batteries["data_centre"].notna()].itertuples():
        _add_green_part(rows, instance, battery)
    for t in range(len(instance.hours)):
        for site in instance.data_centres["data_centre"]:
            green, every = _used(rows, instance, site, t)
            rows.below.append(([(name, -value) for name, value in green], 0.0))
            rows.below.append((green + [(name, -value) for name, value in every], 0.0))
    for limit in instance.limits.itertuples():
        for hours in _hours(instance, limit.hours):
            _add_limit(rows, instance, limit, hours)


def _add_limit(rows, instance, limit, hours):
    sign = 1.0 if limit.sense == ">=" else -1.0
    terms = []
    for site in limit.data_centre or instance.data_centres["data_centre"]:
        for t in hours:
            green, every = _used(rows, instance, site, t)
            terms += [(name, sign * limit.amount * value) for name, value in every]
            terms += [(name, -sign * value) for name, value in green]
    rows.below.append((terms, 0.0))


def _hours(instance, text):
    every = range(len(instance.hours))
    if text == "each":
        return [[t] for t in every]
    first, last = map(int, text.split("-")) if text else (0, len(instance.hours) - 1)
    return [[t for t in every if first <= t <= last]]


def _add_green_part(rows, instance, battery):
    name = battery.battery
    for t in range(len(instance.hours)):
        for column in "cge":
            rows.column(f"{column} green", name, t)
            rows.below.append(([((f"{column} green", name, t), 1.0), ((column, name, t), -1.0)], 0.0))
    for t in range(len(instance.hours)):
        same = np.flatnonzero(instance.blocks == instance.blocks[t])
        last = t - 1 if t > same[0] else same[-1]
        held = [(("e green", name, t), 1.0), (("e green", name, last), -1.0)]
        moved = [(("c green", name, t), -battery.efficiency), (("g green", name, t), 1 / battery.efficiency)]
        rows.equal.append((held + moved, 0.0))


def _used(rows, instance, site, t):
    """Return the terms of the green power and of all power that work uses at a site in an hour."""
    green, every = [], []
    for each in instance.supplies[instance.supplies["data_centre"] == site].itertuples():
        every.append((("y", each.Index, t), 1 - each.loss))
        green.append((("y", each.Index, t), (1 - each.loss) * each.green))
    for name in instance.batteries["battery"][instance.batteries["data_centre"] == site]:
        every += [(("c", name, t), -1.0), (("g", name, t), 1.0)]
        green += [(("c green", name, t), -1.0), (("g green", name, t), 1.0)]
    return green, every
