"""Demand of the globe: workloads, and the tokens of each by country and hour."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from building.demand import mtok_a_day as mtok_of_china
from building.demand import profile
from building.globe_nodes import CHINA, OFFSET_OF_CHINA, Node, countries, nodes, share_of_users
from building.tables import Cell, Dataset, decimals, read, read_by
from building.workloads import cite_price
from building.world_workloads import at_hour, classes
from building.world_workloads import mtok_a_day as mtok_of_others

MIX = "globe/assumed_mix"
LAW = "scenarios/law"
CHINA_BY_INCOME = "scenarios/china_by_income"
EVEN = "flat"  # the profile of work that arrives evenly
HOURS_OF_A_LOT = 3
WHOLE_MTOK = 50  # demand from here on is written in whole Mtok


def product(iso3: str) -> float:
    """Return the gross product of a country at purchasing power, in USD."""
    row = countries()[iso3]
    return float(row["population_2023"]) * float(row["gdp_per_capita_ppp_usd_2023"])


@cache
def mtok_per_usd() -> float:
    """Return the tokens of a day for a dollar of product outside China."""
    return mtok_of_others() / sum(product(iso3) for iso3 in countries() if iso3 != CHINA)


def mtok_a_day(iso3: str) -> float:
    """Return the demand of a country in million tokens: published of China, elsewhere by people and income."""
    return mtok_of_china() if iso3 == CHINA else mtok_per_usd() * product(iso3)


def mix(iso3: str) -> dict[str, float]:
    """Return the share of each class in a country; chat takes what regulated chat leaves free."""
    place = read_by("globe/assumed_nodes", "iso3")[iso3]["jurisdiction"]
    shares = {row["workload"]: float(row["share"]) for row in read(MIX) if row["hubs"] in ("all", place)}
    shares["chat"] += 1 - sum(shares.values())
    return shares


@cache
def offsets() -> Mapping[str, Mapping[float, float]]:
    """Return the hours ahead of UTC at which a country's people live, each with its share.

    By the cities of ``world`` where there are some, else all by its most populous city.
    """
    people: dict[str, dict[float, float]] = {}
    for city in read("world_cities"):
        clock = people.setdefault(city["iso3"], {})
        ahead = float(city["utc_offset_hours_june"])
        clock[ahead] = clock.get(ahead, 0.0) + float(city["population"])
    people |= {node.iso3: {node.utc_offset_hours: 1.0} for node in nodes() if node.iso3 not in people}
    people[CHINA] = {OFFSET_OF_CHINA: 1.0}
    return {iso3: {ahead: n / sum(clock.values()) for ahead, n in clock.items()} for iso3, clock in people.items()}


def hours_of(name: str, iso3: str) -> dict[int, float]:
    """Return the share of each hour in UTC of a profile in a country's local time; batch arrives in even lots."""
    if name == EVEN:
        return dict.fromkeys(range(0, 24, HOURS_OF_A_LOT), HOURS_OF_A_LOT / 24)
    local = profile(name)
    clock = offsets()[iso3].items()
    return {hour: sum(people * at_hour(local, hour, ahead) for ahead, people in clock) for hour in range(24)}


def demand_of(node: Node, mtok: float) -> list[dict[str, Cell]]:
    """Return the demand of a node by workload and hour in UTC, given that of its country a day."""
    kinds = read_by(MIX, "workload")
    rows: list[dict[str, Cell]] = []
    for workload, part in mix(node.iso3).items():
        for hour, share in hours_of(kinds[workload]["profile"], node.iso3).items():
            amount = mtok * share_of_users(node) * part * share
            cell = decimals(amount, 0 if amount >= WHOLE_MTOK else 1)
            rows.append({"workload": workload, "hub": node.hub, "hour": str(hour), "mtok": cell})
    return rows


@cache
def accelerator_hours_a_day() -> float:
    """Return the work of a day in accelerator-hours."""
    hours = {row["workload"]: float(row["accelerator_hours_per_mtok"]) for row in classes(read(MIX))}
    rows = (row for node in nodes() for row in demand_of(node, mtok_a_day(node.iso3)))
    return sum(float(row["mtok"]) * hours[row["workload"]] for row in rows)


def add_demand(dataset: Dataset) -> None:
    """Add workloads that may run anywhere, the law that binds some, and demand."""
    bound = classes(read(MIX))
    dataset.tables["workloads"] = [row | {"jurisdictions": ""} for row in bound]
    dataset.tables[LAW] = [
        {"workload": row["workload"], "jurisdictions": row["jurisdictions"]} for row in bound if row["jurisdictions"]
    ]
    dataset.tables["demand"] = [row for node in nodes() for row in demand_of(node, mtok_a_day(node.iso3))]
    as_others = mtok_per_usd() * product(CHINA)
    dataset.tables[CHINA_BY_INCOME] = [
        row for node in nodes() if node.iso3 == CHINA for row in demand_of(node, as_others)
    ]
    _cite(dataset)


def _cite(dataset: Dataset) -> None:
    """Say where volumes, hours and rules come from."""
    shapes = {row["series"]: row for row in reversed(read("demand_shapes"))}
    known = {"deepseek": shapes["deepseek_v3r1_token_revenue"], "azure_code": shapes["azure2024_code"]}
    lots = {"source": f"arrivals in even lots every {HOURS_OF_A_LOT} hours", "kind": "assumption"}
    for row in read(MIX):
        shape = known.get(row["profile"], lots)
        if row["hubs"] == "all":
            cite_price(dataset, row["workload"], row["needs_of"])
        note = "" if row["profile"] == EVEN else "hours of the day, in local time; one shape for all is an assumption"
        dataset.cite("demand", row["workload"], "mtok", shape["source"], shape["kind"], note)
    note = "share of regulated chat as in world; China and the whole European Economic Area are added"
    dataset.cite(LAW, "*", "*", "facts/globe/assumed_mix.csv, facts/globe/assumed_nodes.csv", "assumption", note)
    note = "China uses as many tokens for a dollar of product as the other countries"
    dataset.cite(CHINA_BY_INCOME, "*", "*", "facts/globe/countries.csv", "assumption", note)
