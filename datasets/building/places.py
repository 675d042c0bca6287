"""Where everything is: cities, hubs, data centres, exchanges, and the distance between them."""

from __future__ import annotations

import math

from building.tables import Cell, Dataset, decimals, read, read_by, value

Place = tuple[float, float]

EARTH_RADIUS_KM = 6371.0
REGIONS = {
    "east": "Beijing Tianjin Hebei Shanghai Jiangsu Zhejiang Fujian Shandong Guangdong Hainan",
    "centre": "Shanxi Anhui Jiangxi Henan Hubei Hunan",
    "northeast": "Liaoning Jilin Heilongjiang",
}
ACCESS = {"fixed": "fixed access", "mobile": "mobile access"}


def region(province: str) -> str:
    """Return the region of a province by the convention of the National Bureau of Statistics."""
    return next((name for name, provinces in REGIONS.items() if province in provinces.split()), "west")


def distance_km(one: Place, other: Place) -> float:
    """Return the great-circle distance of two places (latitude, longitude)."""
    (lat, lon), (lat2, lon2) = ([math.radians(angle) for angle in place] for place in (one, other))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def cities() -> dict[str, Place]:
    """Return the 43 cities; four that carried the coordinates of a namesake are corrected."""
    rows = read_by("cities", "city") | read_by("city_corrections", "city")
    return {city: (float(row["lat"]), float(row["lon"])) for city, row in rows.items()}


def clusters() -> dict[str, Place]:
    """Return the ten national clusters."""
    return {row["cluster"]: (float(row["lat"]), float(row["lon"])) for row in read("clusters")}


def sites() -> dict[str, Place]:
    """Return the data centres."""
    known = {f"city:{name}": place for name, place in cities().items()}
    known |= {f"cluster:{name}": place for name, place in clusters().items()}
    return {row["data_centre"]: known[row["place"]] for row in read("assumed_sites")}


def add_hubs(dataset: Dataset) -> None:
    """Add every city twice: as a hub on fixed and one on mobile access."""
    places, corrected = cities(), read_by("city_corrections", "city")
    rows: list[dict[str, Cell]] = []
    for city in read("cities"):
        lat, lon = places[city["city"]]
        for access, item in ACCESS.items():
            hub = f"{city['city']} {access}"
            rows.append(
                {
                    "hub": hub,
                    "region": region(city["province"]),
                    "access_ms": decimals(value(item), 1),
                    "lat": decimals(lat, 3),
                    "lon": decimals(lon, 3),
                    "utc_offset_hours": "8",
                }
            )
            if city["city"] in corrected:
                fix = corrected[city["city"]]
                wrong = f"{fix['wrong_lat']}, {fix['wrong_lon']}"
                note = f"GeoNames {fix['geonameid']}; the city table had a namesake at {wrong}"
                for column in ("lat", "lon"):
                    dataset.cite("hubs", hub, column, fix["source"], fix["kind"], note)
    dataset.tables["hubs"] = rows
