"""The demand of an instance as an array over workloads, hubs and hours, and rounding alike on all machines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.instance.problem import Instance
from placer.utils.arrays import BoolArray, FloatArray, IntArray
from placer.utils.solver_limits import LARGEST, SMALLEST, WIDEST_RANGE


@dataclass(frozen=True, eq=False)
class DemandGrid:
    """The data of an instance that the shocks use, as arrays.

    Attributes
    ----------
    mtok : (workloads, hubs, hours) array
        Demand; 0 where the instance has no row.
    present : (workloads, hubs, hours) bool array
        Whether the instance has a row.
    cell : (rows,) int array
        Position of every row of the demand table in the flat array.
    region : (hubs,) int array
    agents : (workloads,) bool array
    step_hours : float
        Length of a step of the horizon.
    """

    mtok: FloatArray
    present: BoolArray
    cell: IntArray
    region: IntArray
    agents: BoolArray
    step_hours: float

    @property
    def days(self) -> float:
        """Length of the horizon in days."""
        return self.mtok.shape[2] * self.step_hours / 24


def demand_grid(instance: Instance) -> DemandGrid:
    """Lay the demand of an instance out as an array."""
    demand, hubs, workloads = instance.demand, instance.hubs, instance.workloads
    shape = len(workloads), len(hubs), len(instance.hours)
    at = (
        pd.Index(workloads["workload"]).get_indexer(demand["workload"]),
        pd.Index(hubs["hub"]).get_indexer(demand["hub"]),
        instance.demand_period,
    )
    mtok, present = np.zeros(shape), np.zeros(shape, dtype=bool)
    mtok[at], present[at] = demand["mtok"], True
    return DemandGrid(
        mtok,
        present,
        np.ravel_multi_index(at, shape),
        pd.factorize(hubs["region"], use_na_sentinel=False)[0],
        workloads["tool_round_trips"].to_numpy(float) > 0,
        instance.settings.hour_length,
    )


#: Powers of ten that are exact as floats, hence the same on every machine.
_TENS = np.array([float(f"1e{power}") for power in range(23)])
_LEAST_POWER, _DIGITS = -9, 12
_DECADES = np.array([float(f"1e{power}") for power in range(_LEAST_POWER, 16)])


def rounded(values: FloatArray) -> FloatArray:
    """Round numbers from 1e-9 to 1e15, and 0, to 12 significant digits.

    Machines differ in the last bit of a logarithm; rounding almost always removes that difference. All steps are exact
    or correctly rounded, so the result equals the twelve digits parsed as a decimal.
    """
    first_digit = np.searchsorted(_DECADES, values, side="right") - 1 + _LEAST_POWER
    power = _DIGITS - 1 - np.maximum(first_digit, _LEAST_POWER)  # 0 has no first digit
    up, down = _TENS[np.maximum(power, 0)], _TENS[np.maximum(-power, 0)]
    return np.rint(values * up / down) * down / up


def within_limits(values: FloatArray) -> FloatArray:
    """Round drawn numbers, and clip them to values that the schema admits in one column.

    Values above the largest admitted number are set to it; values too small beside the largest value become 0.
    """
    cut = np.minimum(values, LARGEST / 2)
    least = max(SMALLEST, cut.max() / WIDEST_RANGE) * (1 + 1e-9)
    kept = np.where(cut < least, 0.0, cut)
    if not kept.any():
        kept.flat[values.argmax()] = least
    return rounded(kept)
