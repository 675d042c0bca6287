"""Where everything is in the world: hubs in large cities, data centres at cloud regions, and the links between them."""

from __future__ import annotations

import math

from building.backbone import LINK_COLUMNS, fit
from building.places import Place, distance_km
from building.tables import Cell, Dataset, decimals, read, read_by, value, world_value


def region(iso3: str) -> str:
    """Return the region of a country by the World Bank."""
    return read_by("world_countries", "iso3")[iso3]["region"]


def names() -> dict[str, str]:
    """Return the name of every cloud region by its code."""
    return {row["code"]: row["name"] for row in read("world_regions")}


def regions() -> dict[str, Place]:
    """Return the place of every cloud region by its code; six that stood far from their city are corrected."""
    rows = read_by("world_regions", "code") | read_by("world_region_corrections", "code")
    return {code: (float(row["lat"]), float(row["lon"])) for code, row in rows.items()}


def hub_places() -> dict[str, Place]:
    """Return the place of every hub."""
    return {row["city"]: (float(row["lat"]), float(row["lon"])) for row in read("world_cities")}


def add_hubs(dataset: Dataset) -> None:
    """Add a hub for every city, on fixed access."""
    dataset.tables["hubs"] = [
        {
            "hub": row["city"],
            "region": region(row["iso3"]),
            "access_ms": decimals(value("fixed access"), 1),
            "lat": row["lat"],
            "lon": row["lon"],
            "utc_offset_hours": row["utc_offset_hours_june"],
        }
        for row in read("world_cities")
    ]


def measured_ms() -> dict[tuple[str, str], float]:
    """Return the measured round trip from one cloud region to another, in ms.

    Where one direction was not measured, the other stands in. A pair measured in neither direction is left out.
    """
    rows = read_by("world_rtt", "src")
    trips: dict[tuple[str, str], float] = {}
    for one in rows:
        for other in rows:
            text = rows[one][other] or rows[other][one]
            if one != other and text:
                trips[one, other] = float(text)
    return trips


def entries(place: Place) -> list[tuple[str, float]]:
    """Return the cloud regions at which a hub enters, the nearest ones, and their distance in km."""
    known = {code: distance_km(place, other) for code, other in regions().items()}
    nearest = sorted(known, key=known.__getitem__)[: int(world_value("entries of a hub"))]
    return [(code, known[code]) for code in nearest]


def transit(km: float) -> str:
    """Return the price of carrying a GB so far."""
    return decimals(value("transit") * km / 1000, 4)


def add_network(dataset: Dataset) -> None:
    """Add an exchange at every cloud region, links of hubs to the nearest of them, and links on to every data centre.

    Links lead from hubs to exchanges and from exchanges to data centres only, so that a route holds one measured round
    trip at most and passes no third region. The link to the exchange's own data centre has the tail of the
    fit, half its intercept; a measured round trip holds the tails of both ends already. Hub links are rounded up.
    """
    slope, intercept = fit()
    tail = intercept * value("tail share of the intercept")
    rows: list[dict[str, Cell]] = []
    for hub, place in hub_places().items():
        for code, km in entries(place):
            rtt = decimals(math.ceil(round(slope * km / 10, 6)) / 100, 2)
            rows.append(_link(hub, f"{names()[code]} exchange", rtt, transit(km)))
    places, label = regions(), names()
    rows += [_link(f"{name} exchange", name, decimals(tail, 2), "") for name in label.values()]
    for (one, other), rtt_ms in measured_ms().items():
        price = transit(distance_km(places[one], places[other]))
        rows.append(_link(f"{label[one]} exchange", label[other], decimals(rtt_ms, 1), price))
    dataset.tables["exchanges"] = [{"exchange": f"{name} exchange"} for name in label.values()]
    dataset.tables["links"] = rows
    _cite_links(dataset)


def _link(one: str, other: str, rtt_ms: str, usd_per_gb: str) -> dict[str, Cell]:
    return dict(zip(LINK_COLUMNS, (one, other, rtt_ms, "", usd_per_gb), strict=True))


def _cite_links(dataset: Dataset) -> None:
    """Say which round trips are measured, which way, and which follow from distance."""
    label, measured = names(), read_by("world_rtt", "src")
    fitted = "15.528 ms per 1000 km of great circle, fitted over North American land: no measured figure was found"
    own = "half of the intercept of the fit (7.2 ms)"
    for hub in hub_places():
        dataset.cite("links", hub, "rtt_ms", "facts/network.csv", "derived", fitted)
    for code, row in measured.items():
        exchange = f"{label[code]} exchange"
        dataset.cite("links", exchange, "rtt_ms", row["source"], row["kind"])
        dataset.cite("links", f"{exchange}|{label[code]}", "rtt_ms", "facts/network.csv", "assumption", own)
        for other in measured:
            if other != code and not row[other] and measured[other][code]:
                line = ("links", f"{exchange}|{label[other]}", "rtt_ms", row["source"], "derived")
                dataset.cite(*line, "measured in the other direction only")
