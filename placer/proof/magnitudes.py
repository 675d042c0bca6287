"""Typical sizes of a placement: violations are divided by them, so that no figure of a proof has a unit.

They follow from the structure alone, never from the answer under proof, and scale with the units of the structure.
A median is taken over the positive finite magnitudes, and is 1 without any.

    demand          median of the amounts
    take            for every kind of limit, its typical use by a unit of work: the median of use, of overhead * draw,
                    of link_use, of cap_work (or of the addition of a tier or an assignment to the cap, per unit of
                    work)
    limits          median of the limits of a kind; where all are 0 or absent, demand * take
    supply price    median of tier_cost / tier_yield; where all are 0, price / take
    price           for every class the median, over the arcs that serve its demand, of arc_cost + work_cost
                    + draw * overhead * supply price; where that is 0, its cost of being unserved
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from placer.model.cap_rows import CapRows
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Magnitudes:
    """Typical sizes of a placement; ``placer.proof.magnitudes`` defines them.

    Attributes
    ----------
    demand : float
        Work asked for at once.
    capacity, supply, link : float
        Limits of the capacity of a site, of the draw of a site, and of a link.
    tier : float
        A limit of a tier.
    cap : (caps,) array
        The limit of each cap.
    take_capacity, take_supply, take_link : float
        Taken per unit of work; 0 where no work takes any.
    take_cap : (caps,) array
    supply_price : float
        Cost per unit of supply.
    price : (classes,) array
        Cost of serving a unit of work.
    """

    demand: float
    capacity: float
    supply: float
    link: float
    tier: float
    cap: FloatArray
    take_capacity: float
    take_supply: float
    take_link: float
    take_cap: FloatArray
    supply_price: float
    price: FloatArray


def magnitudes(structure: Structure) -> Magnitudes:
    """Return the typical sizes of a structure."""
    demand = _median(structure.demand_amount) or 1.0
    overhead = structure.overhead.mean(axis=1)
    drawn = structure.draw * overhead
    take_supply = _median(drawn)
    take_capacity, take_link = _median(structure.use), _median(structure.link_use)
    take_cap = _take_of_caps(structure, take_supply)
    supply_price = _median(structure.tier_cost / structure.tier_yield[:, None])
    price = _prices(structure, drawn * supply_price)
    supply = _median(structure.intake) or demand * take_supply or 1.0
    return Magnitudes(
        demand=demand,
        capacity=_median(structure.capacity) or demand * take_capacity or 1.0,
        supply=supply,
        link=_median(structure.link_capacity) or demand * take_link or 1.0,
        tier=_median(structure.tier_limit) or supply,
        cap=_limits_of_caps(structure, demand * take_cap),
        take_capacity=take_capacity,
        take_supply=take_supply,
        take_link=take_link,
        take_cap=take_cap,
        supply_price=supply_price or float(np.median(price)) / (take_supply or 1.0),
        price=price,
    )


def _take_of_caps(structure: Structure, take_supply: float) -> FloatArray:
    """Return the typical addition of a unit of work to each cap, directly or through its supply."""
    tier_yield = _median(structure.tier_yield) or 1.0
    drawn = _medians(structure.cap_tier) * take_supply / tier_yield
    sent = _medians(CapRows.of(structure.cap_send)) * _medians(structure.cap_route)
    take = np.maximum(np.maximum(_medians(structure.cap_work), drawn), sent)
    if structure.stores is not None and structure.stores.cap_store is not None:
        take = np.maximum(take, _medians(structure.stores.cap_store) * take_supply)
    return take


def _limits_of_caps(structure: Structure, of_demand: FloatArray) -> FloatArray:
    limit = np.abs(structure.cap_limit)
    return np.where(np.isfinite(limit) & (limit > 0), limit, np.where(of_demand > 0, of_demand, 1.0))


def _prices(structure: Structure, supply: FloatArray) -> FloatArray:
    """Return the typical cost of serving the demand of each class, given the cost of supply (classes, sites)."""
    klass, site = structure.arc_class, structure.arc_site
    cost = np.abs(structure.arc_cost) + np.abs(structure.work_cost.mean(axis=2)[klass, site]) + supply[klass, site]
    starts = np.searchsorted(structure.arc_serves, np.arange(structure.classes + 1))
    serving = [_median(cost[first:stop]) for first, stop in itertools.pairwise(starts)]
    pairs = zip(serving, structure.unserved_cost, strict=True)
    return np.array([each or _median(unserved) or 1.0 for each, unserved in pairs])[structure.served_class]


def _medians(rows: CapRows) -> FloatArray:
    """Return the median of the positive finite magnitudes of every cap; 0 without any."""
    (cap, _, value), caps = rows.entries(), rows.matrix.shape[1]
    size = np.abs(value)
    kept = np.isfinite(size) & (size > 0)
    order = np.lexsort((size[kept], cap[kept]))
    size, counts = size[kept][order], np.bincount(cap[kept], minlength=caps)
    first, medians, some = np.cumsum(counts) - counts, np.zeros(caps), counts > 0
    medians[some] = (size[(first + (counts - 1) // 2)[some]] + size[(first + counts // 2)[some]]) / 2
    return medians


def _median(values: FloatArray | float) -> float:
    """Return the median of the positive finite magnitudes; 0 without any."""
    size = np.atleast_1d(np.abs(values))
    size = size[np.isfinite(size) & (size > 0)]
    return float(np.median(size)) if size.size else 0.0
