"""World data centres, and the power zones that supply them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from building.power import cny_per_usd
from building.tables import Cell, Dataset, Row, decimals, read, read_by, value, world_value
from building.world_places import names, region, regions
from building.world_workloads import demand, workloads

if TYPE_CHECKING:
    from building.places import Place

MILD_C = 15  # the rule of the PUE counts degrees of summer above this
STANDS_IN = {"HKG": "SGP"}  # where a country has no climate and no capacity, see assumed_world_sites.csv


def country(iso3: str) -> Row:
    """Return the row of a country in the table of power: its climate and the capacity of its data centres."""
    return read_by("world_power", "scope", "code")[f"country|{STANDS_IN.get(iso3, iso3)}"]


def pue(row: Row) -> float:
    """Return the PUE of a region: what the operator publishes for it, else by the summer of its country."""
    if row["site"]:
        return float(read_by("world_sites", "site")[row["site"]]["pue"])
    summer = float(country(row["iso3"])["summer_peak_temp_c"])
    return world_value("base of the PUE") + world_value("PUE per degree") * max(0.0, summer - MILD_C)


def accelerator_price(row: Row) -> float:
    """Return the rental price of an accelerator-hour: the same hardware everywhere, in a building of local cost.

    The price taken for all holds for the United States; what building costs more or less than there comes on top.
    """
    whole = read_by("costs", "item")["total cost per GPU-hour, China"]["note"]
    part = float(whole.split("construction ")[1].split(" ")[0])
    built = {iso3: float(country(iso3)["construction_usd_per_w"]) for iso3 in ("CHN", "USA", row["iso3"])}
    return value("accelerator price") + part * (built[row["iso3"]] - built["USA"]) / built["CHN"]


def operations_usd_per_hour() -> float:
    """Return what an accelerator-hour costs in staff, upkeep and bandwidth, everywhere the same.

    Published is the share of electricity in the operating cost of a site without depreciation; the rest follows from
    the mean price of a kWh of IT energy over the accelerators.
    """
    count, zones = accelerators(), read_by("assumed_world_zones", "power_zone")
    usd = sum(
        count[row["code"]] * pue(row) * price(zones[row["power_zone"]])[0] / 1000 for row in read("assumed_world_sites")
    )
    share = world_value("electricity share of operating cost")
    return value("H800 power") * usd / sum(count.values()) * (1 - share) / share


def accelerator_hours_a_day() -> float:
    """Return the work of a day in accelerator-hours."""
    hours = {row["workload"]: float(row["accelerator_hours_per_mtok"]) for row in workloads()}
    return sum(float(row["mtok"]) * hours[str(row["workload"])] for row in demand())


def accelerators() -> dict[str, int]:
    """Return accelerators by region.

    In proportion to the capacity of data centres in the country, shared evenly by its regions, and as many as do the
    work at the load that is chosen.
    """
    sites = read("assumed_world_sites")
    count = {row["iso3"]: sum(other["iso3"] == row["iso3"] for other in sites) for row in sites}
    weight = {row["code"]: float(country(row["iso3"])["dc_capacity_mw"]) / count[row["iso3"]] for row in sites}
    scale = accelerator_hours_a_day() / 24 / world_value("load of accelerators") / sum(weight.values())
    return {code: round(scale * megawatts / 100) * 100 for code, megawatts in weight.items()}


def add_data_centres(dataset: Dataset) -> None:
    """Add a data centre for every region."""
    label, count, places = names(), accelerators(), regions()
    operations = round(operations_usd_per_hour(), 3)
    water = float(read_by("costs", "item")["non-residential water price"]["value"]) / cny_per_usd() / 1000
    rows: list[dict[str, Cell]] = []
    for row in read("assumed_world_sites"):
        litres = read_by("world_sites", "site")[row["site"] or "Microsoft global"]["wue_l_kwh"]
        costs = (operations, litres, water)
        rows.append(_data_centre(row, label[row["code"]], count[row["code"]], places[row["code"]], costs))
        _cite_site(dataset, row, label[row["code"]])
    dataset.tables["data_centres"] = rows


def _data_centre(row: Row, name: str, count: int, place: Place, costs: tuple[float, str, float]) -> dict[str, Cell]:
    operations, litres, water = costs
    return {
        "data_centre": name,
        "region": region(row["iso3"]),
        "accelerators": str(count),
        "accelerator_usd_per_hour": decimals(accelerator_price(row) - operations, 3),
        "operations_usd_per_hour": decimals(operations, 3),
        "pue": decimals(pue(row), 3),
        "water_litres_per_kwh": litres,
        "water_usd_per_litre": decimals(water, 5),
        "jurisdiction": row["jurisdiction"],
        "lat": decimals(place[0], 3),
        "lon": decimals(place[1], 3),
        "utc_offset_hours": row["utc_offset_hours"],
    }


def _cite_site(dataset: Dataset, row: Row, name: str) -> None:
    """Say where capacity, PUE and water of a region come from."""
    land, known = country(row["iso3"]), read_by("world_sites", "site")
    megawatts = f"{land['dc_capacity_mw']} MW in {land['name']}, shared evenly by the regions there"
    note = "; ".join(filter(None, (megawatts, row["note"])))
    dataset.cite("data_centres", name, "accelerators", land["source"], "assumption", note)
    built = f"construction in {land['name']}: {land['construction_usd_per_w']} USD a watt; see datasets/README.md"
    dataset.cite("data_centres", name, "accelerator_usd_per_hour", land["source"], "assumption", built)
    corrected = read_by("world_region_corrections", "code")
    if row["code"] in corrected:
        fix = corrected[row["code"]]
        said = f"{fix['city']}; the table of regions had {fix['wrong_lat']}, {fix['wrong_lon']}"
        for column in ("lat", "lon"):
            dataset.cite("data_centres", name, column, fix["source"], fix["kind"], said)
    if row["site"]:
        site = known[row["site"]]
        for column in ("pue", "water_litres_per_kwh"):
            said = f"{row['site']}, {site['year']}; {site['note']}"
            dataset.cite("data_centres", name, column, site["source"], site["kind"], said)
        return
    summer = f"1.08 + 0.015 for each degree above 15 C; summer of {land['name']}: {land['summer_peak_temp_c']} C"
    dataset.cite("data_centres", name, "pue", "facts/assumed_world_values.csv", "assumption", summer)
    source = known["Microsoft global"]["source"]
    dataset.cite("data_centres", name, "water_litres_per_kwh", source, "assumption", "mean of the operator, FY2024")


def price(zone: Row) -> tuple[float, Row]:
    """Return the mean price of a zone in USD per MWh, and its source."""
    if zone["price_from"] == "hong kong":
        row = read_by("assumed_world_values", "item")["price of power in Hong Kong"]
        return 1000 * float(row["value"]) / world_value("HKD per USD"), row
    row = read_by("world_power", "scope", "code")[zone["price_from"]]
    said = "; ".join(filter(None, (row["price_source"], row["price_band"], row["price_year"])))
    return 1000 * float(row["industrial_price_usd_kwh"]), row | {"note": said}


def hourly(zone: Row) -> list[float]:
    """Return the price of each hour in UTC, in USD per MWh."""
    mean, _ = price(zone)
    if not zone["shape"]:
        return [mean] * 24
    return following(mean, zone["shape"], float(zone["shape_utc_offset_hours"]))


def following(mean: float, zone: str, offset: float) -> list[float]:
    """Return the hours in UTC of a price with a given mean that follows a market.

    As much of the price follows the hours of the market as that market's mean price; the rest, for networks and taxes,
    is the same in all hours.
    """
    market = read_by("world_price_shapes", "zone")[zone]
    in_usd = 1 / world_value("EUR per USD") if market["unit"].startswith("EUR") else 1.0
    follows = float(market["mean_price"]) * in_usd
    shape = [float(market[f"h{hour:02d}"]) for hour in range(24)]
    level = sum(shape) / 24
    local = [mean + follows * (part / level - 1) for part in shape]
    return [local[int(hour + offset) % 24] for hour in range(24)]


def add_power(dataset: Dataset) -> None:
    """Add zones, their hours, and the supply of every data centre."""
    zones: list[dict[str, Cell]] = []
    hours: list[dict[str, Cell]] = []
    for zone in read("assumed_world_zones"):
        name, grid = zone["power_zone"], read_by("world_power", "scope", "code")[zone["carbon_from"]]
        zones.append({"power_zone": name, "carbon_kg_per_mwh": decimals(float(grid["carbon_g_kwh"]), 1)})
        hours += [
            {"power_zone": name, "hour": str(hour), "usd_per_mwh": decimals(level, 1)}
            for hour, level in enumerate(hourly(zone))
        ]
        of = f"{grid['name']}, {grid['carbon_year']}"
        dataset.cite("power_zones", name, "carbon_kg_per_mwh", grid["source"], grid["kind"], of)
        _cite_price(dataset, zone)
    dataset.tables |= {"power_zones": zones, "power_zone_hours": hours}
    dataset.tables["supplies"] = [
        {"power_zone": row["power_zone"], "data_centre": names()[row["code"]]} for row in read("assumed_world_sites")
    ]


def _cite_price(dataset: Dataset, zone: Row) -> None:
    """Say where the price of a zone and its hours come from."""
    _, row = price(zone)
    note = "; ".join(filter(None, (row["note"], zone["note"])))
    where = ("power_zone_hours", f"{zone['power_zone']}|*", "usd_per_mwh")
    dataset.cite(*where, row["source"], "assumption" if zone["price_is"] == "stand-in" else row["kind"], note)
    if zone["shape"]:
        market = read_by("world_price_shapes", "zone")[zone["shape"]]
        said = "; ".join(filter(None, (f"hours of {zone['shape']}, {market['period']}", market["note"])))
        dataset.cite(*where, market["source"], "assumption" if zone["shape_is"] == "stand-in" else market["kind"], said)
    else:
        dataset.cite(*where, "no hours found: the same in all", "assumption")
