"""A western hub with wind and sun by the hour: the scenario ``western_hub``, six typical days that stand for a year."""

from __future__ import annotations

from collections.abc import Sequence

from building.batteries import CENTRAL, add_batteries, beside
from building.own_power import (
    CHINA,
    HOURS,
    candidate,
    cite_connection,
    cite_costs,
    cite_variable,
    mean_share,
    supply,
    zone,
)
from building.power_prices import fact, figure
from building.tables import Cell, Dataset, Row, decimals, read, value
from building.year import month_prices

SCENARIO, BUILT = "scenarios/western_hub", "scenarios/western_hub_built"
FARMS, DAYS = "facts/assumed_hub.csv", "typical_days"
OTHER_COSTS = ("low", "high")
SCALE = "farms of the hub"


def add_hub(dataset: Dataset) -> None:
    """Add the tables of the scenario; the tables of the dataset and of its year must be there."""
    farms, tables = farms_at(CENTRAL), dataset.tables
    shares = {farm["power_zone"]: usable_shares(farm) for farm in farms}
    dataset.tables |= {
        f"{SCENARIO}_periods": periods(),
        f"{SCENARIO}_demand_profile": repeated_profile(tables["demand_profile"]),
        f"{SCENARIO}_power_zone_hours": prices(dataset),
        f"{SCENARIO}_power_zones": [row | {"usd_per_mwh": ""} for row in tables["power_zones"]]
        + [zone(f) for f in farms],
        f"{SCENARIO}_supplies": [row | {"green": ""} for row in tables["supplies"]] + [supply(f) for f in farms],
        f"{SCENARIO}_candidate_hours": [
            {"candidate": name, "hour": str(hour), "usable_share": decimals(share, 4)}
            for name, by_hour in shares.items()
            for hour, share in enumerate(by_hour)
        ],
    }
    for costs in (CENTRAL, *OTHER_COSTS):
        dataset.tables[table_of(costs)] = [candidate(farm) for farm in farms_at(costs)]
    add_built(dataset, shares)
    cite(dataset)
    levels = {costs: table_of(costs) for costs in (CENTRAL, *OTHER_COSTS)}
    add_batteries(dataset, f"{SCENARIO}_batteries", levels, beside(farms))


def add_built(dataset: Dataset, shares: dict[str, list[float]]) -> None:
    """Add the tables of the hub whose farms stand already.

    A unit of a candidate follows the hours of the farm that stands, relative to its best hour, whose share it keeps.
    """
    farms = {farm["power_zone"]: farm for farm in farms_at(CENTRAL)}
    megawatts = {name: value(SCALE) * figure(f"{farm['yields_as']}, power") for name, farm in farms.items()}
    known = dataset.tables[f"{SCENARIO}_supplies"]
    dataset.tables |= {
        f"{BUILT}_supplies": [row | {"limit_mw": ""} if row["power_zone"] in farms else row for row in known],
        f"{BUILT}_supply_hours": [
            {
                "power_zone": name,
                "data_centre": farms[name]["data_centre"],
                "hour": str(hour),
                "limit_mw": decimals(megawatts[name] * share, 2),
            }
            for name, by_hour in shares.items()
            for hour, share in enumerate(by_hour)
        ],
        f"{BUILT}_candidate_hours": [
            {"candidate": name, "hour": str(hour), "usable_share": decimals(max(by_hour), 4)}
            for name, by_hour in shares.items()
            for hour in range(len(by_hour))
        ],
    }


def table_of(costs: str) -> str:
    """Return the table of candidates at low, central or high costs."""
    return f"{SCENARIO}_candidates" if costs == CENTRAL else f"{SCENARIO}_{costs}_costs"


def farms_at(costs: str) -> list[Row]:
    """Return the farms of the hub, with the prices that are low, central or high."""
    return [row | {"day": DAYS} for row in read("assumed_hub") if row["costs"] == costs]


def days() -> list[Row]:
    """Return a row for each typical day, in the order of the year."""
    return [row for row in read(DAYS) if row["technology"] == "wind"]


def periods() -> list[dict[str, Cell]]:
    """Return the hours of all days: a block for each day, with the days of the year that it stands for."""
    return [
        {"hour": str(HOURS * place + hour), "block": day["day"], "weight": day["days_a_year"]}
        for place, day in enumerate(days())
        for hour in range(HOURS)
    ]


def repeated_profile(profile: Sequence[dict[str, Cell]]) -> list[dict[str, Cell]]:
    """Return the hours of demand in every day; the demand of the scenario is that of as many days."""
    count = len(days())
    return [
        {**row, "hour": str(HOURS * place + int(row["hour"])), "share": decimals(float(row["share"]) / count, 8)}
        for place in range(count)
        for row in profile
    ]


def prices(dataset: Dataset) -> list[dict[str, Cell]]:
    """Return the price of every zone and hour, by the tariff of the month of the day."""
    month_of = {row["month"]: row["tariff_month"] for row in read("assumed_months")}
    flat = {str(row["power_zone"]): row["usd_per_mwh"] for row in dataset.tables["power_zone_hours"]}
    rows: list[dict[str, Cell]] = []
    for place, day in enumerate(days()):
        month = month_of[str(int(day["day"].partition("-")[0]))]
        for row in read("assumed_zones"):
            name = row["power_zone"]
            levels = [decimals(usd, 1) for usd in month_prices(row, month)] if row["shape"] else [flat[name]] * HOURS
            rows += [
                {"power_zone": name, "hour": str(HOURS * place + hour), "usd_per_mwh": usd}
                for hour, usd in enumerate(levels)
            ]
    return rows


def usable_shares(farm: Row) -> list[float]:
    """Return the share of a farm's power that can be used in every hour of all days.

    Hours s of the days as measured become 1 - (1 - s)^k, with the k at which the year has the yield of the farm: calm
    hours stay calm and full ones full.
    """
    rows = [row for row in read(DAYS) if row["technology"] == farm["series"]]
    weights = [float(row["days_a_year"]) for row in rows for _ in range(HOURS)]
    measured = [float(row[f"h{hour:02d}"]) for row in rows for hour in range(HOURS)]
    power = exponent(measured, weights, mean_share(farm))
    return [1 - (1 - share) ** power for share in measured]


def exponent(measured: Sequence[float], weights: Sequence[float], mean: float) -> float:
    """Return the k at which 1 - (1 - s)^k has a given weighted mean, by bisection.

    Examples
    --------
    >>> round(exponent([0.5, 0.0], [1.0, 1.0], 0.375), 6)
    2.0
    """
    low, high = 0.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        raised = sum(w * (1 - (1 - s) ** middle) for s, w in zip(measured, weights, strict=True)) / sum(weights)
        low, high = (middle, high) if raised < mean else (low, middle)
    return (low + high) / 2


def cite(dataset: Dataset) -> None:
    """Say where the figures come from; rows that the dataset has are as there."""
    known, tables = days()[0], ("power_zones", "supplies", "demand_profile")
    for table in tables:
        dataset.cite(f"{SCENARIO}_{table}", "*", "*", f"as {table}, whose sources hold", "derived")
    note = "the price of the month, as in year/power_zone_hours; one price all day where the dataset has one"
    dataset.cite(
        f"{SCENARIO}_power_zone_hours", "*", "*", "as power_zone_hours and year/power_zone_hours", "derived", note
    )
    dataset.cite(f"{SCENARIO}_periods", "*", "*", known["source"], known["kind"], known["note"])
    for costs in (CENTRAL, *OTHER_COSTS):
        for farm in farms_at(costs):
            cite_farm(dataset, farm, table_of(costs))
    for farm in farms_at(CENTRAL):
        cite_yield(dataset, farm)
        cite_built(dataset, farm)


def cite_farm(dataset: Dataset, farm: Row, candidates: str) -> None:
    """Say where the costs of a farm come from, and that it stands beside the site by choice."""
    for column in ("candidate", "adds", "target"):
        dataset.cite(candidates, farm["power_zone"], column, FARMS, "assumption", "the hub may build any power of it")
    cite_costs(dataset, farm, candidates)
    cite_connection(dataset, farm, candidates)
    dataset.cite(candidates, farm["power_zone"], "*", FARMS, "assumption", farm["note"])


def cite_yield(dataset: Dataset, farm: Row) -> None:
    """Say where the zone of a farm and its hours come from."""
    name, known = farm["power_zone"], days()[0]
    cite_variable(dataset, farm, f"{SCENARIO}_power_zones")
    dataset.cite(f"{SCENARIO}_power_zones", name, "*", FARMS, "assumption", "a zone for each farm; 0 in operation")
    dataset.cite(f"{SCENARIO}_supplies", name, "*", FARMS, "assumption", "0 MW until a plan builds it; green")
    hours, power, yearly = (
        f"{SCENARIO}_candidate_hours",
        *(fact(f"{farm['yields_as']}, {part}") for part in ("power", "yield")),
    )
    note = f"hours of {farm['series']}; {known['note']}; that they hold at the site, on this clock, is an assumption"
    dataset.cite(hours, name, "usable_share", known["source"], known["kind"], note)
    note = f"{yearly['value']} GWh a year of {power['value']} MW: hours s as 1 - (1 - s)^k, which has this yield"
    dataset.cite(hours, name, "usable_share", yearly["source"], "derived", note)
    dataset.cite(hours, name, "*", f"hour of six days in {CHINA.clock}", "assumption")


def cite_built(dataset: Dataset, farm: Row) -> None:
    """Say how large the farm is that stands already."""
    name, power = farm["power_zone"], fact(f"{farm['yields_as']}, power")
    dataset.cite(f"{BUILT}_supplies", "*", "*", f"as {SCENARIO}_supplies", "derived")
    note = f"{power['value']} MW of the first phase; {power['note']}"
    dataset.cite(f"{BUILT}_supply_hours", name, "*", power["source"], power["kind"], note)
    note = f"times {value(SCALE)}, the part of the cloud base's consumption that the hub's tokens take"
    dataset.cite(f"{BUILT}_supply_hours", name, "*", "facts/assumed_values.csv", "assumption", note)
    dataset.cite(f"{BUILT}_supply_hours", name, "limit_mw", f"{SCENARIO}_candidate_hours", "derived")
    note = "of the best hour, since units follow the hours of the farm that stands"
    dataset.cite(f"{BUILT}_candidate_hours", name, "*", f"{SCENARIO}_candidate_hours", "derived", note)
