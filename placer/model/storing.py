"""What stores do to the rest of a structure: what they charge where, what they hold, and what that costs."""

from __future__ import annotations

import numpy as np

from placer.model.answer import Flows
from placer.model.stores import Stores
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray


def before(structure: Structure) -> IntArray:
    """Return the period before every period; of the first of a block, the last (periods,)."""
    return structure.after(np.arange(structure.periods), -1)


def following(structure: Structure) -> IntArray:
    """Return the period after every period; of the last of a block, the first (periods,)."""
    return structure.after(np.arange(structure.periods), 1)


def net_charge(flows: Flows) -> FloatArray:
    """Return what stores charge less what they discharge (stores, periods)."""
    return flows.charged - flows.discharged


def charged_at_sites(structure: Structure, flows: Flows) -> FloatArray:
    """Return what the stores of every site charge less what they discharge (sites, periods)."""
    if structure.stores is None:
        return np.zeros(structure.capacity.shape)
    return structure.stores.at_sites(net_charge(flows), structure.sites)


def gained(stores: Stores, flows: Flows) -> FloatArray:
    """Return what is left of what stores charge, less what they give up for what they discharge (stores, periods)."""
    efficiency = stores.efficiency[:, None]
    return efficiency * flows.charged - flows.discharged / efficiency


def held_before(structure: Structure, flows: Flows) -> FloatArray:
    """Return what stores hold when each period begins (stores, periods)."""
    return np.asarray(flows.content[:, before(structure)])


def charging_cost(structure: Structure, stores: Stores) -> FloatArray:
    """Return what a unit that each store charges costs by itself, without the price of its site (stores, periods)."""
    of_places = stores.prices(np.zeros(structure.capacity.shape), stores.source_cost)
    return of_places if stores.own_cost is None else of_places + stores.own_cost


def storing_cost(structure: Structure, flows: Flows) -> float:
    """Return the cost of what stores discharge, and of what they take from sources less what they give."""
    stores = structure.stores
    if stores is None:
        return 0.0
    taken = charging_cost(structure, stores) * net_charge(flows)
    return float((stores.cost[:, None] * flows.discharged).sum() + taken.sum())


def capped_by_stores(structure: Structure, flows: Flows) -> FloatArray:
    """Return what stores count towards each cap (caps,)."""
    if structure.stores is None:
        return np.zeros(len(structure.cap_limit))
    stores, net = structure.stores, net_charge(flows)
    counted = stores.cap_source.totals(stores.at_sources(net))
    return counted if stores.cap_store is None else counted + stores.cap_store.totals(net)
