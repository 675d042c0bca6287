"""Exported and displaced demand: the weight of a Mtok of a workload, and the arcs of a cut over which it counts.

``v_k``, the weight of a Mtok of workload k that is asked for:

    tokens      1
    work        accelerator_hours_per_mtok_k            accelerator-hours of the reference accelerator
    energy      kwh_per_mtok_k / 1000                   MWh at the reference accelerator
    value       value_usd_per_mtok_k                    USD, of the workload, never of a step of demand

A Mtok of k that goes from hub h of an exporting region over way w to the rest counts as exported

    v_k - loss_khw,         loss_khw = value_usd_per_mtok_k * lost_k(latency_khw) by value, else 0

which is the value that arrives (``placer.model.distance``). A surcharge is a cost and takes no value. One that goes
from a hub of the rest to an exporting region counts accelerator_hours_per_mtok_k as displaced, at any weight.

Weights are those of the workload, in whichever of its modes it is served; modes differ by the value that arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from placer.errors import InstanceError, Violation
from placer.instance.cut import Cut, cut_of_pairs, regions_of
from placer.instance.problem import Instance
from placer.model.answer import Flows
from placer.model.coefficients import KWH_PER_MWH
from placer.model.distance import DistanceCosts
from placer.model.formulation import Formulation
from placer.model.latency import over_ways
from placer.utils.arrays import BoolArray, FloatArray

Weight = Literal["tokens", "work", "energy", "value"]

#: The column of workloads a weight is read from, and its divisor.
_COLUMNS = {
    "work": ("accelerator_hours_per_mtok", 1.0),
    "energy": ("kwh_per_mtok", KWH_PER_MWH),
    "value": ("value_usd_per_mtok", 1.0),
}


@dataclass(frozen=True, eq=False)
class Weights:
    """What a Mtok weighs.

    Attributes
    ----------
    asked : (classes,) array
        ``v_k``, where it is asked for; 0 for a backlog, which has left already or stays.
    lost : (classes, hubs, ways) array
        ``loss_khw``, what it weighs less where it arrives.
    """

    asked: FloatArray
    lost: FloatArray

    @property
    def fall_with_latency(self) -> bool:
        """Whether what arrives over any way weighs less than what is asked for."""
        return bool(self.lost.any())


@dataclass(frozen=True, eq=False)
class Count:
    """What a Mtok counts over every arc.

    Attributes
    ----------
    exported : (classes, hubs, ways) array
        ``v_k - loss_khw`` where it is an export, 0 elsewhere.
    displaced : (classes, hubs, ways) array
        Accelerator-hours of the reference where it displaces work that may be exported, 0 elsewhere.
    """

    exported: FloatArray
    displaced: FloatArray


def net(instance: Instance, weights: Weights, cut: Cut) -> Count:
    """Return the weights over a cut: exports, and the rest's own demand that is displaced."""
    exported, displaced = cut.pairs(instance)
    hours, arriving = reference_hours(instance)[:, None, None], weights.asked[:, None, None] - weights.lost
    return Count(_over(arriving, exported, arriving.shape), _over(hours, displaced, arriving.shape))


def reference_hours(instance: Instance) -> FloatArray:
    """Return the accelerator-hours of the reference of a Mtok (classes,): those of the workload in all of its modes."""
    hours = instance.workloads["accelerator_hours_per_mtok"].to_numpy(float)
    return np.asarray(hours[instance.service_classes.workload])


def exports_over(instance: Instance, weights: Weights, cut: Cut) -> FloatArray:
    """Return the weights of exports over a cut (classes, hubs, ways): ``net`` without what is displaced."""
    arriving = weights.asked[:, None, None] - weights.lost
    return _over(arriving, cut.pairs(instance)[0], arriving.shape)


def gross(count: Count) -> Count:
    """Return the weights where demand of both sides may change places: exports alone."""
    return Count(count.exported, np.zeros_like(count.displaced))


def export_weights(instance: Instance, distance: DistanceCosts, weight: Weight) -> Weights:
    """Return what a Mtok of every workload weighs, given what distance costs over the ways of a formulation.

    Raises
    ------
    InstanceError
        If the weight is unknown, or no demand has any.
    """
    workloads, of_class = instance.workloads, instance.service_classes.workload
    asked_for = workloads["backlog_of"].isna().to_numpy(bool)
    nothing = np.broadcast_to(np.zeros(1), distance.loss_usd.shape)
    if weight == "tokens":
        return Weights(asked_for[of_class].astype(float), nothing)
    if weight not in get_args(Weight):
        known = ", ".join(get_args(Weight))
        raise InstanceError([Violation("export_ceiling", "", "weight", f"{weight!r} is unknown", known)])
    column, unit = _COLUMNS[weight]
    values = np.where(asked_for, workloads[column].to_numpy(float) / unit, 0.0)
    asked = instance.demand.groupby("workload")["mtok"].sum().reindex(workloads["workload"], fill_value=0.0)
    if not float(values @ asked.to_numpy()) > 0:
        raise InstanceError([Violation("workloads", "", column, "is 0 for all that is asked for", "one > 0")])
    lost = np.where(asked_for[of_class, None, None], distance.loss_usd, 0.0) if weight == "value" else nothing
    return Weights(values[of_class], lost)


def total_weight(formulation: Formulation, weights: FloatArray) -> float:
    """Return ``sum v_k d_kht`` of weights (classes,), the total that a ceiling is a share of."""
    structure = formulation.structure
    return _sum(weights[structure.demand_class], structure.demand_amount)


def share_of(part: float, whole: float) -> float:
    """Return ``part / whole``, and 0 where nothing is asked for."""
    return part / whole if whole else 0.0


def may_leave(formulation: Formulation, count: Count) -> float:
    """Return the exports if all demand with an exporting arc left, as far as distance and law allow.

    No placement exports more. Where data centres of the rest, their power and all links have room for anything, and no
    cap binds, this much is exported at the optimum too: it takes no room in the exporting regions, so that as much
    else is served there, and as little displaced, as can be.
    """
    structure = formulation.structure
    most = np.zeros((structure.classes, structure.origins))
    exported = count.exported[structure.arc_class, structure.arc_origin, structure.arc_way]
    np.maximum.at(most, (structure.arc_serves, structure.arc_origin), exported)
    return _sum(most[structure.demand_class, structure.demand_origin], structure.demand_amount)


def displaced_total(formulation: Formulation, count: Count) -> float:
    """Return the displacement if all demand that may be displaced were."""
    structure = formulation.structure
    most = count.displaced.max(axis=2, initial=0.0)
    return _sum(most[structure.demand_class, structure.demand_origin], structure.demand_amount)


def net_exported_mtok(instance: Instance, formulation: Formulation, flows: Flows) -> float:
    """Return exports less displaced demand, in Mtok.

    Where pairs of regions make a cut, that is the demand of the exporting regions served in the rest, less the demand
    of the rest served in the exporting regions; it may be below 0. Elsewhere it is the sum over all regions of
    ``max(0, exports - imports)``.
    """
    structure, cut = formulation.structure, cut_of_pairs(instance)
    origin, site = structure.arc_origin[flows.arc], structure.arc_site[flows.arc]
    if cut is not None:
        exports, displaces = cut.pairs(instance)
        return _sum((exports.astype(float) - displaces)[origin, site], flows.amount)
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


def _sum(weights: FloatArray, amount: FloatArray) -> float:
    """Return the sum of weights times amounts; a product by BLAS would depend on its number of threads."""
    return float((weights * amount).sum())


def _over(weights: FloatArray, pairs: BoolArray, shape: tuple[int, ...]) -> FloatArray:
    """Return weights over the ways (classes, hubs, ways) of some pairs of hubs and data centres, 0 elsewhere."""
    routes = shape[2] // max(pairs.shape[1], 1)
    return np.broadcast_to(np.where(over_ways(pairs, routes), weights, 0.0), shape)
