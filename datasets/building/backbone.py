"""The network: exchanges, links, their round trips, capacity and price."""

from __future__ import annotations

import math
from itertools import combinations

from building.places import ACCESS, Place, cities, clusters, distance_km, sites
from building.tables import Cell, Dataset, decimals, read, read_by, value

FIT = "fit RTT = a*km + b : slope, North America land pairs"
FLOOR = "RTT floor per 1000 km great circle"
LINK_COLUMNS = ("from", "to", "rtt_ms", "capacity_gbps", "usd_per_gb")


def core() -> list[str]:
    """Return the core nodes of the national backbone: the two published lists together."""
    items = read_by("further", "item")
    lists = (items[f"backbone core nodes, {which} list"]["value"].split("|") for which in ("first", "later"))
    return list(dict.fromkeys(name for names in lists for name in names))


def exchanges() -> dict[str, Place]:
    """Return the exchanges: core nodes, and the nodes that hang on them."""
    names = dict.fromkeys([*core(), *(row["from"] for row in read("assumed_backbone"))])
    known = clusters() | cities()
    return {name: known[name] for name in names}


def backbone() -> list[tuple[str, str, bool]]:
    """Return the links between exchanges, and whether each lies in the core mesh."""
    mesh = [(one, other, True) for one, other in combinations(core(), 2)]
    return mesh + [(row["from"], row["to"], False) for row in read("assumed_backbone")]


def nearest(place: Place, known: dict[str, Place], linked: set[frozenset[str]]) -> list[str]:
    """Return the nearest exchange, and the nearest of those it has a link to.

    That the two have a link of their own keeps transit traffic off the hub between them. A hub at an exchange
    needs no other.
    """
    order = sorted(known, key=lambda name: distance_km(place, known[name]))
    first = order[0]
    if distance_km(place, known[first]) < 1:
        return [first]
    return [first, next(name for name in order if frozenset((first, name)) in linked)]


def ends() -> list[tuple[str, str, float, float, str]]:
    """Return every link: its ends, kilometres, tails of the intercept, and kind."""
    known = exchanges()
    linked = {frozenset(pair[:2]) for pair in backbone()}
    links: list[tuple[str, str, float, float, str]] = []
    for row in read("cities"):
        place = cities()[row["city"]]
        for access in ACCESS:
            near = ((name, distance_km(place, known[name])) for name in nearest(place, known, linked))
            links += [(f"{row['city']} {access}", f"{name} exchange", km, 0.0, "hub") for name, km in near]
    for row in read("assumed_sites"):
        site, place = row["data_centre"], sites()[row["data_centre"]]
        near = ((name, distance_km(place, known[name])) for name in row["exchanges"].split("|"))
        links += [(f"{name} exchange", site, km, 1.0, "site") for name, km in near]
    for one, other, in_core in backbone():
        kind = "core" if in_core else "other"
        links.append((f"{one} exchange", f"{other} exchange", distance_km(known[one], known[other]), 0.0, kind))
    return links


def fit() -> tuple[float, float]:
    """Return slope (ms per 1000 km) and intercept (ms) of the round trip over land."""
    row = read_by("network", "item")[FIT]
    return float(row["value"]), float(row["note"].split("intercept ")[1].split(" ms")[0])


def rounded(rtt_ms: float, kind: str) -> str:
    """Write a round trip to 0.01 ms: backbone links down, the others up, so that no route takes the way over a hub."""
    away = math.floor if kind in ("core", "other") else math.ceil
    return decimals(away(round(rtt_ms * 100, 6)) / 100, 2)


def add_network(dataset: Dataset) -> None:
    """Add exchanges and links, and the scenarios that change their round trips or capacities."""
    slope, intercept = fit()
    floor = float(read_by("network", "item")[FLOOR]["value"])
    tail = intercept * value("tail share of the intercept")
    capacity = {"core": value("core link capacity"), "other": value("other link capacity")}
    rows: list[dict[str, Cell]] = []
    fast: list[dict[str, Cell]] = []
    thin: list[dict[str, Cell]] = []
    for one, other, km, tails, kind in ends():
        rtt = slope * km / 1000 + tail * tails
        long_haul = kind in capacity
        price = decimals(value("transit") * km / 1000, 4) if long_haul else ""
        limit = decimals(capacity[kind], 0) if long_haul else ""
        rows.append(dict(zip(LINK_COLUMNS, (one, other, rounded(rtt, kind), limit, price), strict=True)))
        quick = rounded(floor * km / 1000 + tail * tails / 2, kind)
        fast.append({"from": one, "to": other, "rtt_ms": quick})
        if long_haul:
            tenth = capacity[kind] * value("thin backbone")
            thin.append({"from": one, "to": other, "capacity_gbps": decimals(tenth, 0)})
    dataset.tables["exchanges"] = [{"exchange": f"{name} exchange"} for name in exchanges()]
    dataset.tables["links"] = rows
    dataset.tables |= {"scenarios/rtt_round_trip": fast, "scenarios/thin_backbone": thin}
