"""Batteries beside sites: of 0 MW and 0 MWh, with a candidate for the power and one for the energy of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from building.own_power import both
from building.power_prices import fact, figure, stands_in, upkeep, usd
from building.tables import Cell, Dataset, Row, decimals, read_by, value
from building.to_build import WACC, cost

CHOICE = "facts/assumed_batteries.csv"
EFFICIENCY, WEAR = "battery, round trip efficiency", "battery, variable operation"
#: What a unit adds, the part of the battery that has its price, and what the candidate is called.
PARTS = (("power_mw", "inverter", "power"), ("energy_mwh", "storage", "energy"))
CENTRAL = "central"
OTHERS = "others"  # the row of the countries that have none of their own


@dataclass(frozen=True)
class Beside:
    """A site that may build a battery.

    Attributes
    ----------
    site, country, wacc_of : str
        The data centre, and whose prices and cost of capital hold.
    """

    site: str
    country: str
    wacc_of: str


def beside(farms: Iterable[Row]) -> list[Beside]:
    """Return the sites of farms, each once."""
    sites = (Beside(farm["data_centre"], farm["country"], farm["wacc_of"]) for farm in farms)
    return list(dict.fromkeys(sites))


def add_batteries(dataset: Dataset, scenario: str, known: Mapping[str, str], sites: list[Beside]) -> None:
    """Add a scenario of batteries, of which a plan may build any.

    Parameters
    ----------
    scenario : str
        What the names of its tables start with.
    known : mapping
        The table of the other candidates at every level of costs, which must be there.
    """
    dataset.tables[scenario] = [battery(each.site) for each in sites]
    cite_batteries(dataset, scenario, [each.site for each in sites])
    for costs, others in known.items():
        table = f"{scenario}_candidates" if costs == CENTRAL else f"{scenario}_{costs}_costs"
        dataset.tables[table] = [row | {"max_units": ""} for row in dataset.tables[others]]
        dataset.cite(table, "*", "*", f"as {others}, whose sources hold", "derived")
        for each in sites:
            dataset.tables[table] += candidates(each.site, each.country, each.wacc_of, costs)
            cite_candidates(dataset, table, each.site, each.country, each.wacc_of, costs)


def battery_name(site: str) -> str:
    """Return the name of a site's battery."""
    return f"{site} battery"


def battery(site: str) -> dict[str, Cell]:
    """Return the battery of a site that is not built yet; the round trip is half on the way in, half on the way out."""
    return {
        "battery": battery_name(site),
        "data_centre": site,
        "power_mw": "0",
        "energy_mwh": "0",
        "efficiency": decimals(sqrt(figure(EFFICIENCY) / 100), 4),
        "usd_per_mwh_throughput": decimals(usd(WEAR), 2),
    }


def prices_of(country: str, costs: str) -> Row:
    """Return the row that says which published prices a country takes."""
    known = read_by("assumed_batteries", "costs", "country")
    return known.get(f"{costs}|{country}", known[f"{costs}|{OTHERS}"])


def most(part: str) -> str:
    """Return the name of the assumption that says how much of a battery a site may build."""
    return f"{part} of a battery at most"


def candidates(site: str, country: str, wacc_of: str, costs: str = CENTRAL) -> list[dict[str, Cell]]:
    """Return the candidates of a battery: a unit is a MW of the inverter, or a MWh of the storage."""
    row, wacc = prices_of(country, costs), cost(f"{WACC}{wacc_of}")
    return [
        {
            "candidate": f"{battery_name(site)} {called}",
            "adds": adds,
            "target": battery_name(site),
            "usd_per_unit": decimals(1000 * usd(f"{row[part]}, investment"), 0),
            "wacc": decimals(wacc, 4),
            "lifetime_years": decimals(figure(f"{row[part]}, lifetime"), 1),
            "fixed_usd_per_unit_year": decimals(1000 * usd(f"{row[part]}, investment") * upkeep(row[part]), 0),
            "capital_usd": decimals(1000 * usd(f"{row[part]}, investment"), 0),
            "it_kw": "",
            "usable_share": "",
            "max_units": decimals(value(most(called)), 0),
        }
        for adds, part, called in PARTS
    ]


def cite_batteries(dataset: Dataset, table: str, sites: Iterable[str]) -> None:
    """Say where the figures of batteries come from."""
    efficiency, wear = fact(EFFICIENCY), fact(WEAR)
    for site in sites:
        name = battery_name(site)
        dataset.cite(table, name, "*", CHOICE, "assumption", "behind the meter of the site; 0 until a plan builds it")
        note = f"the root of {efficiency['value']} % for a round trip; {efficiency['note']}"
        dataset.cite(table, name, "efficiency", efficiency["source"], "derived", note)
        dataset.cite(table, name, "usd_per_mwh_throughput", wear["source"], wear["kind"], wear["note"])


def cite_candidates(dataset: Dataset, table: str, site: str, country: str, wacc_of: str, costs: str = CENTRAL) -> None:
    """Say where the costs of a battery come from."""
    row, rate = prices_of(country, costs), read_by("costs", "item")[f"{WACC}{wacc_of}"]
    for _, part, called in PARTS:
        name = f"{battery_name(site)} {called}"
        price, fixed, life = (fact(f"{row[part]}, {what}") for what in ("investment", "fixed operation", "lifetime"))
        note = both(stands_in(f"{row[part]}, investment", country), price["note"])
        dataset.cite(table, name, "*", CHOICE, "assumption", row["note"])
        for column in ("usd_per_unit", "capital_usd"):
            dataset.cite(table, name, column, price["source"], price["kind"], note)
        dataset.cite(table, name, "lifetime_years", life["source"], life["kind"], life["note"])
        dataset.cite(table, name, "wacc", rate["source"], rate["kind"], rate["note"])
        said = f"{fixed['value']} % of the investment a year for operation"
        dataset.cite(table, name, "fixed_usd_per_unit_year", fixed["source"], fixed["kind"], said)
        said = read_by("assumed_values", "item")[most(called)]["note"]
        dataset.cite(table, name, "max_units", "facts/assumed_values.csv", "assumption", said)
