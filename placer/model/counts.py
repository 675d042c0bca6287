"""Exported and displaced demand: the weight of a Mtok of a workload, and the arcs of a cut over which it counts.

``v_k``, the weight of a Mtok of workload k:

    tokens      1
    work        accelerator_hours_per_mtok_k            accelerator-hours of the reference accelerator
    energy      kwh_per_mtok_k / 1000                   MWh at the reference accelerator
    value       value_usd_per_mtok_k                    USD

A Mtok of k that goes from a hub of an exporting region to the rest counts v_k as exported. One that goes from a hub of
the rest to an exporting region counts accelerator_hours_per_mtok_k as displaced, at any weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from placer.errors import InstanceError, Violation
from placer.instance.cut import cut_of_pairs, regions_of
from placer.model.coefficients import KWH_PER_MWH

if TYPE_CHECKING:
    from placer.instance.cut import Cut
    from placer.instance.problem import Instance
    from placer.model.answer import Flows
    from placer.model.formulation import Formulation
    from placer.utils.arrays import BoolArray, FloatArray

Weight = Literal["tokens", "work", "energy", "value"]

#: The column of workloads a weight is read from, and its divisor.
_COLUMNS = {
    "work": ("accelerator_hours_per_mtok", 1.0),
    "energy": ("kwh_per_mtok", KWH_PER_MWH),
    "value": ("value_usd_per_mtok", 1.0),
}


@dataclass(frozen=True, eq=False)
class Count:
    """What a Mtok counts over every arc.

    Attributes
    ----------
    exported : (workloads, hubs, data centres) array
        ``v_k`` where it is an export, 0 elsewhere.
    displaced : (workloads, hubs, data centres) array
        Accelerator-hours of the reference where it displaces work that may be exported, 0 elsewhere.
    """

    exported: FloatArray
    displaced: FloatArray


def net(instance: Instance, weights: FloatArray, cut: Cut) -> Count:
    """Return the weights over a cut: exports, and the rest's own demand that is displaced."""
    hours = instance.workloads["accelerator_hours_per_mtok"].to_numpy(float)
    return Count(_over(weights, cut.exported(instance)), _over(hours, cut.displaced(instance)))


def gross(count: Count) -> Count:
    """Return the weights where demand of both sides may change places: exports alone."""
    return Count(count.exported, np.zeros_like(count.displaced))


def export_weights(instance: Instance, weight: Weight) -> FloatArray:
    """Return ``v_k`` for every workload; 0 for a backlog, which has left already or stays.

    Raises
    ------
    InstanceError
        If the weight is unknown, or no demand has any.
    """
    workloads = instance.workloads
    asked_for = workloads["backlog_of"].isna().to_numpy(bool)
    if weight == "tokens":
        return asked_for.astype(float)
    if weight not in get_args(Weight):
        known = ", ".join(get_args(Weight))
        raise InstanceError([Violation("export_ceiling", "", "weight", f"{weight!r} is unknown", known)])
    column, unit = _COLUMNS[weight]
    values = np.where(asked_for, workloads[column].to_numpy(float) / unit, 0.0)
    asked = instance.demand.groupby("workload")["mtok"].sum().reindex(workloads["workload"], fill_value=0.0)
    if not float(values @ asked.to_numpy()) > 0:
        raise InstanceError([Violation("workloads", "", column, "is 0 for all that is asked for", "one > 0")])
    return values


def total_weight(formulation: Formulation, weights: FloatArray) -> float:
    """Return ``sum v_k d_kht``, the total that a ceiling is a share of."""
    structure = formulation.structure
    return float(weights[structure.demand_class] @ structure.demand_amount)


def may_leave(formulation: Formulation, count: Count) -> float:
    """Return the exports if all demand with an exporting arc left, as far as distance and law allow.

    No placement exports more. Where data centres of the rest, their power and all links have room for anything, and no
    cap binds, this much is exported at the optimum too: it takes no room in the exporting regions, so that as much
    else is served there, and as little displaced, as can be.
    """
    structure = formulation.structure
    most = np.zeros((structure.classes, structure.origins))
    arcs = structure.arc_class, structure.arc_origin
    np.maximum.at(most, arcs, count.exported[(*arcs, structure.arc_site)])
    return float(most[structure.demand_class, structure.demand_origin] @ structure.demand_amount)


def displaced_total(formulation: Formulation, count: Count) -> float:
    """Return the displacement if all demand that may be displaced were."""
    structure = formulation.structure
    most = count.displaced.max(axis=2, initial=0.0)
    return float(most[structure.demand_class, structure.demand_origin] @ structure.demand_amount)


def net_exported_mtok(instance: Instance, formulation: Formulation, flows: Flows) -> float:
    """Return exports less displaced demand, in Mtok.

    Where pairs of regions make a cut, that is the demand of the exporting regions served in the rest, less the demand
    of the rest served in the exporting regions; it may be below 0. Elsewhere it is the sum over all regions of
    ``max(0, exports - imports)``.
    """
    structure, cut = formulation.structure, cut_of_pairs(instance)
    origin, site = structure.arc_origin[flows.arc], structure.arc_site[flows.arc]
    if cut is not None:
        counted = cut.exported(instance).astype(float) - cut.displaced(instance)
        return float(counted[origin, site] @ flows.amount)
    names = regions_of(instance)
    numbers = {name: place for place, name in enumerate(names)}
    hub, centre = (
        np.array([numbers.get(region, -1) for region in instance.tables[name]["region"]])
        for name in ("hubs", "data_centres")
    )
    exported = flows.amount * formulation.exported[origin, site]
    balance = np.bincount(hub[origin] + 1, exported, len(names) + 1)
    balance -= np.bincount(centre[site] + 1, exported, len(names) + 1)
    return float(np.maximum(balance, 0.0).sum())


def _over(weights: FloatArray, pairs: BoolArray) -> FloatArray:
    return np.where(pairs, weights[:, None, None], 0.0)
