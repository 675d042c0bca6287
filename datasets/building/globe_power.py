"""Power of the globe: a zone for every node, its price in every hour and its carbon."""

from __future__ import annotations

from building.globe_nodes import OFFSET_OF_CHINA, Node, countries, nodes, sites_of
from building.power import june
from building.tables import Cell, Dataset, Row, decimals, read, read_by
from building.world_sites import following


def zone(node: Node) -> str:
    """Return the name of a node's power zone."""
    return f"{node.hub} grid"


def shape(node: Node) -> Row:
    """Return the row that says which market the hours of a country's price follow."""
    return read_by("globe/assumed_nodes", "iso3")[node.iso3]


def hourly(node: Node) -> list[float]:
    """Return the price of each hour in UTC, in USD per MWh."""
    if node.part:
        return _hours_of_china(node)
    mean, row = float(countries()[node.iso3]["power_usd_per_mwh"]), shape(node)
    if not row["shape"]:
        return [mean] * 24
    return following(mean, row["shape"], float(row["shape_utc_offset_hours"]))


def _hours_of_china(node: Node) -> list[float]:
    """Return the mean price of China's sites at full load, contracts included, by their computing power."""
    zones = read_by("assumed_zones", "power_zone")
    local = [0.0] * 24
    for site, size in sites_of(node.part).items():
        left = 1.0
        for row in (row for row in read("assumed_supplies") if row["data_centre"] == site):
            part = float(row["share_of_full_load"]) if row["share_of_full_load"] else left
            left -= part
            local = [
                sum(pair)
                for pair in zip(local, (size * part * usd for usd in june(zones[row["power_zone"]])), strict=True)
            ]
    return [local[int(hour + OFFSET_OF_CHINA) % 24] for hour in range(24)]


def carbon(node: Node) -> float:
    """Return the carbon of the grid in kg per MWh: of the country, of China by the provinces of its sites."""
    if not node.part:
        return float(countries()[node.iso3]["carbon_g_per_kwh"])
    grids, provinces = read_by("grid_carbon", "province"), read_by("assumed_sites", "data_centre")
    by_site = {name: float(grids[provinces[name]["province"]]["kgco2_per_kwh_2023"]) for name in sites_of(node.part)}
    return 1000 * sum(share * by_site[name] for name, share in sites_of(node.part).items())


def add_power(dataset: Dataset) -> None:
    """Add zones, the hours of those whose price has some, and the supply of every data centre."""
    zones: list[dict[str, Cell]] = []
    hours: list[dict[str, Cell]] = []
    for node in nodes():
        prices, name = hourly(node), zone(node)
        flat = len(set(prices)) == 1
        mean = decimals(prices[0], 1) if flat else ""
        zones.append({"power_zone": name, "usd_per_mwh": mean, "carbon_kg_per_mwh": decimals(carbon(node), 1)})
        if not flat:
            hours += [
                {"power_zone": name, "hour": str(hour), "usd_per_mwh": decimals(usd, 1)}
                for hour, usd in enumerate(prices)
            ]
        _cite_price(dataset, node, flat=flat)
    dataset.tables |= {"power_zones": zones, "power_zone_hours": hours}
    dataset.tables["supplies"] = [{"power_zone": zone(node), "data_centre": node.data_centre} for node in nodes()]


def _cite_price(dataset: Dataset, node: Node, *, flat: bool) -> None:
    """Say where the price of a zone and its hours come from."""
    table = "power_zones" if flat else "power_zone_hours"
    where = (table, zone(node), "usd_per_mwh")
    if node.part:
        note = "mean of the sites of china in June, contracts included, by computing power; hours of their tariffs"
        dataset.cite(*where, "facts/tariffs.csv, facts/price_shapes.csv", "derived", note)
        return
    row, fixes = countries()[node.iso3], read_by("globe/corrections", "iso3", "column")
    fix = fixes.get(f"{node.iso3}|power_usd_per_mwh")
    source = row["power_source"] or "no source named in github sfgunkin/flops_export Data/"
    if fix:
        dataset.cite(*where, fix["source"], fix["kind"], fix["note"])
    else:
        note = "an estimate of that file" if not row["power_source"] else ""
        dataset.cite(*where, source, row["power_kind"], note)
    if not flat:
        market = read_by("world_price_shapes", "zone")[shape(node)["shape"]]
        kind = "assumption" if shape(node)["shape_is"] == "stand-in" else market["kind"]
        note = f"hours of {shape(node)['shape']}, {market['period']}; {shape(node)['note']}".removesuffix("; ")
        dataset.cite(*where, market["source"], kind, note)
