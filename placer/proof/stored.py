"""The figures of a proof that stores of supply add (``placer.model.stores``).

At duals as the answer has them, a store pays

    k_bt = balance + intake of its site;   source_cost + sum_c gamma_c cap_source - pi of its source

for a unit that it charges, and its columns have the reduced costs

    charged      k_bt - efficiency_b mu_bt + rho_bt                     rho: the rent of its power
    discharged   cost_b - k_bt + mu_bt / efficiency_b + rho_bt
    content      mu_bt - mu_b,t+1 + nu_bt                               of either sign, as a content has a limit

with rho and nu the rents of its bank: of power, and of the energy that several stores share.
"""

from __future__ import annotations

import numpy as np

from placer.model.answer import Duals
from placer.model.stores import Stores
from placer.model.storing import following, gained, held_before, net_charge
from placer.proof.bound import gains_of_stores, store_prices, worth
from placer.proof.sides import Sides
from placer.utils.arrays import FloatArray


def violated_stores(sides: Sides, stores: Stores) -> list[tuple[FloatArray, FloatArray]]:
    """Return by how much rows and bounds of stores are violated, and the side of each."""
    flows, nothing = sides.flows, np.zeros(1)
    begun, ended = held_before(sides.structure, flows) + gained(stores, flows), flows.content
    return [
        (np.abs(begun - ended), ended),
        (stores.over_banks(flows.charged + flows.discharged) - stores.power, stores.power),
        (stores.over_banks(flows.content) - stores.energy, stores.energy),
        (flows.content - stores.of_bank(stores.energy), stores.energy),
        (-_left_at_sources(sides, stores), nothing),
        *((-amount, nothing) for amount in (flows.charged, flows.discharged, flows.content)),
    ]


def prices_of_stores(stores: Stores, duals: Duals) -> FloatArray:
    """Return ``k`` (stores, periods) of duals as they are."""
    return store_prices(stores, duals.balance + duals.intake, duals.cap, duals.source)


def excess_of_stores(sides: Sides, stores: Stores) -> FloatArray:
    """Return how far the duals of stores are from dual feasible, as a share of a typical price and of themselves."""
    duals, typical = sides.duals, sides.typical.supply_price
    charged, discharged, _ = _reduced_costs(sides, stores)
    size = typical + np.abs(duals.stored)
    below = [-charged / size, -discharged / size, -duals.power / typical, -duals.energy / typical]
    return np.concatenate([each.ravel() for each in (*below, -duals.source / typical)])


def stored_rows(sides: Sides, stores: Stores) -> list[FloatArray]:
    """Return the products of duals and the slacks of their rows, in units of cost."""
    flows, duals = sides.flows, sides.duals
    apart = held_before(sides.structure, flows) + gained(stores, flows) - flows.content
    left = stores.power - stores.over_banks(flows.charged + flows.discharged)
    room = stores.energy - stores.over_banks(flows.content)
    return [
        np.abs(energy_rents(stores, duals) * room),
        np.abs(duals.stored * apart),
        np.abs(duals.power * left),
        np.abs(duals.source * _left_at_sources(sides, stores)),
    ]


def stored_columns(sides: Sides, stores: Stores) -> list[FloatArray]:
    """Return the products of amounts of stores, or of the slack of a content, and their reduced costs."""
    flows = sides.flows
    charged, discharged, content = _reduced_costs(sides, stores)
    return [
        np.abs(charged * flows.charged),
        np.abs(discharged * flows.discharged),
        np.abs(np.maximum(content, 0.0) * flows.content),
        np.abs(np.maximum(-content, 0.0) * (stores.of_bank(stores.energy) - flows.content)),
    ]


def worth_of_stores(sides: Sides, stores: Stores) -> float:
    """Return the rents of power and energy of the duals as they are, times these."""
    content = _reduced_costs(sides, stores)[2]
    held = np.maximum(-content, 0.0) + energy_rents(stores, sides.duals)
    return worth(sides.duals.power, stores.power) + worth(held, stores.energy)


def _reduced_costs(sides: Sides, stores: Stores) -> tuple[FloatArray, FloatArray, FloatArray]:
    structure, duals = sides.structure, sides.duals
    charging, discharging = gains_of_stores(stores, prices_of_stores(stores, duals), duals.stored)
    holding = duals.stored[:, following(structure)] - duals.stored
    power = stores.of_bank(duals.power)
    return power - charging, power - discharging, stores.of_bank(energy_rents(stores, duals)) - holding


def energy_rents(stores: Stores, duals: Duals) -> FloatArray:
    """Return the rents of the energy of banks of several stores (stores, periods)."""
    return np.zeros(stores.power.shape) if stores.bank is None else duals.energy


def _left_at_sources(sides: Sides, stores: Stores) -> FloatArray:
    """Return what is taken from every source: by its tiers and its stores (sources, periods)."""
    taken = stores.tiers_at_sources(sides.flows.taken)
    return np.asarray(taken + stores.at_sources(net_charge(sides.flows)))
