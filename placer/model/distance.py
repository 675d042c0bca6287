"""What distance costs beyond transit: the value that latency loses, surcharges, and charges between regions.

    loss_khw       = value_usd_per_mtok_k * lost_k(latency_khw)         USD per Mtok sent
    surcharge_khj  = usd_per_mtok of the regions of h and j + the premia that nobody is paid      USD per Mtok sent
    charge_khj     = the tariffs and premia that a region is paid       USD per Mtok sent

``lost_k`` is the piecewise-linear curve through the rows of ``latency_value`` of workload k: constant before its first
and after its last row. A backlog costs none of these: it lost its value, and paid, when it was sent. Premia and tariffs
are those of ``placer.model.policies``; a charge that a region is paid is a transfer and no cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.instance.checks.policy_checks import EXPORTER, IMPORTER
from placer.instance.problem import Instance
from placer.model.policies import charges
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DistanceCosts:
    """What distance costs beyond transit, USD per Mtok sent, by class (``placer.instance.service_classes``).

    Attributes
    ----------
    loss_usd : (classes, hubs, ways) array
    surcharge_usd, to_importer_usd, to_exporter_usd : (classes, hubs, data centres) arrays
        Surcharges and premia that nobody is paid, and charges that the region of the hub or of the data centre is paid.
    """

    loss_usd: FloatArray
    surcharge_usd: FloatArray
    to_importer_usd: FloatArray
    to_exporter_usd: FloatArray

    def over(self, klass: IntArray, origin: IntArray, way: IntArray) -> FloatArray:
        """Return loss, surcharge and charges over some arcs."""
        routes = self.loss_usd.shape[2] // max(self.surcharge_usd.shape[2], 1)
        place = klass, origin, way // max(routes, 1)
        return np.asarray(
            self.loss_usd[klass, origin, way]
            + self.surcharge_usd[place]
            + self.to_importer_usd[place]
            + self.to_exporter_usd[place]
        )

    def charged(self, structure: Structure) -> FloatArray:
        """Return the charges that a region is paid over every arc of a structure (arcs,).

        The structure may lack arcs and demands of the formulation, and no hub and no data centre.
        """
        place = structure.arc_class, structure.arc_origin, structure.arc_site
        return np.asarray(self.to_importer_usd[place] + self.to_exporter_usd[place])


def distance_costs(instance: Instance, latency_ms: FloatArray) -> DistanceCosts:
    """Return what distance costs, given the latency of every task (classes, hubs, ways); inf without a route."""
    charged, loss = charges(instance), _loss_usd(instance, latency_ms)
    return DistanceCosts(loss, _surcharge_usd(instance) + charged[None], charged[IMPORTER], charged[EXPORTER])


def _loss_usd(instance: Instance, latency_ms: FloatArray) -> FloatArray:
    curves = dict(list(instance.tables["latency_value"].groupby("workload", sort=False)))
    if not curves:
        return np.broadcast_to(np.zeros(1), latency_ms.shape)
    workloads, sends = instance.workloads, _sends(instance)
    loss, values = np.zeros(latency_ms.shape), workloads["value_usd_per_mtok"].to_numpy(float)
    for place, workload in enumerate(instance.service_classes.workload.tolist()):
        name, value = workloads["workload"].iloc[workload], values[workload]
        if name in curves:
            rows = curves[name].sort_values("ms")
            ms, lost = rows["ms"].to_numpy(float), rows["share_lost"].to_numpy(float)
            loss[place, sends] = value * np.interp(latency_ms[place, sends], ms, lost)
    return loss


def _surcharge_usd(instance: Instance) -> FloatArray:
    hubs, centres, table = instance.hubs["region"], instance.data_centres["region"], instance.tables["surcharges"]
    usd, sends = np.zeros((len(hubs), len(centres))), _sends(instance)
    for here, there, surcharge in zip(table["hub_region"], table["region"], table["usd_per_mtok"], strict=True):
        usd[np.ix_(sends & (hubs == here).to_numpy(bool), (centres == there).to_numpy(bool))] = surcharge
    return usd


def _sends(instance: Instance) -> BoolArray:
    """Return which hubs send work (hubs,): all but those where a backlog waits at a data centre."""
    return instance.hubs["backlog_at"].isna().to_numpy(bool)
