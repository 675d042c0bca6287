"""Responses to a curtailment of zones: work that waits, moves to other zones, or is dropped; and the rebound.

A Mtok served at a data centre counts in its zones in proportion to their supply there in that hour. Against the
baseline,

    less      served less in the zones and hours of the reduction
    waited    served more in the same zones in other hours
    moved     served more in another zone, in any hour
    dropped   unserved more

    less = waited + moved + dropped         for every workload, in Mtok
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.analysis.flexibility.programs import Reduction
from placer.model.answer import Flows
from placer.placement.accounts import SettledFlows, settle
from placer.utils.arrays import FloatArray, NameArray, ratio, sums_by, without_noise

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: Columns of a response.
COLUMNS = ("workload", "response", "power_zone", "mtok")


def response_table(placement: Placement, reduction: Reduction, flows: Flows) -> pd.DataFrame:
    """Return the responses: rows of ``workload``, ``response`` (waited, moved, dropped), ``power_zone`` and ``mtok``.

    The zone of moved work is the zone that serves more of it (below 0: less); for other responses it is empty.
    """
    formulation, structure = placement.formulation, placement.formulation.structure
    named = placement.instance.supplies["power_zone"].to_numpy(object)
    zones: NameArray = np.array(list(dict.fromkeys(named)), dtype=object)
    before, after = placement.accounts, settle(formulation, flows)
    more = _by_zone(placement, zones, after) - _by_zone(placement, zones, before)
    own = np.isin(zones, named[reduction.tier])
    elsewhen = np.ones(structure.periods, dtype=bool)
    elsewhen[reduction.period] = False
    waited = more[:, own][:, :, elsewhen].sum(axis=(1, 2))
    moved = more.sum(axis=2)
    dropped = sums_by(structure.demand_class, after.unserved - before.unserved, structure.classes)
    size = structure.total_demand
    rows = []
    for klass, workload in enumerate(formulation.workloads):
        rows.append((workload, "waited", "", waited[klass]))
        rows += [(workload, "moved", zone, moved[klass, at]) for at, zone in enumerate(zones) if not own[at]]
        rows.append((workload, "dropped", "", dropped[klass]))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["mtok"] = without_noise(table["mtok"].to_numpy(float), size * 1e3)
    return table[table["mtok"] != 0].reset_index(drop=True)


def rebound_table(placement: Placement, flows: Flows) -> pd.DataFrame:
    """Return the extra MWh bought in every zone (columns) and hour (rows) against the baseline."""
    zone = placement.instance.supplies["power_zone"]
    more = flows.taken - placement.accounts.bought
    table = pd.DataFrame(more, index=zone.to_numpy(object), columns=placement.formulation.hour_labels)
    summed = table.groupby(level=0, sort=False).sum().T
    size = float(np.abs(placement.accounts.bought).sum()) * 1e3
    clean = without_noise(summed.to_numpy(float), size)
    return pd.DataFrame(clean, index=summed.index.rename("hour"), columns=summed.columns.rename("power_zone"))


def _by_zone(placement: Placement, zones: NameArray, accounts: SettledFlows) -> FloatArray:
    """Return the Mtok of every workload served in every zone and hour (workloads, zones, hours)."""
    structure = placement.formulation.structure
    delivered = structure.tier_yield[:, None] * accounts.bought
    share = ratio(delivered, structure.at_sites(delivered)[structure.tier_site])
    served = np.where(np.isnan(share), 0.0, share) * accounts.served[:, structure.tier_site]
    of_zone = pd.Index(zones).get_indexer(pd.Index(placement.instance.supplies["power_zone"], dtype=object))
    table = np.zeros((structure.classes, len(zones), structure.periods))
    np.add.at(table, (structure.served_class[:, None], of_zone), served)
    return table
