"""Connections of the world's sites to the grid: as large as they need today, and candidates that enlarge them."""

from __future__ import annotations

from math import ceil

from building.own_power import SCENARIO
from building.power_prices import CONNECTION, fact, figure, upkeep, usd
from building.tables import Cell, Dataset, Row, decimals, read, read_by
from building.to_build import WACC, world_wacc
from building.world_places import names
from building.world_sites import country

LIMITS = f"{SCENARIO}_power_limit_mw"
CHOICE = "facts/assumed_world_connections.csv"
OTHERS = "others"  # the row of the countries that have none of their own


def add_connections(dataset: Dataset) -> None:
    """Add a power limit to every site and a candidate that raises it; the candidates of the scenario must be there."""
    kw = kw_per_accelerator(dataset.tables["workloads"])
    dataset.tables[LIMITS] = [
        {"data_centre": row["data_centre"], "power_limit_mw": decimals(full_load_mw(row, kw), 1)}
        for row in dataset.tables["data_centres"]
    ]
    sites = read("assumed_world_sites")
    dataset.tables[f"{SCENARIO}_candidates"] += [connection(row) for row in sites]
    cite_limits(dataset)
    for row in sites:
        cite(dataset, row)


def kw_per_accelerator(workloads: list[dict[str, Cell]]) -> float:
    """Return the IT power of an accelerator at work on the class that takes most."""
    return max(float(row["kwh_per_mtok"]) / float(row["accelerator_hours_per_mtok"]) for row in workloads)


def full_load_mw(site: dict[str, Cell], kw: float) -> float:
    """Return the power of a site with all of its accelerators at work, rounded up to 0.1 MW."""
    return ceil(float(site["accelerators"]) * kw * float(site["pue"]) / 100) / 10


def prices_of(site: Row) -> Row:
    """Return the row that says which published price a site's country takes."""
    rows = read_by("assumed_world_connections", "countries")
    return rows.get(country(site["iso3"])["name"], rows[OTHERS])


def candidate_name(site: Row) -> str:
    """Return the name of a site's candidate."""
    return f"{names()[site['code']]} connection"


def connection(site: Row) -> dict[str, Cell]:
    """Return the candidate of a site: a unit is a MW of the connection."""
    price = 1000 * usd(f"{prices_of(site)['connection']}, investment")
    return {
        "candidate": candidate_name(site),
        "adds": "power_limit_mw",
        "target": names()[site["code"]],
        "usd_per_unit": decimals(price, 0),
        "wacc": decimals(world_wacc(site), 4),
        "lifetime_years": decimals(figure(f"{CONNECTION}, lifetime"), 1),
        "fixed_usd_per_unit_year": decimals(price * upkeep(CONNECTION), 0),
        "capital_usd": decimals(price, 0),
        "it_kw": "",
        "usable_share": "",
    }


def cite_limits(dataset: Dataset) -> None:
    """Say that no connection is published, and how large it is taken to be."""
    note = "none is published: as large as all accelerators at work on the class that takes most need, with PUE"
    dataset.cite(LIMITS, "*", "*", CHOICE, "assumption", note)


def cite(dataset: Dataset, site: Row) -> None:
    """Say where the figures of a site's candidate come from."""
    table, name, prices = f"{SCENARIO}_candidates", candidate_name(site), prices_of(site)
    price, life, share = (
        fact(item)
        for item in (f"{prices['connection']}, investment", f"{CONNECTION}, lifetime", f"{CONNECTION}, fixed operation")
    )
    for column in ("candidate", "adds", "target"):
        dataset.cite(table, name, column, CHOICE, "assumption", "every connection may be enlarged")
    for column in ("usd_per_unit", "capital_usd"):
        dataset.cite(table, name, column, price["source"], price["kind"], f"{price['note']}; {prices['note']}")
    dataset.cite(table, name, "lifetime_years", life["source"], life["kind"], life["note"])
    note = f"{share['value']} % of the investment a year for operation; {share['note']}"
    dataset.cite(table, name, "fixed_usd_per_unit_year", share["source"], share["kind"], note)
    rate = read_by("costs", "item")[f"{WACC}other countries"]
    note = "7.5 % in OECD countries, 10 % elsewhere; of power plants, taken for connections"
    dataset.cite(table, name, "wacc", rate["source"], "assumption", note)
