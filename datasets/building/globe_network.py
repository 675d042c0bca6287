"""Round trips between countries, and the links that carry them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from building.backbone import fit
from building.globe_nodes import CHINA, COAST, Node, nodes
from building.places import distance_km
from building.tables import Cell, Dataset, decimals, read, value

#: How a round trip is known, and the kind of its source.
MEASURED = "measured"
ESTIMATED = "estimated"
BY_DISTANCE = "by distance"
AT_HOME = "at home"
INLAND = "on from the coast of China"
WHOLE_MS = 10  # round trips from here on are written in whole ms
#: Kinds and sources of what a line of a hub names; the other ways have one line for all hubs.
OF_A_HUB = {
    ESTIMATED: ("estimated there", "published_estimate"),
    BY_DISTANCE: ("facts/network.csv", "derived"),
}


@dataclass(frozen=True)
class Trip:
    """A round trip in ms and how it is known."""

    ms: float
    known: str


@cache
def between_countries() -> dict[frozenset[str], Trip]:
    """Return the round trip between two countries, or within one: the smaller of the medians of both directions."""
    trips: dict[frozenset[str], Trip] = {}
    for row in read("globe/round_trips"):
        medians = [float(text) for text in (row["median_ms"], row["back_median_ms"]) if text]
        known = MEASURED if int(row["pings"]) else ESTIMATED
        trips[frozenset((row["one"], row["other"]))] = Trip(min(medians), known)
    return trips


def tail_ms() -> float:
    """Return the round trip to a data centre of the same place, as in ``world``."""
    return fit()[1] * value("tail share of the intercept")


def trip(hub: Node, site: Node) -> Trip:
    """Return the round trip from a hub to a data centre.

    Within a country it is the median of its servers, but the tail of the fit where one server answered itself. A pair
    without pings follows from the distance. Trips from abroad reach China at its coast and go on by the distance.
    """
    slope, intercept = fit()
    known = between_countries().get(frozenset((hub.iso3, site.iso3)))
    if hub.iso3 == site.iso3:
        apart = known is not None and known.known == MEASURED and known.ms > tail_ms()
        return known if apart and known else Trip(tail_ms(), AT_HOME)
    if known is None:
        return Trip(slope * distance_km(hub.place, site.place) / 1000 + intercept, BY_DISTANCE)
    on = sum(slope * inland_km(node) / 1000 for node in (hub, site))
    return Trip(known.ms + on, INLAND if on else known.known)


def inland_km(node: Node) -> float:
    """Return the way from the coast of China to a node: 0 but for its west."""
    if node.iso3 != CHINA:
        return 0.0
    coast = next(other for other in nodes() if other.part == COAST)
    return distance_km(coast.place, node.place)


def rounded(ms: float) -> str:
    """Write a round trip to 0.1 ms, from 10 ms on to whole ms."""
    return decimals(ms, 1 if ms < WHOLE_MS else 0)


def add_network(dataset: Dataset) -> None:
    """Add a link from every hub straight to every data centre, so that no route passes a third country."""
    rows: list[dict[str, Cell]] = []
    for hub in nodes():
        for site in nodes():
            km = distance_km(hub.place, site.place)
            rows.append(
                {
                    "from": hub.hub,
                    "to": site.data_centre,
                    "rtt_ms": rounded(trip(hub, site).ms),
                    "usd_per_gb": decimals(value("transit") * km / 1000, 3),
                }
            )
        _cite_links(dataset, hub)
    dataset.tables["links"] = rows
    alone = " ".join(node.hub for node in nodes() if trip(node, node).known == AT_HOME)
    note = f"half the intercept of the fit, as no two servers of the country answered, at home in {alone}"
    dataset.cite("links", "*", "rtt_ms", "facts/network.csv", "assumption", note)
    note = "to and from the west of China: as its coast, and the way on to Chongqing by distance"
    dataset.cite("links", "CHN west", "rtt_ms", "facts/network.csv", "derived", note)


def _cite_links(dataset: Dataset, hub: Node) -> None:
    """List the round trips of a hub that are not measured; where most are not, the line lists those known otherwise."""
    ways: dict[str, list[str]] = {}
    for site in nodes():
        ways.setdefault(trip(hub, site).known, []).append(site.hub)
    for known, (source, kind) in OF_A_HUB.items():
        if sites := ways.get(known):
            others = [site.hub for site in nodes() if site.hub not in sites]
            note = f"to {' '.join(sites)}" if len(sites) <= len(others) else f"to all but {' '.join(others)}"
            dataset.cite("links", hub.hub, "rtt_ms", source, kind, note)
