"""Pools of accelerators: the accelerators and their price, by data centre and by class of service.

A data centre with pools has the accelerators of all of them. A class of service runs in one pool of each data centre
(``placer.instance.service_classes``).
"""

from __future__ import annotations

import numpy as np

from placer.instance.changes.own_servers import of_all_pools
from placer.instance.problem import Instance
from placer.utils.arrays import FloatArray, IntArray, positions_in


def pool_site(instance: Instance) -> IntArray:
    """Return the data centre of every pool, by position (pools,)."""
    return positions_in(instance.data_centres["data_centre"], instance.accelerator_pools["data_centre"])


def accelerators_of(instance: Instance) -> FloatArray:
    """Return the accelerators of every data centre, those of all its pools where it has any (data centres, hours)."""
    return of_all_pools(instance.tables, instance.hourly("data_centres", "accelerators"))


def pool_usd_per_hour(instance: Instance) -> FloatArray:
    """Return the price of an accelerator-hour in every pool; that of the data centre if it has none (pools, hours)."""
    own = instance.accelerator_pools["accelerator_usd_per_hour"].to_numpy(float)[:, None]
    of_site = instance.hourly("data_centres", "accelerator_usd_per_hour")[pool_site(instance)]
    return np.where(np.isnan(own), of_site, own)


def usd_per_hour(instance: Instance) -> FloatArray:
    """Return the price of an accelerator-hour to every class at every data centre (classes, data centres, hours)."""
    pool, own = instance.service_classes.pool, instance.hourly("data_centres", "accelerator_usd_per_hour")
    klass, site = np.nonzero(pool >= 0)
    if not klass.size:
        return np.broadcast_to(own, (len(pool), *own.shape))
    usd = np.repeat(own[None], len(pool), axis=0)
    usd[klass, site] = pool_usd_per_hour(instance)[pool[klass, site]]
    return usd
