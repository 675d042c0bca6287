"""Prices that a restricted master starts from, and the dual bound that prices prove."""

from __future__ import annotations

from dataclasses import dataclass

from placer.column_generation.market.definition import Market
from placer.column_generation.market.pricing import Near, Priced, bound, price
from placer.column_generation.master.store_prices import StorePrices, duals_of_resources, first_store_prices
from placer.model.structure import Structure
from placer.proof.bound import bound_prices, rents_of, worth
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Start:
    """Prices that a restricted master starts from, and how far off they may be.

    Attributes
    ----------
    market : Market
        The market of the structure at the cap prices.
    prices : (t, r) array
        Prices of the market's resources.
    caps : (c,) array
        Prices of the caps.
    width : float
        Scale of the error of the prices, per unit of the median class: columns are near if their price is within
        ``ShortlistParameters.reach_widths`` of these of the lowest price of their demand.
    steps : int
        Newton steps that the prices took.
    changed : float
        Part of the demand that has changed since the prices were proven; 0 for prices of the structure itself.
    columns : tuple of Near
        Columns of the first master beside the near ones.
    """

    market: Market
    prices: FloatArray
    caps: FloatArray
    width: float
    steps: int = 0
    changed: float = 0.0
    columns: tuple[Near, ...] = ()


def demand_count(market: Market) -> int:
    """Return the number of demands above zero."""
    return sum(int((group.amount > 0).sum()) for group in market.groups)


def dual_bound(
    structure: Structure,
    market: Market,
    caps: FloatArray,
    prices: FloatArray,
    priced: list[Priced] | None = None,
    stores: StorePrices | None = None,
) -> float:
    """Return the dual value at some prices: no placement costs less.

    Parameters
    ----------
    structure : Structure
    market : Market
        The market at the cap prices.
    caps : (c,) array
        Prices of the caps, all >= 0.
    prices : (t, r) array
        Prices of the market's resources.
    priced : list of Priced, optional
        All groups at these prices; priced here if not given.
    stores : StorePrices, optional
        Those that start a master if not given.
    """
    every = price(market, prices) if priced is None else priced
    if structure.stores is not None:
        known = first_store_prices(structure, market, prices, caps) if stores is None else stores
        at = bound_prices(structure, duals_of_resources(structure, market, prices, caps, known))
        paid = sum(float((part.group.amount * part.least).sum()) for part in every)
        return paid - rents_of(structure, at).total
    return bound(market, prices, every) - worth(caps, structure.cap_limit)
