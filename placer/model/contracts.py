"""Contracts of power in the program and in the cost.

Of a contract that offers ``Q_t`` MWh in hour t at the price ``p_t``, ``y_t`` are used and the rest is sold at ``s_t``:

    paid - received = sum_t p_t Q_t - sum_t s_t (Q_t - y_t)  =  sum_t (p_t - s_t) Q_t  +  sum_t s_t y_t

The first sum is paid in any case and is no part of the program: the *fixed* cost. In the program the contract is a
supply of limit ``Q_t`` at the price ``s_t``, what a MWh that is used would have sold for. A contract over the horizon,
of F MWh at one price p and one price of sale s, has the limit ``sum_t y_t <= F`` (``placer.model.limits``) and the
fixed cost ``(p - s) F``. The price of carbon is that of the energy used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.instance.contracts import bought_mw, covered_supplies
from placer.instance.problem import Instance
from placer.model.coefficients import list_price
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Contracts:
    """The contracts of an instance.

    Attributes
    ----------
    names, power_zones : (contracts,) arrays of str
    supply, site : (contracts,) int arrays
        The supply that each covers and its data centre, by position.
    by_hour : (contracts,) bool array
        False for contracts over the horizon.
    mwh : (contracts, hours) array
        Energy that is paid for, over all that the hour stands for; 0 for contracts over the horizon.
    total_mwh : (contracts,) array
        Energy that is paid for over the horizon.
    price_usd, sale_usd : (contracts, hours) arrays
        ``p_t`` and ``s_t``, per MWh.
    """

    names: np.ndarray
    power_zones: np.ndarray
    supply: IntArray
    site: IntArray
    by_hour: BoolArray
    mwh: FloatArray
    total_mwh: FloatArray
    price_usd: FloatArray
    sale_usd: FloatArray

    @property
    def paid_usd(self) -> FloatArray:
        """Payments of each contract over the horizon, before what is sold (contracts,)."""
        return self._worth(self.price_usd)

    @property
    def fixed_usd(self) -> FloatArray:
        """What each contract costs in any case, with all its energy sold (contracts,)."""
        return self._worth(self.price_usd - self.sale_usd)

    @property
    def fixed_usd_by_hour(self) -> FloatArray:
        """What all contracts by the hour cost in any case (hours,)."""
        return np.asarray(((self.price_usd - self.sale_usd) * self.mwh).sum(axis=0))

    def _worth(self, usd: FloatArray) -> FloatArray:
        """Return the energy that is paid for, at some USD per MWh (contracts,)."""
        return np.where(self.by_hour, (usd * self.mwh).sum(axis=1), usd[:, 0] * self.total_mwh)


def read_contracts(instance: Instance) -> Contracts:
    """Return the contracts of an instance, in the order of their table."""
    contracts, supply = instance.contracts, covered_supplies(instance)
    sites = instance.data_centres["data_centre"].tolist()
    total, length = contracts["take_or_pay_mwh"].to_numpy(float), instance.settings.hour_length * instance.weights
    by_hour = np.isnan(total)
    mwh = bought_mw(instance) * length
    return Contracts(
        names=contracts["contract"].to_numpy(object),
        power_zones=contracts["power_zone"].to_numpy(object),
        supply=supply,
        site=np.array([sites.index(name) for name in contracts["data_centre"]], dtype=int),
        by_hour=by_hour,
        mwh=mwh,
        total_mwh=np.where(by_hour, mwh.sum(axis=1), total),
        price_usd=list_price(instance)[supply] if len(supply) else mwh,
        sale_usd=instance.hourly("contracts", "sale_usd_per_mwh"),
    )
