"""Pools of accelerators in a placement: their use, price and rent by the hour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.instance.pools import pool_site, pool_usd_per_hour
from placer.instance.problem import Instance
from placer.model.formulation import Formulation
from placer.placement.accounts import SettledFlows
from placer.placement.rents import Rents
from placer.placement.stacked import Axis
from placer.utils.arrays import FloatArray, IntArray, ratio, without_noise


def pool_table(instance: Instance, formulation: Formulation, accounts: SettledFlows, rents: Rents) -> pd.DataFrame:
    """One row per pool and hour of service; index ``data_centre``, ``accelerator_type``, ``hour``.

    Columns: ``mtok``, ``accelerator_hours``, ``utilisation`` (of all accelerators of the pool; NaN without a limit),
    ``accelerator_usd_per_hour`` (the price) and ``accelerator_rent_usd_per_hour``. Empty without pools.
    """
    pools, pool = instance.accelerator_pools, formulation.service.pool
    shape = (len(pools), len(formulation.period_hours))

    def over(figure: FloatArray) -> FloatArray:
        total, (klass, site) = np.zeros(shape), np.nonzero(pool >= 0)
        np.add.at(total, pool[klass, site], figure[klass, site, None] * accounts.served[klass, site])
        return without_noise(total, float(np.abs(total).sum()))

    installed = pools["accelerators"].to_numpy(float)[:, None] * formulation.period_hours
    table = {
        "mtok": over(np.ones(pool.shape)),
        "accelerator_hours": over(formulation.accelerator_hours),
        "utilisation": ratio(over(formulation.structure.use), np.where(np.isfinite(installed), installed, np.nan)),
        "accelerator_usd_per_hour": pool_usd_per_hour(instance),
        "accelerator_rent_usd_per_hour": _rents_of(instance, formulation, rents, shape),
    }
    labels = [np.repeat(pools[name].to_numpy(object), shape[1]) for name in ("data_centre", "accelerator_type")]
    hours = formulation.hour_labels.take(np.tile(np.arange(shape[1]), shape[0]))
    index = pd.MultiIndex.from_arrays([*labels, hours], names=["data_centre", "accelerator_type", "hour"])
    return pd.DataFrame({name: values.ravel() for name, values in table.items()}, index=index)


def over_horizon(pools: pd.DataFrame, period_hours: FloatArray) -> pd.DataFrame:
    """Return one row per pool of a table by the hour: sums of tokens and hours, means of all other columns."""
    by_pool = pools.groupby(level=["data_centre", "accelerator_type"], sort=False)
    sums = by_pool[["mtok", "accelerator_hours"]].sum()
    weights = np.tile(period_hours, len(sums)) / period_hours.sum()
    means = pools.drop(columns=sums.columns).mul(weights, axis=0)
    return sums.join(means.groupby(level=["data_centre", "accelerator_type"], sort=False).sum(min_count=1))


def _rents_of(instance: Instance, formulation: Formulation, rents: Rents, shape: tuple[int, int]) -> FloatArray:
    """Return the rent of an accelerator-hour in every pool (pools, hours): of its own limit, or of its data centre."""
    usd = rents.accelerator[pool_site(instance)].reshape(shape)
    for limit, rent in zip(formulation.limits, rents.pools.tolist(), strict=True):
        if limit.pool >= 0:
            usd[limit.pool, limit.hour] = rent
    return usd


def mean_rent(formulation: Formulation, rents: Rents) -> FloatArray:
    """Return the rent of an accelerator-hour, the mean over all accelerators of a data centre (data centres, hours)."""
    usd, capacity = rents.accelerator.copy(), formulation.structure.capacity
    for limit, rent in zip(formulation.limits, rents.pools.tolist(), strict=True):
        if rent > 0:
            place = int(limit.site.argmax()), int(limit.hour.argmax())
            usd[place] += rent * limit.amount / capacity[place]
    return usd


def type_axis(formulation: Formulation, klass: IntArray, site: IntArray) -> Axis:
    """Return the level ``accelerator_type``, given class and data centre of every row; empty outside of pools."""
    labels, position = np.unique([*formulation.service.pool_type, ""], return_inverse=True)
    return Axis(
        "accelerator_type", labels.astype(object), position[np.maximum(formulation.service.pool[klass, site], -1)]
    )
