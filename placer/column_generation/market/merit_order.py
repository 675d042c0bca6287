"""The supply of every site and period in merit order, in units drawn before the overhead of the site.

A tier s of site j supplies ``tier_yield_s / overhead_jt`` units drawn for each unit taken, so that

    cost_st    = (tier_cost_st + sum_c gamma_c cap_tier_cst) overhead_jt / tier_yield_s       per unit drawn
    amount_st  = tier_limit_st tier_yield_s / overhead_jt
    within_st  = min(amount_st, max(0, intake_jt / overhead_jt - sum of the amounts before s))

with the prices gamma of the caps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MeritOrder:
    """Tiers of each site and period by rising cost, arrays (rank, t, s).

    Attributes
    ----------
    tier : int array
        Position of the tier in the structure; -1 past the last.
    cost : array
        Cost of a unit drawn; inf past the last.
    amount : array
        Units drawn that the tier can supply; 0 past the last.
    within : array
        Part of ``amount`` that the limit on intake leaves.
    intake : (t, s) array
        Limit on intake, in units drawn.
    given : (t, s) array
        The most that stores of the site can give, in units drawn.
    """

    tier: IntArray
    cost: FloatArray
    amount: FloatArray
    within: FloatArray
    intake: FloatArray
    given: FloatArray

    @cached_property
    def count(self) -> IntArray:
        """Number of tiers (t, s)."""
        return (self.tier >= 0).sum(axis=0)

    @cached_property
    def base(self) -> FloatArray:
        """Cost of the first unit (t, s); 0 where stores alone give supply, inf where there is none."""
        return np.where(self.within[0] > 0, self.cost[0], np.where(self.given > 0, 0.0, np.inf))

    @cached_property
    def extra(self) -> FloatArray:
        """Cost of each tier beyond the first (rank, t, s); 0 where there is nothing of it."""
        with np.errstate(invalid="ignore"):
            return np.where(self.within > 0, self.cost - self.base, 0.0)


def merit_order(structure: Structure, cap_prices: FloatArray) -> MeritOrder:
    """Sort the tiers of a structure by cost at given prices (c,) of the caps."""
    per_site = np.bincount(structure.tier_site, minlength=structure.sites)
    by_site = np.argsort(structure.tier_site, kind="stable")
    rank = np.concatenate([np.arange(count) for count in per_site]).astype(int)
    place = rank, structure.tier_site[by_site]
    overhead, tier_yield = structure.overhead[place[1]], structure.tier_yield[by_site, None]
    shape = (max(int(per_site.max(initial=0)), 1), structure.sites, structure.periods)
    tier, cost, amount = np.full(shape, -1), np.full(shape, np.inf), np.zeros(shape)
    priced = structure.tier_cost + structure.cap_tier.priced(cap_prices)
    tier[place] = by_site[:, None]
    cost[place] = priced[by_site] / tier_yield * overhead
    amount[place] = structure.tier_limit[by_site] * tier_yield / overhead
    cost[amount == 0], tier[amount == 0] = np.inf, -1
    order = np.argsort(cost, axis=0, kind="stable")
    tier, cost, amount = (
        np.ascontiguousarray(np.take_along_axis(values, order, 0).swapaxes(1, 2)) for values in (tier, cost, amount)
    )
    intake = (structure.intake / structure.overhead).T
    before = np.concatenate([np.zeros((1, *intake.shape)), np.cumsum(amount, axis=0)[:-1]])
    spent = np.isinf(before)
    room = np.where(spent, 0.0, intake - np.where(spent, 0.0, before))
    within = np.minimum(amount, np.maximum(room, 0.0))
    return MeritOrder(tier, cost, amount, within, intake, given_by_stores(structure))


def given_by_stores(structure: Structure) -> FloatArray:
    """Return the most that the stores of every site can give (t, s), in units drawn."""
    if (stores := structure.stores) is None:
        return np.zeros(structure.capacity.T.shape)
    return (stores.at_sites(stores.power, structure.sites) / structure.overhead).T


def has_stores(structure: Structure) -> BoolArray:
    """Return at which sites stores change the price of supply (s,): they are there, or at the source of a tier."""
    there = np.zeros(structure.sites, dtype=bool)
    if (stores := structure.stores) is not None:
        there[stores.site[stores.site >= 0]] = True
        there[structure.tier_site[stores.tier_source >= 0]] = True
    return there


def caps_count_tiers(structure: Structure) -> BoolArray:
    """Return where a cap may change the order of the tiers of a site (t, s): where one counts any of them."""
    counted = structure.cap_tier[np.isfinite(structure.cap_limit)].counted
    return structure.at_sites(counted.astype(float)).T > 0


def taken_of_tiers(structure: Structure, order: MeritOrder, drawn: FloatArray) -> FloatArray:
    """Return the amount taken of each tier of a structure (tiers, t) for the draw (t, s), the cheapest tiers first."""
    taken = np.zeros_like(structure.tier_limit)
    rank, t, s = np.nonzero(order.tier >= 0)
    taken[order.tier[rank, t, s], t] = cheapest_first(order, drawn)[rank, t, s]
    return at_meter(structure, taken)


def at_meter(structure: Structure, taken: FloatArray) -> FloatArray:
    """Return amounts of tiers (tiers, t) in units taken, for those in units drawn."""
    return taken * structure.overhead[structure.tier_site] / structure.tier_yield[:, None]


def cheapest_first(order: MeritOrder, drawn: FloatArray) -> FloatArray:
    """Return the amount taken of each tier (rank, t, s), cheapest first, to cover the amount drawn (t, s)."""
    left, taken = drawn, []
    for within in order.within:
        part = np.minimum(within, left)
        taken.append(part)
        left = left - part
    return np.stack(taken)
