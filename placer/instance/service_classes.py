"""Classes of service: the workloads of an instance, and the further modes of those that run in several.

    class k < K     workload k; in its first mode, if it has modes
    class k >= K    a further mode of a workload, which serves the demand of class ``workload_k``

So a demand may take the arcs of several classes: parallel columns. At a data centre each class has its own
accelerator-hours and energy, and a queue of its own if it may wait: the mode is chosen for the hour of service, among
those that are in time over the route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ServiceClasses:
    """What an instance says of every class of service.

    Attributes
    ----------
    workload : (classes,) int array
        Position of the workload: ``0, ..., K - 1``, then those of the further modes.
    mode : (classes,) array of str
        Empty for workloads without modes.
    server_ms, accelerator_hours, peak_accelerator_hours, kwh : (classes,) arrays
        The last three per Mtok; NaN where the peak is not given.
    accelerator_type : (classes,) array of str or None
        The accelerators that a mode is for; its figures are those of these accelerators.
    """

    workload: IntArray
    mode: np.ndarray
    server_ms: FloatArray
    accelerator_hours: FloatArray
    peak_accelerator_hours: FloatArray
    kwh: FloatArray
    accelerator_type: np.ndarray

    @property
    def serves(self) -> IntArray | None:
        """``Structure.serves``: None where no workload has a further mode."""
        is_plain = len(self.workload) == 0 or bool((np.diff(self.workload) > 0).all())
        return None if is_plain else self.workload

    @property
    def has_modes(self) -> bool:
        """Whether any workload has modes."""
        return bool((self.mode != "").any())

    @property
    def is_typed(self) -> BoolArray:
        """Whether a class is for one type of accelerators (classes,)."""
        return np.array([name is not None for name in self.accelerator_type], dtype=bool)

    def runs_at(self, accelerator_type: np.ndarray) -> BoolArray:
        """Return whether each class runs on the accelerators of some data centres (classes, data centres)."""
        return np.asarray(~self.is_typed[:, None] | (self.accelerator_type[:, None] == accelerator_type))


def service_classes(workloads: pd.DataFrame, modes: pd.DataFrame) -> ServiceClasses:
    """Return the classes of service of the tables of an instance. A backlog has the modes of its workload."""
    rows: dict[str, list[int]] = {}
    for position, name in enumerate(modes["workload"]):
        rows.setdefault(name, []).append(position)
    asked_as = workloads["backlog_of"].fillna(workloads["workload"]) if rows else workloads["workload"]
    of_workloads = [rows.get(name, [-1]) for name in asked_as]
    further = [(place, other) for place, own in enumerate(of_workloads) for other in own[1:]]
    workload = np.array([*range(len(workloads)), *(place for place, _ in further)], dtype=int)
    row = np.array([*(own[0] for own in of_workloads), *(other for _, other in further)], dtype=int)
    has_mode = row >= 0

    def figure(column: str) -> FloatArray:
        own = workloads[column].to_numpy(float)[workload]
        own[has_mode] = modes[column].to_numpy(float)[row[has_mode]] if column in modes else np.nan
        return own

    def text(column: str, default: str | None) -> np.ndarray:
        names = np.full(len(row), default, dtype=object)
        names[has_mode] = modes[column].to_numpy(object)[row[has_mode]]
        return names

    return ServiceClasses(
        workload=workload,
        mode=text("mode", ""),
        server_ms=figure("server_ms"),
        accelerator_hours=figure("accelerator_hours_per_mtok"),
        peak_accelerator_hours=figure("peak_accelerator_hours_per_mtok"),
        kwh=figure("kwh_per_mtok"),
        accelerator_type=text("accelerator_type", None),
    )
