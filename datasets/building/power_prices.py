"""Published prices of wind, sun and connections to the grid."""

from __future__ import annotations

from building.tables import Row, read_by, world_value
from building.to_build import annuity

CONNECTION = "connection"  # whose life and upkeep hold for connections at any price


def fact(item: str) -> Row:
    """Return one published figure with its source."""
    return read_by("own_power", "item")[item]


def figure(item: str) -> float:
    """Return one published figure."""
    return float(fact(item)["value"])


def usd(item: str) -> float:
    """Return one published price in USD per kW or MWh."""
    return figure(item) / (world_value("EUR per USD") if is_in_euros(item) else 1)


def is_in_euros(item: str) -> bool:
    """Return whether a price is published in euros."""
    return fact(item)["unit"].startswith("EUR")


def upkeep(part: str) -> float:
    """Return the fixed cost of operation a year as a share of the investment."""
    return figure(f"{part}, fixed operation") / 100


def connection_share(wacc: float) -> float:
    """Return the cost of a connection a year as a share of the investment, over its own life."""
    return annuity(wacc, figure(f"{CONNECTION}, lifetime")) + upkeep(CONNECTION)


def stands_in(item: str, country: str) -> str:
    """Return what is assumed of a price that is taken for another country, empty where it is of the country."""
    place = fact(item)["region"]
    if place == country:
        return ""
    rate = f", at {world_value('EUR per USD')} EUR per USD" if is_in_euros(item) else ""
    return f"a price in {place} stands in for one in {country}{rate}: assumptions"
