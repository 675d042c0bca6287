"""Power zones: what a megawatt-hour costs and emits in each hour, and who is supplied from where."""

from __future__ import annotations

from collections.abc import Mapping

from building.tables import Cell, Dataset, Row, decimals, read, read_by

FX = "FX CNY/USD annual mean"
WEST = (("Inner Mongolia", "western (Mengxi) grid"), ("Guizhou", ""))


def cny_per_usd() -> float:
    """Return the exchange rate."""
    return float(read_by("costs", "item")[FX]["value"])


def energy_share() -> float:
    """Return the mean share of a public two-part tariff that is charged per kWh and follows the hours."""
    rows = [row for row in read("tariffs") if row["energy_cny_kwh"]]
    return sum(float(row["energy_cny_kwh"]) / float(row["price_cny_kwh"]) for row in rows) / len(rows)


def tariff(zone: Row) -> tuple[float, float, Row]:
    """Return the mean price of a zone, the part of it that follows the hours (CNY per kWh), and its source."""
    known = read_by("tariffs", "province", "region")
    if zone["tariff_province"] == "West":
        pair = [known[f"{province}|{place}"] for province, place in WEST]
        price = sum(float(row["price_cny_kwh"]) for row in pair) / len(pair)
        return price, price * energy_share(), pair[0] | {"kind": "assumption", "note": zone["note"], "verification": ""}
    row = known[f"{zone['tariff_province']}|{zone['tariff_region']}"]
    price = float(row["price_cny_kwh"])
    if row["basis"].startswith("reported"):
        return price, 0.0, row
    energy = float(row["energy_cny_kwh"]) if row["energy_cny_kwh"] else price * energy_share()
    return price, energy, row | ({"kind": "assumption"} if row["province"] == "China" else {})


def june(zone: Row) -> list[float]:
    """Return the price of each hour of June in USD per MWh."""
    if not zone["shape"]:
        return [1000 * tariff(zone)[0] / cny_per_usd()] * 24
    return hourly(zone, read_by("price_shapes", "zone")[zone["shape"]])


def hourly(zone: Row, levels: Row) -> list[float]:
    """Return the price of each hour in USD per MWh: the energy part follows the levels, the demand charge does not."""
    price, energy, _ = tariff(zone)
    shape = [float(levels[f"h{hour:02d}"]) for hour in range(24)]
    mean = sum(shape) / 24
    return [1000 * (price + energy * (level / mean - 1)) / cny_per_usd() for level in shape]


def add_power(dataset: Dataset) -> None:
    """Add zones and their hours."""
    carbon, shapes = read_by("grid_carbon", "province"), read_by("price_shapes", "zone")
    zones: list[dict[str, Cell]] = []
    hours: list[dict[str, Cell]] = []
    for zone in read("assumed_zones"):
        name, grid = zone["power_zone"], carbon[zone["province"]]
        zones.append({"power_zone": name, "carbon_kg_per_mwh": decimals(1000 * float(grid["kgco2_per_kwh_2023"]), 1)})
        hours += [
            {"power_zone": name, "hour": str(hour), "usd_per_mwh": decimals(price, 1)}
            for hour, price in enumerate(june(zone))
        ]
        price, _, row = tariff(zone)
        said = (f"{price:.4f} CNY/kWh", f"basis: {row['basis']}", row["date"], row["verification"], zone["note"])
        note = "; ".join(filter(None, said))
        dataset.cite("power_zone_hours", f"{name}|*", "usd_per_mwh", row["source"], row["kind"], note)
        if zone["shape"]:
            shape = shapes[zone["shape"]]
            note = f"hours of {zone['shape']}, {shape['period']}, scaled to a mean of 1; {shape['note']}"
            dataset.cite("power_zone_hours", f"{name}|*", "usd_per_mwh", shape["source"], shape["kind"], note)
    dataset.tables |= {"power_zones": zones, "power_zone_hours": hours}


def add_supplies(dataset: Dataset, full_load_mw: Mapping[str, float], of_racks_mw: Mapping[str, float]) -> None:
    """Add supplies; where a contract at a special price or in another province ends, the next supply takes over.

    Contracts are a share of the full load of the site, which the scenario ``racks`` changes.
    """
    dataset.tables["supplies"] = _supplies(full_load_mw)
    limited = [row for row in _supplies(of_racks_mw) if row["limit_mw"]]
    dataset.tables["scenarios/racks_limit_mw"] = limited


def _supplies(full_load_mw: Mapping[str, float]) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for row in read("assumed_supplies"):
        share = row["share_of_full_load"]
        limit = decimals(float(share) * full_load_mw[row["data_centre"]], 1) if share else ""
        rows.append({"power_zone": row["power_zone"], "data_centre": row["data_centre"], "limit_mw": limit})
    return rows


def add_public_tariffs(dataset: Dataset) -> None:
    """Add the scenario without special prices: their zones charge the tariff that takes over above the contract."""
    public = {row["data_centre"]: row["power_zone"] for row in read("assumed_supplies")}  # the last supply of a site
    zones = read_by("assumed_zones", "power_zone")
    rows: list[dict[str, Cell]] = []
    for row in read("assumed_supplies"):
        if row["power_zone"].endswith("special"):
            prices = enumerate(june(zones[public[row["data_centre"]]]))
            name = row["power_zone"]
            rows += [{"power_zone": name, "hour": str(h), "usd_per_mwh": decimals(p, 1)} for h, p in prices]
    dataset.tables["scenarios/public_tariffs"] = rows
