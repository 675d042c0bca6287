"""Contracts of power: energy of a supply that is paid for whether it is used or not.

A contract covers the supply of a power zone to a data centre, the first where there are several. Another one is what
can be bought beyond the contract. The price is that of the supply: ``usd_per_mwh`` of the zone plus
``usd_per_mwh_adder``. How much is bought:

    output_share       that share of ``limit_mw`` of the power zone, the output of a farm, hour by hour
    take_or_pay_mwh    that many MWh over the horizon, in any of its hours
    neither            ``limit_mw`` of the supply, hour by hour

With an ``output_share`` the ``limit_mw`` of the supply is that of its line: what does not pass is left over.
"""

from __future__ import annotations

import numpy as np

from placer.instance.problem import Instance
from placer.utils.arrays import FloatArray, IntArray, positions_in


def covered_supplies(instance: Instance) -> IntArray:
    """Return the supply that each contract covers, by position (contracts,)."""
    contracts, supplies = instance.contracts, instance.supplies
    place: dict[tuple[str, str], int] = {}
    for row, pair in enumerate(zip(supplies["power_zone"], supplies["data_centre"], strict=True)):
        place.setdefault(pair, row)
    pairs = zip(contracts["power_zone"], contracts["data_centre"], strict=True)
    return np.array([place[pair] for pair in pairs], dtype=int)


def bought_mw(instance: Instance) -> FloatArray:
    """Return the power that each contract buys by the hour (contracts, hours); 0 of one over the horizon."""
    contracts = instance.contracts
    if contracts.empty:
        return np.zeros((0, len(instance.hours)))
    share = contracts["output_share"].to_numpy(float)[:, None]
    output = instance.hourly("power_zones", "limit_mw")[contract_zones(instance)]
    line = instance.hourly("supplies", "limit_mw")[covered_supplies(instance)]
    bought = np.where(np.isnan(share), line, share * np.where(np.isnan(share), 0.0, output))
    return np.where(contracts["take_or_pay_mwh"].notna().to_numpy()[:, None], 0.0, bought)


def contract_zones(instance: Instance) -> IntArray:
    """Return the power zone of each contract, by position (contracts,)."""
    return positions_in(instance.power_zones["power_zone"], instance.contracts["power_zone"])


def supply_limit_mw(instance: Instance) -> FloatArray:
    """Return the most power of every supply (supplies, hours), under a contract of no more than its share."""
    limit_mw, share = instance.hourly("supplies", "limit_mw"), instance.contracts["output_share"].to_numpy(float)
    shared = np.flatnonzero(~np.isnan(share))
    if shared.size:
        covered = covered_supplies(instance)[shared]
        output = instance.hourly("power_zones", "limit_mw")[contract_zones(instance)[shared]]
        limit_mw[covered] = np.minimum(limit_mw[covered], share[shared, None] * output)
    return limit_mw
