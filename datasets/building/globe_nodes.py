"""The nodes of the globe: a country each, mainland China as its west and its coast, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from building.centres import computing_power
from building.places import Place, cities
from building.places import region as part_of_china
from building.tables import Cell, Dataset, Row, decimals, read, read_by, value

CHINA = "CHN"
WEST = "west"
COAST = "coast"
PARTS = (COAST, WEST)
#: The most populous city of each part of China.
CITIES_OF_CHINA = {COAST: "Shanghai", WEST: "Chongqing"}
OFFSET_OF_CHINA = 8.0


@dataclass(frozen=True)
class Node:
    """A country or a part of China: a hub and a data centre at its most populous city.

    Attributes
    ----------
    iso3, part, hub, country : str
        ``part`` is empty but for China.
    place : tuple of float
    utc_offset_hours : float
        In June.
    """

    iso3: str
    part: str
    country: str
    place: Place
    utc_offset_hours: float

    @property
    def hub(self) -> str:
        """The name of the hub."""
        return f"{self.iso3} {self.part}".strip()

    @property
    def data_centre(self) -> str:
        """The name of the data centre."""
        return f"{self.country} {self.part}".strip()


@cache
def countries() -> dict[str, Row]:
    """Return the row of every country, with its corrections."""
    rows = read_by("globe/countries", "iso3")
    for fix in read("globe/corrections"):
        rows[fix["iso3"]] = rows[fix["iso3"]] | {fix["column"]: fix["value"]}
    return rows


@cache
def nodes() -> tuple[Node, ...]:
    """Return the 87 nodes in the order of the table of countries."""
    large = _largest_cities() | read_by("globe/places", "iso3")
    found: list[Node] = []
    for iso3, row in countries().items():
        if iso3 == CHINA:
            places = {part: cities()[CITIES_OF_CHINA[part]] for part in PARTS}
            found += [Node(iso3, part, row["country"], places[part], OFFSET_OF_CHINA) for part in PARTS]
            continue
        city = large[iso3]
        place = (float(city["lat"]), float(city["lon"]))
        found.append(Node(iso3, "", row["country"], place, float(city["utc_offset_hours_june"])))
    return tuple(found)


def _largest_cities() -> dict[str, Row]:
    """Return the most populous city of every country in the table of ``world``."""
    rows = sorted(read("world_cities"), key=lambda row: float(row["population"]))
    return {row["iso3"]: row for row in rows}


def part(province: str) -> str:
    """Return the part of China that a province lies in: the west, or all else as the coast."""
    return WEST if part_of_china(province) == WEST else COAST


@cache
def sites_of(part_: str) -> Mapping[str, float]:
    """Return the sites of ``china`` in a part of the country, each with its share of the part's computing power."""
    power = computing_power()
    size = {
        row["data_centre"]: power[row["data_centre"]] for row in read("assumed_sites") if part(row["province"]) == part_
    }
    return {name: eflops / sum(size.values()) for name, eflops in size.items()}


def share_of_country(node: Node) -> float:
    """Return the share of a country's data centres at a node: all, or of China by computing power."""
    if not node.part:
        return 1.0
    power = computing_power()
    return sum(power[name] for name in sites_of(node.part)) / sum(power.values())


def share_of_users(node: Node) -> float:
    """Return the share of a country's demand at a node: all, or of China by product of the cities of ``china``."""
    if not node.part:
        return 1.0
    product = dict.fromkeys(PARTS, 0.0)
    for city in read("cities"):
        product[part(city["province"])] += float(city["gdp_1e8cny_2023"])
    return product[node.part] / sum(product.values())


def add_hubs(dataset: Dataset) -> None:
    """Add a hub for every node, on fixed access, and say where it lies."""
    dataset.tables["hubs"] = [
        {
            "hub": node.hub,
            "region": node.country,
            "access_ms": decimals(value("fixed access"), 1),
            **location(node),
        }
        for node in nodes()
    ]
    for node in nodes():
        if node.part:
            note = f"{CITIES_OF_CHINA[node.part]} stands for the {node.part}"
            dataset.cite("hubs", node.hub, "*", "facts/cities.csv", "assumption", note)


def location(node: Node) -> dict[str, Cell]:
    """Return the cells that say where a node is."""
    return {
        "lat": decimals(node.place[0], 2),
        "lon": decimals(node.place[1], 2),
        "utc_offset_hours": decimals(node.utc_offset_hours, 1),
    }
