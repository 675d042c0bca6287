"""The market that the path of prices and caps runs on, and what caps add to it at their prices.

A unit of class k served at j in t pays ``sum_c gamma_c counted_ckjt`` to the caps, and one sent from h to j pays
``sum_c gamma_c sent_ckhj``. Both are linear in the prices gamma of the caps, so that one market, at gamma = 0, serves
all gamma. Where a cap counts some of several tiers of a site, their merit order changes with gamma. There all tiers are
soft steps, whatever their order: with P the price of supply,

    - sum_s amount_s mu log(1 + exp((P - cost_s - sum_c gamma_c counted_cs) / mu))

P counts from a floor below the cost of the first tier, so that it stays above 0. A limit on intake cuts each of these
tiers, not their sum. A cap is counted in its typical coefficient (``scale``), so that its price is a cost per unit of
the median class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, diags_array

from placer.column_generation.dual.cap_places import CapPlaces, cap_places
from placer.column_generation.dual.class_caps import ClassCaps, class_caps, typical_coefficients
from placer.column_generation.dual.path import first_width
from placer.column_generation.market.definition import Market, market, market_at_cap_prices, typical
from placer.column_generation.market.merit_order import caps_count_tiers
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: The floor of soft tiers below the cost of the first, in first widths of the path.
_FLOOR_WIDTHS = 16.0
#: The limit that stands for a cap of nothing, as a part of what it would count: prices of the path stay finite.
_CLOSED = 1e-6
#: Differences of sums and limits that count as rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class CappedMarket:
    """A market at prices 0 of the caps, with what the caps count.

    Attributes
    ----------
    structure : Structure
    market : Market
        Where tiers are soft, its first tier is 0 and all tiers are further ones.
    caps : (c,) int array
        Positions of the caps that have a limit.
    scale : (c,) array
        What their figures are divided by.
    limit : (c,) array
    size : (c,) array
        What imbalances of the caps are measured against.
    classes : tuple of ClassCaps
        Of every group of the market.
    tiers : tuple of (c, t * s) sparse arrays
        What a unit drawn of every further tier counts; 0 where tiers are not soft.
    floor : (t, s) array
        By how much the price of supply starts below the cost of the first tier; 0 where tiers are not soft.
    places : CapPlaces
    """

    structure: Structure
    market: Market
    caps: IntArray
    scale: FloatArray
    limit: FloatArray
    size: FloatArray
    classes: tuple[ClassCaps, ...]
    tiers: tuple[csr_array, ...]
    floor: FloatArray
    places: CapPlaces

    @property
    def start(self) -> FloatArray:
        """Flat prices (``dual.cap_places``) of nothing: 0, and the cost of the first tier where tiers are soft."""
        prices = np.zeros(self.market.price_shape)
        if self.market.supplied:
            prices[:, self.market.sites : 2 * self.market.sites] = self.floor
        return self.places.joined(prices, np.zeros(len(self.caps)))

    def plain(self, flat: FloatArray) -> tuple[Market, FloatArray, FloatArray]:
        """Return the market at the cap prices, the prices (t, r) of its resources, and those of all caps."""
        prices, capped = self.places.split(flat)
        caps = np.zeros(len(self.structure.cap_limit))
        caps[self.caps] = capped / self.scale
        there, sites = market_at_cap_prices(self.market, self.structure, caps), self.market.sites
        of_supply: list[FloatArray] = []
        if there.supplied:
            moved = np.where(self.floor > 0, self._moved(there) + self.floor, 0.0)
            of_supply = [np.maximum(prices[:, sites : 2 * sites] - moved, 0.0)]
        of_links = prices[:, self.market.kinds * sites :]
        return there, np.concatenate([prices[:, :sites], *of_supply, of_links], axis=1), caps

    def _moved(self, there: Market) -> FloatArray:
        """Return by how much the first tier costs more at the prices of caps of another market (t, s)."""
        return _finite(there.order.base) - _finite(self.market.order.base)

    def laid(self, there: Market, prices: FloatArray, caps: FloatArray) -> FloatArray:
        """Return flat prices from those of a market at cap prices: the inverse of ``plain``."""
        own, _ = self.places.split(self.start)
        sites = self.market.sites
        own[:, :sites], own[:, self.market.kinds * sites :] = prices[:, :sites], prices[:, there.kinds * sites :]
        if self.market.supplied:
            supply = prices[:, sites : 2 * sites] if there.supplied else 0.0
            moved = np.where(self.floor > 0, self._moved(there) + self.floor, 0.0)
            own[:, sites : 2 * sites] = np.maximum(supply + moved, 0.0)
        return self.places.joined(own, caps[self.caps] * self.scale)


def capped_market(structure: Structure) -> CappedMarket:
    """Return the market of a structure at cap prices of 0, with what its caps count.

    Parameters
    ----------
    structure : Structure
        With a limit on some cap.
    """
    whole = market(structure)
    caps = np.flatnonzero(np.isfinite(structure.cap_limit))
    is_soft = caps_count_tiers(structure) & (whole.order.count > 1) & (whole.most_drawn > 0)
    counted = _counted_of_tiers(structure, whole, caps)
    single = _at(counted[0], ~is_soft)
    floor = np.where(is_soft, _FLOOR_WIDTHS * first_width(whole) / typical(structure.draw), 0.0)
    work = structure.cap_work[caps]
    classes = [class_caps(structure, whole, group, caps, work, single, floor) for group in whole.groups]
    places = cap_places(structure)
    whole = _without_implied(whole, places, structure.cap_limit[caps], classes, counted)
    scale = typical_coefficients(whole, classes, counted, typical(structure.draw))
    classes = [each.scaled(scale) for each in classes]
    of_tiers = [csr_array(diags_array(1 / scale) @ _at(rank, is_soft)) for rank in counted]
    soft, ranks = _with_soft_tiers(whole, is_soft, floor, typical(structure.draw))
    limit = structure.cap_limit[caps] / scale
    size = np.maximum(np.abs(limit), _typical_use(whole, classes, of_tiers))
    return CappedMarket(
        structure=structure,
        market=soft,
        caps=caps,
        scale=scale,
        limit=np.where(_count_upwards(classes, of_tiers), np.maximum(limit, _CLOSED * size), limit),
        size=size,
        classes=tuple(classes),
        tiers=tuple(of_tiers[rank] for rank in ranks),
        floor=floor,
        places=places,
    )


def _without_implied(
    whole: Market, places: CapPlaces, limit: FloatArray, classes: list[ClassCaps], of_tiers: list[csr_array]
) -> Market:
    """Return the market without the limits of capacity that the caps of the same place imply.

    They do where they count at least what any unit uses there, and have limits of no more than the capacity in all:
    ``sum use s <= sum_c counted_c s <= sum_c limit_c <= capacity``. Of two limits that bind as one either may have the
    price, and a Newton step does not tell which.
    """
    sites = whole.sites
    implied = places.of_caps(limit).sum(axis=0) <= whole.limit[:, :sites] * (1 + _ROUNDING)
    for group, each in zip(whole.groups, classes, strict=True):
        counted = places.counted(each.counted(len(limit))).sum(axis=0)
        implied &= group.lanes.to_sites((counted < group.use * (1 - _ROUNDING)).astype(float)) == 0
    for tier in of_tiers:
        implied &= (places.counted(tier) >= 0).all(axis=0)
    first = np.where(implied, 2 * whole.most_used, whole.limit[:, :sites])
    return replace(whole, limit=np.concatenate([first, whole.limit[:, sites:]], axis=1))


def _with_soft_tiers(whole: Market, is_soft: BoolArray, floor: FloatArray, draw: float) -> tuple[Market, list[int]]:
    """Return the market with soft tiers at some places (t, s), and the ranks of its further tiers.

    ``draw`` is typical of the classes.
    """
    sites, order = whole.sites, whole.order
    tiers, ranks = [], []
    for rank, cost in enumerate(order.cost):
        soft = np.minimum(np.minimum(order.amount[rank], order.intake), 2 * whole.most_drawn)
        hard = _within(whole, rank) if whole.supplied and rank else np.zeros_like(soft)
        amount = np.where(is_soft, soft, hard)
        if amount.any():
            tiers.append((amount, np.where(amount > 0, _finite(cost) - _finite(order.base) + floor, 0.0)))
            ranks.append(rank)
    if not is_soft.any():
        return whole, ranks
    first = whole.limit[:, sites : 2 * sites] if whole.supplied else 2 * whole.most_drawn
    limit = [whole.limit[:, :sites], np.where(is_soft, 0.0, first), whole.limit[:, whole.kinds * sites :]]
    unit = [whole.unit[:sites], np.full(sites, 1 / draw), whole.unit[whole.kinds * sites :]]
    whole = replace(whole, limit=np.concatenate(limit, axis=1), unit=np.concatenate(unit))
    return replace(whole, tiers=tuple(tiers), supplied=True), ranks


def _within(whole: Market, rank: int) -> FloatArray:
    """Return the amount of a tier that the intake leaves (t, s); twice the largest use where it cannot bind."""
    within = whole.order.within[rank]
    return np.where(within < whole.most_drawn, within, 2 * whole.most_drawn)


def _finite(cost: FloatArray) -> FloatArray:
    return np.where(np.isfinite(cost), cost, 0.0)


def _counted_of_tiers(structure: Structure, whole: Market, caps: IntArray) -> list[csr_array]:
    """Return what a unit drawn of the tier of each rank counts (c, t * s), rank by rank."""
    rank, t, s = np.nonzero(whole.order.tier >= 0)
    rank_of = np.full(structure.tier_limit.shape, -1)
    rank_of[whole.order.tier[rank, t, s], t] = rank
    cap, (tier, period), value = structure.cap_tier[caps].entries()
    site, own = structure.tier_site[tier], rank_of[tier, period]
    drawn = value * structure.overhead[site, period] / structure.tier_yield[tier]
    cell, shape = period * whole.sites + site, (len(caps), whole.periods * whole.sites)
    return [
        csr_array((drawn[own == each], (cap[own == each], cell[own == each])), shape=shape)
        for each in range(len(whole.order.tier))
    ]


def _at(counted: csr_array, chosen: BoolArray) -> csr_array:
    """Return what is counted (c, t * s) at some places (t, s), without zeros."""
    part = csr_array(counted @ diags_array(chosen.ravel().astype(float)))
    part.eliminate_zeros()
    return part


def _count_upwards(classes: list[ClassCaps], of_tiers: list[csr_array]) -> BoolArray:
    """Return which caps count nothing by a negative coefficient (c,)."""
    upwards = np.all([rank.min(axis=1).toarray() >= 0 for rank in of_tiers], axis=0)
    for each in classes:
        cap, *_, value = each.entries()
        upwards[cap[value < 0]] = False
    return upwards


def _typical_use(whole: Market, classes: list[ClassCaps], of_tiers: list[csr_array]) -> FloatArray:
    """Return what the caps count, by size, if all work was spread evenly over the sites (c,); above 0."""
    asked = [float(group.amount.sum()) for group in whole.groups]
    drawn = sum(amount * float(group.draw.mean()) for amount, group in zip(asked, whole.groups, strict=True))
    use = np.max([abs(rank).mean(axis=1) for rank in of_tiers], axis=0) * drawn
    for amount, each in zip(asked, classes, strict=True):
        cap, *_, value = each.entries()
        use += np.bincount(cap, amount * np.abs(value), len(use)) / max(each.floor.size, 1)
    return use + 1e-9 * sum(asked)
