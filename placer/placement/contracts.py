"""Contracts of power in a placement: what each pays, uses and sells, and what its energy is worth.

Cost and rents of a contract, in the terms of ``placer.model.contracts``:

    cost      paid - sales                               rent      the shadow price of its energy, times the energy
    profit    rent - fixed cost                          fixed     the cost with all its energy sold

The rent is what the energy saves beyond its price of sale, at marginal prices. A contract with a profit above 0 is
worth its payments there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.model.contracts import Contracts
from placer.model.formulation import Formulation
from placer.placement.accounts import SettledFlows
from placer.placement.rents import Rents
from placer.placement.stacked import Axis, index_of_axes
from placer.proof.bound import worth
from placer.utils.arrays import FloatArray, without_noise


def contract_table(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per contract, over the horizon; index ``contract``.

    Columns: ``paid_mwh``, ``used_mwh``, ``left_mwh``; ``payments_usd``, ``sales_usd`` (what is left, at the price of
    sale) and their difference ``cost_usd``; ``rent_usd`` and ``profit_usd``.
    """
    contracts = formulation.contracts
    used = accounts.bought[contracts.supply].sum(axis=1)
    left = _left(contracts.total_mwh, used)
    sales = np.where(contracts.by_hour, _sales(contracts, accounts).sum(axis=1), contracts.sale_usd[:, 0] * left)
    rent = _rent_usd(formulation, rents)
    table = {
        "paid_mwh": contracts.total_mwh,
        "used_mwh": without_noise(used, contracts.total_mwh),
        "left_mwh": left,
        "payments_usd": contracts.paid_usd,
        "sales_usd": sales,
        "cost_usd": contracts.paid_usd - sales,
        "rent_usd": rent,
        "profit_usd": rent - contracts.fixed_usd,
    }
    return pd.DataFrame(table, index=pd.Index(contracts.names, name="contract"))


def contract_hour_table(formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per contract and hour; index ``contract``, ``hour``.

    Columns: ``paid_mwh``, ``used_mwh``, ``left_mwh``, ``usd_per_mwh`` (the price), ``sale_usd_per_mwh``,
    ``payments_usd``, ``sales_usd`` and ``rent_usd_per_mwh``, what one MWh more would save beyond its price of sale.
    What is paid for and left has no hour under a contract over the horizon, and is NaN there.
    """
    contracts = formulation.contracts
    used, by_hour = accounts.bought[contracts.supply], contracts.by_hour[:, None]

    def of_hours(figure: FloatArray) -> FloatArray:
        return np.where(by_hour, figure, np.nan)

    table = {
        "paid_mwh": of_hours(contracts.mwh),
        "used_mwh": without_noise(used, float(np.abs(used).sum())),
        "left_mwh": of_hours(_left(contracts.mwh, used)),
        "usd_per_mwh": contracts.price_usd,
        "sale_usd_per_mwh": contracts.sale_usd,
        "payments_usd": of_hours(contracts.price_usd * contracts.mwh),
        "sales_usd": of_hours(_sales(contracts, accounts)),
        "rent_usd_per_mwh": rents.supply[contracts.supply] + _rents_of_totals(formulation, rents)[:, None],
    }
    contract, hour = np.indices(used.shape)
    axes = [Axis("contract", contracts.names, contract.ravel()), Axis("hour", formulation.hour_labels, hour.ravel())]
    return pd.DataFrame({name: values.ravel() for name, values in table.items()}, index=index_of_axes(axes))


def _left(paid: FloatArray, used: FloatArray) -> FloatArray:
    return without_noise(np.maximum(paid - used, 0.0), paid)


def _sales(contracts: Contracts, accounts: SettledFlows) -> FloatArray:
    """Return the sales of contracts by the hour (contracts, hours), USD."""
    return contracts.sale_usd * _left(contracts.mwh, accounts.bought[contracts.supply])


def _rents_of_totals(formulation: Formulation, rents: Rents) -> FloatArray:
    """Return the rent of a MWh of every contract over the horizon (contracts,); 0 of contracts by the hour."""
    each = dict(zip((limit.contract for limit in formulation.limits), rents.limits.tolist(), strict=True))
    return np.array([each.get(name, 0.0) for name in formulation.contracts.names])


def _rent_usd(formulation: Formulation, rents: Rents) -> FloatArray:
    """Return the rent of the energy of every contract over the horizon (contracts,), USD."""
    contracts, limit = formulation.contracts, formulation.structure.tier_limit
    by_hour = [worth(rents.supply[row], limit[row]) for row in contracts.supply]
    return np.array(by_hour) + _rents_of_totals(formulation, rents) * contracts.total_mwh
