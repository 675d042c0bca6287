"""Wind and sun of a site's own: the scenario ``own_power``, with supplies of 0 MW and candidates that raise them."""

from __future__ import annotations

from math import cos, pi

from building.tables import Cell, Dataset, Row, decimals, read, read_by, world_value
from building.to_build import WACC, annuity, cost

HOURS = 24
HOURS_A_YEAR = 8760
DAYLIGHT_HOURS = 12  # the mean over a year, everywhere
MERIDIAN = 120  # degrees east, where the sun of UTC+8 is highest at 12
DEGREES_AN_HOUR = 15
SCENARIO = "scenarios/own_power"


def add_own_power(dataset: Dataset) -> None:
    """Add the tables of the scenario; zones, supplies and candidates of the dataset must be there."""
    farms, tables = read("assumed_own_power"), dataset.tables
    zones = [row | {"usd_per_mwh": ""} for row in tables["power_zones"]]
    supplies = [row | {"green": ""} for row in tables["supplies"]]
    candidates = [row | {"usable_share": ""} for row in tables["candidates"]]
    dataset.tables |= {
        f"{SCENARIO}_power_zones": zones + [zone(farm) for farm in farms],
        f"{SCENARIO}_supplies": supplies + [supply(farm) for farm in farms],
        f"{SCENARIO}_candidates": candidates + [candidate(farm) for farm in farms],
        f"{SCENARIO}_candidate_hours": [row for farm in farms if not is_flat(farm) for row in hours(dataset, farm)],
    }
    cite(dataset, farms)


def figure(item: str) -> float:
    """Return one published figure of wind, sun or connections."""
    return float(read_by("own_power", "item")[item]["value"])


def usd(item: str) -> float:
    """Return one published price in USD per kW or MWh."""
    return figure(item) / world_value("EUR per USD")


def zone(farm: Row) -> dict[str, Cell]:
    """Return the power zone of a farm, at its variable cost and without carbon."""
    price = decimals(usd(f"{farm['technology']}, variable operation"), 2)
    return {"power_zone": farm["power_zone"], "carbon_kg_per_mwh": "0", "usd_per_mwh": price}


def supply(farm: Row) -> dict[str, Cell]:
    """Return the supply of a farm that is not built yet."""
    return {"power_zone": farm["power_zone"], "data_centre": farm["data_centre"], "limit_mw": "0", "green": "1"}


def candidate(farm: Row) -> dict[str, Cell]:
    """Return the candidate of a farm: a unit is a MW; its connection is a fixed cost a year, over its own life."""
    technology, wacc = farm["technology"], cost(f"{WACC}OECD countries and China")
    own, connection = (1000 * usd(f"{part}, investment") for part in (technology, "connection"))
    yearly = connection * (annuity(wacc, figure("connection, lifetime")) + upkeep("connection"))
    return {
        "candidate": farm["power_zone"],
        "adds": "limit_mw",
        "target": f"{farm['power_zone']}|{farm['data_centre']}",
        "usd_per_unit": decimals(own, 0),
        "wacc": decimals(wacc, 4),
        "lifetime_years": decimals(figure(f"{technology}, lifetime"), 1),
        "fixed_usd_per_unit_year": decimals(own * upkeep(technology) + yearly, 0),
        "capital_usd": decimals(own + connection, 0),
        "it_kw": "",
        "usable_share": decimals(mean_share(farm), 4) if is_flat(farm) else "",
    }


def upkeep(part: str) -> float:
    """Return the fixed cost of operation a year as a share of the investment."""
    return figure(f"{part}, fixed operation") / 100


def is_flat(farm: Row) -> bool:
    """Return whether a farm is taken to yield as much in every hour."""
    return farm["day"] == "flat"


def mean_share(farm: Row) -> float:
    """Return what a farm yields in a year as a share of its power in all hours."""
    name = farm["yields_as"]
    return 1000 * figure(f"{name}, yield") / (figure(f"{name}, power") * HOURS_A_YEAR)


def hours(dataset: Dataset, farm: Row) -> list[dict[str, Cell]]:
    """Return the usable share of a solar farm by the hour: half a sine around noon at the longitude of the site."""
    east = next(
        float(row["lon"]) for row in dataset.tables["data_centres"] if row["data_centre"] == farm["data_centre"]
    )
    rise = HOURS / 2 + (MERIDIAN - east) / DEGREES_AN_HOUR - DAYLIGHT_HOURS / 2
    shape = [height(hour - rise) for hour in range(HOURS)]
    factor = mean_share(farm) * HOURS / sum(shape)
    return [
        {"candidate": farm["power_zone"], "hour": str(hour), "usable_share": decimals(factor * part, 4)}
        for hour, part in enumerate(shape)
    ]


def height(since_rise: float) -> float:
    """Return the integral of the half sine over the hour that begins so long after sunrise."""
    start, end = (min(max(since_rise + step, 0.0), DAYLIGHT_HOURS) for step in (0, 1))
    return cos(pi * start / DAYLIGHT_HOURS) - cos(pi * end / DAYLIGHT_HOURS)


def cite(dataset: Dataset, farms: list[Row]) -> None:
    """Say where the figures come from; rows that the dataset has are as there."""
    for table in ("power_zones", "supplies", "candidates"):
        dataset.cite(f"{SCENARIO}_{table}", "*", "*", f"as {table}, whose sources hold", "derived")
    for farm in farms:
        cite_site(dataset, farm)
        cite_costs(dataset, farm)
        cite_yield(dataset, farm)


def cite_site(dataset: Dataset, farm: Row) -> None:
    """Say that a farm beside the site is a choice, and that it emits nothing."""
    name, choice = farm["power_zone"], "facts/assumed_own_power.csv"
    dataset.cite(f"{SCENARIO}_power_zones", name, "power_zone", choice, "assumption", "a zone for each farm")
    dataset.cite(f"{SCENARIO}_power_zones", name, "carbon_kg_per_mwh", choice, "assumption", "0 in operation")
    dataset.cite(f"{SCENARIO}_supplies", name, "*", choice, "assumption", "0 MW until a plan builds it; green")
    for column in ("candidate", "adds", "target"):
        dataset.cite(f"{SCENARIO}_candidates", name, column, choice, "assumption", "the site may build any power of it")


def cite_costs(dataset: Dataset, farm: Row) -> None:
    """Say where the costs of a farm and of its connection come from."""
    facts, name, candidates = read_by("own_power", "item"), farm["power_zone"], f"{SCENARIO}_candidates"
    technology = farm["technology"]
    abroad = f"a price in Denmark stands in for one in China, at {world_value('EUR per USD')} EUR per USD: assumptions"
    price, fixed, variable, life = (
        facts[f"{technology}, {part}"] for part in ("investment", "fixed operation", "variable operation", "lifetime")
    )
    note = f"{abroad}; {variable['note']}"
    dataset.cite(f"{SCENARIO}_power_zones", name, "usd_per_mwh", variable["source"], variable["kind"], note)
    dataset.cite(candidates, name, "usd_per_unit", price["source"], price["kind"], f"{abroad}; {price['note']}")
    dataset.cite(candidates, name, "lifetime_years", life["source"], life["kind"])
    rate = read_by("costs", "item")[f"{WACC}OECD countries and China"]
    dataset.cite(candidates, name, "wacc", rate["source"], rate["kind"], rate["note"])
    note = f"{fixed['value']} % of the investment a year for operation"
    dataset.cite(candidates, name, "fixed_usd_per_unit_year", fixed["source"], fixed["kind"], note)
    wire = facts["connection, investment"]
    years, share = facts["connection, lifetime"]["value"], facts["connection, fixed operation"]["value"]
    note = f"and the connection over {years} years with {share} % a year; {wire['note']}; {abroad}"
    dataset.cite(candidates, name, "fixed_usd_per_unit_year", wire["source"], wire["kind"], note)
    dataset.cite(candidates, name, "capital_usd", "farm and connection together", "derived")


def cite_yield(dataset: Dataset, farm: Row) -> None:
    """Say where the yield of a farm comes from, and that its hours are a choice."""
    name, facts = farm["power_zone"], read_by("own_power", "item")
    power, yearly = (facts[f"{farm['yields_as']}, {part}"] for part in ("power", "yield"))
    table = f"{SCENARIO}_candidates" if is_flat(farm) else f"{SCENARIO}_candidate_hours"
    note = f"{yearly['value']} GWh a year of {power['value']} MW; {farm['note']}"
    dataset.cite(table, name, "usable_share", yearly["source"], "derived", note)
    day = "the mean in every hour" if is_flat(farm) else "half a sine over 12 hours around noon at the site"
    dataset.cite(table, name, "usable_share", "facts/assumed_own_power.csv", "assumption", f"hours: {day}")
    if not is_flat(farm):
        dataset.cite(table, name, "*", "hour of the day in UTC+8", "assumption")
