"""Prices that were proven for one member as a lower bound on the cost of every member, at any z.

A price vector p consists of rents alpha of capacity, nu of links and gamma of caps, a price q of supply, a rent sigma
of the intake, and of stores the worth mu of what they hold and the price pi of their sources. ``placer.proof.bound``
turns it into a bound on the cost of any structure with these arcs: of member o, with demand ``d_o`` and limits
``b_o + M_o z``, for every z >= 0,

    Q_o(z) >= d_o . m(p) - sum alpha capacity - sum nu link_capacity - sum gamma cap_limit
              - sum_jt S_jt(z) - sum_bt B_bt(z)
    m_i(p) = min(unserved_i, min_j z_ij(p))               in steps:  sum_s share_s min(v_s, min_j z_ij(p))

S_jt is the largest profit of a site's supply at price q. It is the value of a linear program whose limits are the
intake and the limits of the tiers, so that by weak duality any sigma >= 0 with its rents of tiers

    rho_st = tier_yield_s max(0, q_jt - sigma_jt - m_st)

bounds it: ``S_jt(z) <= sigma_jt intake_jt(z) + sum_s rho_st tier_limit_st(z)``. What a store earns is bounded by its
power and its energy, each times a rent (``B_bt`` of the bound). With r(p) = (alpha, sigma, rho, nu, gamma, rents of
power, rents of energy), in the order of ``placer.decomposition.limits``, the bound is affine in z:

    Q_o(z) >= constant - slope . z        constant = d_o . m(p) - r(p) . b_o        slope = r(p) M_o >= 0

At the duals of an optimum of member o at z the bound is tight at z. If a tier has no limit, sigma is raised until its
rho is 0. If the intake has no limit, sigma is 0 and q was lowered. Costs of a member enter m and rho, so that p also
makes a cut for members with other costs, but a looser one. Arcs that units may open count as open: the bound is that of
the structure with a unit of each variable, whose closed arcs stay closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from placer.decomposition.member import Member
from placer.model.answer import Duals
from placer.model.stores import NO_STORES
from placer.model.structure import Structure
from placer.model.unserved import highest_values, paid_per_unit
from placer.proof.bound import BoundPrices, arrival_prices, bound_prices, cheapest_arcs, rents_of_stores
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class CostCut:
    """``Q(z) >= constant - slope . z``.

    Attributes
    ----------
    constant : float
        In USD over the horizon of the member.
    slope : (variables,) array
        At least 0.
    """

    constant: float
    slope: FloatArray

    def at(self, z: FloatArray) -> float:
        """Return the bound on the cost at some z."""
        return self.constant - float(self.slope @ z)


@dataclass(frozen=True, eq=False)
class PriceVector:
    """The prices that make a cut.

    Attributes
    ----------
    capacity, supply, intake : (sites, periods) arrays
        ``alpha``, ``q`` and ``sigma``.
    link : (links, periods) array
        ``nu``.
    cap : (caps,) array
        ``gamma``.
    stored : (stores, periods) array
        ``mu``; empty without stores, as ``source``.
    source : (sources, periods) array
        ``pi``.
    """

    capacity: FloatArray
    supply: FloatArray
    intake: FloatArray
    link: FloatArray
    cap: FloatArray
    stored: FloatArray = field(default_factory=lambda: NO_STORES)
    source: FloatArray = field(default_factory=lambda: NO_STORES)

    @classmethod
    def of(cls, duals: Duals) -> PriceVector:
        """Return the price vector of duals: ``q`` is the sum of the price of the balance and the rent of the intake."""
        intake = np.maximum(duals.intake, 0.0)
        supply = duals.balance + intake
        return cls(duals.capacity, supply, intake, duals.link, duals.cap, duals.stored, np.maximum(duals.source, 0.0))

    @classmethod
    def zero(cls, structure: Structure) -> PriceVector:
        """Return prices of 0: no limit is scarce. What stores take from sources of positive cost costs 0 too."""
        nothing, stores = np.zeros(structure.capacity.shape), structure.stores
        return cls(
            nothing,
            nothing,
            nothing,
            np.zeros(structure.link_capacity.shape),
            np.zeros(len(structure.cap_limit)),
            NO_STORES if stores is None else np.zeros(stores.power.shape),
            NO_STORES if stores is None else np.maximum(stores.source_cost, 0.0),
        )

    def fits(self, structure: Structure) -> bool:
        """Whether the prices have the numbers of sites, periods, links, caps, stores and sources of a structure."""
        stores = structure.stores
        return (
            self.capacity.shape == structure.capacity.shape
            and self.link.shape == structure.link_capacity.shape
            and self.cap.shape == structure.cap_limit.shape
            and self.stored.shape == (NO_STORES if stores is None else stores.power).shape
            and self.source.shape == (NO_STORES if stores is None else stores.source_cost).shape
        )


def cuts_of(prices: PriceVector, of_shape: Sequence[Member]) -> list[CostCut]:
    """Return the cut that prices make for each of some members of one shape, as of ``cut_arrays``."""
    constants, slopes = cut_arrays([prices], of_shape)
    return [CostCut(constant, slopes[0]) for constant in constants[0].tolist()]


def cut_arrays(vectors: Sequence[PriceVector], of_shape: Sequence[Member]) -> tuple[FloatArray, FloatArray]:
    """Return the constants and the slopes of the cuts that price vectors make for some members of one shape.

    The data of each member are read once for all vectors, which takes longer than the sums.

    Parameters
    ----------
    vectors : sequence of PriceVector
        At least one, each of which fits the structures.
    of_shape : sequence of Member
        At least one; of one ``shape_digest``.

    Returns
    -------
    constants, slopes : (vectors, members), (vectors, variables) arrays
        All members have the same slopes.
    """
    opened = of_shape[0].opened
    prices, rents = prices_and_rents(vectors, opened)
    paid = np.array([paid_per_unit(opened, each) for each in prices])
    constants = [paid @ member.structure.demand_amount - rents @ member.finite_limits for member in of_shape]
    return np.array(constants).T, np.asarray(rents @ of_shape[0].added)


def prices_and_rents(vectors: Sequence[PriceVector], opened: Structure) -> tuple[FloatArray, FloatArray]:
    """Return ``min(v, min_j z_ij)``, v the highest value of a demand (vectors, demands), and ``r`` (vectors, limits).

    The structure is one with a unit of each variable.
    """
    highest, found = highest_values(opened), []
    for prices in vectors:
        bound = bound_prices(opened, duals_at(opened, prices))
        cheapest = cheapest_arcs(opened, bound, arrival_prices(opened, bound.service))
        found.append((np.minimum(cheapest, highest), _rents(prices, opened, bound)))
    price, rents = zip(*found, strict=True)
    return np.array(price), np.array(rents)


def rents_in(prices: PriceVector, opened: Structure) -> FloatArray:
    """Return ``r``, the rents of all limits at some prices, laid end to end (limits,)."""
    return _rents(prices, opened, bound_prices(opened, duals_at(opened, prices)))


def _rents(prices: PriceVector, opened: Structure, bound: BoundPrices) -> FloatArray:
    """Return ``r``: a rent of every limit, 0 where there is none, laid end to end as ``limits_of`` lays them."""
    intake = np.maximum(prices.intake, 0.0)
    gain = bound.supply[opened.tier_site] - bound.tier
    least = np.zeros(intake.shape)
    np.maximum.at(least, opened.tier_site, np.where(np.isinf(opened.tier_limit), gain, 0.0))
    sigma = np.where(np.isinf(opened.intake), 0.0, np.maximum(intake, least))
    rho = opened.tier_yield[:, None] * np.maximum(gain - sigma[opened.tier_site], 0.0)
    rho = np.where(np.isinf(opened.tier_limit), 0.0, rho)  # rounding: it is 0 there by the choice of sigma and q
    link = np.zeros(opened.link_capacity.shape)
    # A link without capacity has an infinite rent, which bars it; no work ever pays this rent.
    link[bound.links] = np.where(opened.link_capacity[bound.links] > 0, bound.link, 0.0)
    of_stores = (NO_STORES, NO_STORES) if opened.stores is None else rents_of_stores(opened, opened.stores, bound)
    return np.concatenate([np.ravel(part) for part in (bound.capacity, sigma, rho, link, bound.cap, *of_stores)])


def duals_at(structure: Structure, prices: PriceVector) -> Duals:
    """Return the prices as duals; ``bound_prices`` reads the prices of limits and of supply."""
    intake = np.where(np.isfinite(structure.intake), np.maximum(prices.intake, 0.0), 0.0)
    return Duals(
        demand=np.zeros(0),
        queue=np.zeros(0),
        balance=prices.supply - intake,
        capacity=prices.capacity,
        intake=intake,
        link=prices.link,
        cap=prices.cap,
        stored=prices.stored,
        power=np.zeros_like(prices.stored),
        source=prices.source,
    )
