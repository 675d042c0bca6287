"""Data centres of the globe: accelerators, what an hour of them costs, and how much energy cooling adds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from building.globe_demand import accelerator_hours_a_day
from building.globe_nodes import Node, countries, location, nodes, share_of_country, sites_of
from building.globe_power import hourly
from building.tables import Cell, Dataset, decimals, read, read_by, value, world_value
from building.to_build import COUNT, cost, server_usd
from building.world_sites import MILD_C

CONTROLLED = "countries under export control"
PART_OF_CHINA = "part of China's accelerators in AI supercomputers"
#: The tier of capacities that are published; those of higher tiers are estimates.
PUBLISHED_TIER = 1
LESS, MORE = 0.5, 1.5


@cache
def chosen() -> Mapping[str, str]:
    """Return the values chosen for the globe by item."""
    return {row["item"]: row["value"] for row in read("globe/assumed_values")}


def megawatts(node: Node) -> float:
    """Return the capacity of the data centres at a node."""
    return float(countries()[node.iso3]["capacity_mw"]) * share_of_country(node)


def is_estimated(node: Node) -> bool:
    """Return whether the capacity of a node's country is an estimate."""
    return int(countries()[node.iso3]["source_tier"]) > PUBLISHED_TIER


@cache
def accelerators_per_mw() -> float:
    """Return the accelerators of a megawatt: as many as do the work of a day at the load that is chosen."""
    work = accelerator_hours_a_day() / 24
    return work / float(chosen()["load of accelerators"]) / sum(megawatts(node) for node in nodes())


def accelerators(node: Node) -> float:
    """Return the accelerators at a node, in proportion to the capacity of its data centres."""
    return accelerators_per_mw() * megawatts(node)


def summer_celsius(node: Node) -> float:
    """Return the hottest month of a country, or of the cities of China's sites by computing power."""
    if not node.part:
        return float(countries()[node.iso3]["summer_peak_celsius"])
    cities = {row["data_centre"]: row["city"] for row in read("assumed_climates")}
    hottest: dict[str, list[float]] = {}
    for row in read("month_temperatures"):
        hottest.setdefault(row["city"], []).append(max(float(row[f"m{month:02d}"]) for month in range(1, 13)))
    return sum(
        share * sum(hottest[cities[name]]) / len(hottest[cities[name]]) for name, share in sites_of(node.part).items()
    )


def pue(node: Node) -> float:
    """Return the PUE of a node by its summer, the published rule of ``world``."""
    warm = max(0.0, summer_celsius(node) - MILD_C)
    return world_value("base of the PUE") + world_value("PUE per degree") * warm


def chip_index(node: Node) -> float | None:
    """Return the list price of an accelerator-hour over that in the United States, where one is known."""
    row = read_by("globe/chip_prices", "iso3").get(node.iso3)
    return float(row["index"]) if row else None


def same_price(node: Node) -> float:
    """Return the rental price of the same hardware in a building of local cost; it holds for the United States."""
    whole = read_by("costs", "item")["total cost per GPU-hour, China"]["note"]
    part = float(whole.split("construction ")[1].split(" ")[0])
    built = {iso3: float(countries()[iso3]["construction_usd_per_watt"]) for iso3 in ("CHN", "USA", node.iso3)}
    return value("accelerator price") + part * (built[node.iso3] - built["USA"]) / built["CHN"]


def rental_price(node: Node) -> float:
    """Return the rental price of an accelerator-hour: by the index of list prices, else by the cost of building."""
    index = chip_index(node)
    return same_price(node) if index is None else value("accelerator price") * index


@cache
def operations_usd_per_hour() -> float:
    """Return what an accelerator-hour costs in staff, upkeep and bandwidth, by the share of electricity as in world."""
    usd = sum(accelerators(node) * pue(node) * sum(hourly(node)) / 24 / 1000 for node in nodes())
    share = world_value("electricity share of operating cost")
    mean = usd / sum(accelerators(node) for node in nodes())
    return round(value("H800 power") * mean * (1 - share) / share, 3)


def add_data_centres(dataset: Dataset) -> None:
    """Add a data centre for every node, and the scenarios that change capacities or prices."""
    operations = operations_usd_per_hour()
    dataset.tables["data_centres"] = [
        {
            "data_centre": node.data_centre,
            "region": node.country,
            "accelerators": decimals(accelerators(node), 0),
            "accelerator_usd_per_hour": decimals(rental_price(node) - operations, 3),
            "operations_usd_per_hour": decimals(operations, 3),
            "pue": decimals(pue(node), 3),
            "jurisdiction": jurisdiction(node),
            **location(node),
        }
        for node in nodes()
    ]
    _add_estimates(dataset)
    _add_controls(dataset)
    dataset.tables["scenarios/equal_chip_prices"] = [
        {"data_centre": node.data_centre, "accelerator_usd_per_hour": decimals(same_price(node) - operations, 3)}
        for node in nodes()
        if chip_index(node)
    ]
    note = "2 USD in the United States, elsewhere by the cost of building alone"
    dataset.cite("scenarios/equal_chip_prices", "*", "*", "facts/globe/countries.csv", "assumption", note)
    for node in nodes():
        _cite(dataset, node)


def jurisdiction(node: Node) -> str:
    """Return the jurisdiction of a node: its country, or that which several countries share."""
    return read_by("globe/assumed_nodes", "iso3")[node.iso3]["jurisdiction"] or node.country


def _add_estimates(dataset: Dataset) -> None:
    """Add the scenarios in which every estimated capacity is half lower or higher."""
    for name, factor in (("low", LESS), ("high", MORE)):
        table = f"scenarios/estimated_capacity_{name}"
        dataset.tables[table] = [
            {"data_centre": node.data_centre, "accelerators": decimals(factor * accelerators(node), 0)}
            for node in nodes()
            if is_estimated(node)
        ]
        note = f"capacities of tier 2 and above times {factor}; the published ones as they are"
        dataset.cite(table, "*", "*", "facts/globe/countries.csv", "assumption", note)


def is_controlled(node: Node) -> bool:
    """Return whether advanced chips may not be exported to a node."""
    return node.iso3 in chosen()[CONTROLLED].split("|")


def controlled_share() -> float:
    """Return the part of its accelerators that a controlled country keeps: China's part in AI supercomputers."""
    total = sum(accelerators(node) for node in nodes())
    there = sum(accelerators(node) for node in nodes() if node.part)
    others = sum(accelerators(node) for node in nodes() if not is_controlled(node))
    controlled = total - others
    share = float(chosen()[PART_OF_CHINA])
    return share * others / (there - share * controlled)


def grey_market() -> float:
    """Return the price of a server on China's grey market over the open market's."""
    return server_usd()["H800"] * COUNT / cost("8x H100 node capex")


def _add_controls(dataset: Dataset) -> None:
    """Add the scenarios of export controls: fewer accelerators, or dearer ones."""
    operations, kept, dearer = operations_usd_per_hour(), controlled_share(), grey_market()
    there = [node for node in nodes() if is_controlled(node)]
    fewer: list[dict[str, Cell]] = []
    prices: list[dict[str, Cell]] = []
    for node in there:
        usd = dearer * rental_price(node) - operations
        fewer.append({"data_centre": node.data_centre, "accelerators": decimals(kept * accelerators(node), 0)})
        prices.append({"data_centre": node.data_centre, "accelerator_usd_per_hour": decimals(usd, 3)})
    dataset.tables |= {"scenarios/chips": fewer, "scenarios/grey_market": prices}
    source = read_by("globe/assumed_values", "item")[PART_OF_CHINA]["source"]
    note = (
        "China: 15 % of all accelerators, its part in the performance of known AI supercomputers; others keep as much"
    )
    dataset.cite("scenarios/chips", "*", "*", source, "assumption", note)
    note = f"times {dearer:.3f}: a server of eight H100 on China's grey market over its price elsewhere; dealer quotes"
    dataset.cite("scenarios/grey_market", "*", "*", "facts/costs.csv", "assumption", note)


def _cite(dataset: Dataset, node: Node) -> None:
    """Say where the capacity of a node and its price of accelerators come from."""
    row, prices = countries()[node.iso3], read_by("globe/chip_prices", "iso3")
    by_power = (
        f"; {share_of_country(node):.3f} of it by computing power (facts/computing_power.csv)" if node.part else ""
    )
    note = f"{row['capacity_mw']} MW, tier {row['source_tier']}{by_power}"
    dataset.cite("data_centres", node.data_centre, "accelerators", row["capacity_source"], "assumption", note)
    if node.iso3 in prices:
        known = prices[node.iso3]
        note = f"{known['index']} times Virginia, in {known['place']}"
        dataset.cite("data_centres", node.data_centre, "accelerator_usd_per_hour", known["source"], known["kind"], note)
