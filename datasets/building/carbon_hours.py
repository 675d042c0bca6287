"""Hours of grid carbon where they are published: the scenario ``hourly_carbon`` of the world."""

from __future__ import annotations

from building.tables import Cell, Dataset, decimals, read, read_by

TABLE, ZONES = "scenarios/hourly_carbon", "scenarios/hourly_carbon_power_zones"
CHOICE = "facts/assumed_world_carbon_hours.csv"
CLOCK = "UTC"


def add_carbon_hours(dataset: Dataset) -> None:
    """Add the carbon of every hour, with the mean that the zone has without it; the zones must be there."""
    mean = {str(row["power_zone"]): float(row["carbon_kg_per_mwh"]) for row in dataset.tables["power_zones"]}
    shapes, rows = read_by("carbon_shapes", "zone"), list[dict[str, Cell]]()
    for zone in read("assumed_world_carbon_hours"):
        name, shape = zone["power_zone"], shapes[zone["shape"]]
        if shape["clock"] != CLOCK:
            raise ValueError(f"{zone['shape']}: hours of {shape['clock']}, those of the dataset are of {CLOCK}")
        parts = [float(shape[f"h{hour:02d}"]) for hour in range(24)]
        rows += [
            {"power_zone": name, "hour": str(hour), "carbon_kg_per_mwh": decimals(mean[name] * part, 1)}
            for hour, part in enumerate(parts)
        ]
        where = (TABLE, name, "carbon_kg_per_mwh")
        kind = "assumption" if zone["shape_is"] == "stand-in" else shape["kind"]
        said = f"hours of {zone['shape']}, {shape['period']}; {shape['note']}"
        dataset.cite(*where, shape["source"], kind, "; ".join(filter(None, (said, zone["note"]))))
        dataset.cite(*where, "power_zones, whose mean the hours keep", "derived")
    dataset.cite(TABLE, "*", "*", CHOICE, "assumption", "zones that publish their hours or have a neighbour that does")
    hourly = {str(row["power_zone"]) for row in rows}
    zones = [
        row | {"carbon_kg_per_mwh": ""} if row["power_zone"] in hourly else row for row in dataset.tables["power_zones"]
    ]
    dataset.tables |= {TABLE: rows, ZONES: zones}
    dataset.cite(ZONES, "*", "*", "as power_zones, where no hours are published", "derived")
