"""The least rents of stores that units may open, such that the cut of proven prices stays as high.

The power or the energy of a store that is 0 does not enter the dual objective, and any worth ``mu`` of what it holds is
then optimal. A cut needs the least rents ``rho`` of power and ``eta`` of energy, since units raise these. With prices
``k`` of what stores charge, and limits ``P`` and ``E`` with a unit of each variable:

    minimise  sum_bt P_bt rho_bt + E_bt eta_bt
    rho_bt >= efficiency_b mu_bt - (k_bt - d_zt)
    rho_bt >= (k_bt - d_zt) - cost_b - mu_bt / efficiency_b
    eta_bt >= mu_b,t+1 - mu_bt                          rho and eta are those of the bank, of the first of its stores
    sum_bt power_bt rho_bt + energy_bt eta_bt <= the same at the given prices

``d_zt`` raises the price ``pi`` of a source in a period in which none of its stores has power: not below 0, and by no
more than leaves its tiers without further profit. A cut that is lower nowhere and higher somewhere does not exist:
it is Pareto-optimal (Magnanti and Wong, Operations Research 29, 1981).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import block_array, coo_array, csc_array, diags_array, eye_array

from placer.decomposition.cuts import PriceVector, duals_at
from placer.model.program import LinearProgram, blocks
from placer.model.stores import Stores
from placer.model.storing import following
from placer.model.structure import Structure
from placer.proof.bound import BoundPrices, bound_prices, store_rents
from placer.solvers.highs import HiGHS
from placer.utils.arrays import FloatArray


def with_store_rents(structure: Structure, opened: Structure, prices: PriceVector) -> PriceVector:
    """Return the prices with the least rents of stores, if some power or energy of 0 may be raised.

    Parameters
    ----------
    structure : Structure
        The structure of the prices.
    opened : Structure
        The same with a unit of each variable.
    """
    stores, most = structure.stores, opened.stores
    if stores is None or most is None:
        return prices
    closed = ((stores.power == 0) & (most.power > 0)) | ((stores.energy == 0) & (most.energy > 0))
    if not closed.any():
        return prices
    bound = bound_prices(opened, duals_at(opened, prices))
    program = _program(structure, stores, most, bound, _source_ends(opened, stores, prices, bound))
    values = HiGHS().solve(program).values
    if values is None:
        return prices  # any prices make a valid cut
    stored, raised = (values[program.col_blocks[name]] for name in ("stored", "raised"))
    source = np.maximum(prices.source + raised.reshape(prices.source.shape), 0.0)
    return replace(prices, stored=stored.reshape(prices.stored.shape), source=source)


def _source_ends(
    opened: Structure, stores: Stores, prices: PriceVector, bound: BoundPrices
) -> tuple[FloatArray, FloatArray]:
    """Return by how much the price of every source may at least and at most rise (sources, periods), twice."""
    intake = np.where(np.isfinite(opened.intake), np.maximum(prices.intake, 0.0), 0.0)
    left = opened.tier_yield[:, None] * (bound.tier - (bound.supply - intake)[opened.tier_site])
    room, place = np.full(prices.source.shape, np.inf), stores.tier_source >= 0
    np.minimum.at(room, stores.tier_source[place], np.where(opened.tier_limit > 0, left, np.inf)[place])
    room = np.where(np.isfinite(room), np.maximum(room, 0.0), 0.0)
    is_free = stores.at_sources(stores.power) == 0
    return np.where(is_free, -prices.source, 0.0), np.where(is_free, room, 0.0)


def _program(
    structure: Structure, stores: Stores, most: Stores, bound: BoundPrices, ends: tuple[FloatArray, FloatArray]
) -> LinearProgram:
    """Return the program of the least rents; its columns are ``mu``, ``rho``, ``eta`` and ``d``."""
    (count, periods), size = stores.power.shape, stores.power.size
    k, cost = bound.store.ravel(), np.repeat(stores.cost, periods)
    efficiency = np.repeat(stores.efficiency, periods)
    one, at = eye_array(size), np.arange(size).reshape(count, periods)
    # Stores of a bank share the rents of their first store.
    of_bank = one.tocsr()[at[stores.banks].ravel()]
    held, opened = (
        np.concatenate([np.where(each.leads[:, None], part, 0.0).ravel() for part in (each.power, each.energy)])
        for each in (stores, most)
    )
    onward = coo_array((np.ones(size), (at.ravel(), at[:, following(structure)].ravel())), shape=(size, size)) - one
    own = np.flatnonzero(np.repeat(stores.source >= 0, periods))
    source = stores.source[own // periods] * periods + own % periods
    raised = coo_array((np.ones(len(own)), (own, source)), shape=(size, ends[0].size))
    now = float(store_rents(structure, stores, bound).sum())
    matrix = [
        [diags_array(efficiency), -of_bank, None, raised],
        [diags_array(-1 / efficiency), -of_bank, None, -raised],
        [onward, None, -of_bank, None],
        [None, coo_array(held[None, :size]), coo_array(held[None, size:]), None],
    ]
    nothing, open_side = np.zeros(2 * size), np.full(size, np.inf)
    return LinearProgram(
        cost=np.concatenate([np.zeros(size), opened, np.zeros(ends[0].size)]),
        matrix=csc_array(block_array(matrix)),
        row_lower=np.full(3 * size + 1, -np.inf),
        row_upper=np.concatenate([k, cost - k, np.zeros(size), [now]]),
        col_lower=np.concatenate([-open_side, nothing, ends[0].ravel()]),
        col_upper=np.concatenate([open_side, open_side, open_side, ends[1].ravel()]),
        implied_upper=np.full(3 * size + ends[0].size, np.inf),
        row_blocks=blocks({"charged": size, "discharged": size, "content": size, "now": 1}),
        col_blocks=blocks({"stored": size, "power": size, "energy": size, "raised": ends[0].size}),
    )
