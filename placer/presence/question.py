"""What may be loaded where: the replicas of every model, what they serve, what they take and what they cost.

    n_mjt    replicas of model m at data centre j in hour t, a whole number; the same in all hours, or by hour

    serving  sum over classes k of m: b_kj s_kjt <= n_mjt size_m hours_jt     hours_jt = hour_length * weight_t
                                                                                         * max_utilisation_j
    site     sum_m size_m n_mjt <= accelerators_jt
    cost     sum_mjt size_m price_jt hour_length weight_t n_mjt               0 where accelerators are sunk
             + sum_mjt size_m price_jt loading_m weight_t starts_mjt          starts_mjt >= n_mjt - n_mj,t-1, >= 0

Work pays nothing for accelerators: the replica that it runs on does, busy or idle. The hour before the first of a block
is its last one where the instance is cyclic; else what the block begins with has no cold start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from placer.errors import InstanceError, Violation, refuse
from placer.instance.checks.contract_checks import contracts_refused
from placer.instance.checks.pool_checks import pools_refused
from placer.instance.problem import Instance
from placer.model.formulation import Formulation, formulate
from placer.model.structure import Structure
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray, IntArray, NameArray


@dataclass(frozen=True, eq=False)
class Question:
    """An instance with models, as arrays: axes m models, j data centres, t hours, p periods of the replicas.

    The periods of the replicas are all hours at once, or each hour.

    Attributes
    ----------
    by_hour : bool
        Whether replicas may change from hour to hour.
    instance : Instance
        As asked, with its accelerators sunk, since replicas pay for them.
    formulation : Formulation
        Of that instance.
    names : (m,) array of str
    model : (k,) int array
        The model of every class of service.
    size : (m,) array
        Accelerators of a replica.
    period : (t,) int array
        The period of the replicas that each hour is in.
    hours : (j, t) array
        Accelerator-hours of work that one accelerator may do.
    accelerators : (j, p) array
        Of every data centre, in the hour that has fewest; inf where they have no limit.
    hour_usd : (m, j, t) array
        What a replica costs in each hour.
    start_usd : (m, j, p) array
        What a cold start costs.
    before : (p,) int array
        The period before each, -1 where there is none.
    """

    by_hour: bool
    instance: Instance
    formulation: Formulation
    names: NameArray
    model: IntArray
    size: FloatArray
    period: IntArray
    hours: FloatArray
    accelerators: FloatArray
    hour_usd: FloatArray
    start_usd: FloatArray
    before: IntArray

    @property
    def structure(self) -> Structure:
        """The structure of the formulation; its capacity follows from that of replicas and data centres."""
        return self.formulation.structure

    @property
    def fitting(self) -> FloatArray:
        """Replicas of each model that fit into each data centre, fractions too (m, j, p); inf without a limit."""
        fits = self.accelerators / self.size[:, None, None]
        whole = np.where(np.isfinite(fits), np.round(fits), 0.0)
        return np.where(np.abs(fits - whole) <= INPUT * np.maximum(whole, 1.0), whole, fits)

    @cached_property
    def usd(self) -> FloatArray:
        """What a replica costs in each of its periods (m, j, p)."""
        return self.hour_usd if self.by_hour else self.hour_usd.sum(axis=2, keepdims=True)

    def starts(self, replicas: FloatArray) -> FloatArray:
        """Return the cold starts of some replicas (m, j, p)."""
        more = replicas - replicas[:, :, self.before]
        return np.where(self.before < 0, 0.0, np.maximum(more, 0.0))

    def charge(self, replicas: FloatArray) -> float:
        """Return what some replicas (m, j, p) and their cold starts cost together."""
        return float((replicas * self.usd).sum() + (self.starts(replicas) * self.start_usd).sum())

    def serving(self, replicas: FloatArray) -> FloatArray:
        """Return the accelerator-hours that some replicas (m, j, p) may work (m, j, t)."""
        return replicas[:, :, self.period] * self.size[:, None, None] * self.hours


def ask(instance: Instance, *, by_hour: bool) -> Question:
    """State an instance with models as arrays.

    Raises
    ------
    InstanceError
        If there are no models, a workload with demand is of none, or a data centre has pools of accelerators;
        or with contracts of power.
    """
    models = instance.served_models
    refused = pools_refused(instance.accelerator_pools, "place_models")
    refuse(refused + contracts_refused(instance.contracts, "place_models takes no contracts of power"))
    workloads = instance.workloads["backlog_of"].fillna(instance.workloads["workload"])
    owner = {name: place for place, names in enumerate(models["workloads"]) for name in names}
    asked = workloads[instance.workloads["workload"].isin(instance.demand["workload"])]
    if strangers := [name for name in dict.fromkeys(asked) if name not in owner]:
        allowed = "each workload in one model; a model of small replicas takes what may run anywhere"
        raise InstanceError(
            Violation("served_models", "", "workloads", f"{name} has demand and is of no model", allowed)
            for name in strangers
        )
    sunk = instance.replace(accelerators="sunk")
    formulation = formulate(sunk)
    capacity = np.where(formulation.structure.capacity > 0, np.inf, 0.0)
    model = np.array([owner.get(name, 0) for name in workloads])[formulation.service.workload]
    size = models["replica_accelerators"].to_numpy(float)
    weights, length = formulation.weights, formulation.hour_length
    price = instance.hourly("data_centres", "accelerator_usd_per_hour") * (instance.settings.accelerators == "by_use")
    loading = models["cold_start_seconds"].to_numpy(float) / 3600.0
    accelerators = instance.hourly("data_centres", "accelerators")
    hours, count = formulation.max_utilisation[:, None] * length * weights, len(weights)
    hour_usd = size[:, None, None] * price * length * weights
    start_usd = size[:, None, None] * price * loading[:, None, None] * weights
    period = np.arange(count) if by_hour else np.zeros(count, dtype=int)
    return Question(
        by_hour=by_hour,
        instance=sunk,
        formulation=replace(formulation, structure=replace(formulation.structure, capacity=capacity)),
        names=models["model"].to_numpy(object),
        model=model,
        size=size,
        period=period,
        hours=hours,
        accelerators=accelerators if by_hour else accelerators.min(axis=1, keepdims=True),
        hour_usd=hour_usd,
        start_usd=start_usd if by_hour else np.zeros((*hour_usd.shape[:2], 1)),
        before=_before(formulation.structure) if by_hour else np.array([-1]),
    )


def served_anywhere(question: Question) -> BoolArray:
    """Return whether each model has an arc to each data centre (m, j)."""
    structure = question.structure
    served = np.zeros((len(question.size), structure.sites), dtype=bool)
    served[question.model[structure.arc_class], structure.arc_site] = True
    return served


def _before(structure: Structure) -> IntArray:
    """Return the hour before each in its block, -1 for the first of one that is not cyclic."""
    first, length = structure.block_span
    hour = np.arange(structure.periods)
    last = np.where(structure.cyclic & (length > 1), first + length - 1, -1)
    return np.where(hour == first, last, hour - 1)
