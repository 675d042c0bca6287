"""The demand of an instance laid out as an array over workloads, hubs and hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


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
