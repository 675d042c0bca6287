"""World demand: workloads, and the tokens of each by city and hour."""

from __future__ import annotations

from collections.abc import Iterable

from building.demand import profile
from building.tables import Cell, Dataset, Row, decimals, read, read_by, world_value
from building.workloads import COLUMNS, cite_prices
from building.workloads import rows as published_rows

DAYS_OF_MAY = 31
MINUTES_OF_A_DAY = 1440
PRODUCT_OF_TAIWAN = "gross product of Taiwan"


def workloads() -> list[dict[str, Cell]]:
    """Return the workloads table: published classes, and chat that must stay in a jurisdiction."""
    return classes(read("assumed_world_mix"))


def classes(mix: Iterable[Row]) -> list[dict[str, Cell]]:
    """Return the workloads table of a mix: each class has the needs of a published one and may have a jurisdiction."""
    known = {str(row["workload"]): row for row in published_rows()}
    found: list[dict[str, Cell]] = []
    for row in mix:
        bound: dict[str, Cell] = {"jurisdictions": "" if row["hubs"] == "all" else row["hubs"]}
        need = known[row["needs_of"]] | {"workload": row["workload"]} | bound
        found.append({column: need[column] for column in COLUMNS})
    return found


def mtok_a_day() -> float:
    """Return the demand of a day in million tokens: the two largest operators outside China that publish theirs."""
    volumes = read_by("world_volumes", "entity")
    month, minute = (float(volumes[entity]["value"]) for entity in ("Google (all surfaces)", "OpenAI API"))
    return (month / DAYS_OF_MAY + minute * MINUTES_OF_A_DAY) / 1e6


def product(country: Row) -> float:
    """Return the gross product of a country in million USD."""
    return world_value(PRODUCT_OF_TAIWAN) if country["iso3"] == "TWN" else float(country["gdp_musd"])


def hub_shares() -> dict[str, float]:
    """Return the share of each hub: countries by gross product, within a country by the people of its hubs' cities."""
    cities = read("world_cities")
    people: dict[str, float] = {}
    for city in cities:
        people[city["iso3"]] = people.get(city["iso3"], 0) + float(city["population"])
    weight = {row["iso3"]: product(row) for row in read("world_countries") if row["iso3"] in people}
    total = sum(weight.values())
    return {
        city["city"]: weight[city["iso3"]] / total * float(city["population"]) / people[city["iso3"]] for city in cities
    }


def mix(iso3: str) -> dict[str, float]:
    """Return the share of each class at hubs of a country; chat takes what regulated chat leaves free."""
    known = read_by("assumed_world_jurisdictions", "iso3")
    place = known[iso3]["jurisdiction"] if iso3 in known else ""
    rows = [row for row in read("assumed_world_mix") if row["hubs"] in ("all", place)]
    shares = {row["workload"]: float(row["share"]) for row in rows}
    shares["interactive_chat"] += 1 - sum(shares.values())
    return shares


def at_hour(local: list[float], hour: int, offset: float) -> float:
    """Return the share of an hour in UTC of a profile in local time, in between for offsets of half an hour."""
    whole, part = divmod(hour + offset, 1)
    first = int(whole) % 24
    return (1 - part) * local[first] + part * local[(first + 1) % 24]


def demand() -> list[dict[str, Cell]]:
    """Return the demand by workload, hub and hour in UTC."""
    kinds = read_by("assumed_world_mix", "workload")
    profiles = {name: profile(name) for name in {row["profile"] for row in kinds.values()}}
    share, total = hub_shares(), mtok_a_day()
    rows: list[dict[str, Cell]] = []
    for city in read("world_cities"):
        offset = float(city["utc_offset_hours_june"])
        for workload, part in mix(city["iso3"]).items():
            day = total * share[city["city"]] * part
            local = profiles[kinds[workload]["profile"]]
            for hour in range(24):
                mtok = decimals(day * at_hour(local, hour, offset), 0)
                rows.append({"workload": workload, "hub": city["city"], "hour": str(hour), "mtok": mtok})
    return rows


def add_demand(dataset: Dataset) -> None:
    """Add workloads and demand."""
    dataset.tables |= {"workloads": workloads(), "demand": demand()}
    cite_prices(dataset)
    shapes = {row["series"]: row for row in reversed(read("demand_shapes"))}
    known = {"deepseek": shapes["deepseek_v3r1_token_revenue"], "azure_code": shapes["azure2024_code"]}
    for row in read("assumed_world_mix"):
        shape = known.get(row["profile"], {"source": "arrivals spread evenly", "kind": "assumption"})
        note = "hours of the day, in local time; that all hubs share one shape is an assumption"
        dataset.cite("demand", row["workload"], "mtok", shape["source"], shape["kind"], note)
        if row["hubs"] != "all":
            said = "needs and limits of interactive_chat; that this jurisdiction binds it is an assumption"
            dataset.cite("workloads", row["workload"], "*", "facts/assumed_world_mix.csv", "assumption", said)
