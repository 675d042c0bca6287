"""Modes of workloads at arcs: those that another outdoes.

At an arc, a mode is *outdone* by another that runs in the same pool of accelerators, is in time there too, takes no
more accelerator-hours and no more energy, and loses no more value to latency; of modes that are alike the first stays.
No optimum needs it, unless more energy or more accelerator-hours are worth anything: a price of power below 0, or a
limit that asks for at least an amount.
"""

from __future__ import annotations

import itertools

import numpy as np

from placer.instance.problem import Instance
from placer.instance.service_classes import ServiceClasses
from placer.model.coefficients import PowerCoefficients, WorkCoefficients
from placer.utils.arrays import BoolArray, FloatArray

#: Kinds of limits that count the same in every mode.
_OF_TOKENS = ("tokens", "share")


def without_outdone(
    admissible: BoolArray, classes: ServiceClasses, work: WorkCoefficients, loss_usd: FloatArray
) -> BoolArray:
    """Return the admissible arcs (classes, hubs, ways) without those of modes that another outdoes there."""
    kept = admissible.copy()
    routes, pool = admissible.shape[2] // max(work.it_mwh.shape[1], 1), classes.pool
    for one, other in itertools.permutations(range(len(classes.workload)), 2):
        if classes.workload[one] == classes.workload[other]:
            no_worse = _no_worse(one, other, work, loss_usd, routes)
            if one > other:
                no_worse &= ~_no_worse(other, one, work, loss_usd, routes)
            kept[other] &= ~(admissible[one] & no_worse & np.repeat(pool[one] == pool[other], routes))
    return kept


def _no_worse(one: int, other: int, work: WorkCoefficients, loss_usd: FloatArray, routes: int) -> BoolArray:
    """Return where a class takes and loses no more than another (hubs, ways)."""
    taken = (work.accelerator_hours, work.peak_accelerator_hours, work.it_mwh)
    at_site = np.logical_and.reduce([figure[one] <= figure[other] for figure in taken])
    return np.repeat(at_site, routes) & (loss_usd[one] <= loss_usd[other])


def more_may_be_worth(instance: Instance, power: PowerCoefficients) -> bool:
    """Return whether an optimum may want more energy or accelerator-hours than it needs."""
    limits = instance.limits
    wanted = (limits["sense"] == ">=") | (limits["kind"] == "green_share")
    asked = bool((wanted & ~limits["kind"].isin(_OF_TOKENS)).any())
    return asked or bool((power.energy_usd + power.carbon_usd < 0).any())
