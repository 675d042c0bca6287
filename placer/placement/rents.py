"""Rents of all limits from the duals of a proven solution, and the parts of the price of the marginal MWh.

Supplies are bought in merit order, the cheapest first. With lambda the dual of the power row of a data centre and hour
(the value of one MWh more at the meter), and p_s the cost of a MWh delivered from supply s, carbon and the rents of all
caps and limits that count it included:

    power rent            lambda - max p_s, where that is above 0, and the rent of the site's own limit
    energy part           lambda less carbon and rents of caps: what the MWh costs at the marginal supply
    marginal supply       the supply with the largest p_s <= lambda, among those with a limit above 0
    inframarginal rent    the shadow price of a supply's limit, less what the power rent adds to it

So there is a power rent only where every supply is used up, or the site is at its limit. Where power to spare is
offered at lambda or above, power is not scarce: the cheaper supplies earn the inframarginal rent of any merit order,
which is reported with the supplies. Batteries (``placer.model.stores``) carry the price of one hour to another: lambda
may then lie below p_s of the cheapest supply, or anywhere between two supplies. At a data centre with a battery, or
with one at the zone of the marginal supply, the difference of lambda, without scarcity, from the marginal supply is a
part of its own, storage; without a marginal supply it is all of lambda. What limits of a zone's batteries are worth
lowers its supplies' p_s.

(Where a supply is just used up and the next one is too dear to be worth its price,
lambda lies between the two: it is the value of power there, and stands under energy.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from placer.model.answer import Duals
from placer.model.caps import CARBON_CAP, OWN_CAPS, WATER_CAP
from placer.model.formulation import Formulation
from placer.model.stores import NO_STORES
from placer.model.storing import following
from placer.model.structure import Structure
from placer.proof.stored import prices_of_stores
from placer.tolerances import PROOF
from placer.utils.arrays import BoolArray, FloatArray, IntArray, without_noise


@dataclass(frozen=True, eq=False)
class Rents:
    """The duals by limit, in USD per further unit of the limit (>= 0 except for the power price).

    Attributes
    ----------
    price : (demands,) array
        USD per Mtok.
    accelerator : (data centres, hours) array
        USD per accelerator-hour.
    power : (data centres, hours) array
        Marginal cost of a MWh at the meter, USD, without the rent of the site's own limit.
    scarcity : (data centres, hours) array
        Part of ``power`` above the cost of a MWh at the dearest supply, USD: 0 unless all supplies are used up.
    marginal_supply : (data centres, hours) int array
        The marginal supply by position; -1 where there is none.
    site : (data centres, hours) array
        USD per MWh of the site's power limit.
    supply : (supplies, hours) array
        USD per MWh of the supply's limit: its inframarginal rent plus the scarcity rent.
    inframarginal : (supplies, hours) array
        The first of the two.
    link : (links, hours) array
        USD per GB.
    carbon, water : float
        USD per kg and per litre of the caps.
    limits : (limits,) array
        USD per unit by which each limit is relaxed; 0 for pools.
    pools : (limits,) array
        USD per accelerator-hour of each pool in an hour; 0 for other limits.
    stored : (data centres, hours) array
        Part of ``power`` that batteries set: its difference from the cost at the marginal supply; 0 without batteries.
    store : (batteries, hours) array
        Worth of a MWh where the battery stands, USD.
    store_power, store_energy : (batteries, hours) arrays
        USD per MWh more of power in the hour, and per MWh more that the battery could hold at its end; of a battery
        with two contents at the first of them.
    """

    price: FloatArray
    accelerator: FloatArray
    power: FloatArray
    scarcity: FloatArray
    marginal_supply: IntArray
    site: FloatArray
    supply: FloatArray
    inframarginal: FloatArray
    link: FloatArray
    carbon: float
    water: float
    limits: FloatArray
    pools: FloatArray
    stored: FloatArray
    store: FloatArray = field(default_factory=lambda: NO_STORES)
    store_power: FloatArray = field(default_factory=lambda: NO_STORES)
    store_energy: FloatArray = field(default_factory=lambda: NO_STORES)

    @property
    def caps(self) -> FloatArray:
        """The rents of all caps of the structure, those of settings first."""
        return np.concatenate([[self.carbon, self.water], self.limits + self.pools])

    def accelerator_usd(self, structure: Structure) -> FloatArray:
        """Return the rent of accelerators that a unit served pays (classes, data centres, hours)."""
        return structure.use[:, :, None] * self.accelerator + structure.cap_work[OWN_CAPS:].priced(self.pools)


def read_rents(formulation: Formulation, duals: Duals) -> Rents:
    """Split the duals of an answer by limit. Rents that are rounding beside the median price become 0.

    The accelerators of a data centre with several pools are the sum of these: its dual is added to that of each.
    """
    structure = formulation.structure
    capacity, limits, of_pools = by_pool(formulation, duals)
    size = float(np.median(np.abs(duals.demand))) if duals.demand.size else 0.0
    delivered = delivered_usd_per_mwh(structure, duals.cap, duals.source)
    # Without draw, any dual up to the cost of the first MWh is optimal; the price is that cost. A battery may draw.
    power = np.where(_with_batteries(structure), duals.balance, first_usd_per_mwh(structure, delivered))
    power = np.maximum(duals.balance, power)
    dearest = np.full(structure.capacity.shape, -np.inf)  # of a MWh at the meter; -inf without power
    np.maximum.at(dearest, structure.tier_site, np.where(structure.tier_limit > 0, delivered, -np.inf))
    scarcity = np.where(np.isfinite(dearest), power - dearest, 0.0)
    # Two prices that differ by no more are the same: the duals of an interior solution are no closer.
    scarcity = np.where(scarcity > PROOF * np.abs(power), scarcity, 0.0)
    supply = np.where(np.isfinite(structure.tier_limit), np.maximum(-_reduced_tier_cost(structure, duals), 0.0), 0.0)
    supply = without_noise(supply, np.abs(delivered))
    marginal = _marginal_supply(structure, delivered, power)
    scarce = np.minimum(structure.tier_yield[:, None] * scarcity[structure.tier_site], supply)
    return Rents(
        price=duals.demand,
        accelerator=without_noise(capacity, size),
        power=power,
        scarcity=scarcity,
        marginal_supply=marginal,
        site=without_noise(duals.intake, size),
        supply=supply,
        inframarginal=supply - scarce,
        link=without_noise(duals.link, size),
        carbon=float(duals.cap[CARBON_CAP]),
        water=float(duals.cap[WATER_CAP]),
        limits=limits,
        pools=without_noise(of_pools, size),
        stored=_set_by_batteries(structure, duals, power - scarcity, marginal),
        **_rents_of_batteries(structure, duals),
    )


def _with_batteries(structure: Structure) -> BoolArray:
    """Return which data centres have a battery (data centres, 1)."""
    there = np.zeros((structure.sites, 1), dtype=bool)
    if (stores := structure.stores) is not None:
        there[stores.site[stores.site >= 0]] = True
    return there


def _set_by_batteries(structure: Structure, duals: Duals, power: FloatArray, marginal: IntArray) -> FloatArray:
    """Return the part of the price of power, without scarcity, that batteries set (data centres, hours)."""
    stores = structure.stores
    if stores is None:
        return np.broadcast_to(0.0, power.shape)
    supply, period = np.maximum(marginal, 0), np.arange(structure.periods)[None]
    usd = delivered_usd_per_mwh(structure, duals.cap)
    if not len(usd):
        return np.where(_with_batteries(structure), power, 0.0)
    own = np.where(marginal >= 0, usd[supply, period], 0.0)
    of_zone = (marginal >= 0) & (stores.tier_source[supply] >= 0)
    return np.where(_with_batteries(structure) | of_zone, power - own, 0.0)


def _rents_of_batteries(structure: Structure, duals: Duals) -> dict[str, FloatArray]:
    if (stores := structure.stores) is None:
        return {}
    size = float(np.abs(duals.stored).max(initial=0.0))
    holding = stores.most_of_banks(np.maximum(duals.stored[:, following(structure)] - duals.stored, 0.0))
    return {
        "store": prices_of_stores(stores, duals),
        "store_power": np.asarray(without_noise(duals.power, size)),
        "store_energy": np.asarray(without_noise(holding, size)),
    }


def by_pool(formulation: Formulation, duals: Duals) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the duals of data centres with one pool, of limits and of pools, each 0 where it is none of its kind."""
    cap, site, hour = formulation.pool_caps
    capacity, limits, of_pools = duals.capacity.copy(), duals.cap[OWN_CAPS:].copy(), np.zeros(len(formulation.limits))
    of_pools[cap - OWN_CAPS] = duals.cap[cap] + duals.capacity[site, hour]
    capacity[site, hour] = limits[cap - OWN_CAPS] = 0.0
    return capacity, limits, of_pools


def without_scarcity(structure: Structure) -> Rents:
    """Return the rents and prices there would be if no limit bound: all 0, with power at the cheapest supply."""
    delivered = delivered_usd_per_mwh(structure, np.zeros(len(structure.cap_limit)))
    first = first_usd_per_mwh(structure, delivered)
    nothing, supplies = np.zeros(first.shape), np.zeros(structure.tier_limit.shape)
    links = np.zeros(structure.link_capacity.shape)
    return Rents(
        price=np.zeros(len(structure.demand_amount)),
        accelerator=nothing,
        power=np.where(np.isfinite(first), first, 0.0),
        scarcity=nothing,
        marginal_supply=_marginal_supply(structure, delivered, first),
        site=nothing,
        supply=supplies,
        inframarginal=supplies,
        link=links,
        carbon=0.0,
        water=0.0,
        limits=np.zeros(len(structure.cap_limit) - OWN_CAPS),
        pools=np.zeros(len(structure.cap_limit) - OWN_CAPS),
        stored=np.broadcast_to(0.0, first.shape),
    )


def delivered_usd_per_mwh(structure: Structure, caps: FloatArray, sources: FloatArray = NO_STORES) -> FloatArray:
    """Return the cost of a MWh at the meter from each supply (supplies, hours), at rents of caps and of zones.

    It counts carbon, and losses on the way.

    Parameters
    ----------
    caps : (caps,) array
    sources : (zones with batteries, hours) array
        ``Duals.source``; 0 if not given.
    """
    usd = structure.tier_cost + structure.cap_tier.priced(caps)
    if structure.stores is not None and len(sources):
        usd = usd - structure.stores.of_tiers(sources)
    return np.asarray(usd / structure.tier_yield[:, None])


def first_usd_per_mwh(structure: Structure, delivered: FloatArray) -> FloatArray:
    """Return the cost of the first MWh at the meter (data centres, hours); -inf without power."""
    first = np.full(structure.capacity.shape, np.inf)
    np.minimum.at(first, structure.tier_site, np.where(structure.tier_limit > 0, delivered, np.inf))
    return np.where(np.isfinite(first), first, -np.inf)


def marginal_usd_per_mwh(formulation: Formulation, rents: Rents) -> dict[str, FloatArray]:
    """Return the parts of ``rents.power`` without its scarcity: energy, carbon, rents of carbon cap and limits."""
    structure, supply = formulation.structure, np.maximum(rents.marginal_supply, 0)
    if not structure.tier_yield.size:
        return {part: np.zeros(rents.power.shape) for part in ("energy", "carbon", "carbon_cap_rent", "limits_rent")}
    there = (rents.marginal_supply >= 0) / structure.tier_yield[supply]
    period = np.arange(structure.periods)[None]
    carbon = there * formulation.carbon_usd[supply, period]
    cap = rents.carbon * there * formulation.carbon_kg[supply, period]
    own = structure.cap_tier[OWN_CAPS:].priced(rents.limits)
    limits = there * own[supply, period]
    # Energy takes the difference of the dual from the cost at the marginal supply, so that the parts add up.
    rest = rents.power - rents.scarcity - rents.stored
    energy = np.where(rents.marginal_supply >= 0, rest - carbon - cap - limits, 0.0)
    return {"energy": energy, "carbon": carbon, "carbon_cap_rent": cap, "limits_rent": limits}


def _marginal_supply(structure: Structure, delivered: FloatArray, power: FloatArray) -> IntArray:
    """Return which supply is the marginal one (data centres, hours); -1 without power."""
    best, which = np.full(power.shape, -np.inf), np.full(power.shape, -1)
    most = power + PROOF * np.abs(np.where(np.isfinite(power), power, 0.0))
    for tier, site in enumerate(structure.tier_site.tolist()):
        usd = delivered[tier]
        better = (structure.tier_limit[tier] > 0) & (usd <= most[site]) & (usd > best[site])
        best[site], which[site] = np.where(better, usd, best[site]), np.where(better, tier, which[site])
    return which


def _reduced_tier_cost(structure: Structure, duals: Duals) -> FloatArray:
    """Return the reduced cost of every tier (tiers, periods), caps included."""
    worth = structure.tier_yield[:, None] * duals.balance[structure.tier_site]
    if structure.stores is not None:
        worth = worth + structure.stores.of_tiers(duals.source)
    return structure.tier_cost - (worth - structure.cap_tier.priced(duals.cap))
