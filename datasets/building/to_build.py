"""Candidates of plans: accelerators with their servers and the halls around them, at every site."""

from __future__ import annotations

from building.centres import hardware
from building.power import cny_per_usd
from building.tables import Cell, Dataset, Row, decimals, read, read_by
from building.world_places import names
from building.world_sites import country

COUNT = 8  # accelerators in a server, as the published prices count
WACC = "real weighted average cost of capital, "
#: Countries of the world's sites that are members of the OECD.
OECD = {
    *("AUS", "CAN", "CHE", "DEU", "FRA", "GBR", "IRL", "ISR", "ITA", "JPN", "KOR", "MEX", "NLD", "NOR", "NZL"),
    *("POL", "SWE", "USA"),
}


def cost(item: str) -> float:
    """Return one published cost; the middle of a range."""
    ends = [float(end) for end in read_by("costs", "item")[item]["value"].split("-")]
    return sum(ends) / len(ends)


def annuity(rate: float, years: float) -> float:
    """Return the part of a price that is paid back each year."""
    return rate / (1 - (1 + rate) ** -years)


def it_kw() -> float:
    """Return the IT power that a hall is built for, for one accelerator with its part of the server."""
    return cost("8x H100 node power (max)") / COUNT


def server_usd() -> dict[str, float]:
    """Return the price of an accelerator with its part of the server in China, by kind."""
    price = cost("8x H100 NVLink server (grey market)") / COUNT / cny_per_usd()
    return {kind: price * relative for kind, (_, _, relative) in hardware().items()}


def candidate(site: str, usd: float, usd_per_w: float, wacc: float) -> dict[str, Cell]:
    """Return the candidate of a site: servers over their life, and the hall over its own as a fixed cost a year."""
    hall = 1000 * it_kw() * usd_per_w
    return {
        "candidate": f"{site} accelerators",
        "adds": "accelerators",
        "target": site,
        "usd_per_unit": decimals(usd, 0),
        "wacc": decimals(wacc, 4),
        "lifetime_years": decimals(cost("GPU useful life"), 1),
        "fixed_usd_per_unit_year": decimals(hall * annuity(wacc, cost("facility life")), 0),
        "capital_usd": decimals(usd + hall, 0),
        "it_kw": decimals(it_kw(), 3),
    }


def add_candidates(dataset: Dataset) -> None:
    """Add the candidates of China: one kind of accelerator a site, as it has, and halls at the cost of Shanghai."""
    usd, rate = server_usd(), cost(f"{WACC}OECD countries and China")
    usd_per_w = cost("data-centre construction cost, Shanghai")
    dataset.tables["candidates"] = [
        candidate(row["data_centre"], usd[row["accelerator"]], usd_per_w, rate) for row in read("assumed_sites")
    ]
    cite_common(dataset)
    costs = read_by("costs", "item")
    server, hall = costs["8x H100 NVLink server (grey market)"], costs["data-centre construction cost, Shanghai"]
    note = "dealer quote of a server of eight, by dealer quotes of H20 servers where the site has H20; 910C as H800"
    dataset.cite("candidates", "*", "usd_per_unit", server["source"], "derived", note)
    note = f"halls at {hall['value']} USD a watt of IT, the only market of mainland China in the survey, at all sites"
    dataset.cite("candidates", "*", "fixed_usd_per_unit_year", hall["source"], "assumption", note)
    dataset.cite("candidates", "*", "capital_usd", "server and hall together", "derived")


def add_world_candidates(dataset: Dataset) -> None:
    """Add the candidates of the world: the same servers everywhere, halls at the cost of the country."""
    usd = cost("8x H100 node capex") / COUNT
    label = names()
    dataset.tables["candidates"] = [
        candidate(label[row["code"]], usd, float(country(row["iso3"])["construction_usd_per_w"]), world_wacc(row))
        for row in read("assumed_world_sites")
    ]
    cite_common(dataset)
    server = read_by("costs", "item")["8x H100 node capex"]
    note = f"the middle of {server['value']} USD for a node of eight; {server['note']}"
    dataset.cite("candidates", "*", "usd_per_unit", server["source"], server["kind"], note)
    dataset.cite("candidates", "*", "capital_usd", "server and hall together", "derived")
    for row in read("assumed_world_sites"):
        land = country(row["iso3"])
        note = f"halls at {land['construction_usd_per_w']} USD a watt of IT in {land['name']}, over 15 years"
        where = ("candidates", f"{label[row['code']]} accelerators", "fixed_usd_per_unit_year")
        dataset.cite(*where, land["source"], "derived", note)


def world_wacc(row: Row) -> float:
    """Return the cost of capital of a country."""
    return cost(f"{WACC}{'OECD countries and China' if row['iso3'] in OECD else 'other countries'}")


def cite_common(dataset: Dataset) -> None:
    """Say where the figures come from that both datasets share."""
    costs = read_by("costs", "item")
    for column in ("candidate", "adds", "target"):
        dataset.cite("candidates", "*", column, "every site may be expanded", "assumption")
    rate, life, power = (
        costs[item] for item in (f"{WACC}other countries", "GPU useful life", "8x H100 node power (max)")
    )
    note = "7.5 % in OECD countries and China, 10 % elsewhere; of power plants, taken for data centres"
    dataset.cite("candidates", "*", "wacc", rate["source"], "assumption", note)
    dataset.cite("candidates", "*", "lifetime_years", life["source"], life["kind"], life["note"])
    hall = costs["facility life"]
    note = f"halls over {hall['value']} years; {hall['note']}"
    dataset.cite("candidates", "*", "fixed_usd_per_unit_year", hall["source"], hall["kind"], note)
    note = "10.2 kW a node of eight H100 at its most, taken for all kinds; the hall is built for it"
    dataset.cite("candidates", "*", "it_kw", power["source"], "assumption", note)
