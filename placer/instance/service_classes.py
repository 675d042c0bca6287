"""Classes of service: the workloads of an instance, and the further modes of those that run in several.

    class k < K     workload k; in its first mode, if it has modes
    class k >= K    a further mode of a workload, or a further pool that it may run in; it serves class ``workload_k``

So a demand may take the arcs of several classes: parallel columns. At a data centre each class has its own
accelerator-hours and energy, and a queue of its own if it may wait: the mode is chosen for the hour of service, among
those that are in time over the route.

At a data centre with pools every class has one of them: a mode for a type of accelerators that of its type. Work that
any accelerators do is a class for each place in the list of pools of a data centre: the n-th class runs in the n-th
pool there. The first is the workload itself, so that one pool at each data centre takes no further class.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: What ``ServiceClasses.pool`` says of a data centre without pools, and of one where a class does not run.
OWN, NOWHERE = -1, -2


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
    pool : (classes, data centres) int array
        The pool that a class runs in, by position in ``accelerator_pools``; ``OWN`` stands for the accelerators of a
        data centre without pools, and ``NOWHERE`` for none there.
    pool_type : (pools,) array of str
        The type of accelerators of every pool.
    """

    workload: IntArray
    mode: np.ndarray
    server_ms: FloatArray
    accelerator_hours: FloatArray
    peak_accelerator_hours: FloatArray
    kwh: FloatArray
    accelerator_type: np.ndarray
    pool: IntArray
    pool_type: np.ndarray

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

    @property
    def runs(self) -> BoolArray:
        """Whether each class runs on accelerators of each data centre (classes, data centres)."""
        return self.pool != NOWHERE

    @property
    def has_pools(self) -> bool:
        """Whether any data centre has pools."""
        return len(self.pool_type) > 0


def service_classes(
    workloads: pd.DataFrame, modes: pd.DataFrame, centres: pd.DataFrame, pools: pd.DataFrame
) -> ServiceClasses:
    """Return the classes of service of the tables of an instance. A backlog has the modes of its workload."""
    rows: dict[str, list[int]] = {}
    for position, name in enumerate(modes["workload"]):
        rows.setdefault(name, []).append(position)
    asked_as = workloads["backlog_of"].fillna(workloads["workload"]) if rows else workloads["workload"]
    types = [*modes["accelerator_type"], None]  # the last for workloads without modes, whose row is -1
    most = max(Counter(pools["data_centre"]).values(), default=1)
    of_workloads = [
        [(row, place) for row in own for place in range(most if types[row] is None else 1)]
        for own in (rows.get(name, [-1]) for name in asked_as)
    ]
    further = [(place, *other) for place, own in enumerate(of_workloads) for other in own[1:]]
    workload = np.array([*range(len(workloads)), *(place for place, _, _ in further)], dtype=int)
    row, rank = np.array([*(own[0] for own in of_workloads), *(other for _, *other in further)], dtype=int).T
    has_mode = row >= 0

    def figure(column: str) -> FloatArray:
        own = workloads[column].to_numpy(float)[workload]
        own[has_mode] = modes[column].to_numpy(float)[row[has_mode]] if column in modes else np.nan
        return own

    def text(column: str, default: str | None) -> np.ndarray:
        names = np.full(len(row), default, dtype=object)
        names[has_mode] = modes[column].to_numpy(object)[row[has_mode]]
        return names

    kind = text("accelerator_type", None)
    return ServiceClasses(
        workload=workload,
        mode=text("mode", ""),
        server_ms=figure("server_ms"),
        accelerator_hours=figure("accelerator_hours_per_mtok"),
        peak_accelerator_hours=figure("peak_accelerator_hours_per_mtok"),
        kwh=figure("kwh_per_mtok"),
        accelerator_type=kind,
        pool=_pools_of(kind, rank, centres, pools),
        pool_type=pools["accelerator_type"].to_numpy(object),
    )


def _pools_of(kind: np.ndarray, rank: IntArray, centres: pd.DataFrame, pools: pd.DataFrame) -> IntArray:
    """Return ``ServiceClasses.pool``, given the type of every class and its place in the lists of pools."""
    own_type = centres["accelerator_type"].to_numpy(object)
    is_any = np.array([each is None for each in kind], dtype=bool)
    runs = np.where(is_any[:, None], rank[:, None] == 0, kind[:, None] == own_type)
    pool = np.where(runs, OWN, NOWHERE)
    site = {name: place for place, name in enumerate(centres["data_centre"])}
    before = Counter[str]()
    for row, (centre, name) in enumerate(zip(pools["data_centre"], pools["accelerator_type"], strict=True)):
        if not before[centre]:
            pool[:, site[centre]] = NOWHERE
        pool[np.where(is_any, rank == before[centre], kind == name), site[centre]] = row
        before[centre] += 1
    return pool
