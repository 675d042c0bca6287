"""Less capacity than demand: the hour, or the horizon, in which accelerators or power fall short most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.instance.contracts import supply_limit_mw
from placer.instance.hours.timestamps import short_text
from placer.instance.pools import accelerators_of
from placer.instance.problem import Instance
from placer.tolerances import INPUT
from placer.utils.arrays import FloatArray
from placer.utils.numbers import in_full

#: A demand of this many times the capacity is one in another unit.
_FAR = 100.0
#: From here on the need is told as a multiple of what there is.
_TIMES = 10.0


@dataclass(frozen=True)
class Shortfall:
    """What demand needs, what there is of it, and a sentence on both."""

    need: float
    there: float
    sentence: str

    @property
    def is_far(self) -> bool:
        """Whether so little is there that the demand is probably in another unit."""
        return self.need >= _FAR * self.there > 0


def shortfalls(instance: Instance) -> list[Shortfall]:
    """Return the shortfalls of accelerators and of power, if there are any."""
    accelerators, power = _needs(instance, _least(instance))
    found = (
        _shortfall(instance, accelerators, _accelerator_hours(instance), "accelerator-hours"),
        _shortfall(instance, power, _it_mwh(instance), "MWh of IT energy"),
    )
    return [each for each in found if each]


def _least(instance: Instance) -> tuple[FloatArray, FloatArray]:
    """Return the least accelerator-hours and MWh of IT energy a Mtok of each workload takes, over its modes.

    Both are of the reference accelerator. A mode for one type has figures of that type: it counts as if it ran at the
    slowest site, and at the one whose accelerators take most energy, so that no need is too high.
    """
    classes, centres = instance.service_classes, instance.data_centres
    slowest = np.where(classes.is_typed, centres["speed"].min(), 1.0)
    most_energy = np.where(classes.is_typed, centres["energy_factor"].max(), 1.0)
    peak = classes.peak_accelerator_hours
    hours, mwh = np.full((2, len(instance.workloads)), np.inf)
    np.minimum.at(hours, classes.workload, np.where(np.isnan(peak), classes.accelerator_hours, peak) * slowest)
    np.minimum.at(mwh, classes.workload, classes.kwh / 1000 / most_energy)
    return hours, mwh


def _needs(instance: Instance, amounts: tuple[FloatArray, FloatArray]) -> list[tuple[FloatArray, float]]:
    """Return the hourly need of demand that cannot wait, and the total need of all demand, at amounts per Mtok.

    The total counts every hour times its weight.
    """
    workloads, demand, place = instance.workloads, instance.demand, instance.demand_period
    row = pd.Index(workloads["workload"]).get_indexer(pd.Index(demand["workload"]))
    now = workloads["deadline_hours"].to_numpy()[row] < instance.settings.hour_length
    mtok, weight = demand["mtok"].to_numpy(), instance.weights[place]
    needs = (mtok * per_mtok[row] for per_mtok in amounts)
    size = len(instance.hours)
    return [(np.bincount(place[now], need[now], minlength=size).astype(float), float(need @ weight)) for need in needs]


def _shortfall(
    instance: Instance, needs: tuple[FloatArray, float], capacity: FloatArray, what: str
) -> Shortfall | None:
    """Compare needs with a capacity per hour: return the hour of the largest shortfall, or else the whole horizon.

    In the whole horizon every hour counts times its weight.
    """
    at_once, total = needs
    worst = int((at_once - capacity).argmax())
    pairs = (
        (at_once[worst], capacity[worst], f" in hour {short_text(instance.hours[worst])}"),
        (total, float(capacity @ instance.weights), ""),
    )
    for need, there, when in pairs:
        if need > there * (1 + INPUT):
            sentence = (
                f"demand needs {in_full(need)} {what}{when}, {_excess(need, there)} the {in_full(there)} there are"
            )
            return Shortfall(float(need), float(there), sentence)
    return None


def _excess(need: float, there: float) -> str:
    if not there:
        return "but none of"
    return f"{need / there - 1:.0%} more than" if need < _TIMES * there else f"{need / there:,.0f} times"


def _accelerator_hours(instance: Instance) -> FloatArray:
    """Return the accelerator-hours of every hour."""
    centres = instance.data_centres
    speed = (centres["max_utilisation"] * centres["speed"]).to_numpy(float)
    return np.asarray(speed @ accelerators_of(instance) * instance.settings.hour_length)


def _it_mwh(instance: Instance) -> FloatArray:
    """Return the IT energy that the limits of supplies and sites allow in every hour, at the best efficiency."""
    centres, supplies = instance.data_centres, instance.supplies
    supplied = np.zeros((len(centres), len(instance.hours)))
    site = pd.Index(centres["data_centre"]).get_indexer(supplies["data_centre"])
    np.add.at(supplied, site, supply_limit_mw(instance) * (1 - supplies["loss"].to_numpy(float))[:, None])
    limit = np.minimum(supplied, instance.hourly("data_centres", "power_limit_mw"))
    factor = instance.hourly("data_centres", "pue") * centres["energy_factor"].to_numpy()[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        it_mwh = np.where(limit > 0, limit / factor, 0.0)
    return np.asarray(it_mwh.sum(axis=0) * instance.settings.hour_length)
