"""Batteries beside sites: of 0 MW and 0 MWh, with a candidate for the power and one for the energy of each."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from building.own_power import both
from building.power_prices import fact, figure, stands_in, upkeep, usd
from building.tables import Cell, Dataset, Row, decimals, read_by
from building.to_build import WACC, cost

CHOICE = "facts/assumed_batteries.csv"
EFFICIENCY, WEAR = "battery, round trip efficiency", "battery, variable operation"
#: What a unit adds, the part of the battery that has its price, and what the candidate is called.
PARTS = (("power_mw", "inverter", "power"), ("energy_mwh", "storage", "energy"))
OTHERS = "others"  # the row of the countries that have none of their own


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


def candidates(site: str, country: str, wacc_of: str, costs: str = "central") -> list[dict[str, Cell]]:
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


def cite_candidates(
    dataset: Dataset, table: str, site: str, country: str, wacc_of: str, costs: str = "central"
) -> None:
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
