"""Wind and sun of a site's own: the scenario ``own_power``, with supplies of 0 MW and candidates that raise them."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi

from building.power_prices import CONNECTION, connection_share, fact, figure, stands_in, upkeep, usd
from building.tables import Cell, Dataset, Row, decimals, read, read_by
from building.to_build import WACC, cost

HOURS = 24
HOURS_A_YEAR = 8760
DAYLIGHT_HOURS = 12  # the mean over a year, everywhere
DEGREES_AN_HOUR = 15
SCENARIO = "scenarios/own_power"
FLAT, HALF_SINE = "flat", "half sine"


@dataclass(frozen=True)
class Farms:
    """The farms of a dataset.

    Attributes
    ----------
    table : str
        The facts with a row for each farm.
    utc_offset_hours : int
        Of the clock whose hours the dataset counts.
    """

    table: str
    utc_offset_hours: int

    @property
    def rows(self) -> list[Row]:
        """Return a row for each farm."""
        return read(self.table)

    @property
    def choice(self) -> str:
        """Return the source of what is assumed."""
        return f"facts/{self.table}.csv"

    @property
    def clock(self) -> str:
        """Return the name of the clock."""
        return f"UTC+{self.utc_offset_hours}" if self.utc_offset_hours else "UTC"


CHINA = Farms("assumed_own_power", 8)
WORLD = Farms("assumed_world_own_power", 0)


def add_own_power(dataset: Dataset, farms: Farms) -> None:
    """Add the tables of the scenario; zones, supplies and candidates of the dataset must be there."""
    tables = dataset.tables
    zones = [row | {"usd_per_mwh": ""} for row in tables["power_zones"]]
    supplies = [row | {"limit_mw": row.get("limit_mw", ""), "green": ""} for row in tables["supplies"]]
    candidates = [row | {"usable_share": ""} for row in tables["candidates"]]
    hourly = [farm for farm in farms.rows if not is_flat(farm)]
    dataset.tables |= {
        f"{SCENARIO}_power_zones": zones + [zone(farm) for farm in farms.rows],
        f"{SCENARIO}_supplies": supplies + [supply(farm) for farm in farms.rows],
        f"{SCENARIO}_candidates": candidates + [candidate(farm) for farm in farms.rows],
        f"{SCENARIO}_candidate_hours": [row for farm in hourly for row in hours(dataset, farm, farms)],
    }
    cite(dataset, farms)


def zone(farm: Row) -> dict[str, Cell]:
    """Return the power zone of a farm, at its variable cost and without carbon."""
    price = decimals(usd(f"{farm['technology']}, variable operation"), 2)
    return {"power_zone": farm["power_zone"], "carbon_kg_per_mwh": "0", "usd_per_mwh": price}


def supply(farm: Row) -> dict[str, Cell]:
    """Return the supply of a farm that is not built yet."""
    return {"power_zone": farm["power_zone"], "data_centre": farm["data_centre"], "limit_mw": "0", "green": "1"}


def candidate(farm: Row) -> dict[str, Cell]:
    """Return the candidate of a farm: a unit is a MW; its connection is a fixed cost a year, over its own life."""
    technology, wacc = farm["technology"], cost(f"{WACC}{farm['wacc_of']}")
    own, connection = 1000 * usd(f"{technology}, investment"), connection_usd(farm)
    return {
        "candidate": farm["power_zone"],
        "adds": "limit_mw",
        "target": f"{farm['power_zone']}|{farm['data_centre']}",
        "usd_per_unit": decimals(own, 0),
        "wacc": decimals(wacc, 4),
        "lifetime_years": decimals(figure(f"{technology}, lifetime"), 1),
        "fixed_usd_per_unit_year": decimals(own * upkeep(technology) + connection * connection_share(wacc), 0),
        "capital_usd": decimals(own + connection, 0),
        "it_kw": "",
        "usable_share": decimals(mean_share(farm), 4) if is_flat(farm) else "",
    }


def connection_usd(farm: Row) -> float:
    """Return what the connection of a MW costs, 0 where the price of the farm holds it."""
    return 1000 * usd(f"{farm['connection']}, investment") if farm["connection"] else 0.0


def is_flat(farm: Row) -> bool:
    """Return whether a farm is taken to yield as much in every hour."""
    return farm["day"] == FLAT


def mean_share(farm: Row) -> float:
    """Return what a farm yields in a year as a share of its power in all hours."""
    name = farm["yields_as"]
    return 1000 * figure(f"{name}, yield") / (figure(f"{name}, power") * HOURS_A_YEAR)


def hours(dataset: Dataset, farm: Row, farms: Farms) -> list[dict[str, Cell]]:
    """Return the usable share of a farm by the hour, with the yield of its farm over the day."""
    shape = half_sine(dataset, farm, farms.utc_offset_hours) if farm["day"] == HALF_SINE else published(farm, farms)
    factor = mean_share(farm) * HOURS / sum(shape)
    return [
        {"candidate": farm["power_zone"], "hour": str(hour), "usable_share": decimals(factor * part, 4)}
        for hour, part in enumerate(shape)
    ]


def published(farm: Row, farms: Farms) -> list[float]:
    """Return the published hours of the mean day, which count as the dataset does."""
    known = read_by("yield_shapes", "item")[farm["day"]]
    if known["clock"] != farms.clock:
        raise ValueError(f"{farm['day']}: hours of {known['clock']}, those of the dataset are of {farms.clock}")
    return [float(known[f"h{hour:02d}"]) for hour in range(HOURS)]


def half_sine(dataset: Dataset, farm: Row, utc_offset_hours: int) -> list[float]:
    """Return the hours of a day of sun: half a sine around noon at the longitude of the site."""
    east = next(
        float(row["lon"]) for row in dataset.tables["data_centres"] if row["data_centre"] == farm["data_centre"]
    )
    rise = HOURS / 2 + utc_offset_hours - east / DEGREES_AN_HOUR - DAYLIGHT_HOURS / 2
    return [height(hour - rise) for hour in range(HOURS)]


def height(since_rise: float) -> float:
    """Return the integral of the half sine over the hour that begins so long after sunrise, of the same day or another.

    Examples
    --------
    >>> height(0.5) == height(24.5) > 0 == height(12)
    True
    """
    part = 0.0
    for day in (-HOURS, 0, HOURS):
        start, end = (min(max(since_rise + day + step, 0.0), DAYLIGHT_HOURS) for step in (0, 1))
        part += cos(pi * start / DAYLIGHT_HOURS) - cos(pi * end / DAYLIGHT_HOURS)
    return part


def cite(dataset: Dataset, farms: Farms) -> None:
    """Say where the figures come from; rows that the dataset has are as there."""
    for table in ("power_zones", "supplies", "candidates"):
        dataset.cite(f"{SCENARIO}_{table}", "*", "*", f"as {table}, whose sources hold", "derived")
    for farm in farms.rows:
        cite_site(dataset, farm, farms.choice)
        cite_variable(dataset, farm, f"{SCENARIO}_power_zones")
        cite_costs(dataset, farm, f"{SCENARIO}_candidates")
        cite_connection(dataset, farm, f"{SCENARIO}_candidates")
        cite_yield(dataset, farm, farms)


def cite_site(dataset: Dataset, farm: Row, choice: str) -> None:
    """Say that a farm beside the site is a choice, and that it emits nothing."""
    name = farm["power_zone"]
    dataset.cite(f"{SCENARIO}_power_zones", name, "power_zone", choice, "assumption", "a zone for each farm")
    dataset.cite(f"{SCENARIO}_power_zones", name, "carbon_kg_per_mwh", choice, "assumption", "0 in operation")
    dataset.cite(f"{SCENARIO}_supplies", name, "*", choice, "assumption", "0 MW until a plan builds it; green")
    for column in ("candidate", "adds", "target"):
        dataset.cite(f"{SCENARIO}_candidates", name, column, choice, "assumption", "the site may build any power of it")


def cite_costs(dataset: Dataset, farm: Row, candidates: str) -> None:
    """Say where the costs of a farm come from."""
    name, technology = farm["power_zone"], farm["technology"]
    price, fixed, life = (fact(f"{technology}, {part}") for part in ("investment", "fixed operation", "lifetime"))
    note = both(stands_in(f"{technology}, investment", farm["country"]), price["note"])
    dataset.cite(candidates, name, "usd_per_unit", price["source"], price["kind"], note)
    dataset.cite(candidates, name, "lifetime_years", life["source"], life["kind"])
    rate = read_by("costs", "item")[f"{WACC}{farm['wacc_of']}"]
    dataset.cite(candidates, name, "wacc", rate["source"], rate["kind"], rate["note"])
    note = f"{fixed['value']} % of the investment a year for operation"
    dataset.cite(candidates, name, "fixed_usd_per_unit_year", fixed["source"], fixed["kind"], note)


def cite_variable(dataset: Dataset, farm: Row, zones: str) -> None:
    """Say where the variable cost of a farm comes from."""
    variable = fact(f"{farm['technology']}, variable operation")
    note = both(stands_in(f"{farm['technology']}, investment", farm["country"]), variable["note"])
    dataset.cite(zones, farm["power_zone"], "usd_per_mwh", variable["source"], variable["kind"], note)


def cite_connection(dataset: Dataset, farm: Row, candidates: str) -> None:
    """Say where the cost of a farm's connection comes from."""
    name = farm["power_zone"]
    if not farm["connection"]:
        dataset.cite(candidates, name, "capital_usd", "the farm, whose price holds the connection", "derived")
        return
    item = f"{farm['connection']}, investment"
    wire, life, share = fact(item), fact(f"{CONNECTION}, lifetime"), fact(f"{CONNECTION}, fixed operation")
    note = f"and the connection over {life['value']} years with {share['value']} % a year; {wire['note']}"
    note = both(note, stands_in(item, farm["country"]))
    dataset.cite(candidates, name, "fixed_usd_per_unit_year", wire["source"], wire["kind"], note)
    dataset.cite(candidates, name, "capital_usd", "farm and connection together", "derived")


def both(*notes: str) -> str:
    """Return notes in one, without those that say nothing."""
    return "; ".join(filter(None, notes))


def cite_yield(dataset: Dataset, farm: Row, farms: Farms) -> None:
    """Say where the yield of a farm comes from, and that its hours are a choice."""
    name = farm["power_zone"]
    power, yearly = (fact(f"{farm['yields_as']}, {part}") for part in ("power", "yield"))
    table = f"{SCENARIO}_candidates" if is_flat(farm) else f"{SCENARIO}_candidate_hours"
    note = f"{yearly['value']} GWh a year of {power['value']} MW; {farm['note']}"
    dataset.cite(table, name, "usable_share", yearly["source"], "derived", note)
    cite_day(dataset, table, farm, farms)
    if not is_flat(farm):
        dataset.cite(table, name, "*", f"hour of the day in {farms.clock}", "assumption")


def cite_day(dataset: Dataset, table: str, farm: Row, farms: Farms) -> None:
    """Say where the hours of a farm's day come from."""
    made = {FLAT: "the mean in every hour", HALF_SINE: "half a sine over 12 hours around noon at the site"}
    if farm["day"] in made:
        note = f"hours: {made[farm['day']]}"
        dataset.cite(table, farm["power_zone"], "usable_share", farms.choice, "assumption", note)
        return
    known = read_by("yield_shapes", "item")[farm["day"]]
    note = f"hours of {farm['day']}, {known['period']}, that they hold at the site is an assumption; {known['note']}"
    dataset.cite(table, farm["power_zone"], "usable_share", known["source"], known["kind"], note)
